"""A letter may bring events for a calendar.  Release 2."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="calendar",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
