"""One of everything in an organisation: what the walks put into the addresses they try.

Rows are made directly, so that a walk needs no operation to be right; what an address may do
with them is exactly what is tried.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from core.accounts.operations import keys, people
from core.accounts.operations.single_sign_on import SECRET_PURPOSE
from core.common import clock
from core.common.secrets import seal
from core.jobs.models import Job, StoredFile
from core.members.keys import derived_secret
from core.members.links import SignedLink, signed_path
from core.members.models import (
    Consent,
    ConsentText,
    DirectoryEntry,
    DirectoryGroup,
    DirectoryGroupMember,
    DirectoryToken,
    Identity,
    IdentityProvider,
    Invitation,
    JoinDomain,
    Key,
    Member,
    MergeProposal,
    Segment,
)
from core.members.permissions import token_scopes_of
from core.notifications.models import (
    Email,
    EmailText,
    Envelope,
    InboundMessage,
    IncomingWebhook,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookMessage,
)
from core.tenancy.context import tenant
from core.tenancy.days import day_of
from core.tenancy.models import Organisation, OrganisationSettings, TenantModel
from metrics.models import Comparison, DailyTally, FitLook, HrRecord, RecordImport, ReportReader
from pairing.inputs.snapshot import Choice
from pairing.models.companions import Companion
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest, RequestWords
from pairing.models.runs import MatchRun, PairRule, Proposal
from pairing.runs.operations import rules, runs
from pairing.tasks import compute_match_run
from programs.models.imports import PeopleImport
from programs.models.parts import (
    Answer,
    Competency,
    Criterion,
    MeetingRole,
    Objective,
    Question,
)
from programs.models.programs import Cohort, Enrolment, Program
from programs.models.selection import Candidacy
from programs.models.training import (
    LessonFile,
    LessonProgress,
    LessonVersion,
    PathStep,
    Workshop,
    WorkshopPlace,
)
from sessions.models.polls import PollTime, TimePoll
from sessions.models.replies import AbsenceNote, CalendarFeed
from sessions.models.rooms import Card, Room, Round, SmallGroup, Tap, Voice
from sessions.models.sessions import Absence, Attendance, Retrospective, Session, Turn
from tests.cast import Cast, make_cast, make_member
from tests.kept import kept
from tests.walk.community import belong
from tests.walk.concerns import raise_concern
from tests.walk.together import agree
from tests.walk.turns import agree_on_turns

# one pixel; the walk reads it, and no page but its own
LOGO = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LOGO_DIGEST = "0123456789ab"


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
    return kept("worlds", make_worlds)


def make_worlds() -> Worlds:
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
    objective = Objective.objects.create(program=program, metric="satisfied", value="0.8")
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
        ("objective", objective),
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
    _teach(world)
    _select(world)
    _import(world)
    _impact(world)


def _teach(world: World) -> None:
    """A lesson in the organisation's own words, a file beside it, and who has done it."""
    canary, by = world.canary, world.coordinator
    version = LessonVersion.objects.create(
        key="listening",
        version=1,
        title=f"{canary} lesson",
        summary=canary,
        minutes=5,
        tags=[canary],
        body=f"{canary} body",
        practice=f"{canary} practice",
        written_by=by,
    )
    file = LessonFile.objects.create(
        key="listening",
        name=f"{canary}.pdf",
        kind="application/pdf",
        content=f"%PDF-{canary}".encode(),
        uploaded_by=by,
    )
    program = world.rows["program"]
    step = PathStep.objects.create(program=program, key="listening", when=PathStep.When.ALONG)
    LessonProgress.objects.create(
        member=world.participant, key="listening", done_at=clock.now(), bookmarked=True
    )
    workshop = Workshop.objects.create(
        cohort=world.rows["cohort"],
        title=f"{canary} workshop",
        agenda=canary,
        place=canary,
        starts_at=clock.now() + timedelta(days=9),
        minutes=60,
    )
    WorkshopPlace.objects.create(
        workshop=workshop, member=world.participant, state="coming", asked_at=clock.now()
    )
    for name, row in [
        ("lesson_version", version),
        ("lesson_file", file),
        ("path_step", step),
        ("workshop", workshop),
    ]:
        _keep(world, name, row)


def _select(world: World) -> None:
    """A second program, which selects its mentors: the participant waits for their manager."""
    canary, today = world.canary, clock.now().date()
    program = Program.objects.create(
        name=f"{canary} mentors", format=Program.Format.MENTOR, mentor_criteria=f"{canary} criteria"
    )
    selecting = Cohort.objects.create(
        program=program,
        name=f"{canary} of mentors",
        phase=Cohort.Phase.ENROLLING,
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=90),
    )
    enrolment = Enrolment.objects.create(
        cohort=selecting,
        member=world.participant,
        part=Enrolment.Part.MENTOR,
        state=Enrolment.State.APPLIED,
        applied_at=clock.now(),
    )
    candidacy = Candidacy.objects.create(
        enrolment=enrolment,
        statement=f"{canary} statement",
        manager_address=f"{canary}@manager.example",
        asked_at=clock.now(),
    )
    _keep(world, "selecting_cohort", selecting)
    _keep(world, "candidacy", candidacy)
    _keep(
        world,
        "report_reader",
        ReportReader.objects.create(
            cohort=world.rows["cohort"],
            member=world.coordinator,
            every=ReportReader.Every.WEEK,
            next_on=day_of(clock.now()) + timedelta(days=7),
            set_by=world.owner,
        ),
    )


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
        file=file,
        file_name=file.name,
        asked_by=world.coordinator,
        state=PeopleImport.State.MAPPING,
        reading={
            "headers": ["Work email"],
            "encoding": "utf-8",
            "letters": {},
            "rows": 1,
            "samples": [["somebody@acme.example"]],
        },
        mapping={"email": 0},
    )
    _keep(world, "import", people_import)
    _keep(world, "file", file)


def _impact(world: World) -> None:
    record, _partners = [
        HrRecord.objects.create(member=member, known_on=clock.now().date(), department=world.canary)
        for member in (world.participant, world.partner)
    ]
    record_import = RecordImport.objects.create(
        file_name=f"{world.canary}.csv",
        asked_by=world.owner,
        state=RecordImport.State.MAPPING,
        reading={"headers": ["Employee ID"], "encoding": "utf-8", "rows": 1, "samples": [["1"]]},
        mapping={"employee_id": 0},
    )
    comparison = Comparison.objects.create(
        program=world.rows["program"],
        key="outcome_stay",
        cohorts=[world.rows["cohort"].pk],
        compared_on=clock.now().date(),
        refusal="few_participants",
        participants=1,
        participants_so=0,
        others=0,
        others_so=0,
        unmatched=0,
    )
    _keep(world, "hr_record", record)
    _keep(world, "record_import", record_import)
    _keep(world, "comparison", comparison)
    look = FitLook.objects.create(
        program=world.rows["program"],
        outcome="fit",
        looked_on=clock.now().date(),
        refusal="few_partnerships",
        partnerships=[],
    )
    _keep(world, "fit_look", look)


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
    companion = Companion.objects.create(
        partnership=partnership, member=world.coordinator, since=clock.now()
    )
    _keep(world, "companion", companion)
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
    came = Attendance.objects.create(session=held, seat=seat, kind=Attendance.Kind.PRESENT)
    _keep(world, "attendance", came)
    # written by mistake and taken back: a tombstone says so to who pulls
    Attendance.objects.create(session=held, seat=world.rows["other_seat"], kind="absent").delete()
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
    from feedback.assessments.peers import PEERS, occasion_of
    from feedback.models.after_session import FeedbackLesson, SessionFeedback
    from feedback.models.assessments import Assessment, AssessmentRating, PeerMark, PeerResult
    from feedback.models.built import BuiltSurvey, SurveyResult, SurveyVersion
    from feedback.models.check_ins import CheckIn, CheckInNote
    from feedback.models.fits import FitQuestion, FitWords
    from feedback.models.journal import JournalEntry
    from feedback.models.meetings import MeetingQuestion
    from feedback.models.recognition import Certificate, Milestone, Thanks
    from feedback.models.review import ProgramReview, ReviewChange, ReviewQuote
    from feedback.models.scales import OwnScale
    from feedback.models.surveys import AnonymousBox, SurveyResponse, SurveyWords
    from feedback.models.testimonials import Testimonial
    from feedback.models.voice import VoiceResult, closed_month
    from feedback.surveys.table import QUESTIONNAIRES
    from feedback.surveys.turn_feedback import TURN_FEEDBACK
    from feedback.surveys.voice import VOICE

    world.rows |= belong(world.rows["cohort"], world.participant, world.coordinator)
    seat = world.rows["seat"]
    today = clock.now().date()
    check_in = CheckIn.objects.create(
        seat=seat,
        period=1,
        opens_on=today - timedelta(days=1),
        due_on=today + timedelta(days=13),
        opened_at=clock.now(),
    )
    says = CheckIn.objects.create(
        seat=world.rows["other_seat"],
        period=1,
        opens_on=today - timedelta(days=1),
        due_on=today + timedelta(days=13),
        opened_at=clock.now(),
        answered_at=clock.now(),
        answered_on=today,
        met=True,
        met_on=today - timedelta(days=2),
        mood=4,
        progress=4,
        blocker="none",
    )
    meeting = MeetingQuestion.objects.create(check_in=says, seat=seat, opened_at=clock.now())
    _keep(world, "meeting", meeting)
    CheckInNote.objects.create(
        check_in=check_in, text=f"{world.canary} note", readers=[world.participant.pk]
    )
    # the coordinator's own words, and released ones: whoever may read them reads them
    program = world.rows["program"]
    assert isinstance(program, Program)
    name = program.name
    built = BuiltSurvey.objects.create(
        program=world.rows["program"], title=f"{name} survey", moments=["start"]
    )
    question = {"key": "q1", "kind": "text", "question": f"{name} question"}
    more = {"choices": [], "rows": [], "required": False, "only_if": ""}
    version = SurveyVersion.objects.create(survey=built, number=1, items=[question | more])
    _keep(world, "built_survey", built)
    round_of_it = f"{built.pk.hex}:start"
    counted = SurveyResult.objects.create(
        survey="built",
        cohort=world.rows["cohort"],
        occasion=round_of_it,
        items={"q1": {"n": 8, "words": [f"{name} words"]}},
    )
    _keep(world, "survey_result", counted)
    # the round of a built survey; whose turn it was; the month
    occasions = {
        "built": round_of_it,
        TURN_FEEDBACK.name: str(seat.pk),
        VOICE.name: today.replace(day=1).isoformat(),
        PEERS.name: occasion_of("start", world.rows["enrolment"].pk),
    }
    for row in QUESTIONNAIRES:
        response = SurveyResponse.objects.create(
            survey=row.name,
            enrolment=world.rows["enrolment"],
            seat=seat,
            session=world.rows["held_session"],
            occasion=occasions.get(row.name, "d30"),
            version=version if row.of_version else None,
            opened_at=clock.now(),
            closes_at=clock.now() + timedelta(days=14),
        )
        _keep(world, row.name, response)
    SurveyWords.objects.create(
        response=response,
        item="words",
        text=f"{world.canary} survey",
        readers=[world.participant.pk],
    )
    for item, about in {"worth": None, "turns": seat}.items():
        SessionFeedback.objects.create(
            session=world.rows["held_session"], item=item, seat=about, total=16, n=5, outside=True
        )
    FeedbackLesson.objects.create(member=world.participant)
    with tenant(world.organisation):  # a box is sealed, and nobody here was asked
        AnonymousBox.objects.create(
            survey="anonymous",
            cohort=world.rows["cohort"],
            answers=[{"words": f"{world.canary} box"}],
        )
    VoiceResult.objects.create(
        partnership=world.rows["partnership"],
        month=closed_month(today),
        enough=True,
        unheard=True,
        dominated=True,
    )
    assessment = Assessment.objects.create(
        enrolment=world.rows["enrolment"], moment="start", opened_at=clock.now()
    )
    AssessmentRating.objects.create(
        assessment=assessment, competency=world.rows["competency"], rating=3
    )
    result = PeerResult.objects.create(
        enrolment=world.rows["enrolment"], moment="start", shown=True, degrees=0
    )
    PeerMark.objects.create(result=result, competency=world.rows["competency"], total=10, n=3)
    own_scale = OwnScale.objects.create(
        name=f"{name} scale",
        question="How far?",
        items=[{"key": "i1", "words": f"{name} item", "reversed": False}],
        steps=["No", "Yes"],
        source="A book",
        licence="Any use",
    )
    _keep(world, "own_scale", own_scale)
    for name, row in raise_concern(world).items():
        _keep(world, name, row)
    fit = FitQuestion.objects.create(
        seat=seat,
        moment="day_30",
        opened_at=clock.now(),
        due_on=today + timedelta(days=14),
    )
    FitWords.objects.create(
        question=fit, text=f"{world.canary} fit", readers=[world.participant.pk]
    )
    certificate = Certificate.objects.create(
        enrolment=world.rows["enrolment"], issued_at=clock.now(), revoked_words=world.canary
    )
    world.secrets["certificate"] = derived_secret(Key.Kind.CERTIFICATE, certificate.pk)
    keys.issue_key(
        kind=Key.Kind.CERTIFICATE, object_id=certificate.pk, secret=world.secrets["certificate"]
    )
    _keep(world, "certificate", certificate)
    Milestone.objects.create(
        partnership=world.rows["partnership"], seat=seat, kind="first_lead", reached_at=clock.now()
    )
    Thanks.objects.create(
        partnership=world.rows["partnership"],
        author=world.partner,
        to=world.participant,
        text=f"{world.canary} thanks",
        given_at=clock.now(),
        readers=[world.participant.pk, world.partner.pk],
    )
    entry = JournalEntry.objects.create(
        author=world.participant,
        session=world.rows["held_session"],
        text=f"{world.canary} journal",
        written_at=clock.now(),
        readers=[world.participant.pk],
    )
    _keep(world, "journal_entry", entry)
    # picked, for the people of the cohort and the report: whoever may read it reads it
    testimonial = Testimonial.objects.create(
        enrolment=world.rows["enrolment"],
        text=f"{name} testimonial",
        places=["community", "report"],
        signed="nobody",
        given_at=clock.now(),
        picked_at=clock.now(),
    )
    _keep(world, "testimonial", testimonial)
    review = ProgramReview.objects.create(
        cohort=world.rows["cohort"], published_at=clock.now() - timedelta(days=2)
    )
    change = ReviewChange.objects.create(
        review=review, place=1, said=f"{name} said", change=f"{name} change"
    )
    _keep(world, "review_change", change)
    quoted = ReviewQuote.objects.create(review=review, testimonial=testimonial, item="worth")
    _keep(world, "review_quote", quoted)
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
    envelope = Envelope.objects.create(
        organisation=world.organisation,
        email_id=email.pk,
        channel="email",
        due_at=clock.now(),
        state=Envelope.State.DEAD,
    )
    webhook, program_webhook = (
        IncomingWebhook.objects.create(
            program_id=program_id,
            service=IncomingWebhook.Service.SLACK,
            sealed_address=f"{world.canary} sealed",
            ending="walk",
            set_by=world.coordinator,
        )
        for program_id in (None, world.id_of("program"))
    )
    for program_id in (None, world.id_of("program")):
        EmailText.objects.create(
            program_id=program_id,
            kind="feedback.check_in",
            case="usual",
            subject=f"{world.canary} {{{{ who }}}}",
            button="Go",
            body=world.canary,
        )
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
    endpoint = WebhookEndpoint.objects.create(
        name=world.canary,
        host="walk.example",
        sealed_address=f"{world.canary} sealed",
        sealed_secret=f"{world.canary} sealed",
        lists=["members"],
        set_by=world.owner,
        told_until=clock.now(),
    )
    message = WebhookMessage.objects.create(
        endpoint=endpoint,
        kind="test",
        happened_at=clock.now(),
        state=WebhookMessage.State.SENT,
    )
    attempt = WebhookAttempt.objects.create(message=message, status=204, milliseconds=1)
    token, secret = keys.create_token(
        name=f"{world.canary} token",
        scopes=token_scopes_of(world.coordinator),
        by=world.coordinator,
    )
    world.secrets["api_token"] = secret
    OrganisationSettings.objects.update(logo=LOGO, logo_digest=LOGO_DIGEST)
    provider = IdentityProvider.objects.create(
        name=world.canary,
        issuer="https://127.0.0.1:9",  # nobody is there
        client_id="walk",
        secret=seal("walk", purpose=SECRET_PURPOSE),
        tested_at=clock.now(),
    )
    InboundMessage.objects.create(
        member=world.partner,
        digest=world.canary,
        about_id=world.partner.pk,
        outcome=InboundMessage.Outcome.READ,
    )
    Identity.objects.create(provider=provider, subject=world.canary, member=world.partner)
    text = ConsentText.objects.create(purpose="privacy", version=1, text=world.canary)
    DirectoryEntry.objects.create(member=world.partner, external_id=world.canary)
    group = DirectoryGroup.objects.create(name=world.canary, external_id=world.canary)
    DirectoryGroupMember.objects.create(group=group, member=world.partner)
    for name, row in [
        ("job", job),
        ("email", email),
        ("envelope", envelope),
        ("webhook", webhook),
        ("program_webhook", program_webhook),
        ("webhook_endpoint", endpoint),
        ("webhook_message", message),
        ("webhook_attempt", attempt),
        ("member", world.partner),
        ("twin", make_member(world.organisation, "Partner2", live=False)),
        (
            "merge",
            MergeProposal.objects.create(
                stays=world.participant, goes=world.partner, proposed_by=world.owner
            ),
        ),
        ("invitation", invitation),
        ("token", token),
        ("join_domain", JoinDomain.objects.create(domain=f"{world.canary}.example", proof="x")),
        (
            "segment",
            Segment.objects.create(
                name=f"{world.canary} segment",
                filters={"q": world.canary},
                made_by=world.coordinator,
            ),
        ),
        ("directory_group", group),
        ("consent_text", text),
        ("consent", Consent.objects.create(member=world.partner, purpose="privacy", version=1)),
        ("directory_token", DirectoryToken.objects.create(name=world.canary, hint="wxyz")),
    ]:
        _keep(world, name, row)


def signed(world: World, purpose: str, name: str) -> str:
    """Return the token of a signed link for the participant to one row."""
    link = SignedLink(world.organisation.slug, world.participant.pk, world.id_of(name))
    return signed_path(purpose, link, at=clock.now()).split("/")[3]
