"""What peers said is counted once and shown; an organisation's scales are kept and used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

from django.db import transaction

from core.audit.operations import changes_of, record
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.common.statistics import rounded
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from feedback.assessments.asking import RATERS
from feedback.assessments.peers import NAME, moment_of, occasion_of, rated_of
from feedback.assessments.queries import marks_in, page_of, versions_with
from feedback.assessments.scales import LibraryScale
from feedback.builder.forms import MOST_ROWS
from feedback.builder.operations import save_item
from feedback.errors import ScaleNameTaken, ScaleNotExportable
from feedback.models.assessments import PeerMark, PeerResult
from feedback.models.built import BuiltSurvey
from feedback.models.scales import OwnScale
from feedback.models.surveys import SurveyResponse
from programs.models.parts import Competency
from programs.models.programs import Enrolment

FREE = 3 * (RATERS - 1)  # degrees of freedom before an interval is shown
LATELY = timedelta(days=30)  # for so long after its close a result is still counted


@transaction.atomic
def show_peer_results(*, at: datetime) -> int:
    """Count what peers said whose time to answer is over, once, and tell whom it is about.

    Nothing is shown before, so that nobody sees an average change with one answer.
    """
    closed = SurveyResponse.objects.filter(
        survey=NAME, closes_at__lte=at, closes_at__gt=at - LATELY
    )
    occasions = set(closed.values_list("occasion", flat=True))
    results = PeerResult.objects.filter(enrolment__in={rated_of(row) for row in occasions})
    counted = {occasion_of(moment, pk) for moment, pk in results.values_list("moment", "enrolment")}
    return row_by_row(sorted(occasions - counted), _count)


def _count(occasion: str) -> int:
    """Count one person's marks; peer_result_once decides between two workers."""
    enrolment = Enrolment.objects.for_list().get(pk=rated_of(occasion))
    marks = marks_in(occasion, enrolment.cohort_id)
    enough = {pk: _unreadable(values) for pk, values in marks.items() if len(values) >= RATERS}
    variance, degrees = _pooled(list(enough.values()))
    result = PeerResult(
        enrolment=enrolment,
        moment=moment_of(occasion),
        shown=bool(enough),
        variance=variance,
        degrees=degrees,
    )
    PeerResult.objects.bulk_create([result], ignore_conflicts=True)
    if not PeerResult.objects.filter(pk=result.pk).exists():
        return 0
    skills = Competency.objects.filter(program=enrolment.cohort.program_id, pk__in=enough)
    PeerMark.objects.bulk_create(
        [
            PeerMark(
                result=result,
                competency=skill,
                total=sum(enough[skill.pk]),
                n=len(enough[skill.pk]),
            )
            for skill in skills
        ]
    )
    if result.shown and enrolment.member.state != Member.State.LEFT:
        enqueue_all([_news(result, enrolment)])
    return 1


def _unreadable(marks: Sequence[int]) -> Sequence[int]:
    """Return marks, one of them nearer the middle where all are the highest or the lowest.

    From an average at the end of the scale everybody's mark could be read.
    """
    if set(marks) == {5}:
        return [4, *marks[1:]]
    return [2, *marks[1:]] if set(marks) == {1} else marks


def _pooled(columns: Sequence[Sequence[int]]) -> tuple[Decimal | None, int]:
    """Return the variance within competencies, over all of them, and its degrees of freedom.

    None over fewer than three: then it would be that of single marks.  It is no less than a
    quarter, or a small one would say that all marks are alike.
    """
    degrees = sum(len(marks) - 1 for marks in columns)
    if degrees < FREE:
        return None, 0
    squares = sum(
        (Fraction(sum(mark * mark for mark in marks)) - Fraction(sum(marks) ** 2, len(marks)))
        for marks in columns
    )
    return rounded(max(Fraction(1, 4), Fraction(squares, degrees))), degrees


def _news(result: PeerResult, enrolment: Enrolment) -> Draft:
    return Draft(
        member=enrolment.member,
        kind="feedback.peers_see",
        program=enrolment.cohort.program_id,
        dedupe_key=f"peers-see:{result.pk}",
        link=Link(page=page_of(enrolment)),
        context={"program": enrolment.cohort.program.name},
        cause=enrolment.pk,
    )


@transaction.atomic
def add_scale(
    *,
    by: Member,
    name: str,
    question: str,
    items: Sequence[Mapping[str, Any]],
    steps: Sequence[str],
    source: str,
    licence: str,
    use: str,
    exportable: bool,
) -> OwnScale:
    """Keep a scale of the organisation's own, with where it is from and what is permitted."""
    with refusing("own_scale_name_once", ScaleNameTaken()):
        scale = OwnScale.objects.create(
            name=name,
            question=question,
            items=[{"key": f"i{number}", **item} for number, item in enumerate(items, 1)],
            steps=list(steps),
            source=source,
            licence=licence,
            use=use,
            exportable=exportable,
        )
    record(by=by, verb="scale.added", target=scale, items=len(items), exportable=exportable)
    return scale


@transaction.atomic
def edit_scale(
    *,
    scale: OwnScale,
    by: Member,
    name: str,
    question: str,
    items: Sequence[Mapping[str, Any]],
    steps: Sequence[str],
    source: str,
    licence: str,
    use: str,
    exportable: bool,
) -> OwnScale:
    """Change a scale of the organisation's own, for the surveys that it is put into from now on.

    Surveys that ask its items keep them, and score what was answered by them as they were asked.
    Only whether the items may leave this platform holds for those surveys too, at once.  An item
    whose words stay keeps its key.  Raises ScaleNameTaken.
    """
    scale = OwnScale.objects.select_for_update(of=("self",)).get(pk=scale.pk)
    fields = {
        "name": name,
        "question": question,
        "items": _with_keys(items, scale.items),
        "steps": list(steps),
        "source": source,
        "licence": licence,
        "use": use,
        "exportable": exportable,
    }
    changes = changes_of(scale, fields)
    for field, value in fields.items():
        setattr(scale, field, value)
    with refusing("own_scale_name_once", ScaleNameTaken()):
        scale.save(update_fields=list(fields))
    if "exportable" in changes:
        _hold_to_licence(scale)
    if changes:
        record(by=by, verb="scale.edited", target=scale, changed=sorted(changes))
    return scale


def _with_keys(
    items: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    known = {item["words"]: item["key"] for item in before}
    last = max((int(item["key"][1:]) for item in before), default=0)
    new = (f"i{number}" for number in count(last + 1))
    return [{"key": known.pop(item["words"], None) or next(new), **item} for item in items]


def _hold_to_licence(scale: OwnScale) -> None:
    """Let the items of a scale in surveys leave this platform, or not, in all that was asked."""
    for version in versions_with(scale).select_for_update(of=("self",)).order_by("pk"):
        for row in version.items:
            if row.get("scale", {}).get("key") == scale.key:
                row.pop("licensed", None)
                row.update({} if scale.exportable else {"licensed": True})
        version.save(update_fields=["items"])


@transaction.atomic
def remove_scale(*, scale: OwnScale, by: Member) -> None:
    """Take a scale out of the library; surveys that ask its items keep them."""
    record(by=by, verb="scale.removed", target=scale)
    scale.delete()


@transaction.atomic
def add_to_survey(*, scale: LibraryScale, survey: BuiltSurvey, by: Member) -> BuiltSurvey:
    """Put the items of a scale at the end of a survey, at most ten lines to a question."""
    for start in range(0, len(scale.items), MOST_ROWS):
        rows = scale.items[start : start + MOST_ROWS]
        item = {
            "kind": "matrix",
            "question": str(scale.question),
            "choices": [str(step) for step in scale.steps],
            "rows": [str(row.words) for row in rows],
            "required": False,
            "only_if": "",
            "scale": {
                "key": scale.key,
                "name": str(scale.name),
                "first": start,
                "of": len(scale.items),
                "turned": [line for line, row in enumerate(rows, start=1) if row.reversed],
            },
            **({} if scale.exportable else {"licensed": True}),
        }
        survey = save_item(survey=survey, by=by, item=item)
    return survey


def exported(scale: LibraryScale) -> Iterator[Sequence[object]]:
    """Return a scale as lines of a file.  Raises ScaleNotExportable where the licence forbids."""
    if not scale.exportable:
        raise ScaleNotExportable
    steps = " | ".join(str(step) for step in scale.steps)
    head = (str(scale.name), str(scale.source), str(scale.licence), str(scale.use), steps)
    return iter([(*head, item.key, str(item.words), item.reversed) for item in scale.items])
