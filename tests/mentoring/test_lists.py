"""Every list is the same: chips count its rows, its file has them, "more" adds, `?q=` narrows."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.common import pages
from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session
from tests.cast import Cast, make_member, sign_in
from tests.programs.build import make_application, make_enrolment
from tests.sessions.build import NOON, make_cohort, make_partnership, plan

ROOT = Path(__file__).resolve().parents[2]
LATER = NOON + timedelta(days=20)
BERLIN = ZoneInfo("Europe/Berlin")

ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CHIP = re.compile(r'<a class="chip" href="([^"]*)"([^>]*)>\s*(.*?)\s*</a>', re.DOTALL)
MORE = re.compile(r'<a class="button" href="([^"]*)" rel="next"(.*?)</a>', re.DOTALL)
EXPORT = re.compile(
    r'<a class="button plain" href="([^"]*)">(?:(?!</a>).)*?Export (?:this|these)\s+(\d+)',
    re.DOTALL,
)
HEAD = re.compile(r'<a class="sort" href="([^"]*)"')


@dataclass(frozen=True)
class List:
    """A page with a list: its URL name, words that find one row, and of its file what a row is."""

    name: str
    q: str
    line: Callable[[dict[str, str]], object]


LISTS = [
    List("accounts:people", "zuzu", lambda line: line["email"]),
    List("programs:cohort_people", "zuzu", lambda line: line["Work e-mail"]),
    List("pairing:partnerships", "zuzu", lambda line: line["partnership"]),
    List("sessions:cohort_sessions", "zuzu", lambda line: (line["partnership"], line["number"])),
]
each_list = pytest.mark.parametrize("of", LISTS, ids=lambda of: of.name)


@pytest.fixture
def cohort(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cohort:
    """A cohort with more of everything than fits on one page, in several states."""
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    with time_machine.travel(NOON, tick=False):
        cohort = make_cohort(cast.acme, sessions_planned=4)
        pairs = (("Ada", "Bo"), ("Cy", "Zuzu"), ("Di", "Ed"), ("Fi", "Gus"))
        for number, names in enumerate(pairs):
            people = [
                make_member(cast.acme, name, department=("Tide", "Wind")[number % 2], level="L3")
                for name in names
            ]
            plan(make_partnership(cohort, people, name=f"Circle {number}"))
        with tenant(cast.acme):
            Cohort.objects.filter(pk=cohort.pk).update(phase=Cohort.Phase.ENROLLING)
            cohort.refresh_from_db()
        make_application(cohort, cast.petra)
        make_application(cohort, make_member(cast.acme, "Hal", live=False, location="Pune"))
        make_enrolment(cohort, cast.pavel)
        with tenant(cast.acme):
            Cohort.objects.filter(pk=cohort.pk).update(phase=Cohort.Phase.RUNNING)
            last = Partnership.objects.get(name="Circle 3")
            Partnership.objects.filter(pk=last.pk).update(
                state=Partnership.State.ENDED, ended_at=NOON, end_reason="fit"
            )
    return cohort


def address_of(of: List, cohort: Cohort) -> str:
    args = ["acme"] if of.name == "accounts:people" else ["acme", cohort.pk]
    return reverse(of.name, args=args)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(iter(answer)).decode()


def rows_of(page: str) -> list[str]:
    body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return ROW.findall(body)


def all_rows(client: Client, address: str) -> list[str]:
    """Go on to the end of a list, as the button does: rows are added below those that are there."""
    page = read(client, address)
    rows = rows_of(page)
    while more := MORE.search(page):
        link, how = more.groups()
        table = re.search(r'hx-target="#([a-z]+) tbody"', how)
        assert table, "more replaces the page"
        assert 'hx-swap="beforeend"' in how
        assert f'id="{table[1]}"' in page
        assert f'hx-select-oob="#more-{table[1]}"' in how
        page = read(client, html.unescape(link))
        rows += rows_of(page)
    assert len(rows) == len(set(rows)), "a row twice"
    return rows


def chips_of(page: str) -> list[tuple[str, int, bool]]:
    """Return each chip that counts: its address, its number, and whether it is on."""
    found = []
    for link, more, words in CHIP.findall(page):
        if number := re.search(r"(\d+)$", words.strip()):
            found.append((html.unescape(link), int(number[1]), "aria-current" in more))
    return found


def file_of(client: Client, page: str) -> tuple[int, list[dict[str, str]]]:
    link, number = EXPORT.findall(page)[0]
    return int(number), list(csv.DictReader(io.StringIO(read(client, html.unescape(link)))))


@each_list
def test_each_chip_counts_the_rows_that_it_shows_and_the_file_has_these(cast, cohort, of):
    cora = sign_in(cast.cora)
    with time_machine.travel(LATER, tick=False):
        chips = chips_of(read(cora, address_of(of, cohort)))
        assert len(chips) > 2
        for link, number, _current in chips:
            page = read(cora, link)
            if not number:
                assert "Export th" not in page, "the file of nothing is offered"
                continue
            assert len(all_rows(cora, link)) == number, link
            offered, lines = file_of(cora, page)
            in_file = {of.line(line) for line in lines}
            assert (offered, len(in_file)) == (number, number), link
            assert next(n for _link, n, current in chips_of(page) if current) == number


@each_list
def test_words_in_the_address_narrow_a_list_its_numbers_and_its_file(cast, cohort, of):
    cora = sign_in(cast.cora)
    with time_machine.travel(LATER, tick=False):
        page = read(cora, f"{address_of(of, cohort)}?q={of.q}")
        rows = all_rows(cora, f"{address_of(of, cohort)}?q={of.q}")
        offered, lines = file_of(cora, page)
        assert 0 < len(rows) == offered == len({of.line(line) for line in lines}) < 5
        assert chips_of(page)[0][1] == len(rows)
        nothing = read(cora, f"{address_of(of, cohort)}?q=nobodyatall")
        assert rows_of(nothing) == []
        assert "Show all" in nothing or "Show everybody" in nothing


@pytest.mark.slow
@each_list
def test_heads_of_columns_order_the_whole_list_and_its_file(cast, cohort, of):
    cora = sign_in(cast.cora)
    with time_machine.travel(LATER, tick=False):
        whole = all_rows(cora, address_of(of, cohort))
        heads = HEAD.findall(read(cora, address_of(of, cohort)))
        assert len(heads) > 2
        for head in map(html.unescape, heads):
            page = read(cora, head)
            assert 'aria-sort="' in page
            assert sorted(all_rows(cora, head)) == sorted(whole)


def test_people_are_narrowed_by_what_they_are_and_what_they_did(cast, cohort):
    cora = sign_in(cast.cora)
    address = reverse("programs:cohort_people", args=["acme", cohort.pk])

    def number(query: str) -> int:
        return len(all_rows(cora, f"{address}?{query}"))

    assert number("") == 11
    assert number("department=Tide") == 4
    assert number("level=L3&department=Wind&q=zuzu") == 1
    assert number("location=Pune") == 1
    assert number("invited=never") == 1
    assert (number("answered=yes"), number("answered=no")) == (11, 0)
    with tenant(cast.acme):
        cohort.program.questions.create(key="why", kind="short_text", label="Why?", required=True)
    assert (number("answered=yes"), number("answered=no")) == (0, 11)


def test_after_a_decision_the_numbers_are_those_of_a_reload(cast, cohort):
    cora = sign_in(cast.cora)
    address = reverse("programs:cohort_people", args=["acme", cohort.pk]) + "?state=applied"
    with tenant(cast.acme):
        one = Enrolment.objects.get(cohort=cohort, member=cast.petra)

    answer = cora.post(
        reverse("programs:accept_enrolment", args=["acme", one.pk]),
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}"},
    ).content.decode()

    page = read(cora, address)
    assert chips_of(answer) == chips_of(page)
    assert next(n for _link, n, current in chips_of(page) if current) == 1
    assert EXPORT.findall(answer) == EXPORT.findall(page)
    for part in ("people-chips", "people-export", "all-people"):
        assert re.search(rf'id="{part}" hx-swap-oob="true"', answer), part


def test_all_that_match_are_more_than_a_page_and_each_is_named_before(cast, cohort):
    cora = sign_in(cast.cora)
    people = reverse("programs:cohort_people", args=["acme", cohort.pk]) + "?state=active"
    assert "Choose all 8 that match" in read(cora, people)

    decide = reverse("programs:decide_people", args=["acme", cohort.pk]) + "?state=active"
    page = cora.post(decide, {"decision": "withdraw", "all": "yes"}).content.decode()

    assert "Take 8 people out of the cohort?" in page
    assert page.count('name="enrolment"') == 8

    invite = reverse("people:invite_from_cohort", args=["acme", cohort.pk])
    page = cora.post(f"{invite}?location=Pune", {"all": "yes"}).content.decode()
    assert "1 person gets a first invitation." in page
    pk = Member.objects.filter(given_name="Hal").values_list("pk", flat=True)
    with tenant(cast.acme):
        sent = cora.post(f"{invite}?location=Pune", {"confirm": "yes", "person": [str(pk[0])]})
    assert sent["Location"].endswith("?location=Pune")


def test_sessions_begin_with_today_and_go_on_to_what_is_past(cast, cohort):
    cora = sign_in(cast.cora)
    address = reverse("sessions:cohort_sessions", args=["acme", cohort.pk])
    now = NOON + timedelta(days=30)
    with tenant(cast.acme):
        times = list(Session.objects.order_by("starts_at").values_list("starts_at", flat=True))
    coming = [at for at in times if at >= now.replace(hour=0)]
    past = [at for at in times if at < now.replace(hour=0)]
    assert coming
    assert past
    with time_machine.travel(now, tick=False):
        rows = all_rows(cora, address)
        page = read(cora, address)
    wanted = [f"{at.astimezone(BERLIN):%-d %b %Y, %H:%M}" for at in [*coming, *reversed(past)]]
    assert [re.search(r"\d+ \w+ \d{4}, \d\d:\d\d", row)[0] for row in rows] == wanted
    assert "Times are Berlin time." in page


def test_who_is_enrolled_is_one_number_on_every_page(cast, cohort):
    """Accepted once, whatever came of it: Programs, home, insights and the report say the same."""
    with tenant(cast.acme):
        one = Enrolment.objects.filter(cohort=cohort, state="active").first()
        Enrolment.objects.filter(pk=one.pk).update(state="withdrawn", ended_at=NOON)
    cora = sign_in(cast.cora)
    programs = read(cora, reverse("programs:programs", args=["acme"]))
    home = read(cora, reverse("home", args=["acme"]))
    insights = read(cora, reverse("metrics:insights", args=["acme"]))
    assert re.search(r'data-label="Enrolled">9<', programs)
    assert _fact(home, "Enrolled") == "9"
    assert re.search(r'data-label="Enrolled">\s*(?:<[^>]*>\s*)*9\b', insights)
    report = read(cora, reverse("metrics:report", args=["acme", cohort.pk]))
    assert _fact(report, "Enrolled") == "9"


def _fact(page: str, label: str) -> str:
    return re.search(rf"{label}\s*(?:<[^>]*>\s*)*(\d+)", page)[1]


TABS = (
    "programs:cohort",
    "programs:cohort_people",
    "pairing:matching",
    "pairing:waiting",
    "pairing:partnerships",
    "sessions:cohort_sessions",
    "feedback:cohort_check_ins",
    "metrics:report",
)


@pytest.mark.parametrize("name", TABS)
def test_a_cohort_has_one_title_and_its_phases_on_every_tab(cast, cohort, name):
    page = read(sign_in(cast.cora), reverse(name, args=["acme", cohort.pk]))
    assert re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", page, re.DOTALL) == [str(cohort)]
    assert re.search(rf"<title>\s*[\w-]+ · {re.escape(str(cohort))} ·", page)
    assert page.count('class="phases"') == 1


def test_no_list_replaces_its_rows_by_the_next():
    """Every button "more" says to which table it adds."""
    loose = [
        f"{path.relative_to(ROOT)}: {tag}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if path.parent.name not in {"cotton", "kit"}
        for tag in re.findall(r"<c-pager\b.*?/>", path.read_text(), re.DOTALL)
        if "more=" in tag and "adds=" not in tag
    ]
    assert loose == []
