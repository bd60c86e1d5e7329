"""Who handles a concern, what was said in it, and how an organisation takes concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from core.common.secrets import unseal
from core.members.keys import derived_secret, find_key
from core.members.links import absolute
from core.members.models import Key, Member
from core.tenancy.context import look_as
from feedback.models.concerns import (
    Concern,
    ConcernDesk,
    ConcernFile,
    ConcernHandler,
    ConcernStep,
    ConcernText,
)
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort
from programs.queries.designs import coordinators_of

PURPOSE = "concern"
SHOWN = 100


def desk_in_force() -> ConcernDesk:
    """Return how this organisation takes concerns; unsaved where no owner has said anything."""
    return ConcernDesk.objects.first() or ConcernDesk()


def link_of(desk: ConcernDesk) -> str:
    """Return the address at which anybody raises a concern without signing in, if there is one."""
    return absolute(f"/c/{derived_secret(Key.Kind.CONCERN, desk.link)}/") if desk.link else ""


def desk_behind(key: Key) -> ConcernDesk | None:
    """Return the desk that a key opens, in the organisation in force."""
    return ConcernDesk.objects.filter(link=key.object_id).first()


@dataclass(frozen=True)
class Waiting:
    """How many concerns are open, and how many of these past their day: no word of which."""

    open: int
    late: int


def waiting_on(today: date) -> Waiting:
    rows = Concern.objects.open()
    return Waiting(rows.count(), rows.filter(due_on__lt=today).count())


def named_handlers() -> list[ConcernHandler]:
    """Return everybody who is named, also who has left meanwhile: owners see whom to replace."""
    rows = ConcernHandler.objects.for_list()
    return list(rows.order_by(F("program__name").asc(nulls_last=True), "created_at", "pk"))


def live_handlers() -> list[Member]:
    """Return who is named for anything today, each once, by name."""
    ids = ConcernHandler.objects.values("member")
    return list(Member.objects.live().filter(pk__in=ids).order_by("given_name", "pk"))


def handlers_of(file: ConcernFile) -> list[Member]:
    """Return who may handle a concern today, in the order in which they are asked.

    Those named for its program come before those named for everything.
    """
    people = list(dict.fromkeys(row.member for row in named_handlers()))
    this = ConcernFile.objects.filter(pk=file.pk)
    return [member for member in people if this.handled_by(member).exists()]


def to_handle(member: Member) -> list[ConcernFile]:
    """Return the open concerns that somebody handles, the most urgent first."""
    rows = ConcernFile.objects.handled_by(member).open().for_list()
    return list(rows.order_by("concern__due_on", "pk")[:SHOWN])


def closed_lately(member: Member) -> list[ConcernFile]:
    """Return the closed concerns that somebody handled, while their words are there."""
    rows = ConcernFile.objects.handled_by(member).for_list().exclude(concern__closed_on=None)
    return list(rows.order_by("-concern__closed_on", "pk")[:SHOWN])


def raised_by(member: Member) -> list[ConcernFile]:
    rows = ConcernFile.objects.visible_to(member).filter(reporter=member).for_list()
    return list(rows.order_by("-concern__raised_on", "pk")[:SHOWN])


@dataclass(frozen=True)
class Subject:
    """Whom or what a concern may be about; `key` is what a form sends."""

    key: str
    words: str
    about: Member | None = None
    partnership: Partnership | None = None


def subjects_of(member: Member) -> list[Subject]:
    """Return the partnerships somebody was ever in, their coordinators, and who was there then.

    Who came after somebody had left was never a partner of theirs.
    """
    seats = Seat.objects.filter(enrolment__member=member)
    rows = Partnership.objects.filter(pk__in=seats.values("partnership"))
    partnerships = list(rows.select_related("cohort__program").order_by("-pk"))
    others = Seat.objects.visible_to(member).filter(partnership__in=partnerships)
    others = others.select_related("enrolment__member")
    people = {seat.enrolment.member_id: seat.enrolment.member for seat in others}
    for program in {row.cohort.program for row in partnerships}:
        people |= {person.pk: person for person in coordinators_of(program)}
    people.pop(member.pk, None)
    named = sorted(people.values(), key=lambda person: (person.full_name, person.pk))
    return [
        *(Subject(str(row.pk), row.name, partnership=row) for row in partnerships),
        *(Subject(str(person.pk), person.full_name, about=person) for person in named),
    ]


def cohort_of(about: Member | None, partnership: Partnership | None, by: Member) -> Cohort | None:
    """Return the cohort in which a concern stands: that of the partnership it is about.

    Of a person that of the last one they share.
    """
    if partnership is None and about is not None:
        theirs = Seat.objects.filter(enrolment__member=about).values("partnership")
        mine = Seat.objects.filter(enrolment__member=by, partnership__in=theirs)
        seat = mine.order_by("-pk").select_related("partnership__cohort").first()
        partnership = seat.partnership if seat else None
    return partnership.cohort if partnership else None


@dataclass(frozen=True)
class Said:
    """One text of a concern, as its readers see it."""

    text: str
    row: ConcernText

    @property
    def who(self) -> str:
        return self.row.author.full_name if self.row.author else _("Without a name")


def texts_of(file: ConcernFile) -> list[Said]:
    """Return the words of a concern that whoever looks may read: the database decides it."""
    rows = ConcernText.objects.filter(file=file).select_related("author").order_by("number", "pk")
    gone = _("(deleted)")
    return [Said(unseal(row.sealed, purpose=PURPOSE) or gone, row) for row in rows]


def messages_in(texts: Sequence[Said]) -> list[Said]:
    return [said for said in texts if said.row.kind != ConcernText.Kind.NOTE]


@dataclass(frozen=True)
class StepLine:
    """A step of mediation, with its note for those who handle the concern."""

    row: ConcernStep
    note: str


def steps_of(file: ConcernFile, texts: Sequence[Said]) -> list[StepLine]:
    notes = {said.row.step_id: said.text for said in texts if said.row.step_id}
    rows = ConcernStep.objects.filter(file=file).order_by("done_on", "pk")
    return [StepLine(row, notes.get(row.pk, "")) for row in rows]


def key_of_code(code: str) -> Key | None:
    """Return the key that a code is, however it was typed."""
    return find_key(Key.Kind.CONCERN_CODE, plain_code(code))


def plain_code(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())


def open_by_code(key: Key) -> ConcernFile | None:
    """Return the concern of a code, and look as whoever has it; the organisation is in force."""
    file = ConcernFile.objects.for_list().filter(pk=key.object_id, reporter=None).first()
    if file is not None:
        look_as(file.reader)
    return file


def is_mediated(file: ConcernFile) -> bool:
    """Whether both sides were heard: what comes before people go on with other partners."""
    wanted = {ConcernStep.Kind.LISTEN.value, ConcernStep.Kind.BOTH_SIDES.value}
    return wanted <= set(ConcernStep.objects.filter(file=file).values_list("kind", flat=True))
