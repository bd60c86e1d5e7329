"""Figures counted once more by somebody else: from rows of the tables alone.

By plain SQL and scipy, over random histories: nothing of ours is used but the tables.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from statistics import median
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from scipy.stats import CensoredData, ecdf  # type: ignore[import-untyped]  # ships no types

from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Enrolment, Program
from programs.models.training import LessonProgress, PathStep
from sessions.models.rooms import Round, Voice
from sessions.models.sessions import Session, Turn
from tests.cast import Cast
from tests.metrics.build import (
    BERLIN,
    NOW,
    TODAY,
    ask,
    circle,
    enrol,
    figures,
    make_cohort,
    meet,
    noon,
    people,
    set_threshold,
)

LESSONS = ["listening", "feedback", "conflict", "facilitating"]
STATES = ["active"] * 5 + ["paused", "completed", "ended", "lapsed", "never_started", "withdrawn"]


def random_season(cast: Cast, chance: random.Random) -> Cohort:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 26)
    with tenant(cast.acme):
        Program.objects.update(cadence_every=chance.choice([1, 2, 4]))
        role = MeetingRole.objects.create(
            program=cohort.program, key="facilitator", name="Facilitator", leads=True
        )
        rows = [enrol(cohort, member) for member in members]
        rest = list(rows)
        while len(rest) > 4:
            size = chance.randint(2, 6)
            _table(cohort, rest[:size], role, chance)
            rest = rest[size:]
        for row in rest[:2]:
            gone = noon(TODAY - timedelta(days=chance.randint(1, 100)))
            Enrolment.objects.filter(pk=row.pk).update(state="withdrawn", ended_at=gone)
        _learn(cohort, chance)
    return cohort


def _learn(cohort: Cohort, chance: random.Random) -> None:
    """Ask some lessons of some parts; people of every part and state do some, and skip some."""
    states = ["accepted", "active", "applied", "waitlisted", "completed", "withdrawn"]
    for member in people(cohort.organisation, 12, prefix="Learner"):
        part, state = chance.choice(["mentor", "mentee", "both"]), chance.choice(states)
        ended = TODAY if state in Enrolment.OVER else None
        enrol(cohort, member, state, part=part, ended=ended)
    elsewhere = Program.objects.create(name="Another", format="pairs")
    for key, part in product(LESSONS, ["", "peer", "mentor", "mentee", "both"]):
        if chance.random() < 0.3:
            PathStep.objects.create(
                program=cohort.program if chance.random() < 0.8 else elsewhere,
                key=key,
                part=part,
                when=chance.choice(PathStep.GATES),
                required=chance.random() < 0.6,
                removed_at=NOW if chance.random() < 0.2 else None,
            )
    members = Enrolment.objects.order_by("pk").values_list("member", flat=True)
    diligence = chance.choice([0.5, 0.8, 0.95])
    for member_id, key in product(members, LESSONS):
        did, off = chance.random() < diligence, chance.random() < 0.1
        if did or off or chance.random() < 0.5:
            LessonProgress.objects.create(
                member_id=member_id,
                key=key,
                done_at=NOW if did else None,
                let_off_at=NOW if off else None,
                bookmarked=not did,
            )


def _table(cohort: Cohort, rows: list[Enrolment], role: MeetingRole, chance: random.Random) -> None:
    state = chance.choice(STATES)
    published = noon(TODAY - timedelta(days=chance.randint(20, 140)))
    table = circle(cohort, rows, f"Table {rows[0].pk}")
    over = state not in Partnership.OPEN
    ended = noon(TODAY - timedelta(days=chance.randint(1, 15))) if over else None
    Partnership.objects.filter(pk=table.pk).update(
        state=state,
        published_at=published,
        ended_at=ended,
        end_reason="joined" if state == "ended" and chance.random() < 0.3 else "",
        resumed_at=noon(TODAY - timedelta(days=20)) if chance.random() < 0.2 else None,
    )
    seats = list(Seat.objects.filter(partnership=table).order_by("id"))
    Seat.objects.filter(partnership=table).update(taken_at=published, left_at=ended)
    if len(seats) > 3:  # one came late, one went early
        Seat.objects.filter(pk=seats[0].pk).update(taken_at=noon(TODAY - timedelta(days=18)))
        Seat.objects.filter(pk=seats[1].pk).update(left_at=noon(TODAY - timedelta(days=17)))
    for back in range(70, -8, -chance.randint(5, 20)):
        kind = "planned" if back <= 0 else chance.choice(["held", "held", "cancelled", "missed"])
        came = "".join(chance.choice("pppea") for _seat in seats) if kind == "held" else ""
        session = meet(table, TODAY - timedelta(days=back), kind, came=came)
        Turn.objects.create(session=session, role=role, seat=chance.choice(seats), reason="drawn")
        if chance.random() < 0.95:
            _speak(session, seats, chance)
    for period in range(1, 5):
        for seat in seats:
            due = TODAY - timedelta(days=14 * period - 20)
            answered = due - timedelta(days=chance.randint(1, 13))
            row = ask(seat, period, due, answered if answered <= TODAY else None)
            if row.answered_at:
                met = chance.random() < 0.6
                CheckIn.objects.filter(pk=row.pk).update(met=met, progress=3 if met else None)


def _speak(session: Session, seats: list[Seat], chance: random.Random) -> None:
    """Count turns to speak, also of who was not there and where nobody met; maybe in a round."""
    most = chance.choice([0, 1, 3, 3, 3, 6, 6, 6])
    for seat in seats:
        if chance.random() < 0.9:
            Voice.objects.create(session=session, seat=seat, turns=chance.randint(0, most))
    if chance.random() < 0.5:
        at = session.starts_at
        Round.objects.create(session=session, step=0, lap=1, began_at=at, ended_at=at)


def rows_of(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def day(at: datetime) -> date:
    return at.astimezone(BERLIN).date()


def places(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return Decimal(round(value * 10_000)).scaleb(-4)


class Recount:
    def __init__(self) -> None:
        self.tables = {row["id"]: row for row in rows_of("SELECT * FROM pairing_partnership")}
        self.seats = {row["id"]: row for row in rows_of("SELECT * FROM pairing_seat")}
        self.sessions = {r["id"]: r for r in rows_of("SELECT * FROM mentoring_sessions_session")}
        self.check_ins = rows_of("SELECT * FROM feedback_checkin")
        self.marks = {
            (row["session_id"], row["seat_id"]): row["kind"]
            for row in rows_of("SELECT * FROM mentoring_sessions_attendance")
        }

    def seats_of(self, table: UUID) -> list[dict[str, Any]]:
        return [seat for seat in self.seats.values() if seat["partnership_id"] == table]

    def held(self, table: UUID) -> list[dict[str, Any]]:
        return [
            row
            for row in self.sessions.values()
            if row["partnership_id"] == table and row["state"] == "held" and row["day"] <= TODAY
        ]

    def completion(self) -> dict[str, tuple[int, int]]:
        over = [
            row["state"]
            for row in self.tables.values()
            if row["state"] in {"completed", "ended", "lapsed", "never_started"}
            and row["end_reason"] != "joined"
        ]
        counted = Counter(over)
        parts = {"": "completed"} | {s: s for s in ("ended", "lapsed", "never_started")}
        return {part: (counted[state], len(over)) for part, state in parts.items()}

    def contact(self, window: int, times: int) -> tuple[int, int]:
        begins = TODAY - timedelta(days=window)
        met = []
        for pk, row in self.tables.items():
            starts = [row["starts_on"], day(row["published_at"])]
            starts += [day(row["resumed_at"])] if row["resumed_at"] else []
            if row["state"] != "active" or max(starts) > begins:
                continue
            days = [session["day"] for session in self.held(pk) if session["day"] > begins]
            seats = self.seats_of(pk)
            sitting = sum(seat["left_at"] is None for seat in seats)
            told = defaultdict(list)
            for answer in self.check_ins:
                if answer["met"] and self.seats[answer["seat_id"]]["partnership_id"] == pk:
                    told[answer["period"]].append(answer["answered_on"])
            periods = [max(d) for d in told.values() if len(d) >= 2 and 2 * len(d) >= sitting]
            lately = sum(begins < last <= TODAY for last in periods)
            met.append(max(len(days), lately) >= times)
        return sum(met), len(met)

    def waiting(self) -> Decimal | None:
        matched, lost = [], []
        for person in rows_of("SELECT * FROM programs_enrolment WHERE accepted_at IS NOT NULL"):
            first = [
                day(max(seat["taken_at"], table["published_at"]))
                for seat in self.seats.values()
                if seat["enrolment_id"] == person["id"]
                and (table := self.tables[seat["partnership_id"]])["state"] != "withdrawn"
            ]
            last = day(person["ended_at"]) if person["ended_at"] else TODAY
            days = (min(first, default=last) - day(person["accepted_at"])).days
            (matched if first else lost).append(days)
        curve = ecdf(CensoredData(uncensored=matched, right=lost)).sf
        reached = [
            days
            for days, share in zip(curve.quantiles, curve.probabilities, strict=True)
            if share <= 0.5 + 1e-12
        ]
        return Decimal(int(reached[0])).quantize(Decimal("0.0001")) if reached else None

    def leading(self) -> tuple[tuple[int, int], int | None, Decimal | None]:
        turns = rows_of("SELECT * FROM mentoring_sessions_turn")
        led_at: dict[UUID, int] = Counter(
            turn["seat_id"]
            for turn in turns
            if self.sessions[turn["session_id"]]["state"] == "held"
            and self.marks.get((turn["session_id"], turn["seat_id"]), "present") == "present"
        )
        leaders, partners, spreads, even = 0, 0, [], []
        for pk, table in self.tables.items():
            if table["state"] in {"withdrawn", "never_started"} or not self.held(pk):
                continue
            stayed = [s for s in self.seats_of(pk) if s["left_at"] in {None, table["ended_at"]}]
            numbers = [led_at[seat["id"]] for seat in stayed]
            leaders, partners = leaders + sum(map(bool, numbers)), partners + len(numbers)
            first = min(session["starts_at"] for session in self.held(pk))
            whole = [led_at[seat["id"]] for seat in stayed if seat["taken_at"] <= first]
            if len(whole) > 1:
                spreads.append(max(whole) - min(whole))
            n, total = len(numbers), sum(numbers)
            if total >= 3 and n > 1:
                apart = sum(abs(x - y) for x in numbers for y in numbers)
                even.append(1 - Fraction(apart, 2 * n * total) * Fraction(n, n - 1))
        mean = places(sum(even, Fraction(0)) / len(even)) if even else None
        return (leaders, partners), max(spreads, default=None), mean

    def trained(self) -> tuple[int, int]:
        required = rows_of("SELECT * FROM programs_pathstep WHERE required AND removed_at IS NULL")
        progress = rows_of("SELECT * FROM programs_lessonprogress WHERE done_at IS NOT NULL")
        done = {(row["member_id"], row["key"]) for row in progress}
        counted = []
        for person in rows_of(
            "SELECT e.*, c.program_id FROM programs_enrolment e JOIN programs_cohort c "
            "ON c.id = e.cohort_id WHERE e.state IN ('accepted', 'active')"
        ):
            parts = {"", person["part"]}
            parts |= {"mentor", "mentee"} if person["part"] == "both" else set()
            theirs = [
                (person["member_id"], step["key"]) in done
                for step in required
                if step["part"] in parts and step["program_id"] == person["program_id"]
            ]
            counted += [all(theirs)] if theirs else []
        return sum(counted), len(counted)

    def speaking(self) -> tuple[Decimal | None, int, set[UUID], set[UUID]]:
        """Return the balance and of how many people it is; and who was unheard, of whom."""
        in_rounds = {row["session_id"] for row in rows_of("SELECT * FROM mentoring_sessions_round")}
        spoke: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        unheard, asked = set[UUID](), set[UUID]()
        for row in rows_of("SELECT * FROM mentoring_sessions_voice"):
            session, seat = row["session_id"], row["seat_id"]
            present = self.marks.get((session, seat)) == "present"
            if self.sessions[session]["state"] != "held" or not present:
                continue
            person = self.seats[seat]["enrolment_id"]
            spoke[session][person] = row["turns"]
            if session in in_rounds:
                asked.add(person)
                unheard |= set() if row["turns"] else {person}
        by_table: dict[UUID, list[UUID]] = defaultdict(list)
        for session, turns in spoke.items():
            if len(turns) > 1 and any(turns.values()):
                by_table[self.sessions[session]["partnership_id"]].append(session)
        told = [sessions for sessions in by_table.values() if len(sessions) >= 3]
        means = [
            sum((_balance(list(spoke[one].values())) for one in sessions), Fraction(0))
            / len(sessions)
            for sessions in told
        ]
        heard = {person for sessions in told for one in sessions for person in spoke[one]}
        value = places(sum(means, Fraction(0)) / len(means)) if means else None
        return value, len(heard), unheard, asked

    def hours(self) -> Decimal | None:
        took = [
            Fraction((row["answered_at"] - row["opened_at"]) // timedelta(seconds=1), 3600)
            for row in self.check_ins
            if row["answered_at"] and row["due_on"] <= TODAY
            if self.tables[self.seats[row["seat_id"]]["partnership_id"]]["state"] != "withdrawn"
        ]
        return places(median(took)) if took else None


def _balance(turns: list[int]) -> Fraction:
    """Return 1 − G·n/(n−1) by the mean difference of all ordered pairs, G's own definition."""
    n, total = len(turns), sum(turns)
    apart = sum(abs(x - y) for x in turns for y in turns)
    return 1 - Fraction(apart, 2 * n * total) * Fraction(n, n - 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_figures_are_what_the_rows_say(cast: Cast, seed: int) -> None:
    cohort = random_season(cast, random.Random(seed))
    set_threshold(cast.acme, 1)
    found = figures(cohort)
    with tenant(cast.acme):
        recount = Recount()
        every = 7 * Program.objects.get(pk=cohort.program_id).cadence_every
        (leaders, spread, even), hours = recount.leading(), recount.hours()
        completion, waiting = recount.completion(), recount.waiting()
        trained = recount.trained()
        balance, heard, unheard, asked = recount.speaking()
        window, times = (30, max(1, 30 // every - 1)) if every <= 14 else (2 * every, 1)
        regular, month = recount.contact(window, times), recount.contact(30, 1)

    for part, (some, of) in completion.items():
        figure = found["completion", part]
        assert (figure.numerator, figure.denominator) == (some, of), part
    for key, counted in (("regular_contact", regular), ("contact_30d", month)):
        assert (found[key, ""].numerator, found[key, ""].denominator) == counted, key
    assert found["time_to_match", ""].value == waiting
    assert (found["lead_coverage", ""].numerator, found["lead_coverage", ""].denominator) == leaders
    assert found["lead_spread", ""].numerator == spread
    assert found["shared_leadership", "even"].value == even
    assert found["checkin_hours", ""].value == hours
    training = found["training_done", ""]
    assert (training.numerator, training.denominator, training.n) == (*trained, trained[1])
    voices = found["voice_balance", ""]
    assert (voices.value, voices.n) == (balance, heard or None)
    assert found["shared_leadership", "voices"].value == balance
    rounds = found["unheard", ""]
    if unheard and unheard != asked:  # else all are alike, and nothing is said
        assert (rounds.numerator, rounds.n) == (len(unheard), len(asked))
