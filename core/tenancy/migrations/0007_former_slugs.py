"""Addresses that organisations had: they lead on for a year, and are never given to another.

A new table that old code neither reads nor writes.  Nobody changes a row of it: an organisation
that goes back to an address of its own takes the row out.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Lower

import core.common.clock

RIGHTS = """
REVOKE ALL ON tenancy_formerslug FROM roundtable_app;
GRANT SELECT, INSERT, DELETE ON tenancy_formerslug TO roundtable_app
"""


class Migration(migrations.Migration):

    dependencies = [("tenancy", "0006_words_months")]

    operations = [
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("slug", models.SlugField(max_length=40)),
                ("left_at", models.DateTimeField(default=core.common.clock.now)),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation")),
            ],
            options={
                "constraints": [models.UniqueConstraint(Lower("slug"), name="former_slug_once")],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
