"""Webhooks out: addresses, what each is told, and the tries.  Old code knows none of it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable

PROBLEMS = [
    ("address", "this is not a web address"),
    ("unknown", "there is no such address"),
    ("inside", "this address is not on the public internet"),
    ("unreachable", "nobody answers there"),
    ("slow", "it took too long to answer"),
    ("redirect", "it sends us on to another address"),
    ("status", "it refuses what we post"),
    ("large", "its answer is too large"),
    ("compressed", "its answer is compressed in a way we do not read"),
]


def _organisation() -> models.ForeignKey:
    return models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")


class Migration(migrations.Migration):

    dependencies = [("notifications", "0010_inbound"), ("members", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("name", models.CharField(max_length=80)),
                ("host", models.CharField(max_length=253)),
                ("sealed_address", models.TextField()),
                ("sealed_secret", models.TextField()),
                ("sealed_former_secret", models.TextField(blank=True)),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                ("lists", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ("told_until", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, choices=PROBLEMS, max_length=12)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("set_by", core.tenancy.models.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="members.member")),
                ("organisation", _organisation()),
            ],
            options={"base_manager_name": "objects"},
        ),
        TenantTable("WebhookEndpoint"),
        migrations.CreateModel(
            name="WebhookMessage",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("kind", models.CharField(max_length=60)),
                ("ids", models.JSONField(blank=True, default=list)),
                ("happened_at", models.DateTimeField()),
                ("state", models.CharField(choices=[("due", "on its way"), ("sent", "arrived"), ("failed", "given up")], default="due", max_length=8)),
                ("due_at", models.DateTimeField(default=core.common.clock.now)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("endpoint", core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="notifications.webhookendpoint")),
                ("organisation", _organisation()),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "due")), fields=["organisation", "due_at", "id"], name="webhook_message_due"),
                ],
            },
        ),
        TenantTable("WebhookMessage"),
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, choices=PROBLEMS, max_length=12)),
                ("milliseconds", models.PositiveIntegerField()),
                ("message", core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="notifications.webhookmessage")),
                ("organisation", _organisation()),
            ],
            options={"base_manager_name": "objects"},
        ),
        TenantTable("WebhookAttempt"),
    ]
