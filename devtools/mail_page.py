"""The last e-mails that the SMTP sink has kept, with live links; only where DEBUG is on."""

from __future__ import annotations

import nh3
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from devtools.mail_server import NoSuchEmail, read_email, recent_emails

SHOWN = 50
SEARCHED = 5_000
# What of an e-mail's HTML is shown: its words and links.  Its looks are the mail reader's business,
# and our pages allow no inline style.
TAGS = {"a", "b", "br", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p", "strong", "ul"}
TAGS |= {"blockquote", "code", "div", "span", "dl", "dt", "dd"}


@transaction.non_atomic_requests  # it reads files, and works while no database does
@login_not_required
@require_GET
def emails(request: HttpRequest) -> HttpResponse:
    """The last e-mails, newest first; `?q=` looks for words in subjects and addresses."""
    words = request.GET.get("q", "").strip().casefold()
    latest = recent_emails(settings.MAIL_FOLDER, limit=SEARCHED if words else SHOWN)
    if words:
        latest = tuple(
            email for email in latest if words in f"{email.subject} {' '.join(email.to)}".casefold()
        )[:SHOWN]
    return render(request, "devtools/mail.html", {"emails": latest, "q": words})


@transaction.non_atomic_requests  # it reads files, and works while no database does
@login_not_required
@require_GET
def email(request: HttpRequest, email_id: str) -> HttpResponse:
    """One e-mail: its text, its HTML without looks, and its links."""
    try:
        message = read_email(settings.MAIL_FOLDER, email_id)
    except NoSuchEmail as unknown:
        raise Http404 from unknown
    html = mark_safe(  # what nh3 lets through: no script, no style, no form, no frame
        nh3.clean(
            message.html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}
        )
    )
    return render(request, "devtools/mail_message.html", {"email": message, "html": html})


urlpatterns: list[URLPattern] = [
    path("", emails, name="mailroom"),
    path("<str:email_id>/", email, name="mailroom_email"),
]
