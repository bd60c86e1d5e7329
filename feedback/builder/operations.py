"""Building a survey: its frame, its questions, when it is asked.

Questions that somebody has been asked stay as they were: a change of them is a new version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from core.audit.operations import changes_of, record
from core.members.models import Member
from feedback.builder.moments import session_of
from feedback.errors import (
    AnonymousAfterSession,
    AnonymousSettled,
    AskedOnlyLater,
    NeededLater,
    NothingToAsk,
    TooManyQuestions,
)
from feedback.models.built import BuiltSurvey, SurveyVersion
from feedback.models.surveys import SurveyResponse
from programs.models.programs import Program

MOST_ITEMS = 40
Items = list[dict[str, Any]]


@transaction.atomic
def create_survey(
    *,
    program: Program,
    by: Member,
    title: str,
    intro: str,
    moments: Sequence[str],
    mandatory: bool,
    anonymous: bool,
    items: Sequence[Mapping[str, Any]] = (),
) -> BuiltSurvey:
    """Begin a survey of this program; nobody is asked before `set_asking`."""
    _refuse_unless_together(moments, anonymous)
    survey = BuiltSurvey.objects.create(
        program=program,
        title=title,
        intro=intro,
        moments=list(moments),
        mandatory=mandatory,
        anonymous=anonymous,
    )
    SurveyVersion.objects.create(survey=survey, number=1, items=list(items))
    record(by=by, verb="survey.added", target=survey, program=program.name)
    return survey


@transaction.atomic
def edit_survey(
    *,
    survey: BuiltSurvey,
    by: Member,
    title: str,
    intro: str,
    moments: Sequence[str],
    mandatory: bool,
    anonymous: bool,
) -> BuiltSurvey:
    """Change the frame; it holds from the next round on, and its words at once.

    Raises AnonymousSettled: who answered was told who reads it.
    """
    survey = _locked(survey)
    _refuse_unless_together(moments, anonymous)
    if anonymous != survey.anonymous and _asked(survey.versions.all()):
        raise AnonymousSettled
    fields = {
        "title": title,
        "intro": intro,
        "moments": list(moments),
        "mandatory": mandatory,
        "anonymous": anonymous,
    }
    changes = changes_of(survey, fields)
    if survey.asking and not moments:
        raise NothingToAsk
    for name, value in fields.items():
        setattr(survey, name, value)
    survey.save(update_fields=list(fields))
    if changes:
        record(by=by, verb="survey.edited", target=survey, changes=changes)
    return survey


@transaction.atomic
def set_asking(*, survey: BuiltSurvey, by: Member, asking: bool) -> BuiltSurvey:
    """Ask it from now on at its moments, or ask nobody else; what is open stays open."""
    survey = _locked(survey)
    if asking and not (survey.moments and newest(survey).items):
        raise NothingToAsk
    if survey.asking != asking:
        survey.asking = asking
        survey.save(update_fields=["asking"])
        record(by=by, verb="survey.started" if asking else "survey.stopped", target=survey)
    return survey


@transaction.atomic
def save_item(
    *, survey: BuiltSurvey, by: Member, item: Mapping[str, Any], key: str = ""
) -> BuiltSurvey:
    """Change the question with that key, or add one at the end."""

    def change(items: Items) -> Items:
        if key in {row["key"] for row in items}:
            return [_changed(row, item) if row["key"] == key else row for row in items]
        return [*items, {**item, "key": key or _free_key(survey)}]

    return _change_items(survey, by, change)


@transaction.atomic
def move_item(*, survey: BuiltSurvey, by: Member, key: str, places: int) -> BuiltSurvey:
    """Put a question so many places further down, or up."""

    def change(items: Items) -> Items:
        row = next((row for row in items if row["key"] == key), None)
        if row is None:
            return items
        others = [other for other in items if other is not row]
        place = max(0, min(items.index(row) + places, len(others)))
        return [*others[:place], row, *others[place:]]

    return _change_items(survey, by, change)


@transaction.atomic
def remove_item(*, survey: BuiltSurvey, by: Member, key: str) -> BuiltSurvey:
    """Ask it no more from the next round on.  Raises NeededLater if others depend on it."""
    return _change_items(survey, by, lambda items: [row for row in items if row["key"] != key])


@transaction.atomic
def copy_survey(*, survey: BuiltSurvey, program: Program, by: Member) -> BuiltSurvey:
    """Begin a survey of that program with the same frame and questions."""
    return create_survey(
        program=program,
        by=by,
        title=survey.title,
        intro=survey.intro,
        moments=survey.moments,
        mandatory=survey.mandatory,
        anonymous=survey.anonymous,
        items=newest(survey).items,
    )


@transaction.atomic
def copy_item(*, source: BuiltSurvey, key: str, survey: BuiltSurvey, by: Member) -> BuiltSurvey:
    """Add a question of another survey at the end; after which answer it was asked stays there."""
    item = next(row for row in newest(source).items if row["key"] == key)
    return save_item(survey=survey, by=by, item={**item, "only_if": ""})


def newest(survey: BuiltSurvey) -> SurveyVersion:
    return SurveyVersion.objects.filter(survey=survey).order_by("-number")[0]


def _change_items(survey: BuiltSurvey, by: Member, change: Callable[[Items], Items]) -> BuiltSurvey:
    """Write what `change` makes of the newest questions: in a new version if they were asked."""
    survey = _locked(survey)
    # whoever opens a round meanwhile holds its version: we wait for them, or they for us
    version = SurveyVersion.objects.select_for_update(of=("self",)).get(pk=newest(survey).pk)
    items = change(version.items)
    _refuse_out_of_order(items)
    if len(items) > MOST_ITEMS:
        raise TooManyQuestions
    if survey.asking and not items:
        raise NothingToAsk
    if items == version.items:
        return survey
    if _asked([version]):
        version = SurveyVersion.objects.create(
            survey=survey, number=version.number + 1, items=items
        )
    else:
        version.items = items
        version.save(update_fields=["items"])
    record(by=by, verb="survey.edited", target=survey, version=version.number, items=len(items))
    return survey


def _changed(row: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question as it is to be: what somebody's licence forbids stays so.

    With other words or answers it is no longer scored as the scale that it was of.
    """
    kept = {name: row[name] for name in ("key", "licensed", "scale") if name in row}
    if any(row[name] != item[name] for name in ("kind", "question", "choices", "rows")):
        kept.pop("scale", None)
    return {**item, **kept}


def _asked(versions: Any) -> bool:
    return SurveyResponse.objects.filter(version__in=versions).exists()


def _locked(survey: BuiltSurvey) -> BuiltSurvey:
    rows = BuiltSurvey.objects.select_for_update(of=("self",)).for_list()
    return rows.get(pk=survey.pk)


def _free_key(survey: BuiltSurvey) -> str:
    """Return a key that no question of any version has had."""
    versions = SurveyVersion.objects.filter(survey=survey).values_list("items", flat=True)
    numbers = [int(row["key"][1:]) for items in versions for row in items]
    return f"q{max(numbers, default=0) + 1}"


def _refuse_out_of_order(items: Items) -> None:
    """Raise if a question is to follow from the answer to one that comes later, or is gone."""
    keys = {row["key"] for row in items}
    seen: dict[str, int] = {}
    for row in items:
        earlier, _is, wanted = row["only_if"].partition("=")
        if earlier and (earlier not in keys or int(wanted) > seen.get(earlier, MOST_ITEMS)):
            raise NeededLater
        if earlier and earlier not in seen:
            raise AskedOnlyLater
        seen[row["key"]] = len(row["choices"]) if row["kind"] in {"scale", "choice"} else 0


def _refuse_unless_together(moments: Sequence[str], anonymous: bool) -> None:
    if anonymous and any(session_of(code) for code in moments):
        raise AnonymousAfterSession
