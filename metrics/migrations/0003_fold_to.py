"""From which day on a cohort is folded: what is deleted takes it back to its day."""

from django.db import migrations, models

from core.tenancy.tables import OnDelete

# the mark of each cohort goes back to the earliest day of what is gone
BACK = """
    UPDATE metrics_foldmark m SET day = least(m.day, earliest.day)
    FROM (
        SELECT p.cohort_id, min({day}) AS day
        FROM gone {seats}
        JOIN pairing_partnership_facts p ON p.id = {partnership}
        GROUP BY 1
    ) AS earliest
    WHERE m.cohort_id = earliest.cohort_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0002_alert_notes"),
        ("feedback", "0016_stamped"),
        ("mentoring_sessions", "0006_stamped"),
        ("pairing", "0007_stamped"),
    ]

    operations = [
        migrations.AddField(
            model_name="foldmark", name="day", field=models.DateField(null=True)
        ),
        OnDelete(
            "mentoring_sessions.Session",
            "metrics_session_gone",
            BACK.format(day="gone.day", seats="", partnership="gone.partnership_id"),
        ),
        OnDelete(
            "feedback.CheckIn",
            "metrics_check_in_gone",
            BACK.format(
                day="gone.due_on",
                seats="JOIN pairing_seat_facts t ON t.id = gone.seat_id",
                partnership="t.partnership_id",
            ),
        ),
        # its attendance goes with it; a session whose attendance is written anew says so itself
        OnDelete(
            "pairing.Seat",
            "metrics_seat_gone",
            BACK.format(
                day="(gone.taken_at - interval '1 day')::date",
                seats="",
                partnership="gone.partnership_id",
            ),
        ),
    ]
