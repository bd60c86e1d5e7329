"""The people of a cohort: the list, decisions on one or many, the file of what is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.accounts.queries import values_of
from core.common import csv
from core.common.errors import DomainError
from core.common.ids import ids_in
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import tenant
from core.ui.pages import AT_THE_FORM, Refusals, act, form_page
from programs.errors import ManagerHasNotSaidYes, PeopleAreWaiting
from programs.forms.cohorts import EnrolForm, enrolment_filters
from programs.forms.decisions import DecisionForm, PauseForm, PlaceForm
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet
from programs.operations import asking, pauses
from programs.operations import enrolments as programs_enrolments
from programs.operations.answers import is_asked
from programs.queries import enrolments
from programs.queries import words as programs_words
from programs.queries.lists import EnrolmentFilter, enrolment_chips, enrolment_columns
from programs.selection.queries import candidacy_of, lacking_yes
from programs.views.common import find_cohort, find_enrolment

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


def _rows(cohort: Cohort, member: Member) -> EnrolmentQuerySet:
    return Enrolment.objects.visible_to(member).filter(cohort=cohort)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def cohort_people(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    wanted = EnrolmentFilter.read(request.GET)
    rows = _rows(cohort, request.member)
    shown = page(
        wanted.apply(rows).for_list(), order=wanted.path, cursor=request.GET.get("after", "")
    )
    people = Member.objects.visible_to(request.member).filter(pk__in=rows.values("member"))
    context = _counts(cohort, request.member, wanted) | {
        "rows": shown.rows,
        "more": wanted.url(after=shown.next_cursor) if shown.next_cursor else "",
        "filters": enrolment_filters(wanted, values_of(people)),
        "columns": enrolment_columns(wanted),
        "may_invite": can(request.member, Permission.PEOPLE_MANAGE),
    }
    return render(request, "programs/cohort_people.html", context)


def _counts(cohort: Cohort, member: Member, wanted: EnrolmentFilter) -> dict[str, object]:
    """Return what the list counts: it is counted again after each act."""
    states, parts = enrolment_chips(_rows(cohort, member), wanted)
    return {
        "cohort": cohort,
        "wanted": wanted,
        "query": wanted.url(),
        "states": states,
        "parts": parts,
        "total": next((chip.n for chip in states if chip.current), 0),
    }


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def people_csv(request: MemberRequest, cohort_id: UUID) -> HttpResponseBase:
    cohort = find_cohort(request, cohort_id)
    wanted = EnrolmentFilter.read(request.GET)
    member = request.member

    def lines() -> Iterator[str]:
        # a streamed body runs after the request's transaction: it opens its own
        with tenant(member.organisation, member=member.pk):
            rows = wanted.apply(_rows(cohort, member)).for_list().order_by(*wanted.order_by)
            yield from csv.lines(
                [str(name) for name, _cell in COLUMNS],
                ([cell(row) for _name, cell in COLUMNS] for row in rows.iterator(500)),
            )

    return csv.download(lines(), "people.csv")


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def decide_people(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Ask about those who are chosen, by name, and then decide on all of them."""
    cohort = find_cohort(request, cohort_id)
    decision = request.POST.get("decision", "")
    if decision not in DECISIONS:
        return HttpResponseBadRequest()
    wanted = EnrolmentFilter.read(request.GET)
    rows = _rows(cohort, request.member).for_list()
    if "all" in request.POST:
        rows = wanted.apply(rows)
    else:
        rows = rows.filter(pk__in=ids_in(request.POST.getlist("enrolment")[:MOST_AT_ONCE]))
    people = list(rows.order_by("member__family_name", "id")[:MOST_AT_ONCE])
    if people and not request.POST.get("confirmed"):
        return _decision_page(request, cohort, decision, people, _form(cohort, decision, people))
    form = _form(cohort, decision, people, request.POST)
    counts: dict[str, int] = {}

    def decide_all() -> None:
        counts.update(
            programs_enrolments.decide_many(
                cohort=cohort,
                enrolment_ids=[enrolment.pk for enrolment in people],
                decision=decision,
                by=request.member,
                **form.answers(),
            )
        )

    if people and not act(decide_all, form):
        return _decision_page(request, cohort, decision, people, form)
    messages.success(request, _summary(counts))
    address = redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
    address["Location"] += wanted.url() if wanted.parts else ""
    return address


def _form(
    cohort: Cohort, decision: str, people: Collection[Enrolment], data: Any = None
) -> DecisionForm:
    waiting = ""
    if decision == "accept" and cohort.places is not None:
        waiting = enrolments.names_in_line(cohort, but=[enrolment.pk for enrolment in people])
    lacking = lacking_yes(people) if decision == "accept" else []
    no_yes = ", ".join(enrolment.member.full_name for enrolment in lacking)
    return DecisionForm(data, decision=decision, waiting=waiting, no_yes=no_yes)


def _decision_page(
    request: MemberRequest,
    cohort: Cohort,
    decision: str,
    people: Collection[Enrolment],
    form: DecisionForm,
) -> HttpResponse:
    context = {
        "cohort": cohort,
        "decision": decision,
        "people": people,
        "active": sum(enrolment.state == Enrolment.State.ACTIVE for enrolment in people),
        "chosen": urlencode([("enrolment", enrolment.pk) for enrolment in people]),
        "query": EnrolmentFilter.read(request.GET).url(),
    }
    return form_page(request, "programs/decide.html", form, context)


def _summary(counts: dict[str, int]) -> str:
    words = [
        f"{Enrolment.State(state).label}: {number}"
        for state, number in counts.items()
        if state != "unchanged"
    ]
    if counts.get("unchanged"):
        words.append(_("Left as they were: %(n)s") % {"n": counts["unchanged"]})
    return "; ".join(words) or _("Nobody was chosen.")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def decide(request: MemberRequest, enrolment_id: UUID, decision: str) -> HttpResponse:
    """Decide on one person, asking what is kept; htmx gets the row, everybody else the list."""
    row = find_enrolment(request, enrolment_id)
    form = _form(row.cohort, decision, [row], request.POST if request.method == "POST" else None)
    # htmx has no page to show a refusal on: it is answered 409, as everywhere
    asked_first = {PeopleAreWaiting: None, ManagerHasNotSaidYes: None}
    at: Refusals = asked_first if request.htmx else AT_THE_FORM
    if act(
        lambda: DECISIONS[decision](enrolment=row, by=request.member, **form.answers()), form, at=at
    ):
        row.refresh_from_db()
        if request.htmx:
            looked_at = QueryDict(urlsplit(request.htmx.current_url or "").query)
            counts = _counts(row.cohort, request.member, EnrolmentFilter.read(looked_at))
            context = counts | {"row": row, "oob": True}
            return render(request, "programs/_decided_row.html", context)
        messages.success(request, _summary({row.state: 1}))
        return redirect("programs:cohort_people", request.member.organisation.slug, row.cohort_id)
    if request.htmx:
        address = [request.member.organisation.slug, row.pk]
        return HttpResponseClientRedirect(reverse(f"programs:{decision}_enrolment", args=address))
    return _decision_page(request, row.cohort, decision, [row], form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def enrolment(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    """Show one person in a cohort, and change their part and capacity."""
    enrolment = find_enrolment(request, enrolment_id)
    form = PlaceForm(request.POST or None, enrolment=enrolment)
    if act(
        lambda: programs_enrolments.change_place(
            enrolment=enrolment, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("Part and capacity are saved."))
        return redirect("programs:enrolment", request.member.organisation.slug, enrolment.pk)
    answers = enrolments.answers_of([enrolment])[enrolment.pk]
    context = {
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "changeable": enrolment.state in (*Enrolment.UNDECIDED, *Enrolment.IN_PLACE)
        and enrolment.cohort.phase not in Cohort.OVER,
        "place": enrolments.place_in_line(enrolment) if enrolment.state == "waitlisted" else 0,
        "selects": enrolment.cohort.program.selects(enrolment.part),
        "candidacy": candidacy_of(enrolment),
        "answers": [
            (question.label, programs_words.answer_words(question, answers.get(question.key)))
            for question in enrolment.cohort.program.questions.all()
            if is_asked(question, enrolment.part)
        ],
    }
    return form_page(request, "programs/enrolment.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def pause_enrolment(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    enrolment = find_enrolment(request, enrolment_id)
    form = PauseForm(request.POST or None)
    if act(
        lambda: pauses.pause_enrolment(enrolment=enrolment, by=request.member, **form.cleaned_data),
        form,
    ):
        return redirect("programs:enrolment", request.member.organisation.slug, enrolment.pk)
    context = {"enrolment": enrolment, "cohort": enrolment.cohort}
    return form_page(request, "programs/pause_enrolment.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def resume_enrolment(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    enrolment = find_enrolment(request, enrolment_id)
    pauses.resume_enrolment(enrolment=enrolment, by=request.member)
    return redirect("programs:enrolment", request.member.organisation.slug, enrolment.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def enrol_person(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    waiting = enrolments.names_in_line(cohort) if cohort.places is not None else ""
    form = EnrolForm(request.POST or None, cohort=cohort, by=request.member, waiting=waiting)

    def enrol() -> Enrolment:
        capacity = form.cleaned_data.get("capacity")
        return programs_enrolments.enrol_directly(
            cohort=cohort,
            member=form.cleaned_data["email"],
            part=form.cleaned_data["part"],
            capacity=1 if capacity is None else capacity,
            over_waiting=form.cleaned_data.get("over_waiting", False),
            by=request.member,
        )

    if act(enrol, form, at={PeopleAreWaiting: "over_waiting", DomainError: "email"}):
        return redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
    return form_page(request, "programs/enrol_person.html", form, {"cohort": cohort})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def remind_unanswered(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Say who has not answered what is compared, and write to them."""
    cohort = find_cohort(request, cohort_id)
    if request.method == "POST":
        asked = len(asking.remind_unanswered(cohort=cohort, by=request.member))
        words = ngettext("%(n)d e-mail goes out.", "%(n)d e-mails go out.", asked)
        messages.success(request, words % {"n": asked})
        return redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
    open_answers = enrolments.not_answered(cohort)
    context = {
        "cohort": cohort,
        "people": open_answers,
        "to_write": asking.to_remind(cohort),
        "tab": "people",
    }
    return render(request, "programs/remind_unanswered.html", context)
