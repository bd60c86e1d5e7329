"""What stands behind a figure person by person, and of which group each is; only for cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from metrics.queries.tallied import AsOf, rows_of
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import ENROLLED, Enrolment

GROUPS = ("department", "level", "location")


@dataclass(frozen=True)
class Behind:
    """One enrolment: the person's groups, and what it adds to each figure (numerator, denominator).

    A figure that this person does not stand behind is not among `adds`.
    """

    enrolment: UUID
    groups: Mapping[str, str]
    adds: Mapping[str, tuple[int, int]]


_ATTENDED = """
    SELECT t.enrolment_id, sum(a.present::int)::int, count(*)::int
    FROM pairing_partnership_facts p
    JOIN sessions_session_facts s ON s.partnership_id = p.id
    JOIN sessions_attendance_facts a ON a.session_id = s.id
    JOIN pairing_seat_facts t ON t.id = a.seat_id
    WHERE p.cohort_id = ANY (%(cohorts)s::uuid[]) AND s.held
        AND s.day <= %(today)s AND s.starts_at <= %(now)s
    GROUP BY 1
"""
_CHECKED_IN = """
    SELECT t.enrolment_id, sum(c.in_time::int)::int, count(*)::int
    FROM pairing_partnership_facts p
    JOIN pairing_seat_facts t ON t.partnership_id = p.id
    JOIN feedback_check_in_facts c ON c.seat_id = t.id
    WHERE p.cohort_id = ANY (%(cohorts)s::uuid[]) AND c.due_on <= %(today)s
    GROUP BY 1
"""


def behind(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[UUID, list[Behind]]:
    """Return who stands behind the figures that are cut by group, by cohort; three statements."""
    parameters = as_of.parameters(cohort_ids)
    seats = Seat.objects.filter(
        enrolment=OuterRef("pk"), left_at=None, partnership__state__in=Partnership.OPEN
    )
    counted = {
        key: {enrolment: (part, whole) for enrolment, part, whole in rows_of(select, parameters)}
        for key, select in (("attendance_rate", _ATTENDED), ("checkin_response", _CHECKED_IN))
    }
    with_facts = {enrolment for rows in counted.values() for enrolment in rows}
    columns = [f"member__{group}" for group in GROUPS]
    by_cohort: dict[UUID, list[Behind]] = defaultdict(list)
    for pk, cohort, state, accepted, seated, *groups in (
        Enrolment.objects.filter(ENROLLED | Q(pk__in=with_facts), cohort__in=cohort_ids)
        .annotate(seated=Exists(seats))
        .order_by("cohort", "pk")
        .values_list("pk", "cohort", "state", "accepted_at", "seated", *columns)
    ):
        adds = {key: rows[pk] for key, rows in counted.items() if pk in rows}
        if state in Enrolment.ACCEPTED_OR_LATER and accepted is not None:
            adds["enrolled"] = (1, 1)
        if state == Enrolment.State.ACTIVE:
            adds["match_rate"] = (int(seated), 1)
        by_cohort[cohort].append(Behind(pk, dict(zip(GROUPS, groups, strict=True)), adds))
    return by_cohort
