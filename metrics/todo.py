"""A coordinator's list: what waits, and what was done about it by any of those who coordinate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from core.accounts.queries import successor_of
from core.members.models import Member
from core.members.permissions import Permission, can
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from metrics.cohort_alerts import cohorts_in_words, without
from metrics.findings import known_findings
from metrics.health import Alert, Reason, in_words
from metrics.models import AlertNote, Finding

SETTLED_FOR = timedelta(days=14)  # then it comes back, if its cause is still there
_STATES = (AlertNote.Act.SNOOZED, AlertNote.Act.SETTLED, AlertNote.Act.REOPENED)


@dataclass(frozen=True)
class TodoItem:
    """One finding with what was done about it, the newest note first."""

    finding: Finding
    notes: Sequence[AlertNote]
    assigned_to: Member | None  # None is everybody
    today: date
    zone: ZoneInfo

    @property
    def key(self) -> tuple[str, UUID, UUID | None]:
        return self.finding.key

    @property
    def written(self) -> list[AlertNote]:
        return [note for note in self.notes if note.act == AlertNote.Act.NOTED]

    @property
    def hidden_by(self) -> AlertNote | None:
        """The note that keeps it off the list today: until its day, or until there is news."""
        last = next((note for note in self.notes if note.act in _STATES), None)
        if last is None or last.act == AlertNote.Act.REOPENED:
            return None
        if last.act == AlertNote.Act.SNOOZED:
            return last if last.until and last.until > self.today else None
        settled_on = day_of(last.created_at, self.zone)
        is_news = self.finding.since > settled_on or self.today >= settled_on + SETTLED_FOR
        return None if is_news else last


@dataclass(frozen=True)
class TodoRow(TodoItem):
    """An item in words, as a page shows it."""

    alert: Alert

    @property
    def url(self) -> str:
        """Return where it is noted, put off, passed on or settled."""
        ids = [part for part in self.key if part]
        return reverse("metrics:todo_item", args=[self.alert.subject.organisation.slug, *ids])


def todo_rows(items: Sequence[TodoItem]) -> list[TodoRow]:
    """Put items in words: only those that somebody is going to read."""
    findings = [item.finding for item in items]
    alerts = {
        (alert.reason.value, alert.subject.pk, alert.person.pk if alert.person else None): alert
        for alert in (
            *in_words([finding for finding in findings if finding.partnership_id]),
            *cohorts_in_words([finding for finding in findings if not finding.partnership_id]),
        )
    }
    return [TodoRow(**vars(item), alert=alerts[item.key]) for item in items if item.key in alerts]


def todo_list(member: Member, *, now: datetime) -> list[TodoItem]:
    """Return all that waits for this coordinator, hidden items too, the most urgent first."""
    if not can(member, Permission.PARTNERSHIPS_MANAGE):
        return []
    order = {reason.value: place for place, reason in enumerate(Reason)}
    known = (without(finding, member) for finding in known_findings(member, now))
    findings = [finding for finding in known if finding]
    findings.sort(key=lambda row: (order[row.reason], row.since, str(row.key)))
    notes: dict[tuple[str, UUID, UUID | None], list[AlertNote]] = defaultdict(list)
    noted = {row.about_id for row in findings if getattr(row, "noted", True)}
    rows = AlertNote.objects.visible_to(member).filter(about_id__in=noted)
    for note in rows.select_related("by", "assigned_to").order_by("-created_at", "-id"):
        notes[note.reason, note.about_id, note.person_id].append(note)
    zone = settings_in_force().zone
    today = day_of(now, zone)
    holder_of = cache(successor_of)  # a leaver's items are their successor's
    return [
        TodoItem(finding, notes_of, _assigned_to(notes_of, holder_of), today, zone)
        for finding in findings
        for notes_of in (notes.get(finding.key, []),)
    ]


def _assigned_to(
    notes: Sequence[AlertNote], holder_of: Callable[[Member], Member]
) -> Member | None:
    assigned = (note.assigned_to for note in notes if note.act == AlertNote.Act.ASSIGNED)
    last = next(assigned, None)
    return holder_of(last) if last else None
