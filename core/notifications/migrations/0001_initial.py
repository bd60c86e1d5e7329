"""The outbox, how much of it reaches a person and when, texts of an organisation's own, webhooks."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import InitialMigration, TenantTable


class Migration(InitialMigration):

    dependencies = [
        ('members', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BouncingAddress',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('address', models.EmailField(max_length=254)),
                ('answer', models.CharField(blank=True, default='', max_length=16)),
                ('reported', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'address'), name='bouncing_address_once'),
                    models.CheckConstraint(condition=models.Q(('address', django.db.models.functions.text.Lower('address'))), name='bouncing_address_folded'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EmailText',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('program_id', models.UUIDField(blank=True, null=True)),
                ('kind', models.CharField(max_length=60)),
                ('case', models.CharField(max_length=30)),
                ('subject', models.CharField(max_length=200)),
                ('button', models.CharField(max_length=60)),
                ('body', models.TextField(max_length=5000)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'kind', 'case', 'program_id'), name='email_text_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='Envelope',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email_id', models.UUIDField()),
                ('channel', models.CharField(max_length=16)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('due', 'Due'), ('sent', 'Sent'), ('withdrawn', 'Withdrawn'), ('dead', 'Dead')], default='due', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('deferred_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, db_default='', default='', max_length=16)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('bundle_id', models.UUIDField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('lease_until', None), ('state', 'due')), fields=['channel', 'due_at', 'id'], name='envelope_due'),
                    models.Index(condition=models.Q(('lease_until__isnull', False), ('state', 'due')), fields=['channel', 'lease_until', 'id'], name='envelope_leased'),
                    models.Index(condition=models.Q(('state', 'dead')), fields=['organisation', 'id'], name='envelope_dead'),
                    models.Index(condition=models.Q(('bundle_id__isnull', False), ('state', 'due')), fields=['bundle_id'], name='envelope_bundle'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('email_id', 'channel'), name='envelope_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='InboundMessage',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('digest', models.CharField(max_length=64)),
                ('about_id', models.UUIDField()),
                ('outcome', models.CharField(choices=[('read', 'were read'), ('forwarded', 'went on to a coordinator'), ('unread', 'could not be read, and there was nobody to forward them to'), ('refused', 'came too late'), ('foreign', 'came from another address, and were not followed'), ('automatic', 'were automatic, and were not followed')], max_length=10)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'about_id', 'created_at'], name='inbound_message_about'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'digest'), name='inbound_message_once'),
                    models.CheckConstraint(condition=models.Q(('outcome__in', ['read', 'forwarded', 'unread', 'refused', 'foreign', 'automatic'])), name='inbound_message_outcome_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='IncomingWebhook',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('program_id', models.UUIDField(blank=True, null=True)),
                ('service', models.CharField(choices=[('slack', 'Slack'), ('teams', 'Microsoft Teams')], max_length=16)),
                ('sealed_address', models.TextField()),
                ('ending', models.CharField(max_length=4)),
                ('posted_at', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, choices=[('address', 'this is not a web address'), ('unknown', 'there is no such address'), ('inside', 'this address is not on the public internet'), ('unreachable', 'nobody answers there'), ('slow', 'it took too long to answer'), ('redirect', 'it sends us on to another address'), ('status', 'it refuses what we post'), ('large', 'its answer is too large'), ('compressed', 'its answer is compressed in a way we do not read')], max_length=12)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('set_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'program_id', 'service'), name='incoming_webhook_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='Email',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('address', models.EmailField(blank=True, default='', max_length=254)),
                ('kind', models.CharField(max_length=60)),
                ('about_id', models.UUIDField(blank=True, null=True)),
                ('cause_id', models.UUIDField(blank=True, null=True)),
                ('program_id', models.UUIDField(blank=True, null=True)),
                ('context', models.JSONField(blank=True, default=dict)),
                ('link', models.JSONField(blank=True, default=dict)),
                ('calendar', models.JSONField(blank=True, default=list)),
                ('dedupe_key', models.CharField(max_length=160)),
                ('needed_by', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('shown_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('escalated_at', models.DateTimeField(blank=True, null=True)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('webhook', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='notifications.incomingwebhook')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['organisation', 'about_id'], name='email_about'),
                    models.Index(fields=['organisation', 'member', 'kind', 'created_at'], name='email_of_a_kind'),
                    models.Index(condition=models.Q(('shown_at__isnull', False)), fields=['organisation', 'member', 'shown_at', 'id'], name='email_in_the_bell'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'dedupe_key'), name='email_once_per_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='KindPace',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(max_length=60)),
                ('pace', models.CharField(choices=[('at_once', 'At once'), ('daily', 'Once a day, in one e-mail'), ('weekly', 'On Mondays, in one e-mail')], max_length=8)),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member', 'kind'), name='pace_once_per_kind'),
                    models.CheckConstraint(condition=models.Q(('pace__in', ['at_once', 'daily', 'weekly'])), name='pace_known'),
                ],
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
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member', 'kind', 'channel'), name='muted_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='QuietHours',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('quiet_from', models.PositiveSmallIntegerField()),
                ('quiet_until', models.PositiveSmallIntegerField()),
                ('weekends', models.BooleanField()),
                ('member', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('organisation', 'member'), name='quiet_hours_once'),
                    models.CheckConstraint(condition=models.Q(('quiet_from__lte', 23), ('quiet_until__lte', 23)), name='quiet_hours_of_a_day'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SignInEmail',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('html', models.TextField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=core.common.clock.now)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['due_at'], name='sign_in_email_due'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('name', models.CharField(max_length=80)),
                ('host', models.CharField(max_length=253)),
                ('sealed_address', models.TextField()),
                ('sealed_secret', models.TextField()),
                ('sealed_former_secret', models.TextField(blank=True)),
                ('former_until', models.DateTimeField(blank=True, null=True)),
                ('lists', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('told_until', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, choices=[('address', 'this is not a web address'), ('unknown', 'there is no such address'), ('inside', 'this address is not on the public internet'), ('unreachable', 'nobody answers there'), ('slow', 'it took too long to answer'), ('redirect', 'it sends us on to another address'), ('status', 'it refuses what we post'), ('large', 'its answer is too large'), ('compressed', 'its answer is compressed in a way we do not read')], max_length=12)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('set_by', core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.member')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('kind', models.CharField(max_length=60)),
                ('ids', models.JSONField(blank=True, default=list)),
                ('happened_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('due', 'on its way'), ('sent', 'arrived'), ('failed', 'given up')], default='due', max_length=8)),
                ('due_at', models.DateTimeField(default=core.common.clock.now)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('endpoint', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='notifications.webhookendpoint')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'due')), fields=['organisation', 'due_at', 'id'], name='webhook_message_due'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=core.common.clock.now, editable=False)),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, choices=[('address', 'this is not a web address'), ('unknown', 'there is no such address'), ('inside', 'this address is not on the public internet'), ('unreachable', 'nobody answers there'), ('slow', 'it took too long to answer'), ('redirect', 'it sends us on to another address'), ('status', 'it refuses what we post'), ('large', 'its answer is too large'), ('compressed', 'its answer is compressed in a way we do not read')], max_length=12)),
                ('milliseconds', models.PositiveIntegerField()),
                ('message', core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='notifications.webhookmessage')),
                ('organisation', models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        TenantTable("IncomingWebhook"),
        TenantTable("Email"),
        TenantTable("MutedKind"),
        TenantTable("BouncingAddress"),
        TenantTable("KindPace"),
        TenantTable("QuietHours"),
        TenantTable("EmailText"),
        TenantTable("InboundMessage"),
        TenantTable("WebhookEndpoint"),
        TenantTable("WebhookMessage"),
        TenantTable("WebhookAttempt"),
    ]
