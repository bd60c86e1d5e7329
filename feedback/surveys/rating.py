"""Ratings: one tap after a session that was held; a row is made only by the answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django import forms
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, withdraw
from core.tenancy.days import day_of
from core.ui.forms import Taps
from feedback.errors import RatingClosed
from feedback.models import SessionRating
from feedback.surveys.base import SCALE, Sheet, Survey, data_of, day_words
from pairing.models.partnerships import Seat
from sessions.models.sessions import Attendance, Session, SessionQuerySet

PURPOSE = "rating"
# Nobody remembers much longer; it also keeps a session recorded late from asking late.
ASK_WITHIN = timedelta(days=3)
# For so long after it was held a session may be rated, and its rating changed.
RATEABLE = timedelta(days=14)
WORTH = (
    (1, _("Not at all")),
    (2, _("A little")),
    (3, _("Some")),
    (4, _("Well")),
    (5, _("Fully")),
)


class _RatingForm(forms.Form):
    rating = forms.TypedChoiceField(
        label=_("Was it worth your time?"), choices=WORTH, coerce=int, widget=Taps(steps=True)
    )


def due(at: datetime) -> list[Attendance]:
    """Return who came to a session held in the last three days, and was not asked yet."""
    rated = SessionRating.objects.filter(session=OuterRef("session"), seat=OuterRef("seat"))
    came = (
        Attendance.objects.filter(
            ~Exists(rated),
            kind=Attendance.Kind.PRESENT,
            seat__left_at=None,
            session__state=Session.State.HELD,
            session__held_at__lte=at,
            session__held_at__gt=at - ASK_WITHIN,
        )
        .exclude(seat__enrolment__member__state=Member.State.LEFT)
        .select_related("session__partnership", "seat__enrolment__member")
        .order_by("pk")
    )
    by_key = {_key(attendance): attendance for attendance in came}
    sent = Email.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True)
    for key in sent:
        del by_key[key]
    return list(by_key.values())


def _key(came: Attendance) -> str:
    return f"rating:{came.session_id}:{came.seat_id}"


def email(came: Attendance) -> Draft:
    session = came.session
    return Draft(
        member=came.seat.enrolment.member,
        kind="feedback.session_rating",
        dedupe_key=_key(came),
        link=Link(signed=PURPOSE, object_id=session.pk),
        context={"partnership": session.partnership.name, "day": day_words(session.day)},
        about=_about(session, came.seat),
    )


def _about(session: Session, seat: Seat) -> UUID:
    """Return what an e-mail about one person's rating of one session is about: both at once."""
    return uuid5(session.pk, seat.pk.hex)


@transaction.atomic
def rate_session(*, session: Session, seat: Seat, rating: int) -> SessionRating:
    """Keep how worthwhile the person in this seat found a held session, 1–5; change it if kept.

    Raises RatingClosed unless it was held in the last 14 days, ValueError off the scale or
    for a seat of another partnership.
    """
    if rating not in SCALE or session.partnership_id != seat.partnership_id:
        raise ValueError("a rating is 1 to 5, by a partner")
    now = clock.now()
    held = Session.objects.filter(
        pk=session.pk, state=Session.State.HELD, held_at__lte=now, held_at__gt=now - RATEABLE
    )
    if not held.exists():
        raise RatingClosed
    kept, _created = SessionRating.objects.update_or_create(
        session=session,
        seat=seat,
        defaults={"rating": rating, "rated_at": now, "day": day_of(now)},
    )
    withdraw(about=_about(session, seat))
    return kept


def sheet(request: HttpRequest, member: Member, session_id: UUID) -> Sheet:
    session = _rateable(member, clock.now()).for_list().filter(pk=session_id).first()
    if session is None:
        # for who was there, however long ago; everybody else gets the one 404
        if not _came_to(session_id, member):
            raise Http404
        return Sheet("feedback/rating_closed.html", {})
    seat = _seat_in(session, member)
    kept = SessionRating.objects.visible_to(member).filter(session=session, seat=seat).first()
    form = _RatingForm(data_of(request), initial={"rating": kept.rating} if kept else {})
    return Sheet(
        "feedback/rating.html",
        {
            "session": session,
            "partnership": session.partnership,
            "day": day_words(session.day),
            "kept": kept,
        },
        form,
        lambda: rate_session(session=session, seat=seat, rating=form.cleaned_data["rating"]),
    )


def _seat_in(session: Session, member: Member) -> Seat:
    """Return the seat from which this person came to a session."""
    came = _present(member).filter(session=session)
    return Seat.objects.select_related("enrolment").get(pk__in=came.values("seat"))


def _rateable(member: Member, at: datetime) -> SessionQuerySet:
    came = _present(member).filter(session=OuterRef("pk"))
    return Session.objects.visible_to(member).filter(
        Exists(came), state=Session.State.HELD, held_at__lte=at, held_at__gt=at - RATEABLE
    )


def _present(member: Member) -> TenantQuerySet[Attendance]:
    return Attendance.objects.filter(kind=Attendance.Kind.PRESENT, seat__enrolment__member=member)


def _came_to(session_id: UUID, member: Member) -> bool:
    """Say whether this person was at a session they may see, however long ago."""
    sessions = Session.objects.visible_to(member).filter(pk=session_id)
    return sessions.filter(Exists(_present(member).filter(session=OuterRef("pk")))).exists()


RATING = Survey(
    name="rating",
    purpose=PURPOSE,
    address="sessions/<uuid:session_id>/rating/",
    due=due,
    email=email,
    sheet=sheet,
)
