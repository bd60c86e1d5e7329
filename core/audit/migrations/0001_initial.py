"""The audit trail: written once, never changed, and deleted only with its organisation."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
from core.tenancy.tables import DeletableWhenClosed, InitialMigration, TenantTable


class Migration(InitialMigration):

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('actor_id', models.UUIDField(blank=True, null=True)),
                ('actor_name', models.CharField(blank=True, max_length=320)),
                ('verb', models.CharField(max_length=60)),
                ('target_kind', models.CharField(max_length=60)),
                ('target_id', models.UUIDField(blank=True, null=True)),
                ('target_name', models.CharField(blank=True, max_length=200)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', '-id'], name='audit_newest_first'),
                ],
            },
        ),
        TenantTable("AuditEvent", append_only=True),
        DeletableWhenClosed("AuditEvent"),
    ]
