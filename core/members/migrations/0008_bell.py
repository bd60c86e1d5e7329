"""Until when somebody has seen what stands in their bell.  Code of an older release ignores it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("members", "0007_ways_in")]

    operations = [
        migrations.AddField("member", "bell_opened_at", models.DateTimeField(blank=True, null=True)),
    ]
