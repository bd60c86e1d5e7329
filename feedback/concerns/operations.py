"""Raising a concern, seeing to it, closing it; and the desk as its owners set it up.

Nothing here writes a word of a concern anywhere but into its sealed text.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from core.accounts.operations.keys import issue_key, revoke_keys
from core.accounts.queries import owners
from core.audit.operations import record
from core.common import clock
from core.common.dates import day_words
from core.common.errors import refusing
from core.common.ids import timeless_id
from core.common.rows import row_by_row
from core.common.secrets import reseal, seal
from core.members.keys import derived_secret, hashed
from core.members.models import Key, Member
from core.notifications.operations import Link, enqueue, withdraw
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.days import day_of
from feedback.concerns.errors import (
    AlreadyNamed,
    ConcernClosed,
    MediationFirst,
    NotYoursToHandle,
)
from feedback.concerns.queries import (
    PURPOSE,
    cohort_of,
    desk_in_force,
    handlers_of,
    is_mediated,
    plain_code,
)
from feedback.models.concerns import (
    Concern,
    ConcernDesk,
    ConcernFile,
    ConcernHandler,
    ConcernStep,
    ConcernText,
)
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort, Program

CODE_BYTES = 15  # 24 letters and digits, six groups of four


# ── raising ──
@transaction.atomic
def raise_concern(
    *,
    by: Member,
    topic: str,
    urgency: str,
    words: str,
    about: Member | None = None,
    partnership: Partnership | None = None,
    left_out: Sequence[UUID] = (),
) -> ConcernFile:
    """Raise a concern in one's own name; the first who handles it is told at once."""
    file = _open(
        topic,
        urgency,
        cohort=cohort_of(about, partnership, by),
        reporter=by,
        reader=by.pk,
        about=about,
        partnership=partnership,
        left_out=list(left_out),
    )
    _write(file, ConcernText.Kind.REPORT, words, author=by)
    _pass_on(file, file.concern.raised_on)
    return file


@transaction.atomic
def raise_without_name(
    *, topic: str, urgency: str, words: str, left_out: Sequence[UUID] = ()
) -> str:
    """Raise a concern of which nobody can find out whose it is; return its code, shown this once.

    No audit event, and but for the most urgent no e-mail on the same day: both have a time, and
    who was here at that time can be found out.
    """
    file = _open(topic, urgency, cohort=None, reader=timeless_id(), left_out=list(left_out))
    _write(file, ConcernText.Kind.REPORT, words)
    if urgency == Concern.Urgency.DAY:
        _pass_on(file, file.concern.raised_on)
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    Key.objects.create(
        id=timeless_id(),
        kind=Key.Kind.CONCERN_CODE,
        organisation_id=current_organisation_id(),
        object_id=file.pk,
        sha256=hashed(plain_code(code)),
        created_at=file.created_at,
    )
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def _open(topic: str, urgency: str, *, cohort: Cohort | None, **facts: Any) -> ConcernFile:
    today = day_of(clock.now())
    due_on = today + timedelta(days=Concern.DAYS[urgency])
    concern = Concern.objects.create(
        id=timeless_id(),
        created_at=_midnight(today),
        cohort=cohort,
        topic=topic,
        urgency=urgency,
        anonymous="reporter" not in facts,
        raised_on=today,
        due_on=due_on,
        passes_on=due_on + timedelta(days=1),
    )
    return ConcernFile.objects.create(
        id=timeless_id(), created_at=_midnight(today), concern=concern, **facts
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC))


def _write(
    file: ConcernFile,
    kind: ConcernText.Kind,
    words: str,
    *,
    author: Member | None = None,
    step: ConcernStep | None = None,
) -> None:
    """Seal words for who may read them: a note for the handlers alone.

    The next number is that of what its author reads: both sides read all messages.
    """
    if not words.strip():
        return
    today = day_of(clock.now())
    with tenant(current_organisation_id(), member=author.pk if author else file.reader):
        last = ConcernText.objects.filter(file=file).aggregate(last=Max("number"))["last"]
        ConcernText.objects.create(
            id=timeless_id(),
            created_at=_midnight(today),
            file=file,
            step=step,
            number=(last or 0) + 1,
            kind=kind,
            said_on=today,
            author=author,
            sealed=seal(words.strip(), purpose=PURPOSE),
            readers=[step.pk if step else file.reader],  # of a note nobody's id: see reseal_texts
            audience=ConcernText.Audience.HANDLERS,
        )


# ── seeing to it ──
@transaction.atomic
def answer_concern(*, file: ConcernFile, by: Member | None, words: str) -> ConcernFile:
    """Write to the other side: `by` None is whoever has the code.

    Raises ConcernClosed and NotYoursToHandle.
    """
    concern = _lock_open(file)
    if by is None or by.pk == file.reporter_id:
        _write(file, ConcernText.Kind.FROM_REPORTER, words, author=by)
        # an e-mail about what was written without a name would say when that was
        if by is not None and concern.handler:
            _tell(file, concern.handler, "feedback.concern_message")
        return file
    _require_handler(file, by)
    _write(file, ConcernText.Kind.FROM_HANDLER, words, author=by)
    record(by=by, verb="concern.answered", target=concern)
    if file.reporter:
        _tell(file, file.reporter, "feedback.concern_message")
    return file


@transaction.atomic
def record_step(
    *, file: ConcernFile, by: Member, kind: str, done_on: date, note: str = ""
) -> ConcernStep:
    """Write down a step of mediation; its note is read by those who handle the concern.

    Raises ConcernClosed and NotYoursToHandle.
    """
    concern = _lock_open(file)
    _require_handler(file, by)
    step = ConcernStep.objects.create(file=file, kind=kind, done_on=done_on)
    _write(file, ConcernText.Kind.NOTE, note, author=by, step=step)
    record(by=by, verb="concern.step_recorded", target=concern, kind=kind)
    return step


@transaction.atomic
def close_concern(*, file: ConcernFile, by: Member, outcome: str, words: str) -> ConcernFile:
    """Close a concern with a reason, and say so to who raised it.

    Raises ConcernClosed, NotYoursToHandle, and MediationFirst where partners are to be separated
    whom nobody has heard; for safety's sake nobody waits.
    """
    concern = _lock_open(file)
    _require_handler(file, by)
    parted = outcome == Concern.Outcome.PARTED
    if parted and not concern.is_safety and not is_mediated(file):
        raise MediationFirst
    _write(file, ConcernText.Kind.CLOSING, words, author=by)
    today = day_of(clock.now())
    Concern.objects.filter(pk=concern.pk).update(closed_on=today, outcome=outcome)
    record(by=by, verb="concern.closed", target=concern, outcome=outcome)
    withdraw(about=file.pk)
    if file.reporter:
        _tell(file, file.reporter, "feedback.concern_closed")
    file.concern.refresh_from_db()
    return file


def _lock_open(file: ConcernFile) -> Concern:
    rows = Concern.objects.select_for_update(of=("self",)).select_related("handler").open()
    concern = rows.filter(pk=file.concern_id).first()
    if concern is None:
        raise ConcernClosed
    return concern


def _require_handler(file: ConcernFile, by: Member) -> None:
    if not ConcernFile.objects.handled_by(by).filter(pk=file.pk).exists():
        raise NotYoursToHandle


# ── who is asked ──
def tend_concerns(*, at: datetime) -> int:
    """Ask the next one where a concern is past its day, or whoever was asked cannot handle it.

    What was raised without a name is told on the day after.
    """
    today = day_of(at)
    rows = ConcernFile.objects.open().for_list().order_by("concern__due_on", "pk")
    return row_by_row(rows, lambda file: _tend(file, today))


def _tend(file: ConcernFile, today: date) -> bool:
    concern = file.concern
    late = today >= concern.passes_on
    handler = concern.handler
    if handler is None and concern.anonymous and concern.raised_on == today:
        return False
    this = ConcernFile.objects.filter(pk=file.pk)
    if handler is not None and not late and this.handled_by(handler).exists():
        return False
    return _pass_on(file, today, late=late)


def _pass_on(file: ConcernFile, today: date, *, late: bool = False) -> bool:
    """Ask the next of those who may handle it; the owners hear of it where there is no other."""
    concern, people = file.concern, handlers_of(file)
    ids = [member.pk for member in people]
    place = ids.index(concern.handler_id) + 1 if concern.handler_id in ids else 0
    handler = people[place % len(people)] if people else None
    changes: dict[str, Any] = {}
    if late:
        changes |= {"passes_on": today + timedelta(days=Concern.DAYS[concern.urgency])}
    if place >= len(people) and (late or concern.owners_told_on is None):
        _tell_owners(file, today)
        changes |= {"owners_told_on": today}
    if concern.handler and not late:  # who may not read it any more
        withdraw(about=file.pk, member=concern.handler)
    if handler is not None:
        changes |= {"handler": handler}
        _tell(file, handler, "feedback.concern", late=late)
    elif concern.handler_id:
        changes |= {"handler": None}
    if changes:
        Concern.objects.filter(pk=concern.pk).update(**changes)
        concern.refresh_from_db()
    return bool(changes)


def _tell(file: ConcernFile, member: Member, kind: str, **context: object) -> None:
    """Say that there is something to read, and not a word of what it is."""
    if member.state == Member.State.LEFT:
        return
    enqueue(
        member=member,
        kind=kind,
        dedupe_key=f"{kind}:{file.pk}:{member.pk}:{clock.now():%Y%m%dT%H%M%S%f}",
        link=Link(page=f"concerns/{file.pk}/"),
        context={"day": day_words(file.concern.due_on, "l j F"), **context},
        about=file.pk,
        program=_program_of(file),
    )


def _tell_owners(file: ConcernFile, today: date) -> None:
    """Have somebody named: by owners who are not in it themselves."""
    this = ConcernFile.objects.filter(pk=file.pk)
    for owner in owners():
        if this.not_involving(owner).exists():
            enqueue(
                member=owner,
                kind="feedback.concern_unhandled",
                dedupe_key=f"concern_unhandled:{file.pk}:{owner.pk}:{today}",
                link=Link(page="settings/concerns/"),
                context={"day": day_words(file.concern.due_on, "l j F")},
                about=file.pk,
                program=_program_of(file),
            )


def _program_of(file: ConcernFile) -> UUID | None:
    return file.concern.cohort.program_id if file.concern.cohort else None


def delete_old_files(*, at: datetime) -> int:
    """Delete who raised a concern, about whom, and every word, so many days after its closing.

    Its days and its topic stay for the figures.
    """
    before = day_of(at) - timedelta(days=desk_in_force().kept_days)
    rows = ConcernFile.objects.filter(concern__closed_on__lte=before).order_by("pk")
    return row_by_row(rows, _delete)


def _delete(file: ConcernFile) -> None:
    revoke_keys(kind=Key.Kind.CONCERN_CODE, object_id=file.pk)
    file.delete()  # the database takes the sealed texts along


def reseal_texts() -> int:
    """Seal all words of the organisation in force with the newest key; return how many.

    The database lets a text be changed by its readers alone, so that each is looked at as its own:
    whoever raised the concern, or for a note the step it stands on.  None is opened here.
    """
    done = 0
    steps = ConcernStep.objects.values_list("pk", flat=True)
    for reader in [*ConcernFile.objects.values_list("reader", flat=True), *steps]:
        with tenant(current_organisation_id(), member=reader):
            for text in ConcernText.objects.filter(readers__contains=[reader]):
                sealed = reseal(text.sealed, purpose=PURPOSE)
                done += ConcernText.objects.filter(pk=text.pk).update(sealed=sealed)
    return done


# ── the desk ──
@transaction.atomic
def set_up_desk(*, by: Member, phone: str, kept_days: int) -> ConcernDesk:
    """Say which number is called for safety, and how long words stay after a closing."""
    desk = _desk()
    ConcernDesk.objects.filter(pk=desk.pk).update(phone=phone, kept_days=kept_days)
    record(by=by, verb="concern_desk.changed", target=by.organisation, kept_days=kept_days)
    desk.refresh_from_db()
    return desk


@transaction.atomic
def name_handler(*, by: Member, member: Member, program: Program | None = None) -> ConcernHandler:
    """Let somebody read concerns, also those that are open.  Raises AlreadyNamed."""
    with refusing("concern_handler_once", AlreadyNamed()):
        row = ConcernHandler.objects.create(member=member, program=program)
    record(by=by, verb="concern_handler.named", target=member, program=_id_of(program))
    return row


@transaction.atomic
def remove_handler(*, by: Member, handler: ConcernHandler) -> None:
    """Let somebody read concerns no more; what they were asked to handle is passed on."""
    member, program = handler.member, handler.program
    ConcernHandler.objects.filter(pk=handler.pk).delete()
    record(by=by, verb="concern_handler.removed", target=member, program=_id_of(program))


@transaction.atomic
def make_link(*, by: Member) -> ConcernDesk:
    """Make a link at which anybody raises a concern without signing in; one before it is closed."""
    desk = _desk()
    _close_link(desk)
    link = timeless_id()
    secret = derived_secret(Key.Kind.CONCERN, link)
    issue_key(kind=Key.Kind.CONCERN, object_id=link, secret=secret)
    ConcernDesk.objects.filter(pk=desk.pk).update(link=link)
    record(by=by, verb="concern_link.made", target=by.organisation)
    desk.refresh_from_db()
    return desk


@transaction.atomic
def revoke_link(*, by: Member) -> ConcernDesk:
    """Close the link.  What was raised by it goes on."""
    desk = _desk()
    if _close_link(desk):
        ConcernDesk.objects.filter(pk=desk.pk).update(link=None)
        record(by=by, verb="concern_link.revoked", target=by.organisation)
    desk.refresh_from_db()
    return desk


def _desk() -> ConcernDesk:
    ConcernDesk.objects.get_or_create()
    return ConcernDesk.objects.select_for_update(of=("self",)).get()


def _close_link(desk: ConcernDesk) -> int:
    return revoke_keys(kind=Key.Kind.CONCERN, object_id=desk.link) if desk.link else 0


def _id_of(program: Program | None) -> str:
    return str(program.pk) if program else ""
