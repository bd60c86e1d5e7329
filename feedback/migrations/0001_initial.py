"""What people are asked and what they answer, concerns, recognition, and reviews.

Words meant for coordinators, and those of a concern, are read by who stands in that relation on
the day they look: readers who are written down once would read on when they no longer do.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import (
    Audience,
    DeletableWhenClosed,
    FactsView,
    InitialMigration,
    Sealed,
    Stamped,
    TenantTable,
)

# Whoever runs the program of that seat's partnership, and has never sat there.
RUNS_THE_SEATS_PROGRAM = """EXISTS (
    SELECT 1
    FROM {fact} f
    JOIN pairing_seat s ON s.organisation_id = f.organisation_id AND s.id = f.seat_id
    JOIN pairing_partnership p ON p.organisation_id = s.organisation_id AND p.id = s.partnership_id
    JOIN programs_cohort c ON c.organisation_id = p.organisation_id AND c.id = p.cohort_id
    JOIN members_member m ON m.organisation_id = f.organisation_id AND m.id = {{reader}}
    WHERE f.organisation_id = {body}.organisation_id AND f.id = {body}.{column}
    AND m.state = 'live' AND m.role = 'coordinator'
    AND (m.runs_all OR EXISTS (
        SELECT 1 FROM programs_programstaff r
        WHERE r.organisation_id = m.organisation_id AND r.member_id = m.id
        AND r.program_id = c.program_id
    ))
    AND NOT EXISTS (
        SELECT 1 FROM pairing_seat o
        JOIN programs_enrolment e ON e.organisation_id = o.organisation_id AND e.id = o.enrolment_id
        WHERE o.organisation_id = p.organisation_id AND o.partnership_id = p.id
        AND e.member_id = m.id
    )
)"""
NOTE = {"body": "feedback_checkinnote", "fact": "feedback_checkin", "column": "check_in_id"}
FIT = {"body": "feedback_fitwords", "fact": "feedback_fitquestion", "column": "question_id"}

# Whoever runs the program of the response today, and has never sat at the table it is about.
RUNS_THE_RESPONSES_PROGRAM = """EXISTS (
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

# Whoever is named to handle it today and is not in it: who raised it, whom it is about, whom its
# reporter has left out, whoever was ever in the partnership it is about, or in one with that person.
HANDLES_IT = """EXISTS (
    SELECT 1
    FROM feedback_concernfile f
    JOIN feedback_concern c ON c.organisation_id = f.organisation_id AND c.id = f.concern_id
    LEFT JOIN programs_cohort k ON k.organisation_id = c.organisation_id AND k.id = c.cohort_id
    JOIN feedback_concernhandler h ON h.organisation_id = f.organisation_id
        AND (h.program_id IS NULL OR h.program_id = k.program_id)
    JOIN members_member m ON m.organisation_id = h.organisation_id AND m.id = h.member_id
    WHERE f.organisation_id = feedback_concerntext.organisation_id
    AND f.id = feedback_concerntext.file_id
    AND m.id = {reader} AND m.state = 'live'
    AND f.about_id IS DISTINCT FROM m.id AND f.reporter_id IS DISTINCT FROM m.id
    AND m.id <> ALL (f.left_out)
    AND NOT EXISTS (
        SELECT 1 FROM pairing_seat o
        JOIN programs_enrolment e ON e.organisation_id = o.organisation_id AND e.id = o.enrolment_id
        WHERE o.organisation_id = f.organisation_id AND e.member_id = m.id
        AND (o.partnership_id = f.partnership_id OR o.partnership_id IN (
            SELECT s.partnership_id FROM pairing_seat s
            JOIN programs_enrolment a
                ON a.organisation_id = s.organisation_id AND a.id = s.enrolment_id
            WHERE s.organisation_id = f.organisation_id AND a.member_id = f.about_id
        ))
    )
)"""

# Who is asked the same thing opens a box of anonymous answers, to add to it.
IS_ASKED = """EXISTS (
    SELECT 1
    FROM feedback_surveyresponse f
    JOIN programs_enrolment e ON e.organisation_id = f.organisation_id AND e.id = f.enrolment_id
    LEFT JOIN pairing_seat s ON s.organisation_id = f.organisation_id AND s.id = f.seat_id
    WHERE f.organisation_id = feedback_anonymousbox.organisation_id
    AND f.survey = feedback_anonymousbox.survey
    AND f.occasion = feedback_anonymousbox.occasion
    AND e.cohort_id = feedback_anonymousbox.cohort_id
    AND e.member_id = {reader}
    AND s.partnership_id IS NOT DISTINCT FROM feedback_anonymousbox.partnership_id
)"""


class Migration(InitialMigration):

    dependencies = [
        ('members', '0001_initial'),
        ('mentoring_sessions', '0001_initial'),
        ('pairing', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
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
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'survey', 'cohort', 'partnership', 'occasion', 'number'), name='anonymous_box_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('moment', models.CharField(choices=[('start', 'Start'), ('mid', 'Midpoint'), ('end', 'End')], max_length=5)),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('scales', models.JSONField(blank=True, db_default={}, default=dict)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'enrolment', 'moment'), name='assessment_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AssessmentRating',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('rating', models.PositiveSmallIntegerField()),
                ('assessment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='feedback.assessment')),
                ('competency', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.competency')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'assessment', 'competency'), name='assessment_rating_once'),
                    models.CheckConstraint(condition=models.Q(('rating__gte', 1), ('rating__lte', 5)), name='assessment_rating_one_to_five'),
                ],
            },
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
            name='Certificate',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('issued_at', models.DateTimeField()),
                ('shows_competencies', models.BooleanField(default=False)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_words', models.TextField(blank=True, max_length=500)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('revoked_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'enrolment'), name='certificate_once_per_enrolment'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('period', models.PositiveSmallIntegerField()),
                ('opens_on', models.DateField()),
                ('due_on', models.DateField()),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_on', models.DateField(blank=True, null=True)),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('met', models.BooleanField(blank=True, null=True, verbose_name='met')),
                ('met_on', models.DateField(blank=True, null=True)),
                ('mood', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='mood')),
                ('progress', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='progress')),
                ('blocker', models.CharField(blank=True, max_length=40, verbose_name='blocker')),
                ('coordinator_sees', models.BooleanField(default=True)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('answered_at', None)), fields=['organisation', 'due_on'], name='check_in_open'),
                    models.Index(fields=['organisation', 'changed_at'], name='check_in_by_change'),
                    models.Index(fields=['organisation', 'due_on'], name='check_in_by_due_day'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'seat', 'period'), name='check_in_once_per_period'),
                    models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('opens_on'))), name='check_in_due_after_open'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('met', None), ('mood', None), ('progress', None)), models.Q(('answered_at__isnull', False), ('met__isnull', False), ('mood__gte', 1), ('mood__lte', 5), models.Q(models.Q(('met', False), ('progress', None)), models.Q(('progress__gte', 1), ('progress__lte', 5)), _connector='OR')), _connector='OR'), name='check_in_answered_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CheckInNote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=2000)),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('audience', models.CharField(blank=True, choices=[('coordinator', 'My coordinator')], db_default='', default='', max_length=12)),
                ('check_in', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.checkin')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'check_in'), name='note_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('topic', models.CharField(choices=[('mismatch', 'We do not fit'), ('conflict', 'A conflict'), ('dominance', 'Somebody dominates'), ('roles', 'It is unclear who does what'), ('resistance', 'Leading is not shared'), ('absence', 'Somebody does not come'), ('safety', 'Safety: threats, harassment, discrimination'), ('other', 'Something else')], max_length=10)),
                ('urgency', models.CharField(choices=[('day', 'Today or tomorrow'), ('week', 'Within a week'), ('weeks', 'Within three weeks')], max_length=5)),
                ('anonymous', models.BooleanField(default=False)),
                ('raised_on', models.DateField()),
                ('due_on', models.DateField()),
                ('passes_on', models.DateField()),
                ('owners_told_on', models.DateField(blank=True, null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('agreed', 'Those concerned have agreed how to go on'), ('parted', 'They go on with other partners'), ('cleared', 'It was explained, and nothing had to change'), ('passed_on', 'Somebody outside this desk has taken it over'), ('withdrawn', 'Who raised it does not want to go on')], max_length=9)),
                ('cohort', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('handler', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('outcome', '')), models.Q(('closed_on__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='concern_closed_with_outcome'),
                    models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('raised_on'))), name='concern_due_after_raised'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ConcernDesk',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('phone', models.CharField(blank=True, max_length=60, verbose_name='phone number for safety')),
                ('kept_days', models.PositiveSmallIntegerField(default=90)),
                ('link', models.UUIDField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation',), name='concern_desk_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ConcernFile',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reader', models.UUIDField()),
                ('left_out', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('about', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('concern', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.concern')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('reporter', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'concern'), name='concern_file_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ConcernHandler',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.program')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member', 'program'), name='concern_handler_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='ConcernStep',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('listen', 'Listened to who raised it'), ('both_sides', 'Heard both sides'), ('agreement', 'Reached an agreement'), ('follow_up', 'Asked again how it goes')], max_length=10)),
                ('done_on', models.DateField()),
                ('file', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='feedback.concernfile')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ConcernText',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('kind', models.CharField(choices=[('report', 'The concern'), ('reporter', 'From who raised it'), ('handler', 'From a handler'), ('note', 'Note on a step'), ('closing', 'At the closing')], max_length=8)),
                ('said_on', models.DateField()),
                ('sealed', models.TextField()),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('audience', models.CharField(blank=True, choices=[('handlers', 'Those who handle it')], default='handlers', max_length=8)),
                ('author', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('file', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='feedback.concernfile')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('step', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='feedback.concernstep')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='FeedbackLesson',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member'), name='feedback_lesson_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FitQuestion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('moment', models.CharField(choices=[('first_session', 'After the first session'), ('day_30', 'After a month')], max_length=13)),
                ('opened_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('fits', models.CharField(blank=True, choices=[('yes', 'Yes'), ('mostly', 'Mostly'), ('no', 'No')], max_length=6)),
                ('cause', models.CharField(blank=True, choices=[('time', 'Time: we found no hours for it'), ('goals', 'Goals: we want different things'), ('style', 'Style: we work differently'), ('distance', 'Distance: places or time zones'), ('other', 'Something else')], max_length=8)),
                ('coordinator_sees', models.BooleanField(default=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('answered_at', None)), fields=['organisation', 'due_on'], name='fit_question_open'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'seat', 'moment'), name='fit_question_once_per_moment'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('cause', ''), ('fits', '')), models.Q(('answered_at__isnull', False), models.Q(('fits', ''), _negated=True)), _connector='OR'), name='fit_question_answered_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FitWords',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=1000)),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('audience', models.CharField(blank=True, choices=[('coordinator', 'My coordinator')], db_default='', default='', max_length=12)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('question', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.fitquestion')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'question'), name='fit_words_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='JournalEntry',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('prompt', models.CharField(blank=True, max_length=20)),
                ('text', models.TextField(max_length=5000)),
                ('written_at', models.DateTimeField()),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('session__isnull', False)), fields=('organisation', 'author', 'session'), name='journal_entry_once_per_session'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeetingQuestion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('met', models.BooleanField(blank=True, null=True)),
                ('check_in', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.checkin')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'check_in'), name='meeting_question_once_a_check_in'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('met', None)), models.Q(('answered_at__isnull', False), ('met__isnull', False)), _connector='OR'), name='meeting_question_answered_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('contact_kept', 'Three months of regular contact'), ('goal_met', 'A goal is reached'), ('first_lead', 'A session led for the first time'), ('everybody_led', 'Everybody has led a session'), ('all_roles_held', 'Every role held'), ('decision_kept', 'A decision kept at its review'), ('closing_done', 'Completed as agreed')], max_length=14)),
                ('reached_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'seat', 'kind'), name='milestone_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='OwnScale',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80)),
                ('question', models.CharField(max_length=200)),
                ('items', models.JSONField(default=list)),
                ('steps', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ('source', models.CharField(max_length=300)),
                ('licence', models.CharField(max_length=200)),
                ('use', models.CharField(blank=True, max_length=300)),
                ('exportable', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'name'), name='own_scale_name_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PeerResult',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('moment', models.CharField(choices=[('start', 'Start'), ('mid', 'Midpoint'), ('end', 'End')], max_length=5)),
                ('shown', models.BooleanField()),
                ('variance', models.DecimalField(blank=True, decimal_places=4, max_digits=6, null=True)),
                ('degrees', models.PositiveSmallIntegerField(default=0)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'enrolment', 'moment'), name='peer_result_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PeerMark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('total', models.PositiveSmallIntegerField()),
                ('n', models.PositiveSmallIntegerField()),
                ('competency', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.competency')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('result', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='marks', to='feedback.peerresult')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'result', 'competency'), name='peer_mark_once'),
                    models.CheckConstraint(condition=models.Q(('n__gte', 3)), name='peer_mark_of_three'),
                    models.CheckConstraint(condition=models.Q(('total__gt', models.F('n')), ('total__lt', django.db.models.expressions.CombinedExpression(models.F('n'), '*', models.Value(5)))), name='peer_mark_between'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProgramReview',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('themes', models.JSONField(blank=True, default=list)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort'), name='program_review_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReleasedStep',
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
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort', 'key', 'part', 'number'), name='released_step_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReleaseMark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('threshold', models.PositiveSmallIntegerField()),
                ('looked_on', models.DateField(blank=True, null=True)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort'), name='release_mark_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReviewChange',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('place', models.PositiveSmallIntegerField()),
                ('said', models.CharField(max_length=200)),
                ('change', models.CharField(max_length=300)),
                ('done_in', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programs.program')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('review', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='feedback.programreview')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'review', 'place'), name='review_change_once_per_place'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SessionFeedback',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('item', models.CharField(max_length=40)),
                ('total', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('n', models.PositiveSmallIntegerField()),
                ('responses', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('outside', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'item', 'seat'), name='session_feedback_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='StaleWarning',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('silent_since', models.DateField()),
                ('warned_on', models.DateField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'silent_since'), name='stale_warning_once_per_silence'),
                    models.CheckConstraint(condition=models.Q(('warned_on__gt', models.F('silent_since'))), name='stale_warning_after_silence'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SurveyResult',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('survey', models.CharField(max_length=40)),
                ('occasion', models.CharField(blank=True, max_length=40)),
                ('items', models.JSONField(blank=True, default=dict)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'survey', 'cohort', 'occasion'), name='survey_result_once'),
                ],
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
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'survey', 'number'), name='survey_version_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SurveyResponse',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('survey', models.CharField(max_length=40)),
                ('occasion', models.CharField(blank=True, max_length=40)),
                ('reminders', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('opened_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
                ('version', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.surveyversion')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('answered_at', None)), fields=['organisation', 'closes_at'], name='survey_response_open'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'survey', 'enrolment', 'seat', 'session', 'occasion'), name='survey_response_once_per_occasion', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opened_at'))), name='survey_response_closes_after_open'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answers', {})), models.Q(('answered_at__isnull', False), models.Q(('answers', {}), _negated=True)), _connector='OR'), name='survey_response_answered_iff_answers'),
                ],
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
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'response', 'item'), name='survey_words_once_per_item'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Testimonial',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=600)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('community', 'To the people of this cohort'), ('report', 'In the report, for coordinators and HR'), ('join', 'To whoever may join this program'), ('email', 'In the e-mail that invites people to this program')], max_length=9), size=None)),
                ('signed', models.CharField(choices=[('full', 'My full name'), ('first', 'My first name'), ('nobody', 'No name, only my part')], max_length=6)),
                ('given_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('picked_at', models.DateTimeField(blank=True, null=True)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'enrolment'), name='testimonial_once_per_enrolment'),
                    models.CheckConstraint(condition=models.Q(('places__len__gt', 0)), name='testimonial_somewhere'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReviewQuote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('item', models.CharField(max_length=40)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('review', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotes', to='feedback.programreview')),
                ('testimonial', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.testimonial')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'review', 'testimonial'), name='review_quote_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Thanks',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=500)),
                ('shown', models.BooleanField(default=False)),
                ('given_at', models.DateTimeField()),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('to', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('author', models.F('to')), _negated=True), name='thanks_are_of_somebody_else'),
                ],
            },
        ),
        migrations.CreateModel(
            name='VoiceResult',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('month', models.DateField()),
                ('enough', models.BooleanField()),
                ('unheard', models.BooleanField()),
                ('dominated', models.BooleanField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'month'), name='voice_result_once_a_month'),
                    models.CheckConstraint(condition=models.Q(('enough', True), models.Q(('dominated', False), ('unheard', False)), _connector='OR'), name='voice_result_needs_enough'),
                ],
            },
        ),
        TenantTable("CheckIn"),
        TenantTable("CheckInNote", private=True, with_parent=("check_in",)),
        Audience("CheckInNote", RUNS_THE_SEATS_PROGRAM.format(**NOTE)),
        TenantTable("Assessment"),
        TenantTable("AssessmentRating"),
        TenantTable("FitQuestion"),
        TenantTable("FitWords", private=True, with_parent=("question",)),
        Audience("FitWords", RUNS_THE_SEATS_PROGRAM.format(**FIT)),
        TenantTable("StaleWarning"),
        TenantTable("BuiltSurvey"),
        TenantTable("SurveyVersion"),
        TenantTable("SurveyResponse"),
        TenantTable("SurveyWords", private=True, with_parent=("response",)),
        Audience("SurveyWords", RUNS_THE_RESPONSES_PROGRAM),
        TenantTable("AnonymousBox"),
        Sealed("AnonymousBox", IS_ASKED),
        TenantTable("SurveyResult", append_only=True),
        DeletableWhenClosed("SurveyResult"),
        TenantTable("ReleaseMark"),
        TenantTable("ReleasedStep", append_only=True),
        DeletableWhenClosed("ReleasedStep"),
        TenantTable("Concern"),
        TenantTable("ConcernDesk"),
        TenantTable("ConcernHandler"),
        TenantTable("ConcernFile", with_parent=("concern",)),
        TenantTable("ConcernStep", with_parent=("file",)),
        TenantTable("ConcernText", private=True, with_parent=("file", "step")),
        Audience("ConcernText", HANDLES_IT),
        TenantTable("Certificate"),
        TenantTable("Milestone"),
        TenantTable("Thanks", private=True, with_parent=("partnership",)),
        TenantTable("FeedbackLesson"),
        TenantTable("SessionFeedback"),
        TenantTable("VoiceResult"),
        TenantTable("MeetingQuestion"),
        TenantTable("ProgramReview"),
        TenantTable("ReviewChange"),
        TenantTable("Testimonial"),
        TenantTable("ReviewQuote"),
        TenantTable("JournalEntry", private=True, with_parent=("author", "session")),
        TenantTable("PeerResult"),
        TenantTable("PeerMark"),
        TenantTable("OwnScale"),
        Stamped("CheckIn"),
        Stamped("SurveyResult"),
        Stamped("Certificate"),
        FactsView(
            "feedback_check_in_facts",
            """
            SELECT organisation_id, id, seat_id, due_on, changed_at,
                coalesce(answered_on < due_on, false) AS in_time
            FROM feedback_checkin
            """,
        ),
        FactsView(
            "feedback_rating_facts",
            """
            SELECT r.organisation_id, a.enrolment_id, a.moment, r.competency_id, r.rating
            FROM feedback_assessment a
            JOIN feedback_assessmentrating r
                ON r.organisation_id = a.organisation_id AND r.assessment_id = a.id
            WHERE a.answered_at IS NOT NULL
            """,
        ),
    ]
