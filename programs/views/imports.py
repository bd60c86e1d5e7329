"""Imports of people: upload, columns, preview, apply, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import csv
from core.common.pages import page
from core.jobs.models import Job
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from programs.errors import FileGone
from programs.forms.imports import ApplyForm, MappingForm, UploadForm, field_words, problem_words
from programs.importing.messages import SENTENCES
from programs.importing.planning import VERDICTS, PlannedRow
from programs.importing.tables import UnreadableFile
from programs.importing.values import PersonValues, Problem
from programs.models.imports import ImportReport, PeopleImport, ReportedRow
from programs.models.programs import Cohort
from programs.operations import imports as programs_operations_imports
from programs.queries import imports as programs_imports
from programs.queries.imports import ImportPreview
from programs.views.common import NOT_VALID, find_import, show

ROWS_SHOWN = 50


def verdict_words(verdict: str) -> str:
    """Return a verdict as a page says it."""
    return {
        "new": _("new"),
        "changed": _("changed"),
        "same": _("same"),
        "warning": _("warning"),
        "refused": _("refused"),
    }[verdict]


def _problem_words(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    return [(field_words(problem.field), problem_words(problem)) for problem in problems]


@dataclass(frozen=True)
class PreviewLine:
    """A row as the preview draws it, in the reader's language; changes are before and after."""

    line: int
    verdict: str
    words: str
    name: str
    email: str
    values: PersonValues
    changes: list[tuple[str, str, str]]
    problems: list[tuple[str, str]]

    @property
    def row_class(self) -> str:
        classes = {"new": "is-new", "changed": "is-changed", "refused": "is-wrong"}
        return classes.get(self.verdict, "")

    @property
    def badge_kind(self) -> str:
        kinds = {"new": "good", "changed": "warn", "warning": "warn", "refused": "bad"}
        return kinds.get(self.verdict, "")

    @classmethod
    def of(cls, row: PlannedRow) -> PreviewLine:
        return cls(
            line=row.line,
            verdict=row.verdict,
            words=verdict_words(row.verdict),
            name=f"{row.values.given_name} {row.values.family_name}".strip() or row.email,
            email=row.email,
            values=row.values,
            changes=[
                (field_words(name), _plain(before), _plain(after))
                for name, before, after in row.changes
            ],
            problems=_problem_words(row.problems),
        )


@dataclass(frozen=True)
class ProblemLine:
    """A row with problems as the report shows it, in the reader's language."""

    line: int
    verdict: str
    words: str
    name: str
    email: str
    problems: list[tuple[str, str]]

    @classmethod
    def of(cls, row: ReportedRow) -> ProblemLine:
        return cls(
            line=row.line,
            verdict=row.verdict,
            words=verdict_words(row.verdict),
            name=row.name,
            email=row.email,
            problems=_problem_words(row.problems),
        )


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def people_imports(request: MemberRequest) -> HttpResponse:
    rows = PeopleImport.objects.visible_to(request.member).for_list()
    imports = page(rows, cursor=request.GET.get("after", ""))
    more = "?" + urlencode({"after": imports.next_cursor}) if imports.next_cursor else ""
    return render(request, "programs/people_imports.html", {"rows": imports.rows, "more": more})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def new_import(request: MemberRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            people_import = programs_operations_imports.open_import(
                name=file.name, content=file.read(), by=request.member
            )
        except UnreadableFile as refusal:
            form.add_error("file", _(SENTENCES[refusal.code]) % refusal.params)
        else:
            return redirect(people_import)
    return show(request, "programs/new_import.html", {"form": form}, form)


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def people_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    jobs = Job.objects.visible_to(request.member)
    job = jobs.filter(pk=people_import.job_id).first() if people_import.job_id else None
    if people_import.state == PeopleImport.State.APPLIED:
        return _show_report(request, people_import)
    if people_import.state == PeopleImport.State.APPLYING and job and not job.is_finished:
        return render(
            request, "programs/import_running.html", {"import": people_import, "job": job}
        )
    try:
        if people_import.state == PeopleImport.State.MAPPING or "columns" in request.GET:
            form = _mapping_form(people_import)
            return render(
                request, "programs/import_mapping.html", {"import": people_import, "form": form}
            )
        return _preview(request, people_import, job)
    except (FileGone, UnreadableFile) as refusal:
        context = {"import": people_import, "refusal": str(refusal)}
        return render(request, "programs/import_gone.html", context)


def _mapping_form(people_import: PeopleImport, data: Any = None) -> MappingForm:
    table = people_import.table
    samples = [row.cells for row in table.rows[:5]]
    return MappingForm(data, headers=table.headers, mapping=people_import.mapping, samples=samples)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def map_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    form = _mapping_form(people_import, request.POST)
    if form.is_valid():
        programs_operations_imports.confirm_mapping(
            people_import=people_import, mapping=form.mapping(), by=request.member
        )
        return redirect(people_import)
    return show(
        request, "programs/import_mapping.html", {"import": people_import, "form": form}, form
    )


def _preview(
    request: MemberRequest,
    people_import: PeopleImport,
    job: Job | None,
    form: ApplyForm | None = None,
) -> HttpResponse:
    """Show what would happen to each row, with the form that starts it."""
    preview = programs_imports.preview_import(people_import)
    form = form or ApplyForm(by=request.member, digest=preview.digest)
    verdict = request.GET.get("verdict", "")
    rows = [row for row in preview.plan.rows if verdict not in VERDICTS or row.verdict == verdict]
    after = request.GET.get("after", "")
    from_line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    ahead = [row for row in rows if row.line > from_line]
    shown, more = ahead[:ROWS_SHOWN], ahead[ROWS_SHOWN:]
    filters = {"verdict": verdict} if verdict in VERDICTS else {}
    context = {
        "import": people_import,
        "job": job,
        "form": form,
        "plan": preview.plan,
        "total": len(preview.plan.rows),
        "good": sum(row.action in {"create", "update"} for row in preview.plan.rows),
        "parts": _parts(preview),
        "chips": [
            ("?", _("All rows"), len(preview.plan.rows), not filters),
            *(
                (
                    f"?verdict={name}",
                    verdict_words(name),
                    preview.plan.counts[name],
                    name == verdict,
                )
                for name in VERDICTS
            ),
        ],
        "rows": [PreviewLine.of(row) for row in shown],
        "more": "?" + urlencode(filters | {"after": shown[-1].line}) if more else "",
    }
    wrong = form.is_bound
    return render(
        request, "programs/import_preview.html", context, status=NOT_VALID if wrong else 200
    )


def _parts(preview: ImportPreview) -> Counter[str]:
    """Count the good rows that have each part: who could be enrolled where."""
    good = (row for row in preview.plan.rows if row.action in {"create", "update", "nothing"})
    repeats = (row for row in good if not (row.action == "nothing" and row.match is None))
    return Counter(
        "peer" if row.values.part == "peer" else "mentor" for row in repeats if row.values.part
    )


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def apply_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    form = ApplyForm(request.POST, by=request.member)
    if not form.is_valid():
        return _preview(request, people_import, None, form)
    programs_operations_imports.begin_import(
        people_import=people_import,
        digest=form.cleaned_data["digest"],
        cohorts=form.cohorts(),
        by=request.member,
    )
    return redirect(people_import)


def _show_report(request: MemberRequest, people_import: PeopleImport) -> HttpResponse:
    report = ImportReport.from_json(people_import.report)
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    context = {
        "import": people_import,
        "counts": [
            (verdict_words(verdict), report.counts.get(verdict, 0))
            for verdict in VERDICTS  # the database keeps no order of keys
        ],
        "done": report,
        "cohorts": list(cohorts.filter(pk__in=list(people_import.cohorts.values())).order_by("id")),
        "problems": [ProblemLine.of(row) for row in report.rows[:200]],
        "problem_count": len(report.rows),
    }
    return render(request, "programs/import_report.html", context)


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def import_problems_csv(request: MemberRequest, import_id: UUID) -> HttpResponseBase:
    people_import = find_import(request, import_id)
    report = ImportReport.from_json(people_import.report)
    header = [_("Line"), _("Name"), _("Work e-mail"), _("Verdict"), _("Field"), _("Problem")]
    # everything is in the row that has been read, so the stream needs no database
    rows: Iterator[list[object]] = (
        [row.line, row.name, row.email, row.words, field, sentence]
        for row in map(ProblemLine.of, report.rows)
        for field, sentence in row.problems
    )
    answer = StreamingHttpResponse(csv.lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return answer
