"""Two Members who turn out to be one person: one stays as it is, the other is a tombstone.

Whoever keeps an organisation's rows may have a second row of their own.  So no sign-in ever moves
to another row, nobody who has never joined takes the place of somebody who has, and where both
have joined each of them says yes first (proposals.py): only then can one read what the other could.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction
from django.db.models import F, ProtectedError, Value
from django.utils.translation import gettext as _

from core.accounts.operations import people
from core.accounts.operations.addresses import release_address
from core.audit.operations import record
from core.common import clock
from core.common.errors import DomainError
from core.members.models import (
    AddressChange,
    ApiToken,
    Consent,
    DirectoryEntry,
    DirectoryGroupMember,
    Identity,
    Invitation,
    Member,
    MergeProposal,
)
from core.notifications.models import KindPace, MutedKind, QuietHours
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant
from feedback.models.after_session import FeedbackLesson
from feedback.models.concerns import ConcernFile, ConcernHandler
from metrics.models import Finding, HrRecord, ReportReader
from pairing.models.partnerships import Partnership, Seat
from programs.models.community import AnnouncementCopy, PostReport, ThreadFollower
from programs.models.profiles import ProfileEntry
from programs.models.programs import Enrolment, ProgramStaff
from programs.models.training import LessonProgress, WorkshopPlace
from sessions.models.replies import BusyCalendar, CalendarFeed

Columns = Mapping[type[models.Model], tuple[str, ...]]
# What stays with the tombstone: it belongs to a sign-in that ends, or the older has its own.
STAYS: Columns = {
    Member: ("manager", "successor", "merged_into", "came_back_as"),
    ApiToken: ("member",),
    Invitation: ("member",),
    AddressChange: ("member",),
    # its directory and provider know the older by that id, or are told of it again
    DirectoryEntry: ("member",),
    DirectoryGroupMember: ("member",),
    Identity: ("member",),
    CalendarFeed: ("member",),
    MergeProposal: ("stays", "goes"),
    Finding: ("person",),  # judged again, of who stays
}
# Tables in which one person may have a row once; where both have one, the older's stands.
ONCE: Columns = {
    Consent: ("purpose", "version"),
    MutedKind: ("kind", "channel"),
    KindPace: ("kind",),
    QuietHours: ("organisation",),
    ProgramStaff: ("program",),
    BusyCalendar: ("organisation",),
    ConcernHandler: ("program",),
    FeedbackLesson: ("organisation",),
    ProfileEntry: ("field",),
    AnnouncementCopy: ("announcement",),
    ThreadFollower: ("thread",),
    PostReport: ("post",),
    LessonProgress: ("key",),
    WorkshopPlace: ("workshop",),
    HrRecord: ("known_on",),
    ReportReader: ("cohort",),
}


class CannotMerge(DomainError):
    """What the two have both, so that it cannot be one person's; the sentence names it."""

    code = "members_cannot_merge"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Merging:
    """What merging two rows would do: who may stay, the one proposed first, and what is joined."""

    may_stay: tuple[Member, ...]
    both: tuple[Member, Member]
    enrolments: int
    partnerships: int

    @property
    def needs_both(self) -> bool:
        """Both have joined, so that each has words of their own: both must say yes."""
        return all(member.is_live for member in self.both)

    def goes_with(self, stays: Member) -> Member:
        return self.both[1] if stays.pk == self.both[0].pk else self.both[0]


def what_merges(one: Member, other: Member) -> Merging:
    """Return what merging would do; raises CannotMerge where two rows cannot become one."""
    older, newer = sorted((one, other), key=lambda member: (member.created_at, member.pk))
    if older.pk == newer.pk or older.merged_into_id or newer.merged_into_id:
        raise CannotMerge(_("Choose two different people who have not been merged yet."))
    for member in (older, newer):
        if member.may_have_joined and not member.is_live:
            raise CannotMerge(
                _(
                    "%(name)s has been here before. Invite them back first: once they have joined"
                    " again, they can say themselves that both are one person."
                )
                % {"name": member.full_name}
            )
    together = Partnership.objects.filter(seats__enrolment__member=older).filter(
        seats__enrolment__member=newer
    )
    if partnership := together.first():
        raise CannotMerge(
            _("Both are members of %(name)s, so they are two people.") % {"name": partnership.name}
        )
    for twin in _twins(older, newer):
        if _sat(twin[0]) and _sat(twin[1]):
            raise CannotMerge(
                _("Both had partners in %(cohort)s, so they are two people there.")
                % {"cohort": twin[0].cohort}
            )
    both = (older, newer)
    live = tuple(member for member in both if member.is_live)
    seats = Seat.objects.filter(enrolment__member__in=both)
    return Merging(
        live or both,
        both,
        Enrolment.objects.filter(member__in=both).count(),
        seats.values("partnership").distinct().count(),
    )


@transaction.atomic
def merge_members(*, stays: Member, goes: Member, by: Member) -> Member:
    """Make one Member of two of whom at most one has ever joined; return the one who stays.

    Raises CannotMerge, RoleAboveYours; ValueError where only the other may stay, or both have to
    say yes.
    """
    merging = what_merges(*_locked(stays, goes))
    if merging.needs_both or stays not in merging.may_stay:
        raise ValueError("not theirs to decide")
    return _join(stays, goes, by=by, agreed=False)


def merge_agreed(*, stays: Member, goes: Member, by: Member) -> Member:
    """Make one Member of two who have both said yes; private words can be read on.

    For `proposals.agree_to_merge` alone, which knows that they have.  Raises CannotMerge and
    LastOwner.
    """
    what_merges(*_locked(stays, goes))
    return _join(stays, goes, by=by, agreed=True)


def _locked(*members: Member) -> list[Member]:
    """Return both as they are now, so that neither joins, leaves or is merged meanwhile."""
    rows = Member.objects.filter(pk__in=[member.pk for member in members]).order_by("pk")
    now = {row.pk: row for row in rows.select_for_update(of=("self",))}
    return [now[member.pk] for member in members]


def _join(stays: Member, goes: Member, *, by: Member, agreed: bool) -> Member:
    """Let one row have what both had; its id, e-mail and sign-in stay as they are.

    What it lacks in work facts is taken from the other, who leaves, so that its links end.
    """
    stays.refresh_from_db()
    goes.refresh_from_db()
    facts = {
        name: value
        for name in Member.WORK_FACTS
        if name != "manager" and (value := getattr(goes, name)) and not getattr(stays, name)
    }
    # whoever agrees does not stand above the other, but both have: the platform does it
    people.mark_left(member=goes, by=None if agreed else by)
    with tenant(current_organisation_id(), member=goes.pk):  # whose private words pass on too
        _keep_one_enrolment_a_cohort(stays, goes)
        _leave_out(stays, goes)
        if agreed:
            _let_read(stays, goes)
        _pass_on(stays, goes)
    release_address(member=goes, by=None if agreed else by)
    Member.objects.filter(pk=goes.pk).update(merged_into=stays, employee_id="")
    if facts:
        Member.objects.filter(pk=stays.pk).update(**facts)
    record(by=by, verb="member.merged", target=stays, gone=str(goes.pk))
    due.mark()
    stays.refresh_from_db()
    return stays


def references() -> list[models.Field]:  # type: ignore[type-arg]  # a field of any kind of value
    """Return every column of a tenant table that names a Member."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model is Member
    ]


def _pass_on(stays: Member, goes: Member) -> None:
    """Let every row that names the one who goes name the one who stays."""
    for field in references():
        model = field.model
        if field.name in STAYS.get(model, ()):
            continue
        rows = model._base_manager.filter(**{field.name: goes})
        if once := ONCE.get(model):
            has = model._base_manager.filter(**{field.name: stays})
            for row in has.values(*once):
                rows.filter(**row).delete()
        rows.update(**{field.name: stays})
    for name in ("manager", "successor"):
        Member.objects.filter(**{name: goes}).exclude(pk=stays.pk).update(**{name: stays})
    Enrolment.objects.filter(member=stays).update(changed_at=clock.now())


def _let_read(stays: Member, goes: Member) -> None:
    """Let the one who stays read the private bodies that the one who goes can read."""
    for model in apps.get_models():
        if any(field.name == "readers" for field in model._meta.local_fields):
            readers = models.Func(F("readers"), Value(stays.pk), function="array_append")
            model._base_manager.filter(readers__contains=[goes.pk]).update(readers=readers)
    # of concerns also what is still to be written
    ConcernFile.objects.filter(reader=goes.pk).update(reader=stays.pk)


def _leave_out(stays: Member, goes: Member) -> None:
    """Keep from the one who stays the concerns that the one who goes is not to read."""
    left_out = models.Func(F("left_out"), Value(stays.pk), function="array_append")
    ConcernFile.objects.filter(left_out__contains=[goes.pk]).update(left_out=left_out)


def _twins(stays: Member, goes: Member) -> list[tuple[Enrolment, Enrolment]]:
    theirs = {row.cohort_id: row for row in Enrolment.objects.filter(member=goes).for_list()}
    rows = Enrolment.objects.filter(member=stays, cohort__in=theirs).for_list()
    return [(row, theirs[row.cohort_id]) for row in rows]


def _keep_one_enrolment_a_cohort(stays: Member, goes: Member) -> None:
    """Drop, of two enrolments in one cohort, the one without a partner; the newer of equals."""
    for mine, theirs in _twins(stays, goes):
        empty = mine if _sat(theirs) else theirs
        try:
            empty.delete()
        except ProtectedError:
            raise CannotMerge(
                _("Both took part in %(cohort)s. Withdraw one of them and try again.")
                % {"cohort": mine.cohort}
            ) from None


def _sat(enrolment: Enrolment) -> bool:
    return Seat.objects.filter(enrolment=enrolment).exists()
