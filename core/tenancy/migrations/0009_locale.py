"""An organisation's language may be left to each browser: state alone, no column changes.

Any release may carry it: old code writes a language, and reads none as English.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tenancy", "0008_logo"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="organisationsettings",
                    name="locale",
                    field=models.CharField(blank=True, default="en", max_length=12),
                ),
            ],
        ),
    ]
