"""Which coordinators run all programs is a mark; programs/0005 sets it for those of today.

Any release may carry it: old code leaves the column to the database.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0004_proved_sign_ins")]

    operations = [
        migrations.AddField(
            "member", "runs_all", models.BooleanField(default=False, db_default=False)
        ),
    ]
