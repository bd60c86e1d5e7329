"""Profiles, announcements and discussions, and what a program allows of them.

Any release may carry it: old code knows none of the tables, and the database fills the columns.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.search
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
        ('programs', '0009_training'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='alumni_post',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='program',
            name='profiles_to_cohort',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='program',
            name='profiles_to_coordinators',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('title', models.CharField(max_length=120)),
                ('text', models.TextField(max_length=10000)),
                ('part', models.CharField(blank=True, choices=[('mentor', 'Mentor'), ('mentee', 'Mentee'), ('both', 'Mentor and mentee'), ('peer', 'Peer')], max_length=8)),
                ('state', models.CharField(blank=True, choices=[('applied', 'Applied'), ('waitlisted', 'On the waiting list'), ('declined', 'Declined'), ('accepted', 'Accepted'), ('active', 'Active'), ('completed', 'Completed'), ('finished', 'Finished'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('answered', models.CharField(blank=True, choices=[('yes', 'Answered'), ('no', 'Not answered')], max_length=3)),
                ('chosen', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('send_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('told', models.PositiveIntegerField(default=0)),
                ('reads', models.PositiveIntegerField(default=0)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('cohort', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.program')),
            ],
        ),
        migrations.CreateModel(
            name='AnnouncementCopy',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('announcement', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.announcement')),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(blank=True, max_length=10000)),
                ('written_at', models.DateTimeField()),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('removed_reason', models.CharField(blank=True, choices=[('unkind', 'It is unkind, or attacks somebody'), ('private', 'It says something that is not for everybody here'), ('off', 'It does not belong here'), ('other', 'Another reason')], max_length=8)),
                ('removed_words', models.TextField(blank=True, max_length=500)),
                ('words', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.SearchVector('text', config='simple'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='PostReport',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(choices=[('unkind', 'It is unkind, or attacks somebody'), ('private', 'It says something that is not for everybody here'), ('off', 'It does not belong here'), ('other', 'Another reason')], max_length=8)),
                ('text', models.TextField(blank=True, max_length=500)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('post', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.post')),
            ],
        ),
        migrations.CreateModel(
            name='ProfileEntry',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('field', models.CharField(choices=[('offer', 'What I offer'), ('seek', 'What I look for'), ('goal', 'My goal'), ('hours', 'When I am usually free'), ('languages', 'Languages'), ('pronouns', 'Pronouns')], max_length=10)),
                ('text', models.TextField(blank=True, max_length=1000)),
                ('shown_to', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, default=list, size=None)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('title', models.CharField(blank=True, max_length=160)),
                ('posts', models.PositiveIntegerField(default=0)),
                ('last_at', models.DateTimeField()),
                ('locked_at', models.DateTimeField(blank=True, null=True)),
                ('author', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('cohort', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.cohort')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
        ),
        migrations.AddField(
            model_name='post',
            name='thread',
            field=core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.thread'),
        ),
        migrations.CreateModel(
            name='ThreadFollower',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('thread', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.thread')),
            ],
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(condition=models.Q(('sent_at', None)), fields=['organisation', 'send_at'], name='announcement_waiting'),
        ),
        migrations.AddConstraint(
            model_name='announcementcopy',
            constraint=models.UniqueConstraint(fields=('organisation', 'announcement', 'member'), name='announcement_copy_once'),
        ),
        migrations.AddConstraint(
            model_name='postreport',
            constraint=models.UniqueConstraint(fields=('organisation', 'post', 'by'), name='post_report_once'),
        ),
        migrations.AddConstraint(
            model_name='profileentry',
            constraint=models.UniqueConstraint(fields=('organisation', 'member', 'field'), name='profile_field_once'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['organisation', 'cohort', 'last_at', 'id'], name='thread_by_last_post'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['organisation', 'thread', 'id'], name='post_of_thread'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['organisation', 'cohort', 'id'], name='post_of_cohort'),
        ),
        migrations.AddConstraint(
            model_name='threadfollower',
            constraint=models.UniqueConstraint(fields=('organisation', 'thread', 'member'), name='thread_follower_once'),
        ),
        TenantTable("ProfileEntry"),
        TenantTable("Announcement"),
        TenantTable("AnnouncementCopy"),
        TenantTable("Thread"),
        TenantTable("Post"),
        TenantTable("ThreadFollower"),
        TenantTable("PostReport"),
    ]
