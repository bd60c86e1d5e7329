"""A program, its cohorts, and who is enrolled in them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.common import clock
from core.common.own_words import NOTIONS, Words, words_of
from core.members.models import Member, TenantQuerySet
from core.members.permissions import runs_all_programs
from core.tenancy.models import StampedModel, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy

if TYPE_CHECKING:
    from typing import Self


class _ProgramQuerySet(TenantQuerySet["Program"]):
    def visible_to(self, member: Member) -> Self:
        """HR and who runs all programs see all; other coordinators those that name them;
        a participant those they are enrolled in."""
        rows = super().visible_to(member)
        if member.role == Member.Role.HR or runs_all_programs(member):
            return rows
        if member.role == Member.Role.COORDINATOR:
            mine = ProgramStaff.objects.filter(member=member, program=OuterRef("pk"))
            return rows.filter(Exists(mine))
        mine_as_participant = Enrolment.objects.filter(
            cohort__program=OuterRef("pk"), member=member
        )
        return rows.filter(Exists(mine_as_participant))

    def active(self) -> Self:
        return self.filter(archived_at=None)


class CadenceUnit(models.TextChoices):
    """What the rhythm of sessions is counted in; months keep the weekday: every second Tuesday."""

    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months, on the same weekday")


def cadence_words(every: int, unit: str) -> str:
    match CadenceUnit(unit):
        case CadenceUnit.DAYS:
            return ngettext("every day", "every %(n)d days", every) % {"n": every}
        case CadenceUnit.WEEKS:
            return ngettext("every week", "every %(n)d weeks", every) % {"n": every}
        case CadenceUnit.MONTHS:
            return ngettext("once a month", "every %(n)d months", every) % {"n": every}


WORD_FIELDS = {notion: f"word_{notion}" for notion in NOTIONS}


class Program(StampedModel):
    """A design, re-usable: purpose, format, questions, criteria, cadence, roles, agenda."""

    class Format(models.TextChoices):
        MENTOR = "mentor", _("Mentor and mentee")
        PAIRS = "pairs", _("Reciprocal peer pairs")
        CIRCLES = "circles", _("Circles")

    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("purpose"), max_length=2000, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=Format)
    template = models.CharField(max_length=40, blank=True)
    # what everybody accepts, and what mentors and mentees accept besides; a change of any of them
    # is a new version, which everybody is asked to accept again
    expectations = models.TextField(_("expectations"), max_length=4000, blank=True)
    expectations_mentors = models.TextField(max_length=4000, blank=True, default="")
    expectations_mentees = models.TextField(max_length=4000, blank=True, default="")
    expectations_version = models.PositiveSmallIntegerField(default=1)
    # who wants to be a mentor says how they meet these, and their manager says yes; "" asks neither
    mentor_criteria = models.TextField(max_length=2000, blank=True, default="", db_default="")
    cadence_every = models.PositiveSmallIntegerField(_("sessions come every"), default=2)
    cadence_unit = models.CharField(max_length=6, choices=CadenceUnit, default=CadenceUnit.WEEKS)
    session_minutes = models.PositiveSmallIntegerField(_("minutes of a session"), default=60)
    sessions_planned = models.PositiveSmallIntegerField(_("sessions in a season"), default=6)
    sessions_agreed = models.PositiveSmallIntegerField(_("minimum number of sessions"), default=4)
    circle_min = models.PositiveSmallIntegerField(_("smallest circle"), default=5)
    circle_max = models.PositiveSmallIntegerField(_("largest circle"), default=8)
    check_in_weeks = models.PositiveSmallIntegerField(_("weeks between check-ins"), default=2)
    # self-match: people ask each other; a request waits so many days, and so many are open at once
    self_match = models.BooleanField(_("self-match"), default=False)
    request_days = models.PositiveSmallIntegerField(_("days to answer a request"), default=3)
    requests_asking = models.PositiveSmallIntegerField(_("most people asked at once"), default=2)
    requests_asked = models.PositiveSmallIntegerField(_("most requests waiting"), default=3)
    second_person = models.BooleanField(_("a second person approves a publication"), default=False)
    # how far people of the program may show their profiles: partners read what is for them anyway
    profiles_to_cohort = models.BooleanField(default=True, db_default=True)
    profiles_to_coordinators = models.BooleanField(default=True, db_default=True)
    # whether people go on writing in discussions when their cohort is closed; they read anyway
    alumni_post = models.BooleanField(default=False, db_default=False)
    # [{"title": str, "minutes": int, "kind": str}], copied to each session
    agenda = models.JSONField(default=list, blank=True)
    # [{"theme": str, "agenda": key of READY_AGENDAS or "", "milestone": str}], session by session
    season = models.JSONField(default=list, blank=True, db_default=[])
    # what its people and its meetings are called, in all that we say; keys of word_rows
    word_mentor = models.CharField(max_length=16, default="mentor", db_default="mentor")
    word_mentee = models.CharField(max_length=16, default="mentee", db_default="mentee")
    word_circle = models.CharField(max_length=16, default="circle", db_default="circle")
    word_session = models.CharField(max_length=16, default="session", db_default="session")
    archived_at = models.DateTimeField(null=True, blank=True)
    # whose design was duplicated: what was to change in it is carried on
    copied_from = TenantForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    privacy = Privacy(Keep.ORGANISATION)
    objects = _ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="program_name_once"),
            models.CheckConstraint(
                name="program_circle_sizes",
                condition=Q(circle_min__gte=3)
                & Q(circle_max__lte=12)
                & Q(circle_min__lte=F("circle_max")),
            ),
            models.CheckConstraint(
                name="program_cadence",
                condition=Q(cadence_every__gte=1, check_in_weeks__gte=1, session_minutes__gte=10),
            ),
            models.CheckConstraint(
                name="program_requests",
                condition=Q(request_days__gte=1, requests_asking__gte=1, requests_asked__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def cadence_days(self) -> int:
        """How many days lie between two sessions; a month counts as four weeks."""
        days = {CadenceUnit.DAYS: 1, CadenceUnit.WEEKS: 7, CadenceUnit.MONTHS: 28}
        return self.cadence_every * days[CadenceUnit(self.cadence_unit)]

    @property
    def cadence_words(self) -> str:
        return cadence_words(self.cadence_every, self.cadence_unit)

    @property
    def own_words(self) -> Words:
        """In which words everything about it is said; () for ours, or where they are not loaded."""
        if self.get_deferred_fields() & set(WORD_FIELDS.values()):
            return ()
        return words_of({notion: getattr(self, name) for notion, name in WORD_FIELDS.items()})

    def get_absolute_url(self) -> str:
        return reverse("programs:program", args=[self.organisation.slug, self.pk])

    def expectations_for(self, part: str) -> str:
        """Return what somebody in that part accepts; "" where nothing is expected."""
        probe = Enrolment(part=part)
        texts = [self.expectations]
        if part != Enrolment.Part.PEER:
            texts += [self.expectations_mentors] if probe.offers else []
            texts += [self.expectations_mentees] if probe.seeks else []
        return "\n".join(text for text in texts if text)

    def selects(self, part: str) -> bool:
        """Whether who takes this part is selected: by a statement and their manager's yes."""
        mentor = part in {Enrolment.Part.MENTOR, Enrolment.Part.BOTH}
        return mentor and bool(self.mentor_criteria)

    @property
    def lets_people_wish(self) -> bool:
        """Whether its people may say whom they would like to be with; a run weighs it."""
        return self.self_match

    @property
    def lets_people_ask(self) -> bool:
        """Whether its people may choose each other; circles are formed by a run alone."""
        return self.self_match and self.format != self.Format.CIRCLES


class _ProgramStaffQuerySet(TenantQuerySet["ProgramStaff"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their program by who runs it."""
        rows = super().visible_to(member)
        if member.role not in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows.none()
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))


class ProgramStaff(TenantModel):
    """A coordinator who runs this program; who runs all of them is so marked (`runs_all`)."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="staff")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    privacy = Privacy(Keep.ORGANISATION, export=("member",))
    objects = _ProgramStaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "member"], name="program_staff_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class CohortQuerySet(TenantQuerySet["Cohort"]):
    def visible_to(self, member: Member) -> Self:
        """A cohort is seen with its program; a participant sees those they are enrolled in
        and those that are open for enrolment, unless it is by invitation only."""
        rows = super().visible_to(member)
        if member.role == Member.Role.PARTICIPANT:
            mine = Enrolment.objects.filter(cohort=OuterRef("pk"), member=member)
            return rows.filter(Exists(mine) | OPEN_TO_ALL)
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        return rows.filter(Exists(programs))

    def open_to_all(self) -> Self:
        """Return those in which anybody who fits may ask for a place now."""
        return self.filter(OPEN_TO_ALL)

    def with_a_place_free(self) -> Self:
        return self.filter(Q(places=None) | Q(places__gt=F("places_taken")))

    def for_list(self) -> Self:
        return self.select_related("organisation", "program")


class Cohort(StampedModel):
    """One run of a program; a rolling one has no last day, each partnership its own length."""

    class Phase(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ENROLLING = "enrolling", _("Enrolling")
        MATCHING = "matching", _("Matching")
        RUNNING = "running", _("Running")
        CLOSING = "closing", _("Closing")
        CLOSED = "closed", _("Closed")
        CALLED_OFF = "called_off", _("Called off")

    class Entry(models.TextChoices):
        """Who gets in, and how."""

        APPLICATION = "application", _("By application")
        OPEN = "open", _("Open to all")
        INVITATION = "invitation", _("By invitation only")

    UNDER_WAY = (Phase.ENROLLING, Phase.MATCHING, Phase.RUNNING, Phase.CLOSING)
    OVER = (Phase.CLOSED, Phase.CALLED_OFF)

    program = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(_("name"), max_length=120)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.DRAFT)
    # the last move, which can be undone for a day
    moved_at = models.DateTimeField(null=True, blank=True)
    moved_from = models.CharField(max_length=10, choices=Phase, blank=True, default="")
    entry = models.CharField(max_length=11, choices=Entry, default=Entry.APPLICATION)
    # [{"fact": a work fact, "values": [str]}]: all of them have to hold
    eligibility = models.JSONField(default=list, blank=True)
    enrol_until = models.DateField(_("last day to enrol"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    length_days = models.PositiveSmallIntegerField(null=True, blank=True)
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    # counted by guarded updates: taking the last place is one statement
    places_taken = models.PositiveIntegerField(default=0)
    # somebody of the leadership who stands behind it, and what they say to its people
    sponsor_name = models.CharField(max_length=120, blank=True, default="", db_default="")
    sponsor_title = models.CharField(max_length=120, blank=True, default="", db_default="")
    sponsor_words = models.TextField(max_length=1500, blank=True, default="", db_default="")

    privacy = Privacy(Keep.ORGANISATION)
    objects = CohortQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program", "name"], name="cohort_name_once"
            ),
            models.CheckConstraint(
                name="cohort_ends_after_start", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="cohort_ends_or_rolls",
                condition=Q(ends_on__isnull=False, length_days=None)
                | Q(ends_on=None, length_days__gte=1),
            ),
            models.CheckConstraint(
                name="cohort_places_hold",
                condition=Q(places=None) | Q(places_taken__lte=F("places")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program.name}, {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("programs:cohort", args=[self.organisation.slug, self.pk])

    @property
    def is_rolling(self) -> bool:
        return self.ends_on is None

    @property
    def is_open_to_all(self) -> bool:
        """Whether anybody who fits may ask for a place now; see `open_to_all`."""
        phases = (self.Phase.ENROLLING, *(ROLLING_PHASES if self.is_rolling else ()))
        return self.phase in phases and self.entry != self.Entry.INVITATION

    @property
    def is_matched(self) -> bool:
        """Whether its people can still get a partner."""
        return self.phase not in {self.Phase.CLOSING, *self.OVER}

    @property
    def has_a_place_free(self) -> bool:
        return self.places is None or self.places > self.places_taken

    def last_day_from(self, begins: date) -> date:
        """Return the last day of a partnership that begins then."""
        return self.ends_on or begins + timedelta(days=self.length_days or 1)


ROLLING_PHASES = (Cohort.Phase.MATCHING, Cohort.Phase.RUNNING)
OPEN_TO_ALL = Q(
    Q(phase=Cohort.Phase.ENROLLING) | Q(phase__in=ROLLING_PHASES, ends_on=None),
    ~Q(entry=Cohort.Entry.INVITATION),
)


class EnrolmentQuerySet(TenantQuerySet["Enrolment"]):
    def visible_to(self, member: Member) -> Self:
        """Coordinators and HR see those of their programs; everybody sees their own."""
        rows = super().visible_to(member)
        if member.role == Member.Role.PARTICIPANT:
            return rows.filter(member=member)
        programs = Program.objects.visible_to(member).filter(pk=OuterRef("cohort__program_id"))
        return rows.filter(Exists(programs) | Q(member=member))

    def for_list(self) -> Self:
        return self.select_related("organisation", "member", "cohort__program")

    def in_place(self) -> Self:
        """Return those that hold a place now."""
        return self.filter(state__in=Enrolment.IN_PLACE)

    def in_line(self) -> Self:
        """Return who waits for a place, in the order in which places are given."""
        waiting = self.filter(state=Enrolment.State.WAITLISTED)
        return waiting.order_by("waiting_since", "applied_at", "id")

    def without_expectations(self) -> Self:
        """Return who has never accepted what the program expects of their part."""
        return self.filter(EXPECTS, expectations_accepted_at=None)

    def to_accept_again(self) -> Self:
        """Return who has not accepted the expectations as they now are."""
        newest = Q(expectations_version=F("cohort__program__expectations_version"))
        return self.filter(EXPECTS).exclude(newest, expectations_accepted_at__isnull=False)

    def ready_to_match(self) -> Self:
        """Return who holds a place and has accepted the expectations, of whatever version."""
        return self.in_place().exclude(pk__in=self.without_expectations().values("pk"))


class Enrolment(StampedModel):
    """A Member in a Cohort, with part, state and capacity."""

    class Part(models.TextChoices):
        MENTOR = "mentor", _("Mentor")
        MENTEE = "mentee", _("Mentee")
        BOTH = "both", _("Mentor and mentee")
        PEER = "peer", _("Peer")

    class State(models.TextChoices):
        APPLIED = "applied", _("Applied")
        WAITLISTED = "waitlisted", _("On the waiting list")
        DECLINED = "declined", _("Declined")
        ACCEPTED = "accepted", _("Accepted")
        ACTIVE = "active", _("Active")
        COMPLETED = "completed", _("Completed")
        FINISHED = "finished", _("Finished")  # the cohort closed, no partnership was completed
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class EndReason(models.TextChoices):
        """Why somebody withdrew; health is never asked."""

        OWN_WISH = "own_wish", _("Own wish")
        WORK = "work", _("Work leaves no time for it")
        FIT = "fit", _("The program does not fit")
        MOVED = "moved", _("Another job or place")
        OTHER = "other", _("Another reason")
        # what follows from something else; nobody chooses these
        LEFT = "left", _("Left the organisation")
        CALLED_OFF = "called_off", _("The cohort was called off")
        NEXT_COHORT = "next_cohort", _("Waits in the next cohort")

    CHOSEN_REASONS = (
        EndReason.OWN_WISH,
        EndReason.WORK,
        EndReason.FIT,
        EndReason.MOVED,
        EndReason.OTHER,
    )

    class EndedBy(models.TextChoices):
        PERSON = "person", _("The person")
        ON_REQUEST = "on_request", _("A coordinator, as the person asked")
        PROGRAM = "program", _("A coordinator")

    class DeclineReason(models.TextChoices):
        PLACES = "places", _("More people applied than there are places")
        AUDIENCE = "audience", _("The cohort is for people in other jobs or places")
        BALANCE = "balance", _("There are too many people in this part")
        TIMING = "timing", _("Another time fits better")
        OTHER = "other_reason", _("Another reason")

    UNDO = timedelta(days=1)
    ACCEPTED_OR_LATER = ("accepted", "active", "completed", "finished", "withdrawn")
    UNDECIDED = ("applied", "waitlisted")
    IN_PLACE = ("accepted", "active")
    OVER = ("completed", "finished", "withdrawn")

    cohort = TenantForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")
    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(_("part"), max_length=8, choices=Part)
    state = models.CharField(max_length=10, choices=State, default=State.APPLIED)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=1)
    expectations_accepted_at = models.DateTimeField(null=True, blank=True)
    expectations_version = models.PositiveSmallIntegerField(default=0)
    applied_at = models.DateTimeField()
    # the place in the line: since when, which may be since an earlier cohort of the program
    waiting_since = models.DateTimeField(null=True, blank=True)
    # a coordinator's words to the person about the last decision
    decision_words = models.TextField(max_length=1000, blank=True, default="")
    # when its words went, so long after its cohort (OrganisationSettings.words_months)
    words_erased_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # of a withdrawal an EndReason, of a declined application a DeclineReason
    end_reason = models.CharField(max_length=60, blank=True)
    ended_by = models.CharField(max_length=10, choices=EndedBy, blank=True, default="")
    state_before = models.CharField(max_length=10, choices=State, blank=True, default="")
    # "not this month": no new partner until that day
    paused_until = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    privacy = Privacy(Keep.PERSON, export=("member",), erase=("decision_words",))
    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # who completed may enrol again where a cohort goes on and on
            models.UniqueConstraint(
                fields=["organisation", "cohort", "member"],
                condition=~Q(state__in=["completed", "finished"]),
                name="enrolment_once",
            ),
            models.CheckConstraint(
                name="enrolment_started_after_accepted",
                condition=Q(started_at=None) | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="enrolment_ended_iff_over",
                condition=Q(
                    state__in=["completed", "finished", "withdrawn"], ended_at__isnull=False
                )
                | (~Q(state__in=["completed", "finished", "withdrawn"]) & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="enrolment_capacity", condition=Q(capacity__gte=0, capacity__lte=20)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.part})"

    @property
    def offers(self) -> bool:
        return self.part in {self.Part.MENTOR, self.Part.BOTH, self.Part.PEER}

    @property
    def seeks(self) -> bool:
        return self.part in {self.Part.MENTEE, self.Part.BOTH, self.Part.PEER}

    @property
    def end_words(self) -> str:
        """Return why it ended or was declined, in words; "" where nothing is kept."""
        chosen = dict(self.EndReason.choices) | dict(self.DeclineReason.choices)
        return str(chosen.get(self.end_reason, ""))

    @property
    def can_be_reinstated(self) -> bool:
        """Whether a withdrawal that somebody chose can still be undone: for a day."""
        chosen = self.state == self.State.WITHDRAWN and self.end_reason in self.CHOSEN_REASONS
        return chosen and self.ended_at is not None and self.ended_at > clock.now() - self.UNDO

    @property
    def expects_answer(self) -> bool:
        """Whether the expectations, as they now are, wait for this person."""
        program = self.cohort.program
        newest = self.expectations_version == program.expectations_version
        accepted = self.expectations_accepted_at is not None and newest
        return not accepted and bool(program.expectations_for(self.part))


_OFFERS = Q(part__in=[Enrolment.Part.MENTOR, Enrolment.Part.BOTH])
_SEEKS = Q(part__in=[Enrolment.Part.MENTEE, Enrolment.Part.BOTH])
# who is enrolled, on every page and in every figure: accepted once, whatever came of it
ENROLLED = Q(state__in=Enrolment.ACCEPTED_OR_LATER, accepted_at__isnull=False)
# who belongs to a cohort: in it, or through it to the end; who withdrew does not
BELONGS = Q(
    ~Q(cohort__phase__in=(Cohort.Phase.DRAFT, Cohort.Phase.CALLED_OFF)),
    state__in=(*Enrolment.IN_PLACE, Enrolment.State.COMPLETED, Enrolment.State.FINISHED),
)
RUN_PROGRAMS = (Member.Role.OWNER, Member.Role.COORDINATOR)
EXPECTS = (
    ~Q(cohort__program__expectations="")
    | (_OFFERS & ~Q(cohort__program__expectations_mentors=""))
    | (_SEEKS & ~Q(cohort__program__expectations_mentees=""))
)
