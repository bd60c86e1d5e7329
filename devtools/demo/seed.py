"""The two organisations of the demo, from their first day to this morning.

Each is one transaction: it is there whole, or not at all.  At one moment of `clock.at` it is the
same each time, row by row, but for secrets and for how long a matching took.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from celery import current_app
from django.db import connection, transaction

from core.accounts.operations import keys, organisations
from core.accounts.operations import people as accounts_people
from core.common import clock, ids
from core.members.models import Member, User
from core.members.permissions import TOKEN_SCOPES
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from core.tenancy.days import day_of
from core.tenancy.models import Organisation
from devtools.demo.asking import build_surveys
from devtools.demo.beside import select_mentors, stand_beside
from devtools.demo.calendar import answer_invitations, look_for_another_time
from devtools.demo.choosing import OpenMentoring
from devtools.demo.community import live_together
from devtools.demo.concern import mediate
from devtools.demo.history import Events, Life, mornings
from devtools.demo.learning import lay_a_path, learn, plan_a_workshop
from devtools.demo.looking_back import look_back
from devtools.demo.lunches import WEEKS as LUNCH_WEEKS
from devtools.demo.lunches import close_and_review, shorten
from devtools.demo.people import Person, invent
from devtools.demo.recognition import complete_a_pair
from devtools.demo.records import send_records
from devtools.demo.room import meet_today
from devtools.demo.studio import try_in_the_studio
from devtools.demo.together import Table
from devtools.demo.turns import agree_on_turns
from metrics import operations as metrics_operations
from pairing import tasks as pairing_tasks
from pairing.models.runs import MatchRun
from pairing.runs.operations import publishing, runs
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, designs, enrolments
from programs.templates_catalog import SKILLS

SEED = 20
WEEKS = 10
PASSWORD = "round-table-demo"
# template, program and cohort of Northwind's programs among peers
CIRCLES = ("leadership-circles", "Leading Circles", "Autumn")
PAIRS = ("reciprocal-peer-pairs", "Learning in pairs", "Autumn pairs")
LUNCHES = ("reciprocal-peer-pairs", "Five lunches", "First round")  # over when the story ends
SKILL_KEYS = [str(key) for key, _name in SKILLS]

Say = Callable[[str], None]


def northwind(*, say: Say) -> str:
    """Make the first organisation; return a token for its API."""
    say("Northwind: 42 people in circles, pairs and mentoring, ten weeks …")
    with _whole("northwind") as now:
        return _northwind(now)


def southbank(*, say: Say) -> None:
    """Make the second organisation, in which somebody of the first is a guest."""
    say("Southbank: 18 people in circles, ten weeks …")
    with _whole("southbank") as now:
        _southbank(now)


@contextmanager
def _whole(name: str) -> Iterator[datetime]:
    """Give the moment that the history leads up to, in one transaction."""
    # What the history hints at to a worker has been done when it could hear of it.
    current_app.conf.update(broker_url="memory://")
    now = clock.now()
    with ids.seeded(f"{SEED} {name}"), clock.at(now), transaction.atomic():
        with connection.cursor() as cursor:
            # Nothing counts the rows of a transaction that is still open: PostgreSQL takes each
            # table for empty, and would join three of them by a loop in a loop in a loop.
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield now


def _northwind(now: datetime) -> str:
    begin = now - timedelta(weeks=WEEKS, days=14)
    draw = random.Random(SEED)
    with clock.at(begin):
        owner = organisations.create_organisation(
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
    everybody = list(zip(members, people, strict=True))
    circles = _open(northwind, ingrid, CIRCLES, begin, everybody[:30])
    pairs = _open(northwind, ingrid, PAIRS, begin, everybody[32:], weeks=WEEKS + 2)
    lunches = _open(northwind, ingrid, LUNCHES, begin, everybody[18:40], weeks=LUNCH_WEEKS)
    with tenant(northwind), clock.at(begin + timedelta(days=2)):
        lay_a_path(circles, ingrid)
        learn(circles)
        shorten(lunches.program, ingrid)
    for cohort in (circles, pairs, lunches):
        _match(northwind, cohort, ingrid, begin + timedelta(days=10))
        _publish(northwind, cohort, ingrid, now - timedelta(weeks=WEEKS))
    _live(
        northwind,
        draw,
        now,
        Table(leila).events(),
        OpenMentoring(ingrid, everybody[:9]).events(),
        mediate(leila, handlers=(ingrid, hassan), owner=owner),
        _northwind_events(leila, members),
        _closing(pairs, ingrid),
        build_surveys(circles, ingrid),
        complete_a_pair(pairs),
        live_together(circles, members, ingrid),
        look_back(leila, circles, pairs, ingrid),
        close_and_review(lunches, ingrid),
        plan_a_workshop(ingrid),
        stand_beside(members[40], ingrid),
        send_records(members, hr=hassan, draw=random.Random(SEED)),
    )
    _mentor_cohort(northwind, ingrid, now, everybody, draw)
    with tenant(northwind), clock.at(now - timedelta(hours=2)):
        answer_invitations(draw)
        look_for_another_time(draw)
        meet_today(leila, now=now)  # last: who could not come on the old date is asked afresh
        agree_on_turns(leila, now=now)
        _token, secret = keys.create_token(name="HR figures", scopes=_scopes(hassan), by=hassan)
    return secret


def _southbank(now: datetime) -> None:
    begin = now - timedelta(weeks=WEEKS, days=7)
    with clock.at(begin):
        owner = organisations.create_organisation(
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
        guest = accounts_people.add_member(
            email="ingrid@northwind.example",
            given_name="Ingrid",
            family_name="Solberg",
            by=owner,
        )
        accounts_people.make_live(member=guest)
    enrolled = list(zip(members, people, strict=True))
    first = ("leadership-circles", "Leading Circles", "First")
    cohort = _open(southbank, owner, first, begin, enrolled, weeks=WEEKS)
    _match(southbank, cohort, owner, begin + timedelta(days=5))
    _publish(southbank, cohort, owner, now - timedelta(weeks=WEEKS))
    _live(southbank, random.Random(SEED + 1), now, _closing(cohort, owner))


def _closing(cohort: Cohort, by: Member) -> Events:
    """Towards the end people rate themselves again."""

    def close(_life: Life) -> None:
        closing = Cohort.objects.get(pk=cohort.pk)
        cohorts.move_cohort(cohort=closing, to=Cohort.Phase.CLOSING, by=by, confirmed=True)

    return {WEEKS * 7 - 9: close}


def _scopes(member: Member) -> list[str]:
    from core.members.permissions import can

    return [str(scope) for scope in TOKEN_SCOPES if can(member, scope)]


def _user(email: str) -> User:
    user = User.objects.create_user(email, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _staff(given_name: str, family_name: str, name: str, role: str, by: Member) -> Member:
    email = f"{name}@northwind.example"
    _user(email)
    member = accounts_people.add_member(
        email=email, given_name=given_name, family_name=family_name, role=role, by=by
    )
    return accounts_people.make_live(member=member)


def _enter(person: Person, by: Member) -> Member:
    member = accounts_people.add_member(
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        by=by,
        **person.facts,
    )
    return accounts_people.make_live(member=member)


def _known(person: Person, given_name: str, family_name: str, email: str) -> Person:
    """Give one of the invented people a name and a password to sign in with."""
    _user(email)
    return replace(person, given_name=given_name, family_name=family_name, email=email)


def _open(
    organisation: Organisation,
    by: Member,
    names: tuple[str, str, str],
    at: datetime,
    people: list[tuple[Member, Person]],
    *,
    weeks: int = 24,
) -> Cohort:
    """Open a program among peers and its cohort, and let these people apply; `names` are those of
    the template, the program and the cohort."""
    template, program_name, name = names
    starts = at + timedelta(days=14)
    with clock.at(at), tenant(organisation):
        program = designs.create_program(template=template, name=program_name, by=by)
        cohort = cohorts.create_cohort(
            program=program,
            name=name,
            starts_on=day_of(starts),
            ends_on=day_of(starts + timedelta(weeks=weeks)),
            places=48,
            by=by,
        )
        cohorts.move_cohort(cohort=cohort, to=Cohort.Phase.ENROLLING, by=by, confirmed=True)
    for number, (member, person) in enumerate(people):
        with clock.at(at + timedelta(hours=3 * number)), tenant(organisation):
            enrolment = enrolments.apply(
                cohort=cohort,
                member=member,
                part=Enrolment.Part.PEER,
                answers=person.answers(),
                accept_expectations=True,
            )
            if enrolment.state == Enrolment.State.APPLIED:
                enrolments.accept(enrolment=enrolment, by=by)
    return cohort


def _match(organisation: Organisation, cohort: Cohort, by: Member, at: datetime) -> None:
    """Move to matching, compute a run as a worker would, and leave it as a draft."""
    with clock.at(at):
        with tenant(organisation):
            cohort.refresh_from_db()
            cohorts.move_cohort(cohort=cohort, to=Cohort.Phase.MATCHING, by=by, confirmed=True)
            run = runs.start_match_run(cohort=cohort, by=by)
        pairing_tasks.compute_match_run(organisation.pk, str(run.job_id))


def _publish(organisation: Organisation, cohort: Cohort, by: Member, at: datetime) -> None:
    with clock.at(at), tenant(organisation):
        run = MatchRun.objects.get(cohort=cohort, state=MatchRun.State.DRAFT)
        publishing.publish_run(run=run, by=by)


def _northwind_events(leila: Member, members: list[Member]) -> Events:
    from pairing.models.partnerships import Partnership

    def a_circle_goes_quiet(life: Life) -> None:
        circles = Partnership.objects.active().filter(cohort__program__format="circles")
        quiet = circles.exclude(seats__enrolment__member=leila).order_by("id").last()
        if quiet is not None:
            life.fall_quiet(quiet)

    return {
        24: lambda life: life.withdraw_somebody(reason="work", but=leila),
        38: a_circle_goes_quiet,
        40: lambda life: life.lose_heart(members[5]),
        52: lambda life: life.withdraw_somebody(reason="moved", but=leila),
    }


def _live(organisation: Organisation, draw: random.Random, now: datetime, *stories: Events) -> None:
    """Live through ten weeks, a day at a time; e-mails go out each evening."""
    life = Life(draw)
    first = now - timedelta(weeks=WEEKS) + timedelta(days=1)
    for number, morning in enumerate(mornings(first, now)):
        evening = morning.replace(hour=19)
        with clock.at(morning), tenant(organisation):
            life.sweep(number)
        with clock.at(min(evening, now)):
            with tenant(organisation), transaction.atomic():
                life.meet(min(evening, now))
                life.answer()
                for events in stories:
                    if number in events:
                        events[number](life)
            dispatch()
    with tenant(organisation):
        for cohort in Cohort.objects.order_by("pk"):
            metrics_operations.refold_all(cohort=cohort)
        metrics_operations.release_answers(at=clock.now())


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
        program = designs.create_program(
            template="mentor-and-mentee", name="First-line mentoring", by=by
        )
        cohort = cohorts.create_cohort(
            program=program,
            name="Winter",
            starts_on=day_of(now + timedelta(days=7)),
            ends_on=day_of(now + timedelta(weeks=27)),
            by=by,
        )
        cohorts.move_cohort(cohort=cohort, to=Cohort.Phase.ENROLLING, by=by, confirmed=True)
    chosen = draw.sample(people, 26)
    for number, (member, person) in enumerate(chosen):
        mentor = number % 5 < 2
        with clock.at(at + timedelta(hours=5 * number)), tenant(organisation):
            enrolment = enrolments.apply(
                cohort=cohort,
                member=member,
                part=Enrolment.Part.MENTOR if mentor else Enrolment.Part.MENTEE,
                answers=person.answers(),
                accept_expectations=True,
                capacity=person.capacity if mentor else 1,
            )
            if number < 24:
                enrolments.accept(enrolment=enrolment, by=by)
    with clock.at(now - timedelta(days=2, hours=1)), tenant(organisation):
        select_mentors(cohort, by)
    _match(organisation, cohort, by, now - timedelta(days=2))
    try_in_the_studio(organisation, cohort, by, at=now - timedelta(days=1))
    with clock.at(now):
        dispatch()
