"""Concerns: facts, files and sealed words, which the database shows to handlers of today alone.

Any release may carry it: old code knows none of these tables.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import Audience, TenantTable

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


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0006_words_and_boxes'),
        ('members', '0012_concern_keys'),
        ('pairing', '0004_going_on'),
        ('programs', '0005_runs_all'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
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
                ('handler', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('cohort', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
            ],
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
                'abstract': False,
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
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='concern',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('outcome', '')), models.Q(('closed_on__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='concern_closed_with_outcome'),
        ),
        migrations.AddConstraint(
            model_name='concern',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('raised_on'))), name='concern_due_after_raised'),
        ),
        migrations.AddConstraint(
            model_name='concerndesk',
            constraint=models.UniqueConstraint(fields=('organisation',), name='concern_desk_once'),
        ),
        migrations.AddConstraint(
            model_name='concernfile',
            constraint=models.UniqueConstraint(fields=('organisation', 'concern'), name='concern_file_once'),
        ),
        migrations.AddConstraint(
            model_name='concernhandler',
            constraint=models.UniqueConstraint(fields=('organisation', 'member', 'program'), name='concern_handler_once', nulls_distinct=False),
        ),
        TenantTable("Concern"),
        TenantTable("ConcernDesk"),
        TenantTable("ConcernHandler"),
        TenantTable("ConcernFile", with_parent=("concern",)),
        TenantTable("ConcernStep", with_parent=("file",)),
        TenantTable("ConcernText", private=True, with_parent=("file", "step")),
        Audience("ConcernText", HANDLES_IT),
    ]
