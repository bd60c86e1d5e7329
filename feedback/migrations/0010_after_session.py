"""What was shown of the answers after a session, and who has read how to give feedback.

Any release may carry it: old code knows neither table.
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
        ('feedback', '0009_recognition'),
        ('members', '0010_saml_and_groups'),
        ('mentoring_sessions', '0005_calendars'),
        ('pairing', '0004_going_on'),
        ('tenancy', '0004_single_sign_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='FeedbackLesson',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'member'), name='feedback_lesson_once')],
            },
        ),
        migrations.CreateModel(
            name='SessionFeedback',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('item', models.CharField(max_length=40)),
                ('total', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('n', models.PositiveSmallIntegerField()),
                ('responses', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('outside', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
                ('session', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'session', 'item', 'seat'), name='session_feedback_once', nulls_distinct=False)],
            },
        ),
        TenantTable("FeedbackLesson"),
        TenantTable("SessionFeedback"),
    ]
