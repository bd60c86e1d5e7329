"""People: the list, one person, their role, their leaving; and the list as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.errors import (
    AlreadyHere,
    EmployeeIdTaken,
    LastOwner,
    OwnManager,
    RoleAboveYours,
)
from core.accounts.forms import InviteForm, RoleForm, WorkFactsForm, people_filters
from core.accounts.operations import addresses, invitations
from core.accounts.operations import people as accounts_people
from core.accounts.queries import (
    PeopleFilter,
    open_change_of,
    open_invitations_of,
    people_chips,
    people_columns,
    saved_segments,
    successor_of,
    values_of,
    was_before,
)
from core.common import csv
from core.common.countries import countries
from core.common.pages import page
from core.common.zones import city_of
from core.members.limits import spend
from core.members.models import Member
from core.members.permissions import Permission, can, grantable_roles, is_below
from core.members.requests import MemberRequest, member_view
from core.notifications.bounces import bouncing
from core.tenancy.context import tenant
from core.ui.pages import act, form_page

EXPORTED = ("given_name", "family_name", "email", "role", "state", *Member.WORK_FACTS)


@require_GET
@member_view(Permission.PEOPLE_READ)
def people(request: MemberRequest) -> HttpResponse:
    wanted = PeopleFilter.read(request.GET)
    rows = Member.objects.visible_to(request.member)
    shown = page(
        wanted.apply(rows).for_list(), order=wanted.path, cursor=request.GET.get("after", "")
    )
    states, roles = people_chips(rows, wanted)
    invitations_of = open_invitations_of(shown.rows)
    segments = saved_segments(request.member, wanted)
    return render(
        request,
        "accounts/people.html",
        {
            "wanted": wanted,
            "filters": people_filters(wanted, values_of(rows)),
            "rows": [(person, invitations_of.get(person.pk)) for person in shown.rows],
            "bouncing": bouncing(shown.rows),
            "segments": segments,
            "is_saved": any(segment.current for segment in segments),
            "states": states,
            "roles": roles,
            "total": next((chip.n for chip in states if chip.current), 0),
            "may_invite": can(request.member, Permission.PEOPLE_MANAGE),
            "columns": people_columns(wanted),
            "query": wanted.url(),
            "more": wanted.url(after=shown.next_cursor) if shown.next_cursor else "",
        },
    )


@require_GET
@member_view(Permission.PEOPLE_READ)
def export_people(request: MemberRequest) -> StreamingHttpResponse:
    """The list as it is filtered, as CSV: streamed, in a transaction of its own."""
    lines = csv.lines(EXPORTED, _exported(request.member, PeopleFilter.read(request.GET)))
    return csv.download(lines, "people.csv")


def _exported(member: Member, wanted: PeopleFilter) -> Iterator[list[object]]:
    with tenant(member.organisation, member=member.pk):
        rows = wanted.apply(Member.objects.visible_to(member)).select_related("manager")
        for person in rows.order_by(*wanted.order_by).iterator(chunk_size=500):
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
        "time_zone": city_of(person.time_zone) if person.time_zone else "",
    }
    del words["manager"], words["hired_on"]
    return [(Member.fact_label(name), value) for name, value in words.items()]


def _member_page(
    request: MemberRequest, person: Member, form: RoleForm | None = None
) -> HttpResponse:
    by = request.member
    grantable = person.role in grantable_roles(by)
    manages = can(by, Permission.PEOPLE_MANAGE)
    invitation = open_invitations_of([person]).get(person.pk)
    context = {
        "person": person,
        "facts": _facts(person),
        "invitation": invitation,
        "address_change": open_change_of(person),
        "bouncing": bouncing([person]),
        "was_before": was_before(person),
        "successor": successor_of(person) if person.successor_id else None,
        "form": form or RoleForm(initial={"role": person.role}, by=by),
        "may_edit": manages,
        "may_name_mailbox": manages and (person.pk == by.pk or is_below(person, by)),
        "may_change_role": can(by, Permission.SETTINGS_MANAGE) and person.state != "left",
        "may_invite": manages and grantable and not person.is_live,
        "may_mark_left": manages and is_below(person, by) and person.state != "left",
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
        at={
            AlreadyHere: "email",
            RoleAboveYours: "email",
            EmployeeIdTaken: "employee_id",
            OwnManager: "manager",
        },
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
        at={LastOwner: "role"},  # who has left, or is above one, has no such form on their page
    )
    return redirect(changed) if changed else _member_page(request, person, form)


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


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def keep_address(request: MemberRequest, member_id: UUID) -> HttpResponse:
    person = _person(request, member_id)
    addresses.withdraw_address_change(member=person, by=request.member)
    messages.success(request, _("The e-mail stays as it is."))
    return redirect(person)
