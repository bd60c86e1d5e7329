"""Figures as pages: a cohort's report, the organisation's insights, and every definition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from core.common import clock, csv
from core.common.errors import DomainError
from core.common.pages import page
from core.members.limits import spend
from core.members.models import Member
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import day_of
from core.ui.pages import act, form_page
from feedback.released import thresholds
from metrics import readers
from metrics.chart_files import as_csv, as_png, as_workbook, chart_file
from metrics.compare import OFFERED, CompareForm, comparison
from metrics.contact import grid, key_of_the_grid, together, weeks_until
from metrics.exports import figure_lines
from metrics.figures import DEFINITIONS, definition, figures_of
from metrics.forms import ActForm, AssignForm, NoteForm, ReaderForm, SnoozeForm
from metrics.models import AlertNote, ReportReader
from metrics.narrowing import FigureFilter, filter_form, matching
from metrics.operations import note_alert
from metrics.parts import chosen_program, columns_of, part_of
from metrics.queries.tallied import AsOf
from metrics.report import aims, report
from metrics.todo import TodoItem, todo_list, todo_rows
from metrics.trends import answered, circles, weekly
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort

COHORTS_A_PAGE = 25
ITEMS_A_PAGE = 50


SHOWN: dict[str, Callable[[TodoItem, Member], bool]] = {
    "open": lambda item, me: item.hidden_by is None,
    "mine": lambda item, me: item.hidden_by is None and item.assigned_to == me,
    "later": lambda item, me: bool(item.hidden_by and item.hidden_by.act == AlertNote.Act.SNOOZED),
    "settled": lambda item, me: bool(
        item.hidden_by and item.hidden_by.act == AlertNote.Act.SETTLED
    ),
}
SHOWN_WORDS = {
    "open": gettext_lazy("To do"),
    "mine": gettext_lazy("Mine"),
    "later": gettext_lazy("Later"),
    "settled": gettext_lazy("Spoken to"),
}


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def todo(request: MemberRequest) -> HttpResponse:
    """All that waits for a coordinator, with true counts."""
    items = todo_list(request.member, now=clock.now())
    kept = {
        name: [item for item in items if shows(item, request.member)]
        for name, shows in SHOWN.items()
    }
    show = request.GET.get("show", "open")
    show = show if show in SHOWN else "open"
    start = _offset(request.GET.get("after", ""))
    end = start + ITEMS_A_PAGE
    context = {
        "items": todo_rows(kept[show][start:end]),
        "more": f"?show={show}&after={end}" if kept[show][end:] else "",
        "show": show,
        "chips": [
            (f"?show={name}", SHOWN_WORDS[name], len(rows), name == show)
            for name, rows in kept.items()
        ],
    }
    return render(request, "metrics/todo.html", context)


def _offset(text: str) -> int:
    """Return where a page of the list begins; what is no number begins at the top."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def todo_item(
    request: MemberRequest, reason: str, about_id: UUID, person_id: UUID | None = None
) -> HttpResponse:
    """One item: what was noted, and what can be done about it."""
    key = (reason, about_id, person_id)
    items = [item for item in todo_list(request.member, now=clock.now()) if item.key == key]
    if not items:
        _find_subject(request.member, about_id)
        messages.info(request, _("This is solved: it is no longer on the list."))
        return redirect("metrics:todo", request.member.organisation.slug)
    (item,) = todo_rows(items[:1])
    act, sent = request.POST.get("act", ""), request.POST or None
    forms: dict[str, Form] = {
        AlertNote.Act.NOTED: NoteForm(sent if act == AlertNote.Act.NOTED else None),
        AlertNote.Act.SNOOZED: SnoozeForm(
            sent if act == AlertNote.Act.SNOOZED else None, today=item.today
        ),
        AlertNote.Act.ASSIGNED: AssignForm(
            sent if act == AlertNote.Act.ASSIGNED else None, by=request.member
        ),
        AlertNote.Act.SETTLED: ActForm(sent if act == AlertNote.Act.SETTLED else None),
        AlertNote.Act.REOPENED: ActForm(sent if act == AlertNote.Act.REOPENED else None),
    }
    chosen = forms.get(act)
    if chosen is not None and chosen.is_valid():
        details = {"act": act} | chosen.cleaned_data
        note_alert(alert=item.alert, by=request.member, **details)
        messages.success(request, DONE[AlertNote.Act(act)])
        stays = act in {AlertNote.Act.NOTED, AlertNote.Act.ASSIGNED, AlertNote.Act.REOPENED}
        return (
            redirect(request.path)
            if stays
            else redirect("metrics:todo", request.member.organisation.slug)
        )
    context = {"item": item, "forms": forms}
    return form_page(request, "metrics/todo_item.html", chosen, context)


def _find_subject(member: Member, about_id: UUID) -> None:
    """Raise Http404 for what this person could never have had on the list."""
    known = Cohort.objects.visible_to(member), Partnership.objects.visible_to(member)
    if not any(rows.filter(pk=about_id).exists() for rows in known):
        raise Http404


DONE = {
    AlertNote.Act.NOTED: gettext_lazy("The note is kept."),
    AlertNote.Act.ASSIGNED: gettext_lazy("It is passed on."),
    AlertNote.Act.SNOOZED: gettext_lazy("You will see it again on that day. Until then: Later."),
    AlertNote.Act.SETTLED: gettext_lazy(
        "Off the list. It comes back with news, or in 14 days if nothing has changed."
    ),
    AlertNote.Act.REOPENED: gettext_lazy("It is back on the list."),
}


@require_safe
@member_view(Permission.FIGURES_READ)
def insights(request: MemberRequest) -> HttpResponse:
    """Every cohort in figures, or the same part of each; narrowed by the address."""
    wanted, now = FigureFilter.read(request.GET), clock.now()
    cursor = request.GET.get("cursor", "")
    known = Cohort.objects.visible_to(request.member).exclude(phase=Cohort.Phase.DRAFT)
    rows = matching(known.for_list(), wanted)
    shown = page(rows, order=wanted.path, cursor=cursor, size=COHORTS_A_PAGE)
    columns = columns_of(shown.rows, wanted, request.organisation_settings, now)
    context = {
        "wanted": wanted,
        "filters": filter_form(wanted, request.member, _today(request)),
        "program": chosen_program(request.member, wanted),
        "columns": columns,
        # a sum over some of the cohorts would be taken for one over all of them
        "totals": [] if cursor or shown.next_cursor else columns.totals,
        "more": wanted.url() + f"&cursor={shown.next_cursor}" if shown.next_cursor else "",
        "cursor": cursor,
        "compares": can(request.member, Permission.OUTCOMES_MANAGE),
        "now": now,
    }
    return render(request, "metrics/insights.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def cohort_report(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort, wanted = _cohort(request, cohort_id), FigureFilter.read(request.GET)
    now, chosen = clock.now(), request.organisation_settings
    context = {
        **_head(request, cohort, "report"),
        "wanted": wanted,
        "filters": filter_form(wanted, request.member, _today(request), programs=False),
    }
    if wanted.is_part:
        context["part"] = part_of(cohort, wanted, chosen, now)
        return render(request, "metrics/report_part.html", context)
    figures = figures_of([cohort], chosen, now)[cohort.pk]
    context["report"] = report(figures)
    context["aims"] = aims(figures, cohort.program.objectives.all(), cohort, _today(request))
    return render(request, "metrics/report.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def trends(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """How the figures of a cohort go over time."""
    cohort, now, chosen = _cohort(request, cohort_id), clock.now(), request.organisation_settings
    context = {
        **_head(request, cohort, "trends"),
        "courses": [*weekly(cohort, chosen, now), *answered(cohort, chosen, now)],
        "circles": circles(cohort, chosen, now),
    }
    return render(request, "metrics/trends.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def contact(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Contact week by week: of all together, and of each partnership that one may see."""
    cohort, cursor = _cohort(request, cohort_id), request.GET.get("cursor", "")
    as_of = AsOf.of(request.organisation_settings, clock.now())
    weeks = weeks_until(cohort, as_of)
    k = thresholds([cohort.pk], request.organisation_settings.threshold)[cohort.pk]
    context = {
        **_head(request, cohort, "contact"),
        "together": together(cohort, weeks, k, as_of),
        "grid": grid(request.member, cohort, weeks, as_of, cursor),
        "steps": key_of_the_grid(),
        "cursor": cursor,
    }
    return render(request, "metrics/contact.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def compare(request: MemberRequest) -> HttpResponse:
    """Two to four cohorts side by side."""
    form, now = _compared(request), clock.now()
    beside = None
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data["cohort"]
        beside = comparison(chosen, request.organisation_settings, now)
    context = {"form": form, "beside": beside, "now": now}
    return render(request, "metrics/compare.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def compare_csv(request: MemberRequest) -> HttpResponseBase:
    """The same cohorts as lines; without two to four of them the page that asks for them."""
    form = _compared(request)
    if not (form.is_bound and form.is_valid()):
        return redirect("metrics:compare", request.member.organisation.slug)
    ids = [cohort.pk for cohort in form.cleaned_data["cohort"]]
    return csv.download(figure_lines(request.member, ids, clock.now()), "cohorts.csv")


def _compared(request: MemberRequest) -> CompareForm:
    """Return the form that says which cohorts; it is bound where the address names some."""
    known = Cohort.objects.visible_to(request.member).exclude(phase=Cohort.Phase.DRAFT)
    offered = list(known.for_list().order_by("-starts_on", "id")[:OFFERED])
    return CompareForm(request.GET if "cohort" in request.GET else None, cohorts=offered)


@require_safe
@member_view(Permission.FIGURES_READ)
def chart(request: MemberRequest, cohort_id: UUID, key: str, form: str) -> HttpResponseBase:
    """One chart as a file: its rows, or its picture."""
    cohort, chosen = _cohort(request, cohort_id), request.organisation_settings
    file = chart_file(key, request.member, cohort, chosen, clock.now())
    if file is None:
        raise Http404
    if form == "csv":
        return csv.download(as_csv(file), f"{key}.csv")
    body = as_workbook(file) if form == "xlsx" else as_png(file)
    response = HttpResponse(body, content_type=FILE_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{key}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


FILE_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
}


@require_safe
@member_view(Permission.FIGURES_READ)
def report_csv(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    cohort = _cohort(request, cohort_id)
    return csv.download(figure_lines(request.member, [cohort.pk], clock.now()), "report.csv")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.FIGURES_READ)
def printed(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """The report as a PDF, made by a worker, and who is sent a link to it."""
    cohort = _cohort(request, cohort_id)
    if request.method == "POST":
        spend(request.member, "export")
        return redirect(readers.start_report(cohort=cohort, by=request.member))
    return _printed(request, cohort, ReaderForm(by=request.member))


def _printed(request: MemberRequest, cohort: Cohort, form: ReaderForm) -> HttpResponse:
    rows = ReportReader.objects.visible_to(request.member).filter(cohort=cohort)
    context = {
        "cohort": cohort,
        "file": readers.reports_of(request.member, cohort).defer("content").first(),
        "readers": rows.select_related("member", "set_by").order_by("member__given_name", "pk"),
        "over": cohort.phase in Cohort.OVER,
    }
    return form_page(request, "metrics/printed.html", form, context)


@never_cache
@require_GET
@member_view(Permission.FIGURES_READ)
def printed_file(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    file = get_object_or_404(readers.reports_of(request.member, cohort))
    answer = HttpResponse(bytes(file.content), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="report.pdf"'
    return answer


@require_POST
@member_view(Permission.FIGURES_READ)
def add_reader(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Name somebody to whom the report is sent."""
    cohort = _cohort(request, cohort_id)
    form = ReaderForm(request.POST, by=request.member)
    if act(
        lambda: readers.add_reader(cohort=cohort, by=request.member, **form.cleaned_data),
        form,
        at={DomainError: "member"},
    ):
        messages.success(request, _("They are sent a link on that day."))
        return redirect("metrics:printed", request.member.organisation.slug, cohort.pk)
    return _printed(request, cohort, form)


@require_POST
@member_view(Permission.FIGURES_READ)
def remove_reader(request: MemberRequest, cohort_id: UUID, reader_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    rows = ReportReader.objects.visible_to(request.member).filter(cohort=cohort)
    reader = get_object_or_404(rows, pk=reader_id)
    readers.remove_reader(reader=reader, by=request.member)
    messages.success(request, _("It is sent to %(name)s no more.") % {"name": reader.member})
    return redirect("metrics:printed", request.member.organisation.slug, cohort.pk)


@require_safe
@member_view(Permission.FIGURES_READ)
def definitions(request: MemberRequest) -> HttpResponse:
    return render(request, "metrics/definitions.html", {"definitions": DEFINITIONS})


@require_safe
@member_view(Permission.FIGURES_READ)
def figure_definition(request: MemberRequest, key: str) -> HttpResponse:
    entry = definition(key)
    if entry is None:
        raise Http404
    context = {"definition": entry, "threshold": request.organisation_settings.threshold}
    return render(request, "metrics/definition.html", context)


def _head(request: MemberRequest, cohort: Cohort, here: str) -> dict[str, object]:
    """Return what the head of each page of a cohort's figures wants."""
    return {
        "cohort": cohort,
        "tab": "report",
        "here": here,
        "manages": can(request.member, Permission.PROGRAMS_MANAGE),
        "compares": can(request.member, Permission.OUTCOMES_MANAGE),
        "threshold": request.organisation_settings.threshold,
        "now": clock.now(),
    }


def _today(request: MemberRequest) -> date:
    return day_of(clock.now(), request.organisation_settings.zone)


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    rows = Cohort.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=cohort_id)
