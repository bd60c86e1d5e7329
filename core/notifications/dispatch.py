"""Sending what is due: claim with a lease, check again, write, send, mark where still mine.

Nothing is lost: an envelope stays due until a try of ours has marked it sent.  Over SMTP an
e-mail may arrive twice only if a worker dies between the server's "250" and the mark, and then
byte for byte the same.  See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Min, OuterRef

from core.common import clock
from core.common.env import number
from core.common.ids import new_id
from core.members.models import Member
from core.notifications import batch, bounces, sign_in
from core.notifications.channels import CHANNELS
from core.notifications.channels.base import Channel, Deferred, Refused
from core.notifications.kinds import leading
from core.notifications.models import Email, Envelope, MutedKind
from core.notifications.timetable import DIGEST, due_again
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = logging.getLogger(__name__)

BATCH = 500
TRIES = 5
# Half of it is for sending: what is left of a batch then goes back before anybody else takes it.
LEASE = timedelta(seconds=number("NOTIFICATION_LEASE_SECONDS", 300))
# One run ends well before Celery's hard time limit; the sweep starts the next.
RUN = timedelta(minutes=10)
# What is answered "later" is asked again after as long as it has waited, within these bounds.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=8)
DEFERRED_FOR = timedelta(days=3)

# The database's clock decides what is due and whose lease is over: the machines' differ.
NOW = "coalesce(%(now)s::timestamptz, statement_timestamp())"
# Claims of a channel, which are short, come one after another: two workers would otherwise share
# what is to go as one message.
TURN = f"SELECT {NOW}, pg_advisory_xact_lock(hashtext(%(channel)s))"
FRESH = f"""
    e.channel = %(channel)s AND e.state = 'due' AND e.lease_until IS NULL AND e.due_at <= {NOW}
"""
LEFT_BEHIND = f"e.channel = %(channel)s AND e.state = 'due' AND e.lease_until < {NOW}"
# what the closing of an organisation had to say still goes: that sessions do not take place
OPEN = (
    "JOIN tenancy_organisation o ON o.id = e.organisation_id"
    f" AND (o.closed_at IS NULL OR o.closed_at > {NOW} - interval '3 days')"
)
# EXISTS would let the planner read the whole table where it believes that much is due
DUE = f"""
    SELECT coalesce(
        (SELECT true FROM notifications_envelope e {OPEN} WHERE {FRESH}
            ORDER BY e.due_at, e.id LIMIT 1),
        (SELECT true FROM notifications_envelope e {OPEN} WHERE {LEFT_BEHIND}
            ORDER BY e.lease_until, e.id LIMIT 1),
        false
    )
"""  # noqa: S608  made of the texts above, as are the next two
BURY = f"""
    UPDATE notifications_envelope e SET state = 'dead', lease_until = NULL
    WHERE {LEFT_BEHIND} AND e.attempts >= %(tries)s RETURNING e.email_id
"""  # noqa: S608  made of the texts above
# What goes with one of a batch is taken along, due or not; a bundle that is tried gets a new id,
# so that nothing joins it: the second try is the same byte for byte.  Rows that are locked stay
# where they are: by ctid they are found without a plan that may go wrong.
CLAIM = f"""
    WITH due AS (
        SELECT e.ctid, e.bundle_id FROM notifications_envelope e {OPEN} WHERE {{which}}
        ORDER BY {{order}}, e.id LIMIT %(most)s FOR UPDATE OF e SKIP LOCKED
    ), mates AS (
        SELECT e.ctid FROM notifications_envelope e
        WHERE e.bundle_id IN (SELECT bundle_id FROM due WHERE bundle_id IS NOT NULL)
            AND e.channel = %(channel)s AND e.state = 'due' AND e.due_at <= {NOW} + %(hold)s
            AND (e.lease_until IS NULL OR e.lease_until < {NOW})
        FOR UPDATE OF e SKIP LOCKED
    )
    UPDATE notifications_envelope e
    SET lease_until = {NOW} + %(lease)s, attempts = e.attempts + 1,
        bundle_id = CASE WHEN e.bundle_id IS NULL THEN NULL
            ELSE md5(e.bundle_id::text || %(claim)s)::uuid END
    WHERE e.ctid = ANY (ARRAY(SELECT ctid FROM due UNION ALL SELECT ctid FROM mates))
    RETURNING e.organisation_id, e.id, e.email_id, e.attempts, e.bundle_id,
        CASE WHEN e.bundle_id IS NOT NULL THEN e.created_at END
"""  # noqa: S608  made of the texts above
CLAIM_FRESH = CLAIM.format(which=FRESH, order="e.due_at")
CLAIM_LEFT_BEHIND = CLAIM.format(which=LEFT_BEHIND, order="e.lease_until")


@dataclass(frozen=True)
class _Claim:
    """What goes as one message, and is ours until `until` for this attempt: e-mails in order.

    `until` is of the database's clock, `send_by` of ours: the two are never compared.
    """

    organisation_id: int
    envelope_ids: tuple[UUID, ...]
    email_ids: tuple[UUID, ...]
    attempt: int
    until: datetime
    send_by: datetime

    @property
    def email_id(self) -> UUID:
        return self.email_ids[0]


def dispatch(channels: Sequence[Channel[Any]] = ()) -> int:
    """Send what is due in any organisation, by the channels given or by all; return how much.

    While a channel cannot be reached nothing of it is claimed, so that a mail server's night
    costs no e-mail a try.
    """
    sign_in.send_due()
    channels = channels or [channel() for channel in CHANNELS.values()]
    return sum(_dispatch(channel, RUN / len(channels)) for channel in channels)


def _dispatch(channel: Channel[Any], time: timedelta) -> int:
    ends_at = clock.now() + time
    sent = 0
    try:
        while clock.now() < ends_at and _is_due(channel.name) and _reachable(channel):
            claims = claim(channel.name)
            if not claims:
                break
            sent += _send_all(claims, channel)
    finally:
        channel.close()
    return sent


def _is_due(channel: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": clock.moved(), "channel": channel})
        (due,) = cursor.fetchone()
    return bool(due)


def claim(channel: str) -> list[_Claim]:
    """Take up to a batch of a channel's due envelopes, with what goes with one of them.

    What a worker has left behind comes after the fresh ones, and each by itself: one that kills
    its worker holds up nobody and takes no other along.  After five such tries it is dead.
    """
    values: dict[str, Any] = {
        "now": clock.moved(),
        "channel": channel,
        "most": BATCH,
        "tries": TRIES,
        "lease": LEASE,
        "hold": settings.NOTIFICATION_HOLD,
        "claim": str(new_id()),
    }
    worn: list[tuple[UUID]] = []
    send_by = clock.now() + LEASE / 2
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TURN, values)
        values["now"], _lock = cursor.fetchone()
        cursor.execute(CLAIM_FRESH, values)
        rows = cursor.fetchall()
        if not rows:
            cursor.execute(BURY, values)
            worn = cursor.fetchall()
            cursor.execute(CLAIM_LEFT_BEHIND, {**values, "most": 1})
            rows = cursor.fetchall()
    for (email_id,) in worn:
        log.error("e-mail %s is dead: five tries never ended", email_id)
    bundles: dict[UUID, list[tuple[Any, ...]]] = {}
    for row in rows:
        bundles.setdefault(row[4] or row[1], []).append(row)
    until = values["now"] + LEASE
    return [_claimed(bundle, until, send_by) for bundle in bundles.values()]


def _claimed(bundle: list[tuple[Any, ...]], until: datetime, send_by: datetime) -> _Claim:
    if len(bundle) > 1:
        bundle.sort(key=lambda row: (row[5], row[1]))
    organisation_id, _id, _email_id, attempt, *_rest = bundle[0]
    envelope_ids = tuple(row[1] for row in bundle)
    email_ids = tuple(row[2] for row in bundle)
    return _Claim(organisation_id, envelope_ids, email_ids, attempt, until, send_by)


def _send_all(claims: Sequence[_Claim], channel: Channel[Any]) -> int:
    sent = 0
    keeps: defaultdict[int, dict[str, Any]] = defaultdict(batch.begin)
    for place, mine in enumerate(claims):
        late = clock.now() > mine.send_by
        if place and (late or not _reachable(channel)):
            _give_back(claims[place:])
            break
        sent += _send(mine, channel, keeps[mine.organisation_id])
        sign_in.send_due()  # whoever waits at a sign-in page waits for no batch
    return sent


def _send(mine: _Claim, channel: Channel[Any], keep: dict[str, Any] | None = None) -> bool:
    # Never an error's words in the log: a mail server repeats addresses and lines of the e-mail.
    try:
        message, address = _written(mine, channel, keep)
        if message is None:
            return False
        channel.send(message)
    except Refused as refusal:
        log.warning("e-mail %s is refused: %s", mine.email_id, refusal.answer)
        _give_up(mine, refusal.answer)
        if refusal.address_is_wrong:
            with tenant(mine.organisation_id):
                bounces.mark(address, answer=refusal.answer)
        return False
    except Deferred as deferral:
        log.warning("e-mail %s is deferred: %s", mine.email_id, deferral.answer)
        _defer(mine, deferral.answer)
        with tenant(mine.organisation_id):
            channel.note(message, failure=deferral.answer)
        return False
    except Exception as error:
        log.warning("e-mail %s, try %d: %s", mine.email_id, mine.attempt, type(error).__name__)
        _try_later(mine)
        channel.close()
        return False
    with tenant(mine.organisation_id):
        if _held(mine).update(
            state=Envelope.State.SENT, lease_until=None, deferred_at=None, answer=""
        ):
            Email.objects.filter(pk__in=mine.email_ids, withdrawn_at=None).update(
                sent_at=clock.now()
            )
            bounces.got_through(address)
        channel.note(message)
    return True


def _written(mine: _Claim, channel: Channel[Any], keep: dict[str, Any] | None) -> tuple[Any, str]:
    """Return the message and the e-mail address that it is for.

    The message is None when there is nothing to say any more, which is then noted; a post has no
    address.
    """
    with tenant(mine.organisation_id, keep=keep):
        rows = _with_muted(channel.name).in_bulk(mine.email_ids)
        emails = [rows[pk] for pk in mine.email_ids if pk in rows]
        muted = {email.pk for email in emails if email.mutable and email.is_muted}
        wanted = [email for email in emails if _still_wanted(email, email.pk in muted)]
        if all(email.kind == DIGEST for email in wanted):
            wanted = []  # the head of what has all been taken back
        _drop(mine, {email.pk for email in wanted})
        if not wanted:
            return None, ""
        if (later := due_again(wanted, now := clock.now())) > now:
            _give_back([mine], until=later)
            return None, ""
        spoken = [email for email in wanted if email.pk not in muted]
        head = leading(spoken or wanted)
        others = [email for email in spoken if email is not head]
        calendar = _events(wanted, muted)
        message = channel.write(head, settings_in_force(), others=others, calendar=calendar)
        return message, "" if head.webhook else head.address or head.member.email


def _with_muted(channel: str) -> QuerySet[Any]:
    """Return e-mails with whether their reader has turned off their kind by this channel."""
    off = MutedKind.objects.filter(
        member=OuterRef("member"), kind=OuterRef("kind"), channel=channel
    )
    rows = Email.objects.select_related("member", "organisation", "webhook")
    return rows.annotate(is_muted=Exists(off))


def _still_wanted(email: Email, muted: bool) -> bool:
    """Say whether an e-mail is to go; what takes an event out of a calendar cannot be muted."""
    if email.withdrawn_at or email.member.state == Member.State.LEFT:
        return False
    if email.webhook and email.webhook.stopped_at:
        return False
    return not muted or bool(_cancelled(email))


def _cancelled(email: Email) -> list[dict[str, str]]:
    return [part for part in email.calendar if part["method"] == "CANCEL"]


def _events(emails: Sequence[Email], muted: Collection[UUID]) -> list[dict[str, str]]:
    """Return the events of all of them, each once and as it stands by its SEQUENCE."""
    events: dict[str, tuple[int, dict[str, str]]] = {}
    for email in emails:
        for part in _cancelled(email) if email.pk in muted else email.calendar:
            uid = _property(part, "UID")
            sequence = int(_property(part, "SEQUENCE") or 0)
            if uid not in events or events[uid][0] <= sequence:
                events[uid] = (sequence, part)
    return [part for _sequence, part in events.values()]


def _property(part: Mapping[str, str], name: str) -> str:
    """Return a property of an event of ours; of a folded line its beginning, which has the id."""
    line = re.search(rf"^{name}:(\S+)", part["text"], re.MULTILINE)
    return line[1] if line else ""


def _drop(mine: _Claim, wanted: Collection[UUID]) -> None:
    """Note what is not to be said any more by this channel."""
    moot = [email_id for email_id in mine.email_ids if email_id not in wanted]
    if not moot:
        return
    _held(mine).filter(email_id__in=moot).update(state=Envelope.State.WITHDRAWN, lease_until=None)
    # another channel may bring it still
    elsewhere = Envelope.objects.filter(email_id=OuterRef("pk"), state=Envelope.State.DUE)
    Email.objects.filter(~Exists(elsewhere), pk__in=moot, sent_at=None, withdrawn_at=None).update(
        withdrawn_at=clock.now()
    )


def _held(mine: _Claim) -> QuerySet[Envelope]:
    """Return the envelopes as far as they are ours still: each claim has a lease of its own."""
    return Envelope.objects.filter(
        pk__in=mine.envelope_ids, state=Envelope.State.DUE, lease_until=mine.until
    )


def _try_later(mine: _Claim) -> None:
    """Put off what got no answer by 1, 5, 25, 125 minutes; after the fifth try it is dead."""
    if mine.attempt >= TRIES:
        if _give_up(mine, ""):
            log.error("e-mail %s is dead: five tries failed", mine.email_id)
        return
    wait = timedelta(minutes=5 ** (mine.attempt - 1))
    _held(mine).update(lease_until=None, due_at=clock.now() + wait)


def _defer(mine: _Claim, answer: str) -> None:
    """Put off what was answered "later", which costs no try, by as long as it has waited so far."""
    now = clock.now()
    since = Envelope.objects.filter(pk__in=mine.envelope_ids).aggregate(at=Min("deferred_at"))["at"]
    waited = now - (since or now)
    if waited >= DEFERRED_FOR:
        if _give_up(mine, answer):
            log.error("e-mail %s is dead: deferred for three days", mine.email_id)
        return
    pause = min(max(waited, FIRST_PAUSE), LONGEST_PAUSE)
    _held(mine).update(
        lease_until=None,
        attempts=F("attempts") - 1,
        answer=answer,
        deferred_at=since or now,
        due_at=now + pause,
    )


def _give_up(mine: _Claim, answer: str) -> int:
    return _held(mine).update(state=Envelope.State.DEAD, lease_until=None, answer=answer)


def _give_back(claims: Sequence[_Claim], until: datetime | None = None) -> None:
    """Let others have what was never tried, or put it off; that costs these e-mails no try."""
    later = {"due_at": until} if until else {}
    for mine in claims:
        _held(mine).update(lease_until=None, attempts=F("attempts") - 1, **later)


def _reachable(channel: Channel[Any]) -> bool:
    try:
        channel.open()
    except OSError as error:
        log.warning("channel %s cannot be reached: %s", channel.name, type(error).__name__)
        return False
    return True
