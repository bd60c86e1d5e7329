"""Texts of e-mails that an organisation or a program has made its own; e-mails know their program."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):

    dependencies = [("notifications", "0006_pacing")]

    operations = [
        migrations.AddField("email", "program_id", models.UUIDField(blank=True, null=True)),
        migrations.CreateModel(
            name="EmailText",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("program_id", models.UUIDField(blank=True, null=True)),
                ("kind", models.CharField(max_length=60)),
                ("case", models.CharField(max_length=30)),
                ("subject", models.CharField(max_length=200)),
                ("button", models.CharField(max_length=60)),
                ("body", models.TextField(max_length=5000)),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "kind", "case", "program_id"),
                        name="email_text_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        TenantTable("EmailText"),
    ]
