"""What people hear of a decision: that there is one, that they are asked, and what came of it.

An e-mail names the proposal by its one sentence, so that its reader knows what it is about; it
carries no other word of it, no reaction and no answer, and opens the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from agreements.decisions.models import Decision, Wording
from agreements.decisions.queries.ballots import undecided, voters
from agreements.decisions.queries.lists import asking_of
from core.members.models import Member
from core.notifications.operations import Draft, Link, answered, enqueue_all, withdraw
from core.notifications.render import written
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import open_seats

LINK = "vote"
# what asks for an answer, and what asks to look at it
ANSWER = "agreements.decision_vote", "agreements.decision_reminder"
OWNER = "agreements.decision_owner"
LOOK = "agreements.decision_opened", OWNER, "agreements.decision_review"


def tell_opened(decision: Decision, *, by: Seat) -> None:
    """Tell the others that there is a proposal; not in a meeting."""
    if decision.in_the_meeting:
        return
    _send(
        decision,
        "decision_opened",
        [seat for seat in open_seats(decision.partnership) if seat.pk != by.pk],
        key=f"{decision.round}",
        by=by.enrolment.member.full_name,
    )


def ask_for_votes(decision: Decision) -> None:
    """Ask everybody for their answer, once a ballot; not in a meeting, where they sit."""
    if not decision.in_the_meeting:
        _ask(decision, "decision_vote", voters(decision), key=f"{decision.ballot}")


def remind_undecided(decision: Decision) -> int:
    """Remind those without an answer, once a ballot and its extension; return how many."""
    key = f"{decision.ballot}.{int(decision.extended)}"
    return _ask(decision, "decision_reminder", undecided(decision), key=key)


def remind_owner(decision: Decision) -> None:
    """Tell the owner of a decision by advice, once, that it is for them to decide now."""
    _send(decision, "decision_owner", [decision.proposer], key=f"{decision.ballot}")


def tell_closed(decision: Decision) -> None:
    """Tell everybody what came of it; not of an exercise, nor in a meeting."""
    if not decision.practice and not decision.in_the_meeting:
        seats = open_seats(decision.partnership)
        adopted = decision.state == Decision.State.ADOPTED
        _send(decision, "decision_closed", seats, key=f"{decision.ballot}", adopted=adopted)


def tell_review(decision: Decision) -> None:
    """Tell everybody that a decision is up for review, and its owner that it is theirs."""
    seats = open_seats(decision.partnership)
    _send(decision, "decision_review", seats, key=f"{decision.review_on}")


def take_back(decision: Decision, seats: Iterable[Seat]) -> None:
    """Take back unsent e-mails that ask these people for an answer."""
    for seat in seats:
        for kind in ANSWER:
            withdraw(about=asking_of(decision.pk, seat.pk), kind=kind)


def note_answer(decision: Decision, seat: Seat) -> None:
    """Note that somebody has answered, and ask them no more."""
    answered(about=asking_of(decision.pk, seat.pk))
    take_back(decision, [seat])


def _ask(decision: Decision, kind: str, seats: list[Seat], *, key: str) -> int:
    zone = settings_in_force().zone
    named = _named(decision)
    assert decision.closes_at is not None
    return len(
        enqueue_all(
            [
                Draft(
                    member=seat.enrolment.member,
                    kind=f"agreements.{kind}",
                    program=decision.partnership.cohort.program_id,
                    dedupe_key=f"{kind}:{decision.pk}:{key}:{seat.pk}",
                    link=Link(signed=LINK, object_id=decision.pk),
                    context={
                        **named,
                        "until": written(decision.closes_at, seat.enrolment.member, zone),
                    },
                    about=asking_of(decision.pk, seat.pk),
                    needed_by=decision.closes_at,
                )
                for seat in seats
            ]
        )
    )


def _send(decision: Decision, kind: str, seats: list[Seat], *, key: str, **more: object) -> None:
    named = _named(decision)
    enqueue_all(
        [
            Draft(
                member=seat.enrolment.member,
                kind=f"agreements.{kind}",
                program=decision.partnership.cohort.program_id,
                dedupe_key=f"{kind}:{decision.pk}:{key}:{seat.pk}",
                link=Link(page=decision.get_absolute_url()),
                context={**named, "owns": seat.pk == decision.owner_id, **more},
                about=decision.pk,
            )
            for seat in seats
            if seat.left_at is None and seat.enrolment.member.state != Member.State.LEFT
        ]
    )


def take_back_all(decision: Decision) -> None:
    """Take back whatever asks somebody to look at a decision and has not left yet."""
    for kind in LOOK:
        withdraw(about=decision.pk, kind=kind)


def _named(decision: Decision) -> dict[str, object]:
    title = Wording.objects.get(decision=decision, version=decision.version).title
    return {
        "partnership": decision.partnership.name,
        "title": title,
        "practice": decision.practice,
    }
