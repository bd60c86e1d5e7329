"""Labels say what a reader would say; no column changes.  Any release may carry it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring_sessions", "0002_lifecycle"),
    ]

    operations = [
        migrations.AlterField(
            model_name="pollanswer",
            name="says",
            field=models.CharField(
                choices=[("yes", "Yes"), ("if_need_be", "Possible"), ("no", "No")], max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="timepoll",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("closed", "Closed"),
                    ("confirmed", "Decided"),
                    ("lapsed", "No time suited"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="open",
                max_length=10,
            ),
        ),
    ]
