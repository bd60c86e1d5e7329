"""Objectives of a program, and what its sessions are about.  Any release may carry it."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0007_copied_from'),
        ('tenancy', '0005_hourly'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='season',
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='question',
            name='only_if',
            field=models.CharField(blank=True, db_default='', default='', max_length=90),
        ),
        migrations.CreateModel(
            name='Objective',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('metric', models.CharField(choices=[('match_rate', 'People with a partner, share of all'), ('session_completion', 'Sessions held, share of those planned'), ('attendance_rate', 'Attendance, share of seats'), ('checkin_response', 'Check-ins answered, share of those sent'), ('satisfied', 'Satisfied people, share of those who answered'), ('voice_balance', 'Balance of voices'), ('decision_days', 'Days until a decision')], max_length=40, verbose_name='figure')),
                ('value', models.DecimalField(decimal_places=4, max_digits=8, verbose_name='value')),
                ('week', models.PositiveSmallIntegerField(default=24, verbose_name='by week')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='objectives', to='programs.program')),
            ],
            options={
                'ordering': ('week', 'metric'),
                'constraints': [models.UniqueConstraint(fields=('organisation', 'program', 'metric'), name='objective_once'), models.CheckConstraint(condition=models.Q(('value__gte', 0), ('week__gte', 1)), name='objective_can_be')],
            },
        ),
        TenantTable("Objective"),
    ]
