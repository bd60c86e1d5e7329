"""What HR knew of people at a date, how it comes in, and the comparisons made of it.

New tables alone: old code neither reads nor writes them.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import Stamped, TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_recurring'),
        ('members', '0019_token_life'),
        ('metrics', '0003_fold_to'),
        ('programs', '0014_objectives'),
        ('tenancy', '0010_tombstone'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordImport',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('file_name', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('reading', 'Being read'), ('mapping', 'Columns to be confirmed'), ('planning', 'Being planned'), ('preview', 'Ready to apply'), ('applying', 'Being applied'), ('applied', 'Applied')], default='reading', max_length=10)),
                ('reading', models.JSONField(blank=True, default=dict)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('date_order', models.CharField(blank=True, default='', max_length=3)),
                ('known_on', models.DateField(blank=True, null=True)),
                ('job_id', models.UUIDField(blank=True, null=True)),
                ('idempotency_key', models.CharField(blank=True, default='', max_length=80)),
                ('body_digest', models.CharField(blank=True, default='', max_length=64)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('file', core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('preview', core.tenancy.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.storedfile')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('key', models.CharField(max_length=40)),
                ('cohorts', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('compared_on', models.DateField()),
                ('refusal', models.CharField(blank=True, max_length=20)),
                ('groups', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), blank=True, default=list, size=None)),
                ('participants', models.PositiveIntegerField()),
                ('participants_so', models.PositiveIntegerField()),
                ('others', models.PositiveIntegerField()),
                ('others_so', models.PositiveIntegerField()),
                ('unmatched', models.PositiveIntegerField()),
                ('balance', models.JSONField(blank=True, default=list)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('program', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('refusal', ''), _negated=True), fields=('organisation', 'program', 'key'), name='comparison_refused_once'), models.CheckConstraint(condition=models.Q(models.Q(('groups__len__gt', 0), ('refusal', '')), models.Q(models.Q(('refusal', ''), _negated=True), ('groups__len', 0)), _connector='OR'), name='comparison_released_with_groups')],
            },
        ),
        migrations.CreateModel(
            name='HrRecord',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('stamped_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('known_on', models.DateField()),
                ('status', models.CharField(choices=[('employed', 'Employed'), ('left', 'Left')], default='employed', max_length=8)),
                ('left_on', models.DateField(blank=True, null=True)),
                ('promoted_on', models.DateField(blank=True, null=True)),
                ('in_role_since', models.DateField(blank=True, null=True)),
                ('job_satisfaction', models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True)),
                ('level', models.CharField(blank=True, max_length=40)),
                ('department', models.CharField(blank=True, max_length=200)),
                ('location', models.CharField(blank=True, max_length=200)),
                ('hired_on', models.DateField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'known_on'], name='hr_record_day')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'member', 'known_on'), name='hr_record_once'), models.CheckConstraint(condition=models.Q(models.Q(('left_on__isnull', False), ('status', 'left')), models.Q(('left_on', None), ('status', 'employed')), _connector='OR'), name='hr_record_left_on_iff_left'), models.CheckConstraint(condition=models.Q(('job_satisfaction', None), models.Q(('job_satisfaction__gte', 1), ('job_satisfaction__lte', 5)), _connector='OR'), name='hr_record_satisfaction_from_1_to_5')],
            },
        ),
        TenantTable("HrRecord"),
        Stamped("HrRecord"),
        TenantTable("RecordImport"),
        TenantTable("Comparison"),
    ]
