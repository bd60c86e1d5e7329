"""Delivery: what was answered, addresses that bounce, sign-in mail as rows, claims by two indexes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Lower

import core.common.clock
import core.common.ids
import core.tenancy.context
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [("notifications", "0004_bundles"), ("tenancy", "0001_initial")]

    operations = [
        migrations.AddField(
            "envelope", "deferred_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "envelope",
            "answer",
            models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.RemoveIndex("envelope", "envelope_due"),
        migrations.AddIndex(
            "envelope",
            models.Index(
                condition=models.Q(("lease_until", None), ("state", "due")),
                fields=["channel", "due_at", "id"],
                name="envelope_due",
            ),
        ),
        migrations.AddIndex(
            "envelope",
            models.Index(
                condition=models.Q(("lease_until__isnull", False), ("state", "due")),
                fields=["channel", "lease_until", "id"],
                name="envelope_leased",
            ),
        ),
        migrations.AddIndex(
            "envelope",
            models.Index(
                condition=models.Q(("state", "dead")),
                fields=["organisation", "id"],
                name="envelope_dead",
            ),
        ),
        # a bounce names its e-mail and no organisation
        migrations.RemoveConstraint("envelope", "envelope_once"),
        migrations.AddConstraint(
            "envelope",
            models.UniqueConstraint(fields=("email_id", "channel"), name="envelope_once"),
        ),
        migrations.CreateModel(
            name="BouncingAddress",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("address", models.EmailField(max_length=254)),
                ("answer", models.CharField(blank=True, default="", max_length=16)),
                ("reported", models.BooleanField(default=False)),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "address"), name="bouncing_address_once"),
                    models.CheckConstraint(condition=models.Q(("address", Lower("address"))), name="bouncing_address_folded"),
                ],
            },
        ),
        TenantTable("BouncingAddress"),
        migrations.CreateModel(
            name="SignInEmail",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("address", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(default=core.common.clock.now)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["due_at"], name="sign_in_email_due")],
            },
        ),
    ]
