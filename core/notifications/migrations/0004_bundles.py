"""What one act has to say to one person goes as one message: envelopes know their bundle."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("notifications", "0003_address")]

    operations = [
        migrations.AddField(
            "envelope", "bundle_id", models.UUIDField(blank=True, null=True)
        ),
        migrations.AddIndex(
            "envelope",
            models.Index(
                condition=models.Q(("bundle_id__isnull", False), ("state", "due")),
                fields=["bundle_id"],
                name="envelope_bundle",
            ),
        ),
    ]
