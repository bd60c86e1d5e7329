"""The people of a cohort: the list, decisions on one or many, the file of what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
)
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import csv
from core.common.errors import DomainError
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import tenant
from core.ui.pages import act, form_page
from programs.forms.cohorts import EnrolForm
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet
from programs.operations import enrolments as programs_enrolments
from programs.operations import imports
from programs.queries import enrolments
from programs.queries import words as programs_words
from programs.views.common import find_cohort, find_enrolment

SORTS = {"name": "member__family_name", "newest": "-applied_at", "changed": "-changed_at"}
DECISIONS = programs_enrolments.DECISIONS
MOST_AT_ONCE = 1000
COLUMNS: tuple[tuple[Promise, Callable[[Enrolment], object]], ...] = (
    (gettext_lazy("Given name"), lambda row: row.member.given_name),
    (gettext_lazy("Family name"), lambda row: row.member.family_name),
    (gettext_lazy("Work e-mail"), lambda row: row.member.email),
    (gettext_lazy("Part"), lambda row: row.get_part_display()),
    (gettext_lazy("State"), lambda row: row.get_state_display()),
    (gettext_lazy("Capacity"), lambda row: row.capacity),
    (gettext_lazy("Department"), lambda row: row.member.department),
    (gettext_lazy("Level"), lambda row: row.member.level),
    (gettext_lazy("Location"), lambda row: row.member.location),
    (gettext_lazy("Applied at"), lambda row: row.applied_at),
    (gettext_lazy("Accepted at"), lambda row: row.accepted_at),
)


def _filters(request: MemberRequest) -> dict[str, str]:
    """Return the filters that the address names; anything else it says is left out."""
    part, state = request.GET.get("part", ""), request.GET.get("state", "")
    filters = {
        "part": part if part in Enrolment.Part.values else "",
        "state": state if state in Enrolment.State.values else "",
        "search": request.GET.get("search", "").strip()[:100],
    }
    return {name: value for name, value in filters.items() if value}


def _rows(cohort: Cohort, member: Member, filters: dict[str, str]) -> EnrolmentQuerySet:
    rows = Enrolment.objects.visible_to(member).for_list().filter(cohort=cohort)
    return enrolments.filtered_enrolments(rows, **filters)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def cohort_people(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    filters = _filters(request)
    sort = request.GET.get("sort", "name")
    sort = sort if sort in SORTS else "name"
    rows = _rows(cohort, request.member, filters)
    people = page(rows, order=SORTS[sort], cursor=request.GET.get("after", ""))
    counts = enrolments.cohort_counts(cohort)
    context = {
        "cohort": cohort,
        "rows": people.rows,
        "more": _link(filters, sort=sort, after=people.next_cursor) if people.next_cursor else "",
        "first": "after" not in request.GET,
        "count": rows.count(),
        "counts": counts,
        "filters": filters,
        "sort": sort,
        "export": urlencode(filters),
        "state_chips": _chips("state", Enrolment.State.choices, counts.states, filters, sort),
        "part_chips": _chips("part", Enrolment.Part.choices, counts.parts, filters, sort),
        "sorts": [
            (_link(filters, sort="name"), _("By name"), sort == "name"),
            (_link(filters, sort="newest"), _("Newest first"), sort == "newest"),
            (_link(filters, sort="changed"), _("Last changed first"), sort == "changed"),
        ],
    }
    return render(request, "programs/cohort_people.html", context)


def _link(filters: dict[str, str], **more: str) -> str:
    return "?" + urlencode(filters | {name: value for name, value in more.items() if value})


def _chips(
    name: str,
    choices: Iterable[tuple[str, object]],
    counts: dict[str, int],
    filters: dict[str, str],
    sort: str,
) -> list[tuple[str, str, int, bool]]:
    """Return a filter chip for each value that somebody has: address, words, number, current."""
    others = {key: value for key, value in filters.items() if key != name}
    chips = [(_link(others, sort=sort), _("All"), sum(counts.values()), name not in filters)]
    for value, words in choices:
        if counts.get(value) or filters.get(name) == value:
            link = _link(others | {name: value}, sort=sort)
            chips.append((link, str(words), counts.get(value, 0), filters.get(name) == value))
    return chips


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def people_csv(request: MemberRequest, cohort_id: UUID) -> HttpResponseBase:
    cohort = find_cohort(request, cohort_id)
    filters = _filters(request)
    member = request.member

    def lines() -> Iterator[str]:
        # a streamed body runs after the request's transaction: it opens its own
        with tenant(member.organisation, member=member.pk):
            rows = _rows(cohort, member, filters).order_by("member__family_name", "id")
            yield from csv.lines(
                [str(name) for name, _cell in COLUMNS],
                ([cell(row) for _name, cell in COLUMNS] for row in rows.iterator(500)),
            )

    return csv.download(lines(), "people.csv")


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def decide_people(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    decision = request.POST.get("decision", "")
    try:
        enrolment_ids = [UUID(text) for text in request.POST.getlist("enrolment")[:MOST_AT_ONCE]]
    except ValueError:
        return HttpResponseBadRequest()
    if decision not in DECISIONS:
        return HttpResponseBadRequest()
    visible = Enrolment.objects.visible_to(request.member).filter(
        cohort=cohort, pk__in=enrolment_ids
    )
    counts = programs_enrolments.decide_many(
        cohort=cohort,
        enrolment_ids=list(visible.values_list("pk", flat=True)),
        decision=decision,
        by=request.member,
    )
    messages.success(request, _summary(counts))
    filters = _filters(request)
    address = redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
    address["Location"] += _link(filters) if filters else ""
    return address


def _summary(counts: dict[str, int]) -> str:
    words = [
        f"{Enrolment.State(state).label}: {number}"
        for state, number in counts.items()
        if state != "unchanged"
    ]
    if counts.get("unchanged"):
        words.append(_("Left as they were: %(n)s") % {"n": counts["unchanged"]})
    return "; ".join(words) or _("Nobody was chosen.")


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def decide(request: MemberRequest, enrolment_id: UUID, decision: str) -> HttpResponse:
    """Decide on one person; htmx gets the row, everybody else the list."""
    enrolment = find_enrolment(request, enrolment_id)
    row = DECISIONS[decision](enrolment=enrolment, by=request.member)
    if request.htmx:
        return render(request, "programs/_person_row.html", {"row": row, "swapped": True})
    return redirect("programs:cohort_people", request.member.organisation.slug, row.cohort_id)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def enrolment(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    enrolment = find_enrolment(request, enrolment_id)
    answers = enrolments.answers_of([enrolment])[enrolment.pk]
    context = {
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "answers": [
            (question.label, programs_words.answer_words(question, answers.get(question.key)))
            for question in enrolment.cohort.program.questions.all()
        ],
    }
    return render(request, "programs/enrolment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def enrol_person(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    form = EnrolForm(request.POST or None, cohort=cohort, by=request.member)

    def enrol() -> Enrolment:
        capacity = form.cleaned_data.get("capacity")
        return programs_enrolments.enrol_directly(
            cohort=cohort,
            member=form.cleaned_data["email"],
            part=form.cleaned_data["part"],
            capacity=1 if capacity is None else capacity,
            by=request.member,
        )

    if act(enrol, form, at={DomainError: "email"}):
        return redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
    return form_page(request, "programs/enrol_person.html", form, {"cohort": cohort})


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def invite_people(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    number = imports.invite_imported(cohort=cohort, by=request.member)
    sentence = ngettext("%(n)s invitation goes out.", "%(n)s invitations go out.", number)
    messages.success(request, sentence % {"n": number})
    return redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
