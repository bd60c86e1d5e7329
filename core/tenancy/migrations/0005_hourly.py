"""A mark says whether only the hour is a reason to look: an idle organisation costs little."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0004_single_sign_on")]

    operations = [
        migrations.AddField(
            "due", "hourly", models.BooleanField(default=False, db_default=False)
        ),
    ]
