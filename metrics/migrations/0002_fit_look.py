"""Looks at which criteria went with good partnerships.  Release 2: a table that release 1 does not know."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FitLook',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('outcome', models.CharField(choices=[('fit', 'Fit'), ('contact', 'Contact kept'), ('goals', 'Goals met')], max_length=7)),
                ('looked_on', models.DateField()),
                ('refusal', models.CharField(blank=True, max_length=20)),
                ('partnerships', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('splits', models.JSONField(blank=True, default=dict)),
                ('refused', models.JSONField(blank=True, default=dict)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('refusal', ''), _negated=True), fields=('organisation', 'program', 'outcome'), name='fit_look_refused_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('refusal', ''), models.Q(('splits', {}), _negated=True)), models.Q(models.Q(('refusal', ''), _negated=True), ('splits', {})), _connector='OR'), name='fit_look_released_with_splits'),
                ],
            },
        ),
        TenantTable("FitLook"),
    ]
