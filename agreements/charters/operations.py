"""A charter: begun from a template, written by all, signed by each; a change asks all again."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils.translation import gettext_lazy as _

from agreements.charters.models import Charter, CharterEdit, CharterSection, CharterSignature
from agreements.charters.queries import charter_path
from agreements.errors import (
    CharterBegun,
    CharterChanged,
    CharterUnwritten,
    SectionChanged,
)
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from pairing.errors import ReasonMissing
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats, require_seat
from programs.models.programs import Program

_MEETING = (
    _("How we meet"),
    _("How often, where, on time or not? What do we do when one of us cannot come?"),
)
_CONFIDENCE = (
    _("What stays between us"),
    _("What may be told outside, to whom? What never?"),
)
_HARD = (
    _("When it is hard"),
    _("How do we say that something is not right? Whom do we ask when we are stuck?"),
)

#: The sections with which a charter begins, by format: a title, and questions that help.
SECTIONS = {
    Program.Format.CIRCLES: (
        (_("What we are here for"), _("What should be different for us at the end?")),
        _MEETING,
        _CONFIDENCE,
        (
            _("How we decide"),
            _("Who may propose? Which way of deciding do we use when nobody says otherwise?"),
        ),
        (_("How all are heard"), _("How do we share the time? What helps the quiet ones?")),
        _HARD,
    ),
    Program.Format.PAIRS: (
        (_("What we are here for"), _("What does each of us want from the other?")),
        _MEETING,
        _CONFIDENCE,
        (_("How we take turns"), _("How do we see to it that both get as much as they give?")),
        _HARD,
    ),
    Program.Format.MENTOR: (
        (_("What we are here for"), _("What does the mentee want to be able to do at the end?")),
        _MEETING,
        _CONFIDENCE,
        (_("Who does what"), _("Who prepares, who writes down, who asks for the next meeting?")),
        (_("Feedback"), _("How does each of us want to hear what is hard to say?")),
        _HARD,
    ),
}

CHANGED = "agreements.charter_changed"


@transaction.atomic
def begin_charter(*, partnership: Partnership, by: Member) -> Charter:
    """Lay out the sections of the partnership's format; raises CharterBegun, NotTheirs."""
    require_seat(partnership, by)
    with refusing("charter_once", CharterBegun()):
        charter = Charter.objects.create(partnership=partnership)
    CharterSection.objects.bulk_create(
        CharterSection(charter=charter, position=position, title=str(title), prompt=str(prompt))
        for position, (title, prompt) in enumerate(SECTIONS[partnership.cohort.program.format], 1)
    )
    record(by=by, verb="charter.begun", target=charter)
    return charter


@transaction.atomic
def add_section(*, charter: Charter, title: str, by: Member) -> CharterSection:
    """Add a section of one's own, still empty; raises NotTheirs."""
    charter = _lock(charter)
    require_seat(charter.partnership, by)
    last = charter.sections.aggregate(last=Max("position"))["last"] or 0
    return CharterSection.objects.create(charter=charter, position=last + 1, title=title.strip())


@transaction.atomic
def edit_section(*, section: CharterSection, text: str, version: int, by: Member) -> CharterSection:
    """Write a section over as it was read in `version`; all are asked to sign again.

    Raises SectionChanged, which carries the text of now, if somebody else was faster; nothing
    of either is lost.  The same text again changes nothing.  Raises NotTheirs.
    """
    charter = _lock(section.charter)
    seat = require_seat(charter.partnership, by)
    section = CharterSection.objects.get(pk=section.pk)
    text = text.strip()
    if section.text == text:
        return section
    if section.version != version:
        raise SectionChanged(section.text, section.version)
    at = clock.now()
    CharterSection.objects.filter(pk=section.pk).update(text=text, version=F("version") + 1)
    section.refresh_from_db()
    CharterEdit.objects.create(section=section, version=section.version, text=text, by=seat, at=at)
    Charter.objects.filter(pk=charter.pk).update(revision=F("revision") + 1, changed_at=at)
    charter.refresh_from_db(fields=["revision", "changed_at"])
    _ask_to_sign(charter, seat)
    return section


@transaction.atomic
def sign_charter(*, charter: Charter, revision: int, by: Member) -> CharterSignature:
    """Sign what was read; raises CharterChanged if it reads otherwise now, CharterUnwritten."""
    return _put(charter, revision, by, signed=True)


@transaction.atomic
def object_to_charter(
    *, charter: Charter, revision: int, reason: str, by: Member
) -> CharterSignature:
    """Say why one cannot sign; raises ReasonMissing, and as `sign_charter`."""
    if not reason.strip():
        raise ReasonMissing
    return _put(charter, revision, by, signed=False, reason=reason.strip())


def _put(
    charter: Charter, revision: int, by: Member, *, signed: bool, reason: str = ""
) -> CharterSignature:
    charter = _lock(charter)
    seat = require_seat(charter.partnership, by)
    if charter.revision == 0:
        raise CharterUnwritten
    if charter.revision != revision:
        raise CharterChanged
    signature, _new = CharterSignature.objects.update_or_create(
        charter=charter,
        seat=seat,
        revision=revision,
        defaults={"signed": signed, "reason": reason, "at": clock.now()},
    )
    verb = "charter.signed" if signed else "charter.objected"
    record(by=by, verb=verb, target=charter, revision=revision)
    return signature


def _ask_to_sign(charter: Charter, writer: Seat) -> None:
    """Write to those who had signed what has changed; and to all when every section is written.

    One e-mail waits at a time: an unsent one about an earlier change is taken back.
    """
    withdraw(about=charter.pk, kind=CHANGED)
    signed = set(
        CharterSignature.objects.filter(charter=charter, signed=True).values_list("seat", flat=True)
    )
    written = not charter.sections.filter(version=0).exists()
    others = [seat for seat in open_seats(charter.partnership) if seat.pk != writer.pk]
    _write_to(charter, [s for s in others if written or s.pk in signed], signed=signed)


def _write_to(
    charter: Charter, seats: Sequence[Seat], *, signed: Set[UUID], joined: bool = False
) -> int:
    """Ask these people to sign, who have `signed` before again; return how many are asked."""
    return len(
        enqueue_all(
            [
                Draft(
                    member=seat.enrolment.member,
                    kind=CHANGED,
                    program=charter.partnership.cohort.program_id,
                    dedupe_key=f"charter:{charter.pk}:{charter.revision}:{seat.pk}",
                    link=Link(page=charter_path(charter.partnership)),
                    context={
                        "partnership": charter.partnership.name,
                        "again": seat.pk in signed,
                    },
                    about=charter.pk,
                    cause=seat.enrolment_id if joined else None,
                )
                for seat in seats
                if seat.enrolment.member.state != Member.State.LEFT
            ]
        )
    )


def ask_newcomers_to_sign(*, at: datetime) -> int:
    """Ask who has taken a seat since a written charter last changed to sign it; once each.

    Returns how many were asked; safe to repeat.
    """
    unwritten = CharterSection.objects.filter(charter=OuterRef("pk"), version=0)
    signed = CharterSignature.objects.filter(
        charter=OuterRef(OuterRef("pk")),
        revision=OuterRef(OuterRef("revision")),
        seat=OuterRef("pk"),
    )
    asked = Email.objects.filter(
        kind=CHANGED,
        about_id=OuterRef(OuterRef("pk")),
        member=OuterRef("enrolment__member"),
        created_at__gte=OuterRef("taken_at"),
    )
    newcomers = (
        Seat.objects.open()
        .filter(
            ~Exists(signed),
            ~Exists(asked),
            partnership=OuterRef("partnership"),
            taken_at__gt=OuterRef("changed_at"),
        )
        .exclude(enrolment__member__state=Member.State.LEFT)
    )
    written = Charter.objects.filter(
        Exists(newcomers),
        ~Exists(unwritten),
        partnership__state=Partnership.State.ACTIVE,
        revision__gt=0,
    )

    def ask(charter: Charter) -> int:
        answered = CharterSignature.objects.filter(charter=charter, revision=charter.revision)
        done = set(answered.values_list("seat", flat=True))
        new = [
            seat
            for seat in open_seats(charter.partnership)
            if seat.taken_at > charter.changed_at and seat.pk not in done
        ]
        return _write_to(charter, new, signed=set(), joined=True)

    return row_by_row(written.select_related("partnership__organisation").order_by("id"), ask)


def _lock(charter: Charter) -> Charter:
    """Let one change of a charter at a time through."""
    return (
        Charter.objects.select_for_update(of=("self",))
        .select_related("partnership__cohort__program", "partnership__organisation")
        .get(pk=charter.pk)
    )
