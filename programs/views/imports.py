"""Imports of people: upload, columns, preview, apply, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentoring.common import csv
from mentoring.common.pages import page
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.permissions import Permission
from mentoring.jobs.models import Job
from programs import operations, queries
from programs.errors import FileGone
from programs.forms import ApplyForm, MappingForm, UploadForm
from programs.forms.imports import FIELD_NAMES, problem_words
from programs.importing import (
    SENTENCES,
    VERDICTS,
    Code,
    PlannedRow,
    Problem,
    UnreadableFile,
)
from programs.models import Cohort, PeopleImport
from programs.queries.imports import ImportPreview, read_import
from programs.views.common import NOT_VALID, find_import, show

ROWS_SHOWN = 50
State = PeopleImport.State


def verdict_words(verdict: str) -> str:
    """Return a verdict as a page says it."""
    return {
        "new": _("new"),
        "changed": _("changed"),
        "same": _("same"),
        "warning": _("warning"),
        "refused": _("refused"),
    }[verdict]


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def people_imports(request: MemberRequest) -> HttpResponse:
    rows = PeopleImport.objects.visible_to(request.member).for_list()
    found = page(rows, cursor=request.GET.get("after", ""))
    more = "?" + urlencode({"after": found.next_cursor}) if found.next_cursor else ""
    return render(request, "programs/people_imports.html", {"rows": found.rows, "more": more})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def new_import(request: MemberRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = operations.open_import(name=file.name, content=file.read(), by=request.member)
        except UnreadableFile as refusal:
            form.add_error("file", _(SENTENCES[refusal.code]) % refusal.params)
        else:
            return redirect(made)
    return show(request, "programs/new_import.html", {"form": form}, form)


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def people_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    found = find_import(request, import_id)
    jobs = Job.objects.visible_to(request.member)
    job = jobs.filter(pk=found.job_id).first() if found.job_id else None
    if found.state == State.APPLIED:
        return render(request, "programs/import_report.html", _report(request, found))
    if found.state == State.APPLYING and job and not job.is_finished:
        return render(request, "programs/import_running.html", {"import": found, "job": job})
    try:
        if found.state == State.MAPPING or "columns" in request.GET:
            form = _mapping_form(found)
            return render(request, "programs/import_mapping.html", {"import": found, "form": form})
        return _preview(request, found, job)
    except (FileGone, UnreadableFile) as refusal:
        context = {"import": found, "refusal": str(refusal)}
        return render(request, "programs/import_gone.html", context)


def _mapping_form(found: PeopleImport, data: Any = None) -> MappingForm:
    table = read_import(found)
    samples = [row.cells for row in table.rows[:5]]
    return MappingForm(data, headers=table.headers, mapping=found.mapping, samples=samples)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def map_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    found = find_import(request, import_id)
    form = _mapping_form(found, request.POST)
    if form.is_valid():
        operations.confirm_mapping(people_import=found, mapping=form.mapping(), by=request.member)
        return redirect(found)
    return show(request, "programs/import_mapping.html", {"import": found, "form": form}, form)


def _preview(
    request: MemberRequest, found: PeopleImport, job: Job | None, form: ApplyForm | None = None
) -> HttpResponse:
    """Show what would happen to each row, with the form that starts it."""
    preview = queries.preview_import(found)
    form = form or ApplyForm(by=request.member, digest=preview.digest)
    verdict = request.GET.get("verdict", "")
    chosen = [row for row in preview.plan.rows if verdict not in VERDICTS or row.verdict == verdict]
    after = request.GET.get("after", "")
    from_line = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    ahead = [row for row in chosen if row.line > from_line]
    shown, more = ahead[:ROWS_SHOWN], ahead[ROWS_SHOWN:]
    heard = {"verdict": verdict} if verdict in VERDICTS else {}
    context = {
        "import": found,
        "job": job,
        "form": form,
        "plan": preview.plan,
        "total": len(preview.plan.rows),
        "good": sum(row.action in {"create", "update"} for row in preview.plan.rows),
        "parts": _parts(preview),
        "chips": [
            ("?", _("All rows"), len(preview.plan.rows), not heard),
            *(
                (
                    f"?verdict={each}",
                    verdict_words(each),
                    preview.plan.counts[each],
                    each == verdict,
                )
                for each in VERDICTS
            ),
        ],
        "rows": [_shown(row) for row in shown],
        "more": "?" + urlencode(heard | {"after": shown[-1].line}) if more else "",
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


def _shown(row: PlannedRow) -> dict[str, Any]:
    """Return a row as the preview draws it."""
    return {
        "line": row.line,
        "verdict": row.verdict,
        "words": verdict_words(row.verdict),
        "name": f"{row.values.given_name} {row.values.family_name}".strip() or row.email,
        "email": row.email,
        "values": row.values,
        "changes": [
            (FIELD_NAMES[name], _plain(before), _plain(after))
            for name, before, after in row.changes
        ],
        "problems": [(_field_name(each.field), problem_words(each)) for each in row.problems],
    }


def _field_name(name: str) -> str:
    return str(FIELD_NAMES[name]) if name else _("Row")


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def apply_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    found = find_import(request, import_id)
    form = ApplyForm(request.POST, by=request.member)
    if not form.is_valid():
        return _preview(request, found, None, form)
    operations.begin_import(
        people_import=found,
        digest=form.cleaned_data["digest"],
        cohorts=form.cohorts(),
        by=request.member,
    )
    return redirect(found)


def _report(request: MemberRequest, found: PeopleImport) -> dict[str, Any]:
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    return {
        "import": found,
        "counts": [
            (verdict_words(verdict), found.report["counts"].get(verdict, 0))
            for verdict in VERDICTS  # the database keeps no order of keys
        ],
        "done": found.report.get("done", {}),
        "cohorts": list(cohorts.filter(pk__in=list(found.cohorts.values())).order_by("id")),
        "problems": _problem_rows(found)[:200],
        "problem_count": len(found.report.get("problems", [])),
    }


def _problem_rows(found: PeopleImport) -> list[dict[str, Any]]:
    """Return the rows with problems, said in the reader's language."""
    return [
        row
        | {
            "words": verdict_words(row["verdict"]),
            "said": [
                (
                    _field_name(each["field"]),
                    problem_words(Problem(each["field"], Code(each["code"]), each["params"])),
                )
                for each in row["problems"]
            ],
        }
        for row in found.report.get("problems", [])
    ]


@require_safe
@member_view(Permission.PEOPLE_MANAGE)
def import_problems_csv(request: MemberRequest, import_id: UUID) -> HttpResponseBase:
    found = find_import(request, import_id)
    header = [_("Line"), _("Name"), _("Work e-mail"), _("Verdict"), _("Field"), _("Problem")]
    # everything is in the row that has been read, so the stream needs no database
    rows: Iterator[list[object]] = (
        [row["line"], row["name"], row["email"], row["words"], field, sentence]
        for row in _problem_rows(found)
        for field, sentence in row["said"]
    )
    answer = StreamingHttpResponse(csv.lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return answer
