"""Programs, cohorts and enrolment."""

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
        ('jobs', '0001_initial'),
        ('members', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Cohort',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('phase', models.CharField(choices=[('draft', 'Draft'), ('enrolling', 'Enrolling'), ('matching', 'Matching'), ('running', 'Running'), ('closing', 'Closing'), ('closed', 'Closed')], default='draft', max_length=10)),
                ('starts_on', models.DateField(verbose_name='starts on')),
                ('ends_on', models.DateField(verbose_name='ends on')),
                ('places', models.PositiveIntegerField(blank=True, null=True, verbose_name='places')),
                ('places_taken', models.PositiveIntegerField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='cohort_ends_after_start'),
                    models.CheckConstraint(condition=models.Q(('places', None), ('places_taken__lte', models.F('places')), _connector='OR'), name='cohort_places_hold'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Competency',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('rubric', models.TextField(blank=True, max_length=1000, verbose_name='rubric')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'ordering': ('position', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('part', models.CharField(choices=[('mentor', 'Mentor'), ('mentee', 'Mentee'), ('both', 'Mentor and mentee'), ('peer', 'Peer')], max_length=8, verbose_name='part')),
                ('state', models.CharField(choices=[('applied', 'Applied'), ('waitlisted', 'On the waiting list'), ('declined', 'Declined'), ('accepted', 'Accepted'), ('active', 'Active'), ('completed', 'Completed'), ('withdrawn', 'Withdrawn')], default='applied', max_length=10)),
                ('capacity', models.PositiveSmallIntegerField(default=1, verbose_name='capacity')),
                ('expectations_accepted_at', models.DateTimeField(blank=True, null=True)),
                ('applied_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=60)),
                ('paused_until', models.DateField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(default=core.common.clock.now)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='programs.cohort')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'changed_at'], name='enrolment_by_change'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'cohort', 'member'), name='enrolment_once'),
                    models.CheckConstraint(condition=models.Q(('started_at', None), ('accepted_at__isnull', False), _connector='OR'), name='enrolment_started_after_accepted'),
                    models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['completed', 'withdrawn'])), models.Q(models.Q(('state__in', ['completed', 'withdrawn']), _negated=True), ('ended_at', None)), _connector='OR'), name='enrolment_ended_iff_over'),
                    models.CheckConstraint(condition=models.Q(('capacity__gte', 0), ('capacity__lte', 20)), name='enrolment_capacity'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PeopleImport',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('file_name', models.CharField(max_length=200)),
                ('cohorts', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('mapping', 'Columns to be confirmed'), ('preview', 'Ready to apply'), ('applying', 'Being applied'), ('applied', 'Applied')], default='mapping', max_length=10)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('job_id', models.UUIDField(blank=True, null=True)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('file', core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Program',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('purpose', models.TextField(blank=True, max_length=2000, verbose_name='purpose')),
                ('format', models.CharField(choices=[('mentor', 'Mentor and mentee'), ('pairs', 'Reciprocal peer pairs'), ('circles', 'Circles')], max_length=8, verbose_name='format')),
                ('template', models.CharField(blank=True, max_length=40)),
                ('expectations', models.TextField(blank=True, max_length=4000, verbose_name='expectations')),
                ('cadence_every', models.PositiveSmallIntegerField(default=2, verbose_name='sessions come every')),
                ('cadence_unit', models.CharField(choices=[('days', 'days'), ('weeks', 'weeks'), ('months', 'months, on the same weekday')], default='weeks', max_length=6)),
                ('session_minutes', models.PositiveSmallIntegerField(default=60, verbose_name='minutes of a session')),
                ('sessions_planned', models.PositiveSmallIntegerField(default=6, verbose_name='sessions of a season')),
                ('sessions_agreed', models.PositiveSmallIntegerField(default=4, verbose_name='least number of sessions')),
                ('circle_min', models.PositiveSmallIntegerField(default=5, verbose_name='smallest circle')),
                ('circle_max', models.PositiveSmallIntegerField(default=8, verbose_name='largest circle')),
                ('check_in_weeks', models.PositiveSmallIntegerField(default=2, verbose_name='weeks between check-ins')),
                ('self_match', models.BooleanField(default=False, verbose_name='self-match')),
                ('request_days', models.PositiveSmallIntegerField(default=3, verbose_name='days to answer a request')),
                ('requests_asking', models.PositiveSmallIntegerField(default=2, verbose_name='most people asked at once')),
                ('requests_asked', models.PositiveSmallIntegerField(default=3, verbose_name='most requests waiting')),
                ('second_person', models.BooleanField(default=False, verbose_name='a second person approves a publication')),
                ('agenda', models.JSONField(blank=True, default=list)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'name'), name='program_name_once'),
                    models.CheckConstraint(condition=models.Q(('circle_min__gte', 3), ('circle_max__lte', 12), ('circle_min__lte', models.F('circle_max'))), name='program_circle_sizes'),
                    models.CheckConstraint(condition=models.Q(('cadence_every__gte', 1), ('check_in_weeks__gte', 1), ('session_minutes__gte', 10)), name='program_cadence'),
                    models.CheckConstraint(condition=models.Q(('request_days__gte', 1), ('requests_asked__gte', 1), ('requests_asking__gte', 1)), name='program_requests'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeetingRole',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('duties', models.TextField(blank=True, max_length=1000, verbose_name='duties')),
                ('priority', models.PositiveSmallIntegerField(default=0)),
                ('leads', models.BooleanField(default=False)),
                ('needs_level', models.PositiveSmallIntegerField(default=0, verbose_name='level needed')),
                ('after', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programs.meetingrole')),
                ('competency', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='programs.competency')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meeting_roles', to='programs.program')),
            ],
            options={
                'ordering': ('priority', 'id'),
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'program', 'key'), name='meeting_role_once'),
                    models.UniqueConstraint(condition=models.Q(('leads', True)), fields=('organisation', 'program'), name='meeting_role_one_leads'),
                    models.CheckConstraint(condition=models.Q(('needs_level__lte', 5)), name='meeting_role_level_of_five'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('sort', models.CharField(choices=[('score', 'Score'), ('rule', 'Rule')], default='score', max_length=5)),
                ('kind', models.CharField(max_length=20)),
                ('label', models.CharField(max_length=120, verbose_name='name')),
                ('seeker_field', models.CharField(max_length=60)),
                ('offerer_field', models.CharField(max_length=60)),
                ('weight', models.PositiveSmallIntegerField(default=5, verbose_name='weight')),
                ('parameters', models.JSONField(blank=True, default=dict)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='programs.program')),
            ],
            options={
                'ordering': ('position', 'id'),
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'program', 'key'), name='criterion_once'),
                    models.CheckConstraint(condition=models.Q(('weight__lte', 10)), name='criterion_weight'),
                ],
            },
        ),
        migrations.AddField(
            model_name='competency',
            name='program',
            field=core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='competencies', to='programs.program'),
        ),
        migrations.AddField(
            model_name='cohort',
            name='program',
            field=core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohorts', to='programs.program'),
        ),
        migrations.CreateModel(
            name='ProgramStaff',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staff', to='programs.program')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'program', 'member'), name='program_staff_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('kind', models.CharField(choices=[('skills', 'Skills with level'), ('choice', 'One choice'), ('choices', 'Several choices'), ('scale', 'Scale 1–5'), ('number', 'Number'), ('short_text', 'Short text'), ('long_text', 'Long text'), ('availability', 'Availability')], max_length=12, verbose_name='kind')),
                ('label', models.CharField(max_length=200, verbose_name='question')),
                ('help', models.CharField(blank=True, max_length=300, verbose_name='help')),
                ('options', models.JSONField(blank=True, default=list)),
                ('required', models.BooleanField(default=False, verbose_name='required')),
                ('asked_of', models.CharField(choices=[('everyone', 'Everyone'), ('offerers', 'Mentors'), ('seekers', 'Mentees')], default='everyone', max_length=10)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='programs.program')),
            ],
            options={
                'ordering': ('position', 'id'),
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'program', 'key'), name='question_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('value', models.JSONField()),
                ('shown', models.BooleanField(db_default=False, default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='programs.enrolment')),
                ('question', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.question')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'enrolment', 'question'), name='answer_once'),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name='competency',
            constraint=models.UniqueConstraint(fields=('organisation', 'program', 'key'), name='competency_once'),
        ),
        migrations.AddConstraint(
            model_name='cohort',
            constraint=models.UniqueConstraint(fields=('organisation', 'program', 'name'), name='cohort_name_once'),
        ),
        TenantTable("PeopleImport"),
        TenantTable("Program"),
        TenantTable("ProgramStaff"),
        TenantTable("Cohort"),
        TenantTable("Enrolment"),
        TenantTable("Competency"),
        TenantTable("MeetingRole"),
        TenantTable("Question"),
        TenantTable("Criterion"),
        TenantTable("Answer"),
        FactsView(
            "programs_enrolment_facts",
            """
            SELECT organisation_id, id, cohort_id
            FROM programs_enrolment
            """,
        ),
    ]
