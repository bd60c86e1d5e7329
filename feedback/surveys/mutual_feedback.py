"""In pairs and trios: named feedback to each other, opened when all have answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from feedback.after_session.lessons import read_lesson
from feedback.models.after_session import FeedbackLesson
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import Sheet, data_of
from feedback.surveys.items import Occasion, Questionnaire, ReadBy, Wording, Words
from feedback.surveys.rating import CIRCLE, EACH_OTHER, WORTH, came
from sessions.models.sessions import Attendance


def _in_pairs_and_trios(at: datetime) -> Iterator[Occasion]:
    for one in came(at):
        if one.people < CIRCLE and one.there > 1:
            yield one.occasion()


def _others(response: SurveyResponse) -> list[Member]:
    """Return who else came to the session."""
    present = Attendance.objects.filter(
        session=response.session_id, kind=Attendance.Kind.PRESENT, seat__left_at=None
    ).exclude(seat=response.seat_id)
    people = Member.objects.filter(pk__in=present.values("seat__enrolment__member"))
    return list(people.order_by("given_name", "pk"))


def _read_by_the_others(response: SurveyResponse) -> ReadBy:
    return ReadBy([member.pk for member in _others(response)])


def _has_opened(response: SurveyResponse) -> bool:
    """Say whether the others can read it: then nobody changes it after reading theirs."""
    session = SurveyResponse.objects.filter(survey=EACH_OTHER, session=response.session_id)
    others = session.exclude(pk=response.pk)
    return others.exists() and not session.filter(answered_at=None).exists()


def _names(response: SurveyResponse) -> Mapping[str, str]:
    names = [member.given_name for member in _others(response)]
    return {"others": get_text_list(names, gettext("and"))}


class _LessonForm(forms.Form):
    read = forms.BooleanField(
        label=_("I have read it"), error_messages={"required": _("Please read it, then tick here.")}
    )


def _after_the_lesson(request: HttpRequest, member: Member, sheet: Sheet) -> Sheet:
    """Show how to give feedback before somebody gives it for the first time."""
    if sheet.answered or not sheet.context["changeable"]:
        return sheet
    if FeedbackLesson.objects.visible_to(member).exists():
        return sheet
    return Sheet(
        "feedback/after_session/lesson.html",
        sheet.context,
        _LessonForm(data_of(request)),
        lambda: read_lesson(by=member),
    )


MUTUAL_FEEDBACK = Questionnaire(
    name=EACH_OTHER,
    wording=Wording(
        title=_("Tell each other how it was"),
        heading=_("How was it with %(others)s, %(name)s?"),
        subject=_("How was it with %(others)s on %(day)s?"),
        about=_("%(partnership)s, your session of %(day)s."),
        readers=_(
            "This has your name on it. %(others)s can read it when everybody who came has answered,"
            " and you can read theirs then. Nobody else can, your coordinator included."
        ),
        closed=_("This can be answered for 14 days, unless the partnership breaks off."),
    ),
    items=(
        WORTH,
        Words("helped", _("What did they do that helped you?"), required=True),
        Words("try", _("What would you like to try next time?")),
    ),
    occasions=_in_pairs_and_trios,
    read_by=_read_by_the_others,
    facts=_names,
    before=_after_the_lesson,
    stands=_has_opened,
)
