"""A coordinator may prefer a pair without locking it.  Any release."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pairing", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="pairrule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("locked", "Together"),
                    ("preferred", "Preferred"),
                    ("forbidden", "Never together"),
                ],
                max_length=9,
            ),
        ),
    ]
