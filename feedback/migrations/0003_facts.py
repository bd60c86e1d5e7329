from django.db import migrations

from mentoring.identity.tables import FactsView


class Migration(migrations.Migration):
    """What metrics counts of answers, in columns that are only ever added to."""

    dependencies = [("feedback", "0002_whether_it_works")]

    operations = [
        FactsView(
            "feedback_check_in_facts",
            """
            SELECT organisation_id, id, seat_id, due_on, changed_at,
                coalesce(answered_on < due_on, false) AS in_time
            FROM feedback_checkin
            """,
        ),
        FactsView(
            "feedback_rating_facts",
            """
            SELECT r.organisation_id, a.enrolment_id, a.moment, r.competency_id, r.rating
            FROM feedback_assessment a
            JOIN feedback_assessmentrating r
                ON r.organisation_id = a.organisation_id AND r.assessment_id = a.id
            WHERE a.answered_at IS NOT NULL
            """,
        ),
    ]
