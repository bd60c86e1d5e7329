"""Matching runs, partnerships and requests."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import FactsView, InitialMigration, Stamped, TenantTable


class Migration(InitialMigration):

    dependencies = [
        ('members', '0001_initial'),
        ('programs', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CriteriaSet',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('policy', models.CharField(max_length=20)),
                ('choice', models.JSONField(default=dict)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.program')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('organisation', 'program', 'name'), name='criteria_set_name_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MatchRun',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('computing', 'Computing'), ('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('discarded', 'Discarded')], default='computing', max_length=10)),
                ('policy', models.CharField(max_length=20)),
                ('set_name', models.CharField(blank=True, max_length=100)),
                ('choice', models.JSONField(blank=True, null=True)),
                ('seed', models.PositiveIntegerField(default=0)),
                ('unaccepted_too', models.BooleanField(default=False)),
                ('job_id', models.UUIDField(blank=True, null=True)),
                ('snapshot', models.JSONField(blank=True, default=dict)),
                ('facts', models.JSONField(blank=True, default=dict)),
                ('objective', models.BigIntegerField(blank=True, null=True)),
                ('bound', models.BigIntegerField(blank=True, null=True)),
                ('gap_ppm', models.PositiveIntegerField(blank=True, null=True)),
                ('rounds', models.PositiveIntegerField(blank=True, null=True)),
                ('seconds', models.FloatField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.cohort')),
                ('criteria_set', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.criteriaset')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('published_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort', 'number'), name='match_run_number_once'),
                    models.UniqueConstraint(condition=models.Q(('state', 'computing')), fields=('organisation', 'cohort'), name='match_run_one_computing'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False)), models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('withdrawn_at', None)), _connector='OR'), name='match_run_withdrawn_at_iff_withdrawn'),
                    models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', False), ('state__in', ['published', 'withdrawn'])), models.Q(models.Q(('state__in', ['published', 'withdrawn']), _negated=True), ('published_at', None)), _connector='OR'), name='match_run_published_at_iff_published'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LeftOver',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('part', models.CharField(choices=[('mentor', 'Mentor'), ('mentee', 'Mentee'), ('both', 'Mentor and mentee'), ('peer', 'Peer')], max_length=8)),
                ('reason', models.CharField(max_length=40)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('remedy', models.JSONField(blank=True, default=dict)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('run', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='left_over', to='pairing.matchrun')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'run', 'enrolment', 'part'), name='left_over_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PairRule',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('locked', 'Together'), ('preferred', 'Preferred'), ('forbidden', 'Never together')], max_length=9)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('first', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('second', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('set_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort', 'first', 'second'), name='pair_rule_once'),
                    models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='pair_rule_of_two'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Partnership',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('name', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('active', 'Active'), ('paused', 'Paused'), ('completed', 'Completed'), ('ended', 'Ended'), ('lapsed', 'Lapsed'), ('never_started', 'Never started'), ('withdrawn', 'Undone')], default='active', max_length=14)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('prolonged', models.BooleanField(db_default=False, default=False)),
                ('published_at', models.DateTimeField()),
                ('paused_until', models.DateField(blank=True, null=True)),
                ('resumed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=60)),
                ('words_erased_at', models.DateTimeField(blank=True, null=True)),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('run', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.matchrun')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'cohort', 'state'], name='partnership_of_cohort'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('organisation', 'cohort', 'name'), name='partnership_name_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ['proposed', 'active', 'paused'])), models.Q(('state__in', ['completed', 'ended', 'lapsed', 'never_started', 'withdrawn']), ('ended_at__isnull', False)), _connector='OR'), name='partnership_ended_iff_over'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Companion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('since', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('organisation', 'partnership'), name='companion_one_per_partnership'),
                ],
            },
        ),
        migrations.CreateModel(
            name='KindWords',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=1000)),
                ('said_at', models.DateTimeField()),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'author'), name='kind_words_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PartnerRequest',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('state', models.CharField(choices=[('open', 'Waiting for an answer'), ('question', 'Asked to tell more'), ('accepted', 'Accepted'), ('declined', 'Not this time'), ('lapsed', 'Not answered in time'), ('withdrawn', 'Withdrawn'), ('closed', 'Closed')], default='open', max_length=10)),
                ('because', models.CharField(blank=True, choices=[('partnered', 'The asker has found a partner'), ('full', 'The person asked has no place left'), ('gone', 'One of the two no longer takes part'), ('coordinator', 'Closed by a coordinator')], max_length=12)),
                ('rank', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('questioned_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('followed_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('asked', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('asker', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('follows', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pairing.partnerrequest')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pairing.partnership')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state__in', ['open', 'question'])), fields=['organisation', 'due_at'], name='partner_request_due'),
                    models.Index(fields=['organisation', 'cohort', 'state'], name='partner_request_queue'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'question'])), fields=('organisation', 'asker', 'asked'), name='partner_request_once_at_a_time'),
                    models.UniqueConstraint(condition=models.Q(('follows__isnull', False)), fields=('organisation', 'follows'), name='partner_request_one_successor'),
                    models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state__in', ['open', 'question'])), models.Q(models.Q(('state__in', ['open', 'question']), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='partner_request_decided_iff_over'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), models.Q(('because', ''), _negated=True)), models.Q(models.Q(('state', 'closed'), _negated=True), ('because', '')), _connector='OR'), name='partner_request_because_iff_closed'),
                    models.CheckConstraint(condition=models.Q(('asker', models.F('asked')), _negated=True), name='partner_request_of_another'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('position', models.PositiveIntegerField()),
                ('points', models.IntegerField()),
                ('score', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(default=list)),
                ('locked', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('run', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='pairing.matchrun')),
            ],
            options={
                'ordering': ('position',),
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'run', 'position'), name='proposal_position_once'),
                    models.CheckConstraint(condition=models.Q(('score__lte', 100)), name='proposal_score_in_100'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProposalSeat',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('part', models.CharField(choices=[('mentor', 'Mentor'), ('mentee', 'Mentee'), ('both', 'Mentor and mentee'), ('peer', 'Peer')], max_length=8)),
                ('choice', models.PositiveIntegerField(blank=True, null=True)),
                ('choices', models.PositiveIntegerField(blank=True, null=True)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('proposal', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='pairing.proposal')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'proposal', 'enrolment'), name='proposal_seat_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PublicationRequest',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('state', models.CharField(choices=[('asked', 'Waits for a second person'), ('approved', 'Approved'), ('declined', 'Sent back'), ('withdrawn', 'Withdrawn')], default='asked', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('decided_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('run', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.matchrun')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('organisation', 'run'), name='publication_request_one_open'),
                    models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='publication_request_decided_iff_closed'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='publication_request_by_another'),
                ],
            },
        ),
        migrations.CreateModel(
            name='RequestWords',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('note', 'Note'), ('question', 'Question'), ('answer', 'Answer'), ('reply', 'Reply')], max_length=8)),
                ('text', models.TextField(max_length=1000)),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('request', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnerrequest')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'request', 'kind'), name='request_words_once_per_kind'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('part', models.CharField(choices=[('mentor', 'Mentor'), ('mentee', 'Mentee'), ('both', 'Mentor and mentee'), ('peer', 'Peer')], max_length=8)),
                ('taken_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('goes_on_until', models.DateField(blank=True, null=True)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gte', models.F('taken_at')), _connector='OR'), name='seat_left_after_taken'),
                    models.UniqueConstraint(condition=models.Q(('left_at', None), ('part', 'mentor')), fields=('organisation', 'partnership'), name='seat_one_open_mentor_per_partnership'),
                    models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('organisation', 'partnership', 'enrolment'), name='seat_one_open_per_person'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Parting',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('cause', models.CharField(choices=[('time', 'Time: we found no hours for it'), ('goals', 'Goals: we want different things'), ('style', 'Style: we work differently'), ('distance', 'Distance: places or time zones'), ('other', 'Something else')], max_length=8)),
                ('coordinator_sees', models.BooleanField(default=True)),
                ('said_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'seat'), name='parting_once_per_seat'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('rank', models.PositiveSmallIntegerField()),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('wished', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'enrolment', 'wished'), name='wish_once_per_person'),
                    models.UniqueConstraint(fields=('organisation', 'enrolment', 'rank'), name='wish_once_per_rank'),
                    models.CheckConstraint(condition=models.Q(('enrolment', models.F('wished')), _negated=True), name='wish_for_another'),
                    models.CheckConstraint(condition=models.Q(('rank__gte', 1), ('rank__lte', 5)), name='wish_rank'),
                ],
            },
        ),
        TenantTable("PairRule"),
        TenantTable("Wish"),
        TenantTable("CriteriaSet"),
        TenantTable("MatchRun"),
        TenantTable("Proposal"),
        TenantTable("ProposalSeat"),
        TenantTable("LeftOver"),
        TenantTable("Partnership"),
        TenantTable("Seat"),
        TenantTable("Companion"),
        TenantTable("Parting"),
        TenantTable("KindWords", private=True, with_parent=("partnership",)),
        TenantTable("PublicationRequest"),
        TenantTable("PartnerRequest"),
        TenantTable("RequestWords", private=True, with_parent=("request",)),
        Stamped("Partnership"),
        Stamped("Seat"),
        FactsView(
            "pairing_partnership_facts",
            """
            SELECT organisation_id, id, cohort_id, state = 'withdrawn' AS withdrawn
            FROM pairing_partnership
            """,
        ),
        FactsView(
            "pairing_seat_facts",
            """
            SELECT organisation_id, id, partnership_id, enrolment_id
            FROM pairing_seat
            """,
        ),
    ]
