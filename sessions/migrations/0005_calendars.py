"""When a calendar was last read, and the calendars from which people's busy times come."""

import django.db.models.deletion
from django.db import migrations, models

import core.common.clock
import core.common.ids
import core.tenancy.context
import core.tenancy.models
from core.tenancy.tables import TenantTable


class Migration(migrations.Migration):
    dependencies = [("mentoring_sessions", "0004_access")]

    operations = [
        migrations.AddField(
            model_name="calendarfeed",
            name="read_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="BusyCalendar",
            fields=[
                ("id", models.UUIDField(default=core.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=core.common.clock.now, editable=False)),
                ("sealed_address", models.TextField()),
                ("spans", models.JSONField(blank=True, default=list)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, choices=[("address", "this is not a web address"), ("unknown", "there is no such address"), ("inside", "this address is not on the public internet"), ("unreachable", "nobody answers there"), ("slow", "it took too long to answer"), ("redirect", "it sends us on to another address"), ("status", "it refuses to show the calendar"), ("large", "the calendar is too large"), ("compressed", "it is compressed in a way we do not read"), ("unreadable", "what is there is not a calendar")], max_length=12)),
                ("next_read_at", models.DateTimeField(default=core.common.clock.now)),
                ("member", core.tenancy.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member")),
                ("organisation", models.ForeignKey(db_index=False, default=core.tenancy.context.current_organisation_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation", "member"), name="busy_calendar_once")],
                "indexes": [models.Index(fields=["organisation", "next_read_at"], name="busy_calendar_due")],
            },
        ),
        TenantTable("BusyCalendar"),
    ]
