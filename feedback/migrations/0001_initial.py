"""What people are asked, and their answers."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import FactsView, TenantTable


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('mentoring_sessions', '0001_initial'),
        ('pairing', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('moment', models.CharField(choices=[('start', 'Start'), ('end', 'End')], max_length=5)),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
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
            name='CheckIn',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('period', models.PositiveSmallIntegerField()),
                ('opens_on', models.DateField()),
                ('due_on', models.DateField()),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_on', models.DateField(blank=True, null=True)),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('met', models.BooleanField(blank=True, null=True, verbose_name='met')),
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
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('met', None), ('mood', None), ('progress', None)), models.Q(('answered_at__isnull', False), ('met__isnull', False), ('mood__gte', 1), ('mood__lte', 5), ('progress__gte', 1), ('progress__lte', 5)), _connector='OR'), name='check_in_answered_whole'),
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
            name='SessionRating',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('rating', models.PositiveSmallIntegerField()),
                ('rated_at', models.DateTimeField()),
                ('day', models.DateField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='rating_once'),
                    models.CheckConstraint(condition=models.Q(('rating__gte', 1), ('rating__lte', 5)), name='rating_one_to_five'),
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
        TenantTable("CheckIn"),
        TenantTable("CheckInNote", private=True, with_parent=('check_in',)),
        TenantTable("SessionRating"),
        TenantTable("Assessment"),
        TenantTable("AssessmentRating"),
        TenantTable("FitQuestion"),
        TenantTable("FitWords", private=True, with_parent=('question',)),
        TenantTable("StaleWarning"),
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
