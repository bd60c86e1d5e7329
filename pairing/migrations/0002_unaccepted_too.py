"""A run may match people who have not accepted the expectations, where a coordinator says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pairing", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="matchrun",
            name="unaccepted_too",
            field=models.BooleanField(default=False),
        ),
    ]
