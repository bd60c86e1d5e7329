"""A cohort whose people may choose each other, and what two of them say: parent first."""

from __future__ import annotations

from typing import Any

from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest, RequestWords, Wish
from pairing.requests.operations import answering, asking, sweeping
from programs.models.programs import Cohort, Enrolment, Program
from tests.pairing.build import make_cohort, person

SKILL = {"coaching": 3}


def make_self_match(organisation: Organisation, *, format: str = "mentor", **rules: Any) -> Cohort:
    """Open a matching cohort of a program that lets people choose each other."""
    cohort = make_cohort(organisation)
    with tenant(organisation):
        program = Program.objects.filter(pk=cohort.program_id)
        program.update(self_match=True, format=format, **rules)
        return Cohort.objects.for_list().get(pk=cohort.pk)


def mentee(cohort: Cohort, name: str, **facts: Any) -> Enrolment:
    """Accept a mentee who seeks coaching, three levels below every mentor."""
    facts.setdefault("level", "4")
    facts.setdefault("department", "Sales")
    return person(cohort, name, "mentee", answers={"skills_sought": SKILL}, **facts)


def mentor(cohort: Cohort, name: str, **facts: Any) -> Enrolment:
    """Accept a mentor who offers coaching."""
    facts.setdefault("level", "6")
    facts.setdefault("department", "Finance")
    return person(cohort, name, "mentor", answers={"skills_offered": {"coaching": 4}}, **facts)


def wish(asker: Enrolment, *wished: Enrolment) -> None:
    """Put these on the list, first wish first."""
    with tenant(asker.organisation):
        for each in wished:
            asking.add_wish(enrolment=asker, wished=each)


def wishes(asker: Enrolment) -> list[Enrolment]:
    """Return whom this person wishes for, first wish first."""
    with tenant(asker.organisation):
        rows = Wish.objects.filter(enrolment=asker).select_related("wished__member")
        return [each.wished for each in rows.order_by("rank")]


def ask(asker: Enrolment, asked: Enrolment, words: str = "") -> PartnerRequest:
    """Send a request."""
    with tenant(asker.organisation):
        request = asking.ask_partner(asker=asker, partner=asked, by=asker.member, words=words)
        return PartnerRequest.objects.for_list().get(pk=request.pk)


def accept(request: PartnerRequest, words: str = "") -> Partnership:
    """Say yes, as the person asked."""
    with tenant(request.organisation):
        return answering.accept_request(request=request, by=request.asked.member, words=words)


def sweep(organisation: Organisation, at: Any) -> None:
    """Do what beat does every minute."""
    with tenant(organisation):
        sweeping.lapse_due_requests(at=at)
        sweeping.close_pointless_requests(at=clock.now())
        sweeping.follow_up_requests(at=clock.now())


def states(cohort: Cohort) -> list[tuple[str, str]]:
    """Return who was asked and how it stands, by name."""
    with tenant(cohort.organisation):
        rows = PartnerRequest.objects.filter(cohort=cohort).select_related("asked__member")
        return sorted((each.asked.member.given_name, str(each.state)) for each in rows)


def words_read_by(member: Any) -> set[str]:
    """Return every word with a request that the database shows this member."""
    with tenant(member.organisation, member=member.pk):
        return set(RequestWords.objects.values_list("text", flat=True))
