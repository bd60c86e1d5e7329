"""Incoming webhooks of Slack and Teams, and what is posted there: rows of the outbox that name one."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantReference, TenantTable


class Migration(migrations.Migration):

    dependencies = [("notifications", "0008_bell"), ("members", "0008_bell")]

    operations = [
        migrations.CreateModel(
            name="IncomingWebhook",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("program_id", models.UUIDField(blank=True, null=True)),
                ("service", models.CharField(choices=[("slack", "Slack"), ("teams", "Microsoft Teams")], max_length=16)),
                ("sealed_address", models.TextField()),
                ("ending", models.CharField(max_length=4)),
                ("posted_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, choices=[("address", "this is not a web address"), ("unknown", "there is no such address"), ("inside", "this address is not on the public internet"), ("unreachable", "nobody answers there"), ("slow", "it took too long to answer"), ("redirect", "it sends us on to another address"), ("status", "it refuses what we post"), ("large", "its answer is too large"), ("compressed", "its answer is compressed in a way we do not read")], max_length=12)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("set_by", core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="members.member")),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "program_id", "service"),
                        name="incoming_webhook_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        TenantTable("IncomingWebhook"),
        migrations.AddField(
            "email",
            "webhook",
            core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="notifications.incomingwebhook"),
        ),
        TenantReference("Email", "webhook"),
    ]
