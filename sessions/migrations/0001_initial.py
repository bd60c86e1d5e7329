"""Sessions and all that is recorded of them, and the calendars of people."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import FactsView, InitialMigration, Stamped, TenantTable

# A line that comes without its moment was written now: the database says so, as it always did.
WRITTEN_NOW = "ALTER TABLE mentoring_sessions_retrospective ALTER COLUMN written_at SET DEFAULT now()"


class Migration(InitialMigration):

    dependencies = [
        ('members', '0001_initial'),
        ('pairing', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BusyCalendar',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('sealed_address', models.TextField()),
                ('spans', models.JSONField(blank=True, default=list)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, choices=[('address', 'this is not a web address'), ('unknown', 'there is no such address'), ('inside', 'this address is not on the public internet'), ('unreachable', 'nobody answers there'), ('slow', 'it took too long to answer'), ('redirect', 'it sends us on to another address'), ('status', 'it refuses to show the calendar'), ('large', 'the calendar is too large'), ('compressed', 'it is compressed in a way we do not read'), ('unreadable', 'what is there is not a calendar')], max_length=12)),
                ('next_read_at', models.DateTimeField(default=core.common.clock.now)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'next_read_at'], name='busy_calendar_due'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member'), name='busy_calendar_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('organisation', 'member'), name='calendar_feed_one_open'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Election',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('description', models.TextField(max_length=1000, verbose_name='what the role asks for')),
                ('state', models.CharField(choices=[('nominating', 'Nominations'), ('reasons', 'Reasons in turn'), ('changes', 'Change round'), ('consent', 'Consent'), ('elected', 'Elected'), ('ended', 'Ended without a result')], default='nominating', max_length=12)),
                ('nominate_until', models.DateTimeField()),
                ('term_from', models.DateField()),
                ('term_until', models.DateField()),
                ('review_on', models.DateField()),
                ('lap', models.PositiveSmallIntegerField(default=0)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('opened_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('proposed', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('role', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.meetingrole')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state__in', ['nominating', 'reasons', 'changes', 'consent'])), fields=('organisation', 'partnership', 'role'), name='election_one_open_per_role'),
                    models.CheckConstraint(condition=models.Q(('term_until__gt', models.F('term_from')), ('review_on__gt', models.F('term_from')), ('review_on__lte', models.F('term_until'))), name='election_term_in_order'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['elected', 'ended'])), models.Q(models.Q(('state__in', ['elected', 'ended']), _negated=True), ('closed_at', None)), _connector='OR'), name='election_closed_at_iff_closed'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['consent', 'elected']), _negated=True), ('proposed__isnull', False), _connector='OR'), name='election_proposes_somebody'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ElectionVote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('lap', models.PositiveSmallIntegerField()),
                ('consents', models.BooleanField()),
                ('objection', models.CharField(blank=True, max_length=300, verbose_name='objection')),
                ('voted_at', models.DateTimeField()),
                ('election', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='mentoring_sessions.election')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'election', 'seat', 'lap'), name='election_vote_once'),
                    models.CheckConstraint(condition=models.Q(('consents', True), models.Q(('objection', ''), _negated=True), _connector='OR'), name='election_objection_has_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='because')),
                ('changed_reason', models.CharField(blank=True, max_length=300, verbose_name='because')),
                ('changed_at', models.DateTimeField(blank=True, null=True)),
                ('changed_to', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('election', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nominations', to='mentoring_sessions.election')),
                ('nominee', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'election', 'seat'), name='nomination_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('starts_at', models.DateTimeField(verbose_name='starts at')),
                ('duration_minutes', models.PositiveSmallIntegerField(verbose_name='minutes')),
                ('day', models.DateField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('held', 'Held'), ('cancelled', 'Cancelled'), ('missed', 'Missed')], default='planned', max_length=10)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('topic', models.CharField(blank=True, max_length=200, verbose_name='topic')),
                ('place', models.CharField(blank=True, max_length=300, verbose_name='place or link')),
                ('video_url', models.URLField(blank=True, max_length=300, verbose_name='video link')),
                ('cause', models.CharField(blank=True, max_length=200, verbose_name='cause')),
                ('agenda', models.JSONField(blank=True, default=list)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'starts_at'], name='session_by_time'),
                    models.Index(fields=['organisation', 'partnership', 'day'], name='session_by_day'),
                    models.Index(fields=['organisation', 'changed_at'], name='session_by_change'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'number'), name='session_number_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('held_at__isnull', False), ('state', 'held')), models.Q(models.Q(('state', 'held'), _negated=True), ('held_at', None)), _connector='OR'), name='session_held_at_iff_held'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('on_break', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='absence_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AbsenceNote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.CharField(max_length=200, verbose_name='why')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='absence_note_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('words', models.CharField(max_length=300, verbose_name='What will you do?')),
                ('promised_at', models.DateTimeField()),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('dropped', 'Dropped')], default='open', max_length=8)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('word', models.CharField(blank=True, max_length=200)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organisation', 'session', 'seat'), name='action_one_open_each_session'),
                    models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('state', 'open'), ('word', '')), models.Q(('settled_at__isnull', False), ('state', 'done'), ('word', '')), models.Q(('settled_at__isnull', False), ('state', 'dropped'), models.Q(('word', ''), _negated=True)), _connector='OR'), name='action_settled_whole'),
                    models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='action_has_words'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('kind', models.CharField(choices=[('present', 'Present'), ('excused', 'Excused'), ('absent', 'Absent')], max_length=8)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendance', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='attendance_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('step', models.PositiveSmallIntegerField()),
                ('words', models.TextField(max_length=600, verbose_name='your card')),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('written_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'step', 'seat'), name='card_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Kit',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('made_at', models.DateTimeField(default=core.common.clock.now)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('organisation', 'session'), name='kit_one_in_force'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Retrospective',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('worked', models.CharField(blank=True, max_length=300, verbose_name='What worked')),
                ('change', models.CharField(blank=True, max_length=300, verbose_name='What to change')),
                ('thanks', models.CharField(blank=True, max_length=300, verbose_name='Thanks')),
                ('written_at', models.DateTimeField(default=core.common.clock.now)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retrospectives', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='retrospective_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('state', models.JSONField()),
                ('version', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rooms', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session'), name='room_once'),
                    models.CheckConstraint(condition=models.Q(('ended_at', None), ('started_at__isnull', False), _connector='OR'), name='room_ended_after_start'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('step', models.PositiveSmallIntegerField()),
                ('lap', models.PositiveSmallIntegerField()),
                ('heard', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('passed', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='mentoring_sessions.session')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Rsvp',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('said_at', models.DateTimeField(default=core.common.clock.now)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rsvps', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='rsvp_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SmallGroup',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('step', models.PositiveSmallIntegerField()),
                ('seats', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='small_groups', to='mentoring_sessions.session')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Tap',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('key', models.UUIDField()),
                ('kind', models.CharField(max_length=12)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('tapped_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taps', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'number'), name='tap_number_once'),
                    models.UniqueConstraint(fields=('organisation', 'session', 'key'), name='tap_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TimePoll',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed'), ('confirmed', 'Decided'), ('lapsed', 'No time suited'), ('withdrawn', 'Withdrawn')], default='open', max_length=10)),
                ('closes_at', models.DateTimeField()),
                ('confirms_itself', models.BooleanField(default=True)),
                ('cadence_every', models.PositiveSmallIntegerField(default=2)),
                ('cadence_unit', models.CharField(choices=[('days', 'days'), ('weeks', 'weeks'), ('months', 'months, on the same weekday')], default='weeks', max_length=6)),
                ('sessions_wanted', models.PositiveSmallIntegerField(default=1)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('best_at', models.DateTimeField(blank=True, null=True)),
                ('opened_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'open')), fields=['organisation', 'closes_at'], name='time_poll_due'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'closed'])), fields=('organisation', 'partnership'), name='time_poll_one_in_force'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='time_poll_closed_at_iff_not_open'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PollTime',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('starts_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('poll', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='times', to='mentoring_sessions.timepoll')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'poll', 'starts_at'), name='poll_time_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PollAnswer',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('says', models.CharField(choices=[('yes', 'Yes'), ('if_need_be', 'Possible'), ('no', 'No')], max_length=10)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('time', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='mentoring_sessions.polltime')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'time', 'seat'), name='poll_answer_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('reason', models.CharField(max_length=40)),
                ('reason_detail', models.JSONField(blank=True, default=dict)),
                ('locked', models.BooleanField(default=False)),
                ('first_lead', models.BooleanField(default=False)),
                ('buddy', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pairing.seat')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('role', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.meetingrole')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'role'), name='turn_one_holder'),
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='turn_one_role_each'),
                    models.CheckConstraint(condition=models.Q(('buddy', None), models.Q(('first_lead', True), models.Q(('buddy', models.F('seat')), _negated=True)), _connector='OR'), name='turn_buddy_of_a_first_lead'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TurnDecline',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(choices=[('workload', 'Too much other work'), ('not_ready', 'I do not feel ready for it yet'), ('too_often', 'I had this role not long ago'), ('other_role', 'I would rather take another role'), ('personal', 'Personal reasons')], max_length=12, verbose_name='why')),
                ('declined_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('role', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.meetingrole')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='declines', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'role', 'seat'), name='turn_decline_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DeclineWords',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.CharField(max_length=300, verbose_name='to the circle')),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('decline', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.turndecline')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'decline'), name='decline_words_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TurnOffer',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('swap', 'Swap'), ('stand_in', 'Stand-in')], max_length=10)),
                ('state', models.CharField(choices=[('asked', 'Waits for an answer'), ('accepted', 'Agreed'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('expired', 'Not answered in time')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('asked', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('giver', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('return_role', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.meetingrole')),
                ('return_session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
                ('role', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.meetingrole')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='mentoring_sessions.session')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'asked')), fields=['organisation', 'expires_at'], name='turn_offer_by_expiry'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('organisation', 'session', 'role'), name='turn_offer_one_open'),
                    models.CheckConstraint(condition=models.Q(('giver', models.F('asked')), _negated=True), name='turn_offer_of_two_people'),
                    models.CheckConstraint(condition=models.Q(models.Q(('return_role', None), ('return_session', None)), models.Q(('return_role__isnull', False), ('return_session__isnull', False)), _connector='OR'), name='turn_offer_return_is_whole'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='turn_offer_answered_iff_closed'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Voice',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('turns', models.PositiveSmallIntegerField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='voices', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'session', 'seat'), name='voice_once'),
                ],
            },
        ),
        TenantTable("Session"),
        TenantTable("Turn"),
        TenantTable("Absence"),
        TenantTable("Attendance"),
        TenantTable("Retrospective"),
        TenantTable("Action"),
        TenantTable("CalendarFeed"),
        TenantTable("BusyCalendar"),
        TenantTable("Election"),
        TenantTable("Nomination"),
        TenantTable("ElectionVote"),
        TenantTable("TurnOffer"),
        TenantTable("TurnDecline"),
        TenantTable("DeclineWords", private=True, with_parent=("decline", "partnership")),
        TenantTable("TimePoll"),
        TenantTable("PollTime"),
        TenantTable("PollAnswer"),
        TenantTable("Rsvp"),
        TenantTable("AbsenceNote"),
        TenantTable("Kit"),
        TenantTable("Room"),
        TenantTable("Tap"),
        TenantTable("Round"),
        TenantTable("Voice"),
        TenantTable("SmallGroup"),
        TenantTable("Card", private=True, with_parent=("session",)),
        Stamped("Session"),
        Stamped("Turn"),
        Stamped("Attendance"),
        migrations.RunSQL(WRITTEN_NOW, migrations.RunSQL.noop),
        # what was called off with its partnership is no session that ended: it counts in no figure
        FactsView(
            "sessions_session_facts",
            """
            SELECT organisation_id, id, partnership_id, day, starts_at, changed_at, state, cause,
                state = 'held' AS held, state = 'cancelled' AS cancelled,
                state IN ('held', 'missed') OR (
                    state = 'cancelled' AND cause NOT IN ('ended', 'paused', 'taken_back')
                ) AS ended
            FROM mentoring_sessions_session
            """,
        ),
        FactsView(
            "sessions_attendance_facts",
            """
            SELECT organisation_id, id, session_id, seat_id, kind, kind = 'present' AS present
            FROM mentoring_sessions_attendance
            """,
        ),
    ]
