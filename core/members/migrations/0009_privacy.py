"""That somebody asked to be erased, and that they are.

Any release may carry it: old code leaves the columns empty.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0008_bell")]

    operations = [
        migrations.AddField("member", "erasure_asked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("member", "erased_at", models.DateTimeField(blank=True, null=True)),
    ]
