"""Surveys that a coordinator built: one row of the table for all of them.

A round is a survey at one of its moments in one cohort.  All who are asked in a round are asked
the same version: one that is made meanwhile holds for the rounds that begin later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.builder.moments import AT_THE_END, day_of_moment, session_of
from feedback.models.built import BuiltSurvey, SurveyResult, SurveyVersion
from feedback.models.surveys import SurveyResponse
from feedback.models.words import Audience
from feedback.surveys.items import (
    Answer,
    Choice,
    Choices,
    Item,
    Occasion,
    Questionnaire,
    ReadBy,
    Scale,
    Wording,
    Words,
    midnight,
)
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Attendance, Session

NAME = "built"
WINDOW = timedelta(days=14)
# as long as a mandatory one may be answered: its three reminders lie within
MANDATORY_WINDOW = timedelta(days=28)
ASK_WITHIN = timedelta(days=3)  # of a session; as for its rating
TAKES_PART = (Enrolment.State.ACTIVE,)
TOOK_PART = (Enrolment.State.ACTIVE, Enrolment.State.COMPLETED, Enrolment.State.FINISHED)
GOES_ON = (Cohort.Phase.RUNNING, Cohort.Phase.CLOSING)

OF_ANYBODY = gettext_lazy(
    "Anonymous: no one can tell which answers are yours. Once the survey is closed, totals are "
    "shown from 5 answers on, and what was written from 8 on."
)
OF_ONES_OWN = gettext_lazy(
    "Your coordinator reads what you write here, with your name. Of your other answers only "
    "totals are shown."
)


def window_of(survey: BuiltSurvey) -> timedelta:
    return MANDATORY_WINDOW if survey.mandatory else WINDOW


def occasion_of(survey: BuiltSurvey, code: str) -> str:
    """Return what its responses at that moment have in common; no other survey has it."""
    return f"{survey.pk.hex}:{code}"


def code_of(occasion: str) -> str:
    return occasion.partition(":")[2]


@dataclass(frozen=True)
class _Round:
    """A survey that may be asked at one moment in one cohort."""

    survey: BuiltSurvey
    cohort: Cohort
    code: str
    version: SurveyVersion

    def occasion(self, enrolment: Enrolment, opens: date, zone: ZoneInfo) -> Occasion:
        closes = midnight(opens + window_of(self.survey), zone)
        key = occasion_of(self.survey, self.code)
        return Occasion(enrolment, closes_at=closes, key=key, version=self.version)

    def opens_for(self, enrolment: Enrolment, zone: ZoneInfo) -> date | None:
        """Return the day on which it opens for them: in a rolling cohort each has their own."""
        cohort = self.cohort
        if cohort.ends_on is not None:
            return day_of_moment(self.code, cohort.starts_on, cohort.ends_on)
        if enrolment.started_at is None:
            return None
        began = day_of(enrolment.started_at, zone)
        return day_of_moment(self.code, began, cohort.last_day_from(began))


def _who_is_asked(at: datetime) -> Iterator[Occasion]:
    surveys = BuiltSurvey.objects.filter(asking=True, program__archived_at=None)
    return occasions_of(list(surveys.order_by("pk")), at)


def occasions_of(surveys: Sequence[BuiltSurvey], at: datetime) -> Iterator[Occasion]:
    """Yield who is to be asked these surveys now, whether they have been or not."""
    rounds = list(_rounds(surveys))
    yield from _on_a_day([row for row in rounds if session_of(row.code) is None], at)
    yield from _after_a_session([row for row in rounds if session_of(row.code)], at)


def _rounds(surveys: Sequence[BuiltSurvey]) -> Iterator[_Round]:
    """Yield the rounds of these surveys in the cohorts that are under way or over."""
    if not surveys:
        return
    newest = newest_versions(surveys)
    phases = (*GOES_ON, Cohort.Phase.CLOSED)
    programs = {survey.program_id for survey in surveys}
    cohorts = Cohort.objects.filter(program__in=programs, phase__in=phases).order_by("pk")
    begun = SurveyResponse.objects.filter(survey=NAME, version__survey__in=surveys)
    first = {
        (cohort, occasion): version
        for cohort, occasion, version in begun.order_by("-version__number").values_list(
            "enrolment__cohort", "occasion", "version"
        )
    }
    versions = SurveyVersion.objects.in_bulk(set(first.values()))
    results = SurveyResult.objects.filter(survey=NAME)
    settled = set(results.values_list("cohort", "occasion"))
    for cohort in cohorts:
        for survey in surveys:
            if survey.program_id != cohort.program_id or survey.pk not in newest:
                continue
            if survey.anonymous and cohort.is_rolling:
                continue  # its people are not asked at one time, so there is no close
            for code in survey.moments:
                if cohort.phase not in GOES_ON and code not in AT_THE_END:
                    continue
                about = (cohort.pk, occasion_of(survey, code))
                if about in settled:
                    continue  # counted and frozen, though its window may be longer since
                asked = first.get(about)
                version = versions[asked] if asked else newest[survey.pk]
                version.survey = survey
                yield _Round(survey, cohort, code, version)


def newest_versions(surveys: Iterable[BuiltSurvey]) -> dict[UUID, SurveyVersion]:
    """Return the newest version of each that has questions."""
    rows = SurveyVersion.objects.filter(survey__in=list(surveys)).order_by("survey", "-number")
    return {row.survey_id: row for row in rows.distinct("survey") if row.items}


def _on_a_day(rounds: Sequence[_Round], at: datetime) -> Iterator[Occasion]:
    zone = settings_in_force().zone
    today = day_of(at, zone)
    due = [row for row in rounds if row.cohort.is_rolling or _is_open(row, None, today, zone)]
    cohorts = {row.cohort.pk for row in due}
    people = Enrolment.objects.filter(cohort__in=cohorts, state__in=TOOK_PART)
    by_cohort: dict[UUID, list[Enrolment]] = {pk: [] for pk in cohorts}
    for enrolment in people.for_list().order_by("pk"):
        by_cohort[enrolment.cohort_id].append(enrolment)
    for row in due:
        states = TOOK_PART if row.code in AT_THE_END else TAKES_PART
        for enrolment in by_cohort[row.cohort.pk]:
            opens = row.opens_for(enrolment, zone)
            if enrolment.state in states and opens and _is_open(row, enrolment, today, zone):
                yield row.occasion(enrolment, opens, zone)


def _is_open(row: _Round, enrolment: Enrolment | None, today: date, zone: ZoneInfo) -> bool:
    opens = row.opens_for(enrolment or Enrolment(), zone)
    return opens is not None and opens <= today < opens + window_of(row.survey)


def _after_a_session(rounds: Sequence[_Round], at: datetime) -> Iterator[Occasion]:
    """Yield who came to a session of such a number that was held in the last three days."""
    by_cohort: dict[tuple[UUID, int | None], list[_Round]] = defaultdict(list)
    for row in rounds:
        by_cohort[row.cohort.pk, session_of(row.code)].append(row)
    came = Attendance.objects.filter(
        kind=Attendance.Kind.PRESENT,
        seat__left_at=None,
        seat__partnership__cohort__in={row.cohort.pk for row in rounds},
        session__number__in={session_of(row.code) for row in rounds},
        session__state=Session.State.HELD,
        session__held_at__lte=at,
        session__held_at__gt=at - ASK_WITHIN,
    ).select_related(
        "session",
        "seat__partnership",
        "seat__enrolment__member",
        "seat__enrolment__cohort__program",
    )
    for attendance in came.order_by("pk") if rounds else ():
        seat, session = attendance.seat, attendance.session
        assert session.held_at is not None
        for row in by_cohort.get((seat.partnership.cohort_id, session.number), ()):
            yield Occasion(
                seat.enrolment,
                seat=seat,
                session=session,
                closes_at=session.held_at + window_of(row.survey),
                key=occasion_of(row.survey, row.code),
                version=row.version,
            )


def questionnaire_of(base: Questionnaire, version: SurveyVersion) -> Questionnaire:
    """Return the words and questions of one version of a built survey."""
    survey = version.survey
    title = _literal(survey.title)
    intro = _literal(survey.intro) or gettext_lazy("About %(program)s.")
    return replace(
        base,
        wording=Wording(
            title=title,
            heading=title,
            subject=title,
            about=intro,
            readers=OF_ANYBODY if survey.anonymous else OF_ONES_OWN,
            closed=CLOSED,
        ),
        items=items_of(version.items),
        anonymous=survey.anonymous,
        reminded=survey.mandatory,
    )


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def items_of(rows: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Return the questions of a version; the lines of a grid are a question each."""
    kinds = {row["key"]: row["kind"] for row in rows}
    return [item for row in rows for item in _items(row, kinds)]


def _items(row: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[Item]:
    key, question, words = row["key"], row["question"], row["choices"]
    earlier, _is, wanted = row["only_if"].partition("=")
    answer: Answer = int(wanted) if kinds.get(earlier) == "scale" else wanted
    frame = {"required": row["required"], "only_if": (earlier, answer) if earlier else None}
    numbered = [(str(number), text) for number, text in enumerate(words, start=1)]
    match row["kind"]:
        case "scale":
            yield Scale(key, question, words, **frame)
        case "choice":
            yield Choice(key, question, numbered, **frame)
        case "choices":
            yield Choices(key, question, numbered, **frame)
        case "matrix":
            for number, line in enumerate(row["rows"], start=1):
                licensed = row.get("licensed", False)
                yield Scale(
                    f"{key}_{number}", f"{question} {line}", words, licensed=licensed, **frame
                )
        case "text":
            yield Words(key, question, **frame)


def _coordinator_reads(_response: SurveyResponse) -> ReadBy:
    return ReadBy(audience=Audience.COORDINATOR)


CLOSED = gettext_lazy("The time to answer this survey is over.")
BUILT = Questionnaire(
    name=NAME,
    wording=Wording(
        title=gettext_lazy("Survey"),
        heading=gettext_lazy("Survey"),
        subject=gettext_lazy("Survey"),
        about=gettext_lazy("About %(program)s."),
        readers=OF_ONES_OWN,
        closed=CLOSED,
    ),
    items=(),
    occasions=_who_is_asked,
    read_by=_coordinator_reads,
    of_version=questionnaire_of,
)
