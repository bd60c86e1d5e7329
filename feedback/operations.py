"""Partnerships that end by themselves: fallen silent, or their time is over.

It lives here and not in pairing because silence and the number of sessions are known here;
the end itself is pairing's operation.  Source: the health rules of the metric dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from core.common.dates import day_words
from core.common.rows import row_by_row
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy.days import day_of
from feedback.models.check_ins import StaleWarning
from feedback.queries import last_contact
from pairing.errors import PartnershipOver
from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat
from pairing.partnerships.operations import partnerships
from pairing.partnerships.operations.completing import CLOSED_WITH_COHORT
from pairing.partnerships.queries import waits
from pairing.partnerships.seats import seats_told
from programs.models.programs import Cohort, Program
from sessions.attendance.queries import held_counts
from sessions.models.sessions import Session

STALE_DAYS = 60
LAPSED_DAYS = 30  # after the warning


@transaction.atomic
def warn_stale_partnerships(*, at: datetime) -> int:
    """Warn the partners where there has been no contact for 60 days; return how many were.

    Once for each silence: contact ends it, and the next silence is another.
    """
    today = day_of(at)
    before = today - timedelta(days=STALE_DAYS)
    met = Session.objects.filter(
        partnership=OuterRef("pk"), state=Session.State.HELD, day__gt=before
    )
    rows = list(
        Partnership.objects.active()
        .filter(~Exists(met), starts_on__lte=before)
        .select_related("organisation", "cohort__program")
        .order_by("id")
    )
    since = last_contact(rows)
    warned = set(
        StaleWarning.objects.filter(partnership__in=rows).values_list("partnership", "silent_since")
    )

    def warn(partnership: Partnership) -> int:
        # stale_warning_once_per_silence decides between two workers
        warning, is_new = StaleWarning.objects.get_or_create(
            partnership=partnership,
            silent_since=since[partnership.pk],
            defaults={"warned_on": today},
        )
        if is_new:
            lapses = day_words(today + timedelta(days=LAPSED_DAYS), "j F")
            words = {"since": day_words(warning.silent_since, "j F"), "lapses": lapses}
            _write(partnership, "feedback.stale", f"stale:{warning.pk}", lambda seat: words)
        return is_new

    silent = [
        partnership
        for partnership in rows
        if (today - since[partnership.pk]).days >= STALE_DAYS
        and (partnership.pk, since[partnership.pk]) not in warned
    ]
    return row_by_row(silent, warn)


@transaction.atomic
def lapse_stale_partnerships(*, at: datetime) -> int:
    """Let those lapse that were warned 30 days ago and have had no contact since."""
    today = day_of(at)
    warned = StaleWarning.objects.filter(
        warned_on__lte=today - timedelta(days=LAPSED_DAYS),
        partnership__state=Partnership.State.ACTIVE,
    ).select_related("partnership__organisation", "partnership__cohort__program")
    warnings = list(warned.order_by("id"))
    since = last_contact([warning.partnership for warning in warnings])

    def lapse(warning: StaleWarning) -> int:
        cohort = warning.partnership.cohort
        circles = cohort.program.format == Program.Format.CIRCLES
        return _end(
            warning.partnership,
            Partnership.State.LAPSED,
            "no_contact",
            "feedback.lapsed",
            lambda seat: {"first": not circles and waits(seat, cohort)},
        )

    silent = [row for row in warnings if since[row.partnership_id] == row.silent_since]
    return row_by_row(silent, lapse)


@transaction.atomic
def end_partnerships_whose_time_is_over(*, at: datetime) -> int:
    """End what is open after its last day: never started, too few sessions, or completed."""
    return _end_all(Partnership.objects.open().filter(ends_on__lt=day_of(at)), "time_over")


@transaction.atomic
def end_partnerships_of_closed_cohorts(*, at: datetime) -> int:
    """End what is still open when a coordinator closes its cohort, by the same rule; how many.

    Where the closing is undone, pairing takes it up again.  What its people go on with ends on
    the day they have agreed on.
    """
    open_still = Partnership.objects.open().filter(
        cohort__phase=Cohort.Phase.CLOSED, prolonged=False
    )
    return _end_all(open_still, CLOSED_WITH_COHORT)


def _end_all(open_still: PartnershipQuerySet, reason: str) -> int:
    """Without a held session it never started; with fewer than the program agrees on it ended,
    for too few sessions; else it is completed."""
    rows = list(open_still.select_related("organisation", "cohort__program").order_by("id"))
    held = held_counts([partnership.pk for partnership in rows])

    def end(partnership: Partnership) -> int:
        agreed = partnership.cohort.program.sessions_agreed
        if not held[partnership.pk]:
            state, why = Partnership.State.NEVER_STARTED, reason
        elif held[partnership.pk] < agreed:
            state, why = Partnership.State.ENDED, "too_few_sessions"
        else:
            state, why = Partnership.State.COMPLETED, reason
        completed = state == Partnership.State.COMPLETED
        kind = "feedback.completed" if completed else "feedback.over"
        return _end(partnership, state, why, kind)

    return row_by_row(rows, end)


def _end(
    partnership: Partnership,
    state: str,
    reason: str,
    kind: str,
    words: Callable[[Seat], Mapping[str, bool]] = lambda seat: {},
) -> int:
    seats = seats_told(partnership)
    try:
        partnerships.end_partnership(partnership=partnership, state=state, reason=reason, by=None)
    except PartnershipOver:  # somebody was faster
        return 0
    _write(partnership, kind, f"{kind}:{partnership.pk}", words, seats)
    return 1


def _write(
    partnership: Partnership,
    kind: str,
    key: str,
    words: Callable[[Seat], Mapping[str, str | bool]],
    seats: Sequence[Seat] | None = None,
) -> None:
    page = reverse("pairing:partnership", args=[partnership.organisation.slug, partnership.pk])
    enqueue_all(
        [
            Draft(
                member=seat.enrolment.member,
                kind=kind,
                program=partnership.cohort.program_id,
                dedupe_key=f"{key}:{seat.enrolment.member_id}",
                link=Link(page=page),
                context={"partnership": partnership.name, **words(seat)},
                # what is said while it lasts is taken back when it ends
                about=partnership.pk if seats is None else None,
                cause=seat.enrolment_id,
            )
            for seat in (seats_told(partnership) if seats is None else seats)
        ]
    )
