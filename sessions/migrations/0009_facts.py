from django.db import migrations

from mentoring.identity.tables import FactsView


class Migration(migrations.Migration):
    """What metrics counts of sessions, in columns that are only ever added to."""

    dependencies = [("mentoring_sessions", "0008_turns_change_hands_and_roles_are_elected")]

    operations = [
        FactsView(
            "sessions_session_facts",
            """
            SELECT organisation_id, id, partnership_id, day, starts_at, changed_at, state, cause,
                state = 'held' AS held, state = 'cancelled' AS cancelled,
                state IN ('held', 'cancelled', 'missed') AS ended
            FROM mentoring_sessions_session
            """,
        ),
        FactsView(
            "sessions_attendance_facts",
            """
            SELECT organisation_id, id, session_id, seat_id, kind, kind = 'present' AS present
            FROM mentoring_sessions_attendance
            """,
        ),
    ]
