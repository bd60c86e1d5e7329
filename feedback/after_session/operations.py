"""What comes back of the answers after a session: shown once, then frozen; and each other's."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from core.common.dates import list_words
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.after_session import SessionFeedback
from feedback.models.surveys import WRITTEN, SurveyResponse, SurveyResponseQuerySet
from feedback.released import thresholds
from feedback.surveys.base import day_words
from feedback.surveys.items import waiting
from feedback.surveys.rating import (
    EACH_OTHER,
    RATED,
    RATING_ALONE,
    TO_THE_LEADER,
    WORTH,
)
from pairing.models.partnerships import Partnership
from sessions.models.sessions import Session

# so many must have answered before whoever led sees an average, and before they read words
TURNS_FROM, WORDS_FROM = 3, 5
# for so long after the questions have closed what was answered last is still shown
AFTERWARDS = timedelta(days=3)
TURNS, IN_WORDS = "turns", ("helped", "try")


@transaction.atomic
def show_answers(*, at: datetime) -> int:
    """Freeze what may be shown of the answers after sessions; return how many questions.

    Answers of earlier days alone count, so that the hour in which something is first shown says
    nothing about who was the last to answer; and what was shown is never counted again, or two
    readings would tell one answer.
    """
    chosen = settings_in_force()
    midnight = datetime.combine(day_of(at, chosen.zone), time(), chosen.zone)
    # what was asked last is also shown last
    complete = SessionFeedback.objects.filter(session=OuterRef("session"), item=IN_WORDS[-1])
    responses = SurveyResponse.objects.filter(
        ~Exists(complete),
        survey__in=(RATING_ALONE, TO_THE_LEADER),
        answered_at__lt=midnight,
        closes_at__gt=at - AFTERWARDS,
    )
    by_session = _by_session(responses.order_by("pk"))
    if not by_session:
        return 0
    sessions = Session.objects.filter(pk__in=by_session).select_related("partnership")
    k = thresholds([row.partnership.cohort_id for row in sessions], chosen.threshold)
    shown = set(
        SessionFeedback.objects.filter(session__in=by_session).values_list(
            "session", "item", "seat"
        )
    )

    def show(session: Session) -> int:
        rows = [
            row
            for row in _showable(session, by_session[session.pk], k[session.partnership.cohort_id])
            if (session.pk, row.item, row.seat_id) not in shown
        ]
        # session_feedback_once decides between two workers
        SessionFeedback.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)

    return row_by_row(sessions.order_by("pk"), show)


def _by_session(responses: Iterable[SurveyResponse]) -> dict[UUID, list[SurveyResponse]]:
    by_session: dict[UUID, list[SurveyResponse]] = defaultdict(list)
    for response in responses:
        if response.session_id:
            by_session[response.session_id].append(response)
    return by_session


def _showable(
    session: Session, responses: Sequence[SurveyResponse], k: int
) -> Iterable[SessionFeedback]:
    """Yield each question that enough people have answered."""
    worth = [response.answers[WORTH.key] for response in responses]
    if len(worth) >= RATED:
        outside = len(worth) >= k and len(set(worth)) > 1
        yield SessionFeedback(
            session=session, item=WORTH.key, total=sum(worth), n=len(worth), outside=outside
        )
    by_leader: dict[str, list[SurveyResponse]] = defaultdict(list)
    for response in responses:
        if response.survey == TO_THE_LEADER:
            by_leader[response.occasion].append(response)
    for leader, answered in by_leader.items():
        yield from _of_turn(session, UUID(leader), answered)


def _of_turn(
    session: Session, leader: UUID, responses: Sequence[SurveyResponse]
) -> Iterable[SessionFeedback]:
    """Yield what may be shown to the one who led, from that seat."""
    n = len(responses)
    if n >= TURNS_FROM:
        total = sum(response.answers[TURNS] for response in responses)
        yield SessionFeedback(session=session, item=TURNS, seat_id=leader, total=total, n=n)
    if n >= WORDS_FROM:
        for item in IN_WORDS:
            written = [row.pk for row in responses if row.answers.get(item) == WRITTEN]
            random.SystemRandom().shuffle(written)
            # also where nobody wrote: who writes later would be known as the one who did
            yield SessionFeedback(
                session=session, item=item, seat_id=leader, n=n, responses=written
            )


@transaction.atomic
def ask_who_has_not_answered(*, at: datetime) -> int:
    """Tell those whose partner has answered that their answer opens both; return how many."""
    theirs = _answered().filter(session=OuterRef("session"))
    rows = waiting(at).filter(Exists(theirs), survey=EACH_OTHER)
    return _write(rows, "feedback.partner_answered")


@transaction.atomic
def tell_that_it_is_open(*, at: datetime) -> int:
    """Tell those who have all answered that they can read each other's; return how many."""
    missing = SurveyResponse.objects.filter(
        survey=EACH_OTHER, session=OuterRef("session"), answered_at=None
    )
    rows = _answered().filter(
        ~Exists(missing), closes_at__gt=at, seat__partnership__state__in=Partnership.OPEN
    )
    return _write(rows.exclude(enrolment__member__state=Member.State.LEFT), "feedback.each_other")


def _answered() -> SurveyResponseQuerySet:
    return SurveyResponse.objects.filter(survey=EACH_OTHER).exclude(answered_at=None)


def _write(rows: SurveyResponseQuerySet, kind: str) -> int:
    """Write to each, once, naming who else has answered after that session."""
    keys = {f"{kind}:{pk}": pk for pk in rows.values_list("pk", flat=True)}
    told = Email.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True)
    new = set(keys.values()) - {keys[key] for key in told}
    responses = list(rows.filter(pk__in=new).for_list().order_by("pk"))
    names: dict[UUID | None, list[tuple[UUID, str]]] = defaultdict(list)
    answered = _answered().filter(session__in=[row.session_id for row in responses])
    columns = ("session", "enrolment", "enrolment__member__given_name")
    for session, enrolment, name in answered.order_by("answered_at").values_list(*columns):
        names[session].append((enrolment, name))
    drafts = []
    for row in responses:
        assert row.session is not None
        assert row.seat is not None
        others = [name for pk, name in names[row.session_id] if pk != row.enrolment_id]
        link = Link(signed=EACH_OTHER, object_id=row.pk)
        if row.answered_at:
            link = Link(page=page_of(row.session))
        drafts.append(
            Draft(
                member=row.enrolment.member,
                kind=kind,
                program=row.enrolment.cohort.program_id,
                dedupe_key=f"{kind}:{row.pk}",
                link=link,
                context={
                    "names": list_words(others),
                    "day": day_words(row.session.day),
                    "partnership": row.seat.partnership.name,
                },
                about=None if row.answered_at else row.pk,
                cause=row.session_id,
            )
        )
    return len(enqueue_all(drafts))


def page_of(session: Session) -> str:
    return reverse("feedback:after_session", args=[session.organisation.slug, session.pk])
