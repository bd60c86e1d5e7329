from django.db import migrations

from mentoring.identity.tables import FactsView


class Migration(migrations.Migration):
    """What metrics counts of people, in columns that are only ever added to."""

    dependencies = [("programs", "0006_a_role_may_come_after_another")]

    operations = [
        FactsView(
            "programs_enrolment_facts",
            """
            SELECT organisation_id, id, cohort_id
            FROM programs_enrolment
            """,
        ),
    ]
