"""Batches of people by REST: which one came with which key.  Old code leaves both empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("programs", "0010_community")]

    operations = [
        migrations.AddField("peopleimport", "idempotency_key", models.CharField(blank=True, db_default="", max_length=80)),
        migrations.AddField("peopleimport", "body_digest", models.CharField(blank=True, db_default="", max_length=64)),
    ]
