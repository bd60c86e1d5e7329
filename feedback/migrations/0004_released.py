"""Figures of answers, released in steps; and the threshold of cohorts that have begun.

Old code knows neither table and writes as before.
"""

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
        ("feedback", "0003_audience"),
        ("programs", "0001_initial"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseMark",
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('threshold', models.PositiveSmallIntegerField()),
                ('looked_on', models.DateField(blank=True, null=True)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'cohort'), name='release_mark_once')],
            },
        ),
        migrations.CreateModel(
            name="ReleasedStep",
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.CharField(max_length=40)),
                ('part', models.CharField(blank=True, max_length=40)),
                ('number', models.PositiveSmallIntegerField()),
                ('until', models.DateField()),
                ('counts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('n', models.PositiveIntegerField()),
                ('units', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('aside', models.BooleanField()),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'cohort', 'key', 'part', 'number'), name='released_step_once')],
            },
        ),
        TenantTable("ReleaseMark"),
        TenantTable("ReleasedStep", append_only=True),
    ]
