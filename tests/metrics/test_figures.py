"""Each figure counts what its definition says, by hand-made rows and hand-made sums."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.tenancy.context import tenant
from metrics.definitions.shapes import Basis, Figure, State
from metrics.figures import DEFINITIONS, definition
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import Enrolment
from tests.cast import Cast
from tests.metrics.build import (
    NOW,
    TODAY,
    ask,
    circle,
    enrol,
    figures,
    full_cohort,
    make_cohort,
    meet,
    people,
    rate,
    set_threshold,
    sit,
)


def counts(figure: Figure) -> tuple[int | None, int | None, Decimal | None, int | None]:
    return figure.numerator, figure.denominator, figure.value, figure.n


def test_a_cohort_without_history_has_no_data_and_no_zero(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        Competency.objects.create(program=cohort.program, key="listening", name="Listening")

    found = figures(cohort)

    # who reads figures of answers cannot tell nobody from too few
    for (key, _part), figure in found.items():
        entry = definition(key)
        assert entry is not None
        assert figure.state == (State.HIDDEN if entry.basis == Basis.ANSWERS else State.NO_DATA)
    assert {key for key, _part in found} == {
        entry.key for entry in DEFINITIONS if entry.key != "weekly_attendance"
    }


def test_every_figure_has_its_definition(cast: Cast) -> None:
    for key, _part in figures(full_cohort(cast.acme)):
        assert definition(key) is not None


def test_a_ratio_over_nothing_is_no_data() -> None:
    figure = Figure.ratio("match_rate", "", 0, 0, 0)
    assert (figure.value, figure.state) == (None, State.NO_DATA)


def test_a_value_has_four_places_and_rounds_halves_to_the_even_digit() -> None:
    assert str(Figure.ratio("x", "", 41, 50, 50).value) == "0.8200"
    assert str(Figure.ratio("x", "", 1, 3, 3).value) == "0.3333"
    # 0.00005 lies in the middle of two values, and so does 0.00015
    assert str(Figure.ratio("x", "", 1, 20_000, 9).value) == "0.0000"
    assert str(Figure.ratio("x", "", 3, 20_000, 9).value) == "0.0002"


def test_enrolled_counts_accepted_or_later_by_part(cast: Cast) -> None:
    cohort = make_cohort(cast.acme, format="mentor")
    members = people(cast.acme, 20)
    with tenant(cast.acme):
        for member in members[:6]:
            enrol(cohort, member, part="mentor")
        for member in members[6:13]:
            enrol(cohort, member, "accepted", part="mentee")
        enrol(cohort, members[13], "withdrawn", part="mentee", ended=TODAY)
        for member, state in zip(members[14:], ["applied", "waitlisted", "declined"], strict=False):
            enrol(cohort, member, state, part="mentee")

    found = figures(cohort)

    assert counts(found["enrolled", ""]) == (14, 1, Decimal("14.0000"), 14)
    assert counts(found["enrolled", "mentor"]) == (6, 1, Decimal("6.0000"), 6)
    assert counts(found["enrolled", "mentee"]) == (8, 1, Decimal("8.0000"), 8)
    # that nobody is both is said of all of them
    assert counts(found["enrolled", "both"]) == (0, 1, Decimal("0.0000"), 14)
    assert ("enrolled", "peer") not in found


def test_match_rate_is_now_and_match_rate_ever_remembers(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 9)
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in members]
        circle(cohort, rows[:5], "Open")
        over = circle(cohort, rows[5:7], "Over")
        Partnership.objects.filter(pk=over.pk).update(state="ended", ended_at=NOW)
        proposed = circle(cohort, rows[7:8], "Proposed")
        Partnership.objects.filter(pk=proposed.pk).update(state="proposed")
        # who has withdrawn is not an active participant
        Enrolment.objects.filter(pk=rows[0].pk).update(state="withdrawn", ended_at=NOW)

    found = figures(cohort)

    assert counts(found["match_rate", ""]) == (5, 8, Decimal("0.6250"), 8)
    assert counts(found["match_rate_ever", ""]) == (6, 8, Decimal("0.7500"), 8)


def test_session_completion_counts_what_has_passed_and_names_the_causes(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 5)
    with tenant(cast.acme):
        partnership = circle(cohort, [enrol(cohort, member) for member in members])
        for days in (40, 30):
            meet(partnership, TODAY - timedelta(days=days), came="ppppp")
        meet(partnership, TODAY - timedelta(days=20), "cancelled", cause="workload")
        meet(partnership, TODAY - timedelta(days=10), "cancelled", cause="")
        meet(partnership, TODAY - timedelta(days=5), "missed")
        meet(partnership, TODAY - timedelta(days=1), "planned")  # not yet recorded
        meet(partnership, TODAY + timedelta(days=3), "cancelled", cause="holiday")  # not yet due

    found = figures(cohort)

    assert counts(found["session_completion", ""]) == (2, 5, Decimal("0.4000"), 5)
    assert counts(found["session_completion", "cancelled"]) == (2, 5, Decimal("0.4000"), 5)
    assert counts(found["session_completion", "missed"]) == (1, 5, Decimal("0.2000"), 5)
    assert counts(found["session_completion", "cause:workload"]) == (1, 5, Decimal("0.2000"), 5)
    assert counts(found["session_completion", "cause:other"]) == (1, 5, Decimal("0.2000"), 5)
    assert ("session_completion", "cause:holiday") not in found


def test_attendance_keeps_the_excused_in_the_denominator_and_shows_them_apart(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 6)
    with tenant(cast.acme):
        partnership = circle(cohort, [enrol(cohort, member) for member in members])
        meet(partnership, date(2026, 5, 11), came="pppppe")  # a Monday
        meet(partnership, date(2026, 5, 17), came="ppppaa")  # the Sunday of the same week
        meet(partnership, date(2026, 5, 18), came="ppp")  # nothing was recorded of three

    found = figures(cohort)

    assert counts(found["attendance_rate", ""]) == (12, 15, Decimal("0.8000"), 6)
    assert counts(found["attendance_rate", "excused"]) == (1, 15, Decimal("0.0667"), 6)
    assert counts(found["attendance_rate", "absent"]) == (2, 15, Decimal("0.1333"), 6)
    weeks = {part: counts(f) for (key, part), f in found.items() if key == "weekly_attendance"}
    # the second week is about three people, and the first is what would give it away
    assert weeks == {"2026-05-11": (None,) * 4, "2026-05-18": (None,) * 4}

    set_threshold(cast.acme, 1)
    found = figures(cohort)
    assert counts(found["weekly_attendance", "2026-05-11"]) == (9, 12, Decimal("0.7500"), 6)
    assert counts(found["weekly_attendance", "2026-05-18"]) == (3, 3, Decimal("1.0000"), 3)


def test_a_check_in_counts_when_the_next_one_falls_due(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 5)
    with tenant(cast.acme):
        partnership = circle(cohort, [enrol(cohort, member) for member in members])
        seats = list(Seat.objects.filter(partnership=partnership).order_by("id"))
        ask(seats[0], 1, TODAY, TODAY - timedelta(days=1))  # in time
        ask(seats[1], 1, TODAY, TODAY)  # on the day of the next one: too late
        ask(seats[2], 1, TODAY)  # never
        ask(seats[3], 1, TODAY + timedelta(days=1), TODAY)  # answered, not due yet
        ask(seats[3], 2, TODAY - timedelta(days=30), TODAY - timedelta(days=40))
        ask(seats[4], 1, TODAY - timedelta(days=30))

    assert counts(figures(cohort)["checkin_response", ""]) == (2, 5, Decimal("0.4000"), 5)


def test_competency_change_is_over_those_who_rated_twice(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 7)
    with tenant(cast.acme):
        listening = Competency.objects.create(
            program=cohort.program, key="listening", name="Active listening"
        )
        rows = [enrol(cohort, member) for member in members]
        for row, (start, end) in zip(
            rows, [(2, 4), (3, 4), (3, 3), (2, 5), (1, 2), (5, None), (None, 1)], strict=True
        ):
            rate(row, listening, start, end)

    found = figures(cohort)

    change = found["competency_change", "listening"]
    # differences 2, 1, 0, 3, 1: mean 1.4, variance 1.3, t(4) = 2.776445
    assert counts(change) == (7, 5, Decimal("1.4000"), 5)
    assert (change.low, change.high) == (Decimal("-0.0157"), Decimal("2.8157"))
    assert counts(found["competency_change", "start:listening"])[2] == Decimal("2.2000")
    assert counts(found["competency_change", "end:listening"])[2] == Decimal("3.6000")
    assert found["competency_change", "effect:listening"].value == Decimal("1.2279")


def test_the_funnel_counts_people_step_by_step(cast: Cast) -> None:
    set_threshold(cast.acme, 1)
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 6)
    with tenant(cast.acme):
        enrol(cohort, members[0], "applied")
        enrol(cohort, members[1], "accepted")
        stays = [enrol(cohort, member) for member in members[2:5]]
        done = enrol(cohort, members[5], "completed", ended=TODAY)
        partnership = circle(cohort, [*stays, done])
        meet(partnership, TODAY - timedelta(days=3), came="paap")

    found = figures(cohort)

    steps = ("applied", "accepted", "active", "met", "completed")
    assert [found["funnel", step].numerator for step in steps] == [6, 5, 4, 2, 1]


@pytest.mark.parametrize("other", ["globex", "acme"])
def test_figures_count_one_cohort_of_one_organisation(cast: Cast, other: str) -> None:
    cohort = full_cohort(cast.acme)
    before = figures(cohort)

    full_cohort(getattr(cast, other), "Autumn")

    assert figures(cohort) == before


def test_a_seat_kept_by_nobody_is_not_seated_twice(cast: Cast) -> None:
    """One person in two circles is one person behind the figures."""
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 5)
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in members]
        first, second = circle(cohort, rows[:4], "First"), circle(cohort, rows[:3], "Second")
        meet(first, TODAY - timedelta(days=3), came="pppp")
        meet(second, TODAY - timedelta(days=3), came="ppp")

    hidden = figures(cohort)["attendance_rate", ""]
    assert (hidden.state, counts(hidden)) == (State.HIDDEN, (None,) * 4)

    with tenant(cast.acme):
        sit(second, rows[4])
        meet(second, TODAY - timedelta(days=2), came="aaap")
    assert counts(figures(cohort)["attendance_rate", ""]) == (8, 11, Decimal("0.7273"), 5)
