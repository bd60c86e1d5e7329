"""Partnerships that end by themselves: fallen silent, or their time is over.

It lives here and not in pairing because silence and the number of sessions are known here;
the end itself is pairing's operation.  Source: the health rules of the metric dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format

from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy.days import day_of
from feedback.models import StaleWarning
from feedback.queries import last_contact
from pairing.errors import PartnershipOver
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import partnerships
from programs.models.programs import Program
from sessions.attendance.queries import held_counts

STALE_DAYS = 60
LAPSED_DAYS = 30  # after the warning


@transaction.atomic
def warn_stale_partnerships(*, at: datetime) -> int:
    """Warn the partners where there has been no contact for 60 days; return how many were.

    Once for each silence: contact ends it, and the next silence is another.
    """
    today = day_of(at)
    rows = list(Partnership.objects.active().select_related("organisation").order_by("id"))
    since = last_contact(rows)
    silent = [
        partnership for partnership in rows if (today - since[partnership.pk]).days >= STALE_DAYS
    ]
    warnings = [
        StaleWarning(partnership=partnership, silent_since=since[partnership.pk], warned_on=today)
        for partnership in silent
    ]
    # stale_warning_once_per_silence decides between two workers
    StaleWarning.objects.bulk_create(warnings, ignore_conflicts=True, batch_size=1000)
    ids = [warning.pk for warning in warnings]
    ours = StaleWarning.objects.filter(pk__in=ids).select_related(
        "partnership__organisation", "partnership__cohort__program"
    )
    for warning in ours:
        lapses = date_format(today + timedelta(days=LAPSED_DAYS), "j F")
        _write(
            warning.partnership,
            "feedback.stale",
            f"stale:{warning.pk}",
            {"since": date_format(warning.silent_since, "j F"), "lapses": lapses},
        )
    return len(ours)


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
    lapsed = 0
    for warning in warnings:
        if since[warning.partnership_id] == warning.silent_since:
            circles = warning.partnership.cohort.program.format == Program.Format.CIRCLES
            lapsed += _end(
                warning.partnership,
                Partnership.State.LAPSED,
                "no_contact",
                "feedback.lapsed",
                {"first": not circles},
            )
    return lapsed


@transaction.atomic
def end_partnerships_whose_time_is_over(*, at: datetime) -> int:
    """End what is open after its last day: never started, too few sessions, or completed.

    Without a held session it never started; with fewer than the program agrees on it ended,
    for too few sessions; else it is completed.
    """
    today = day_of(at)
    rows = list(
        Partnership.objects.open()
        .filter(ends_on__lt=today)
        .select_related("organisation", "cohort__program")
        .order_by("id")
    )
    held = held_counts([partnership.pk for partnership in rows])
    ended = 0
    for partnership in rows:
        agreed = partnership.cohort.program.sessions_agreed
        if not held[partnership.pk]:
            ended += _end(
                partnership, Partnership.State.NEVER_STARTED, "time_over", "feedback.over"
            )
        elif held[partnership.pk] < agreed:
            ended += _end(partnership, Partnership.State.ENDED, "too_few_sessions", "feedback.over")
        else:
            ended += _end(
                partnership, Partnership.State.COMPLETED, "time_over", "feedback.completed"
            )
    return ended


def _end(
    partnership: Partnership,
    state: str,
    reason: str,
    kind: str,
    words: dict[str, bool] | None = None,
) -> int:
    people = _people(partnership)
    try:
        partnerships.end_partnership(partnership=partnership, state=state, reason=reason, by=None)
    except PartnershipOver:  # somebody was faster
        return 0
    _write(partnership, kind, f"{kind}:{partnership.pk}", {**(words or {})}, people)
    return 1


def _people(partnership: Partnership) -> list[Member]:
    seats = Seat.objects.open().filter(partnership=partnership).select_related("enrolment__member")
    return [seat.enrolment.member for seat in seats.order_by("id")]


def _write(
    partnership: Partnership,
    kind: str,
    key: str,
    context: Mapping[str, str | bool],
    people: Sequence[Member] | None = None,
) -> None:
    page = reverse("pairing:partnership", args=[partnership.organisation.slug, partnership.pk])
    enqueue_all(
        [
            Draft(
                member=member,
                kind=kind,
                dedupe_key=f"{key}:{member.pk}",
                link=Link(page=page),
                context={"partnership": partnership.name, **context},
                # what is said while it lasts is taken back when it ends
                about=partnership.pk if people is None else None,
            )
            for member in (_people(partnership) if people is None else people)
            if member.state != Member.State.LEFT
        ]
    )
