"""Whether an organisation's pages open after a sign-in at its own provider alone.

With a default in the database: old code goes on writing settings without it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0003_signing_in")]

    operations = [
        migrations.AddField(
            "organisationsettings",
            "asks_sso",
            models.BooleanField(db_default=False, default=False),
        ),
    ]
