"""How long a web session may be left alone, and whether a second step is asked for.

Both have a default in the database: old code goes on writing settings without them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0002_own_facts")]

    operations = [
        migrations.AddField(
            "organisationsettings",
            "idle_minutes",
            models.PositiveSmallIntegerField(db_default=720, default=720),
        ),
        migrations.AddField(
            "organisationsettings",
            "asks_second_step",
            models.BooleanField(db_default=False, default=False),
        ),
    ]
