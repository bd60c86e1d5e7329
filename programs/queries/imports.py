"""What an import would do, computed from the file and the people we have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from core.members.models import Invitation, Member
from programs.errors import FileGone
from programs.importing.fields import FACTS, FIELDS
from programs.importing.parsing import parse_level
from programs.importing.planning import ExistingPerson, Plan, State, plan
from programs.importing.questions import AskedQuestion
from programs.importing.tables import Table, read_table
from programs.importing.values import PersonValues, fold
from programs.models.imports import PeopleImport, WrittenPeople
from programs.models.parts import Question
from programs.models.programs import Cohort, Enrolment, Program

_STATES: dict[str, State] = {"invited": "invited", "live": "live", "left": "left"}
# What an import enrols as; somebody who has come further since stays.
_AS_ENTERED = (Enrolment.State.ACCEPTED, Enrolment.State.WAITLISTED)


def read_file(
    people_import: PeopleImport, *, step: Callable[[int], None] = lambda done: None
) -> Table:
    """Read the file as it was read before; raises FileGone, or UnreadableFile."""
    if people_import.file is None:
        raise FileGone
    code_page = people_import.reading.get("encoding", "")
    return read_table(bytes(people_import.file.content), code_page=code_page, step=step)


def plan_people(
    people_import: PeopleImport, table: Table, *, step: Callable[[int], None] = lambda done: None
) -> Plan:
    """Plan an import by its confirmed columns against the people of the organisation in force.

    Answers are not compared: they are a person's own once they have enrolled.
    """
    members = list(Member.objects.select_related("manager", "user").order_by("id"))
    sign_ins = _sign_ins(members)
    existing = [
        ExistingPerson(
            member.pk,
            _values(member),
            _STATES[member.state],
            sign_ins[member.user_id],
            takes_part_only=member.role == Member.Role.PARTICIPANT,
        )
        for member in members
    ]
    return plan(
        table,
        people_import.mapping,
        existing=existing,
        compare=FACTS,
        options=people_import.said,
        questions=asked_questions(people_import.cohorts),
        step=step,
    )


def asked_questions(cohorts: Mapping[str, str]) -> list[AskedQuestion]:
    """Return the programs' own questions that a column may answer, for the cohorts chosen.

    Those that are called like a field of every file are answered by that field.
    """
    programs = Cohort.objects.filter(pk__in=list(cohorts.values())).values("program")
    return [
        AskedQuestion(
            str(question.pk),
            question.key,
            question.kind,
            question.label,
            {option["name"]: option["key"] for option in question.options},
        )
        for question in Question.objects.filter(program__in=programs).order_by("position", "id")
        if question.key not in FIELDS
    ]


def joinable_cohorts(by: Member, part: str) -> QuerySet[Cohort]:
    """Return the cohorts into which this person may enrol people: of peers, or of mentors."""
    joinable = (
        Cohort.objects.visible_to(by)
        .for_list()
        .filter(phase__in=("draft", "enrolling", "matching", "running"))
        .order_by("-starts_on", "id")
    )
    if part == "mentor":
        return joinable.filter(program__format=Program.Format.MENTOR)
    return joinable.exclude(program__format=Program.Format.MENTOR)


def _sign_ins(members: Sequence[Member]) -> dict[UUID, frozenset[str]]:
    """Return by user the folded addresses that lead to them, verified second ones too."""
    addresses = {member.user_id: {fold(member.user.email)} for member in members}
    second = EmailAddress.objects.filter(verified=True, user__in=list(addresses))
    for user_id, address in second.values_list("user_id", "email"):
        addresses[user_id].add(fold(address))
    return {user_id: frozenset(owned) for user_id, owned in addresses.items()}


def _values(member: Member) -> PersonValues:
    values: dict[str, Any] = {name: getattr(member, name) for name in FACTS}
    values["level"] = parse_level(member.level).value
    values["languages"] = tuple(member.languages)
    values["manager"] = member.manager.employee_id if member.manager else ""
    return PersonValues(**values)


def removable(written: WrittenPeople) -> tuple[list[Member], list[Member]]:
    """Return whom undoing an import removes, and whom it leaves: on them something hangs.

    Who was invited, came in, was enrolled by hand or has come further than their place stays.
    """
    people = list(Member.objects.filter(pk__in=written.entered).order_by("id"))
    held = set(Invitation.objects.filter(member__in=people).values_list("member_id", flat=True))
    beyond = Enrolment.objects.filter(member__in=people).exclude(
        pk__in=written.enrolled, state__in=_AS_ENTERED
    )
    held |= set(beyond.values_list("member_id", flat=True))
    held |= {member.pk for member in people if member.state != Member.State.INVITED}
    managers = dict(
        Member.objects.exclude(manager=None)
        .exclude(pk__in=list(written.changed))  # theirs is restored before
        .values_list("pk", "manager_id")
    )
    entered = {member.pk for member in people}
    while True:  # who manages somebody that stays, stays
        above = {manager for pk, manager in managers.items() if pk in held or pk not in entered}
        if above & entered <= held:
            break
        held |= above & entered
    going = [member for member in people if member.pk not in held]
    return going, [member for member in people if member.pk in held]


def invitable_enrolments(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Narrow enrolments to those who have a place and have neither come in nor said no."""
    declined = Invitation.objects.open().filter(
        member=OuterRef("member"), declined_at__isnull=False
    )
    return rows.filter(
        ~Exists(declined),
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE),
        member__state=Member.State.INVITED,
    ).select_related("member__organisation", "cohort__program")
