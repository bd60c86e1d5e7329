"""The journal, testimonials, and the review of a program at the end of a cohort.

Any release may carry it: old code knows none of the tables.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0012_closed'),
        ('members', '0013_certificates'),
        ('mentoring_sessions', '0005_calendars'),
        ('programs', '0005_runs_all'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
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
        ),
        migrations.CreateModel(
            name='Testimonial',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('text', models.TextField(max_length=600)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('community', 'To the people of this cohort'), ('report', 'In the report, for coordinators and HR'), ('join', 'To whoever may join this program')], max_length=9), size=None)),
                ('signed', models.CharField(choices=[('full', 'My full name'), ('first', 'My first name'), ('nobody', 'No name, only my part')], max_length=6)),
                ('given_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('picked_at', models.DateTimeField(blank=True, null=True)),
                ('enrolment', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programs.enrolment')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('session__isnull', False)), fields=('organisation', 'author', 'session'), name='journal_entry_once_per_session')],
            },
        ),
        migrations.AddConstraint(
            model_name='programreview',
            constraint=models.UniqueConstraint(fields=('organisation', 'cohort'), name='program_review_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewchange',
            constraint=models.UniqueConstraint(fields=('organisation', 'review', 'place'), name='review_change_once_per_place'),
        ),
        migrations.AddConstraint(
            model_name='testimonial',
            constraint=models.UniqueConstraint(fields=('organisation', 'enrolment'), name='testimonial_once_per_enrolment'),
        ),
        migrations.AddConstraint(
            model_name='testimonial',
            constraint=models.CheckConstraint(condition=models.Q(('places__len__gt', 0)), name='testimonial_somewhere'),
        ),
        migrations.AddConstraint(
            model_name='reviewquote',
            constraint=models.UniqueConstraint(fields=('organisation', 'review', 'testimonial'), name='review_quote_once'),
        ),
        TenantTable("ProgramReview"),
        TenantTable("ReviewChange"),
        TenantTable("Testimonial"),
        TenantTable("ReviewQuote"),
        TenantTable("JournalEntry", private=True, with_parent=("author", "session")),
    ]
