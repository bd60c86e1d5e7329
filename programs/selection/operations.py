"""Asking a manager whether somebody may be a mentor, and what they answer."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue, enqueue_all, withdraw
from programs.errors import (
    AskedTooOften,
    CandidacyEnded,
    ManagerHasAnswered,
    ManagerIsYou,
    NotSelected,
)
from programs.models.programs import Enrolment
from programs.models.selection import Candidacy
from programs.queries.designs import coordinators_of

ASKED, ANSWERED = "programs.manager_asked", "programs.manager_answered"
MOST_A_DAY = 3


@transaction.atomic
def ask_manager(
    *, enrolment: Enrolment, statement: str, manager_address: str, by: Member
) -> Candidacy:
    """Keep what somebody says of the criteria, and ask their manager; again, it asks anew.

    The link goes to that address alone, and the one before it is dead.  Raises NotSelected,
    ManagerIsYou, ManagerHasAnswered, AskedTooOften.
    """
    held = Enrolment.objects.select_for_update(of=("self",)).for_list().get(pk=enrolment.pk)
    if held.state not in Enrolment.UNDECIDED or not held.cohort.program.selects(held.part):
        raise NotSelected
    own = EmailAddress.objects.filter(user=held.member.user_id).values_list("email", flat=True)
    if manager_address.casefold() in {email.casefold() for email in (held.member.email, *own)}:
        raise ManagerIsYou
    before = Candidacy.objects.filter(enrolment=held)
    if before.exclude(answer="").exists():
        raise ManagerHasAnswered
    now = clock.now()
    mails = Email.objects.filter(kind=ASKED, about_id=held.pk)
    if mails.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise AskedTooOften
    before.delete()
    withdraw(kind=ASKED, about=held.pk)
    candidacy = Candidacy.objects.create(
        enrolment=held, statement=statement, manager_address=manager_address, asked_at=now
    )
    cohort = held.cohort
    enqueue(
        member=held.member,
        address=manager_address,
        kind=ASKED,
        dedupe_key=f"{ASKED}:{candidacy.pk}",
        link=Link(signed="manager", object_id=candidacy.pk),
        context={"applicant": held.member.full_name, "program": cohort.program.name},
        about=held.pk,
        program=cohort.program_id,
        needed_by=candidacy.ends_at,
    )
    record(by=by, verb="candidacy.manager_asked", target=held)
    return candidacy


@transaction.atomic
def answer(*, candidacy: Candidacy, answer: str) -> Candidacy:
    """Keep the answer of a manager, who is nobody here, and tell the coordinators.

    Raises CandidacyEnded once it was answered, its days are over, or it is decided.
    """
    now = clock.now()
    open_rows = Candidacy.objects.filter(
        pk=candidacy.pk,
        answer="",
        asked_at__gt=now - Candidacy.ANSWERED_WITHIN,
        enrolment__state__in=Enrolment.UNDECIDED,
    )
    if not open_rows.update(answer=Candidacy.Answer(answer), answered_at=now):
        raise CandidacyEnded
    candidacy.refresh_from_db()
    enrolment = Enrolment.objects.for_list().get(pk=candidacy.enrolment_id)
    record(by=None, verb="candidacy.answered", target=enrolment, answer=answer)
    _tell_coordinators(enrolment, candidacy)
    return candidacy


def _tell_coordinators(enrolment: Enrolment, candidacy: Candidacy) -> None:
    program = enrolment.cohort.program
    page = reverse("programs:enrolment", args=[program.organisation.slug, enrolment.pk])
    enqueue_all(
        [
            Draft(
                member=coordinator,
                kind=ANSWERED,
                program=program.pk,
                dedupe_key=f"{ANSWERED}:{candidacy.pk}:{coordinator.pk}",
                link=Link(page=page),
                context={
                    "applicant": enrolment.member.full_name,
                    "program": program.name,
                    "cohort": enrolment.cohort.name,
                    "yes": candidacy.answer == Candidacy.Answer.YES,
                },
                about=enrolment.pk,
            )
            for coordinator in coordinators_of(program)
        ]
    )
