"""Surveys that are a list of items: their one table, page, e-mail and answer.

A new one is a Questionnaire in a file beside this one, its row in `table.SURVEYS`, and a test.
Numbers and keys of choices are kept with the response, words in SurveyWords for their readers;
the answers to an anonymous one are put into a box, as nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from core.common import clock
from core.members.languages import in_language_of
from core.members.models import Member
from core.notifications.operations import Draft, Link, withdraw
from core.notifications.words import in_words_of
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.days import day_of
from core.ui.forms import Taps
from feedback.errors import SurveyClosed
from feedback.models.built import SurveyVersion
from feedback.models.surveys import (
    GIVEN,
    WRITTEN,
    SurveyResponse,
    SurveyResponseQuerySet,
    SurveyWords,
)
from feedback.queries import not_on_a_break
from feedback.surveys.anonymous import put, to_the_day
from feedback.surveys.base import Sheet, Survey, answer, data_of, day_words, next_time
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Enrolment
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text: TypeAlias = str | _StrPromise

MOST_TAPS = 5
NOTHING: tuple[object, ...] = (None, "", [])
Answer: TypeAlias = int | str | Sequence[str]
# the key of an earlier question and the one answer to it after which a question is asked
OnlyIf: TypeAlias = tuple[str, Answer] | None


class Item(Protocol):
    """One question: its field, and the answers that may be kept under its key."""

    @property
    def key(self) -> str: ...
    @property
    def question(self) -> Text: ...
    @property
    def required(self) -> bool: ...
    @property
    def only_if(self) -> OnlyIf: ...
    @property
    def answers(self) -> Sequence[Answer]: ...
    def field(self) -> forms.Field: ...


@dataclass(frozen=True)
class Scale:
    """A question answered by one of two to seven steps in words, kept as 1, 2, …"""

    key: str
    question: Text
    steps: Sequence[Text]
    required: bool = True
    only_if: OnlyIf = None
    # its words are somebody's who does not let them leave this platform
    licensed: bool = False

    @property
    def answers(self) -> Sequence[Answer]:
        return range(1, len(self.steps) + 1)

    def field(self) -> forms.Field:
        return _taps(self, enumerate(self.steps, start=1), int)


@dataclass(frozen=True)
class Choice:
    """A question answered by one of a few choices, kept as its key."""

    key: str
    question: Text
    choices: Sequence[tuple[str, Text]]
    required: bool = True
    only_if: OnlyIf = None

    @property
    def answers(self) -> Sequence[Answer]:
        return [key for key, _words in self.choices]

    def field(self) -> forms.Field:
        return _taps(self, self.choices, str)


@dataclass(frozen=True)
class Choices:
    """A question answered by several of a few choices, kept as the list of their keys."""

    key: str
    question: Text
    choices: Sequence[tuple[str, Text]]
    required: bool = True
    only_if: OnlyIf = None

    @property
    def answers(self) -> Sequence[Answer]:
        return [key for key, _words in self.choices]

    def field(self) -> forms.Field:
        return forms.MultipleChoiceField(
            label=self.question,
            choices=list(self.choices),
            required=self.required,
            widget=forms.CheckboxSelectMultiple,
        )


@dataclass(frozen=True)
class Words:
    """A question answered in words: for the survey's readers, or as nobody's where anonymous."""

    key: str
    question: Text
    required: bool = False
    limit: int = 2000
    only_if: OnlyIf = None

    @property
    def answers(self) -> Sequence[Answer]:
        return [WRITTEN]

    def field(self) -> forms.Field:
        return forms.CharField(
            label=self.question,
            required=self.required,
            max_length=self.limit,
            widget=forms.Textarea(attrs={"rows": 3}),
        )


def _taps(
    item: Scale | Choice, choices: Iterable[tuple[Answer, Text]], coerce: Callable[[Any], Answer]
) -> forms.Field:
    offered = list(choices)
    # more than a row of taps holds stand below one another
    taps = Taps(steps=isinstance(item, Scale)) if len(offered) <= MOST_TAPS else forms.RadioSelect()
    return forms.TypedChoiceField(
        label=item.question,
        choices=offered,
        coerce=coerce,
        empty_value=None,
        required=item.required,
        widget=taps,
    )


@dataclass(frozen=True)
class Wording:
    """What a survey says; `%(name)s`, `%(partnership)s`, `%(program)s` and `%(day)s` are filled in.

    `title` names it on the page, on its button and at home; `about` says what of, `readers` who
    sees the answers, and `closed` why it can no longer be answered.
    """

    title: Text
    heading: Text
    subject: Text
    about: Text
    readers: Text
    closed: Text

    def filled(self, facts: Mapping[str, str]) -> dict[str, str]:
        return {name: str(text) % facts for name, text in vars(self).items()}


@dataclass(frozen=True)
class Occasion:
    """One time at which one person is to be asked: about what, and until when.

    At a table (`seat`), about a `session`, or neither: of the program as a whole.  `key` tells
    apart several occasions about the same: the round of a survey that is repeated.
    """

    enrolment: Enrolment
    closes_at: datetime
    seat: Seat | None = None
    session: Session | None = None
    key: str = ""
    version: SurveyVersion | None = None


@dataclass(frozen=True)
class ReadBy:
    """Who reads what is written in a response beside its author: people, and maybe an audience."""

    people: Sequence[UUID] = ()
    audience: str = ""


def _author_alone(_response: SurveyResponse) -> ReadBy:
    return ReadBy()


def _nothing_before(_request: HttpRequest, _member: Member, sheet: Sheet) -> Sheet:
    return sheet


def _never(_response: SurveyResponse) -> bool:
    return False


def _no_more_facts(_response: SurveyResponse) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Questionnaire:
    """A survey of items: its words, its questions, and who is to be asked at an instant.

    `occasions` may name what was asked before and people who are away: both are left out here.
    `read_by` says who reads the words of a response; `facts` fills in what else the wording names;
    `before` may show another sheet as long as something comes before the questions.
    What is `anonymous` is answered once and never changed, since nobody knows which answer it was.
    Who has not answered what is `reminded` is reminded of it three times.  Where the words and
    items are of the response's version, `of_version` makes the questionnaire of one response, and
    where they follow from whom it is about, `of_response`.
    """

    name: str
    wording: Wording
    items: Sequence[Item]
    occasions: Callable[[datetime], Iterable[Occasion]]
    read_by: Callable[[SurveyResponse], ReadBy] = _author_alone
    facts: Callable[[SurveyResponse], Mapping[str, str]] = _no_more_facts
    before: Callable[[HttpRequest, Member, Sheet], Sheet] = _nothing_before
    anonymous: bool = False
    # whether an answer once given stands for good: others have read it
    stands: Callable[[SurveyResponse], bool] = _never
    reminded: bool = False
    of_version: Callable[[Questionnaire, SurveyVersion], Questionnaire] | None = None
    of_response: Callable[[Questionnaire, SurveyResponse], Questionnaire] | None = None

    def of(self, response: SurveyResponse) -> Questionnaire:
        """Return the questionnaire that this response answers."""
        if self.of_response is not None:
            return self.of_response(self, response)
        if self.of_version is None or response.version is None:
            return self
        return self.of_version(self, response.version)

    @property
    def survey(self) -> Survey:
        return Survey(
            name=self.name,
            purpose=self.name,
            address=f"surveys/{self.name}/<uuid:response_id>/",
            due=partial(_due, self),
            email=partial(_email, self),
            sheet=partial(_sheet, self),
            opens=SurveyResponse,
            waiting=waiting,
        )

    def words(self, response: SurveyResponse) -> dict[str, str]:
        """Return this survey's words for one response."""
        enrolment, seat, session = response.enrolment, response.seat, response.session
        return self.of(response).wording.filled(
            {
                "name": enrolment.member.given_name,
                "partnership": seat.partnership.name if seat else "",
                "program": enrolment.cohort.program.name,
                "day": day_words(session.day) if session else "",
                **self.facts(response),
            }
        )

    def asked(self, answers: Mapping[str, Any]) -> list[Item]:
        """Return the questions that are asked of who gave these answers, in their order."""
        asked: dict[str, Item] = {}
        for item in self.items:
            if item.only_if is None or (
                item.only_if[0] in asked and answers.get(item.only_if[0]) == item.only_if[1]
            ):
                asked[item.key] = item
        return list(asked.values())

    def checked(self, answers: Mapping[str, Answer | None]) -> dict[str, Answer]:
        """Return the answers to be kept; ValueError if one is missing or is none of its item.

        What was answered to a question that is not asked after the other answers is left out.
        """
        given = {
            key: value
            for key, value in answers.items()
            if value is not None and value not in NOTHING
        }
        asked = {item.key: item for item in self.asked(given)}
        known = {item.key for item in self.items}
        kept = {key: value for key, value in given.items() if key in asked or key not in known}
        missing = {item.key for item in asked.values() if item.required} - set(kept)
        if not kept or missing:
            raise ValueError("each question that must be answered")
        marks = {key: WRITTEN if key in self.in_words else value for key, value in kept.items()}
        if any(key not in asked or not _allowed(asked[key], marks[key]) for key in marks):
            raise ValueError("each question once, with one of its answers")
        return kept

    @property
    def in_words(self) -> set[str]:
        """The keys of the items that are answered in words."""
        return {item.key for item in self.items if isinstance(item, Words)}


def _allowed(item: Item, value: Answer) -> bool:
    if isinstance(item, Choices):
        chosen = value if isinstance(value, list | tuple) else [value]
        return len(set(chosen)) == len(chosen) and set(chosen) <= set(item.answers)
    return value in item.answers


class ItemsForm(forms.Form):
    """The questions of a questionnaire; those after one answer alone are asked only then.

    A script hides them until then (static/app.js); without it they say when they are asked.
    """

    def __init__(
        self, data: Any, *, questionnaire: Questionnaire, answers: Mapping[str, Answer]
    ) -> None:
        super().__init__(data, initial=dict(answers))
        self.questionnaire = questionnaire
        self.fields.update({item.key: item.field() for item in questionnaire.items})
        by_key = {item.key: item for item in questionnaire.items}
        for item in questionnaire.items:
            if item.only_if is not None and item.only_if[0] in by_key:
                self._only_if(item, by_key[item.only_if[0]], item.only_if[1])

    def _only_if(self, item: Item, earlier: Item, wanted: Answer) -> None:
        field, before = self.fields[item.key], self.fields[earlier.key]
        words = {str(value): label for value, label in getattr(before, "choices", ())}
        field.required = False  # `clean` asks for it
        field.widget.is_required = False
        field.help_text = gettext("Only if you answered “%(answer)s” to “%(question)s”.") % {
            "answer": words[str(wanted)],
            "question": earlier.question,
        }
        field.widget.attrs |= {"data-only-if": earlier.key, "data-answer": str(wanted)}

    def clean(self) -> dict[str, Any]:
        asked = {item.key for item in self.questionnaire.asked(self.cleaned_data)}
        for item in self.questionnaire.items:
            if item.key not in asked:
                self.cleaned_data.pop(item.key, None)
                self.errors.pop(item.key, None)
            elif item.only_if and item.required and self.cleaned_data.get(item.key) in NOTHING:
                self.add_error(item.key, gettext("This question is asked after your answer above."))
        if not self.errors and all(value in NOTHING for value in self.cleaned_data.values()):
            raise forms.ValidationError(gettext("Answer at least one question."))
        return self.cleaned_data


def _due(questionnaire: Questionnaire, at: datetime) -> list[SurveyResponse]:
    return newly_due(questionnaire, questionnaire.occasions(at), at)


def newly_due(
    questionnaire: Questionnaire, occasions: Iterable[Occasion], at: datetime
) -> list[SurveyResponse]:
    """Return a response for each occasion that has none, of people who are there to be asked."""
    responses = [
        SurveyResponse(
            survey=questionnaire.name,
            enrolment=occasion.enrolment,
            seat=occasion.seat,
            session=occasion.session,
            occasion=occasion.key,
            version=occasion.version,
            opened_at=at,
            closes_at=occasion.closes_at,
        )
        for occasion in occasions
        if occasion.closes_at > at
    ]
    if not responses:
        return []
    people = Enrolment.objects.filter(
        not_on_a_break(day_of(at)),
        pk__in={response.enrolment_id for response in responses},
    ).exclude(Q(state=Enrolment.State.WITHDRAWN) | Q(member__state=Member.State.LEFT))
    due = set(people.values_list("pk", flat=True))
    earlier = SurveyResponse.objects.filter(survey=questionnaire.name, enrolment__in=due)
    before = set(earlier.values_list("enrolment", "seat", "session", "occasion"))
    return [
        response
        for response in responses
        if response.enrolment_id in due and response.about not in before
    ]


def _email(questionnaire: Questionnaire, response: SurveyResponse) -> Draft:
    enrolment = response.enrolment
    with in_language_of(enrolment.member), in_words_of(enrolment.cohort.program_id):
        words = questionnaire.words(response)
    return Draft(
        member=response.enrolment.member,
        kind="feedback.survey",
        program=response.enrolment.cohort.program_id,
        dedupe_key=f"survey:{response.pk}",
        link=Link(signed=questionnaire.name, object_id=response.pk),
        context={name: words[name] for name in ("title", "heading", "subject", "about")},
        about=response.pk,
        cause=response.enrolment_id,  # asked at once with what begins or ends
    )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when that day begins."""
    return datetime.combine(day, time(0), zone)


def _open(at: datetime) -> SurveyResponseQuerySet:
    """Return those that may be answered, or changed.

    A survey closes with its time, when its person withdraws, and with a partnership that broke
    off; the last questions of one that was completed can still be answered.
    """
    seats = Seat.objects.filter(
        Q(left_at=None, partnership__state__in=Partnership.OPEN)
        | Q(left_at=F("partnership__ended_at"), partnership__state=Partnership.State.COMPLETED),
        pk=OuterRef("seat_id"),
    )
    rows = SurveyResponse.objects.filter(Q(seat=None) | Q(Exists(seats)), closes_at__gt=at)
    return rows.exclude(enrolment__state=Enrolment.State.WITHDRAWN)


def waiting(at: datetime) -> SurveyResponseQuerySet:
    """Return those without an answer of people who may be asked now."""
    there = not_on_a_break(day_of(at), "enrolment__")
    paused = Q(seat__partnership__state=Partnership.State.PAUSED)
    return _open(at).filter(there, answered_at=None).exclude(paused)


def my_open_surveys(member: Member, *, at: datetime) -> SurveyResponseQuerySet:
    """Return what this person is asked and has not answered, what closes first first."""
    return waiting(at).visible_to(member).for_list().order_by("closes_at", "pk")


@transaction.atomic
def answer_survey(
    *,
    questionnaire: Questionnaire,
    response: SurveyResponse,
    by: Member,
    answers: Mapping[str, Answer | None],
) -> SurveyResponse:
    """Answer a survey, or change the answer, while it is open; return it as it now is.

    Raises SurveyClosed when it is over; ValueError if it is not `by`'s own, or of another
    survey, or the answers are not those of its items.
    """
    if response.enrolment.member_id != by.pk or response.survey != questionnaire.name:
        raise ValueError("one's own response to this survey")
    now = clock.now()
    questionnaire = questionnaire.of(response)
    kept = questionnaire.checked(answers)
    rows = _open(now).filter(pk=response.pk)
    if questionnaire.anonymous or questionnaire.stands(response):
        rows = rows.filter(answered_at=None)
    if questionnaire.anonymous:
        answer(rows, SurveyClosed(), at=to_the_day(now), answers=GIVEN)
        put(response, kept)
    else:
        texts = {key: str(kept[key]) for key in kept if key in questionnaire.in_words}
        answer(rows, SurveyClosed(), at=now, answers=kept | dict.fromkeys(texts, WRITTEN))
        _keep_texts(questionnaire, response, by, texts)
    withdraw(about=response.pk)
    response.refresh_from_db(fields=["answered_at", "answers"])
    return response


def _keep_texts(
    questionnaire: Questionnaire, response: SurveyResponse, by: Member, texts: Mapping[str, str]
) -> None:
    """Write the words of a response as their author; what is taken back stays as an empty row."""
    if not questionnaire.in_words:
        return
    read_by = questionnaire.read_by(response)
    readers = [by.pk, *(pk for pk in read_by.people if pk != by.pk)]
    with tenant(current_organisation_id(), member=by.pk):
        for key in sorted(questionnaire.in_words):
            values = {
                "text": texts.get(key, "").strip(),
                "readers": readers,
                "audience": read_by.audience,
            }
            rows = SurveyWords.objects.filter(response=response, item=key)
            if not rows.update(**values) and values["text"]:
                SurveyWords.objects.create(response=response, item=key, **values)


def _sheet(
    questionnaire: Questionnaire, request: HttpRequest, member: Member, response_id: UUID
) -> Sheet:
    mine = SurveyResponse.objects.visible_to(member).for_list().filter(survey=questionnaire.name)
    response = get_object_or_404(mine, pk=response_id)
    questionnaire = questionnaire.of(response)
    texts = SurveyWords.objects.visible_to(member).filter(response=response)
    written = dict(texts.values_list("item", "text")) if questionnaire.in_words else {}
    answers = {} if questionnaire.anonymous else {**response.answers, **written}
    form = ItemsForm(data_of(request), questionnaire=questionnaire, answers=answers)
    still_open = _open(clock.now()).filter(pk=response.pk).exists()
    answered = response.answered_at is not None
    for_good = questionnaire.anonymous or questionnaire.stands(response)
    changeable = still_open and not (answered and for_good)
    sheet = Sheet(
        "feedback/survey.html",
        {
            "response": response,
            "words": questionnaire.words(response),
            "open": still_open,
            "changeable": changeable,
            "answering": changeable and (not answered or "change" in request.GET),
        },
        form,
        lambda: answer_survey(
            questionnaire=questionnaire, response=response, by=member, answers=form.cleaned_data
        ),
        answered=answered,
        after=lambda: next_time(response.seat.partnership, member) if response.seat else {},
    )
    return questionnaire.before(request, member, sheet)
