"""Sessions come every so many days, weeks or months.  Release 2."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="program",
            name="program_cadence",
        ),
        migrations.RenameField("program", "cadence_weeks", "cadence_every"),
        migrations.AlterField(
            model_name="program",
            name="cadence_every",
            field=models.PositiveSmallIntegerField(default=2, verbose_name="sessions come every"),
        ),
        migrations.AddField(
            model_name="program",
            name="cadence_unit",
            field=models.CharField(
                choices=[
                    ("days", "days"),
                    ("weeks", "weeks"),
                    ("months", "months, on the same weekday"),
                ],
                default="weeks",
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cadence_every__gte", 1),
                    ("check_in_weeks__gte", 1),
                    ("session_minutes__gte", 10),
                ),
                name="program_cadence",
            ),
        ),
    ]
