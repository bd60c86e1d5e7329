"""A partnership's season as the rotation engine reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Answer, MeetingRole, Question
from sessions.models.elections import Election
from sessions.models.offers import TurnDecline, TurnOffer
from sessions.models.sessions import Absence, Attendance, Session, Turn
from sessions.rotation.engine.plan import A_PAIR
from sessions.rotation.engine.shapes import Lock, Partner, PlannedTurn, Role, SeasonInput
from sessions.rotation.queries.trained import not_yet_to_lead

# the questions of the templates whose answers say who is strong in what and who wants to grow
OFFERED, SOUGHT = "skills_offered", "skills_sought"


@dataclass(frozen=True)
class Rotation:
    """A season as the engine is given it, and the rows that its ids mean.

    Of sessions held or begun the holders are locks, and who was there is counted as present.
    Someone who has left stays for the turns they held and takes no more.
    """

    season: SeasonInput
    to_plan: tuple[Session, ...]
    turns: tuple[Turn, ...]  # of the sessions to plan, as they stand
    seats: dict[str, Seat]
    role_rows: dict[str, MeetingRole]
    elected: dict[tuple[UUID, UUID], Election]  # by session and role

    @property
    def is_pair(self) -> bool:
        """Whether two people take turns, so that no reason but that is needed for any."""
        return sum(member.may_facilitate for member in self.season.members) == A_PAIR

    @property
    def can_plan(self) -> bool:
        return bool(self.season.members and self.to_plan and self.season.roles)

    def with_sessions_still(self, until: datetime) -> Rotation:
        """Leave the sessions that begin before then as they stand, what nobody holds there too."""
        still = {str(session.pk) for session in self.to_plan if session.starts_at <= until}
        season = self.season
        kept = {t for t in season.published if t.meeting in still}
        locks = {Lock(turn.meeting, turn.role, turn.member) for turn in kept}
        held = {(lock.meeting, lock.role) for lock in season.locks | locks}
        empty = {(at, role.key) for at in still for role in season.roles} - held
        return replace(
            self,
            season=replace(
                season,
                published=tuple(turn for turn in season.published if turn not in kept),
                locks=season.locks | locks,
                left_open=season.left_open | empty,
            ),
        )

    def with_room_for(self, newcomers: Set[UUID]) -> Rotation:
        """Let go of so many turns to come that a fair share of them is free for each newcomer.

        Whoever has most gives first, from the end of the season; who leads is evened out anyway.
        """
        season = self.season
        order = {meeting: place for place, meeting in enumerate(season.meetings)}
        leading = {role.key for role in season.roles if role.leads}
        kept = sorted(season.published, key=lambda turn: -order[turn.meeting])
        share = len(kept) // max(1, sum(member.may_facilitate for member in season.members))
        for newcomer in sorted(map(str, newcomers)):
            away = {meeting for absentee, meeting in season.absences if absentee == newcomer}
            for _ in range(share):
                counts = Counter(turn.member for turn in kept)
                free = [t for t in kept if t.role not in leading and t.meeting not in away]
                freed = max(free, key=lambda turn: counts[turn.member], default=None)
                if freed is None:
                    break
                kept.remove(freed)
                away.add(freed.meeting)
        published = tuple(turn for turn in season.published if turn in kept)
        return replace(self, season=replace(season, published=published))


def read_rotation(*, partnership: Partnership, at: datetime) -> Rotation:
    """Return the season as the engine reads it at that moment, in a fixed number of queries."""
    seats = list(
        Seat.objects.filter(partnership=partnership)
        .select_related("enrolment__member")
        .order_by("id")
    )
    sessions = list(
        Session.objects.filter(partnership=partnership).counting().order_by("starts_at", "number")
    )
    roles = list(
        MeetingRole.objects.filter(program_id=partnership.cohort.program_id).select_related(
            "competency", "after"
        )
    )
    turns = list(
        Turn.objects.filter(session__in=[session.pk for session in sessions])
        .select_related("role")
        .order_by("id")
    )
    keys = [session.pk for session in sessions]
    absent = set(Absence.objects.filter(session__in=keys).values_list("session", "seat"))
    # who declined a turn comes, but takes no role there unless they choose one
    acting = {(turn.session_id, turn.seat_id) for turn in turns}
    declined = TurnDecline.objects.filter(session__in=keys).values_list("session", "seat")
    away = absent | (set(declined) - acting) | _on_a_break(seats, sessions)
    stand_ins = TurnOffer.objects.open().filter(session__in=keys, kind=TurnOffer.Kind.STAND_IN)
    left_open = set(stand_ins.values_list("session", "role__key"))
    elections = list(Election.objects.filter(partnership=partnership).in_force().order_by("id"))
    reading = _Reading(partnership, seats, sessions, roles, turns, absent, away, at)
    return reading.rotation(left_open, elections)


class _Reading:
    def __init__(
        self,
        partnership: Partnership,
        seats: list[Seat],
        sessions: list[Session],
        roles: list[MeetingRole],
        turns: list[Turn],
        absent: set[tuple[UUID, UUID]],
        away: set[tuple[UUID, UUID]],
        at: datetime,
    ) -> None:
        self.partnership = partnership
        self.seats = seats
        self.sessions = sessions
        self.roles = sorted(roles, key=lambda role: (not role.leads, role.priority, role.pk))
        self.absent, self.away = absent, away
        self.frozen = frozen = {s.pk for s in sessions if s.is_held or s.starts_at <= at}
        self.to_plan = [s for s in sessions if s.pk not in frozen]
        self.not_there = not_there = _not_there([s.pk for s in sessions if s.is_held])
        self.past = [
            turn
            for turn in turns
            if turn.session_id in frozen and (turn.session_id, turn.seat_id) not in not_there
        ]
        self.coming = [turn for turn in turns if turn.session_id not in frozen]
        self.engine_roles = tuple(self._roles())
        at_the_table = Seat.objects.open().filter(partnership=partnership)
        self.not_yet = set(not_yet_to_lead(at_the_table).values_list("pk", flat=True))

    def rotation(self, left_open: set[tuple[UUID, str]], elections: Iterable[Election]) -> Rotation:
        held_once = {turn.seat_id for turn in self.past}
        people = [s for s in self.seats if s.left_at is None or s.pk in held_once]
        open_seats = {s.pk for s in people if s.left_at is None}
        locks = {_lock(turn) for turn in self.past}
        absences = set(self._past_absences(people))
        for session in self.to_plan:
            for seat in people:
                if seat.pk not in open_seats or (session.pk, seat.pk) in self.away:
                    absences.add((str(seat.pk), str(session.pk)))
        free = [t for t in self.coming if t.seat_id in open_seats]
        free = [t for t in free if (t.session_id, t.seat_id) not in self.away]
        locks |= {_lock(turn) for turn in free if turn.locked}
        elected = self._elected(elections, open_seats, locks)
        return Rotation(
            SeasonInput(
                members=tuple(self._members(people)),
                meetings=tuple(str(session.pk) for session in self.sessions),
                roles=self.engine_roles,
                absences=frozenset(absences),
                locks=frozenset(locks),
                left_open=frozenset((str(at), role) for at, role in left_open),
                published=tuple(PlannedTurn(*_lock(turn)) for turn in free if not turn.locked),
                held=frozenset(map(str, self.frozen)),
                # the same for one partnership always, different between them: not every circle
                # begins with whoever was seated first
                seed=self.partnership.pk.int % 2**31,
            ),
            to_plan=tuple(self.to_plan),
            turns=tuple(self.coming),
            seats={str(seat.pk): seat for seat in people},
            role_rows={role.key: role for role in self.roles},
            elected=elected,
        )

    def _elected(
        self, elections: Iterable[Election], open_seats: set[UUID], locks: set[Lock]
    ) -> dict[tuple[UUID, UUID], Election]:
        """Lock the sessions of a term to who was elected, where they come and are free."""
        keys = {role.pk: role.key for role in self.roles}
        leading = {role.pk for role in self.roles if role.leads}
        elected: dict[tuple[UUID, UUID], Election] = {}
        for session in self.to_plan:
            here = [lock for lock in locks if lock.meeting == str(session.pk)]
            taken = {lock.role for lock in here}
            busy = {lock.member for lock in here}
            for election in elections:
                seat = election.proposed_id
                if seat is None or seat not in open_seats or not election.covers(session.day):
                    continue
                role = keys.get(election.role_id, "")
                if not role or role in taken or str(seat) in busy:
                    continue
                if (session.pk, seat) in self.away:
                    continue
                if seat in self.not_yet and election.role_id in leading:
                    continue
                locks.add(Lock(str(session.pk), role, str(seat)))
                taken.add(role)
                busy.add(str(seat))
                elected[session.pk, election.role_id] = election
        return elected

    def _past_absences(self, people: list[Seat]) -> Iterable[tuple[str, str]]:
        """Yield who was not at the sessions held or begun: away, or not at the table then."""
        for session in self.sessions:
            if session.pk not in self.frozen:
                continue
            acted = {turn.seat_id for turn in self.past if turn.session_id == session.pk}
            for seat in people:
                at_the_table = seat.taken_at <= session.starts_at and (
                    seat.left_at is None or seat.left_at > session.starts_at
                )
                away = (session.pk, seat.pk) in self.absent | self.not_there
                if seat.pk not in acted and (away or not at_the_table):
                    yield (str(seat.pk), str(session.pk))

    def _roles(self) -> Iterable[Role]:
        """Yield the roles with the leading one first, as the engine wants it; one must lead."""
        named = any(role.leads for role in self.roles)
        for priority, role in enumerate(self.roles):
            leads = role.leads or (not named and priority == 0)
            skill = role.competency.key if role.competency else ""
            after = role.after.key if role.after else ""
            yield Role(role.key, priority, skill, leads, after, role.needs_level)

    def _members(self, people: list[Seat]) -> Iterable[Partner]:
        strengths, wants = self._skills(people)
        led = _have_led_elsewhere(self.partnership, people)
        growing = [(role.key, role.competency) for role in self.engine_roles]
        for seat in people:
            wanted = wants.get(seat.enrolment_id, {})
            yield Partner(
                id=str(seat.pk),
                name=seat.enrolment.member.full_name,
                strengths=strengths.get(seat.enrolment_id, {}),
                wants=frozenset(key for key, skill in growing if skill in wanted or key in wanted),
                may_facilitate=seat.left_at is None,
                has_led=seat.enrolment.member_id in led,
                may_lead=seat.pk not in self.not_yet,
            )

    def _skills(
        self, people: list[Seat]
    ) -> tuple[dict[UUID, dict[str, int]], dict[UUID, dict[str, int]]]:
        offered: dict[UUID, dict[str, int]] = {}
        sought: dict[UUID, dict[str, int]] = {}
        answers = Answer.objects.filter(
            enrolment__in=[seat.enrolment_id for seat in people],
            question__kind=Question.Kind.SKILLS,
            question__key__in=[OFFERED, SOUGHT],
        ).select_related("question")
        for answer in answers.order_by("id"):
            levels = answer.value if isinstance(answer.value, dict) else {}
            kept = {
                str(skill): level
                for skill, level in levels.items()
                if isinstance(level, int) and 0 <= level <= 5
            }
            (offered if answer.question.key == OFFERED else sought)[answer.enrolment_id] = kept
        return offered, sought


def _on_a_break(seats: list[Seat], sessions: list[Session]) -> set[tuple[UUID, UUID]]:
    """Return who of a circle takes a break at which session; a pair rests as a whole instead."""
    if sum(seat.left_at is None for seat in seats) <= A_PAIR:
        return set()
    return {
        (session.pk, seat.pk)
        for seat in seats
        for session in sessions
        if (until := seat.enrolment.paused_until) and session.is_planned and session.day < until
    }


def _not_there(held: list[UUID]) -> set[tuple[UUID, UUID]]:
    """Return who held no turn because they were not there, though it had been planned."""
    rows = Attendance.objects.filter(session__in=held).exclude(kind=Attendance.Kind.PRESENT)
    return set(rows.values_list("session", "seat"))


def _have_led_elsewhere(partnership: Partnership, people: list[Seat]) -> set[UUID]:
    """Return the members who have led a held session of another partnership."""
    there = Attendance.objects.filter(
        session=OuterRef("session"), seat=OuterRef("seat"), kind=Attendance.Kind.PRESENT
    )
    led = Turn.objects.filter(
        Exists(there),
        role__leads=True,
        session__state=Session.State.HELD,
        seat__enrolment__member__in=[seat.enrolment.member_id for seat in people],
    ).exclude(session__partnership=partnership)
    return set(led.values_list("seat__enrolment__member", flat=True))


def _lock(turn: Turn) -> Lock:
    return Lock(str(turn.session_id), turn.role.key, str(turn.seat_id))
