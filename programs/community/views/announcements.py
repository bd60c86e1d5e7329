"""Announcements: written to a cohort, a program or people ticked on a list; read by theirs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.queries import segments_of
from core.common.ids import ids_in
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.community import queries
from programs.community.forms import AnnouncementForm
from programs.community.operations import announcements as operations
from programs.community.views.common import (
    find_announcement,
    find_community,
    require_running,
)
from programs.models.community import Announcement
from programs.models.programs import Cohort, Program
from programs.queries.lists import EnrolmentFilter
from programs.views.common import find_program

METHODS = ["GET", "HEAD", "POST"]
MOST_CHOSEN = 1000


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def new_announcement(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Write to a cohort, or to those of it who were ticked on the list of people."""
    cohort = find_community(request, cohort_id)
    require_running(request, cohort.program)
    chosen = ""
    if "title" not in request.POST and request.method == "POST":
        chosen = _ticked(request, cohort)
    return _write(request, cohort.program, cohort, chosen)


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def new_program_announcement(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Write to all cohorts of a program that are under way."""
    return _write(request, find_program(request, program_id), None, "")


def _ticked(request: MemberRequest, cohort: Cohort) -> str:
    """Return the enrolments that were ticked on the list, or all that match there."""
    if "all" in request.POST:
        wanted = EnrolmentFilter.read(request.GET)
        rows = queries.matching(cohort, request.member, wanted, most=MOST_CHOSEN)
        return ",".join(str(pk) for pk in rows)
    return ",".join(str(pk) for pk in ids_in(request.POST.getlist("enrolment"))[:MOST_CHOSEN])


def _write(
    request: MemberRequest, program: Program, cohort: Cohort | None, chosen: str
) -> HttpResponse:
    sent = request.POST if "title" in request.POST else None
    form = AnnouncementForm(sent, segments=segments_of(request.member), chosen=chosen)
    people = queries.chosen_members(cohort, form.enrolments()) if cohort else []
    row = act(
        lambda: operations.write_announcement(
            program=program, cohort=cohort, chosen=people, by=request.member, **form.said
        ),
        form,
    )
    if row:
        _say(request, row)
        return redirect(row)
    context = {"program": program, "cohort": cohort, "chosen": len(people)}
    return form_page(request, "programs/community/write.html", form, context)


def _say(request: MemberRequest, row: Announcement) -> None:
    if not row.is_sent:
        messages.success(request, _("It goes out at the time you have chosen."))
        return
    words = ngettext("It went to %(n)d person.", "It went to %(n)d people.", row.told)
    messages.success(request, words % {"n": row.told})


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def edit_announcement(request: MemberRequest, announcement_id: UUID) -> HttpResponse:
    """Change what has not gone out yet."""
    row = find_announcement(request, announcement_id)
    require_running(request, row.program)
    form = AnnouncementForm(request.POST or None, segments=segments_of(request.member), row=row)
    changed = act(
        lambda: operations.change_announcement(announcement=row, by=request.member, **form.said),
        form,
    )
    if changed:
        _say(request, changed)
        return redirect(changed)
    chosen = len(row.chosen) if row.is_to_a_list else 0
    context = {"program": row.program, "cohort": row.cohort, "row": row, "chosen": chosen}
    return form_page(request, "programs/community/write.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def drop_announcement(request: MemberRequest, announcement_id: UUID) -> HttpResponse:
    row = find_announcement(request, announcement_id)
    require_running(request, row.program)
    operations.drop_announcement(announcement=row, by=request.member)
    messages.success(request, _("It is deleted, and goes to nobody."))
    return redirect(row.cohort or row.program)


@require_safe
@member_view(Permission.TAKE_PART)
def announcement(request: MemberRequest, announcement_id: UUID) -> HttpResponse:
    row = find_announcement(request, announcement_id)
    context = {
        "announcement": row,
        "runs": queries.runs(request.member, row.program),
        "is_unread": queries.is_unread(row, request.member),
    }
    return render(request, "programs/community/announcement.html", context)


@require_POST
@member_view(Permission.TAKE_PART)
def read_announcement(request: MemberRequest, announcement_id: UUID) -> HttpResponse:
    """Note that I have read it; a script does it for who opens the page."""
    row = find_announcement(request, announcement_id)
    operations.read_announcement(announcement=row, by=request.member)
    return HttpResponse() if request.htmx else redirect(row)
