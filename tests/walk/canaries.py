"""Words that not everybody may read: a text of its own in each row and column, and who reads it.

Every column of words counts unless `OPEN` says why not, and inside JSON every leaf that inside.py
names.  Several people write the same kinds, each their own words, one of them at a table of
another program.  Who reads a row is what `visible_to` says, which sight.txt holds; whatever shows
a text to somebody else goes round that rule.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from django.apps import apps
from django.db import IntegrityError, ProgrammingError, models, transaction

from core.common import clock
from core.common.ids import new_id
from core.common.secrets import seal
from core.members.models import Invitation, Member
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from feedback.concerns.queries import PURPOSE
from feedback.models.built import SurveyResult, SurveyVersion
from feedback.models.concerns import Concern, ConcernText
from feedback.models.surveys import SurveyResponse
from feedback.models.testimonials import Testimonial
from pairing.models.partnerships import Partnership, Seat
from programs.models.profiles import ProfileEntry
from programs.models.programs import Cohort, Enrolment, Program
from tests.figures import Figure
from tests.walk.inside import follow_sessions, json_of, worded
from tests.walk.leaving import Left
from tests.walk.world import World

CANARY = re.compile(rb"private\d{5}", re.IGNORECASE)

BESIDE = "what the platform keeps beside the words: looked through, and written by code"
NAMES = "names of people, which others read wherever they meet them"
DESIGN = "the design of a program, for everybody whom it reaches"
FACTS = "facts of a program, which REST gives HR by scope"
KEYS = "not words of anybody: keys, addresses and digests"
# tables and columns whose words are no secrets, or have a test of their own, each with its reason
OPEN = {
    "audit.AuditEvent": BESIDE,
    "jobs.Job": BESIDE,
    "jobs.StoredFile": BESIDE,
    "notifications.Email": BESIDE,
    "notifications.EmailText": DESIGN,
    "notifications.BouncingAddress": KEYS,
    "notifications.IncomingWebhook": KEYS,
    "notifications.InboundMessage": KEYS,
    "notifications.WebhookEndpoint": KEYS,
    "notifications.WebhookMessage": KEYS,
    "notifications.WebhookAttempt": KEYS,
    "pairing.Partnership": FACTS,
    "tenancy.OrganisationSettings": KEYS,
    "feedback.BuiltSurvey": DESIGN,
    "metrics.HrRecord": FACTS,
    "metrics.RecordImport": BESIDE,
    "metrics.Comparison": KEYS,
    "metrics.FitLook": KEYS,
    "members.Member": NAMES,
    "members.ApiToken": KEYS,
    "members.ConsentText": DESIGN,
    "members.DirectoryEntry": KEYS,
    "members.DirectoryGroup": KEYS,
    "members.DirectoryToken": KEYS,
    "members.Identity": KEYS,
    "members.IdentityProvider": KEYS,
    "members.JoinDomain": KEYS,
    "mentoring_sessions.BusyCalendar": KEYS,
    "mentoring_sessions.Session.cause": KEYS,
}

# what a table has together
TOGETHER = (
    *("mentoring_sessions.Session", "agreements.Charter", "agreements.CharterSection"),
    "agreements.CharterEdit",
)
# what each writer has of their own, in the order in which one refers to the other
WRITTEN = (
    *("mentoring_sessions.Retrospective", "mentoring_sessions.Card"),
    *("mentoring_sessions.AbsenceNote", "pairing.PartnerRequest", "pairing.RequestWords"),
    *("agreements.Goal", "agreements.GoalBody"),
    *("feedback.CheckIn", "feedback.CheckInNote", "feedback.FitQuestion", "feedback.FitWords"),
    *("feedback.SurveyResponse", "feedback.SurveyWords"),
    *("feedback.JournalEntry", "feedback.Thanks", "feedback.Testimonial"),
    *("programs.Candidacy", "programs.ProfileEntry"),
    *("programs.Thread", "programs.Post", "programs.PostReport"),
    *("feedback.Concern", "feedback.ConcernFile", "feedback.ConcernStep", "feedback.ConcernText"),
)

Written = dict[str, list[Any]]


@dataclass
class Canaries:
    """Every text, where it stands, and who may read it; each look is counted."""

    counted: Figure
    rows: dict[str, tuple[type[TenantModel], UUID, str]] = field(default_factory=dict)
    readers: dict[str, set[UUID]] = field(default_factory=dict)
    last: int = 0
    seen: Counter[str] = field(default_factory=Counter)  # by whom they are for

    def new(self, row: TenantModel, column: str) -> str:
        self.last += 1
        text = f"private{self.last:05}"
        self.rows[text] = (type(row), row.pk, column)
        self.readers[text] = set()
        return text

    def forget(self, texts: Iterable[str]) -> None:
        for text in texts:
            del self.rows[text], self.readers[text]

    def where(self, text: str) -> str:
        model, _pk, column = self.rows[text]
        return f"{model._meta.label}.{column}"

    def leaks(self, member: Member | None, body: bytes) -> set[str]:
        """Look once; return where the texts come from that this person may not read."""
        found = {text.decode().lower() for text in CANARY.findall(readable(body))}
        theirs = {text for text, may in self.readers.items() if member and member.pk in may}
        # so many texts are looked for by somebody who may not find them
        self.counted.tried += len(self.readers) - len(theirs)
        self.seen.update(self.where(text) for text in found & theirs)
        return {self.where(text) for text in found - theirs}

    def bodies_in(self, body: str) -> set[str]:
        """Look once for texts that the database itself keeps to their readers."""
        bodies = {text for text, (model, _pk, _column) in self.rows.items() if is_body(model)}
        self.counted.tried += len(bodies)
        return bodies & {text.decode().lower() for text in CANARY.findall(body.encode())}


def is_body(model: type[TenantModel]) -> bool:
    return any(field.name == "readers" for field in model._meta.local_fields)


def readable(body: bytes) -> bytes:
    """Return what a person reads in a file: a zip's parts, and the streams of a PDF."""
    if body.startswith(b"PK"):
        try:
            with ZipFile(BytesIO(body)) as file:
                return b"\n".join(file.read(name) for name in file.namelist())
        except BadZipFile:
            return body
    if body.startswith(b"%PDF-"):
        return b"\n".join([body, *_streams(body)])
    return body


def _streams(body: bytes) -> Iterator[bytes]:
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", body, re.DOTALL):
        try:
            yield zlib.decompress(packed)
        except zlib.error:
            yield packed


def words_of(model: type[TenantModel]) -> list[str]:
    """Return the columns that hold words: of any length, and not chosen from a list."""
    return [
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.EmailField | models.URLField)
        and not field.choices
        and (field.max_length or 1_000) >= 100
        and f"{model._meta.label}.{field.name}" not in OPEN
        and model._meta.label not in OPEN
    ]


def holds_words(model: type[TenantModel]) -> bool:
    return bool(words_of(model) or json_of(model))


def tables() -> Iterator[type[TenantModel]]:
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            yield model


# ── several people write ────────────────────────────────────────────────────────────────


def write(left: Left, elsewhere: Member) -> dict[str, Member]:
    """Let others write what the participant has written; return them by name."""
    world = left.world
    with tenant(world.organisation):
        pavel = Member.objects.get(given_name="Pavel")
        quinn = Member.objects.get(given_name="Ann")
        seats = {
            seat.enrolment.member_id: seat
            for seat in Seat.objects.select_related("enrolment").filter(
                partnership=world.rows["partnership"]
            )
        }
        mine = seats[world.participant.pk]
    with tenant(world.organisation, member=world.participant.pk):
        together, personal = _rows_of(TOGETHER), _rows_of(WRITTEN)
    with tenant(world.organisation):
        for writer in (world.partner, left.newcomer):
            theirs = seats[writer.pk]
            same = {mine.pk: theirs.pk, mine.enrolment_id: theirs.enrolment_id}
            same[world.participant.pk] = writer.pk
            _copy(world, personal, same, writer)
        there = _another_table(left, elsewhere, mine, pavel, quinn)
        _copy(world, together | personal, there, pavel)
        _withhold(left)
    return {"pavel": pavel, "quinn": quinn}


def _withhold(left: Left) -> None:
    """Hide a field of each profile, take back one testimonial, and leave one unpicked."""
    entries = ProfileEntry.objects.filter(field=ProfileEntry.Field.GOAL)
    entries.update(shown_to=[])
    for writer, change in ((left.newcomer, "revoked_at"), (left.world.partner, "picked_at")):
        value = clock.now() if change == "revoked_at" else None
        Testimonial.objects.filter(enrolment__member=writer).update(**{change: value})


def _rows_of(labels: Sequence[str]) -> Written:
    return {label: list(apps.get_model(label)._base_manager.order_by("pk")) for label in labels}


def _another_table(
    left: Left, elsewhere: Member, mine: Seat, pavel: Member, quinn: Member
) -> dict[UUID, UUID]:
    """Make a table of the program that `elsewhere` runs; return what there stands for what here."""
    world, at = left.world, clock.now()
    program = Program.objects.get(name="Another program")
    cohort, partnership = world.rows["cohort"], world.rows["partnership"]
    assert isinstance(cohort, Cohort)
    assert isinstance(partnership, Partnership)
    there = Cohort.objects.create(
        program=program,
        name="There",
        phase=Cohort.Phase.RUNNING,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
    )
    table = Partnership.objects.create(
        cohort=there,
        name="There",
        starts_on=partnership.starts_on,
        ends_on=partnership.ends_on,
        published_at=at,
    )
    same = {cohort.pk: there.pk, partnership.pk: table.pk, cohort.program_id: program.pk}
    partners = world.rows["other_seat"]
    for member, seat in ((pavel, mine), (quinn, partners)):
        assert isinstance(seat, Seat)
        place = Enrolment.objects.create(
            cohort=there,
            member=member,
            part=Enrolment.Part.PEER,
            state=Enrolment.State.ACTIVE,
            applied_at=at,
            accepted_at=at,
            started_at=at,
        )
        own = Seat.objects.create(partnership=table, enrolment=place, part="peer", taken_at=at)
        same |= {seat.pk: own.pk, seat.enrolment_id: place.pk, seat.enrolment.member_id: member.pk}
    return same


def _copy(world: World, written: Written, same: dict[UUID, UUID], writer: Member) -> None:
    """Write again, for somebody else, each row that hangs on what stands for something else."""
    # who is at the other end of what they write: the participant is, of what is said to them
    back = {there: here for here, there in same.items()}
    with tenant(world.organisation, member=writer.pk):
        for row in (copy(row) for rows in written.values() for row in rows):
            references = [field.attname for field in row._meta.local_fields if field.is_relation]
            hangs = {getattr(row, name) for name in references} & same.keys()
            if not hangs and not isinstance(row, Concern):  # which names nobody: its file does
                continue
            instead = back | same
            for name in references:
                setattr(row, name, instead.get(getattr(row, name), getattr(row, name)))
            if hasattr(row, "readers"):
                row.readers = [instead.get(pk, pk) for pk in row.readers]
            if hasattr(row, "reader"):
                row.reader = instead[row.reader]
            if hasattr(row, "period"):
                row.period += 1  # the partner has answered the first
            same[row.pk] = row.pk = new_id()
            row.save(force_insert=True)


# ── and each word is known ──────────────────────────────────────────────────────────────


def plant(left: Left, people: list[Member], counted: Figure) -> Canaries:
    """Put a text of its own into each column of each row, as somebody who may change it."""
    canaries, done = Canaries(counted), set[UUID]()
    for person in people:
        with tenant(left.world.organisation, member=person.pk):
            for model in filter(holds_words, tables()):
                rows: Any = model._base_manager
                for row in rows.exclude(pk__in=done):
                    done |= {row.pk} if _put(canaries, row) else set()
            follow_sessions()
    with tenant(left.world.organisation):
        _count_again(canaries)
        invited = dict(Invitation.objects.values_list("pk", "member"))
    for text, (_model, pk, _column) in canaries.rows.items():
        if pk in invited:  # who holds the link reads into what
            canaries.readers[text].add(invited[pk])
    for person in people:
        with tenant(left.world.organisation, member=person.pk):
            _learn(canaries, person)
    return canaries


def _count_again(canaries: Canaries) -> None:
    """Write one more round of a survey: what one has come to is never changed."""
    row = SurveyResult.objects.get()
    row.pk, row.occasion = new_id(), row.occasion.replace(":start", ":end")
    new = partial(canaries.new, row, "items")
    row.items = worded(row.items, json_of(SurveyResult)["items"], new)
    row.save(force_insert=True)


def _put(canaries: Canaries, row: TenantModel) -> bool:
    """Put texts into a row; where some of its columns must be empty, into those that are not."""
    model, words, shapes = type(row), words_of(type(row)), json_of(type(row))
    for filled in (False, True):
        columns = [name for name in (*words, *shapes) if getattr(row, name) or not filled]
        before = set(canaries.rows)
        values = {name: _worded(canaries, row, name, shapes) for name in columns}
        with suppress(IntegrityError, ProgrammingError), transaction.atomic():
            if columns and model._base_manager.filter(pk=row.pk).update(**values):
                return True
        canaries.forget(canaries.rows.keys() - before)
    return False  # somebody reads it who may not change it: its author will


def _worded(canaries: Canaries, row: TenantModel, name: str, shapes: dict[str, Any]) -> Any:
    new = partial(canaries.new, row, name)
    if name in shapes:
        return worded(getattr(row, name), shapes[name], new)
    return seal(new(), purpose=PURPOSE) if isinstance(row, ConcernText) else new()


def _learn(canaries: Canaries, person: Member) -> None:
    seen: dict[type[TenantModel], set[UUID]] = {}
    for text, (model, pk, _column) in canaries.rows.items():
        if model not in seen:
            rows: Any = model._default_manager
            seen[model] = set(rows.visible_to(person).values_list("pk", flat=True))
            if model is ProfileEntry:
                seen[model] |= _of_partners(person)
            if model is SurveyVersion:
                seen[model] |= _asked(person)
            if model in (Cohort, Program):  # everybody may join what is open, and reads of it first
                seen[model] |= _open_to_join(model)
        if pk in seen[model]:
            canaries.readers[text].add(person.pk)


def _open_to_join(model: type[TenantModel]) -> set[UUID]:
    enrolling = Cohort.objects.filter(phase=Cohort.Phase.ENROLLING)
    return set(enrolling.values_list("pk" if model is Cohort else "program_id", flat=True))


def _asked(person: Member) -> set[UUID]:
    """Return the questions that somebody has been asked."""
    rows = SurveyResponse.objects.filter(enrolment__member=person).exclude(version=None)
    return set(rows.values_list("version", flat=True))


def _of_partners(person: Member) -> set[UUID]:
    """Return what somebody's partners let their partners read of them."""
    own = Seat.objects.open().filter(enrolment__member=person).values("partnership")
    partners = Seat.objects.open().filter(partnership__in=own).values("enrolment__member")
    rows = ProfileEntry.objects.filter(
        member__in=partners, shown_to__contains=[ProfileEntry.Audience.PARTNERS]
    )
    return set(rows.values_list("pk", flat=True))
