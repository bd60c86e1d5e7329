"""Criteria for mentors, and what who wants to be one says and their manager answers.

Any release may carry it: old code knows no such table, and the database fills the column.
"""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0011_batches'),
        ('tenancy', '0006_words_months'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='mentor_criteria',
            field=models.TextField(blank=True, db_default='', default='', max_length=2000),
        ),
        migrations.CreateModel(
            name='Candidacy',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('statement', models.TextField(max_length=2000)),
                ('manager_address', models.EmailField(max_length=254)),
                ('asked_at', models.DateTimeField()),
                ('answer', models.CharField(blank=True, choices=[('yes', 'Yes'), ('no', 'No')], max_length=3)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'enrolment'), name='candidacy_once'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='candidacy_answered')],
            },
        ),
        TenantTable("Candidacy"),
    ]
