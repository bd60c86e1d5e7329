"""What holds of figures whatever happened: small random worlds, in memory and without a database.

A world is the rows that twelve figures are counted from, as their queries hand them over; the
figures are the definitions' own, over what is released of those rows.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.tenancy.models import OrganisationSettings
from feedback.released import Answer, Counts, Reading, Released, Step, next_step
from feedback.surveys import pulse
from metrics.definitions.shapes import Figure, State, Unit, shown_whole
from metrics.figures import definition
from metrics.queries.agreed import Decisions
from metrics.queries.concerns import Row, days_reading, late_reading
from metrics.queries.facts import CohortFacts, Facts
from metrics.queries.partnerships import Led, Waiting
from metrics.queries.voices import asked_in_rounds, balance_reading, unheard_reading
from metrics.retention import SeatSpan, Stay
from programs.models.programs import Cohort
from sessions.room.voices import Spoken
from tests.metrics.build import NOW, TODAY
from tests.profile import cases

K = 3
FEW, MANY = cases(12), cases(30)
STEPS = 5  # of the scale that satisfaction is asked on
OF_ANSWERS = (
    *("satisfaction", "satisfied", "concern_days", "concern_late"),
    *("voice_balance", "unheard"),
)
TWELVE = (
    *OF_ANSWERS,
    *("lead_coverage", "lead_spread", "shared_leadership"),
    *("time_to_match", "retention", "decision_days"),
)
COHORT = Cohort(organisation_id=1, id=UUID(int=1))
SETTINGS = OrganisationSettings(organisation_id=1)


@dataclass(frozen=True)
class World:
    """The rows of one cohort."""

    marks: Sequence[pulse.Row] = ()
    concerns: Sequence[Row] = ()
    spoken: Sequence[Spoken] = ()
    led: Sequence[Led] = ()
    waits: Sequence[tuple[int, bool]] = ()
    stays: Sequence[Stay] = ()
    decisions: Sequence[Fraction] = ()
    voices: Sequence[Answer] = ()

    def shuffled(self, order: random.Random) -> World:
        return World(*(order.sample(list(rows), len(rows)) for rows in vars(self).values()))

    def and_then(self, more: World) -> World:
        both = zip(vars(self).values(), vars(more).values(), strict=True)
        return World(*([*mine, *theirs] for mine, theirs in both))

    def readings(self) -> list[Reading]:
        return [
            pulse.satisfaction_reading(self.marks),
            pulse.satisfied_reading(self.marks),
            days_reading(self.concerns, TODAY),
            late_reading(self.concerns, TODAY),
            balance_reading(self.spoken),
            unheard_reading(asked_in_rounds(self.spoken)),
            Reading("decision_voice", "", self.voices),
        ]


@dataclass
class Published:
    """A cohort whose answers are released in steps, and whose figures are read after each."""

    k: int = K
    steps: dict[str, list[Step]] = field(default_factory=dict)

    def look(self, world: World) -> dict[tuple[str, str], Figure]:
        for reading in world.readings():
            step = next_step(reading, self.steps.setdefault(reading.key, []), self.k)
            if step is not None:
                self.steps[reading.key].append(step)
        facts = Facts([COHORT], SETTINGS, NOW, {}, ())
        people = max(1, len(world.decisions)) * self.k
        vars(facts).update(
            thresholds={COHORT.pk: self.k},
            released={COHORT.pk: self.released()},
            led={COHORT.pk: world.led},
            waiting={COHORT.pk: Waiting(*zip(*world.waits, strict=True))} if world.waits else {},
            stays={COHORT.pk: world.stays},
            decisions={COHORT.pk: Decisions(tuple(world.decisions), people)}
            if world.decisions
            else {},
        )
        figures = [
            figure
            for key in TWELVE
            if (entry := definition(key)) is not None
            for figure in entry.figures(CohortFacts(COHORT, facts))
        ]
        return {(figure.key, figure.part): figure for figure in shown_whole(figures, self.k)}

    def released(self) -> dict[tuple[str, str], Released]:
        shown = {
            key: [step for step in steps if not step.aside] for key, steps in self.steps.items()
        }
        return {
            (key, ""): Released(steps[-1].counts, steps[-1].n, TODAY)
            for key, steps in shown.items()
            if steps
        }


def read(world: World, k: int = 1) -> dict[tuple[str, str], Figure]:
    """Return the figures of a world that is looked at once, about however few people."""
    return Published(k).look(world)


def value(world: World, key: str) -> Decimal | None:
    return read(world)[key, ""].value


# ── worlds ──────────────────────────────────────────────────────────────────────────────

SOON = st.integers(0, 40)


def person(number: int) -> UUID:
    return UUID(int=100 + number)


def numbered(rows: Sequence[object]) -> list[UUID]:
    return [UUID(int=10_000 + place) for place in range(len(rows))]


@st.composite
def concerns(draw: st.DrawFn) -> list[Row]:
    rows = draw(st.lists(st.tuples(SOON, st.sampled_from([1, 7, 21]), SOON, st.booleans())))
    return [
        (
            pk,
            TODAY - timedelta(days=ago),
            TODAY - timedelta(days=ago - until),
            TODAY - timedelta(days=ago - took) if closed else None,
        )
        for pk, (ago, until, took, closed) in zip(numbered(rows), rows, strict=True)
    ]


@st.composite
def spoken(draw: st.DrawFn) -> list[Spoken]:
    """Sessions of two tables: who is there and how often each speaks, in a round or not."""
    turns = st.dictionaries(st.integers(0, 4), st.integers(0, 4), max_size=5)
    sessions = draw(st.lists(st.tuples(st.integers(0, 1), st.booleans(), turns), max_size=9))
    rows = []
    for session, (table, in_round, counts) in enumerate(sessions):
        for who, count in counts.items():
            pk = UUID(int=20_000 + 10 * session + who)
            seat = person(10 * table + who)
            about = UUID(int=2 + table), UUID(int=10 + session)
            rows.append(Spoken(pk, *about, seat, seat, count, in_round))
    return rows


@st.composite
def led(draw: st.DrawFn) -> list[Led]:
    """Tables with how often each of their people has led; some came after the first session."""
    tables = draw(st.lists(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=5)))
    return [
        Led(
            UUID(int=table),
            f"Table {table}",
            {person(10 * table + place): n for place, (n, _first) in enumerate(people)},
            [n for n, first in people if first],
            TODAY,
            (),
        )
        for table, people in enumerate(tables)
    ]


@st.composite
def stays(draw: st.DrawFn) -> list[Stay]:
    """People who started, hold seats for a time, and withdraw, complete or go on."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 120),
                st.lists(st.tuples(SOON, st.none() | SOON, st.booleans(), st.booleans())),
                st.sampled_from(["", "completed", "finished", "withdrawn"]),
                SOON,
            )
        )
    )
    found = []
    for ago, seats, ending, days in rows:
        started = TODAY - timedelta(days=ago)
        spans = tuple(
            SeatSpan(
                taken := started + timedelta(days=after),
                None if held is None else taken + timedelta(days=held),
                lapsed,
                in_time,
            )
            for after, held, lapsed, in_time in seats[:3]
        )
        over = {ending: started + timedelta(days=days)} if ending else {}
        found.append(Stay(started, spans, **over))
    return found


@st.composite
def marks(draw: st.DrawFn) -> list[pulse.Row]:
    rows = draw(st.lists(st.tuples(st.integers(0, 8), st.integers(1, STEPS))))
    return [
        (pk, frozenset({person(who)}), mark)
        for pk, (who, mark) in zip(numbered(rows), rows, strict=True)
    ]


@st.composite
def voices(draw: st.DrawFn) -> list[Answer]:
    rows = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5))))
    everybody = frozenset(map(person, range(5)))
    return [
        Answer(pk, everybody, adds=(min(some, of), of))
        for pk, (some, of) in zip(numbered(rows), rows, strict=True)
    ]


WORLDS = st.builds(
    World,
    marks=marks(),
    concerns=concerns(),
    spoken=spoken(),
    led=led(),
    waits=st.lists(st.tuples(SOON, st.booleans())),
    stays=stays(),
    decisions=st.lists(st.fractions(0, 30, max_denominator=48)),
    voices=voices(),
)

# ── what holds of all ───────────────────────────────────────────────────────────────────


def test_twelve_figures_of_nobody_have_no_value() -> None:
    assert len(set(TWELVE)) == len(TWELVE) == 12
    for k in (1, K):
        found = Published(k).look(World())
        assert {key for key, _part in found} == set(TWELVE)
        assert {figure.value for figure in found.values()} == {None}
        assert {figure.state for figure in found.values() if figure.key in OF_ANSWERS} == {
            State.HIDDEN
        }


@FEW
@given(WORLDS)
def test_each_value_lies_in_its_range_and_within_its_interval(world: World) -> None:
    for figure in read(world).values():
        if figure.value is None:
            continue
        meaning = definition(figure.key)
        assert meaning is not None
        assert figure.n is not None
        match meaning.unit:
            case Unit.SHARE:
                assert 0 <= figure.value <= 1
            case Unit.POINTS:
                assert 1 <= figure.value <= STEPS
            case _:
                assert figure.value >= 0
        if figure.numerator is not None and meaning.unit in (Unit.SHARE, Unit.POINTS):
            assert figure.denominator
            assert (
                abs(Fraction(figure.value) - Fraction(figure.numerator, figure.denominator))
                < 10**-4
            )
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high


@FEW
@given(WORLDS)
def test_what_is_shown_is_about_enough_people(world: World) -> None:
    for figure in Published(K).look(world).values():
        if figure.state == State.SHOWN:
            assert (figure.n or 0) >= K
        if figure.state == State.HIDDEN:
            assert (figure.value, figure.numerator, figure.n) == (None, None, None)


@FEW
@given(WORLDS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(world: World, order: random.Random) -> None:
    def without_names(found: dict[tuple[str, str], Figure]) -> dict[tuple[str, str], Figure]:
        return {place: replace(figure, label="") for place, figure in found.items()}

    assert without_names(read(world.shuffled(order))) == without_names(read(world))


@FEW
@given(WORLDS)
def test_a_row_that_is_read_twice_counts_once(world: World) -> None:
    """Twice in one look, as by a join too many, or again in the look after it was counted."""
    for reading in world.readings():
        twice = replace(reading, answers=[*reading.answers, *reading.answers])
        assert next_step(twice, [], K) == next_step(reading, [], K), reading.key
    published = Published(K)
    first = published.look(world)
    assert published.look(world) == first


@FEW
@given(WORLDS)
def test_everybody_twice_leaves_shares_means_and_medians_as_they_are(world: World) -> None:
    once, twice = read(world), read(world.and_then(_copy(world)))
    for key in set(TWELVE) - {"unheard"}:
        assert twice[key, ""].value == once[key, ""].value, key
    asked = once["unheard", ""]
    if asked.value is not None:
        assert twice["unheard", ""].value == 2 * asked.value


def _copy(world: World) -> World:
    """Return the same happening to others: other rows, people, tables and sessions."""

    def other(pk: UUID) -> UUID:
        return UUID(int=pk.int + 10**6)

    return World(
        marks=[(other(pk), frozenset(map(other, who)), mark) for pk, who, mark in world.marks],
        concerns=[(other(row[0]), *row[1:]) for row in world.concerns],
        spoken=[
            replace(
                row,
                pk=other(row.pk),
                partnership=other(row.partnership),
                session=other(row.session),
                seat=other(row.seat),
                enrolment=other(row.enrolment),
            )
            for row in world.spoken
        ],
        led=[
            replace(
                table,
                partnership=other(table.partnership),
                counts={other(who): n for who, n in table.counts.items()},
            )
            for table in world.led
        ],
        waits=world.waits,
        stays=world.stays,
        decisions=world.decisions,
        voices=[
            replace(row, unit=other(row.unit), people=frozenset(map(other, row.people)))
            for row in world.voices
        ],
    )


@FEW
@given(WORLDS)
def test_who_does_not_count_changes_nothing(world: World) -> None:
    """An open concern whose day is to come, a circle that has led nothing yet, and the like."""
    nobody, alone, table = UUID(int=5), UUID(int=6), UUID(int=7)
    not_counted = World(
        concerns=[(nobody, TODAY, TODAY + timedelta(days=1), None)],
        spoken=[
            # one person alone, two who do not speak, and two sessions where three are needed
            Spoken(UUID(int=50), table, UUID(int=60), alone, alone, 3, in_round=False),
            *(
                Spoken(UUID(int=51 + n), table, UUID(int=61), person(90 + n), alone, 0, False)
                for n in range(2)
            ),
            *(
                Spoken(UUID(int=53 + n), table, UUID(int=62 + n // 2), person(n), alone, n, False)
                for n in range(4)
            ),
        ],
        led=[Led(table, "Empty", {}, (), TODAY, ())],
    )
    before, after = read(world), read(world.and_then(not_counted))
    assert {key: after[key].value for key in before} == {
        key: figure.value for key, figure in before.items()
    }
    # one person alone from the first session on tells nothing of a gap
    newcomer = World(led=[Led(table, "New", {alone: 4}, (4,), TODAY, ())])
    assert value(world.and_then(newcomer), "lead_spread") == value(world, "lead_spread")


@FEW
@given(WORLDS, WORLDS)
def test_what_is_released_grows_by_k_people_or_stays(world: World, more: World) -> None:
    published = Published(K)
    before = published.look(world)
    after = published.look(world.and_then(_copy(more)))
    for key in OF_ANSWERS:
        was, now = before[key, ""], after[key, ""]
        assert now == was or (now.n or 0) >= max(was.n or 0, K), key


# ── monotony, figure by figure ──────────────────────────────────────────────────────────


def not_less(more: Decimal | None, less: Decimal | None) -> bool:
    return less is None or (more is not None and more >= less)


@MANY
@given(marks(), st.data())
def test_a_better_mark_lowers_no_satisfaction(rows: list[pulse.Row], data: st.DataObject) -> None:
    if not rows:
        return
    place = data.draw(st.integers(0, len(rows) - 1))
    pk, who, mark = rows[place]
    better = [*rows[:place], (pk, who, min(STEPS, mark + 1)), *rows[place + 1 :]]
    for reading in (pulse.satisfaction_reading, pulse.satisfied_reading):
        (total, n), (was, of) = (_counts(reading(some)) for some in (better, rows))
        assert n == of == len(rows)
        assert total >= was


def _counts(reading: Reading) -> Counts:
    """Return what is counted of all answers, whether it could be shown or not."""
    return reading.count((), (), reading.answers)


@MANY
@given(concerns(), SOON, st.sampled_from([1, 7, 21]), st.integers(1, 30))
def test_a_concern_that_takes_longer_shortens_no_figure(
    rows: list[Row], took: int, until: int, more: int
) -> None:
    raised = TODAY - timedelta(days=90)

    def closed_after(days: int) -> list[Row]:
        due, closed = raised + timedelta(days=until), raised + timedelta(days=days)
        return [(UUID(int=9), raised, due, closed), *rows]

    for reading in (days_reading, late_reading):
        before, after = (
            _counts(reading(closed_after(days), TODAY)) for days in (took, took + more)
        )
        assert after[1] == before[1]
        assert after[0] >= before[0]


@MANY
@given(concerns(), st.integers(0, 60))
def test_a_concern_once_past_its_day_stays_so(rows: list[Row], days: int) -> None:
    now = {row.unit: row.adds for row in late_reading(rows, TODAY).answers}
    later = late_reading(rows, TODAY + timedelta(days=days)).answers
    assert {row.unit: row.adds for row in later if row.unit in now} == now


@MANY
@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=5), min_size=3, max_size=5))
def test_a_turn_given_to_who_spoke_least_makes_no_circle_less_even(
    sessions: list[list[int]],
) -> None:
    def circle(counts: Sequence[Sequence[int]]) -> World:
        rows = [
            Spoken(
                UUID(int=1000 * number + place),
                UUID(int=2),
                UUID(int=10 + number),
                person(place),
                person(place),
                turns,
                False,
            )
            for number, session in enumerate(counts)
            for place, turns in enumerate(session)
        ]
        return World(spoken=rows)

    fairer = [sorted(session) for session in sessions]
    if fairer[0][-1] - fairer[0][0] > 1:
        fairer[0][0], fairer[0][-1] = fairer[0][0] + 1, fairer[0][-1] - 1
    assert not_less(
        value(circle(fairer), "voice_balance"), value(circle(sessions), "voice_balance")
    )


@MANY
@given(spoken().filter(len))
def test_who_speaks_after_all_makes_nobody_unheard(rows: list[Spoken]) -> None:
    heard = [replace(rows[0], turns=rows[0].turns + 1), *rows[1:]]
    (less, asked), (was, of) = (
        _counts(unheard_reading(asked_in_rounds(some))) for some in (heard, rows)
    )
    assert asked == of
    assert less <= was <= of


@MANY
@given(led(), st.data())
def test_a_turn_more_for_somebody_lowers_no_coverage(
    tables: list[Led], data: st.DataObject
) -> None:
    seated = [(place, who) for place, table in enumerate(tables) for who in table.counts]
    if not seated:
        return
    place, who = data.draw(st.sampled_from(seated))
    counts = {**tables[place].counts, who: tables[place].counts[who] + 1}
    more = [*tables[:place], replace(tables[place], counts=counts), *tables[place + 1 :]]
    assert not_less(
        value(World(led=more), "lead_coverage"), value(World(led=tables), "lead_coverage")
    )


@MANY
@given(led())
def test_who_has_led_least_narrows_the_gap_or_leaves_it(tables: list[Led]) -> None:
    """A turn for each who has led least in a table in which they are not all alike."""

    def fairer(season: Sequence[int]) -> list[int]:
        least = min(season, default=0)
        alike = least == max(season, default=0)
        return [n if n > least or alike else n + 1 for n in season]

    narrowed = [replace(table, season=fairer(table.season)) for table in tables]
    before, after = (value(World(led=some), "lead_spread") for some in (tables, narrowed))
    assert not_less(before, after)


@FEW
@given(WORLDS)
def test_shared_leadership_lies_between_its_four_shares(world: World) -> None:
    found = read(world)
    whole = found["shared_leadership", ""].value
    parts = [
        found["shared_leadership", part].value for part in ("led", "even", "voices", "decisions")
    ]
    known = [share for share in parts if share is not None]
    assert (whole is None) == (len(known) < len(parts))
    if whole is not None:
        assert min(known) <= whole <= max(known)


@MANY
@given(st.lists(st.tuples(SOON, st.booleans()), min_size=1), st.integers(0, 20))
def test_a_longer_wait_is_no_shorter_median(waits: list[tuple[int, bool]], days: int) -> None:
    (waited, matched), *rest = waits
    longer = World(waits=[(waited + days, matched), *rest])
    before, after = (value(one, "time_to_match") for one in (World(waits=waits), longer))
    # who waits still counts among those at risk up to their last day: where one of them drops out
    # before a longer wait is over, half may have a partner sooner
    if all(found for _wait, found in waits):
        assert after is None or not_less(after, before)
    assert before is None or before in {Decimal(wait) for wait, found in waits if found}


@FEW
@given(stays(), st.integers(0, 120))
def test_who_leaves_instead_of_going_on_raises_no_share(rows: list[Stay], ago: int) -> None:
    stay = Stay(TODAY - timedelta(days=ago))
    goes_on = read(World(stays=[stay, *rows]))
    leaves = read(World(stays=[replace(stay, withdrawn=TODAY), *rows]))
    assert leaves.keys() == goes_on.keys()
    for place, figure in goes_on.items():
        assert not_less(figure.value, leaves[place].value), place


@MANY
@given(stays())
def test_the_curve_only_falls_and_a_second_seat_beside_the_first_is_no_change(
    rows: list[Stay],
) -> None:
    found = read(World(stays=rows))
    weeks = [figure.value for (key, part), figure in found.items() if key == "retention" and part]
    assert weeks == sorted(weeks, reverse=True)
    beside = [replace(stay, seats=(*stay.seats, *stay.seats)) for stay in rows]
    assert read(World(stays=beside)) == found


@MANY
@given(st.lists(st.fractions(0, 30, max_denominator=48), min_size=1), st.integers(0, 9))
def test_a_slower_decision_is_no_shorter_median(days: list[Fraction], more: int) -> None:
    slower = World(decisions=[days[0] + more, *days[1:]])
    before, after = (value(one, "decision_days") for one in (World(decisions=days), slower))
    assert not_less(after, before)
    assert before is not None
    assert min(days) - Fraction(1, 10**4) <= before <= max(days) + Fraction(1, 10**4)
