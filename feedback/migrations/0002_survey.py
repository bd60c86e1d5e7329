"""One table for surveys of items, the rating of a session the first; progress of those who met.

Ratings that were made before go with their table: nothing is released.
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
        ('feedback', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='checkin',
            name='check_in_answered_whole',
        ),
        migrations.AddConstraint(
            model_name='checkin',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('met', None), ('mood', None), ('progress', None)), models.Q(('answered_at__isnull', False), ('met__isnull', False), ('mood__gte', 1), ('mood__lte', 5), models.Q(models.Q(('met', False), ('progress', None)), models.Q(('progress__gte', 1), ('progress__lte', 5)), _connector='OR')), _connector='OR'), name='check_in_answered_whole'),
        ),
        migrations.CreateModel(
            name='SurveyResponse',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('survey', models.CharField(max_length=40)),
                ('occasion', models.CharField(blank=True, max_length=40)),
                ('opened_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
        ),
        migrations.DeleteModel(
            name='SessionRating',
        ),
        migrations.AddIndex(
            model_name='surveyresponse',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['organisation', 'closes_at'], name='survey_response_open'),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.UniqueConstraint(fields=('organisation', 'survey', 'enrolment', 'seat', 'session', 'occasion'), name='survey_response_once_per_occasion', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opened_at'))), name='survey_response_closes_after_open'),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answers', {})), models.Q(('answered_at__isnull', False), models.Q(('answers', {}), _negated=True)), _connector='OR'), name='survey_response_answered_iff_answers'),
        ),
        TenantTable("SurveyResponse"),
    ]
