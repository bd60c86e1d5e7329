"""Which address of its organisation a provider knows.  Old code leaves the column empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("members", "0014_merge_proposals")]

    operations = [
        migrations.AddField("identityprovider", "registered_slug", models.SlugField(blank=True, db_default="", max_length=40, db_index=False)),
    ]
