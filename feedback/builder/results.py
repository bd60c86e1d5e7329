"""What a survey came to: the rules by which it may be shown, and its rounds in one cohort.

An anonymous round is counted once, at its close, and frozen.  Below k people nothing is shown;
distributions and words from 8 on, the words by the alphabet.  A cell counts as about people also
where it is empty, so small cells are hidden, and the others with them unless two or more are, of
about k people; of a scale the cells are shown only if all of them may be, since its mean would
give a hidden one away.  A mean near an end of its scale is hidden: nearly all gave the same
answer.  The one cut is by part: all of its cells are shown, or none, since the last would follow
from the others.  Of a scale whose items stand in a survey its score is shown (builder/scoring.py).

The answers to a named one are released in steps (feedback/released.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from core.common.rows import row_by_row
from core.members.models import Member
from core.members.permissions import Permission, can
from core.tenancy.queries import settings_in_force
from feedback.assessments.readings import answer_of
from feedback.assessments.scales import ALPHA_FROM, LibraryScale
from feedback.builder.moments import moment_words
from feedback.builder.scoring import (
    Reliability,
    ScaleResult,
    alpha_part,
    reliabilities,
    reliability_in_steps,
    scales_in,
    score_of,
)
from feedback.models.built import SurveyResult, SurveyVersion
from feedback.models.surveys import (
    AnonymousBox,
    SurveyResponse,
    SurveyResponseQuerySet,
    SurveyWords,
)
from feedback.released import Answer, Reading, Released, released
from feedback.surveys.anonymous import PART, answers_in
from feedback.surveys.built import BUILT, code_of, questionnaire_of
from feedback.surveys.closing import CLOSING
from feedback.surveys.items import Choice, Choices, Item, Questionnaire, Scale, Words
from feedback.surveys.pulse import PULSE
from programs.models.programs import Cohort, Enrolment

K, K_CELLS = 5, 8
SHOWN = {row.name: row for row in (PULSE, CLOSING, BUILT)}
LATE = timedelta(days=90)  # so long after its close a round is still looked at
Shown = dict[str, Any]


def publishable(
    items: Sequence[Item], answers: Sequence[Mapping[str, Any]], k: int = K
) -> dict[str, Shown]:
    """Return what may be shown of these anonymous answers, by question."""
    shown = {item.key: _shown(item, answers, k) for item in items}
    return {key: value for key, value in shown.items() if value}


def _shown(item: Item, answers: Sequence[Mapping[str, Any]], k: int) -> Shown:
    given = [(answer[item.key], answer.get(PART, "")) for answer in answers if item.key in answer]
    values = [value for value, _part in given]
    if isinstance(item, Words):
        # by the alphabet: an order that knows nothing of who wrote what, when, or what else
        words = {"n": len(values), "words": sorted(values)}
        return words if len(values) >= max(k, K_CELLS) else {}
    if isinstance(item, Scale):
        return _scale(values, given, len(item.steps), k)
    if len(values) < max(k, K_CELLS):
        return {}
    if isinstance(item, Choices):
        counts = [sum(key in value for value in values) for key in item.answers]
        # who did not choose it is a cell too
        cells = [n if k <= n <= len(values) - k else None for n in counts]
    else:
        counter = Counter(values)
        cells = visible([counter[key] for key in item.answers], k)
    return {"n": len(values), "cells": cells} if any(cells) else {}


def _scale(values: Sequence[int], given: Sequence[tuple[int, str]], steps: int, k: int) -> Shown:
    if not _may_be_averaged(values, steps, k):
        return {}
    shown: Shown = {"n": len(values), "total": sum(values)}
    counter = Counter(values)
    cells = [counter[step] for step in range(1, steps + 1)]
    if len(values) >= K_CELLS and min(cells) >= k:
        shown["cells"] = cells
    by_part: dict[str, list[int]] = defaultdict(list)
    for value, part in given:
        by_part[part].append(value)
    if len(by_part) > 1 and all(_may_be_averaged(row, steps, k) for row in by_part.values()):
        shown["parts"] = {part: [sum(row), len(row)] for part, row in sorted(by_part.items())}
    return shown


def _may_be_averaged(values: Sequence[int], steps: int, k: int) -> bool:
    """Say whether a mean tells of nobody: of enough answers, and not too near an end.

    Near an end it would say that nobody can have answered the other end; of two steps it says
    how many chose which.
    """
    n, total = len(values), sum(values)
    from_an_end = min(total - n, n * steps - total)
    return n >= k and from_an_end >= (steps - 1 if steps > 2 else k) and len(set(values)) > 1


def visible(counts: Sequence[int], k: int) -> list[int | None]:
    """Hide cells under k, also empty ones; and all where what they hold together would tell them.

    It tells the one that is hidden alone, and all where each must be as large as a hidden cell can.
    """
    hidden = [n for n in counts if n < k]
    told = len(hidden) == 1 or sum(hidden) < k or sum(hidden) == len(hidden) * (k - 1)
    return [None if n < k or (hidden and told) else n for n in counts]


@dataclass(frozen=True)
class Round:
    """One survey at one moment in one cohort: who was asked, and who answered."""

    questionnaire: Questionnaire
    cohort_id: UUID
    occasion: str
    version: SurveyVersion | None
    closes_at: datetime
    asked: int
    answered: int

    @property
    def key(self) -> str:
        """The key of its figures: of the released, and of no other round in the cohort."""
        name = self.questionnaire.name
        return self.occasion if self.version else f"{name}:{self.occasion}"


def _rounds(responses: SurveyResponseQuerySet) -> list[Round]:
    """Return the rounds of these responses, the last to close first."""
    rows = list(
        responses.filter(survey__in=SHOWN)
        .order_by()
        .values_list("survey", "enrolment__cohort", "occasion", "version")
        .annotate(
            closes=Max("closes_at"),
            asked=Count("pk"),
            answered=Count("pk", filter=~Q(answered_at=None)),
        )
        .order_by("-closes", "occasion")
    )
    wanted = {version for _name, _cohort, _occasion, version, *_counts in rows if version}
    versions = SurveyVersion.objects.select_related("survey").in_bulk(wanted)
    rounds = []
    for name, cohort_id, occasion, version_id, *counts in rows:
        version = versions.get(version_id)
        questionnaire = questionnaire_of(SHOWN[name], version) if version else SHOWN[name]
        rounds.append(Round(questionnaire, cohort_id, occasion, version, *counts))
    return rounds


def settle_anonymous_surveys(*, at: datetime) -> int:
    """Count each anonymous round that has closed, once; return how many."""
    settled = set(SurveyResult.objects.values_list("survey", "cohort", "occasion"))
    rows = _rounds(SurveyResponse.objects.filter(closes_at__gt=at - LATE))
    closed = [
        row
        for row in rows
        if row.questionnaire.anonymous
        and row.closes_at <= at
        and (row.questionnaire.name, row.cohort_id, row.occasion) not in settled
    ]
    return row_by_row(closed, _settle)


def _settle(row: Round) -> None:
    boxes = AnonymousBox.objects.filter(
        survey=row.questionnaire.name,
        cohort=row.cohort_id,
        occasion=row.occasion,
        partnership=None,
    )
    k = max(K, settings_in_force().threshold)
    answers = answers_in(boxes)
    result = SurveyResult(
        survey=row.questionnaire.name,
        cohort_id=row.cohort_id,
        occasion=row.occasion,
        items=publishable(row.questionnaire.items, answers, k)
        | dict(reliabilities(scales_in(row.version), answers)),
    )
    # another worker may have counted it
    SurveyResult.objects.bulk_create([result], ignore_conflicts=True)


def survey_readings(cohort_id: UUID) -> Iterator[Reading]:
    """Yield what was answered to the named surveys of a cohort, question by question."""
    rows = (
        SurveyResponse.objects.filter(enrolment__cohort=cohort_id, survey__in=SHOWN)
        .exclude(answered_at=None)
        .select_related("version__survey")
        .order_by("pk")
    )
    readings: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    enough: dict[tuple[str, str], int] = {}
    for row in rows:
        questionnaire = SHOWN[row.survey].of(row)
        if questionnaire.anonymous:
            continue
        key = row.occasion if row.version_id else f"{row.survey}:{row.occasion}"
        for item in questionnaire.items:
            if item.key not in row.answers:
                continue
            for part, value, adds in _counted(item, row.answers[item.key]):
                about = frozenset({row.enrolment_id})
                readings[key, part].append(Answer(row.pk, about, values=(value,), adds=adds))
                enough[key, part] = 0 if isinstance(item, Scale) else K_CELLS
        for scale in scales_in(row.version):
            if (keyed := scale.keyed(row.answers)) is not None:
                part = alpha_part(scale)
                readings[key, part].append(answer_of(row.pk, row.enrolment_id, keyed))
                enough[key, part] = ALPHA_FROM
    for (key, part), answers in readings.items():
        yield Reading(key, part, answers, at_least=enough[key, part])


def _counted(item: Item, value: Any) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Yield the figures that one answer adds to: their part, what nobody may know, and counts."""
    if isinstance(item, Scale):
        yield item.key, value, (value, 1)
    elif isinstance(item, Choice):
        yield item.key, list(item.answers).index(value), _one_of(item, value)
    elif isinstance(item, Choices):
        for key in item.answers:
            yield f"{item.key}:{key}", int(key in value), (int(key in value), 1)


def _one_of(item: Choice, value: str) -> tuple[int, ...]:
    return tuple(int(key == value) for key in item.answers)


@dataclass(frozen=True)
class Cell:
    """How many gave one answer; None where it is not shown."""

    label: str
    n: int | None
    of: int

    @property
    def width(self) -> int:
        return round(100 * (self.n or 0) / self.of)


@dataclass(frozen=True)
class ItemResult:
    """What is shown of one question; without n, nothing is."""

    question: str
    n: int = 0
    total: int = 0
    steps: int = 0
    cells: Sequence[Cell] = ()
    parts: Sequence[tuple[str, float, int]] = ()
    words: Sequence[str] = ()
    until: date | None = None
    in_words: bool = False
    # stands for it in a file where its words must not
    licensed_as: str = ""

    @property
    def mean(self) -> float | None:
        return round(self.total / self.n, 2) if self.n and self.steps else None


@dataclass(frozen=True)
class RoundResult:
    """A round with all that is shown of it today."""

    row: Round
    title: str
    moment: str
    items: Sequence[ItemResult] = ()
    scales: Sequence[ScaleResult] = ()

    @property
    def waits(self) -> bool:
        return self.row.questionnaire.anonymous and not self.items


def results_of(cohort: Cohort, member: Member) -> list[RoundResult]:
    """Return the rounds of a cohort with what this member may see of them.

    Totals are for whoever reads figures; what people wrote is for who runs the program.
    """
    reads = can(member, Permission.PROGRAMS_MANAGE)
    rounds = _rounds(SurveyResponse.objects.filter(enrolment__cohort=cohort))
    results = SurveyResult.objects.visible_to(member).filter(cohort=cohort)
    frozen = {(row.survey, row.occasion): row.items for row in results}
    steps = released([cohort.pk])[cohort.pk]
    written: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    texts = SurveyWords.objects.visible_to(member).filter(response__enrolment__cohort=cohort)
    for text in texts.exclude(text="").for_list().order_by("response__enrolment__member", "pk"):
        about = (text.response.survey, text.response.occasion, text.item)
        written[about].append(f"{text.response.enrolment.member}: {text.text}")
    shown = []
    for row in rounds:
        name = row.questionnaire.name
        items: list[ItemResult] = []
        kept = frozen.get((name, row.occasion), {})
        if not row.questionnaire.anonymous:
            items = [
                _of_steps(item, row.key, steps, written[name, row.occasion, item.key])
                for item in row.questionnaire.items
            ]
        elif (name, row.occasion) in frozen:
            items = [_of_kept(item, kept.get(item.key, {})) for item in row.questionnaire.items]
        scales = [
            score_of(scale, _totals(row, items), _reliability(scale, row, steps, kept))
            for scale in (scales_in(row.version) if items else ())
        ]
        items = [
            replace(shown_item, licensed_as=_licensed_as(item))
            for shown_item, item in zip(items, row.questionnaire.items, strict=False)
        ]
        if not reads:
            items = [replace(item, words=()) for item in items]
        words = row.questionnaire.wording.filled(_facts(cohort))
        shown.append(RoundResult(row, words["title"], _moment(row), items, scales))
    return shown


def _totals(row: Round, items: Sequence[ItemResult]) -> dict[str, tuple[int, int]]:
    """Return the totals that are shown, and over how many answers, by question."""
    pairs = zip(row.questionnaire.items, items, strict=True)
    return {item.key: (shown.total, shown.n) for item, shown in pairs if shown.mean is not None}


def _reliability(
    scale: LibraryScale,
    row: Round,
    steps: Mapping[tuple[str, str], Released],
    kept: Mapping[str, Shown],
) -> Reliability | None:
    part = alpha_part(scale)
    if row.questionnaire.anonymous:
        return Reliability(kept[part]["alpha"], kept[part]["n"]) if part in kept else None
    return reliability_in_steps(steps.get((row.key, part)))


def _licensed_as(item: Item) -> str:
    return item.key if isinstance(item, Scale) and item.licensed else ""


def _facts(cohort: Cohort) -> dict[str, str]:
    return {"name": "", "program": cohort.program.name, "partnership": "", "day": ""}


def _moment(row: Round) -> str:
    return moment_words(code_of(row.occasion) if row.version else row.occasion)


def _of_kept(item: Item, kept: Mapping[str, Any]) -> ItemResult:
    """Return what the frozen result of an anonymous round shows of a question."""
    parts = dict(Enrolment.Part.choices)
    n = kept.get("n", 0)
    return ItemResult(
        str(item.question),
        n,
        kept.get("total", 0),
        len(item.steps) if isinstance(item, Scale) else 0,
        _cells(item, kept["cells"], n) if "cells" in kept else (),
        [
            (str(parts.get(part, _("Others"))), round(total / people, 2), people)
            for part, (total, people) in kept.get("parts", {}).items()
        ],
        kept.get("words", ()),
        in_words=isinstance(item, Words),
    )


def _of_steps(
    item: Item,
    key: str,
    steps: Mapping[tuple[str, str], Released],
    written: Sequence[str],
) -> ItemResult:
    """Return what has been released of a question to a named survey."""
    question = str(item.question)
    if isinstance(item, Words):
        return ItemResult(question, len(written), words=written, in_words=True)
    if isinstance(item, Choices):
        chosen = {value: steps.get((key, f"{item.key}:{value}")) for value in item.answers}
        known = [row for row in chosen.values() if row]
        if not known:
            return ItemResult(question)
        n = max(row.counts[1] for row in known)
        cells = [row.counts[0] if row else None for row in chosen.values()]
        until = max(row.until for row in known)
        return ItemResult(question, n, cells=_cells(item, cells, n), until=until)
    row = steps.get((key, item.key))
    if row is None:
        return ItemResult(question)
    if isinstance(item, Scale):
        total, n = row.counts
        return ItemResult(question, n, total, len(item.steps), until=row.until)
    n = sum(row.counts)
    return ItemResult(question, n, cells=_cells(item, visible(row.counts, K), n), until=row.until)


def _cells(item: Item, counts: Sequence[int | None], n: int) -> list[Cell]:
    if isinstance(item, Scale):
        labels = [str(step) for step in item.steps]
    else:
        assert isinstance(item, Choice | Choices)
        labels = [str(words) for _key, words in item.choices]
    return [Cell(label, count, n) for label, count in zip(labels, counts, strict=True)]


COLUMNS = ("survey", "moment", "asked", "answered", "question", "answer", "people", "mean", "alpha")


def exported(results: Sequence[RoundResult]) -> Iterator[Sequence[object]]:
    """Yield exactly what the page shows: a line for each mean, cell and text.

    Only the words of a scale whose licence keeps them here stay here: its key stands for them.
    """
    for result in results:
        head = (result.title, result.moment, result.row.asked, result.row.answered)
        for shown in result.items:
            item = replace(shown, question=shown.licensed_as or shown.question)
            if item.mean is not None:
                yield (*head, item.question, "", item.n, item.mean, None)
            for cell in item.cells:
                yield (*head, item.question, cell.label, cell.n, None, None)
            for part, mean, people in item.parts:
                yield (*head, item.question, part, people, mean, None)
            for text in item.words:
                yield (*head, item.question, text, None, None, None)
        for scale in result.scales:
            if scale.mean is not None:
                yield (*head, scale.name, "", min(scale.counts), scale.mean, None)
                if row := scale.reliability:
                    yield (*head, scale.name, "", row.n, None, row.alpha)


def comments_of(survey: str, cohort: Cohort) -> dict[str, list[str]]:
    """Return what was written anonymously, by question: from 8 texts on, once it is closed."""
    rows = SurveyResult.objects.filter(survey=survey, cohort=cohort).order_by("occasion")
    comments: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for key, shown in row.items.items():
            comments[key].extend(shown.get("words", ()))
    return {key: texts for key, texts in comments.items() if texts}


def settled(questionnaire: Questionnaire, cohort: Cohort) -> Iterator[tuple[str, ItemResult]]:
    """Yield what is shown of an anonymous survey's questions by their keys, once it is closed."""
    rows = SurveyResult.objects.filter(survey=questionnaire.name, cohort=cohort)
    for kept in rows.order_by("-created_at")[:1]:
        for item in questionnaire.items:
            yield item.key, _of_kept(item, kept.items.get(item.key, {}))
