"""A proposal says whose how-manieth choice it is; a left-over person, what would change it.

Any release: old code leaves the new columns empty.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pairing", "0002_pair_rule_preferred")]

    operations = [
        migrations.AddField(
            model_name="proposalseat",
            name="choice",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="proposalseat",
            name="choices",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="leftover",
            name="remedy",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
