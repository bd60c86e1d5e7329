"""Imports of people: upload, columns, preview, apply, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import csv
from core.common.pages import page
from core.jobs.models import Job
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from programs.errors import FileGone
from programs.forms.imports import ApplyForm, MappingForm, UploadForm, field_words, problem_words
from programs.importing.planning import VERDICTS, Plan, PlannedRow
from programs.importing.tables import UnreadableFile
from programs.models.imports import ImportReport, PeopleImport, ReportedRow
from programs.models.programs import Cohort
from programs.operations import imports
from programs.queries.imports import plan_people
from programs.views.common import find_import

ROWS_SHOWN = 50


# what a verdict is called, and how its row and its badge are drawn
VERDICT_LOOKS = {
    "new": (_("new"), "is-new", "good"),
    "changed": (_("changed"), "is-changed", "warn"),
    "same": (_("same"), "", ""),
    "warning": (_("warning"), "", "warn"),
    "refused": (_("refused"), "is-wrong", "bad"),
}


@dataclass(frozen=True)
class _Line:
    """A row of the preview or the report in the reader's language."""

    row: PlannedRow | ReportedRow
    name: str

    @property
    def words(self) -> str:
        return str(VERDICT_LOOKS[self.row.verdict][0])

    @property
    def row_class(self) -> str:
        return VERDICT_LOOKS[self.row.verdict][1]

    @property
    def badge_kind(self) -> str:
        return VERDICT_LOOKS[self.row.verdict][2]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(field_words(p.field), problem_words(p)) for p in self.row.problems]

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        changes = self.row.changes if isinstance(self.row, PlannedRow) else ()
        return [
            (field_words(name), _plain(before), _plain(after)) for name, before, after in changes
        ]


def _preview_line(row: PlannedRow) -> _Line:
    return _Line(row, f"{row.values.given_name} {row.values.family_name}".strip() or row.email)


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def people_imports(request: MemberRequest) -> HttpResponse:
    rows = PeopleImport.objects.visible_to(request.member).for_list()
    shown = page(rows, cursor=request.GET.get("after", ""))
    more = "?" + urlencode({"after": shown.next_cursor}) if shown.next_cursor else ""
    return render(request, "programs/people_imports.html", {"rows": shown.rows, "more": more})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def new_import(request: MemberRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            people_import = imports.open_import(
                name=file.name, content=file.read(), by=request.member
            )
        except UnreadableFile as refusal:
            form.add_error("file", gettext(refusal.code.sentence) % refusal.params)
        else:
            return redirect(people_import)
    return form_page(request, "programs/new_import.html", form)


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
            context: dict[str, object] = {"import": people_import}
            return form_page(
                request, "programs/import_mapping.html", _mapping_form(people_import), context
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
        imports.confirm_mapping(
            people_import=people_import, mapping=form.mapping(), by=request.member
        )
        return redirect(people_import)
    return form_page(request, "programs/import_mapping.html", form, {"import": people_import})


def _preview(
    request: MemberRequest,
    people_import: PeopleImport,
    job: Job | None,
    form: ApplyForm | None = None,
) -> HttpResponse:
    plan = plan_people(people_import)
    form = form or ApplyForm(by=request.member, digest=plan.digest)
    verdict = request.GET.get("verdict", "")
    rows = [row for row in plan.rows if verdict not in VERDICTS or row.verdict == verdict]
    after = request.GET.get("after", "")
    from_line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    ahead = [row for row in rows if row.line > from_line]
    shown, more = ahead[:ROWS_SHOWN], ahead[ROWS_SHOWN:]
    filters = {"verdict": verdict} if verdict in VERDICTS else {}
    context = {
        "import": people_import,
        "job": job,
        "plan": plan,
        "total": len(plan.rows),
        "good": sum(row.action in {"create", "update"} for row in plan.rows),
        "parts": _parts(plan),
        "chips": [
            ("?", _("All rows"), len(plan.rows), not filters),
            *(
                (
                    f"?verdict={name}",
                    VERDICT_LOOKS[name][0],
                    plan.counts[name],
                    name == verdict,
                )
                for name in VERDICTS
            ),
        ],
        "rows": [_preview_line(row) for row in shown],
        "more": "?" + urlencode(filters | {"after": shown[-1].line}) if more else "",
    }
    return form_page(request, "programs/import_preview.html", form, context)


def _parts(plan: Plan) -> Counter[str]:
    """Count the good rows that have each part: who could be enrolled where."""
    good = (row for row in plan.rows if row.action in {"create", "update", "nothing"})
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
    imports.begin_import(
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
            (VERDICT_LOOKS[verdict][0], report.counts.get(verdict, 0))
            for verdict in VERDICTS  # the database keeps no order of keys
        ],
        "done": report,
        "cohorts": list(cohorts.filter(pk__in=list(people_import.cohorts.values())).order_by("id")),
        "problems": [_Line(row, row.name) for row in report.rows[:200]],
        "problem_count": len(report.rows),
    }
    return render(request, "programs/import_report.html", context)


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def import_problems_csv(request: MemberRequest, import_id: UUID) -> HttpResponseBase:
    people_import = find_import(request, import_id)
    report = ImportReport.from_json(people_import.report)
    header = [
        gettext("Line"),
        gettext("Name"),
        gettext("Work e-mail"),
        gettext("Verdict"),
        gettext("Field"),
        gettext("Problem"),
    ]
    # everything is in the row that has been read, so the stream needs no database
    rows: Iterator[list[object]] = (
        [row.line, row.name, row.email, line.words, field, sentence]
        for row in report.rows
        for line in (_Line(row, row.name),)
        for field, sentence in line.problems
    )
    return csv.download(csv.lines(header, rows), "problems.csv")
