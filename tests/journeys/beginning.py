"""How a program begins: sign up, make programs, open cohorts, bring the people in."""

from __future__ import annotations

import re
from pathlib import Path

from django.core import mail

from tests.journeys.desk import Desk, text_of
from tests.work import catch_up, run

CSV = Path(__file__).parents[1] / "data" / "leadership-circles.csv"
HOME = "/o/northwind/"

# Why these numbers: tests/programs/importing/test_leadership_circles.py judges each row by hand.
VERDICTS = {
    "new": "232",
    "changed": "0",
    "same": "2",
    "leaves": "0",
    "question": "0",
    "refused": "10",
}
AGAIN = VERDICTS | {"new": "0", "same": "234"}
WARNED = {"with a warning": "17"}


def sign_up(desk: Desk) -> None:
    """Open an organisation with the code that came by mail; its home says what to do next."""
    desk.go("/account/signup/")
    desk.fill(
        organisation_name="Northwind",
        given_name="Ona",
        family_name="Berg",
        email="ona.berg@northwind.example",
    )
    desk.page.locator("[name=time_zone]").select_option("Europe/Berlin")
    desk.press("Send me a code")
    assert desk.title == "Is this your e-mail?"
    run("notifications.send_sign_in")
    email = str(mail.outbox[-1].body)
    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", email, re.M)
    assert code, email
    desk.fill(code=code[1])
    desk.press("Go on")
    assert desk.place == HOME
    assert desk.title == "Hello, Ona. Begin with a program."
    assert "No cohort yet" in desk.main
    desk.clean("empty home")
    desk.press("Make a program")
    assert desk.title == "Make a program"


def open_a_cohort(desk: Desk, template: str, name: str) -> str:
    """Make a program from a template and open its first cohort; return the cohort's path."""
    desk.go(f"{HOME}programs/new/")
    desk.page.get_by_role("radio", name=template).check()
    desk.fill(name=template)
    desk.press("Make the program")
    assert desk.title == f"Set up {template}"
    for _step in range(5):  # purpose, who, rhythm, pairing, feedback: as the template says
        desk.press("Save and go on")
    desk.press("Go on")  # training: as the template says
    desk.press("Open a cohort")
    desk.fill(name=name, starts_on="2026-03-02", ends_on="2026-08-28")
    desk.press("Open the cohort")
    assert desk.title == f"{template}, {name}"
    assert "Nobody is here yet." in desk.main
    return desk.place


def import_people(desk: Desk) -> None:
    """Take the file from upload to report: 232 of its 244 rows are people."""
    desk.go(f"{HOME}people/imports/")
    _upload(desk)
    guessed = {
        name: text_of(desk.page.locator(f"select[name={name}] option:checked").inner_text())
        for name in ("email", "manager", "part", "capacity", "availability")
    }
    assert guessed == {
        "email": "Work Email",
        "manager": "Manager ID",
        "part": "Role in programme",
        "capacity": "Max mentees",
        "availability": "Availability",
    }
    desk.choose(peer="Leadership circles, Spring circles", mentor="Mentor and mentee, Spring pairs")
    _preview(desk)

    assert desk.title == "What happens to 244 rows"
    assert desk.chips() == {"All rows": "244", **VERDICTS, **WARNED}
    assert "The file names 162 peers and 70 mentors and mentees." in desk.main
    desk.clean("preview")
    desk.press("Import 232 people")

    assert desk.title == "Being applied"
    _wait(desk)
    assert desk.title == "232 new people, 0 changed"
    assert desk.facts() == {**VERDICTS, "With a place": "232"}
    assert len(desk.table("Rows with problems")) == 29
    desk.clean("report of the import")


def import_them_again(desk: Desk) -> None:
    """Upload the same file again: nobody is new, nobody changes, nobody enrols twice."""
    desk.go(f"{HOME}people/imports/")
    _upload(desk)
    desk.choose(peer="Leadership circles, Spring circles", mentor="Mentor and mentee, Spring pairs")
    _preview(desk)
    assert desk.chips() == {"All rows": "244", **AGAIN, **WARNED}
    desk.press("Import 0 people")
    _wait(desk)
    assert desk.title == "0 new people, 0 changed"
    assert desk.facts() == {**AGAIN, "With a place": "0"}


def _upload(desk: Desk) -> None:
    desk.press("Import people")
    desk.page.locator("[name=file]").set_input_files(CSV)
    desk.press("Upload and read the file")
    _wait(desk)
    assert desk.title == "Which column is which?"


def _preview(desk: Desk) -> None:
    """Show what would happen; the chosen programs ask for columns of their own first."""
    desk.press("Show what would happen")
    assert "The program asks questions of its own." in desk.main
    desk.press("Show what would happen")
    _wait(desk)


def _wait(desk: Desk) -> None:
    """Let the worker do its job, and the page that watches it lead on by itself."""
    desk.page.get_by_role("button", name="Stop").wait_for()
    before = desk.title
    catch_up()
    script = "before => document.querySelector('h1').innerText !== before"
    desk.page.wait_for_function(script, arg=before)


def close_enrolment(desk: Desk, cohort: str, *, people: int, parts: str) -> None:
    """Take a cohort from draft to matching; its people are those whose rows were good."""
    desk.go(cohort)
    desk.press("Check, and open enrolment")
    desk.page.locator("main form [type=submit]").last.click()
    desk.page.wait_for_url(f"**{cohort}")
    assert desk.facts()["Accepted"] == str(people)
    assert parts in desk.main
    desk.press("Close enrolment, begin matching")
    desk.page.locator("main form [type=submit]").last.click()
    desk.page.wait_for_url(f"**{cohort}")
    assert f"Match {people} people" in desk.main
