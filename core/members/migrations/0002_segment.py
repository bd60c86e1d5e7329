"""Filters of the directory of people can be saved.  Release 2: a table that release 1 does not know."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('filters', models.JSONField()),
                ('made_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(models.F('organisation'), django.db.models.functions.text.Lower('name'), name='segment_name_once'),
                    models.CheckConstraint(condition=models.Q(('filters', {}), _negated=True), name='segment_narrows'),
                ],
            },
        ),
        TenantTable("Segment"),
    ]
