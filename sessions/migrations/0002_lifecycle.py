"""Sessions called off with their partnership count in no figure; absences of a break go with it."""

from django.db import migrations, models

from core.tenancy.tables import FactsView


class Migration(migrations.Migration):

    dependencies = [("mentoring_sessions", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="absence",
            name="on_break",
            field=models.BooleanField(default=False),
        ),
        FactsView(
            "sessions_session_facts",
            """
            SELECT organisation_id, id, partnership_id, day, starts_at, changed_at, state, cause,
                state = 'held' AS held, state = 'cancelled' AS cancelled,
                state IN ('held', 'missed') OR (
                    state = 'cancelled' AND cause NOT IN ('ended', 'paused', 'taken_back')
                ) AS ended
            FROM mentoring_sessions_session
            """,
        ),
    ]
