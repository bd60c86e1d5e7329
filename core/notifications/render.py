"""What every channel says of an e-mail: its words and links, in its reader's zone and language.

What would differ between two sendings is derived: the stamps of signed links are from when the
e-mail was enqueued.  See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template import Context, Engine
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from core.common.zones import zone_words
from core.members.keys import derived_secret
from core.members.languages import in_language_of
from core.members.links import SignedLink, absolute, signed_path
from core.members.models import Key, Member
from core.notifications import batch
from core.notifications.inbound.readers import reader_of
from core.notifications.markdown import as_html, as_line, as_text
from core.notifications.models import Email, EmailText
from core.notifications.texts import Text, filled, kinds
from core.notifications.words import in_words_of
from core.tenancy.models import Organisation, OrganisationSettings

UNSUBSCRIBE = "unsubscribe"
KEY_PATHS = {
    Key.Kind.INVITATION: "/invitation/{}/",
    Key.Kind.ADDRESS: "/address/{}/",
    Key.Kind.CALENDAR: "/calendar/{}.ics",
}


@contextmanager
def as_its_reader(email: Email, chosen: OrganisationSettings) -> Iterator[None]:
    """Write times and words in the zone and the language of the e-mail's reader."""
    zone = email.member.time_zone or chosen.time_zone
    with timezone.override(zone), in_language_of(email.member):
        yield


@dataclass(frozen=True)
class Words:
    """An e-mail as it is read: one line, plain text, and HTML that says the same."""

    subject: str
    text: str
    html: str


def words_of(email: Email, others: Sequence[Email] = ()) -> Words:
    """Return what an e-mail says; the `others` that go with it have a line each.

    Raises KeyError for an unknown kind.
    """
    reader = reader_of(email)
    with in_words_of(email.program_id):
        hint = str(reader.hint) if reader else ""
    return in_frame(
        email.kind,
        text_of(email),
        organisation=email.organisation.name,
        link=absolute(path_of(email)),
        hint=hint,
        also=[{"subject": subject_of(each), "link": absolute(path_of(each))} for each in others],
        unsubscribe_link=unsubscribe_link(email) if email.mutable else "",
    )


def in_frame(
    kind: str,
    text: Text,
    *,
    organisation: str,
    link: str,
    hint: str = "",
    also: Sequence[Mapping[str, str]] = (),
    unsubscribe_link: str = "",
) -> Words:
    """Put a text into the one frame of every e-mail, as plain text and as HTML.

    `hint` says how it can be answered by e-mail.
    """
    subject = as_line(text.subject)
    frame = {
        "kind": kind,
        "subject": subject,
        "button": as_line(text.button),
        "organisation": organisation,
        "link": link,
        "hint": hint,
        "also": also,
        "unsubscribe_link": unsubscribe_link,
    }
    as_words = frame | {"body": as_text(text.body)}
    as_page = frame | {"body": mark_safe(as_html(text.body))}  # as_html lets nothing else through
    return Words(
        subject,
        _framed("notifications/mail/base.txt", as_words, html=False),
        _framed("notifications/mail/base.html", as_page, html=True),
    )


def text_of(email: Email) -> Text:
    """Return the text of an e-mail: its program's, its organisation's, or ours."""
    return text_with(email.kind, context_of(email), email.program_id)


def text_with(name: str, context: Mapping[str, Any], program_id: UUID | None) -> Text:
    """Return what an e-mail of that kind and program says with these values."""
    case = kinds()[name].case_of(context)
    edited = batch.once(
        (EmailText, name, case, program_id),
        lambda: EmailText.objects.in_force(name, case, program_id),
    )
    return _said(name, context, edited, program_id)


def _said(
    name: str, context: Mapping[str, Any], edited: EmailText | None, program_id: UUID | None
) -> Text:
    with in_words_of(program_id):
        ours, passages = kinds()[name].ours(context)
    return filled(edited.text, context, passages) if edited else ours


def subject_of(email: Email) -> str:
    """Return the e-mail's subject on one line."""
    return as_line(text_of(email).subject)


def subjects_of(emails: Sequence[Email]) -> list[str]:
    """Return the subjects of these e-mails, in one statement for any number."""
    rows = EmailText.objects.filter(kind__in={email.kind for email in emails})
    edited = {(row.kind, row.case, row.program_id): row for row in rows}
    subjects = []
    for email in emails:
        context = context_of(email)
        case = kinds()[email.kind].case_of(context)
        own = edited.get((email.kind, case, email.program_id))
        row = own or edited.get((email.kind, case, None))
        subjects.append(as_line(_said(email.kind, context, row, email.program_id).subject))
    return subjects


def context_of(email: Email) -> dict[str, Any]:
    """Return what the text of an e-mail may speak of: its values, and ours by these names."""
    return {**email.context, **reader(email.member, email.organisation)}


def reader(member: Member, organisation: Organisation) -> dict[str, str]:
    """Return what every text may say of who reads it."""
    return {
        "given_name": member.given_name,
        "full_name": member.full_name,
        "organisation": organisation.name,
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


def unsubscribe_link(email: Email) -> str:
    """Return the link that stops e-mails of this kind to its reader."""
    return absolute(_signed(email, UNSUBSCRIBE, email.pk))


def _signed(email: Email, purpose: str, object_id: UUID) -> str:
    link = SignedLink(email.organisation.slug, email.member_id, object_id)
    return signed_path(purpose, link, at=email.signed_as_of)


def _framed(frame: str, context: Mapping[str, object], *, html: bool) -> str:
    template = Engine.get_default().get_template(frame)
    written: str = template.render(Context(dict(context), autoescape=html)).strip()
    return f"{written}\n"  # plain words: who shows them on a page has them escaped


def written(instant: datetime, member: Member, zone: ZoneInfo) -> str:
    """Write a time in the reader's zone, with the zone, since an e-mail cannot ask for it."""
    own = ZoneInfo(member.time_zone) if member.time_zone else zone
    here = instant.astimezone(own)
    with in_language_of(member):
        return f"{date_format(here, 'l j F Y, H:i')} ({zone_words(own)})"
