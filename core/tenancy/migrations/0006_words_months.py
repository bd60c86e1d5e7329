"""How long words of people who are still here are kept.  Old code leaves the column empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0005_hourly")]

    operations = [
        migrations.AddField("organisationsettings", "words_months", models.PositiveSmallIntegerField(blank=True, null=True)),
    ]
