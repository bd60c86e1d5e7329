"""Impact: participants beside similar colleagues, and the HR records it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import csv
from core.jobs.models import Job
from core.jobs.progress import read_progress
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.pages import act, form_page
from metrics.impact import operations
from metrics.impact.forms import (
    AllRecordsForm,
    ApplyRecordsForm,
    RecordColumnsForm,
    RecordFileForm,
)
from metrics.impact.queries import impact, record_facts, undoing_of, waiting
from metrics.impact.records import COLUMNS, VERDICTS
from metrics.impact.words import impact_lines, outcome_name, program_texts
from metrics.models import RecordImport
from programs.errors import FileGone
from programs.forms.imports import problem_words
from programs.importing.messages import Code
from programs.models.imports import ReportedRow
from programs.models.programs import Program

ROWS_SHOWN, IMPORTS_SHOWN = 50, 20
_State = RecordImport.State
# what a verdict is called, and how its badge is drawn
LOOKS = {
    "new": (gettext_lazy("new"), "good"),
    "changed": (gettext_lazy("changed"), "warn"),
    "same": (gettext_lazy("same"), ""),
    "refused": (gettext_lazy("refused"), "bad"),
}


@dataclass(frozen=True)
class _Line:
    """A row as the preview and the report show it."""

    row: ReportedRow

    @property
    def words(self) -> str:
        return str(LOOKS[self.row.verdict][0])

    @property
    def badge_kind(self) -> str:
        return LOOKS[self.row.verdict][1]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(_field_words(one.field), problem_words(one)) for one in self.row.problems]

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        return [(_field_words(name), before, after) for name, before, after in self.row.changes]


def _field_words(name: str) -> str:
    return _(COLUMNS[name].label) if name in COLUMNS else _("Row")


@require_safe
@member_view(Permission.OUTCOMES_MANAGE)
def impact_page(request: MemberRequest) -> HttpResponse:
    """All programs: what is released, what was refused and why, what waits."""
    imports = RecordImport.objects.visible_to(request.member).for_list().order_by("-id")
    context = {
        "programs": [program_texts(one) for one in impact(request.member, today())],
        "records": record_facts(request.member),
        "imports": imports[:IMPORTS_SHOWN],
        "threshold": request.organisation_settings.threshold,
    }
    return render(request, "metrics/impact/impact.html", context)


@require_safe
@member_view(Permission.OUTCOMES_MANAGE)
def impact_csv(request: MemberRequest) -> StreamingHttpResponse:
    header, rows = impact_lines(impact(request.member, today()))
    return csv.download(csv.lines(header, rows), "impact.csv")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.OUTCOMES_MANAGE)
def compare_program(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """What comparing is about, counted; and the button that does it, once."""
    rows = Program.objects.visible_to(request.member)
    program = get_object_or_404(rows, pk=program_id)
    form = AllRecordsForm(request.POST or None)
    if form.is_valid():
        made = operations.compare_participants(program=program, by=request.member)
        released = sum(not row.refusal for row in made)
        messages.success(
            request,
            _("Compared: %(released)s released, %(refused)s too small.")
            % {"released": released, "refused": len(made) - released},
        )
        return redirect("metrics:impact", request.member.organisation.slug)
    counted = waiting(program, today())
    context = {
        "waiting": counted,
        "coverage": [
            (outcome_name(row.key), row.participants, row.others) for row in counted.coverage
        ],
    }
    return form_page(request, "metrics/impact/compare.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.OUTCOMES_MANAGE)
def new_record_import(request: MemberRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = RecordFileForm(request.POST, request.FILES) if sent else RecordFileForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        return redirect(
            operations.open_record_import(name=file.name, content=file.read(), by=request.member)
        )
    return form_page(request, "metrics/impact/new_import.html", form)


@never_cache
@require_safe
@member_view(Permission.OUTCOMES_MANAGE)
def record_import(request: MemberRequest, record_import_id: UUID) -> HttpResponse:
    """An import where it stands: at work, its columns, its preview or its report."""
    row = _find(request, record_import_id)
    jobs = Job.objects.visible_to(request.member)
    job = jobs.filter(pk=row.job_id).first() if row.job_id else None
    if job and not job.is_finished:
        return _running(request, row, job)
    if request.htmx:  # the page that watched the job: it is over
        answer = HttpResponse()
        answer["HX-Redirect"] = row.get_absolute_url()
        return answer
    try:
        return _step(request, row, job)
    except FileGone as refusal:
        return _gone(request, row, str(refusal))


def _find(request: MemberRequest, record_import_id: UUID) -> RecordImport:
    rows = RecordImport.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows.select_related("file", "preview"), pk=record_import_id)


def _running(request: MemberRequest, row: RecordImport, job: Job) -> HttpResponse:
    """The work that is going on; its part of the page asks again each second."""
    template = "programs/_import_job.html" if request.htmx else "metrics/impact/running.html"
    context = {"import": row, "job": job, "progress": read_progress(job.pk)}
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _step(request: MemberRequest, row: RecordImport, job: Job | None) -> HttpResponse:
    if "refusal" in row.reading:
        return _gone(request, row, _(Code(row.reading["refusal"]).sentence) % row.reading["params"])
    if row.state == _State.READING:
        stopped = _("Reading this file was stopped. Upload it again.")
        return _gone(request, row, (job.error if job else "") or stopped)
    planned = row.preview_id is not None and row.state in {_State.PREVIEW, _State.APPLYING}
    if row.applied_at is not None or (planned and "columns" not in request.GET):
        return _preview(request, row, job)
    if row.file is None:
        raise FileGone
    return _columns(request, row, RecordColumnsForm(record_import=row), job)


def _gone(request: MemberRequest, row: RecordImport, refusal: str) -> HttpResponse:
    return render(request, "metrics/impact/gone.html", {"import": row, "refusal": refusal})


def _columns(
    request: MemberRequest, row: RecordImport, form: RecordColumnsForm, job: Job | None = None
) -> HttpResponse:
    context = {"import": row, "job": job, "rows": row.reading["rows"]}
    return form_page(request, "metrics/impact/columns.html", form, context)


@require_POST
@member_view(Permission.OUTCOMES_MANAGE)
def map_records(request: MemberRequest, record_import_id: UUID) -> HttpResponse:
    row = _find(request, record_import_id)
    if "headers" not in row.reading:
        return redirect(row)  # not read yet, or not to be read
    form = RecordColumnsForm(request.POST, record_import=row)
    mapped = act(
        lambda: operations.confirm_record_columns(
            record_import=row,
            mapping=form.mapping(),
            known_on=form.known_on(),
            date_order=form.cleaned_data["date_order"],
            by=request.member,
        ),
        form,
    )
    return redirect(mapped) if mapped else _columns(request, row, form)


def _preview(
    request: MemberRequest,
    row: RecordImport,
    job: Job | None = None,
    form: ApplyRecordsForm | None = None,
) -> HttpResponse:
    """What would become of each row; or, once it is applied, what has become of it."""
    preview = row.planned
    verdict, after = request.GET.get("verdict", ""), request.GET.get("after", "")
    chosen = {"verdict": verdict} if verdict in VERDICTS else {}
    rows = [one for one in preview.rows if not chosen or one.verdict == verdict]
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    end = start + ROWS_SHOWN
    context: dict[str, Any] = {
        "import": row,
        "job": job,
        "preview": preview,
        "total": len(preview.rows),
        "chips": [
            ("?", _("All rows"), len(preview.rows), not chosen),
            *(
                (f"?verdict={one}", LOOKS[one][0], preview.counts.get(one, 0), one == verdict)
                for one in VERDICTS
            ),
        ],
        "rows": [_Line(one) for one in rows[start:end]],
        "more": "?" + urlencode(chosen | {"after": end}) if len(rows) > end else "",
    }
    form = form or ApplyRecordsForm(initial={"digest": preview.digest})
    return form_page(request, "metrics/impact/preview.html", form, context)


@require_POST
@member_view(Permission.OUTCOMES_MANAGE)
def apply_records(request: MemberRequest, record_import_id: UUID) -> HttpResponse:
    row = _find(request, record_import_id)
    form = ApplyRecordsForm(request.POST)
    begun = act(
        lambda: operations.begin_record_import(
            record_import=row, by=request.member, **form.cleaned_data
        ),
        form,
    )
    if begun:
        return redirect(begun)
    try:
        return _preview(request, row, None, form)
    except FileGone as refusal:
        return _gone(request, row, str(refusal))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.OUTCOMES_MANAGE)
def undo_records(request: MemberRequest, record_import_id: UUID) -> HttpResponse:
    """What undoing would take back, counted; and the button that does it."""
    row = _find(request, record_import_id)
    if request.method == "POST":
        operations.begin_undo(record_import=row, by=request.member)
        return redirect(row)
    if not row.may_be_undone:
        return redirect(row)
    context = {"import": row, **undoing_of(row).counts}
    return render(request, "metrics/impact/undo.html", context)
