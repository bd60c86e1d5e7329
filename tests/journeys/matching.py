"""Matching as a coordinator does it: run, read, lock and forbid, run again, publish."""

from __future__ import annotations

import csv
import re
from collections import Counter

from tests.journeys.beginning import CSV
from tests.journeys.desk import Desk, emails
from tests.work import DISPATCH, catch_up, run

Line = dict[str, str]


def match_circles(desk: Desk, cohort: str) -> None:
    """Form circles of the 162 peers, keep two together and two apart, and publish that.

    The file has 168 peer rows: five without a usable e-mail are refused, one repeats another.
    """
    _run(desk, cohort, waiting=162)
    assert desk.heading("Run 1") == "Run 1: 23 circles"
    ceiling = re.search(r"of at most (\d+\.\d)", desk.main)
    assert ceiling
    assert 90 < float(ceiling[1]) < 100  # less than the end of the scale: it says something
    assert "Nobody is left over" in desk.main
    first = desk.download("Export these 23")
    _everybody_sits_once(first)
    desk.clean("first run of circles")

    one, beside, elsewhere = _three(first)
    _rule(desk, cohort, "Together", one, elsewhere)
    _rule(desk, cohort, "Never together", one, beside)
    desk.go(f"{cohort}matching/")
    desk.press("Run 1")
    desk.press("Publish 23 circles")
    assert "This run can no longer be published:" in desk.main
    names = " and ".join(_in_order(desk.main, one, elsewhere))
    assert f"{names} have been locked together since." in desk.main

    _run(desk, cohort, waiting=162)
    assert desk.heading("Run 2") == "Run 2: 23 circles"
    second = desk.download("Export these 23")
    _everybody_sits_once(second)
    circle = {line["name"]: line["number"] for line in second}
    assert circle[one] == circle[elsewhere]
    assert circle[one] != circle[beside]

    desk.press("Publish 23 circles")
    assert "162 people get an e-mail with the names of their partners." in desk.main
    desk.clean("before publishing")
    knowing(desk)
    desk.press("Publish 23 circles")
    assert desk.place == f"{cohort}partnerships/"
    assert "23 partnerships are published" in desk.page.locator("body").inner_text()
    assert len(emails("Your circle is")) == 0
    catch_up()
    assert len(emails("Your circle is")) == 162


def knowing(desk: Desk) -> None:
    """Confirm that some of a run rests on no answers, where it is asked."""
    for box in desk.page.locator("[name=knowing]").all():
        box.check()


def match_pairs(desk: Desk, cohort: str) -> None:
    """Pair 51 mentees with 36 mentors: exactly, because the engine proves what it finds."""
    desk.go(f"{cohort}matching/")
    desk.choose(policy="Nobody left out")
    _run(desk, cohort, waiting=70, go=False)
    assert desk.heading("Run 1") == "Run 1: 51 pairs"
    assert desk.proof() == (
        "Optimal: no other matching seats more people, and none of those scores higher. "
        "Score 2 968.0 of at most 2 968.0 (100.0 %)."
    )
    assert "1836 possible pairs, 1512 allowed." in desk.main
    assert "1 person left over" in desk.main
    assert "Tomás Mokoena Mentor. The rules leave nobody" in desk.main  # all 51 report to him
    desk.clean("first run of pairs")
    first = _pairs(desk.download("Export these 51"))
    assert len(first) == 51

    rows = desk.table("Proposals with scores and reasons")
    forbidden = desk.page.get_by_role("button", name="Never pair").first
    never = str(forbidden.get_attribute("aria-label")).removeprefix("Never pair ")
    forbidden.click()
    desk.page.get_by_text("from the next run on").first.wait_for()
    locked = desk.page.get_by_role("button", name="Lock ").nth(1)
    together = str(locked.get_attribute("aria-label")).removeprefix("Lock ")
    locked.click()
    desk.page.get_by_text("from the next run on").nth(1).wait_for()
    assert desk.table("Proposals with scores and reasons") != rows

    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="Run again").first.click()
    _finish(desk)
    assert desk.heading("Run 2") == "Run 2: 51 pairs"
    lines = desk.download("Export these 51")
    second = _pairs(lines)
    assert never not in {f"{mentee} with {mentor}" for mentee, mentor in second}
    assert together in {f"{mentee} and {mentor} together" for mentee, mentor in second}

    desk.press("Publish 51 pairs")
    knowing(desk)
    desk.press("Publish 51 pairs")
    assert desk.place == f"{cohort}partnerships/"
    desk.clean("published pairs")
    run(DISPATCH)
    paired = {line["e-mail"] for line in lines if line["number"]}
    assert {email.to[0] for email in emails("You are working with")} == paired
    assert len(emails("You are working with")) == len(paired)


def _run(desk: Desk, cohort: str, *, waiting: int, go: bool = True) -> None:
    if go:
        desk.go(f"{cohort}matching/")
    too_who_have_not_accepted(desk, waiting)
    desk.press("Run matching")
    _finish(desk)


def too_who_have_not_accepted(desk: Desk, people: int) -> None:
    """Match those too whom a file brought in, and who have accepted no expectations yet."""
    assert f"{people} people have not accepted the expectations." in desk.main
    with desk.page.expect_response("**/counts/*"):
        desk.page.locator("[name=unaccepted_too]").check()
    desk.page.locator("#waiting", has_text=re.compile(r"\d")).wait_for()


def _finish(desk: Desk) -> None:
    """Let a worker compute the run; the page fetches itself until it shows the result."""
    desk.page.get_by_role("button", name="Stop").wait_for()
    # its time runs from here: a worker may compile first what it computes with
    with desk.page.expect_navigation(timeout=60_000):
        catch_up()


def _rule(desk: Desk, cohort: str, kind: str, one: str, other: str) -> None:
    desk.go(f"{cohort}matching/")
    desk.page.get_by_text("Add a pair rule").click()
    desk.choose(kind=kind)
    for label, name in (("First person", one), ("Second person", other)):
        desk.page.get_by_label(label).fill(name)
    desk.press("Keep this rule")
    said = {f"{one} and {other} {kind}", f"{other} and {one} {kind}"}
    assert any(words in desk.main for words in said), (said, desk.main)


def _everybody_sits_once(lines: list[Line]) -> None:
    """Hold a run of circles to its promise: each of 162 people once, at even tables."""
    assert len({line["e-mail"] for line in lines}) == len(lines) == 162
    assert {line["left over because"] for line in lines} == {""}
    sizes = Counter(Counter(line["number"] for line in lines).values())
    assert sizes == {7: 22, 8: 1}


def _in_order(words: str, one: str, other: str) -> list[str]:
    """Two names in the order in which a text has them: a rule keeps no first and second."""
    return sorted((one, other), key=words.index)


def _three(lines: list[Line]) -> tuple[str, str, str]:
    """Somebody, one beside them and one of another circle, whose names nobody else has.

    None of them leads anybody: two of one reporting line could not be locked together.
    """
    with CSV.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    leaders = {row["Manager ID"].strip() for row in rows}
    leading = {row["Work Email"].strip().lower() for row in rows if row["Employee ID"] in leaders}
    bearers = Counter(line["name"] for line in lines)
    known = [line for line in lines if bearers[line["name"]] == 1 and line["e-mail"] not in leading]
    circles = Counter(line["number"] for line in known)
    one = next(line for line in known if circles[line["number"]] > 1)
    beside = next(each for each in known if each["number"] == one["number"] and each is not one)
    elsewhere = next(each for each in known if each["number"] != one["number"])
    return one["name"], beside["name"], elsewhere["name"]


def _pairs(lines: list[Line]) -> list[tuple[str, str]]:
    """Mentee and mentor of each pair in the CSV of a run."""
    seated = [line for line in lines if line["number"]]
    by_part = {(line["number"], line["part"]): line["name"] for line in seated}
    numbers = sorted({line["number"] for line in seated}, key=int)
    return [(by_part[number, "mentee"], by_part[number, "mentor"]) for number in numbers]
