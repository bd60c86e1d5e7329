"""More figures that a program may have as an objective; nothing in the database changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0013_stamped")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="objective",
                    name="metric",
                    field=models.CharField(
                        choices=[
                            ("match_rate", "People with a partner, share of all"),
                            ("session_completion", "Sessions held, share of those planned"),
                            ("attendance_rate", "Attendance, share of seats"),
                            ("checkin_response", "Check-ins answered, share of those sent"),
                            ("satisfied", "Satisfied people, share of those who answered"),
                            ("voice_balance", "Balance of voices"),
                            ("decision_days", "Days until a decision"),
                            ("time_to_match", "Days until half have a partner"),
                            ("regular_contact", "Regular contact, share of partnerships"),
                            ("completion", "Partnerships completed, share of those that are over"),
                            ("lead_coverage", "Partners who have led, share of all"),
                            ("shared_leadership", "Shared leadership, from 0 to 100 %"),
                        ],
                        max_length=40,
                        verbose_name="figure",
                    ),
                )
            ]
        )
    ]
