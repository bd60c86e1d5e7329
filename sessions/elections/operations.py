"""Electing somebody to a role: each operation knows the step to which it belongs."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import Link, enqueue, withdraw
from core.tenancy.days import day_of
from pairing.errors import NotTheirs, PartnershipNotActive
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import (
    lock_partnership,
    people_told,
    require_seat,
    seats_awaited,
    seats_not_awaited,
)
from programs.models.parts import MeetingRole
from sessions.elections.queries import counted
from sessions.errors import (
    ElectionAlreadyOpen,
    ElectionMovedOn,
    NominationMade,
    NotAllNominated,
    ObjectionNeedsReason,
)
from sessions.models.elections import Election, ElectionVote, Nomination
from sessions.rotation.operations.rotation import replan

NOMINATE_WITHIN = timedelta(days=5)


@transaction.atomic
def open_election(
    *,
    partnership: Partnership,
    role: MeetingRole,
    description: str,
    term_until: date,
    by: Member,
    review_on: date | None = None,
) -> Election:
    """Describe a role and ask everybody at the table whom they nominate.

    Without `review_on` the review is halfway through the term. Raises NotTheirs,
    PartnershipNotActive, ElectionAlreadyOpen; ValueError for a term that ends before tomorrow or
    a review outside it.
    """
    partnership = lock_partnership(partnership)
    seat = require_seat(partnership, by)
    if partnership.state != Partnership.State.ACTIVE:
        raise PartnershipNotActive
    if role.program_id != partnership.cohort.program_id:
        raise NotTheirs
    now = clock.now()
    today = day_of(now)
    review = review_on or today + (term_until - today + timedelta(days=1)) // 2
    if not today < review <= term_until:
        raise ValueError("the review must be in the term, and the term end after today")
    with refusing("election_one_open_per_role", ElectionAlreadyOpen()):
        election = Election.objects.create(
            partnership=partnership,
            role=role,
            description=description,
            opened_by=seat,
            nominate_until=now + NOMINATE_WITHIN,
            term_from=today,
            term_until=term_until,
            review_on=review,
        )
    record(by=by, verb="election.opened", target=election, role=role.name)
    _tell(election, "election_opened", but=by, opener=by.full_name)
    return election


@transaction.atomic
def nominate(
    *, election: Election, nominee: Seat | None, by: Member, reason: str = ""
) -> Nomination:
    """Write down whom one nominates and why, oneself included; None steps aside.

    When the last has, the reasons are heard. Raises NotTheirs, ElectionMovedOn, NominationMade.
    """
    seat = _at(election, Election.State.NOMINATING, by)
    _check_seat(election, nominee)
    with refusing("nomination_once", NominationMade()):
        made = Nomination.objects.create(
            election=election, seat=seat, nominee=nominee, reason=reason.strip()
        )
    if _all_have_nominated(election):
        _move(election, Election.State.REASONS)
    return made


@transaction.atomic
def hear_reasons(*, election: Election, by: Member) -> Election:
    """Show all nominations and hear the reasons in turn, once all have nominated or time is up.

    Raises NotTheirs, ElectionMovedOn, NotAllNominated.
    """
    _at(election, Election.State.NOMINATING, by)
    if clock.now() < election.nominate_until:
        raise NotAllNominated
    return _move(election, Election.State.REASONS)


@transaction.atomic
def open_changes(*, election: Election, by: Member) -> Election:
    """Begin the change round: who was moved by a reason may say so."""
    _at(election, Election.State.REASONS, by)
    return _move(election, Election.State.CHANGES)


@transaction.atomic
def change_nomination(
    *, election: Election, nominee: Seat, by: Member, reason: str = ""
) -> Nomination:
    """Nominate somebody else after having heard the reasons; raises NotTheirs, ElectionMovedOn."""
    seat = _at(election, Election.State.CHANGES, by)
    _check_seat(election, nominee)
    changed, _created = Nomination.objects.update_or_create(
        election=election,
        seat=seat,
        defaults={
            "changed_to": nominee,
            "changed_reason": reason.strip(),
            "changed_at": clock.now(),
        },
    )
    return changed


@transaction.atomic
def propose(*, election: Election, by: Member, candidate: Seat | None = None) -> Election:
    """Ask for consent to one candidate: whom most nominate after the change round, or who is named.

    After an objection a proposal can be made again, with somebody else or the same. Raises
    NotTheirs, ElectionMovedOn; ValueError if nobody is nominated and nobody named.
    """
    _at(election, None, by)
    if election.state not in (Election.State.CHANGES, Election.State.CONSENT):
        raise ElectionMovedOn
    _check_seat(election, candidate)
    best = candidate or _most_nominated(election)
    if best is None:
        raise ValueError("nobody is nominated, so somebody must be named")
    Election.objects.filter(pk=election.pk).update(
        state=Election.State.CONSENT, proposed=best, lap=election.lap + 1
    )
    election.refresh_from_db()
    _take_back_emails(election)
    _tell(election, "election_consent", but=by, candidate=best.enrolment.member.full_name)
    return election


@transaction.atomic
def consent(*, election: Election, consents: bool, by: Member, objection: str = "") -> Election:
    """Consent to the candidate, or object with a reason; when all have consented, it is decided.

    A mind may be changed while the question is open. Raises NotTheirs, ElectionMovedOn,
    ObjectionNeedsReason.
    """
    seat = _at(election, Election.State.CONSENT, by)
    if election.proposed is None or election.proposed.left_at is not None:
        raise ElectionMovedOn
    if not consents and not objection.strip():
        raise ObjectionNeedsReason
    ElectionVote.objects.update_or_create(
        election=election,
        seat=seat,
        lap=election.lap,
        defaults={
            "consents": consents,
            "objection": "" if consents else objection.strip(),
            "voted_at": clock.now(),
        },
    )
    if _all_consent(election):
        _decide(election, by=by)
    return election


@transaction.atomic
def end_election(*, election: Election, by: Member) -> Election:
    """End an election without a result, or a term before its day; the rotation goes on.

    Raises NotTheirs, ElectionMovedOn if it has ended already.
    """
    _at(election, None, by)
    if election.state == Election.State.ENDED:
        raise ElectionMovedOn
    was_elected = election.state == Election.State.ELECTED
    Election.objects.filter(pk=election.pk).update(
        state=Election.State.ENDED, closed_at=clock.now()
    )
    election.refresh_from_db()
    _take_back_emails(election)
    record(by=by, verb="election.ended", target=election)
    if was_elected:
        replan(partnership=election.partnership, cause=election.pk)
    return election


def recount_elections(*, at: datetime) -> int:
    """Take elections on where the table has changed; return how many that moved; safe to repeat.

    Whoever has left is waited for no more, nor who takes a break while it lasts.  An election whose
    candidate has gone goes back to the change round, and a term whose holder has gone is over.
    With its partnership all of it ends.
    """
    live = Election.objects.filter(state__in=[*Election.OPEN, Election.State.ELECTED])

    def recount(row: Election) -> int:
        lock_partnership(row.partnership)
        election = Election.objects.for_list().get(pk=row.pk)
        return _follow_table(election, at)

    return row_by_row(live.filter(Exists(seats_not_awaited(at))).for_list().order_by("id"), recount)


def _follow_table(election: Election, at: datetime) -> bool:
    if election.state == Election.State.ENDED:
        return False
    gone = election.proposed is not None and election.proposed.left_at is not None
    state = Election.State(election.state)
    if not election.partnership.is_open or (gone and state == Election.State.ELECTED):
        Election.objects.filter(pk=election.pk).update(state=Election.State.ENDED, closed_at=at)
        _take_back_emails(election)
        record(by=None, verb="election.ended", target=election)
    elif gone and state == Election.State.CONSENT:
        was = election.proposed
        assert was is not None
        Election.objects.filter(pk=election.pk).update(state=Election.State.CHANGES, proposed=None)
        election.refresh_from_db()
        _take_back_emails(election)
        _tell(election, "election_back", but=None, candidate=was.enrolment.member.full_name)
    elif state == Election.State.CONSENT and _all_consent(election):
        _decide(election, by=None)
    elif state == Election.State.NOMINATING and _all_have_nominated(election):
        _move(election, Election.State.REASONS)
    else:
        return False
    return True


def _all_have_nominated(election: Election) -> bool:
    awaited = {seat.pk for seat in seats_awaited(election.partnership)}
    nominated = Nomination.objects.filter(election=election).values_list("seat", flat=True)
    return bool(awaited) and awaited <= set(nominated)


def _all_consent(election: Election) -> bool:
    votes = counted(election)
    return bool(votes.consented) and not votes.waiting and not votes.objections


def _take_back_emails(election: Election) -> None:
    """Take back what asks for a nomination or for consent and has not left yet."""
    asking = "sessions.election_opened", "sessions.election_consent", "sessions.election_back"
    for kind in asking:
        withdraw(about=election.pk, kind=kind)


def _decide(election: Election, *, by: Member | None) -> None:
    """Let the elected begin: earlier terms in this role end, and the sessions of the term are
    theirs."""
    now = clock.now()
    earlier = Election.objects.in_force().filter(
        partnership=election.partnership, role=election.role
    )
    earlier.update(state=Election.State.ENDED, closed_at=now)
    Election.objects.filter(pk=election.pk).update(state=Election.State.ELECTED, closed_at=now)
    election.refresh_from_db()
    record(by=by, verb="election.decided", target=election, role=election.role.name)
    _take_back_emails(election)
    replan(partnership=election.partnership, cause=election.pk)
    holder = election.proposed
    assert holder is not None
    _tell(election, "election_decided", but=None, holder=holder.enrolment.member.full_name)


def _most_nominated(election: Election) -> Seat | None:
    nominations = Nomination.objects.filter(election=election).order_by("id")
    chosen = [
        nomination.changed_to or nomination.nominee
        for nomination in nominations.select_related("nominee", "changed_to")
    ]
    count = Counter(seat for seat in chosen if seat is not None and seat.left_at is None)
    return count.most_common(1)[0][0] if count else None


def _at(election: Election, state: str | None, by: Member) -> Seat:
    """Hold the election's table, read the election again, and return the person's seat there."""
    lock_partnership(election.partnership)
    election.refresh_from_db()
    seat = require_seat(election.partnership, by)
    if state is not None and election.state != state:
        raise ElectionMovedOn
    return seat


def _check_seat(election: Election, seat: Seat | None) -> None:
    if seat and (seat.partnership_id != election.partnership_id or seat.left_at is not None):
        raise NotTheirs


def _move(election: Election, to: str) -> Election:
    """Go on to another step; `_at` holds the table, so nobody else has."""
    Election.objects.filter(pk=election.pk).update(state=to)
    election.refresh_from_db()
    return election


def _tell(election: Election, kind: str, *, but: Member | None, **context: str) -> None:
    """Write to the table, without whoever did it."""
    for member in people_told(election.partnership):
        if but and member.pk == but.pk:
            continue
        enqueue(
            member=member,
            kind=f"sessions.{kind}",
            program=election.partnership.cohort.program_id,
            dedupe_key=f"sessions.{kind}:{election.pk}:{election.lap}:{member.pk}",
            link=Link(page=election.get_absolute_url()),
            context={
                "partnership": election.partnership.name,
                "role": election.role.name,
                **context,
            },
            about=election.pk,
        )
