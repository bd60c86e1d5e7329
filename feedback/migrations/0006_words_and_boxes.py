"""Words in surveys, for their readers, and boxes for the answers of anonymous ones.

Any release may carry it: old code knows neither table.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import Audience, TenantTable

# Whoever runs the program of the response today, and has never sat at the table it is about.
RUNS_IT = """EXISTS (
    SELECT 1
    FROM feedback_surveyresponse f
    JOIN programs_enrolment a ON a.organisation_id = f.organisation_id AND a.id = f.enrolment_id
    JOIN programs_cohort c ON c.organisation_id = a.organisation_id AND c.id = a.cohort_id
    LEFT JOIN pairing_seat s ON s.organisation_id = f.organisation_id AND s.id = f.seat_id
    JOIN members_member m ON m.organisation_id = f.organisation_id AND m.id = {reader}
    WHERE f.organisation_id = feedback_surveywords.organisation_id
    AND f.id = feedback_surveywords.response_id
    AND m.state = 'live' AND m.role = 'coordinator'
    AND (m.runs_all OR EXISTS (
        SELECT 1 FROM programs_programstaff r
        WHERE r.organisation_id = m.organisation_id AND r.member_id = m.id
        AND r.program_id = c.program_id
    ))
    AND NOT EXISTS (
        SELECT 1 FROM pairing_seat o
        JOIN programs_enrolment e ON e.organisation_id = o.organisation_id AND e.id = o.enrolment_id
        WHERE o.organisation_id = f.organisation_id AND o.partnership_id = s.partnership_id
        AND e.member_id = m.id
    )
)"""


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0005_closed'),
        ('pairing', '0004_going_on'),
        ('programs', '0005_runs_all'),
        ('tenancy', '0004_single_sign_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnonymousBox',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('survey', models.CharField(max_length=40)),
                ('occasion', models.CharField(blank=True, max_length=40)),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('answers', models.JSONField(blank=True, default=list)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'survey', 'cohort', 'partnership', 'occasion', 'number'), name='anonymous_box_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='SurveyWords',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('item', models.CharField(max_length=40)),
                ('text', models.TextField(max_length=2000)),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('audience', models.CharField(blank=True, choices=[('coordinator', 'My coordinator')], db_default='', default='', max_length=12)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('response', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.surveyresponse')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'response', 'item'), name='survey_words_once_per_item')],
            },
        ),
        TenantTable("AnonymousBox"),
        TenantTable("SurveyWords", private=True, with_parent=("response",)),
        Audience("SurveyWords", RUNS_IT),
    ]
