"""What waits, in the chats of those who coordinate: counts and links, on the mornings of weekdays.

On Monday all that waits; on other weekdays only the news: applications, and who was asked twice.
Others may read a chat: what rests on people's answers is counted there, and not told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.members.links import absolute
from core.members.models import Member
from core.notifications.channels.chat import PATIENCE
from core.notifications.models import Email, IncomingWebhook
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.pacing import DIGEST_HOUR, MONDAY, SATURDAY
from core.tenancy import due
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from metrics.health import Alert, Reason
from metrics.monday import WORDS
from metrics.todo import TodoRow, todo_list, todo_rows
from programs.models.programs import Program

KIND, STOPPED = "metrics.chat", "metrics.chat_stopped"
NEWS = frozenset({Reason.APPLICATIONS, Reason.ASKED_TWICE})
# what somebody has answered, or who is whose manager, is between them and who coordinates
UNSAID = frozenset(
    {Reason.NO_FIT, Reason.FALLING, Reason.SILENT, Reason.REPORTING_LINE, Reason.VOICES}
)
OTHER = _("Something that the list alone says")


@transaction.atomic
def post_to_chats(*, at: datetime) -> int:
    """Post to each chat what waits, from eight in the organisation's morning; return how many.

    Safe to repeat: one a day and chat.  Where nothing waits the row is written and taken back, so
    that nobody looks again that day.
    """
    webhooks = list(IncomingWebhook.objects.filter(stopped_at=None).order_by("pk"))
    if not webhooks:
        return 0
    chosen = settings_in_force()
    here = at.astimezone(chosen.zone)
    today = day_of(at, chosen.zone)
    if here.hour < DIGEST_HOUR or here.weekday() >= SATURDAY:
        return 0
    keys = {f"{KIND}:{webhook.pk}:{today}": webhook for webhook in webhooks}
    had = set(Email.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    owner = Member.objects.live().filter(role=Member.Role.OWNER).order_by("pk").first()
    new = {key: webhook for key, webhook in keys.items() if key not in had}
    if not new or owner is None:
        return 0
    with translation.override(chosen.locale or settings.LANGUAGE_CODE):
        items = todo_rows([item for item in todo_list(owner, now=at) if item.hidden_by is None])
        if today.weekday() != MONDAY:
            items = [item for item in items if _is_news(item.alert, today)]
        due.mark(at=_next_morning(today))
        return sum(_post(webhook, key, items, owner) for key, webhook in new.items())


def _next_morning(today: date) -> datetime:
    ahead = next(n for n in (1, 2, 3) if (today + timedelta(days=n)).weekday() < SATURDAY)
    return datetime.combine(
        today + timedelta(days=ahead), time(DIGEST_HOUR), settings_in_force().zone
    )


def _is_news(alert: Alert, today: date) -> bool:
    return alert.reason in NEWS and alert.since >= today - timedelta(days=1)


def _program_of(alert: Alert) -> UUID:
    cohort = alert.partnership.cohort if alert.partnership else alert.subject
    program_id: UUID = cohort.program_id  # type: ignore[union-attr]  # no partnership: a cohort
    return program_id


def _post(webhook: IncomingWebhook, key: str, items: Sequence[TodoRow], owner: Member) -> bool:
    wanted = webhook.program_id
    waiting = [item for item in items if wanted in (None, _program_of(item.alert))]
    page = reverse("metrics:todo", args=[owner.organisation.slug])
    program = Program.objects.filter(pk=wanted).first() if wanted else None
    about = uuid5(webhook.pk, key)  # of this day alone: what could not be posted yet is still to be
    email = enqueue(
        member=owner,
        kind=KIND,
        program=wanted,
        dedupe_key=key,
        link=Link(page=page),
        context={
            "count": len(waiting),
            "where": program.name if program else owner.organisation.name,
            "rows": _rows(waiting, absolute(page)),
        },
        about=about,
        webhook=webhook,
    )
    if not waiting:
        withdraw(about=about)
    return bool(email and waiting)


def _rows(waiting: Sequence[TodoRow], page: str) -> list[dict[str, object]]:
    """Return a line for each reason, with how often; what is not told apart comes last."""
    counts: dict[str, int] = {}
    for item in sorted(waiting, key=lambda item: item.alert.reason in UNSAID):
        reason = item.alert.reason
        words = str(OTHER if reason in UNSAID else WORDS[reason])
        counts[words] = counts.get(words, 0) + 1
    return [{"words": words, "count": n, "link": page} for words, n in counts.items()]


@transaction.atomic
def stop_failing_webhooks(*, at: datetime) -> int:
    """Post nothing more where nothing has arrived for three days, and tell who set it."""
    rows = IncomingWebhook.objects.filter(stopped_at=None, failing_since__lte=at - PATIENCE)
    return row_by_row(rows.select_related("set_by__organisation"), partial(_stop, at=at))


def _stop(webhook: IncomingWebhook, *, at: datetime) -> bool:
    IncomingWebhook.objects.filter(pk=webhook.pk).update(stopped_at=at)
    record(by=None, verb="webhook.stopped", target=webhook)
    reader = webhook.set_by
    if reader is None or reader.state == Member.State.LEFT:
        owners = Member.objects.live().filter(role=Member.Role.OWNER)
        reader = owners.select_related("organisation").order_by("pk").first()
    if reader:
        _tell_stopped(webhook, reader)
    return True


def _tell_stopped(webhook: IncomingWebhook, reader: Member) -> None:
    slug = reader.organisation.slug
    page = reverse("accounts:chats", args=[slug])
    if webhook.program_id:
        page = reverse("programs:chats", args=[slug, webhook.program_id])
    enqueue(
        member=reader,
        kind=STOPPED,
        program=webhook.program_id,
        dedupe_key=f"{STOPPED}:{webhook.pk}:{clock.now():%Y%m%d%H%M%S}",
        link=Link(page=page),
        context={
            "chat": IncomingWebhook.Service(webhook.service).label,
            "why": IncomingWebhook.Problem(webhook.problem).label,
        },
        about=webhook.pk,
    )
