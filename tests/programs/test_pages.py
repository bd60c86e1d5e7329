"""The pages of programs: who may, what they cost, what they keep of what was typed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import parts
from tests.cast import make_member, sign_in
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program

PROGRAM_PAGES = (
    "program",
    "design",
    "edit_agenda",
    "new_cohort",
    "new_competency",
    "new_meeting_role",
    "new_question",
    "new_criterion",
    "new_objective",
    "edit_season",
    "set_up_purpose",
    "set_up_review",
    "preview_enrolment",
)
COHORT_PAGES = ("cohort", "edit_cohort", "cohort_people", "enrol_person", "people_csv")


def url(name: str, *args: object, organisation: str = "acme") -> str:
    return reverse(f"programs:{name}", args=[organisation, *args])


def read(answer) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()
    return answer.content.decode()


def statements(client, address: str) -> int:
    client.get(address)  # the first page of a session stores it
    with CaptureQueriesContext(connection) as found:
        answer = client.get(address)
        assert answer.status_code == 200
        read(answer)
    return len(found)


def who_may(cast, address: str, **expected: int) -> None:
    found = {name: sign_in(getattr(cast, name)).get(address).status_code for name in expected}
    assert found == expected


@pytest.fixture
def program(cast):
    return make_program(cast.acme)


@pytest.fixture
def cohort(program):
    return make_cohort(program)


@pytest.mark.parametrize("name", ["programs", "new_program"])
def test_who_may_see_programs(cast, name):
    who_may(cast, url(name), olga=200, cora=200, hugo=403, petra=403, gina=404)


@pytest.mark.parametrize("name", PROGRAM_PAGES)
def test_who_may_see_a_program(cast, program, name):
    who_may(cast, url(name, program.pk), cora=200, hugo=403, petra=403, gina=404)
    other = url(name, program.pk, organisation="globex")
    assert sign_in(cast.gina).get(other).status_code == 404


@pytest.mark.parametrize("name", COHORT_PAGES)
def test_who_may_see_a_cohort(cast, cohort, name):
    make_application(cohort, cast.petra)
    who_may(cast, url(name, cohort.pk), cora=200, hugo=403, petra=403, gina=404)
    other = url(name, cohort.pk, organisation="globex")
    assert sign_in(cast.gina).get(other).status_code == 404


def test_everybody_may_join_an_open_cohort_and_no_other(cast, program, cohort):
    who_may(cast, url("join", cohort.pk), cora=200, hugo=200, petra=200, greta=404)
    draft = make_cohort(program, "Draft", phase="draft")
    who_may(cast, url("join", draft.pk), cora=200, petra=404)


def test_all_templates_are_shown_with_one_reading_of_the_lessons(cast):
    cora = sign_in(cast.cora)
    with CaptureQueriesContext(connection) as found:
        assert "What the templates bring" in cora.get(url("new_program")).text
    assert sum("programs_lessonversion" in one["sql"] for one in found) == 1


def test_a_list_of_programs_costs_the_same_for_one_and_three(cast, program):
    make_enrolment(make_cohort(program), cast.petra)
    cora = sign_in(cast.cora)
    one = statements(cora, url("programs"))
    for name in ("Second", "Third"):
        make_application(make_cohort(make_program(cast.acme, name)), cast.petra)
    assert statements(cora, url("programs")) == one


@pytest.mark.parametrize("name", ["cohort", "cohort_people", "people_csv"])
def test_people_cost_the_same_for_one_and_three(cast, cohort, name):
    cora = sign_in(cast.cora)
    make_application(cohort, cast.petra)
    one = statements(cora, url(name, cohort.pk))
    make_application(cohort, cast.pavel)
    make_enrolment(cohort, make_member(cast.acme, "Ada", live=False))
    assert statements(cora, url(name, cohort.pk)) == one


def test_a_program_page_costs_the_same_for_one_and_three_cohorts(cast, program, cohort):
    cora = sign_in(cast.cora)
    one = statements(cora, url("program", program.pk))
    make_cohort(program, "B")
    make_cohort(program, "C")
    assert statements(cora, url("program", program.pk)) == one


def test_a_program_is_made_changed_copied_and_archived_by_its_pages(cast):
    cora = sign_in(cast.cora)
    made = cora.post(url("new_program"), {"template": "mentor-and-mentee", "name": "Guides"})
    with tenant(cast.acme):
        program = Program.objects.get()
    assert made["Location"] == url("set_up_purpose", program.pk)
    again = cora.post(url("new_program"), {"template": "mentor-and-mentee", "name": "Guides"})
    assert again.status_code == 422
    assert "There is already one with this name." in read(again)
    for name in ("duplicate_program", "archive_program", "unarchive_program"):
        assert cora.post(url(name, program.pk)).status_code == 302
    with tenant(cast.acme):
        assert set(Program.objects.values_list("name", flat=True)) == {"Guides", "Guides, copy 2"}


def test_the_design_is_saved_and_what_is_wrong_comes_back_as_typed(cast, program):
    cora = sign_in(cast.cora)
    said = {
        "name": "Leading on",
        "purpose": "",
        "format": "circles",
        "expectations": "Come.",
        "cadence_every": 1,
        "cadence_unit": "months",
        "session_minutes": 60,
        "sessions_planned": 8,
        "sessions_agreed": 6,
        "check_in_weeks": 2,
        "circle_min": 5,
        "circle_max": 7,
    } | {"request_days": 3, "requests_asking": 2, "requests_asked": 3}
    said |= {"word_mentor": "mentor", "word_circle": "team", "word_session": "session"}
    wrong = cora.post(url("design", program.pk), said | {"session_minutes": "long"})
    assert wrong.status_code == 422
    assert 'value="long"' in read(wrong)

    assert cora.post(url("design", program.pk), said).status_code == 302

    with tenant(cast.acme):
        saved = Program.objects.get()
        assert (saved.name, saved.cadence_words, saved.circle_max) == (
            "Leading on",
            "once a month",
            7,
        )


def test_every_part_of_a_design_is_added_changed_and_removed(cast, program):
    cora = sign_in(cast.cora)
    added = {
        "new_competency": {"name": "Courage", "rubric": "Says it."},
        "new_meeting_role": {"name": "Host", "duties": "Tea", "priority": 4},
        "new_question": {
            "label": "Which site?",
            "kind": "choice",
            "options": "North\nSouth",
            "asked_of": "everyone",
        },
        "new_criterion": {
            "label": "Close levels",
            "kind": "gap",
            "seeker_field": "member:level",
            "offerer_field": "member:level",
            "weight": 7,
            "ideal_low": 0,
            "ideal_high": 2,
        },
    }
    for name, said in added.items():
        assert cora.post(url(name, program.pk), said).status_code == 302, name
    with tenant(cast.acme):
        rows = {
            "competency": program.competencies.get(key="courage"),
            "meeting_role": program.meeting_roles.get(key="host"),
            "question": program.questions.get(key="which-site"),
            "criterion": program.criteria.get(key="close-levels"),
        }
        assert rows["question"].options == [
            {"key": "north", "name": "North"},
            {"key": "south", "name": "South"},
        ]
        assert rows["criterion"].parameters == {"falloff": 3, "ideal": [0, 2]}
    for kind, said in zip(rows, added.values(), strict=True):
        assert cora.get(url(f"edit_{kind}", rows[kind].pk)).status_code == 200
        changed = said | {"name": "Other", "label": "Other"}
        assert cora.post(url(f"edit_{kind}", rows[kind].pk), changed).status_code == 302
        assert "Other" in read(cora.get(url("design", program.pk)))
        assert cora.post(url(f"remove_{kind}", rows[kind].pk)).status_code == 302
        assert cora.get(url(f"edit_{kind}", rows[kind].pk)).status_code == 404


def test_a_criterion_compares_only_what_it_can(cast, program):
    answer = sign_in(cast.cora).post(
        url("new_criterion", program.pk),
        {
            "label": "Odd",
            "kind": "gap",
            "seeker_field": "answer:skills_sought",
            "offerer_field": "member:level",
            "weight": 11,
        },
    )
    assert answer.status_code == 422
    assert "This cannot be compared in that way." in read(answer)


def test_all_weights_are_set_on_one_page(cast, program):
    cora = sign_in(cast.cora)
    said = {"weight_skills": 1, "weight_level": 2, "weight_department": 3, "weight_location": 4}
    said |= {"weight_availability": 5, "weight_goals": 6}
    assert cora.post(url("set_weights", program.pk), said).status_code == 302
    with tenant(cast.acme):
        assert program.criteria.get(key="department").weight == 3
    wrong = cora.post(url("set_weights", program.pk), said | {"weight_level": 11})
    assert wrong.status_code == 422


def test_a_cohort_is_opened_moved_and_a_second_click_refused(cast, program):
    cora = sign_in(cast.cora)
    said = {"name": "Spring", "starts_on": "2027-01-11", "ends_on": "2027-01-10"}
    assert cora.post(url("new_cohort", program.pk), said).status_code == 422
    assert (
        cora.post(url("new_cohort", program.pk), said | {"ends_on": "2027-06-01"}).status_code
        == 302
    )
    with tenant(cast.acme):
        cohort = Cohort.objects.get()
    assert cora.post(url("move_cohort", cohort.pk), {"to": "enrolling"}).status_code == 302
    again = cora.post(url("move_cohort", cohort.pk), {"to": "enrolling"}, follow=True)
    assert "The cohort cannot go there from its present phase." in read(again)


@pytest.mark.parametrize("phase", Cohort.Phase.values)
def test_the_overview_says_what_to_do_next_in_every_phase(cast, program, phase):
    words = {
        "draft": "Open it for enrolment",
        "enrolling": "Tell people where to enrol",
        "matching": "Match 0 people",
        "running": "0 people are active",
        "closing": "Close the cohort when the last have met",
        "closed": "This cohort is closed",
        "called_off": "This cohort was called off",
    }
    cohort = make_cohort(program, phase=phase)
    assert words[phase] in read(sign_in(cast.cora).get(url("cohort", cohort.pk)))


def test_free_times_offer_the_week_as_the_organisation_begins_it(cast, cohort):
    with tenant(cast.acme):
        OrganisationSettings.objects.update(week_starts_on=6)
    page = read(sign_in(cast.petra).get(url("join", cohort.pk)))
    assert page.index(">Sunday<") < page.index(">Monday<") < page.index(">Saturday<")


def joining(**said: object) -> dict[str, object]:
    return {
        "part": "peer",
        "expectations": "on",
        "q_skills_offered__facilitation": "4",
        "q_skills_sought__inclusion": "2",
        "q_goal": "Lead <b>without</b> deciding",
        "q_interests": ["music", "hiking"],
        "q_availability__day": ["1", "", "1"],
        "q_availability__from": ["09:00", "", "10:00"],
        "q_availability__to": ["10:30", "", "12:00"],
        **said,
    }


def test_a_participant_joins_and_changes_their_answers(cast, cohort):
    petra = sign_in(cast.petra)
    address = url("join", cohort.pk)

    assert petra.post(address, joining()).status_code == 302

    with tenant(cast.acme):
        enrolment = Enrolment.objects.get()
        answers = {row.question.key: row.value for row in enrolment.answers.all()}
    assert answers == {
        "skills_offered": {"facilitation": 4},
        "skills_sought": {"inclusion": 2},
        "goal": "Lead <b>without</b> deciding",
        "interests": ["music", "hiking"],
        "availability": [[1, 540, 720]],
    }
    page = read(petra.get(address))
    assert "You have applied" in page
    assert "Lead &lt;b&gt;without&lt;/b&gt; deciding</textarea>" in page
    assert 'value="09:00"' in page
    assert 'name="expectations"' not in page
    assert petra.post(address, joining(q_goal="Listen")).status_code == 302
    assert "Listen</textarea>" in read(petra.get(address))
    assert petra.post(url("leave", cohort.pk)).status_code == 422  # without a reason
    assert petra.post(url("leave", cohort.pk), {"reason": "work"}).status_code == 302
    again = petra.post(url("leave", cohort.pk), {"reason": "work"})
    assert (again.status_code, "already been decided" in read(again)) == (422, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"q_skills_offered__facilitation": "9"}, "Choose a level from 1 to 5."),
        ({"q_availability__to": ["08:00", "", "12:00"]}, "A time has to end after it begins."),
        ({"q_availability__from": ["9 o'clock", "", ""]}, "Write a time as 09:30."),
        ({"q_availability__day": ["9", "", ""]}, "Choose a day for each time."),
        ({"q_interests": ["flying"]}, "is not one of the available choices"),
        ({"q_goal": "x" * 5001}, "at most 5000 characters"),
        ({"part": "mentor"}, "is not one of the available choices"),
        ({"expectations": ""}, "Accept the expectations to take part."),
    ],
)
def test_a_wrong_answer_is_named_at_its_field_and_nothing_typed_is_lost(cast, cohort, wrong, words):
    answer = sign_in(cast.petra).post(url("join", cohort.pk), joining(**wrong))
    page = read(answer)
    assert answer.status_code == 422
    assert words in page
    if "q_goal" not in wrong:
        assert "Lead &lt;b&gt;without" in page
    assert page.count('music" id=') == 1
    with tenant(cast.acme):
        assert not Enrolment.objects.exists()


def test_every_kind_of_question_has_its_field_and_its_value(cast, program):
    cohort = make_cohort(program)
    with tenant(cast.acme):
        program.criteria.all().delete()
        program.questions.all().delete()
        kinds = ("skills", "choice", "choices", "scale", "number", "short_text", "long_text")
        for kind in (*kinds, "availability"):
            parts.save_question(
                program=program,
                by=cast.cora,
                kind=kind,
                label=kind.replace("_", " "),
                options=[{"key": "a", "name": "A"}, {"key": "b", "name": "B"}],
                required=True,
            )
    petra = sign_in(cast.petra)
    empty = petra.post(url("join", cohort.pk), {"part": "peer", "expectations": "on"})
    assert read(empty).count("This has to be answered.") == 16  # in the summary and at the field
    said = {
        "part": "peer",
        "expectations": "on",
        "q_skills__a": "5",
        "q_choice": "b",
        "q_choices": ["a", "b"],
        "q_scale": "3",
        "q_number": "-7",
        "q_short-text": "short",
        "q_long-text": "long",
        "q_availability__day": ["6"],
        "q_availability__from": ["22:00"],
        "q_availability__to": ["23:59"],
    }
    assert petra.post(url("join", cohort.pk), said).status_code == 302
    with tenant(cast.acme):
        answers = {row.question.kind: row.value for row in Enrolment.objects.get().answers.all()}
    assert answers == {
        "skills": {"a": 5},
        "choice": "b",
        "choices": ["a", "b"],
        "scale": 3,
        "number": -7,
        "short_text": "short",
        "long_text": "long",
        "availability": [[6, 1320, 1440]],
    }
    page = read(petra.get(url("join", cohort.pk)))
    assert 'value="23:59"' in page


def test_a_mentor_says_how_many_and_is_not_asked_what_mentees_are(cast):
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    cohort = make_cohort(program)
    with tenant(cast.acme):
        program.questions.filter(key="goal").update(required=True)
    said = joining(part="mentor", capacity="3", q_goal="")
    assert sign_in(cast.petra).post(url("join", cohort.pk), said).status_code == 302
    refused = sign_in(cast.pavel).post(url("join", cohort.pk), said | {"part": "mentee"})
    assert refused.status_code == 422
    with tenant(cast.acme):
        assert Enrolment.objects.get().capacity == 3


def test_the_people_page_filters_searches_and_goes_on(cast, cohort):
    for name in ("Ada", "Bo", "Cy"):
        make_enrolment(cohort, make_member(cast.acme, name, family_name=f"{name}son"))
    make_application(cohort, cast.petra)
    cora = sign_in(cast.cora)
    address = url("cohort_people", cohort.pk)
    assert read(cora.get(address)).count('<tr id="enrolment-') == 4
    assert read(cora.get(address + "?state=applied")).count('<tr id="enrolment-') == 1
    assert read(cora.get(address + "?q=boson")).count('<tr id="enrolment-') == 1
    assert "Nobody matches" in read(cora.get(address + "?q=nobody"))
    assert cora.get(address + "?state=odd&part=odd&order=odd").status_code == 200
    lines = read(cora.get(url("people_csv", cohort.pk) + "?state=accepted")).splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("Ada,Adason,ada@acme.example,Peer,Accepted,1")


def test_a_decision_answers_htmx_with_the_row_that_a_reload_shows(cast, cohort):
    enrolment = make_application(cohort, cast.petra)
    cora = sign_in(cast.cora)
    accept = url("accept_enrolment", enrolment.pk)

    fragment = read(cora.post(accept, headers={"HX-Request": "true"})).strip()

    page = read(cora.get(url("cohort_people", cohort.pk)))
    strip = str.maketrans("", "", " \n")
    assert fragment.startswith("<tr")
    row = fragment[: fragment.index("</tr>")]
    assert row.translate(strip) in page.translate(strip)
    assert cora.post(accept, headers={"HX-Request": "true"}).status_code == 409


def test_several_are_decided_at_once_and_others_are_not_reached(cast, cohort):
    rows = [make_application(cohort, each) for each in (cast.petra, cast.pavel)]
    elsewhere = make_application(make_cohort(make_program(cast.acme, "Other")), cast.petra)
    cora = sign_in(cast.cora)
    said = {"decision": "accept", "enrolment": [str(each.pk) for each in [*rows, elsewhere]]}
    asked = read(cora.post(url("decide_people", cohort.pk), said))
    assert "Accept 2 people?" in asked
    assert asked.count('name="enrolment"') == 2  # of this cohort alone
    confirmed = said | {"confirmed": "yes", "words": "See you soon."}
    answer = cora.post(url("decide_people", cohort.pk), confirmed, follow=True)
    assert "Accepted: 2" in read(answer)
    with tenant(cast.acme):
        assert Enrolment.objects.get(pk=elsewhere.pk).state == "applied"
    assert cora.post(url("decide_people", cohort.pk), {"decision": "promote"}).status_code == 400
    odd = cora.post(url("decide_people", cohort.pk), {"decision": "accept", "enrolment": "odd"})
    assert "Nobody was chosen." in read(cora.get(odd["Location"]))


def test_a_coordinator_enrols_somebody_by_address(cast, cohort):
    cora = sign_in(cast.cora)
    address = url("enrol_person", cohort.pk)
    unknown = cora.post(address, {"email": cast.greta.email, "part": "peer"})
    assert unknown.status_code == 422
    said = {"email": cast.petra.email.upper(), "part": "peer"}
    assert cora.post(address, said).status_code == 302
    assert "already enrolled" in read(cora.post(address, said))


def test_the_answers_of_somebody_are_read_by_coordinators(cast, cohort):
    enrolment = make_application(cohort, cast.petra, answers={"interests": ["music"]})
    address = url("enrolment", enrolment.pk)
    assert "Music" in read(sign_in(cast.cora).get(address))
    who_may(cast, address, cora=200, petra=403, hugo=403, gina=404)


def test_a_draft_is_among_the_cohorts_under_way(cast, program):
    cohort = make_cohort(program, "Autumn", phase="draft")

    assert cohort.get_absolute_url() in sign_in(cast.cora).get("/o/acme/programs/").text
