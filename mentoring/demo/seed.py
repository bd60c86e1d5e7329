"""The two organisations of the demo, from their first day to this morning."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from celery import current_app
from django.db import transaction

from mentoring.accounts import operations as accounts
from mentoring.common import clock
from mentoring.demo.calendar import answer_invitations, look_for_another_time
from mentoring.demo.choosing import choose_each_other
from mentoring.demo.history import Life, mornings
from mentoring.demo.people import Person, invent
from mentoring.demo.room import meet_today
from mentoring.demo.studio import try_in_the_studio
from mentoring.demo.together import Table
from mentoring.demo.turns import agree_on_turns
from mentoring.identity.models import Member, Organisation, User
from mentoring.identity.permissions import TOKEN_SCOPES
from mentoring.identity.tenancy import tenant
from mentoring.notifications.dispatch import dispatch
from metrics import operations as metrics
from pairing import operations as pairing
from pairing import tasks as pairing_tasks
from pairing.models import MatchRun
from programs import operations as programs
from programs.models import Cohort, Enrolment
from programs.templates_catalog import SKILLS

SEED = 20
WEEKS = 10
PASSWORD = "round-table-demo"
SKILL_KEYS = [str(key) for key, _name in SKILLS]

Say = Callable[[str], None]


@dataclass
class Demo:
    """What the person who starts the demo is told."""

    token: str = ""


def seed(*, say: Say) -> Demo:
    """Make both organisations; `say` hears what is being done."""
    now = clock.now()
    demo = Demo()
    say("Northwind: 42 people, six circles, ten weeks …")
    _northwind(now, demo)
    say("Southbank: 18 people, three circles …")
    _southbank(now)
    current_app.control.purge()  # what the history hinted at has been done
    return demo


def _northwind(now: datetime, demo: Demo) -> None:
    begin = now - timedelta(weeks=WEEKS, days=14)
    draw = random.Random(SEED)
    with clock.at(begin):
        owner = accounts.create_organisation(
            name="Northwind",
            user=_user("olivia@northwind.example"),
            given_name="Olivia",
            family_name="Brandt",
            time_zone="Europe/Berlin",
        )
    northwind = owner.organisation
    with clock.at(begin), tenant(northwind):
        ingrid = _staff("Ingrid", "Solberg", "ingrid", Member.Role.COORDINATOR, owner)
        hassan = _staff("Hassan", "Rahimi", "hassan", Member.Role.HR, owner)
        people = invent(42, domain="northwind.example", skills=SKILL_KEYS, seed=SEED)
        people[0] = _known(people[0], "Leila", "Haddad", "leila@northwind.example")
        members = [_enter(person, ingrid) for person in people]
        leila = members[0]
    cohort = _open_circles(
        northwind, ingrid, "Autumn", begin, list(zip(members, people, strict=True))[:36]
    )
    _match(northwind, cohort, ingrid, begin + timedelta(days=10))
    _publish(northwind, cohort, ingrid, now - timedelta(weeks=WEEKS))
    _live(northwind, draw, now, events=Table(leila).events() | _northwind_events(leila, members))
    _mentor_cohort(northwind, ingrid, now, list(zip(members, people, strict=True)), draw)
    choose_each_other(northwind, ingrid, list(zip(members, people, strict=True))[:9], now=now)
    with tenant(northwind), clock.at(now - timedelta(hours=2)):
        answer_invitations(draw)
        look_for_another_time(draw)
        meet_today(leila, now=now)  # last: who could not come on the old date is asked afresh
        agree_on_turns(leila, now=now)
        _token, demo.token = accounts.create_token(
            name="HR figures", scopes=_scopes(hassan), by=hassan
        )


def _southbank(now: datetime) -> None:
    begin = now - timedelta(weeks=WEEKS, days=7)
    with clock.at(begin):
        owner = accounts.create_organisation(
            name="Southbank",
            user=_user("samuel@southbank.example"),
            given_name="Samuel",
            family_name="Osei",
            time_zone="Europe/London",
        )
    southbank = owner.organisation
    with clock.at(begin), tenant(southbank):
        people = invent(18, domain="southbank.example", skills=SKILL_KEYS, seed=SEED + 1)
        members = [_enter(person, owner) for person in people]
        # somebody who has a home in both organisations
        guest = accounts.add_member(
            email="ingrid@northwind.example",
            given_name="Ingrid",
            family_name="Solberg",
            by=owner,
        )
        accounts.make_live(member=guest)
    enrolled = list(zip(members, people, strict=True))
    cohort = _open_circles(southbank, owner, "First", begin, enrolled, weeks=10)
    _match(southbank, cohort, owner, begin + timedelta(days=5))
    _publish(southbank, cohort, owner, now - timedelta(weeks=WEEKS))

    def close(life: Life) -> None:
        """The last week: people rate themselves again."""
        closing = Cohort.objects.get(pk=cohort.pk)
        programs.move_cohort(cohort=closing, to=Cohort.Phase.CLOSING, by=owner)

    _live(southbank, random.Random(SEED + 1), now, events={WEEKS * 7 - 9: close})


def _scopes(member: Member) -> list[str]:
    from mentoring.identity.permissions import can

    return [str(scope) for scope in TOKEN_SCOPES if can(member, scope)]


def _user(email: str) -> User:
    user = User.objects.create_user(email, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _staff(given: str, family: str, name: str, role: str, by: Member) -> Member:
    email = f"{name}@northwind.example"
    _user(email)
    member = accounts.add_member(
        email=email, given_name=given, family_name=family, role=role, by=by
    )
    return accounts.make_live(member=member)


def _enter(person: Person, by: Member) -> Member:
    member = accounts.add_member(
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        by=by,
        **person.facts,
    )
    return accounts.make_live(member=member)


def _known(person: Person, given: str, family: str, email: str) -> Person:
    """Give one of the invented people a name and a password to sign in with."""
    _user(email)
    return replace(person, given_name=given, family_name=family, email=email)


def _open_circles(
    organisation: Organisation,
    by: Member,
    name: str,
    at: datetime,
    people: list[tuple[Member, Person]],
    *,
    weeks: int = 24,
) -> Cohort:
    starts = at + timedelta(days=14)
    with clock.at(at), tenant(organisation):
        program = programs.create_program(
            template="leadership-circles", name="Leading Circles", by=by
        )
        cohort = programs.create_cohort(
            program=program,
            name=name,
            starts_on=starts.date(),
            ends_on=(starts + timedelta(weeks=weeks)).date(),
            places=48,
            by=by,
        )
        programs.move_cohort(cohort=cohort, to=Cohort.Phase.ENROLLING, by=by)
    for number, (member, person) in enumerate(people):
        with clock.at(at + timedelta(hours=3 * number)), tenant(organisation):
            enrolment = programs.apply(
                cohort=cohort,
                member=member,
                part=Enrolment.Part.PEER,
                answers=person.answers(),
                accept_expectations=True,
            )
            if enrolment.state == Enrolment.State.APPLIED:
                programs.accept(enrolment=enrolment, by=by)
    return cohort


def _match(organisation: Organisation, cohort: Cohort, by: Member, at: datetime) -> None:
    """Move to matching, compute a run as a worker would, and leave it as a draft."""
    with clock.at(at):
        with tenant(organisation):
            cohort.refresh_from_db()
            programs.move_cohort(cohort=cohort, to=Cohort.Phase.MATCHING, by=by)
            run = pairing.start_match_run(cohort=cohort, by=by)
        pairing_tasks.compute_match_run(organisation.pk, str(run.job_id))


def _publish(organisation: Organisation, cohort: Cohort, by: Member, at: datetime) -> None:
    with clock.at(at), tenant(organisation):
        run = MatchRun.objects.get(cohort=cohort, state=MatchRun.State.DRAFT)
        pairing.publish_run(run=run, by=by)


Events = dict[int, Callable[[Life], None]]


def _northwind_events(leila: Member, members: list[Member]) -> Events:
    from pairing.models import Partnership

    def a_circle_goes_quiet(life: Life) -> None:
        theirs = Partnership.objects.exclude(seats__enrolment__member=leila).order_by("-id")
        life.fall_quiet(theirs[0].name)

    return {
        24: lambda life: life.withdraw_somebody(reason="workload", but=leila),
        38: a_circle_goes_quiet,
        40: lambda life: life.lose_heart(members[5]),
        52: lambda life: life.withdraw_somebody(reason="new_job", but=leila),
    }


def _live(
    organisation: Organisation, draw: random.Random, now: datetime, *, events: Events
) -> None:
    """Live through ten weeks, a day at a time; letters go out each evening."""
    life = Life(draw)
    first = now - timedelta(weeks=WEEKS) + timedelta(days=1)
    for number, morning in enumerate(mornings(first, now)):
        evening = morning.replace(hour=19)
        with clock.at(morning), tenant(organisation):
            life.sweep()
        with clock.at(min(evening, now)):
            with tenant(organisation), transaction.atomic():
                life.meet(min(evening, now))
                life.answer()
                if number in events:
                    events[number](life)
            dispatch()
    with tenant(organisation):
        # beat may have folded meanwhile, and this history is stamped before that
        for cohort in Cohort.objects.order_by("pk"):
            metrics.refold_all(cohort=cohort)


def _mentor_cohort(
    organisation: Organisation,
    by: Member,
    now: datetime,
    people: list[tuple[Member, Person]],
    draw: random.Random,
) -> None:
    """A second program that stands before its matching: what a coordinator tries first."""
    at = now - timedelta(days=12)
    with clock.at(at), tenant(organisation):
        program = programs.create_program(
            template="mentor-and-mentee", name="First-line mentoring", by=by
        )
        cohort = programs.create_cohort(
            program=program,
            name="Winter",
            starts_on=(now + timedelta(days=7)).date(),
            ends_on=(now + timedelta(weeks=27)).date(),
            by=by,
        )
        programs.move_cohort(cohort=cohort, to=Cohort.Phase.ENROLLING, by=by)
    chosen = draw.sample(people, 26)
    for number, (member, person) in enumerate(chosen):
        mentor = number % 5 < 2
        with clock.at(at + timedelta(hours=5 * number)), tenant(organisation):
            enrolment = programs.apply(
                cohort=cohort,
                member=member,
                part=Enrolment.Part.MENTOR if mentor else Enrolment.Part.MENTEE,
                answers=person.answers(),
                accept_expectations=True,
                capacity=person.capacity if mentor else 1,
            )
            if number < 24:
                programs.accept(enrolment=enrolment, by=by)
    _match(organisation, cohort, by, now - timedelta(days=2))
    try_in_the_studio(organisation, cohort, by, at=now - timedelta(days=1))
    with clock.at(now):
        dispatch()
