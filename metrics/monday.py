"""What waits for each coordinator, on Monday morning, in one e-mail: counts and links, no names."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.common.rows import row_by_row
from core.members.languages import in_language_of
from core.members.links import absolute
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.pacing import DIGEST_HOUR, MONDAY
from core.tenancy import due
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from metrics.health import Reason
from metrics.todo import TodoItem, todo_list, todo_rows

KIND = "metrics.todo"
WORDS = {
    Reason.REPORTING_LINE: _("Somebody is seated with their manager"),
    Reason.NO_FIT: _("Somebody says that it does not work"),
    Reason.FALLING: _("Mood or progress is low, or falls"),
    Reason.NO_FIRST_SESSION: _("Has not met yet"),
    Reason.QUIET: _("No contact for weeks"),
    Reason.TWO_MISSED: _("Missed two sessions running"),
    Reason.REPORTED: _("Posts are reported in a cohort"),
    Reason.APPLICATIONS: _("Applications wait in a cohort"),
    Reason.PLACE_FREE: _("A place is free, and somebody waits"),
    Reason.NO_PARTNER: _("Somebody has no partner"),
    Reason.UNDER_SIZE: _("A circle is too small"),
    Reason.PHASE_LATE: _("A cohort is not where its dates say"),
    Reason.NOT_JOINED: _("An invitation is not accepted"),
    Reason.SILENT: _("Somebody missed two check-ins"),
    Reason.ASKED_TWICE: _("Somebody was reminded twice in a week"),
    Reason.ONE_LEADS: _("The same person leads nearly always"),
    Reason.GOALS_PAST_DUE: _("A goal is past due"),
    Reason.CHARTER_UNSIGNED: _("A charter is not signed by all"),
    Reason.REVIEW_DUE: _("A decision waits to be looked at again"),
    Reason.VOICES: _("A circle says twice that not everybody is heard"),
    Reason.DECLINES: _("Somebody declined several turns"),
}


def send_monday_lists(*, at: datetime) -> int:
    """Send each coordinator what waits for them, from eight on Monday morning; return how many.

    Safe to repeat: one a week and person.  Where nothing waits the e-mail is written and taken
    back, so that nobody looks again that week.  Where nobody coordinates the owners get it.
    """
    chosen = settings_in_force()
    people = Member.objects.live().select_related("organisation").order_by("pk")
    coordinators = list(people.filter(role=Member.Role.COORDINATOR))
    readers = coordinators or list(people.filter(role=Member.Role.OWNER))
    keys = {
        f"{KIND}:{member.pk}:{monday}": member
        for member in readers
        if (monday := _monday(member, at, chosen.zone))
    }
    had = set(Email.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    waiting = [(key, member) for key, member in keys.items() if key not in had]
    return row_by_row(waiting, lambda row: _send(key=row[0], member=row[1], at=at))


def _zone(member: Member, zone: ZoneInfo) -> ZoneInfo:
    return ZoneInfo(member.time_zone) if member.time_zone else zone


def _monday(member: Member, at: datetime, zone: ZoneInfo) -> str:
    """Return the Monday that it is for this person, from eight on, or ''."""
    here = at.astimezone(_zone(member, zone))
    is_time = here.weekday() == MONDAY and here.hour >= DIGEST_HOUR
    return f"{here:%Y-%m-%d}" if is_time else ""


def _send(*, member: Member, key: str, at: datetime) -> bool:
    with in_language_of(member):
        return _sent(member, key, at)


def _sent(member: Member, key: str, at: datetime) -> bool:
    waiting = [
        item
        for item in todo_list(member, now=at)
        if item.hidden_by is None and item.assigned_to in (None, member)
    ]
    page = reverse("metrics:todo", args=[member.organisation.slug])
    email = enqueue(
        member=member,
        kind=KIND,
        program=None,  # of all their programs
        dedupe_key=key,
        link=Link(page=page),
        context={"count": len(waiting), "rows": _rows(waiting, page)},
        about=member.pk,
    )
    if not waiting:
        withdraw(about=member.pk, kind=KIND)
    due.mark(at=_next_monday(member, at))
    return bool(email and waiting)


def _rows(waiting: list[TodoItem], page: str) -> list[dict[str, object]]:
    """Return a line for each reason: one item opens where it is solved, several the list."""
    groups: dict[Reason, list[TodoItem]] = defaultdict(list)
    for item in waiting:
        groups[Reason(item.finding.reason)].append(item)
    alone = [items[0] for items in groups.values() if len(items) == 1]
    opens = {row.alert.reason: row.alert.opens for row in todo_rows(alone)}
    return [
        {
            "words": str(WORDS[reason]),
            "count": len(items),
            "link": absolute(opens.get(reason, page)),
        }
        for reason, items in groups.items()
    ]


def _next_monday(member: Member, at: datetime) -> datetime:
    zone = _zone(member, settings_in_force().zone)
    return datetime.combine(day_of(at, zone) + timedelta(days=7), time(DIGEST_HOUR), zone)
