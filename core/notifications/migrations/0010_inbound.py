"""Inbound mail: that a message came in by somebody's key, and what came of it."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [("notifications", "0009_webhooks"), ("members", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="InboundMessage",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("digest", models.CharField(max_length=64)),
                ("about_id", models.UUIDField()),
                ("outcome", models.CharField(choices=[("read", "were read"), ("forwarded", "went on to a coordinator"), ("unread", "could not be read, and there was nobody to forward them to"), ("refused", "came too late"), ("foreign", "came from another address, and were not followed"), ("automatic", "were automatic, and were not followed")], max_length=10)),
                ("member", core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member")),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "digest"), name="inbound_message_once"),
                    models.CheckConstraint(condition=models.Q(("outcome__in", ["read", "forwarded", "unread", "refused", "foreign", "automatic"])), name="inbound_message_outcome_known"),
                ],
                "indexes": [models.Index(fields=["organisation", "about_id", "created_at"], name="inbound_message_about")],
            },
        ),
        TenantTable("InboundMessage"),
    ]
