"""When a row was last written, noted by the database.  Old code leaves the column to it."""

from django.db import migrations, models
from django.db.models import functions

from core.tenancy.tables import Stamped


class Migration(migrations.Migration):

    dependencies = [
        ("agreements", "0002_endings"),
        ("tenancy", "0010_tombstone"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Decision"),
        migrations.AddField(
            model_name="goal",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Goal"),
    ]
