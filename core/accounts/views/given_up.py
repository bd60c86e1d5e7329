"""What did not arrive: the owner's list of e-mails given up on, and one's own mailbox."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core.accounts.operations import emails
from core.accounts.views.answers import settings_tabs
from core.common import clock
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications import given_up as queries
from core.notifications.queries import answer_counts


@require_GET
@member_view(Permission.SETTINGS_MANAGE)
def given_up(request: MemberRequest) -> HttpResponse:
    rows = queries.given_up(request.member)
    shown = page(rows, cursor=request.GET.get("after", ""))
    context = {
        "tabs": settings_tabs(request.member, "accounts:given_up"),
        "lines": queries.described(shown.rows),
        "total": rows.count(),
        "answers": answer_counts(request.member, at=clock.now()),
        "more": f"?after={shown.next_cursor}" if shown.next_cursor else "",
    }
    return render(request, "accounts/given_up.html", context)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def send_all_again(request: MemberRequest) -> HttpResponse:
    return _sent_again(request, emails.send_again(by=request.member))


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def send_again(request: MemberRequest, envelope_id: UUID) -> HttpResponse:
    envelope = get_object_or_404(queries.given_up(request.member), id=envelope_id)
    return _sent_again(request, emails.send_again(by=request.member, only=[envelope.pk]))


def _sent_again(request: MemberRequest, count: int) -> HttpResponse:
    words = ngettext("%(n)s e-mail is sent again.", "%(n)s e-mails are sent again.", count)
    messages.success(request, words % {"n": count})
    return redirect("accounts:given_up", request.member.organisation.slug)


@require_POST
@member_view(Permission.TAKE_PART)
def mark_mailbox_working(request: MemberRequest) -> HttpResponse:
    emails.mark_mailbox_working(by=request.member)
    messages.success(request, _("Thank you. E-mails go there as before."))
    return redirect("accounts:me", request.member.organisation.slug)
