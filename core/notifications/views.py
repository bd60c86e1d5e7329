"""The bell; stopping a kind of e-mail from the link that stands in it; mail a relay posts."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common.dates import instant_of
from core.common.pages import page
from core.members.links import signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications import operations
from core.notifications.channels import in_app
from core.notifications.channels.email import EmailChannel
from core.notifications.inbound import door
from core.notifications.inbound.message import MOST_BYTES
from core.notifications.models import Email
from core.notifications.render import UNSUBSCRIBE

LINES_A_PAGE = 25


@require_safe
@member_view(Permission.TAKE_PART)
def bell(request: MemberRequest) -> HttpResponse:
    """All that this person has been told, the latest first."""
    rows = in_app.shown_to(request.member)
    shown = page(rows, order="-shown_at", cursor=request.GET.get("after", ""), size=LINES_A_PAGE)
    since = _seen_until(request)
    more = {"after": shown.next_cursor, "since": since.isoformat() if since else ""}
    context = {
        "lines": in_app.notifications(shown.rows, since=since),
        "more": f"?{urlencode(more)}" if shown.next_cursor else "",
    }
    return render(request, "notifications/bell.html", context)


def _seen_until(request: MemberRequest) -> datetime | None:
    """Return until when they had seen all: as the bell was opened, or as it stands."""
    since = instant_of(request.GET.get("since", ""))
    return since if "since" in request.GET else request.member.bell_opened_at


@require_POST
@member_view(Permission.TAKE_PART)
def open_bell(request: MemberRequest) -> HttpResponse:
    """Read from here on: what was new is marked on the page that this leads to."""
    since = request.member.bell_opened_at
    operations.open_bell(by=request.member)
    query = urlencode({"since": since.isoformat() if since else ""})
    return redirect(
        f"{reverse('notifications:bell', args=[request.member.organisation.slug])}?{query}"
    )


@require_safe
@member_view(Permission.TAKE_PART)
def bell_count(request: MemberRequest) -> HttpResponse:
    """The bell of the page's head again, asked for by pages that stay open."""
    return render(request, "notifications/_bell.html", {"unread": in_app.unread(request.member)})


@csrf_exempt  # a relay posts it with a key, not with a cookie
@login_not_required
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Take a message as a relay got it, RFC 5322; what it is, is found out here."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.INBOUND_MAIL_KEY:
        raise Http404
    if not constant_time_compare(key, settings.INBOUND_MAIL_KEY):
        return HttpResponse(status=401)
    door.take(request.read(MOST_BYTES))  # what is said comes first, files come last
    return HttpResponse(status=204)


# The token in the address is all the power there is: mail programs post here without our cookie
# (RFC 8058, one-click), and whoever could forge the post could as well follow the link.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@signed_link(UNSUBSCRIBE, max_age=timedelta(days=730))
def unsubscribe(request: HttpRequest, member: Member, email_id: UUID) -> HttpResponse:
    """Ask whether to stop e-mails like this one; a post stops them.

    A link that may be forwarded can only switch off, and says the kind but not what was written:
    on again, one signs in.
    """
    emails = Email.objects.visible_to(member).select_related("member", "organisation")
    email = get_object_or_404(emails, pk=email_id)
    if not email.mutable:
        raise Http404
    stopped = request.method == "POST"
    if stopped:
        operations.mute(member=member, kind=email.kind, channel=EmailChannel.name)
    context = {"email": email, "stopped": stopped}
    return render(request, "notifications/unsubscribe.html", context)
