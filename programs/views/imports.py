"""Imports of people: upload, columns, preview, apply, report, undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import csv
from core.common.pages import page
from core.jobs.models import Job
from core.jobs.progress import read_progress
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from programs.errors import FileGone
from programs.forms.imports import (
    AnswerForm,
    ApplyForm,
    CodePageForm,
    MappingForm,
    UploadForm,
    field_words,
    problem_words,
)
from programs.importing.messages import Code
from programs.importing.planning import VERDICTS
from programs.models.imports import ImportReport, PeopleImport, ReportedRow, WrittenPeople
from programs.models.programs import Cohort, Enrolment
from programs.operations import imports
from programs.queries.imports import asked_questions, removable
from programs.views.common import find_import

ROWS_SHOWN = 50


# what a verdict is called, and how its row and its badge are drawn
VERDICT_LOOKS = {
    "new": (_("new"), "is-new", "good"),
    "changed": (_("changed"), "is-changed", "warn"),
    "same": (_("same"), "", ""),
    "leaves": (_("leaves"), "is-changed", "warn"),
    "question": (_("question"), "", "warn"),
    "refused": (_("refused"), "is-wrong", "bad"),
}


@dataclass(frozen=True)
class _Line:
    """A row as the preview and the report show it."""

    row: ReportedRow
    answer: str = ""

    @property
    def name(self) -> str:
        return self.row.name or self.row.email

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
    def part(self) -> str:
        return str(Enrolment.Part(self.row.part).label) if self.row.part else ""

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(field_words(p.field), problem_words(p)) for p in self.row.problems]

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        return [(field_words(name), before, after) for name, before, after in self.row.changes]


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
        return redirect(imports.open_import(name=file.name, content=file.read(), by=request.member))
    return form_page(request, "programs/new_import.html", form)


@never_cache
@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def people_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """An import where it stands: being worked on, its columns, its preview or its report."""
    people_import = find_import(request, import_id)
    jobs = Job.objects.visible_to(request.member)
    job = jobs.filter(pk=people_import.job_id).first() if people_import.job_id else None
    if job and not job.is_finished:
        return _running(request, people_import, job)
    if request.htmx:  # the page that watched the job: it is over
        return _to(people_import)
    if people_import.state in _REPORTED:
        return _show_report(request, people_import, job)
    try:
        return _step(request, people_import, job)
    except FileGone as refusal:
        return _gone(request, people_import, str(refusal))


State = PeopleImport.State
_REPORTED = (State.APPLIED, State.UNDOING, State.UNDONE)


def _running(request: MemberRequest, people_import: PeopleImport, job: Job) -> HttpResponse:
    """The work that is going on; its part of the page asks again each second."""
    template = "programs/_import_job.html" if request.htmx else "programs/import_running.html"
    context = {"import": people_import, "job": job, "progress": read_progress(job.pk)}
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _to(people_import: PeopleImport) -> HttpResponse:
    answer = HttpResponse()
    answer["HX-Redirect"] = people_import.get_absolute_url()
    return answer


def _step(request: MemberRequest, people_import: PeopleImport, job: Job | None) -> HttpResponse:
    reading = people_import.reading
    if "refusal" in reading:
        sentence = gettext(Code(reading["refusal"]).sentence) % reading["params"]
        return _gone(request, people_import, sentence)
    if "headers" not in reading:
        stopped = gettext("Reading this file was stopped. Upload it again.")
        return _gone(request, people_import, (job.error if job else "") or stopped)
    planned = people_import.preview_id is not None and people_import.state != State.PLANNING
    if planned and people_import.state != State.MAPPING and "columns" not in request.GET:
        return _preview(request, people_import, job)
    if people_import.file is None:
        raise FileGone
    form = _mapping_form(request, people_import)
    return _mapping_page(request, people_import, form, job)


def _gone(request: MemberRequest, people_import: PeopleImport, refusal: str) -> HttpResponse:
    context = {"import": people_import, "refusal": refusal}
    return render(request, "programs/import_gone.html", context)


def _mapping_form(
    request: MemberRequest, people_import: PeopleImport, data: Any = None
) -> MappingForm:
    questions = asked_questions(people_import.cohorts)
    return MappingForm(data, by=request.member, people_import=people_import, questions=questions)


def _mapping_page(
    request: MemberRequest,
    people_import: PeopleImport,
    form: MappingForm,
    job: Job | None = None,
) -> HttpResponse:
    reading = people_import.reading
    context = {
        "import": people_import,
        "job": job,
        "rows": reading["rows"],
        "code_page": CodePageForm(reading=reading) if reading.get("letters") else None,
    }
    return form_page(request, "programs/import_mapping.html", form, context)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def map_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    if "headers" not in people_import.reading:
        return redirect(people_import)  # not read yet, or not to be read
    form = _mapping_form(request, people_import, request.POST)
    if not form.is_valid():
        return _mapping_page(request, people_import, form)
    new = {
        question.name
        for question in asked_questions({name: str(pk) for name, pk in form.cohorts().items()})
    }
    asks_more = form.has_columns_left() and bool(new - set(form.fields))
    imports.confirm_mapping(
        people_import=people_import,
        mapping=form.mapping(),
        options=form.options(),
        cohorts=form.cohorts(),
        is_complete=not asks_more,
        by=request.member,
    )
    if asks_more:
        words = _("The program asks questions of its own. Choose their columns, if there are any.")
        messages.info(request, words)
    return redirect(people_import)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def read_import_again(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    form = CodePageForm(request.POST, reading=people_import.reading)
    if not form.is_valid():
        return HttpResponseBadRequest()
    return redirect(
        imports.read_again(
            people_import=people_import,
            code_page=form.cleaned_data["code_page"],
            by=request.member,
        )
    )


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def plan_import_again(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    return redirect(imports.plan_again(people_import=people_import, by=request.member))


def _preview(
    request: MemberRequest,
    people_import: PeopleImport,
    job: Job | None,
    form: ApplyForm | None = None,
) -> HttpResponse:
    preview = people_import.planned
    verdict = request.GET.get("verdict", "")
    rows = [row for row in preview.rows if _is_shown(row, verdict)]
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    end = start + ROWS_SHOWN
    filters = {"verdict": verdict} if verdict in {*VERDICTS, "warned"} else {}
    answers = people_import.answers
    context = {
        "import": people_import,
        "job": job,
        "preview": preview,
        "total": sum(1 for row in preview.rows if row.line),
        "no_part": preview.parts.get("", 0),
        "answered": len(answers),
        "cohorts": _cohorts(request.member, people_import),
        "asks": bool(asked_questions(people_import.cohorts)),
        "chips": [
            ("?", _("All rows"), len(preview.rows), not filters),
            *(
                (
                    f"?verdict={name}",
                    VERDICT_LOOKS[name][0],
                    preview.counts.get(name, 0),
                    name == verdict,
                )
                for name in VERDICTS
            ),
            ("?verdict=warned", _("with a warning"), preview.warned, verdict == "warned"),
        ],
        "rows": [_Line(row, answers.get(str(row.line), "")) for row in rows[start:end]],
        "more": "?" + urlencode(filters | {"after": end}) if len(rows) > end else "",
    }
    form = form or ApplyForm(preview=preview)
    return form_page(request, "programs/import_preview.html", form, context)


def _is_shown(row: ReportedRow, verdict: str) -> bool:
    if verdict == "warned":
        return row.warned
    return verdict not in VERDICTS or row.verdict == verdict


def _cohorts(member: Member, people_import: PeopleImport) -> list[Cohort]:
    chosen = list(people_import.cohorts.values())
    return list(Cohort.objects.visible_to(member).for_list().filter(pk__in=chosen).order_by("id"))


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def answer_row(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    imports.answer_row(people_import=people_import, by=request.member, **form.cleaned_data)
    answer = redirect(people_import)
    answer["Location"] += "?verdict=question"
    return answer


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def apply_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    people_import = find_import(request, import_id)
    try:
        form = ApplyForm(request.POST, preview=people_import.planned)
    except FileGone as refusal:
        return _gone(request, people_import, str(refusal))
    if not form.is_valid():
        return _preview(request, people_import, None, form)
    imports.begin_import(people_import=people_import, by=request.member, **form.cleaned_data)
    return redirect(people_import)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def undo_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """What undoing would take back, counted; and the button that does it."""
    people_import = find_import(request, import_id)
    if request.method == "POST":
        imports.begin_undo(people_import=people_import, by=request.member)
        return redirect(people_import)
    if not people_import.may_be_undone or people_import.written is None:
        return redirect(people_import)
    written = WrittenPeople.from_bytes(bytes(people_import.written.content))
    going, staying = removable(written)
    context = {
        "import": people_import,
        "going": len(going),
        "staying": staying,
        "changed": len(written.changed),
        "done": ImportReport.from_json(people_import.report),
    }
    return render(request, "programs/import_undo.html", context)


def _show_report(
    request: MemberRequest, people_import: PeopleImport, job: Job | None
) -> HttpResponse:
    report = ImportReport.from_json(people_import.report)
    context = {
        "import": people_import,
        "job": job,
        "counts": [
            (VERDICT_LOOKS[verdict][0], report.counts.get(verdict, 0))
            for verdict in VERDICTS  # the database keeps no order of keys
        ],
        "done": report,
        "cohorts": _cohorts(request.member, people_import),
        "problems": [_Line(row) for row in report.rows[:200]],
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
        gettext("Result"),
        gettext("Field"),
        gettext("Problem"),
    ]
    # everything is in the row that has been read, so the stream needs no database
    rows: Iterator[list[object]] = (
        [row.line, row.name, row.email, line.words, field, sentence]
        for row in report.rows
        for line in (_Line(row),)
        for field, sentence in line.problems
    )
    return csv.download(csv.lines(header, rows), "problems.csv")
