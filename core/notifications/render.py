"""From an e-mail's row to a mail: the same row gives the same bytes, however often it is written.

What a mail server or a person would see differ between two sendings is derived: Message-ID and
boundary from the reason, Date and the stamps of signed links from when the e-mail was enqueued.
See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

from email.utils import format_datetime, parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from core.members.keys import derived_secret
from core.members.links import SignedLink, absolute, signed_path
from core.members.models import Key
from core.notifications.models import Email
from core.tenancy.models import OrganisationSettings

UNSUBSCRIBE = "unsubscribe"
KEY_PATHS = {Key.Kind.INVITATION: "/invitation/{}/", Key.Kind.CALENDAR: "/calendar/{}.ics"}


class Mail(EmailMultiAlternatives):
    """A mail whose boundaries are given and not rolled, so that it can be made again."""

    boundary = ""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        made = super().message(*args, **kwargs)
        holders = [part for part in made.walk() if part.is_multipart()]
        for depth, part in enumerate(holders):
            part.set_boundary(f"{self.boundary}{'.' * depth}")
        return made


def mail_of(email: Email, chosen: OrganisationSettings) -> Mail:
    """Return the e-mail as a mail, in the zone and language of its reader.

    Wants e-mail.member and e-mail.organisation; call it inside the e-mail's organisation.
    Raises ValueError for a link that leads nowhere, TemplateDoesNotExist for an unknown kind.
    """
    context = context_of(email)
    zone = email.member.time_zone or chosen.time_zone
    with timezone.override(zone), translation.override(chosen.locale):
        subject = subject_of(email)
        text = _render(email, "txt", context, html=False)
        html = _render(email, "html", context, html=True)
    mark = salted_hmac("email", f"{email.organisation_id}:{email.dedupe_key}").hexdigest()
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {
        "Message-ID": f"<{mark}@{address.rpartition('@')[2]}>",
        "Date": format_datetime(email.created_at),
        "Auto-Submitted": "auto-generated",
    }
    if email.mutable:
        headers["List-Unsubscribe"] = f"<{context['unsubscribe_link']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = Mail(subject=subject, body=text, to=[email.member.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    _bring_calendar(mail, email.calendar)
    mail.boundary = f"=_{mark}"
    return mail


def _bring_calendar(mail: Mail, parts: list[dict[str, str]]) -> None:
    """Attach each event as a file; the first is an alternative too: what programs ask about.

    Source: RFC 6047 (iMIP), 2.4: a text/calendar part names its method.
    """
    if parts:
        mail.attach_alternative(parts[0]["text"], f"text/calendar; method={parts[0]['method']}")
    for part in parts:
        mail.attach(part["name"], part["text"].encode(), "application/ics")


def subject_of(email: Email) -> str:
    """Return the e-mail's subject on one line."""
    return " ".join(_render(email, "subject.txt", context_of(email), html=False).split())


def context_of(email: Email) -> dict[str, Any]:
    """Return what the templates of an e-mail may speak of: its values, and ours by these names."""
    return {
        **email.context,
        "member": email.member,
        "organisation": email.organisation,
        "link": absolute(path_of(email)),
        "unsubscribe_link": _unsubscribe_link(email) if email.mutable else "",
    }


def path_of(email: Email) -> str:
    """Return the path that the one button of an e-mail opens."""
    link = email.link
    slug = email.organisation.slug
    if purpose := link.get("signed"):
        return _signed(email, purpose, UUID(link["object"]))
    if kind := link.get("key"):
        return KEY_PATHS[Key.Kind(kind)].format(
            derived_secret(Key.Kind(kind), UUID(link["object"]))
        )
    page: str = link.get("page", "")
    return page if page.startswith("/") else f"/o/{slug}/{page}"


def _unsubscribe_link(email: Email) -> str:
    return absolute(_signed(email, UNSUBSCRIBE, email.pk))


def _signed(email: Email, purpose: str, object_id: UUID) -> str:
    link = SignedLink(email.organisation.slug, email.member_id, object_id)
    return signed_path(purpose, link, at=email.created_at)


def _render(email: Email, ending: str, context: dict[str, Any], *, html: bool) -> str:
    app, _, name = email.kind.partition(".")
    template = Engine.get_default().get_template(f"{app}/mail/{name}.{ending}")
    return str(template.render(Context(context, autoescape=html)))
