"""What circles said of themselves, and whether two met of whom one says so.

Any release may carry it: old code knows neither the tables nor the column.
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
        ('feedback', '0010_after_session'),
        ('pairing', '0004_going_on'),
        ('tenancy', '0004_single_sign_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='VoiceResult',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('month', models.DateField()),
                ('enough', models.BooleanField()),
                ('unheard', models.BooleanField()),
                ('dominated', models.BooleanField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('partnership', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.partnership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'partnership', 'month'), name='voice_result_once_a_month'), models.CheckConstraint(condition=models.Q(('enough', True), models.Q(('dominated', False), ('unheard', False)), _connector='OR'), name='voice_result_needs_enough')],
            },
        ),
        migrations.AddField(
            model_name='checkin',
            name='met_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='MeetingQuestion',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('opened_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('met', models.BooleanField(blank=True, null=True)),
                ('check_in', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.checkin')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seat', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pairing.seat')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'check_in'), name='meeting_question_once_a_check_in'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('met', None)), models.Q(('answered_at__isnull', False), ('met__isnull', False)), _connector='OR'), name='meeting_question_answered_whole')],
            },
        ),
        TenantTable("VoiceResult"),
        TenantTable("MeetingQuestion"),
    ]
