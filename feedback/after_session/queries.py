"""What somebody may read of the answers after sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.members.models import Member
from feedback.after_session.operations import IN_WORDS, TURNS
from feedback.models.after_session import SessionFeedback
from feedback.models.surveys import SurveyResponse, SurveyWords
from feedback.surveys.base import EXTENT
from feedback.surveys.rating import AFTER_SESSION, EACH_OTHER, WORTH
from pairing.models.partnerships import Partnership
from sessions.models.sessions import Session


def ratings_of(partnership: Partnership, member: Member) -> list[SessionFeedback]:
    """Return the averages of its sessions that this member may read, oldest first."""
    rows = SessionFeedback.objects.visible_to(member).filter(
        item=WORTH.key, session__partnership=partnership
    )
    return list(rows.select_related("session").order_by("session__starts_at", "pk"))


@dataclass(frozen=True)
class TurnFeedback:
    """What was said to one person about a session that they led.

    `turns` is the average of whether everybody got a turn; the words stand in an order of no
    meaning, and nothing here leads to who wrote them.
    """

    session: Session
    turns: SessionFeedback | None
    helped: Sequence[str]
    to_try: Sequence[str]


def feedback_of_turns(member: Member) -> list[TurnFeedback]:
    """Return what was said to this person, by session, oldest first; two statements."""
    rows = SessionFeedback.objects.visible_to(member).filter(seat__enrolment__member=member)
    by_session: dict[UUID, dict[str, SessionFeedback]] = defaultdict(dict)
    rows = rows.select_related("session__organisation", "session__partnership")
    for row in rows.order_by("session__starts_at", "pk"):
        by_session[row.session_id][row.item] = row
    responses = [
        pk for items in by_session.values() for row in items.values() for pk in row.responses
    ]
    words = SurveyWords.objects.visible_to(member).filter(response__in=responses)
    texts = {(pk, item): text for pk, item, text in words.values_list("response", "item", "text")}

    def written(items: dict[str, SessionFeedback], item: str) -> list[str]:
        order = items[item].responses if item in items else []
        return [text for pk in order if (text := texts.get((pk, item), ""))]

    helped, to_try = IN_WORDS
    return [
        TurnFeedback(
            session=next(iter(items.values())).session,
            turns=items.get(TURNS),
            helped=written(items, helped),
            to_try=written(items, to_try),
        )
        for items in by_session.values()
    ]


def to_try_next(session: Session, member: Member) -> TurnFeedback | None:
    """Return what was said after the last session that this person led before this one."""
    earlier = [
        row for row in feedback_of_turns(member) if row.session.starts_at < session.starts_at
    ]
    return earlier[-1] if earlier else None


@dataclass(frozen=True)
class Partner:
    """One of those who tell each other how a session was, and what they said once it is open."""

    name: str
    answered: bool
    worth: str = ""
    helped: str = ""
    to_try: str = ""


@dataclass(frozen=True)
class Mutual:
    """What partners say to each other after a session: nobody reads before all have answered."""

    mine: SurveyResponse
    others: Sequence[Partner]

    @property
    def open(self) -> bool:
        return self.mine.answered_at is not None and all(row.answered for row in self.others)

    @property
    def missing(self) -> list[str]:
        return [row.name for row in self.others if not row.answered]


def mutual_feedback(session: Session, member: Member) -> Mutual | None:
    """Return what somebody's partners said to them after a session, if they were asked."""
    rows = SurveyResponse.objects.filter(survey=EACH_OTHER, session=session).for_list()
    asked = list(rows.order_by("enrolment__member__given_name", "pk"))
    mine = next((row for row in asked if row.enrolment.member_id == member.pk), None)
    if mine is None:
        return None
    others = [row for row in asked if row is not mine]
    if mine.answered_at is None or any(row.answered_at is None for row in others):
        return Mutual(
            mine,
            [
                Partner(row.enrolment.member.given_name, row.answered_at is not None)
                for row in others
            ],
        )
    words = SurveyWords.objects.visible_to(member).filter(response__in=[row.pk for row in others])
    texts = {(pk, item): text for pk, item, text in words.values_list("response", "item", "text")}
    helped, to_try = IN_WORDS
    return Mutual(
        mine,
        [
            Partner(
                row.enrolment.member.given_name,
                answered=True,
                worth=str(EXTENT[row.answers[WORTH.key] - 1]),
                helped=texts.get((row.pk, helped), ""),
                to_try=texts.get((row.pk, to_try), ""),
            )
            for row in others
        ],
    )


@dataclass(frozen=True)
class AfterSession:
    """What one person reads after a session; what is None or False is not theirs to read."""

    session: Session
    rating: SessionFeedback | None
    turn: TurnFeedback | None
    mutual: Mutual | None
    mine: SurveyResponse | None
    asked_here: bool

    def __bool__(self) -> bool:
        return self.asked_here or self.rating is not None


def after_session(session: Session, member: Member) -> AfterSession:
    ratings = SessionFeedback.objects.visible_to(member).filter(item=WORTH.key, session=session)
    mine = SurveyResponse.objects.visible_to(member).for_list()
    mine = mine.filter(survey__in=AFTER_SESSION, session=session)
    my_response = mine.first()
    turns = [row for row in feedback_of_turns(member) if row.session.pk == session.pk]
    return AfterSession(
        session=session,
        rating=ratings.first(),
        turn=turns[0] if turns else None,
        mutual=mutual_feedback(session, member),
        mine=my_response,
        asked_here=my_response is not None,
    )
