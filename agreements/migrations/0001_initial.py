"""Decisions, charters and goals."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import InitialMigration, Stamped, TenantTable


class Migration(InitialMigration):

    dependencies = [
        ('mentoring_sessions', '0001_initial'),
        ('pairing', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Charter',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership'), name='charter_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CharterSection',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('prompt', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveSmallIntegerField(default=0)),
                ('text', models.TextField(blank=True, max_length=4000)),
                ('charter', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='agreements.charter')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'charter', 'position'), name='section_position_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CharterEdit',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('text', models.TextField(blank=True, max_length=4000)),
                ('at', models.DateTimeField()),
                ('by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('section', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='agreements.chartersection')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'section', 'version'), name='charter_edit_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CharterSignature',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('revision', models.PositiveIntegerField()),
                ('signed', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=600)),
                ('at', models.DateTimeField()),
                ('charter', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='agreements.charter')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'charter', 'seat', 'revision'), name='signature_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('signed', True)), models.Q(('signed', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='signature_objection_has_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('method', models.CharField(choices=[('consent', 'Consent'), ('consensus', 'Consensus'), ('gradients', 'Gradients of agreement'), ('advice', 'Advice'), ('sense_check', 'Sense check'), ('dots', 'Choice by dots'), ('ranked', 'Choice by ranking')], max_length=12)),
                ('quorum', models.CharField(choices=[('half', 'More than half'), ('two_thirds', 'Two thirds'), ('all', 'Everybody')], default='two_thirds', max_length=10)),
                ('window_days', models.PositiveSmallIntegerField(default=5)),
                ('practice', models.BooleanField(default=False)),
                ('review_weeks', models.PositiveSmallIntegerField(default=12)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('clarify', 'Clarifying'), ('react', 'Reacting'), ('decide', 'Deciding'), ('adopted', 'Adopted'), ('not_adopted', 'Not adopted'), ('withdrawn', 'Withdrawn'), ('review', 'Up for review')], default='draft', max_length=12)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('round', models.PositiveSmallIntegerField(default=0)),
                ('ballot', models.PositiveSmallIntegerField(default=0)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('closes_at', models.DateTimeField(blank=True, null=True)),
                ('extended', models.BooleanField(default=False)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('why', models.CharField(blank=True, max_length=20)),
                ('review_on', models.DateField(blank=True, null=True)),
                ('pause_until', models.DateField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('action', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mentoring_sessions.action')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('owner', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('proposer', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'decide')), fields=['organisation', 'closes_at'], name='decision_deciding'),
                    models.Index(condition=models.Q(('state', 'adopted')), fields=['organisation', 'review_on'], name='decision_to_review'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'number'), name='decision_number_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closes_at__isnull', False), ('state', 'decide')), models.Q(models.Q(('state', 'decide'), _negated=True), ('closes_at', None)), _connector='OR'), name='decision_closes_while_deciding'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_on__isnull', False), ('state__in', ['adopted', 'not_adopted', 'withdrawn', 'review'])), models.Q(('state__in', ['draft', 'clarify', 'react', 'decide']), ('closed_at', None), ('closed_on', None)), _connector='OR'), name='decision_closed_iff_over'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'withdrawn']), ('opened_at__isnull', False), _connector='OR'), name='decision_opened_unless_draft'),
                    models.CheckConstraint(condition=models.Q(('window_days__in', [0, 3, 5, 7])), name='decision_window_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Adviser',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('because', models.CharField(choices=[('affected', 'It affects them'), ('experienced', 'They have experience with it')], max_length=12)),
                ('decision', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='advisers', to='agreements.decision')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'decision', 'seat'), name='adviser_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('private', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('proposed', 'Waiting for everybody'), ('active', 'Active'), ('met', 'Met'), ('dropped', 'Dropped'), ('over', 'Ended with the partnership')], default='active', max_length=8)),
                ('due_on', models.DateField(verbose_name='by when')),
                ('lead_until', models.DateField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_on', models.DateField(blank=True, null=True)),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='What do you want to reach?')),
                ('milestones', models.JSONField(blank=True, default=list)),
                ('word', models.CharField(blank=True, max_length=200)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('lead', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pairing.seat')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'active')), fields=['organisation', 'due_on'], name='goal_due'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('private', False), ('seat__isnull', False), _connector='OR'), name='goal_private_is_somebody_s'),
                    models.CheckConstraint(condition=models.Q(models.Q(('milestones', []), ('private', True), ('title', ''), ('word', '')), models.Q(('private', False), models.Q(('title', ''), _negated=True)), _connector='OR'), name='goal_private_words_elsewhere'),
                    models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('settled_on__isnull', False), ('state__in', ['met', 'dropped', 'over'])), models.Q(('settled_at', None), ('settled_on', None), ('state__in', ['proposed', 'active'])), _connector='OR'), name='goal_settled_whole'),
                    models.CheckConstraint(condition=models.Q(models.Q(('lead', None), ('lead_until', None)), models.Q(('lead_until__isnull', False), ('seat', None)), _connector='OR'), name='goal_lead_has_a_term'),
                    models.CheckConstraint(condition=models.Q(('seat', None), models.Q(('state', 'proposed'), _negated=True), _connector='OR'), name='goal_personal_needs_no_consent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='GoalBody',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('milestones', models.JSONField(blank=True, default=list)),
                ('word', models.CharField(blank=True, max_length=200)),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('goal', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agreements.goal')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'goal'), name='goal_body_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='GoalProgress',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('on', models.DateField()),
                ('level', models.PositiveSmallIntegerField()),
                ('goal', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='progress', to='agreements.goal')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'goal', 'seat', 'on'), name='goal_progress_once_a_day'),
                    models.CheckConstraint(condition=models.Q(('level__gte', 1), ('level__lte', 5)), name='goal_progress_one_to_five'),
                ],
            },
        ),
        migrations.CreateModel(
            name='GoalVoice',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('agreed_at', models.DateTimeField()),
                ('met_at', models.DateTimeField(blank=True, null=True)),
                ('goal', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='voices', to='agreements.goal')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'goal', 'seat'), name='goal_voice_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('ballot', models.PositiveSmallIntegerField()),
                ('version', models.PositiveSmallIntegerField()),
                ('adopted', models.BooleanField()),
                ('why', models.CharField(blank=True, max_length=20)),
                ('count', models.JSONField(default=dict)),
                ('reason', models.CharField(blank=True, max_length=600, verbose_name='Why')),
                ('partners', models.PositiveSmallIntegerField()),
                ('voices', models.PositiveSmallIntegerField()),
                ('opened_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('day', models.DateField()),
                ('decision', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='agreements.decision')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'decision', 'ballot'), name='outcome_once_each_ballot'),
                    models.CheckConstraint(condition=models.Q(('voices__lte', models.F('partners'))), name='outcome_voices_at_the_table'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReadyToClose',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'partnership', 'seat'), name='ready_to_close_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('question', 'Question'), ('answer', 'Answer'), ('reaction', 'Reaction')], max_length=8)),
                ('round', models.PositiveSmallIntegerField(default=0)),
                ('words', models.CharField(blank=True, max_length=600)),
                ('passed', models.BooleanField(default=False)),
                ('said_at', models.DateTimeField()),
                ('decision', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='agreements.decision')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('question', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='agreements.remark')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('kind', 'reaction')), fields=('organisation', 'decision', 'round', 'seat'), name='reaction_once_each_round'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reaction'), ('passed', True), ('words', '')), models.Q(('passed', False), models.Q(('words', ''), _negated=True)), _connector='OR'), name='remark_has_words_or_is_a_pass'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'answer'), ('question__isnull', False)), models.Q(models.Q(('kind', 'answer'), _negated=True), ('question', None)), _connector='OR'), name='remark_answers_a_question'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('clarify', 'Clarifying'), ('react', 'Reacting'), ('decide', 'Deciding'), ('adopted', 'Adopted'), ('not_adopted', 'Not adopted'), ('withdrawn', 'Withdrawn'), ('review', 'Up for review')], max_length=12)),
                ('version', models.PositiveSmallIntegerField()),
                ('ballot', models.PositiveSmallIntegerField()),
                ('why', models.CharField(blank=True, max_length=20)),
                ('at', models.DateTimeField()),
                ('by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('decision', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='agreements.decision')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'decision', 'number'), name='step_number_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('ballot', models.PositiveSmallIntegerField()),
                ('answer', models.CharField(blank=True, max_length=10)),
                ('marks', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None)),
                ('reason', models.CharField(blank=True, max_length=600)),
                ('cast_at', models.DateTimeField()),
                ('integrated_in', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('decision', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='agreements.decision')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'decision', 'ballot', 'seat'), name='vote_once_each_ballot'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('marks__len__gt', 0)), models.Q(models.Q(('answer', ''), _negated=True), ('marks__len', 0)), _connector='OR'), name='vote_answers_or_marks'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answer__in', ['object', 'block', '7', '8', 'advice']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='vote_that_binds_has_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=200, verbose_name='The proposal in one sentence')),
                ('text', models.TextField(blank=True, max_length=4000, verbose_name='More about it')),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('written_at', models.DateTimeField()),
                ('by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pairing.seat')),
                ('decision', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wordings', to='agreements.decision')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'decision', 'version'), name='wording_version_once'),
                ],
            },
        ),
        TenantTable("Charter"),
        TenantTable("CharterSection"),
        TenantTable("CharterEdit"),
        TenantTable("CharterSignature"),
        TenantTable("Decision"),
        TenantTable("Wording"),
        TenantTable("Remark"),
        TenantTable("Vote"),
        TenantTable("Adviser"),
        TenantTable("Step"),
        TenantTable("Outcome"),
        TenantTable("Goal"),
        TenantTable("GoalBody", private=True, with_parent=("goal",)),
        TenantTable("GoalVoice"),
        TenantTable("GoalProgress"),
        TenantTable("ReadyToClose"),
        Stamped("Decision"),
        Stamped("Goal"),
    ]
