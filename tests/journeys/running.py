"""A cohort under way: the table, a session, check-ins, and the figures they make."""

from __future__ import annotations

from django.core.mail import EmailMessage

from tests.journeys.beginning import HOME
from tests.journeys.desk import Desk, emails, link_in, read_api, said
from tests.work import catch_up

MET, NOT_MET = "How did it go with", "Have you met with"
REMINDERS = "Reminder: how did it go", "Reminder: have you met"  # and none to record a session
FIGURE = {"key": "figure"}  # what REST calls key is the figure's column in the CSV


def sit_down(desk: Desk, cohort: str) -> None:
    """Open the first circle: its people at the table, and a season of turns in the grid."""
    desk.go(f"{cohort}partnerships/")
    rows = desk.table("Partnerships")
    assert len(rows) == 23
    desk.press(rows[0][0])
    desk.page.locator("#season").wait_for()  # fetched by itself from the sessions' app
    people = desk.page.locator("section[aria-labelledby=people] li").count()
    assert people in {7, 8}
    assert f"{people} members" in desk.main
    grid = desk.page.locator(".season table")
    assert grid.locator("thead th").count() == 8
    assert grid.locator("tbody tr").count() == people
    assert grid.locator(".turn").count() == 8 * 4  # four roles in each of eight sessions
    assert grid.locator(".turn.lead").count() == 8
    assert desk.facts()["Most turns to lead minus fewest"].startswith("0" if people == 8 else "1")
    desk.clean("partnership")


def record_a_session(desk: Desk, cohort: str) -> int:
    """Write down yesterday's first session: one was excused, one did not come, the others did.

    Returns how many people the circle has.
    """
    catch_up()
    desk.go(f"{cohort}sessions/?order=starts_at")
    when, _circle, state, presence = desk.table("Sessions of this cohort")[0]
    assert when.startswith("Wed 4 Mar 2026, ")
    assert (state, presence) == ("To be recorded", "not yet")
    desk.press(when)
    desk.clean("session to record")
    # whoever leads comes: the figures count who has led
    lead = desk.page.locator("section[aria-labelledby=session-roles] .person b").inner_text()
    rows = desk.page.locator("section[aria-labelledby=session-record] fieldset")
    people = rows.count()
    others = [place for place in range(people) if lead not in rows.nth(place).inner_text()]
    assert len(others) == people - 1
    came = ["Present"] * people  # nobody is taken to have been there who has not said so
    came[others[0]], came[others[1]] = "Excused", "Absent"
    for place, words in enumerate(came):
        rows.nth(place).get_by_text(words, exact=True).click()
    desk.press("Record this session")
    badges = desk.page.locator("section[aria-labelledby=session-people] .badge")
    assert badges.all_inner_texts() == came
    desk.clean("recorded session")
    return people


def check_ins_open(desk: Desk, cohort: str) -> EmailMessage:
    """After two weeks everybody in a circle is asked; return an e-mail to one who has met."""
    assert emails(MET) == emails(NOT_MET) == []
    catch_up()
    asked = [*emails(MET), *emails(NOT_MET)]
    assert len(asked) == len({str(email.to) for email in asked}) == 162
    desk.go(f"{cohort}check-ins/")
    assert "0 of 162 check-ins are answered so far" in desk.main
    return asked[0]


def answer(phone: Desk, email: EmailMessage) -> None:
    """Answer from the link of an e-mail, on a phone, without signing in."""
    phone.go(link_in(email))
    assert phone.title.startswith("How did it go, ")
    phone.clean("check-in on a phone")
    for words in ("Yes", "Good", "Partly", "Time"):
        phone.page.get_by_text(words, exact=True).click()
    phone.press("Send my check-in")
    assert phone.title.startswith("Thank you, ")
    assert phone.title.endswith(". That is all.")
    phone.clean("thanks on a phone")


def only_the_silent_are_reminded(desk: Desk, cohort: str, answered: EmailMessage) -> None:
    """Three days later 161 people hear again, and the one who answered does not."""
    catch_up()
    reminded = [email for words in REMINDERS for email in emails(words)]
    assert len(reminded) == 161
    assert answered.to not in [email.to for email in reminded]
    desk.go(f"{cohort}check-ins/")
    assert "1 of 162 check-ins are answered so far" in desk.main


def figures_agree(desk: Desk, cohort: str, *, people: int) -> None:
    """The figures say what has happened, and page, CSV and REST say them to the last digit."""
    catch_up()
    desk.go(f"{cohort}sessions/")
    sessions = desk.chips()
    assert sessions["Held"] == "1"
    passed = 1 + int(sessions["Missed"])

    desk.go(f"{cohort}report/")
    facts = desk.facts()
    expected = {
        "Enrolled": "162",
        "Matched now": "100 % 162 of 162 · 100 % at some time",
        "Sessions held": f"{100 / passed:.0f} % 1 of {passed}",
        "Attendance": f"{100 * (people - 2) / people:.0f} % {people - 2} of {people}",
        "Check-ins answered": "1 % 1 of 162",
        "Days to a partner": "0.0 162 people with a partner",
        "Partners who have led": f"{100 / people:.0f} % 1 of {people}",
        "Widest gap in turns to lead": f"1 {people} people",
    }
    assert {name: facts[name] for name in expected} == expected
    # nobody has decided yet: that is no data, and never 0 %; of answers none reads as too few, and
    # one partnership that is over, or one answer, is too few to say anything of
    assert {
        words.partition(" yet")[0] for name, words in facts.items() if name not in expected
    } == {"no data", "hidden too few answers", "hidden too few people"}
    assert f"Of 162 who applied, {people - 2} have met" in desk.main
    assert "After 4 weeks 100 % were still active" in desk.main
    assert "Competencies before and after: too few answers" in desk.main
    desk.clean("report")

    on_page = desk.figures()
    lines = desk.download("Export the figures")
    in_csv = {(line["figure"], line["part"]): line for line in lines}
    assert len(in_csv) == len(lines)
    assert on_page == {mark: in_csv[mark]["value"] for mark in on_page}
    assert {"retention"} == {key for key, part in set(in_csv) - set(on_page)}

    token = _make_a_token(desk)
    address = f"{desk.address}/api/v1/figures/?cohort={cohort.split('/')[-2]}"
    (found,) = read_api(address, token)["results"]
    assert [{name: said(each[name]) for name in each} for each in found["figures"]] == [
        {name: line[FIGURE.get(name, name)] for name in found["figures"][0]} for line in lines
    ]


def _make_a_token(desk: Desk) -> str:
    """Make a token that may read figures, in the browser; return its secret."""
    desk.go(f"{HOME}settings/tokens/")
    desk.fill(name="Data warehouse")
    desk.page.get_by_label("Read figures").check()
    desk.press("Make the token")
    return desk.page.locator("#secret").input_value()
