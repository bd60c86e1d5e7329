"""When a row was last written, noted by the database.  Old code leaves the column to it."""

from django.db import migrations, models
from django.db.models import functions

from core.tenancy.tables import Stamped


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0017_language"),
        ("tenancy", "0010_tombstone"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Member"),
    ]
