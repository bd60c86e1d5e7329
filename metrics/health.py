"""Who needs a call, and why: each reason is a rule with evidence, opens and clears by itself.

Source: docs/adr/0010-reasons-that-clear-themselves.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, unique
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.charters.queries import charter_facts
from agreements.goals.queries import goals_past_due
from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models import CheckIn, FitQuestion
from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat
from programs.models.programs import Cohort
from sessions.models.offers import TurnDecline
from sessions.models.sessions import Session, Turn

FIRST_SESSION_DAYS = 14
QUIET_DAYS = 21
QUIET_CADENCES = 1.5
CHARTER_SESSIONS = 2  # it is to be signed before the third
LOW = 2
DECLINED_OFTEN, DECLINED_WITHIN = 3, timedelta(days=90)


@unique
class Reason(StrEnum):
    """Why a partnership stands on the list; the order is that of urgency."""

    NO_FIT = "no_fit"  # somebody said that it does not work for them, and let it be seen
    FALLING = "falling"  # mood or progress ≤ 2 twice, or falling by 2
    NO_FIRST_SESSION = "no_first_session"  # 14 days after publication
    QUIET = "quiet"  # no contact for 21 days, or 1.5 cadences where that is longer
    TWO_MISSED = "two_missed"  # two sessions missed running
    SILENT = "silent"  # two check-ins unanswered running
    ONE_LEADS = "one_leads"  # the same person led 3 of the last 4
    GOALS_PAST_DUE = "goals_past_due"  # an active goal whose day has passed
    CHARTER_UNSIGNED = "charter_unsigned"  # before session 3
    DECLINES = "declines"  # somebody declined 3 turns within 90 days


@dataclass(frozen=True)
class Alert:
    """One reason with its evidence, already in words."""

    reason: Reason
    partnership: Partnership
    title: str
    why: str
    since: date
    person: Member | None = None


def alerts(member: Member, *, now: datetime, limit: int = 20) -> list[Alert]:
    """Return who needs this coordinator today, the most urgent first.

    A fixed number of statements whatever the number of partnerships: they, their sessions,
    their check-ins, answers whether it works, who led, which turns were declined, their
    charters and goals.
    """
    partnerships = list(_coordinated_by(member).for_list())
    if not partnerships:
        return []
    facts = _Facts(partnerships, member, now)
    open_alerts = [alert for partnership in partnerships for alert in facts.alerts_of(partnership)]
    order = list(Reason)
    return sorted(open_alerts, key=lambda alert: (order.index(alert.reason), alert.since))[:limit]


def _coordinated_by(member: Member) -> PartnershipQuerySet:
    """Return the active partnerships this person coordinates; one's own table is not one of them.

    Nobody reads of a partner, as their coordinator, what was not said to them as a partner.
    """
    cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
    own = Seat.objects.open().filter(partnership=OuterRef("pk"), enrolment__member=member)
    rows = Partnership.objects.visible_to(member).active()
    return rows.filter(Exists(cohorts), ~Exists(own))


class _Facts:
    """What is known of some partnerships, read once and asked many times."""

    def __init__(self, partnerships: Sequence[Partnership], member: Member, now: datetime) -> None:
        self.zone = settings_in_force().zone
        self.now, self.today = now, day_of(now, self.zone)
        ids = [partnership.pk for partnership in partnerships]
        self.sessions: dict[UUID, list[Session]] = defaultdict(list)
        for session in Session.objects.filter(partnership__in=ids, starts_at__lte=now).order_by(
            "starts_at"
        ):
            self.sessions[session.partnership_id].append(session)
        self.leads: dict[UUID, UUID] = dict(
            Turn.objects.filter(
                session__partnership__in=ids, session__state=Session.State.HELD, role__leads=True
            ).values_list("session_id", "seat_id")
        )
        self.declined: dict[UUID, list[TurnDecline]] = defaultdict(list)
        for decline in TurnDecline.objects.filter(
            seat__partnership__in=ids, declined_at__gt=now - DECLINED_WITHIN
        ).order_by("declined_at"):
            self.declined[decline.seat_id].append(decline)
        self.check_ins: dict[UUID, list[CheckIn]] = defaultdict(list)
        for check_in in CheckIn.objects.filter(
            seat__partnership__in=ids, seat__left_at=None
        ).order_by("period"):
            self.check_ins[check_in.seat_id].append(check_in)
        self.fits: dict[UUID, FitQuestion] = {
            answer.seat_id: answer
            for answer in FitQuestion.objects.visible_to(member)
            .filter(seat__partnership__in=ids, seat__left_at=None, answered_at__isnull=False)
            .order_by("answered_at", "pk")
        }
        self.charters = charter_facts(ids)
        self.past_due = goals_past_due(ids, today=self.today)

    def alerts_of(self, partnership: Partnership) -> Iterator[Alert]:
        yield from self._contact(partnership)
        yield from self._one_leads(partnership)
        yield from self._agreed(partnership)
        seats: list[Seat] = getattr(partnership, "people", [])
        for seat in seats:
            yield from self._no_fit(partnership, seat)
            yield from self._falling(partnership, seat)
            yield from self._silent(partnership, seat)
            yield from self._declines(partnership, seat)

    def _contact(self, partnership: Partnership) -> Iterator[Alert]:
        past = self.sessions[partnership.pk]
        held = [session for session in past if session.state == Session.State.HELD]
        if not held:
            waiting = (self.now - partnership.published_at).days
            if waiting >= FIRST_SESSION_DAYS:
                yield Alert(
                    Reason.NO_FIRST_SESSION,
                    partnership,
                    _("%(name)s has not met yet") % {"name": partnership.name},
                    ngettext(
                        "Published %(days)d day ago, and no session has been held.",
                        "Published %(days)d days ago, and no session has been held.",
                        waiting,
                    )
                    % {"days": waiting},
                    day_of(partnership.published_at, self.zone),
                )
            return
        last = held[-1]
        quiet = (self.now - last.starts_at).days
        if quiet >= max(QUIET_DAYS, QUIET_CADENCES * partnership.cohort.program.cadence_days):
            yield Alert(
                Reason.QUIET,
                partnership,
                _("%(name)s has had no contact for %(days)d days")
                % {"name": partnership.name, "days": quiet},
                _("Last session: %(day)s.") % {"day": date_format(last.day, "j F")},
                last.day,
            )
        ended = [session for session in past if session.state != Session.State.PLANNED]
        if [session.state for session in ended[-2:]] == [Session.State.MISSED] * 2:
            days = [date_format(session.day, "j F") for session in ended[-2:]]
            yield Alert(
                Reason.TWO_MISSED,
                partnership,
                _("%(name)s missed two sessions running") % {"name": partnership.name},
                _("%(first)s and %(second)s.") % {"first": days[0], "second": days[1]},
                ended[-1].day,
            )

    def _one_leads(self, partnership: Partnership) -> Iterator[Alert]:
        held = [s for s in self.sessions[partnership.pk] if s.state == Session.State.HELD][-4:]
        leaders = [self.leads[session.pk] for session in held if session.pk in self.leads]
        seats: list[Seat] = getattr(partnership, "people", [])
        if len(leaders) < 4 or len(seats) < 3:
            return
        for seat in seats:
            if leaders.count(seat.pk) >= 3:
                yield Alert(
                    Reason.ONE_LEADS,
                    partnership,
                    _("%(person)s led %(times)d of the last four")
                    % {"person": seat.enrolment.member, "times": leaders.count(seat.pk)},
                    _("%(name)s: the other turns of the season can be planned again.")
                    % {"name": partnership.name},
                    held[-1].day,
                    seat.enrolment.member,
                )

    def _no_fit(self, partnership: Partnership, seat: Seat) -> Iterator[Alert]:
        """The last answer counts: a later yes clears a no."""
        last = self.fits.get(seat.pk)
        if last is None or not last.coordinator_sees or last.fits != FitQuestion.Fits.NO:
            return
        assert last.answered_at is not None
        cause = last.get_cause_display() if last.cause else _("No cause was given.")
        yield Alert(
            Reason.NO_FIT,
            partnership,
            _("%(person)s says it does not work") % {"person": seat.enrolment.member},
            _("%(when)s (%(name)s). %(cause)s")
            % {
                "when": last.get_moment_display(),
                "name": partnership.name,
                "cause": cause,
            },
            day_of(last.answered_at, self.zone),
            seat.enrolment.member,
        )

    def _agreed(self, partnership: Partnership) -> Iterator[Alert]:
        """Yield what two facts say, without a word of a goal or a charter."""
        if partnership.pk in self.past_due:
            n, since = self.past_due[partnership.pk]
            yield Alert(
                Reason.GOALS_PAST_DUE,
                partnership,
                ngettext("%(name)s: a goal is past due", "%(name)s: %(n)d goals are past due", n)
                % {"name": partnership.name, "n": n},
                _("Due on %(day)s.") % {"day": date_format(since, "j F")},
                since,
            )
        held = [s for s in self.sessions[partnership.pk] if s.state == Session.State.HELD]
        charter = self.charters[partnership.pk]
        if len(held) >= CHARTER_SESSIONS and not charter.is_signed:
            yield Alert(
                Reason.CHARTER_UNSIGNED,
                partnership,
                _("%(name)s has no charter that all have signed") % {"name": partnership.name},
                ngettext("%(n)d session held", "%(n)d sessions held", len(held)) % {"n": len(held)}
                + ". "
                + (
                    _("Signed by %(signed)d of %(all)d.")
                    % {"signed": charter.signed, "all": charter.partners}
                    if charter.begun
                    else _("None was begun.")
                ),
                held[CHARTER_SESSIONS - 1].day,
            )

    def _declines(self, partnership: Partnership, seat: Seat) -> Iterator[Alert]:
        """A fact, not a fault: a role may be too much, or the wrong one."""
        declined = self.declined[seat.pk]
        if len(declined) < DECLINED_OFTEN:
            return
        reasons = sorted({str(turn.get_reason_display()).lower() for turn in declined})
        yield Alert(
            Reason.DECLINES,
            partnership,
            _("%(person)s declined %(n)d turns")
            % {"person": seat.enrolment.member, "n": len(declined)},
            _("Within 90 days, in %(name)s: %(why)s.")
            % {"name": partnership.name, "why": ", ".join(reasons)},
            day_of(declined[-1].declined_at, self.zone),
            seat.enrolment.member,
        )

    def _falling(self, partnership: Partnership, seat: Seat) -> Iterator[Alert]:
        answered = [
            check_in
            for check_in in self.check_ins[seat.pk]
            if check_in.answered_on and check_in.coordinator_sees
        ]
        if len(answered) < 2:
            return
        before, last = answered[-2:]
        member = seat.enrolment.member
        for name, was, now in [
            (_("mood"), before.mood or 0, last.mood or 0),
            (_("progress"), before.progress or 0, last.progress or 0),
        ]:
            if (was <= LOW and now <= LOW) or was - now >= 2:
                yield Alert(
                    Reason.FALLING,
                    partnership,
                    _("%(person)s: %(what)s is low") % {"person": member, "what": name},
                    _("%(was)d, then %(now)d of 5 in the last two check-ins (%(name)s).")
                    % {"was": was, "now": now, "name": partnership.name},
                    last.answered_on or last.opens_on,
                    member,
                )
                return

    def _silent(self, partnership: Partnership, seat: Seat) -> Iterator[Alert]:
        past = [check_in for check_in in self.check_ins[seat.pk] if check_in.due_on <= self.today]
        due = past[-2:]
        if len(due) == 2 and not any(check_in.answered_at for check_in in due):
            days = [date_format(check_in.opens_on, "j F") for check_in in due]
            yield Alert(
                Reason.SILENT,
                partnership,
                _("%(person)s missed two check-ins") % {"person": seat.enrolment.member},
                _("Asked on %(first)s and %(second)s (%(name)s).")
                % {"first": days[0], "second": days[1], "name": partnership.name},
                due[-1].opens_on,
                seat.enrolment.member,
            )
