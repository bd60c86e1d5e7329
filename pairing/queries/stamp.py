"""A stamp of everything a matching depends on: it changes with any of it and costs no snapshot."""

from __future__ import annotations

from django.db import connection

from mentoring.identity.days import today
from mentoring.identity.queries import settings_in_force
from mentoring.identity.tenancy import current_organisation_id
from programs.models import Cohort

# Each line is a table the snapshot reads: how many rows, and the sum of their hashes.  Contents
# are hashed and not times of change, because not every row keeps one.
_STAMP = """
    SELECT
        (SELECT (count(*), sum(hashtextextended(t::text, 0)))::text
            FROM programs_enrolment t WHERE t.cohort_id = %(cohort)s),
        (SELECT (count(*), sum(hashtextextended(t::text, 0)))::text
            FROM programs_answer t JOIN programs_enrolment e ON e.id = t.enrolment_id
            WHERE e.cohort_id = %(cohort)s),
        (SELECT (count(*), sum(hashtextextended(m::text, 0)))::text
            FROM identity_member m JOIN programs_enrolment e ON e.member_id = m.id
            WHERE e.cohort_id = %(cohort)s),
        (SELECT sum(hashtextextended(m.id::text || m.manager_id::text, 0))::text
            FROM identity_member m WHERE m.manager_id IS NOT NULL),
        (SELECT (count(*), sum(hashtextextended(t::text, 0)))::text
            FROM programs_criterion t WHERE t.program_id = %(program)s),
        (SELECT (count(*), sum(hashtextextended(t::text, 0)))::text
            FROM programs_question t WHERE t.program_id = %(program)s),
        (SELECT (count(*), sum(hashtextextended(t::text || p.state, 0)))::text
            FROM pairing_seat t JOIN pairing_partnership p ON p.id = t.partnership_id
            WHERE p.cohort_id = %(cohort)s),
        (SELECT (count(*), sum(hashtextextended(t::text, 0)))::text
            FROM pairing_pairrule t WHERE t.cohort_id = %(cohort)s),
        (SELECT (count(*), sum(hashtextextended(t::text, 0)))::text
            FROM pairing_wish t JOIN programs_enrolment e ON e.id = t.enrolment_id
            WHERE e.cohort_id = %(cohort)s),
        (SELECT (p::text || c.starts_on || c.program_id)
            FROM programs_cohort c JOIN programs_program p ON p.id = c.program_id
            WHERE c.id = %(cohort)s)
"""


def matching_stamp(cohort: Cohort) -> str:
    """Return a stamp of what `take_snapshot` would read now; one statement.

    It holds the day as well, because a pause ends by itself.
    """
    current_organisation_id()
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, {"cohort": cohort.pk, "program": cohort.program_id})
        row = cursor.fetchone()
    settings = settings_in_force()
    return "|".join(str(part) for part in (*row, settings.time_zone, today()))
