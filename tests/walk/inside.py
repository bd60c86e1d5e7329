"""Where words stand inside columns of JSON, so that the walks find a leak of those too.

Each column of JSON is declared: the shape it has, with `WORDS` wherever somebody writes, or the
reason why it holds none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, ProgrammingError, models, transaction

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from sessions.models.rooms import Room
from tests.kept import kept
from tests.walk.world import World, Worlds, make_worlds

WORDS: Final = "<words>"  # a leaf that somebody writes
ANY: Final = "*"  # every key of an object whose keys are data

STEPS = [{"title": WORDS, "minutes": 10, "kind": "topic"}]
REASONS = [
    {
        "criterion": "goal",
        "label": WORDS,
        "points": 50_000,
        "of": 100_000,
        "shown": 50,
        "shown_of": 100,
        "reason": "overlap_some",
        "fields": ["answer:goal", "answer:goal"],
        "evidence": {"shared": [WORDS], "lacking": [WORDS]},
    }
]
MILESTONES = [{"words": WORDS, "done_on": None}]
FILE = {"headers": [WORDS], "encoding": "utf-8", "rows": 1, "letters": {}, "samples": [[WORDS]]}
# what an empty column is filled with, and which leaves of a full one are words
SHAPES: dict[str, Any] = {
    "agreements.Goal.milestones": MILESTONES,
    "agreements.GoalBody.milestones": MILESTONES,
    "feedback.OwnScale.items": [{"key": "i1", "words": WORDS, "reversed": False}],
    "feedback.ProgramReview.themes": [{"name": WORDS, "comments": []}],
    "feedback.SurveyResult.items": {ANY: {"n": 8, "words": [WORDS]}},
    "feedback.SurveyVersion.items": [{"question": WORDS, "choices": [WORDS], "rows": [WORDS]}],
    "members.Invitation.place": {"program": WORDS, "part": WORDS, "dates": WORDS},
    "members.Segment.filters": {"q": WORDS, "department": WORDS},
    "mentoring_sessions.Session.agenda": STEPS,
    "metrics.RecordImport.reading": FILE,
    "notifications.Email.calendar": [{"name": "session-1.ics", "method": "REQUEST", "text": WORDS}],
    "notifications.Email.context": {ANY: WORDS},
    "pairing.MatchRun.snapshot": {
        "criteria": [{"label": WORDS}],
        "peers": {"columns": {"goal": [WORDS]}},
    },
    "pairing.PartnerRequest.reasons": REASONS,
    "pairing.Partnership.reasons": REASONS,
    "pairing.Proposal.reasons": REASONS,
    "programs.Answer.value": WORDS,
    "programs.Cohort.eligibility": [{"fact": "department", "values": [WORDS]}],
    "programs.LessonVersion.checks": [
        {"question": WORDS, "options": [WORDS, WORDS], "right": 0, "why": WORDS}
    ],
    "programs.LessonVersion.tags": [WORDS],
    "programs.PeopleImport.reading": FILE,
    "programs.PeopleImport.report": {
        "counts": {},
        "done": {},
        "problems": [
            {
                "line": 2,
                "verdict": "new",
                "email": WORDS,
                "name": WORDS,
                "problems": [],
                "changes": [["department", WORDS, WORDS]],
            }
        ],
        "undone": {"removed": 0, "restored": 0, "kept": [WORDS]},
    },
    "programs.Program.agenda": STEPS,
    "programs.Program.season": [{"theme": WORDS, "agenda": "", "milestone": WORDS}],
    "programs.Question.options": [{"key": "one", "name": WORDS}],
}

CODE = "ids, keys and numbers, written by code"
ANSWERED = "what was chosen, in keys and numbers: words stand in a table of their own"
COPIED = "the steps of its session's agenda: `follow_sessions` copies them"
SEALED = "the database opens it to nobody here: test_peers.py says to whom"
NO_WORDS = {
    "agreements.Outcome.count": ANSWERED,
    "audit.AuditEvent.details": "looked through for any words, and written by code",
    "feedback.AnonymousBox.answers": SEALED,
    "feedback.Assessment.scales": ANSWERED,
    "feedback.SurveyResponse.answers": ANSWERED,
    "jobs.Job.input": CODE,
    "jobs.Job.result": "looked through for any words, and written by code",
    "mentoring_sessions.BusyCalendar.spans": CODE,
    "mentoring_sessions.Room.state": COPIED,
    "mentoring_sessions.Tap.detail": CODE,
    "mentoring_sessions.Turn.reason_detail": CODE,
    "metrics.Comparison.balance": CODE,
    "metrics.Finding.facts": CODE,
    "metrics.FitLook.refused": CODE,
    "metrics.FitLook.splits": CODE,
    "metrics.RecordImport.counts": CODE,
    "metrics.RecordImport.mapping": CODE,
    "notifications.Email.link": CODE,
    "notifications.WebhookMessage.ids": CODE,
    "pairing.CriteriaSet.choice": CODE,
    "pairing.LeftOver.detail": CODE,
    "pairing.LeftOver.remedy": CODE,
    "pairing.MatchRun.choice": CODE,
    "pairing.MatchRun.facts": CODE,
    "programs.Criterion.parameters": CODE,
    "programs.PeopleImport.answers": CODE,
    "programs.PeopleImport.cohorts": CODE,
    "programs.PeopleImport.mapping": CODE,
    "programs.PeopleImport.options": CODE,
}


def every_column() -> Iterator[str]:
    """Yield each column of JSON of each tenant table, as `app.Model.column`."""
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            for field in model._meta.local_fields:
                if isinstance(field, models.JSONField):
                    yield f"{model._meta.label}.{field.name}"


def json_of(model: type[TenantModel]) -> dict[str, Any]:
    """Return the shapes of a table's columns of JSON that hold words, by column."""
    label = model._meta.label
    names = [field.name for field in model._meta.local_fields]
    return {name: SHAPES[f"{label}.{name}"] for name in names if f"{label}.{name}" in SHAPES}


def worded(value: Any, shape: Any, new: Callable[[], str]) -> Any:
    """Return a value with a text of `new` for each of its words; if it is empty, its shape."""
    return _replaced(value, shape, new) if value else _filled(shape, new)


def _replaced(value: Any, shape: Any, new: Callable[[], str]) -> Any:
    if shape == WORDS and isinstance(value, str):
        return new()
    if isinstance(shape, list) and shape and isinstance(value, list):
        # one shape for all, or one for each: field, before, after
        shapes = shape if len(shape) == len(value) else shape[:1] * len(value)
        return [_replaced(each, its, new) for each, its in zip(value, shapes, strict=True)]
    if isinstance(shape, dict) and isinstance(value, dict):
        its = {key: shape.get(key, shape.get(ANY)) for key in value}
        return {key: _replaced(each, its[key], new) for key, each in value.items()}
    return value


def _filled(shape: Any, new: Callable[[], str]) -> Any:
    if shape == WORDS:
        return new()
    if isinstance(shape, list):
        return [_filled(each, new) for each in shape]
    if isinstance(shape, dict):
        return {"any" if key == ANY else key: _filled(each, new) for key, each in shape.items()}
    return shape


def follow_sessions() -> None:
    """Give each room the steps that its session has by now."""
    for room in Room.objects.select_related("session"):
        room.state["steps"] = room.session.agenda
        room.save(update_fields=["state"])


def kept_worded() -> Worlds:
    """Return both worlds with their canaries inside JSON too, made once a worker."""
    return kept("worded worlds", _make_worded)


def _make_worded() -> Worlds:
    worlds = make_worlds()
    for world in (worlds.acme, worlds.globex):
        word_all(world)
    return worlds


def word_all(world: World) -> set[str]:
    """Put the world's canary into all JSON of its organisation; return the columns that hold it."""
    with tenant(world.organisation):
        people = list(Member.objects.all())
    done, found = set[UUID](), set[str]()
    for person in people:  # a row is changed by whom its policies let
        with tenant(world.organisation, member=person.pk):
            for model in apps.get_models():
                if issubclass(model, TenantModel) and json_of(model):
                    rows: Any = model._base_manager
                    for row in rows.exclude(pk__in=done):
                        columns = _word(row, f"{world.canary} inside")
                        done |= {row.pk} if columns else set()
                        found |= {f"{model._meta.label}.{name}" for name in columns}
            follow_sessions()
    return found


def _word(row: TenantModel, text: str) -> set[str]:
    """Put a text into a row's JSON; where some must be empty, into what is not; return where."""
    shapes = json_of(type(row))
    for names in (set(shapes), {name for name in shapes if getattr(row, name)}):
        values = {name: worded(getattr(row, name), shapes[name], lambda: text) for name in names}
        with suppress(IntegrityError, ProgrammingError), transaction.atomic():
            if values and type(row)._base_manager.filter(pk=row.pk).update(**values):
                return {name for name in names if text in repr(values[name])}
    return set()
