"""The people of a cohort as a list: what it can be narrowed to and ordered by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.accounts.queries import INVITED, NARROWED, by_invitation
from core.common.lists import Chip, Column, ListFilter, chips_of, holding
from core.members.models import Member
from programs.models.parts import Answer, Question
from programs.models.programs import Enrolment, EnrolmentQuerySet

SEARCHED = (
    "member__given_name",
    "member__family_name",
    "member__email",
    "member__employee_id",
    "member__department",
    "member__job_title",
)
OF_THE_PERSON = ("family_name", "department", "level", "location")
ANSWERED = {"yes": _("All that is required"), "no": _("Something is missing")}
Parts, AskedOf = Enrolment.Part, Question.AskedOf


@dataclass(frozen=True)
class EnrolmentFilter(ListFilter):
    """What of the people of a cohort is wanted."""

    CHOICES = {
        "part": Enrolment.Part.values,
        "state": Enrolment.State.values,
        "answered": ANSWERED,
        "invited": INVITED,
    }
    ORDERS = (*OF_THE_PERSON, "part", "state", "applied_at")
    PATHS = {name: f"member__{name}" for name in OF_THE_PERSON}

    part: str = ""
    state: str = ""
    department: str = ""
    level: str = ""
    location: str = ""
    answered: str = ""
    invited: str = ""

    def searched(self, rows: EnrolmentQuerySet) -> EnrolmentQuerySet:
        """Narrow by everything but state and part, which the chips count."""
        rows = rows.filter(holding(self.q, *SEARCHED))
        facts = {f"member__{name}": getattr(self, name) for name in NARROWED}
        rows = rows.filter(**{name: value for name, value in facts.items() if value})
        if self.answered:
            missing = _misses_an_answer()
            rows = rows.filter(missing if self.answered == "no" else ~missing)
        if self.invited:
            theirs = Member.objects.filter(by_invitation(self.invited))
            rows = rows.filter(member__in=theirs)
        return rows

    def apply(self, rows: EnrolmentQuerySet) -> EnrolmentQuerySet:
        rows = self.searched(rows)
        if self.part:
            rows = rows.filter(part=self.part)
        return rows.filter(state=self.state) if self.state else rows


def _misses_an_answer() -> Q:
    """Return the condition that something required of an enrolment's part is not answered."""
    answers = Answer.objects.filter(enrolment=OuterRef(OuterRef("pk")), question=OuterRef("pk"))
    required = Question.objects.filter(
        ~Exists(answers), program=OuterRef("cohort__program"), required=True
    )
    missing = Q()
    for part in Parts:
        probe = Enrolment(part=part)
        of = [AskedOf.EVERYONE]
        of += [AskedOf.OFFERERS] * probe.offers + [AskedOf.SEEKERS] * probe.seeks
        missing |= Q(Exists(required.filter(asked_of__in=of)), part=part)
    return missing


def enrolment_chips(rows: EnrolmentQuerySet, wanted: EnrolmentFilter) -> list[list[Chip]]:
    """Return the chips by state and by part."""
    return chips_of(
        wanted.searched(rows), wanted, state=Enrolment.State.choices, part=Enrolment.Part.choices
    )


def enrolment_columns(wanted: EnrolmentFilter) -> Sequence[Column]:
    return [
        wanted.column("family_name", gettext("Name")),
        wanted.column("department", gettext("Department")),
        wanted.column("location", gettext("Location")),
        wanted.column("part", gettext("Part")),
        wanted.column("state", gettext("State")),
        wanted.column("applied_at", gettext("Applied")),
    ]
