"""Programs may let people choose each other: whether, how long a request waits, and caps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("programs", "0002_cadence_in_days_weeks_or_months"),
    ]

    operations = [
        migrations.AddField(
            model_name="program",
            name="request_days",
            field=models.PositiveSmallIntegerField(
                default=3, verbose_name="days to answer a request"
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="requests_asked",
            field=models.PositiveSmallIntegerField(default=3, verbose_name="most requests waiting"),
        ),
        migrations.AddField(
            model_name="program",
            name="requests_asking",
            field=models.PositiveSmallIntegerField(
                default=2, verbose_name="most people asked at once"
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="self_match",
            field=models.BooleanField(default=False, verbose_name="self-match"),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("request_days__gte", 1),
                    ("requests_asked__gte", 1),
                    ("requests_asking__gte", 1),
                ),
                name="program_requests",
            ),
        ),
    ]
