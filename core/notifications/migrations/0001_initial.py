"""The outbox."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Envelope',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email_id', models.UUIDField()),
                ('channel', models.CharField(max_length=16)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('due', 'Due'), ('sent', 'Sent'), ('withdrawn', 'Withdrawn'), ('dead', 'Dead')], default='due', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'due')), fields=['attempts', 'due_at', 'id'], name='envelope_due')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'email_id', 'channel'), name='envelope_once')],
            },
        ),
        migrations.CreateModel(
            name='Email',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(max_length=60)),
                ('about_id', models.UUIDField(blank=True, null=True)),
                ('context', models.JSONField(blank=True, default=dict)),
                ('link', models.JSONField(blank=True, default=dict)),
                ('calendar', models.JSONField(blank=True, default=list)),
                ('dedupe_key', models.CharField(max_length=160)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'about_id'], name='email_about')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'dedupe_key'), name='email_once_per_reason')],
            },
        ),
        migrations.CreateModel(
            name='MutedKind',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(max_length=60)),
                ('channel', models.CharField(max_length=16)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'member', 'kind', 'channel'), name='muted_once')],
            },
        ),
        TenantTable("Email"),
        TenantTable("MutedKind"),
    ]
