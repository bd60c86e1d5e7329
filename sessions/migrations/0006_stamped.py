"""When a row was last written, noted by the database.  Old code leaves the column to it."""

from django.db import migrations, models
from django.db.models import functions

from core.tenancy.tables import Stamped


class Migration(migrations.Migration):

    dependencies = [
        ("mentoring_sessions", "0005_calendars"),
        ("tenancy", "0010_tombstone"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Session"),
        migrations.AddField(
            model_name="turn",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Turn"),
        migrations.AddField(
            model_name="attendance",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Attendance"),
    ]
