"""Tallies of finished days, what waits for coordinators, and what HR knew of people at a date.

A mark says from which day on a cohort is folded: what is deleted takes it back to its day.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import InitialMigration, OnDelete, Stamped, TenantTable

# the mark of each cohort goes back to the earliest day of what is gone
BACK = """
    UPDATE metrics_foldmark m SET day = least(m.day, earliest.day)
    FROM (
        SELECT p.cohort_id, min({day}) AS day
        FROM gone {seats}
        JOIN pairing_partnership_facts p ON p.id = {partnership}
        GROUP BY 1
    ) AS earliest
    WHERE m.cohort_id = earliest.cohort_id
"""


class Migration(InitialMigration):

    dependencies = [
        ('feedback', '0001_initial'),
        ('jobs', '0001_initial'),
        ('members', '0001_initial'),
        ('mentoring_sessions', '0001_initial'),
        ('pairing', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertNote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(max_length=20)),
                ('about_id', models.UUIDField()),
                ('act', models.CharField(choices=[('noted', 'Note'), ('assigned', 'Assigned'), ('snoozed', 'Remind me later'), ('settled', 'Spoken to'), ('reopened', 'Back on the list')], max_length=10)),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('until', models.DateField(blank=True, null=True)),
                ('assigned_to', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('person', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'about_id'], name='alert_note_about'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('act', 'snoozed'), ('until__isnull', False)), models.Q(models.Q(('act', 'snoozed'), _negated=True), ('until', None)), _connector='OR'), name='alert_note_snoozed_until'),
                    models.CheckConstraint(condition=models.Q(('act', 'assigned'), ('assigned_to', None), _connector='OR'), name='alert_note_assigned_to_somebody'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.CharField(max_length=40)),
                ('cohorts', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('compared_on', models.DateField()),
                ('refusal', models.CharField(blank=True, max_length=20)),
                ('groups', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), blank=True, default=list, size=None)),
                ('participants', models.PositiveIntegerField()),
                ('participants_so', models.PositiveIntegerField()),
                ('others', models.PositiveIntegerField()),
                ('others_so', models.PositiveIntegerField()),
                ('unmatched', models.PositiveIntegerField()),
                ('balance', models.JSONField(blank=True, default=list)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('refusal', ''), _negated=True), fields=('organisation', 'program', 'key'), name='comparison_refused_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('groups__len__gt', 0), ('refusal', '')), models.Q(models.Q(('refusal', ''), _negated=True), ('groups__len', 0)), _connector='OR'), name='comparison_released_with_groups'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DailyTally',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('day', models.DateField()),
                ('key', models.CharField(max_length=40)),
                ('part', models.CharField(blank=True, max_length=20)),
                ('numerator', models.BigIntegerField(default=0)),
                ('denominator', models.BigIntegerField(default=0)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort', 'key', 'day', 'part'), name='tally_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(max_length=20)),
                ('since', models.DateField()),
                ('facts', models.JSONField(blank=True, default=list)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('person', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'reason', 'cohort', 'partnership', 'person'), name='finding_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='FindingMark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('judged_at', models.DateTimeField()),
                ('first_id', models.UUIDField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation',), name='finding_mark_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FoldedSession',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('day', models.DateField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session'), name='folded_session_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FoldMark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('folded_at', models.DateTimeField()),
                ('day', models.DateField(null=True)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort'), name='fold_mark_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HrRecord',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('known_on', models.DateField()),
                ('status', models.CharField(choices=[('employed', 'Employed'), ('left', 'Left')], default='employed', max_length=8)),
                ('left_on', models.DateField(blank=True, null=True)),
                ('promoted_on', models.DateField(blank=True, null=True)),
                ('in_role_since', models.DateField(blank=True, null=True)),
                ('job_satisfaction', models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True)),
                ('level', models.CharField(blank=True, max_length=40)),
                ('department', models.CharField(blank=True, max_length=200)),
                ('location', models.CharField(blank=True, max_length=200)),
                ('hired_on', models.DateField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'known_on'], name='hr_record_day'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member', 'known_on'), name='hr_record_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('left_on__isnull', False), ('status', 'left')), models.Q(('left_on', None), ('status', 'employed')), _connector='OR'), name='hr_record_left_on_iff_left'),
                    models.CheckConstraint(condition=models.Q(('job_satisfaction', None), models.Q(('job_satisfaction__gte', 1), ('job_satisfaction__lte', 5)), _connector='OR'), name='hr_record_satisfaction_from_1_to_5'),
                ],
            },
        ),
        migrations.CreateModel(
            name='RecordImport',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('file_name', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('reading', 'Being read'), ('mapping', 'Columns to be confirmed'), ('planning', 'Being planned'), ('preview', 'Ready to apply'), ('applying', 'Being applied'), ('applied', 'Applied')], default='reading', max_length=10)),
                ('reading', models.JSONField(blank=True, default=dict)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('date_order', models.CharField(blank=True, default='', max_length=3)),
                ('known_on', models.DateField(blank=True, null=True)),
                ('job_id', models.UUIDField(blank=True, null=True)),
                ('idempotency_key', models.CharField(blank=True, default='', max_length=80)),
                ('body_digest', models.CharField(blank=True, default='', max_length=64)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('file', core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('preview', core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ReportReader',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('every', models.CharField(choices=[('week', 'Every Monday'), ('month', 'On the first of every month')], max_length=5)),
                ('next_on', models.DateField()),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('set_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort', 'member'), name='report_reader_once'),
                ],
            },
        ),
        TenantTable("DailyTally"),
        TenantTable("FoldMark"),
        TenantTable("FoldedSession"),
        TenantTable("AlertNote"),
        TenantTable("Finding", with_parent=("cohort", "partnership", "person")),
        TenantTable("FindingMark"),
        TenantTable("HrRecord"),
        Stamped("HrRecord"),
        TenantTable("RecordImport"),
        TenantTable("Comparison"),
        TenantTable("ReportReader"),
        OnDelete(
            "mentoring_sessions.Session",
            "metrics_session_gone",
            BACK.format(day="gone.day", seats="", partnership="gone.partnership_id"),
        ),
        OnDelete(
            "feedback.CheckIn",
            "metrics_check_in_gone",
            BACK.format(
                day="gone.due_on",
                seats="JOIN pairing_seat_facts t ON t.id = gone.seat_id",
                partnership="t.partnership_id",
            ),
        ),
        # its attendance goes with it; a session whose attendance is written anew says so itself
        OnDelete(
            "pairing.Seat",
            "metrics_seat_gone",
            BACK.format(
                day="(gone.taken_at - interval '1 day')::date",
                seats="",
                partnership="gone.partnership_id",
            ),
        ),
    ]
