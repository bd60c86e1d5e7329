"""What was deleted, and what stamps rows when they are written.  Old code knows neither."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
from core.tenancy.tables import StampFunctions, TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ("tenancy", "0009_locale"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("table", models.CharField(max_length=63)),
                ("stamped_at", models.DateTimeField()),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organisation", "table", "stamped_at"], name="tombstone_by_table")],
            },
        ),
        TenantTable("Tombstone"),
        StampFunctions(),
    ]
