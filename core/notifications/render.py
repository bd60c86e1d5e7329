"""What every channel says of an e-mail: its words and links, in its reader's zone and language.

What would differ between two sendings is derived: the stamps of signed links are from when the
e-mail was enqueued.  See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template import Context, Engine
from django.utils import timezone, translation
from django.utils.formats import date_format

from core.members.keys import derived_secret
from core.members.links import SignedLink, absolute, signed_path
from core.members.models import Key, Member
from core.notifications.models import Email
from core.tenancy.models import OrganisationSettings

UNSUBSCRIBE = "unsubscribe"
KEY_PATHS = {Key.Kind.INVITATION: "/invitation/{}/", Key.Kind.CALENDAR: "/calendar/{}.ics"}


@contextmanager
def as_its_reader(email: Email, chosen: OrganisationSettings) -> Iterator[None]:
    """Write times and words in the zone and the language of the e-mail's reader."""
    zone = email.member.time_zone or chosen.time_zone
    with timezone.override(zone), translation.override(chosen.locale):
        yield


def subject_of(email: Email) -> str:
    """Return the e-mail's subject on one line."""
    return " ".join(rendered(email, "subject.txt", context_of(email), html=False).split())


def context_of(email: Email) -> Mapping[str, object]:
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


def rendered(email: Email, ending: str, context: Mapping[str, object], *, html: bool) -> str:
    """Return one text of the e-mail's kind; raises TemplateDoesNotExist for an unknown kind."""
    app, _, name = email.kind.partition(".")
    template = Engine.get_default().get_template(f"{app}/mail/{name}.{ending}")
    return str(template.render(Context(dict(context), autoescape=html)))


def written(instant: datetime, member: Member, zone: ZoneInfo) -> str:
    """Write a time in the reader's zone, with the zone, since an e-mail cannot ask for it."""
    here = instant.astimezone(ZoneInfo(member.time_zone) if member.time_zone else zone)
    return f"{date_format(here, 'l j F Y, H:i')} ({here.tzname()})"
