"""Stopping a kind of e-mail from the link that stands in it."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.members.links import signed_link
from core.members.models import Member
from core.notifications import operations
from core.notifications.channels.email import EmailChannel
from core.notifications.models import Email
from core.notifications.render import UNSUBSCRIBE, subject_of


# The token in the address is all the power there is: mail programs post here without our cookie
# (RFC 8058, one-click), and whoever could forge the post could as well follow the link.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@signed_link(UNSUBSCRIBE, max_age=timedelta(days=730))
def unsubscribe(request: HttpRequest, member: Member, email_id: UUID) -> HttpResponse:
    """Ask whether to stop e-mails like this one; a post stops them, or lets them come again."""
    emails = Email.objects.visible_to(member).select_related("member", "organisation")
    email = get_object_or_404(emails, pk=email_id)
    if not email.mutable:
        raise Http404
    state = "ask"
    if request.method == "POST":
        again = "again" in request.POST
        change = operations.unmute if again else operations.mute
        change(member=member, kind=email.kind, channel=EmailChannel.name)
        state = "again" if again else "stopped"
    return render(
        request,
        "notifications/unsubscribe.html",
        {"email": email, "subject": subject_of(email), "state": state},
    )
