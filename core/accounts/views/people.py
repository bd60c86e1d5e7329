"""People: the list, one person, their role, their leaving; and the list as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.errors import AlreadyHere, EmployeeIdTaken, OwnManager
from core.accounts.forms import InviteForm, RoleForm, WorkFactsForm
from core.accounts.limits import spend
from core.accounts.operations import invitations
from core.accounts.operations import people as accounts_people
from core.accounts.queries import (
    PeopleFilter,
    never_invited,
    open_invitation_of,
    people_chips,
    people_columns,
)
from core.common import csv
from core.common.countries import countries
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import Permission, can, grantable_roles
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import tenant
from core.ui.pages import act, form_page

EXPORTED = ("given_name", "family_name", "email", "role", "state", *Member.WORK_FACTS)


@require_GET
@member_view(Permission.PEOPLE_READ)
def people(request: MemberRequest) -> HttpResponse:
    wanted = PeopleFilter.read(request.GET)
    rows = Member.objects.visible_to(request.member)
    shown = page(
        wanted.apply(rows).for_list(), order=wanted.order, cursor=request.GET.get("after", "")
    )
    states, roles = people_chips(rows, wanted)
    return render(
        request,
        "accounts/people.html",
        {
            "wanted": wanted,
            "page": shown,
            "states": states,
            "roles": roles,
            "total": next((chip.n for chip in states if chip.current), 0),
            "may_invite": can(request.member, Permission.PEOPLE_MANAGE),
            "waiting": never_invited(request.member),
            "columns": people_columns(wanted),
            "export_query": wanted.url(),
            "more": wanted.url(after=shown.next_cursor) if shown.next_cursor else "",
        },
    )


@require_GET
@member_view(Permission.PEOPLE_READ)
def export_people(request: MemberRequest) -> StreamingHttpResponse:
    """The list as it is filtered, as CSV: streamed, in a transaction of its own."""
    spend(request.member, "export")
    lines = csv.lines(EXPORTED, _exported(request.member, PeopleFilter.read(request.GET)))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="people.csv"'
    return answer


def _exported(member: Member, wanted: PeopleFilter) -> Iterator[list[object]]:
    with tenant(member.organisation, member=member.pk):
        rows = wanted.apply(Member.objects.visible_to(member)).select_related("manager")
        sign = "-" if wanted.order.startswith("-") else ""
        for person in rows.order_by(wanted.order, f"{sign}id").iterator(chunk_size=500):
            values = {name: getattr(person, name) for name in EXPORTED}
            values["languages"] = ", ".join(person.languages)
            values["manager"] = person.manager.email if person.manager else ""
            yield [values[name] for name in EXPORTED]


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, by=request.member)
    if form.is_valid():
        spend(request.member, "invite")
    person = act(
        lambda: invitations.invite(by=request.member, **form.cleaned_data),
        form,
        at={AlreadyHere: "email"},
    )
    if person:
        messages.success(request, _("%(name)s is invited.") % {"name": person.full_name})
        return redirect(person)
    return form_page(request, "accounts/invite.html", form, {})


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def invite_waiting(request: MemberRequest) -> HttpResponse:
    spend(request.member, "invite_waiting")
    n = invitations.invite_waiting(by=request.member)
    sentence = ngettext("%(n)s person is invited.", "%(n)s people are invited.", n) % {"n": n}
    messages.success(request, sentence)
    return redirect("accounts:people", request.member.organisation.slug)


@require_GET
@member_view(Permission.PEOPLE_READ)
def member(request: MemberRequest, member_id: UUID) -> HttpResponse:
    return _member_page(request, _person(request, member_id))


def _person(request: MemberRequest, member_id: UUID) -> Member:
    rows = Member.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, id=member_id)


def _facts(person: Member) -> list[tuple[str, str]]:
    """Return the work facts with their names, but for two that the page shows in its own way."""
    words = {name: str(getattr(person, name)) for name in Member.WORK_FACTS}
    words |= {
        "country": countries().get(person.country, person.country),
        "languages": ", ".join(person.languages),
    }
    del words["manager"], words["hired_on"]
    return [(Member.fact_label(name), value) for name, value in words.items()]


def _member_page(
    request: MemberRequest, person: Member, form: RoleForm | None = None
) -> HttpResponse:
    by = request.member
    below = person.role in grantable_roles(by)
    manages = can(by, Permission.PEOPLE_MANAGE)
    invitation = open_invitation_of(person) if person.state == Member.State.INVITED else None
    context = {
        "person": person,
        "facts": _facts(person),
        "invitation": invitation,
        "form": form or RoleForm(initial={"role": person.role}, by=by),
        "may_edit": manages,
        "may_change_role": can(by, Permission.SETTINGS_MANAGE) and person.state != "left",
        "may_invite": manages and below and not person.is_live,
        "may_mark_left": manages and below and person.state != "left",
    }
    status = 422 if form is not None else 200
    return render(request, "accounts/member.html", context, status=status)


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def edit_member(request: MemberRequest, member_id: UUID) -> HttpResponse:
    person = _person(request, member_id)
    everybody = Member.objects.visible_to(request.member)
    form = WorkFactsForm.about(person, everybody, request.POST or None)
    changed = act(
        lambda: accounts_people.update_member(
            member=person, by=request.member, **form.cleaned_data
        ),
        form,
        at={EmployeeIdTaken: "employee_id", OwnManager: "manager"},
    )
    if changed:
        return redirect(changed)
    return form_page(request, "accounts/edit_member.html", form, {"person": person})


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def change_role(request: MemberRequest, member_id: UUID) -> HttpResponse:
    person = _person(request, member_id)
    form = RoleForm(request.POST, by=request.member)
    changed = act(
        lambda: accounts_people.change_role(member=person, by=request.member, **form.cleaned_data),
        form,
        at={},  # who has left, or is above one, has no such form on their page
    )
    return redirect(changed) if changed else _member_page(request, person, form)


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def mark_left(request: MemberRequest, member_id: UUID) -> HttpResponse:
    person = _person(request, member_id)
    if request.method == "GET":
        return render(request, "accounts/mark_left.html", {"person": person})
    accounts_people.mark_left(member=person, by=request.member)
    return redirect("organisations" if person.pk == request.member.pk else person)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def send_invitation(request: MemberRequest, member_id: UUID) -> HttpResponse:
    person = _person(request, member_id)
    spend(request.member, "invite")
    invitations.send_invitation(member=person, by=request.member)
    messages.success(request, _("A new invitation is on its way. An older one stops."))
    return redirect(person)


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def withdraw_invitation(request: MemberRequest, member_id: UUID) -> HttpResponse:
    person = _person(request, member_id)
    invitations.withdraw_invitation(member=person, by=request.member)
    return redirect(person)
