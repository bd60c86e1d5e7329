"""What coordinators did about the items of their list."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0001_initial'),
        ('metrics', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertNote',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('reason', models.CharField(max_length=20)),
                ('about_id', models.UUIDField()),
                ('act', models.CharField(choices=[('noted', 'Note'), ('assigned', 'Assigned'), ('snoozed', 'Remind me later'), ('settled', 'Spoken to'), ('reopened', 'Back on the list')], max_length=10)),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('until', models.DateField(blank=True, null=True)),
                ('assigned_to', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('by', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('person', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'about_id'], name='alert_note_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('act', 'snoozed'), ('until__isnull', False)), models.Q(models.Q(('act', 'snoozed'), _negated=True), ('until', None)), _connector='OR'), name='alert_note_snoozed_until'), models.CheckConstraint(condition=models.Q(('act', 'assigned'), ('assigned_to', None), _connector='OR'), name='alert_note_assigned_to_somebody')],
            },
        ),
        TenantTable("AlertNote"),
    ]
