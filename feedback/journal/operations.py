"""Entries written, changed and deleted by their author; no record says that they were."""

from __future__ import annotations

from django.db import transaction

from core.common import clock
from core.members.models import Member
from core.tenancy.context import current_organisation_id, tenant
from feedback.journal.queries import attended, prompt_for
from feedback.models.journal import JournalEntry
from pairing.errors import NotTheirs
from sessions.models.sessions import Session


@transaction.atomic
def write_entry(*, by: Member, text: str, session: Session | None = None) -> JournalEntry:
    """Write an entry, about a session if there is one; raises NotTheirs if they were not there.

    There is one about each session: written again, it is that one with new words.
    """
    if session and not attended(by).filter(pk=session.pk).exists():
        raise NotTheirs
    prompt = prompt_for(session, by) if session else ""
    values = {"prompt": prompt, "text": text, "written_at": clock.now()}
    with tenant(current_organisation_id(), member=by.pk):
        if session:
            rows = JournalEntry.objects.filter(author=by, session=session)
            if rows.update(**values):
                return rows.get()
        return JournalEntry.objects.create(author=by, session=session, readers=[by.pk], **values)


@transaction.atomic
def change_entry(*, entry: JournalEntry, by: Member, text: str) -> JournalEntry:
    """Put other words in the place of an entry's.  Raises NotTheirs if it is another's."""
    _rewrite(entry, by, text)
    return entry


@transaction.atomic
def delete_entry(*, entry: JournalEntry, by: Member) -> None:
    """Empty an entry for good: it is on no page and in no file any more."""
    _rewrite(entry, by, "")


def _rewrite(entry: JournalEntry, by: Member, text: str) -> None:
    with tenant(current_organisation_id(), member=by.pk):
        if not JournalEntry.objects.filter(pk=entry.pk, author=by).update(text=text):
            raise NotTheirs
    entry.text = text
