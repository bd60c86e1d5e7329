from django.db import migrations

from mentoring.identity.tables import FactsView


class Migration(migrations.Migration):
    """What metrics counts of partnerships, in columns that are only ever added to."""

    dependencies = [("pairing", "0006_rests_and_partings")]

    operations = [
        FactsView(
            "pairing_partnership_facts",
            """
            SELECT organisation_id, id, cohort_id, state = 'withdrawn' AS withdrawn
            FROM pairing_partnership
            """,
        ),
        FactsView(
            "pairing_seat_facts",
            """
            SELECT organisation_id, id, partnership_id, enrolment_id
            FROM pairing_seat
            """,
        ),
    ]
