"""No third party carries a session's video unless it is chosen; people keep facts of their own."""

import django.contrib.postgres.fields
from django.db import migrations, models

import core.tenancy.models


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0001_initial")]

    operations = [
        migrations.AlterField(
            "organisationsettings",
            "video_template",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            "organisationsettings",
            "own_facts",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                default=core.tenancy.models._own_facts,
                size=None,
            ),
        ),
    ]
