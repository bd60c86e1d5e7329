"""Lessons of an organisation's own, paths through lessons, who has done them, workshops, a sponsor.

Any release may carry it: old code knows none of the tables, and the columns have defaults.
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
        ('members', '0013_certificates'),
        ('programs', '0008_setup'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
        migrations.AddField(
            model_name='cohort',
            name='sponsor_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='cohort',
            name='sponsor_title',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='cohort',
            name='sponsor_words',
            field=models.TextField(blank=True, db_default='', default='', max_length=1500),
        ),
        migrations.CreateModel(
            name='LessonFile',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=20)),
                ('content', models.BinaryField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('uploaded_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Workshop',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('title', models.CharField(max_length=120)),
                ('agenda', models.TextField(max_length=4000)),
                ('place', models.CharField(max_length=200)),
                ('starts_at', models.DateTimeField()),
                ('minutes', models.PositiveSmallIntegerField()),
                ('places', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('called_off_at', models.DateTimeField(blank=True, null=True)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='workshops', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='WorkshopPlace',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('state', models.CharField(choices=[('coming', 'Has a place'), ('waiting', 'On the waiting list'), ('given_up', 'Gave the place up')], max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('came', models.BooleanField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('workshop', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='programs.workshop')),
            ],
        ),
        migrations.CreateModel(
            name='LessonProgress',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('version', models.PositiveSmallIntegerField(default=0)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('let_off_at', models.DateTimeField(blank=True, null=True)),
                ('bookmarked', models.BooleanField(default=False)),
                ('let_off_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'member', 'key'), name='lesson_progress_once')],
            },
        ),
        migrations.CreateModel(
            name='LessonVersion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('version', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('summary', models.CharField(max_length=300)),
                ('minutes', models.PositiveSmallIntegerField()),
                ('tags', models.JSONField(blank=True, default=list)),
                ('body', models.TextField(max_length=20000)),
                ('practice', models.TextField(blank=True, max_length=2000)),
                ('checks', models.JSONField(blank=True, default=list)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('written_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'key', 'version'), name='lesson_version_once'), models.CheckConstraint(condition=models.Q(('minutes__gte', 1), ('minutes__lte', 60)), name='lesson_minutes')],
            },
        ),
        migrations.CreateModel(
            name='PathStep',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.SlugField(max_length=40)),
                ('part', models.CharField(blank=True, choices=[('mentor', 'Mentor'), ('mentee', 'Mentee'), ('both', 'Mentor and mentee'), ('peer', 'Peer')], default='', max_length=8)),
                ('when', models.CharField(choices=[('matching', 'Before matching'), ('lead', 'Before the first turn as facilitator'), ('along', 'While you meet'), ('closing', 'Before you close')], max_length=8)),
                ('required', models.BooleanField(default=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='path_steps', to='programs.program')),
            ],
            options={
                'ordering': ('position', 'id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('organisation', 'program', 'key', 'part'), name='path_step_once'), models.CheckConstraint(condition=models.Q(('required', False), ('when__in', ['matching', 'lead']), _connector='OR'), name='path_step_required_at_a_gate')],
            },
        ),
        migrations.AddConstraint(
            model_name='workshop',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gte', 10), ('minutes__lte', 600)), name='workshop_length'),
        ),
        migrations.AddConstraint(
            model_name='workshopplace',
            constraint=models.UniqueConstraint(fields=('organisation', 'workshop', 'member'), name='workshop_place_once'),
        ),
        TenantTable('LessonVersion'),
        TenantTable('LessonFile'),
        TenantTable('PathStep'),
        TenantTable('LessonProgress'),
        TenantTable('Workshop'),
        TenantTable('WorkshopPlace'),
    ]
