"""The set-up as it is seen and pressed: both widths, both themes, no complaint of axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from core.tenancy.context import tenant
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import designs, parts
from tests.browser import chromium, window
from tests.cast import make_cast, make_member
from tests.journeys.desk import Desk, emails, link_in
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.work import DISPATCH, run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


STEPS = ("purpose", "who", "rhythm", "pairing", "feedback")


@pytest.mark.parametrize("width", [390, 1280])
def test_from_nothing_to_an_open_enrolment_in_twelve_presses(
    live_server: LiveServer, browser: Browser, width: int
) -> None:
    cast = make_cast()
    with window(browser, live_server.url, who=cast.cora, width=width) as watched:
        desk, presses = Desk(watched, live_server.url), 0
        desk.go("/o/acme/programs/new/")
        desk.clean(f"new-program-{width}")
        desk.page.get_by_role("radio", name="New-leader buddies").check()
        desk.fill(name="Buddies")
        desk.press("Make the program")
        presses += 2
        for step in STEPS:
            assert desk.page.locator(".tabs [aria-current]").inner_text().lower() == step
            desk.clean(f"set-up-{step}-{width}")
            desk.press("Save and go on")
            presses += 1
        desk.clean(f"set-up-training-{width}")
        desk.press("Go on")
        presses += 1
        desk.clean(f"set-up-review-{width}")
        desk.press("Open a cohort")
        desk.fill(name="First", starts_on="2027-01-11", ends_on="2027-04-12")
        desk.press("Open the cohort")
        presses += 2
        with tenant(cast.acme):
            cohort = Cohort.objects.get()
        desk.go(f"{cohort.get_absolute_url()}move/?to=enrolling")
        desk.page.locator("main form button[type=submit]").first.click()
        desk.page.wait_for_load_state()
        presses += 2
        with tenant(cast.acme):
            assert Cohort.objects.get().phase == "enrolling"
        assert presses == 12


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_around_the_design_give_no_cause_for_complaint(
    live_server: LiveServer, browser: Browser, width: int
) -> None:
    cast = make_cast()
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    make_program(cast.acme, "Circles")
    cohort = make_cohort(program)
    make_enrolment(cohort, make_member(cast.acme, "Silent"), "mentor")
    with tenant(cast.acme):
        yes_no = [{"key": "yes", "name": "Yes"}, {"key": "no", "name": "No"}]
        said = {"program": program, "by": cast.cora}
        travels = parts.save_question(kind="choice", label="Do you travel?", options=yes_no, **said)
        parts.save_question(
            kind="short_text", label="Where to?", only_if=f"{travels.key}=yes", **said
        )
        program = Program.objects.select_related("organisation").get(pk=program.pk)
        objective = program.objectives.get(metric="satisfied")
    pages = {
        "design": program.pk,
        "edit_season": program.pk,
        "preview_enrolment": program.pk,
        "question_bank": program.pk,
        "new_objective": program.pk,
        "edit_objective": objective.pk,
        "remind_unanswered": cohort.pk,
        "program": program.pk,
    }
    with window(browser, live_server.url, who=cast.cora, width=width) as watched:
        desk = Desk(watched, live_server.url)
        for name, pk in pages.items():
            desk.go(reverse(f"programs:{name}", args=["acme", pk]))
            desk.clean(f"{name}-{width}")
        desk.go(reverse("programs:import_design", args=["acme"]))
        desk.clean(f"import-design-{width}")
        desk.go(reverse("programs:preview_enrolment", args=["acme", program.pk]))
        where = desk.page.get_by_label("Where to?")
        expect(where).to_be_hidden()
        desk.page.get_by_label("Yes", exact=True).check()
        expect(where).to_be_visible()


def test_a_question_is_dragged_to_its_place(live_server: LiveServer, browser: Browser) -> None:
    cast = make_cast()
    program = make_program(cast.acme)
    with tenant(cast.acme):
        before = [question.label for question in program.questions.all()]
    with window(browser, live_server.url, who=cast.cora) as watched:
        desk = Desk(watched, live_server.url)
        desk.go(reverse("programs:design", args=["acme", program.pk]))
        rows = desk.page.locator("[data-order] > li")
        rows.nth(3).scroll_into_view_if_needed()  # a page that scrolls under the hand drags nothing
        with desk.page.expect_navigation():
            rows.nth(0).drag_to(rows.nth(2))
        labels = desk.page.locator("[data-order] > li a").all_inner_texts()
        assert labels == [*before[1:3], before[0], *before[3:]]
        desk.clean("design after a drag")


@pytest.mark.parametrize("width", [390, 1280])
def test_selecting_mentors_gives_no_cause_for_complaint(
    live_server: LiveServer, browser: Browser, width: int
) -> None:
    cast = make_cast()
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    with tenant(cast.acme):
        designs.edit_program(program=program, mentor_criteria="Two years here.", by=cast.cora)
    cohort = make_cohort(program)
    with window(browser, live_server.url, who=cast.petra, width=width) as watched:
        desk = Desk(watched, live_server.url)
        desk.go(reverse("programs:join", args=["acme", cohort.pk]) + "?part=mentor")
        desk.clean(f"join-selected-{width}")
        desk.page.get_by_label("I accept these expectations").check()
        desk.press("Apply")
        desk.clean(f"candidacy-{width}")
        desk.fill(statement="I led the move.", manager_address="dana@elsewhere.example")
        desk.press("Ask my manager")
        desk.clean(f"candidacy-asked-{width}")
        desk.go("/o/acme/")
        desk.clean(f"home-candidate-{width}")
    run(DISPATCH)
    (asked,) = emails("Petra Acme would like", to="dana@elsewhere.example")
    with tenant(cast.acme):
        enrolment = Enrolment.objects.get(cohort=cohort)
    with window(browser, live_server.url, width=width) as watched:
        desk = Desk(watched, live_server.url)
        desk.go(link_in(asked))
        desk.clean(f"manager-{width}")
        desk.page.get_by_label("Yes, they can take the time for it").check()
        desk.press("Send my answer")
        assert "Thank you" in desk.title
        desk.clean(f"manager-answered-{width}")
    with window(browser, live_server.url, who=cast.cora, width=width) as watched:
        desk = Desk(watched, live_server.url)
        desk.go(reverse("programs:enrolment", args=["acme", enrolment.pk]))
        assert "yes, on" in desk.main
        desk.clean(f"enrolment-selected-{width}")
