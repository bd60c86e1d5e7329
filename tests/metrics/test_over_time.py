"""Cohorts side by side, their figures over time, and contact by week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from feedback.models.check_ins import CheckIn
from metrics.compare import comparison
from metrics.contact import grid, together, weeks_until
from metrics.queries.tallied import AsOf
from metrics.report import weekly_chart
from metrics.trends import answered, circles, weekly
from metrics.wording import figure_text
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort
from tests.cast import Cast, sign_in
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
    release,
    set_threshold,
)
from tests.metrics.test_cells import weeks as weeks_of_figures
from tests.metrics.test_pages import Figures, csv_rows, get, url_of
from tests.metrics.test_partnerships import lead, seats_of


def as_of() -> AsOf:
    return AsOf.of(OrganisationSettings.objects.get(), NOW)


def read(cohort: Cohort) -> Cohort:
    return Cohort.objects.for_list().get(pk=cohort.pk)


def test_every_week_has_its_place_and_a_hidden_one_stands_there_as_hidden(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    rows = [figure_text(figure) for figure in weeks_of_figures(cohort)["attendance_rate"]]
    chart = weekly_chart(rows, "n = 6", "weekly_attendance")
    bars = chart.drawing.bars
    # 11 and 25 May have a session, 18 May has none
    assert [bar.value for bar in bars] == ["83", "", "67"]
    assert bars[1].title == "Week of 18 May: no data"
    assert "×" not in chart.n

    hidden = [rows[0], figure_text(rows[1].figure.hidden())]
    chart = weekly_chart(hidden, "n = 6", "weekly_attendance")
    bars = chart.drawing.bars
    assert [bar.mark for bar in bars] == ["", "", "×"]
    assert chart.headline == "83\u00a0% of seats were filled in the week of 11 May"
    assert chart.n == "n = 6. × is a week of too few people"


def test_a_long_season_has_a_scale_where_the_numbers_would_touch(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in people(cast.acme, 6)])
        for back in range(12):
            meet(table, TODAY - timedelta(weeks=back + 1), came="ppppaa")
    page = get(sign_in(cast.hugo), url_of(cohort))
    assert "100\u00a0%</text>" in page


def test_sessions_and_check_ins_have_weeks_too(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    with tenant(cast.acme):
        courses = {course.key: course for course in weekly(read(cohort), _chosen(), NOW)}
        moods = answered(read(cohort), _chosen(), NOW)
    assert [words for _when, _row, words in courses["session_completion"].cells] == [
        "1 of 1",
        "0 of 1",
        "1 of 1",
    ]
    assert courses["checkin_response"].headline == (
        "67\u00a0% of check-ins of the week of 25 May were answered in time"
    )
    # all said the same, or too few did: nothing is drawn
    assert [course.headline for course in moods] == [
        "Mood: too few answers",
        "Progress: too few answers",
    ]


def _chosen() -> OrganisationSettings:
    return OrganisationSettings.objects.get()


def test_two_cohorts_side_by_side_on_one_yardstick(cast: Cast) -> None:
    spring, autumn = full_cohort(cast.acme), full_cohort(cast.acme, "Autumn")
    with tenant(cast.acme):
        beside = comparison([read(spring), read(autumn)], _chosen(), NOW)
    by_name = {row.name: row for row in beside.rows}
    attendance = by_name["Attendance"]
    assert [shown.words for shown in attendance.figures] == ["75\u00a0%", "75\u00a0%"]
    assert [bar.width for bar in attendance.bars] == [75.0, 75.0]
    assert "Still active in week 21 of each" in by_name
    assert len({curve.drawing.floor for curve in beside.curves}) == 1

    client = sign_in(cast.hugo)
    url = reverse("metrics:compare", args=["acme"])
    page = get(client, f"{url}?cohort={spring.pk}&cohort={autumn.pk}")
    assert Figures(page).values["attendance_rate/"] == {"0.7500"}
    assert page.count('class="c-curve') or page.count('class="c-line"') == 2


def test_each_share_has_its_range_beside_it_and_in_the_file(cast: Cast) -> None:
    spring, autumn = full_cohort(cast.acme), full_cohort(cast.acme, "Autumn")
    client, address = sign_in(cast.hugo), f"?cohort={spring.pk}&cohort={autumn.pk}"
    url, file = (reverse(f"metrics:{name}", args=["acme"]) for name in ("compare", "compare_csv"))

    page = get(client, f"{url}{address}")
    rows = [row for row in csv_rows(client, f"{file}{address}") if row["part"] == ""]
    of = {(row["cohort"], row["figure"]): (row["low"], row["high"]) for row in rows}

    assert "Where two ranges overlap, a difference may be chance." in page
    # 9 of 12 seats of 6 people: as if 4.5 of 6 had come
    attendance = figures(spring)["attendance_rate", ""]
    assert (attendance.numerator, attendance.denominator, attendance.n) == (9, 12, 6)
    assert (
        of["Spring", "attendance_rate"] == of["Autumn", "attendance_rate"] == ("0.3648", "0.9400")
    )
    assert "36 to 94\u00a0%" in page
    # sessions of one partnership are alike, and a mean of answers has no squares
    for key in ("session_completion", "satisfaction"):
        assert of["Spring", key] == ("", "")
    assert {row["cohort"] for row in rows} == {"Spring", "Autumn"}


def test_the_file_wants_two_to_four_cohorts(cast: Cast) -> None:
    spring, theirs = full_cohort(cast.acme), full_cohort(cast.globex)
    client, file = sign_in(cast.hugo), reverse("metrics:compare_csv", args=["acme"])
    for address in ("", f"?cohort={spring.pk}", f"?cohort={spring.pk}&cohort={theirs.pk}"):
        answer = client.get(f"{file}{address}")
        assert (answer.status_code, answer["Location"]) == (302, "/o/acme/insights/compare/")


def test_one_of_the_two_is_younger(cast: Cast) -> None:
    """The common week is the last that both have reached, and each curve ends where it is."""
    old, young = full_cohort(cast.acme), make_cohort(cast.acme, "Young")
    with tenant(cast.acme):
        members = people(cast.acme, 6, "Young")
        start = date(2026, 5, 4)
        circle(young, [enrol(young, member, started=start) for member in members])
        beside = comparison([read(old), read(young)], _chosen(), NOW)
    assert "Still active in week 4 of each" in [row.name for row in beside.rows]
    boxes = {curve.drawing.box for curve in beside.curves}
    assert len(boxes) == 1
    first, second = (curve.drawing.line for curve in beside.curves)
    assert first.endswith("L21 0")
    assert second.endswith("L4 0")


def test_what_can_be_compared(cast: Cast) -> None:
    spring = full_cohort(cast.acme)
    client, url = sign_in(cast.hugo), reverse("metrics:compare", args=["acme"])
    assert spring.name in get(client, url)
    assert "Choose two to four cohorts." in get(client, f"{url}?cohort={spring.pk}")
    theirs = full_cohort(cast.globex)
    page = get(client, f"{url}?cohort={spring.pk}&cohort={theirs.pk}")
    assert "data-figure" not in page


def test_nothing_to_compare_yet(cast: Cast) -> None:
    one, two = make_cohort(cast.acme), make_cohort(cast.acme, "Two")
    with tenant(cast.acme):
        beside = comparison([read(one), read(two)], _chosen(), NOW)
    assert (beside.rows, beside.curves) == ([], [])


@pytest.fixture
def two_tables(cast: Cast) -> Cohort:
    """A circle that met twice, and a pair that said in a check-in that it had."""
    cohort = full_cohort(cast.acme)
    with tenant(cast.acme):
        pair = circle(cohort, [enrol(cohort, m) for m in people(cast.acme, 2, "Two")], "Axe")
        for seat in Seat.objects.filter(partnership=pair):
            ask(seat, 1, TODAY, TODAY - timedelta(days=13))
    return cohort


def test_contact_week_by_week_of_each_partnership(cast: Cast, two_tables: Cohort) -> None:
    with tenant(cast.acme, member=cast.cora.pk):
        cohort = read(two_tables)
        weeks = weeks_until(cohort, as_of())
        shown = grid(cast.cora, cohort, weeks, as_of(), "")
    assert (weeks[0], weeks[-1]) == (date(2026, 1, 5), date(2026, 5, 25))
    last = {row.partnership.name: [words for _day, words in row.cells][-4:] for row in shown.rows}
    assert last == {
        "Axe": ["no contact", "no contact", "said in check-ins", "no contact"],
        "Wye": ["no contact", "session held", "said in check-ins", "session held"],
    }
    assert shown.headline == "Contact in 4 of 42 weeks of these partnerships"
    page = get(sign_in(cast.cora), url_of(two_tables, "contact"))
    assert shown.rows[0].partnership.get_absolute_url() in page


@pytest.mark.parametrize(("first", "monday"), [(5, -2), (6, -1)])
def test_weeks_begin_on_the_day_that_the_organisation_has_chosen(
    cast: Cast, two_tables: Cohort, first: int, monday: int
) -> None:
    with tenant(cast.acme):
        OrganisationSettings.objects.update(week_starts_on=first)
        weeks = weeks_until(two_tables, as_of())
        figures = together(two_tables, weeks, 2, as_of()).figures
    assert {day.weekday() for day in weeks} == {first}
    assert date(2026, 5, 25) + timedelta(days=monday) in weeks
    assert [figure.part for figure in figures] == [day.isoformat() for day in weeks]


def test_hr_sees_contact_of_all_together_and_no_partnership(cast: Cast, two_tables: Cohort) -> None:
    page = get(sign_in(cast.hugo), url_of(two_tables, "contact"))
    assert "Who runs the program sees which partnership it is." in page
    assert "Wye" not in page
    assert "1 of 2" in page
    assert "From week to week, 0\u00a0% to 100\u00a0% of partnerships had contact" in page


def test_contact_of_few_people_is_hidden(cast: Cast, two_tables: Cohort) -> None:
    set_threshold(cast.acme, 9)
    with tenant(cast.acme):
        weeks = weeks_until(two_tables, as_of())
        assert together(two_tables, weeks, 9, as_of()).headline == (
            "Contact by week is hidden: too few people"
        )
        assert together(two_tables, [], 9, as_of()).headline == "No contact yet"


def test_a_partnership_counts_in_the_weeks_in_which_it_was_open(
    cast: Cast, two_tables: Cohort
) -> None:
    with tenant(cast.acme, member=cast.cora.pk):
        axe = Partnership.objects.get(name="Axe")
        Partnership.objects.filter(pk=axe.pk).update(
            state="ended", ended_at=NOW - timedelta(weeks=4), starts_on=date(2026, 1, 12)
        )
        cohort, now = read(two_tables), as_of()
        shown = grid(cast.cora, cohort, weeks_until(cohort, now), now, "")
    words = next([w for _d, w in row.cells] for row in shown.rows if row.partnership.name == "Axe")
    assert (words[0], words[1], words[-4:]) == (
        "–",
        "no contact",
        ["no contact", "–", "–", "–"],
    )


def test_leading_month_by_month_of_circles_that_are_not_too_small(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in people(cast.acme, 7)])
        six = circle(cohort, [enrol(cohort, m) for m in people(cast.acme, 6, "Six")], "Sixfold")
        few = circle(cohort, [enrol(cohort, m) for m in people(cast.acme, 3, "Few")], "Threefold")
        seats = seats_of(table)
        lead(meet(table, date(2026, 3, 2), came="ppppppp"), seats[0])
        lead(meet(table, date(2026, 4, 6), came="ppppppp"), seats[1])
        lead(meet(table, date(2026, 5, 4), came="ppppppp"), seats[1])
        meet(six, date(2026, 5, 4), came="pppppp")
        meet(few, date(2026, 5, 4), came="ppp")
        led = circles(read(cohort), _chosen(), NOW)
    # the three are too few, and the six would follow from all and the seven
    assert (len(led.courses), led.hidden) == (1, 2)
    (course,) = led.courses
    assert course.headline == "Wye: from 14\u00a0% to 29\u00a0% of partners have led"
    assert [(when, words) for when, _figure, words in course.cells] == [
        ("March 2026", "14\u00a0%, 1/7"),
        ("April 2026", "29\u00a0%, 2/7"),
        ("May 2026", "29\u00a0%, 2/7"),
        ("June 2026", "29\u00a0%, 2/7"),
    ]
    page = get(sign_in(cast.hugo), url_of(cohort, "trends"))
    assert "2 circles are not shown" in page
    assert "Threefold" not in page
    assert course.headline in page


def test_mood_from_check_in_to_check_in(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in people(cast.acme, 6)])
        for place, seat in enumerate(seats_of(table)):
            for period, felt in ((1, 2 + place % 2), (3, 4 + place % 2)):
                due = TODAY - timedelta(weeks=8 - period)
                CheckIn.objects.filter(pk=ask(seat, period, due, due).pk).update(
                    mood=felt, progress=3
                )
    release(cast.acme)
    with tenant(cast.acme):
        mood, progress = answered(read(cohort), _chosen(), NOW)
    assert mood.headline == "Mood: from 2.50 to 4.50 of 5"
    bars = mood.drawing.bars
    assert [(bar.value, bar.mark) for bar in bars] == [("2.5", ""), ("", "×"), ("4.5", "")]
    assert progress.drawing is None  # all gave the same
