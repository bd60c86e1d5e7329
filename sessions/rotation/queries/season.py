"""The season as the partnership's page shows it: the table, the grid of turns, and is it fair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.members.models import Member
from core.ui.table import SeatView, TableDrawing, round_table
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import may_manage
from programs.models.parts import MeetingRole
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Absence, Attendance, Session, Turn
from sessions.rotation import texts as rotation_texts
from sessions.rotation.engine.evenness import lead_spread
from sessions.rotation.engine.plan import replan
from sessions.rotation.queries.panel import Panel, fairness_panel
from sessions.rotation.queries.rotation import read_rotation
from sessions.rotation.queries.turns import open_offers_of


@dataclass(frozen=True)
class _Cell:
    """What one person does in one session: a turn with its reason, away, or nothing."""

    key: str
    session: Session
    now: bool = False
    role: str = ""
    title: str = ""
    why: str = ""
    leads: bool = False
    later: bool = False
    first: bool = False
    away: bool = False


@dataclass(frozen=True)
class _PersonRow:
    name: str
    full_name: str
    cells: tuple[_Cell, ...]


@dataclass(frozen=True)
class _Column:
    session: Session
    day: str
    month: str
    now: bool


@dataclass(frozen=True)
class _Share:
    """How often one person holds each role in the season; `dots` draws them, leads first."""

    name: str
    led: int
    total: int
    dots: tuple[tuple[int, bool], ...]
    words: str
    owed: float  # turns to lead, over the sessions held


@dataclass(frozen=True)
class _Holder:
    name: str
    role: MeetingRole
    why: str
    mine: bool


@dataclass(frozen=True)
class _SeasonTable:
    partnership: Partnership
    drawing: TableDrawing
    roles: tuple[tuple[str, str], ...]
    columns: tuple[_Column, ...]
    people: tuple[_PersonRow, ...]
    shares: tuple[_Share, ...]
    next: Session | None
    holders: tuple[_Holder, ...]
    without_role: str
    to_record: tuple[Session, ...]
    held: int
    due: int
    spread: int | None
    spread_so_far: int | None
    verdict: str
    forced: str
    is_partner: bool
    can_plan: bool
    can_swap: bool
    can_ask: bool
    alternates: str  # what two people take turns in
    panel: Panel
    offers: tuple[TurnOffer, ...]


def season_table(*, partnership: Partnership, member: Member, at: datetime) -> _SeasonTable:
    """Return the season of a partnership as `member` sees it, in a fixed number of queries."""
    return _Season(partnership, member, at).table()


class _Season:
    def __init__(self, partnership: Partnership, member: Member, at: datetime) -> None:
        self.partnership, self.member, self.at = partnership, member, at
        rows = (
            Session.objects.visible_to(member)
            .filter(partnership=partnership)
            .exclude(state=Session.State.CANCELLED)
            .select_related("organisation")
            .order_by("starts_at", "number")
        )
        # what was still planned when a partnership ended will not be
        self.sessions = [row for row in rows if partnership.is_open or not self._to_come(row)]
        keys = [session.pk for session in self.sessions]
        self.attendance = {
            (session, seat): kind
            for session, seat, kind in Attendance.objects.filter(session__in=keys).values_list(
                "session", "seat", "kind"
            )
        }
        self.away = set(Absence.objects.filter(session__in=keys).values_list("session", "seat"))
        seats = Seat.objects.visible_to(member).filter(partnership=partnership)
        seats = seats.select_related("enrolment__member")
        self.seats = list(seats.order_by("id"))
        self.roles = list(
            MeetingRole.objects.filter(program_id=partnership.cohort.program_id).order_by(
                "priority", "id"
            )
        )
        open_seats = [seat for seat in self.seats if seat.left_at is None]
        self.is_partner = any(seat.enrolment.member_id == member.pk for seat in open_seats)
        # when it is over everybody has left; then the table is of those who sat there to the end
        self.sitting = open_seats or [s for s in self.seats if s.left_at == partnership.ended_at]
        self.turns = self._turns(keys, {seat.pk for seat in open_seats})
        self.holders: dict[UUID, list[UUID]] = defaultdict(list)
        for session_id, seat_id in self.turns:
            self.holders[session_id].append(seat_id)
        coming = [s for s in self.sessions if s.is_planned and s.ends_at > at]
        self.next = coming[0] if coming else None

    def _turns(self, keys: list[UUID], open_seats: set[UUID]) -> dict[tuple[UUID, UUID], Turn]:
        """Return the turns by session and seat; who has left takes none of those to come."""
        to_come = {session.pk for session in self.sessions if self._to_come(session)}
        seen = {seat.pk for seat in self.seats}
        rows = Turn.objects.filter(session__in=keys).select_related("role").order_by("id")
        return {
            (row.session_id, row.seat_id): row
            for row in rows
            if row.seat_id in open_seats or (row.session_id not in to_come and row.seat_id in seen)
        }

    def _to_come(self, session: Session) -> bool:
        return session.is_planned and session.starts_at > self.at

    def table(self) -> _SeasonTable:
        led = self._leads(held_only=False)
        so_far = self._leads(held_only=True)
        counted = {seat.pk: led[seat.pk] for seat in self.sitting if self._comes(seat)}
        spread = lead_spread(counted.values())
        panel = self._panel()
        forced = self._forced() if spread is not None and spread > 1 else ""
        return _SeasonTable(
            partnership=self.partnership,
            drawing=self._drawing(led, so_far),
            roles=tuple((role.key, role.name) for role in self.roles),
            columns=tuple(self._column(session) for session in self.sessions),
            people=tuple(self._person(seat) for seat in self._shown()),
            shares=tuple(self._share(seat, panel) for seat in self.sitting),
            next=self.next,
            holders=tuple(self._holders()),
            without_role=self._without_role(),
            to_record=tuple(s for s in self.sessions if s.is_planned and s.starts_at <= self.at),
            held=sum(1 for session in self.sessions if session.is_held),
            due=len(self.sessions),
            spread=spread,
            spread_so_far=lead_spread(so_far.values()),
            verdict=self._verdict(counted, best=bool(forced)),
            forced=forced,
            is_partner=self.is_partner,
            can_plan=self.is_partner or may_manage(self.partnership, self.member),
            can_swap=self._can_swap(),
            can_ask=self._can_ask(),
            alternates=self._alternates(),
            panel=panel,
            offers=tuple(self._offers()),
        )

    def _offers(self) -> list[TurnOffer]:
        return open_offers_of(partnership=self.partnership, member=self.member, at=self.at)

    def _alternates(self) -> str:
        """Say what goes to and fro between two people; '' for a circle."""
        if len(self.sitting) != 2 or not self.roles or not self.turns:
            return ""
        names = [role.name for role in self.roles[:2]]
        words = {"roles": rotation_texts.people(names)}
        if len(names) == 1:
            return _("%(roles)s alternates between the two of you.") % words
        return _("%(roles)s alternate: who has one this time has the other next time.") % words

    def _can_ask(self) -> bool:
        """Whether this member holds a turn to come, and somebody else does."""
        coming = {s.pk for s in self.sessions if self._to_come(s)}
        mine = {s.pk for s in self.sitting if s.enrolment.member_id == self.member.pk}
        seats = {seat_id for at, seat_id in self.turns if at in coming}
        return self.is_partner and bool(seats & mine) and bool(seats - mine)

    def _panel(self) -> Panel:
        names = self._names()
        leads = []
        for session in self.sessions:
            present = {
                seat.pk
                for seat in self.sitting
                if self._counts(session, seat.pk) and (session.pk, seat.pk) not in self.away
            }
            for seat_id in self.holders[session.pk]:
                turn = self.turns[session.pk, seat_id]
                if turn.role.leads and self._counts(session, seat_id):
                    leads.append((session, seat_id, present))
        return fairness_panel(leads, {seat.pk: names[seat.pk] for seat in self.sitting})

    def _can_swap(self) -> bool:
        """Whether this member may give roles of two sessions to come by hand."""
        if self.member.role not in COORDINATING:
            return False
        held = {at for at, _seat_id in self.turns}
        return sum(1 for s in self.sessions if self._to_come(s) and s.pk in held) > 1

    def _counts(self, session: Session, seat_id: UUID) -> bool:
        """Whether a turn of this seat in that session is held or still to be."""
        if session.state == Session.State.MISSED:
            return False
        return self.attendance.get((session.pk, seat_id), "present") == Attendance.Kind.PRESENT

    def _leads(self, *, held_only: bool) -> dict[UUID, int]:
        led = {seat.pk: 0 for seat in self.sitting}
        for session in self.sessions:
            for seat in self.sitting:
                turn = self.turns.get((session.pk, seat.pk))
                if turn is None or not turn.role.leads or not self._counts(session, seat.pk):
                    continue
                if session.is_held or not held_only:
                    led[seat.pk] += 1
        return led

    def _comes(self, seat: Seat) -> bool:
        """Whether this person was at a session or is expected at one, so that their leads count."""
        return any(
            seat.taken_at <= session.starts_at
            and (session.pk, seat.pk) not in self.away
            and self._counts(session, seat.pk)
            for session in self.sessions
        )

    def _verdict(self, led: Mapping[UUID, int], *, best: bool) -> str:
        names = self._names()
        by_name = {names[seat]: turns for seat, turns in led.items()}
        sessions = sum(1 for session in self.sessions if session.state != Session.State.MISSED)
        return rotation_texts.evenness(by_name, sessions=sessions, best=best)

    def _names(self) -> dict[UUID, str]:
        """Return given names, or full names where two people share one."""
        counts: dict[str, int] = defaultdict(int)
        for seat in self.seats:
            counts[seat.enrolment.member.given_name] += 1
        return {
            seat.pk: seat.enrolment.member.given_name
            if counts[seat.enrolment.member.given_name] == 1
            else seat.enrolment.member.full_name
            for seat in self.seats
        }

    def _shown(self) -> list[Seat]:
        """Return who has a row: people at the table, and those who left with turns held."""
        acted = {
            seat_id
            for session in self.sessions
            for seat_id in self.holders[session.pk]
            if self._counts(session, seat_id)
        }
        at_the_table = {seat.pk for seat in self.sitting}
        return [seat for seat in self.seats if seat.pk in at_the_table | acted]

    def _drawing(self, led: Mapping[UUID, int], so_far: Mapping[UUID, int]) -> TableDrawing:
        due = sum(led.values())
        views = []
        for seat in self.sitting:
            turn = self._turn_next(seat)
            absent = self.next is not None and (self.next.pk, seat.pk) in self.away
            views.append(
                SeatView(
                    initials=seat.enrolment.member.initials,
                    name=seat.enrolment.member.full_name,
                    state="away" if absent else "lead" if turn and turn.role.leads else "",
                    tokens=(turn.role.key,) if turn else (),
                    turns_due=led[seat.pk],
                    turns_held=so_far[seat.pk],
                )
            )
        return round_table(
            views,
            title=self.partnership.name,
            centre=str(sum(so_far.values())) if due else "",
            under=_("of %(n)d led") % {"n": due} if due else "",
            role_names={role.key: role.name for role in self.roles},
        )

    def _turn_next(self, seat: Seat) -> Turn | None:
        return self.turns.get((self.next.pk, seat.pk)) if self.next else None

    def _column(self, session: Session) -> _Column:
        here = timezone.localtime(session.starts_at)
        return _Column(session, date_format(here, "j"), date_format(here, "M"), self._now(session))

    def _now(self, session: Session) -> bool:
        return self.next is not None and session.pk == self.next.pk

    def _person(self, seat: Seat) -> _PersonRow:
        return _PersonRow(
            name=self._names()[seat.pk],
            full_name=seat.enrolment.member.full_name,
            cells=tuple(self._cell(session, seat) for session in self.sessions),
        )

    def _cell(self, session: Session, seat: Seat) -> _Cell:
        now, at = self._now(session), (session.pk, seat.pk)
        key = f"y-{session.number}-{seat.pk.hex[-8:]}"
        turn = self.turns.get(at)
        away = at in self.away or self.attendance.get(at, "present") != Attendance.Kind.PRESENT
        if turn is None or not self._counts(session, seat.pk):
            return _Cell(key, session, now, away=away)
        day = date_format(timezone.localtime(session.starts_at), "j M")
        title = _("%(name)s, %(role)s on %(day)s") % {
            "name": seat.enrolment.member.full_name,
            "role": turn.role.name,
            "day": day,
        }
        return _Cell(
            key=key,
            session=session,
            now=now,
            role=turn.role.key,
            title=title,
            why=self._why(turn),
            leads=turn.role.leads,
            later=not session.is_held,
            first=now and turn.role.leads,
        )

    def _why(self, turn: Turn) -> str:
        """Return why somebody has a turn, and who sits beside them if they lead first."""
        why = rotation_texts.why(turn.reason, turn.reason_detail)
        if turn.buddy_id is None:
            return why
        beside = _("Beside: %(name)s.") % {"name": self._names().get(turn.buddy_id, "")}
        return f"{why} {beside}"

    def _holders(self) -> list[_Holder]:
        held = []
        for seat in self.sitting:
            turn = self._turn_next(seat)
            if turn:
                person = seat.enrolment.member
                why = rotation_texts.why(turn.reason, turn.reason_detail)
                held.append(_Holder(person.full_name, turn.role, why, person.pk == self.member.pk))
        return sorted(held, key=lambda h: (not h.role.leads, h.role.priority, str(h.role.pk)))

    def _without_role(self) -> str:
        if self.next is None:
            return ""
        names, coming = self._names(), self.next.pk
        away = [names[seat.pk] for seat in self.sitting if (coming, seat.pk) in self.away]
        none = [
            names[seat.pk]
            for seat in self.sitting
            if (coming, seat.pk) not in self.away and not self._turn_next(seat)
        ]
        sentences = []
        if none and len(none) < len(self.sitting):
            sentences.append(
                _("No role this time: %(who)s.") % {"who": rotation_texts.people(none)}
            )
        if away:
            sentences.append(_("Cannot come: %(who)s.") % {"who": rotation_texts.people(away)})
        return " ".join(sentences)

    def _share(self, seat: Seat, panel: Panel) -> _Share:
        counted: dict[UUID, int] = defaultdict(int)
        for session in self.sessions:
            turn = self.turns.get((session.pk, seat.pk))
            if turn and self._counts(session, seat.pk):
                counted[turn.role_id] += 1
        leading = {role.pk for role in self.roles if role.leads}
        led = sum(n for role, n in counted.items() if role in leading)
        total = sum(counted.values())
        words = ", ".join(
            _("%(role)s %(times)s")
            % {"role": role.name, "times": rotation_texts.times(counted[role.pk])}
            for role in self.roles
            if counted[role.pk]
        )
        dots = tuple((9 + 19 * n, n < led) for n in range(total))
        return _Share(
            self._names()[seat.pk], led, total, dots, words or _("no turn"), panel.owed[seat.pk]
        )

    def _forced(self) -> str:
        """Ask the engine why the leads cannot be more even; '' where nothing forces it."""
        rotation = read_rotation(partnership=self.partnership, at=self.at)
        season = rotation.season
        if not (season.members and season.meetings and season.roles):
            return ""
        bound = replan(season).lead_bound
        if bound is None or bound.spread <= 1:
            return ""
        names = self._names()
        days = {
            str(s.pk): date_format(timezone.localtime(s.starts_at), "j M") for s in self.sessions
        }
        leading = {role.key for role in season.roles if role.leads}
        settled = {lock.meeting for lock in season.locks if lock.role in leading}
        return rotation_texts.forced(
            bound, {str(pk): name for pk, name in names.items()}, days, settled
        )
