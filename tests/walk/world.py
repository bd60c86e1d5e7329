"""One of everything in an organisation: what the walks put into the addresses they try.

Rows are made directly, so that a walk needs no operation to be right; what an address may do
with them is exactly what is tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from core.accounts.operations import keys, people
from core.common import clock
from core.jobs.models import Job, StoredFile
from core.members.keys import derived_secret
from core.members.links import SignedLink, signed_path
from core.members.models import Invitation, Key, Member
from core.members.permissions import TOKEN_SCOPES
from core.notifications.models import Email, Envelope
from core.tenancy.context import tenant
from core.tenancy.models import Organisation, TenantModel
from metrics.models import DailyTally
from pairing.inputs.snapshot import Choice
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest, RequestWords
from pairing.models.runs import MatchRun, PairRule, Proposal
from pairing.runs.operations import rules, runs
from pairing.tasks import compute_match_run
from programs.models.imports import PeopleImport
from programs.models.parts import Answer, Competency, Criterion, MeetingRole, Question
from programs.models.programs import Cohort, Enrolment, Program
from sessions.models.polls import PollTime, TimePoll
from sessions.models.replies import AbsenceNote, CalendarFeed
from sessions.models.rooms import Card, Room, Round, SmallGroup, Tap, Voice
from sessions.models.sessions import Absence, Attendance, Retrospective, Session, Turn
from tests.cast import Cast, make_cast, make_member
from tests.kept import kept
from tests.walk.together import agree
from tests.walk.turns import agree_on_turns


@dataclass
class World:
    """One organisation with one of everything; `canary` stands in every name and text."""

    organisation: Organisation
    canary: str
    owner: Member
    coordinator: Member
    participant: Member
    partner: Member
    rows: dict[str, TenantModel] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def id_of(self, name: str) -> UUID:
        return UUID(str(self.rows[name].pk))


@dataclass
class Worlds:
    """Acme, whose rows are tried, and Globex, whose people try them."""

    acme: World
    globex: World


def kept_worlds() -> Worlds:
    """Return both worlds, made once a worker."""
    return kept("worlds", _make_worlds)


def _make_worlds() -> Worlds:
    cast = make_cast()
    return Worlds(make_world(cast, mirror=False), make_world(cast, mirror=True))


def make_world(cast: Cast, *, mirror: bool) -> World:
    """Make Acme's world, or with `mirror` that of Globex."""
    organisation = cast.globex if mirror else cast.acme
    world = World(
        organisation=organisation,
        canary=f"canary{organisation.slug}",
        owner=cast.gustav if mirror else cast.olga,
        coordinator=cast.gina if mirror else cast.cora,
        participant=cast.greta if mirror else cast.petra,
        partner=make_member(organisation, "Partner"),
    )
    with tenant(organisation, member=world.participant.pk):
        _set_up(world)
        _pair(world)
        _meet(world)
        _say(world)
        _platform(world)
    return world


def _keep(world: World, name: str, row: Any) -> Any:
    world.rows[name] = row
    return row


def _set_up(world: World) -> None:
    canary = world.canary
    program = Program.objects.create(
        name=f"{canary} program", format=Program.Format.CIRCLES, purpose=canary, circle_min=3
    )
    competency = Competency.objects.create(program=program, key="listening", name=f"{canary} skill")
    role = MeetingRole.objects.create(
        program=program, key="facilitator", name=f"{canary} role", leads=True, competency=competency
    )
    question = Question.objects.create(
        program=program, key="goal", kind=Question.Kind.SHORT_TEXT, label=f"{canary} question"
    )
    criterion = Criterion.objects.create(
        program=program,
        key="goal",
        kind="same",
        label=f"{canary} criterion",
        seeker_field="answer:goal",
        offerer_field="answer:goal",
    )
    today = clock.now().date()
    cohort = Cohort.objects.create(
        program=program,
        name=f"{canary} cohort",
        phase=Cohort.Phase.RUNNING,
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=90),
        places_taken=2,
    )
    for name, row in [
        ("program", program),
        ("competency", competency),
        ("meeting_role", role),
        ("question", question),
        ("criterion", criterion),
        ("cohort", cohort),
    ]:
        _keep(world, name, row)
    for name, member in [("enrolment", world.participant), ("other_enrolment", world.partner)]:
        enrolment = Enrolment.objects.create(
            cohort=cohort,
            member=member,
            part=Enrolment.Part.PEER,
            state=Enrolment.State.ACTIVE,
            applied_at=clock.now(),
            accepted_at=clock.now(),
            started_at=clock.now(),
        )
        _keep(world, name, enrolment)
        Answer.objects.create(enrolment=enrolment, question=question, value=f"{canary} answer")
    _import(world)


def _import(world: World) -> None:
    content = f"Work email,First name\n{world.canary}@x.example,{world.canary}\n".encode()
    file = StoredFile.objects.create(
        uploaded_by=world.coordinator,
        name=f"{world.canary}.csv",
        content=content,
        size=len(content),
        expires_at=clock.now() + timedelta(days=7),
    )
    people_import = PeopleImport.objects.create(
        file=file, file_name=file.name, asked_by=world.coordinator, mapping={"email": 0}
    )
    _keep(world, "import", people_import)


def _pair(world: World) -> None:
    cohort, canary = world.rows["cohort"], world.canary
    partnership = Partnership.objects.create(
        cohort=cohort,
        name=f"{canary} circle",
        starts_on=date(2026, 1, 5),
        ends_on=date(2027, 12, 1),
        published_at=clock.now(),
    )
    for enrolment in (world.rows["enrolment"], world.rows["other_enrolment"]):
        seat = Seat.objects.create(
            partnership=partnership, enrolment=enrolment, part="peer", taken_at=clock.now()
        )
        world.rows.setdefault("seat", seat)
        world.rows["other_seat"] = seat
    _keep(world, "partnership", partnership)
    _ask(world)
    _match(world)


def _ask(world: World) -> None:
    """What one of the two asked the other, with words that only they read."""
    asked = PartnerRequest.objects.create(
        cohort=world.rows["cohort"],
        asker=world.rows["other_enrolment"],
        asked=world.rows["enrolment"],
        asked_at=clock.now(),
        due_at=clock.now() + timedelta(days=3),
    )
    RequestWords.objects.create(
        request=asked,
        kind="note",
        author=world.partner,
        text=f"{world.canary} note to you",
        readers=[world.partner.pk, world.participant.pk],
    )
    _keep(world, "request", asked)


def _match(world: World) -> None:
    """A second cohort before publishing: a real run of a real engine, with one left over."""
    today = clock.now().date()
    cohort = Cohort.objects.create(
        program=world.rows["program"],
        name=f"{world.canary} next",
        phase=Cohort.Phase.MATCHING,
        starts_on=today + timedelta(days=7),
        ends_on=today + timedelta(days=90),
    )
    waiting = [
        Enrolment.objects.create(
            cohort=cohort,
            member=make_member(world.organisation, name),
            part=Enrolment.Part.PEER,
            state=Enrolment.State.ACCEPTED,
            capacity=int(name != "Zoe"),
            applied_at=clock.now(),
            accepted_at=clock.now(),
        )
        for name in ("Ann", "Ben", "Cem", "Dov", "Zoe")
    ]
    rule = PairRule.objects.create(
        cohort=cohort,
        kind=PairRule.Kind.LOCKED,
        first=waiting[0],
        second=waiting[1],
        set_by=world.coordinator,
    )
    criteria_set = rules.keep_criteria_set(
        program=cohort.program,
        name=f"{world.canary} set",
        choice=Choice(weights={"goal": 2}),
        policy="best_total",
        by=world.coordinator,
    )
    _keep(world, "criteria_set", criteria_set)
    run = runs.start_match_run(cohort=cohort, by=world.coordinator)
    compute_match_run(world.organisation.pk, str(run.job_id))
    run.refresh_from_db()
    assert run.state == MatchRun.State.DRAFT
    _keep(world, "matching_cohort", cohort)
    _keep(world, "rule", rule)
    _keep(world, "run", run)
    _keep(world, "proposal", Proposal.objects.filter(run=run).first())


def _meet(world: World) -> None:
    partnership, seat = world.rows["partnership"], world.rows["seat"]
    for number, state in [(1, Session.State.HELD), (2, Session.State.PLANNED)]:
        days = -7 if number == 1 else 7
        at = clock.now() + timedelta(days=days)
        session = Session.objects.create(
            partnership=partnership,
            number=number,
            starts_at=at,
            duration_minutes=60,
            day=at.date(),
            state=state,
            held_at=at if number == 1 else None,
            topic=f"{world.canary} topic",
            agenda=[{"title": f"{world.canary} item", "minutes": 10, "kind": "topic"}],
        )
        _keep(world, "held_session" if number == 1 else "session", session)
        turn = Turn.objects.create(
            session=session, role=world.rows["meeting_role"], seat=seat, reason="never_led"
        )
        _keep(world, "turn", turn)
    held = world.rows["held_session"]
    meet_in_rooms(session, held, seat, world.canary)
    Attendance.objects.create(session=held, seat=seat, kind=Attendance.Kind.PRESENT)
    Retrospective.objects.create(session=held, seat=seat, worked=f"{world.canary} worked")
    _keep(world, "absence", Absence.objects.create(session=session, seat=world.rows["other_seat"]))
    AbsenceNote.objects.create(
        session=session, seat=world.rows["other_seat"], text=f"{world.canary} reason"
    )
    poll = TimePoll.objects.create(
        partnership=partnership,
        opened_by=world.participant,
        closes_at=clock.now() + timedelta(days=2),
    )
    for n in range(3):
        PollTime.objects.create(poll=poll, starts_at=clock.now() + timedelta(days=5, hours=n))
    _keep(world, "poll", poll)
    for name, row in agree_on_turns(world, session).items():
        _keep(world, name, row)
    feed = CalendarFeed.objects.create(member=world.participant)
    _keep(world, "feed", feed)
    world.secrets["calendar"] = derived_secret(Key.Kind.CALENDAR, feed.pk)
    keys.issue_key(kind=Key.Kind.CALENDAR, object_id=feed.pk, secret=world.secrets["calendar"])
    for name, row in agree(partnership, seat, world.canary).items():
        _keep(world, name, row)


def meet_in_rooms(session: Session, held: Session, seat: Seat, canary: str) -> None:
    """A room that is entered, and what one that is over has left."""
    from sessions.room.queries import new_room

    member = seat.enrolment.member
    Room.objects.create(session=session, state=new_room(session, [seat]).as_json())
    Tap.objects.create(
        session=session, number=1, key=uuid4(), seat=seat, kind="join", tapped_at=clock.now()
    )
    Voice.objects.create(session=held, seat=seat, turns=3)
    at = clock.now()
    Round.objects.create(session=held, step=0, lap=1, heard=[seat.pk], began_at=at, ended_at=at)
    SmallGroup.objects.create(session=held, step=1, seats=[seat.pk])
    Card.objects.create(
        session=held,
        step=1,
        seat=seat,
        words=f"{canary} card",
        readers=[member.pk],
        written_at=clock.now(),
    )


def _say(world: World) -> None:
    from feedback.models import (
        Assessment,
        AssessmentRating,
        CheckIn,
        CheckInNote,
        FitQuestion,
        FitWords,
        SessionRating,
    )

    seat = world.rows["seat"]
    today = clock.now().date()
    check_in = CheckIn.objects.create(
        seat=seat,
        period=1,
        opens_on=today - timedelta(days=1),
        due_on=today + timedelta(days=13),
        opened_at=clock.now(),
    )
    CheckInNote.objects.create(
        check_in=check_in, text=f"{world.canary} note", readers=[world.participant.pk]
    )
    SessionRating.objects.create(
        session=world.rows["held_session"], seat=seat, rating=4, rated_at=clock.now(), day=today
    )
    assessment = Assessment.objects.create(
        enrolment=world.rows["enrolment"], moment="start", opened_at=clock.now()
    )
    AssessmentRating.objects.create(
        assessment=assessment, competency=world.rows["competency"], rating=3
    )
    fit = FitQuestion.objects.create(
        seat=seat,
        moment="day_30",
        opened_at=clock.now(),
        due_on=today + timedelta(days=14),
    )
    FitWords.objects.create(
        question=fit, text=f"{world.canary} fit", readers=[world.participant.pk]
    )
    _keep(world, "fit", fit)
    _keep(world, "check_in", check_in)
    _keep(world, "assessment", assessment)
    DailyTally.objects.create(
        cohort=world.rows["cohort"], day=today, key="session_completion", numerator=1, denominator=1
    )


def _platform(world: World) -> None:
    job = Job.objects.create(
        kind="nothing", title=f"{world.canary} job", asked_by=world.coordinator
    )
    email = Email.objects.create(
        member=world.participant, kind="feedback.check_in", dedupe_key="walk"
    )
    Envelope.objects.create(organisation=world.organisation, email_id=email.pk, due_at=clock.now())
    invited = people.add_member(
        email=f"invited@{world.organisation.slug}.example",
        given_name=f"{world.canary} invited",
        by=None,
    )
    invitation = Invitation.objects.create(member=invited, invited_by=world.coordinator)
    world.secrets["invitation"] = derived_secret(Key.Kind.INVITATION, invitation.pk)
    keys.issue_key(
        kind=Key.Kind.INVITATION, object_id=invitation.pk, secret=world.secrets["invitation"]
    )
    token, secret = keys.create_token(
        name=f"{world.canary} token", scopes=list(TOKEN_SCOPES), by=world.coordinator
    )
    world.secrets["api_token"] = secret
    for name, row in [
        ("job", job),
        ("email", email),
        ("member", world.partner),
        ("invitation", invitation),
        ("token", token),
    ]:
        _keep(world, name, row)


def signed(world: World, purpose: str, name: str) -> str:
    """Return the token of a signed link for the participant to one row."""
    link = SignedLink(world.organisation.slug, world.participant.pk, world.id_of(name))
    return signed_path(purpose, link, at=clock.now()).split("/")[3]
