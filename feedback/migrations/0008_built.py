"""Surveys that coordinators build, with their versions, and the frozen results of anonymous ones.

Old code knows none of the tables, and writes responses without a version or a reminder.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantReference, TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0007_concerns'),
        ('programs', '0005_runs_all'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
        migrations.AddField(
            model_name='surveyresponse',
            name='reminders',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='BuiltSurvey',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('title', models.CharField(max_length=80)),
                ('intro', models.TextField(blank=True, max_length=500)),
                ('moments', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, size=None)),
                ('mandatory', models.BooleanField(default=False)),
                ('anonymous', models.BooleanField(default=False)),
                ('asking', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.program')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='SurveyVersion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('items', models.JSONField(blank=True, default=list)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('survey', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='feedback.builtsurvey')),
            ],
        ),
        migrations.CreateModel(
            name='SurveyResult',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('survey', models.CharField(max_length=40)),
                ('occasion', models.CharField(blank=True, max_length=40)),
                ('items', models.JSONField(blank=True, default=dict)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='version',
            field=core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.surveyversion'),
        ),
        migrations.AddConstraint(
            model_name='surveyversion',
            constraint=models.UniqueConstraint(fields=('organisation', 'survey', 'number'), name='survey_version_once'),
        ),
        migrations.AddConstraint(
            model_name='surveyresult',
            constraint=models.UniqueConstraint(fields=('organisation', 'survey', 'cohort', 'occasion'), name='survey_result_once'),
        ),
        TenantTable("BuiltSurvey"),
        TenantTable("SurveyVersion"),
        TenantTable("SurveyResult", append_only=True),
        TenantReference("SurveyResponse", "version"),
    ]
