"""An organisation's logo.  Old code leaves both columns to the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0007_former_slugs")]

    operations = [
        migrations.AddField("organisationsettings", "logo", models.BinaryField(blank=True, db_default=b"", default=b"")),
        migrations.AddField("organisationsettings", "logo_digest", models.CharField(blank=True, db_default="", default="", max_length=12)),
    ]
