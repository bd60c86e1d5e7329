"""The studio, a run, publishing, the partnerships: who may, what they cost, what they show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.common import clock
from core.members.models import Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun, PairRule, Proposal
from pairing.partnerships.operations import repairing
from pairing.runs.operations import rules
from programs.models.parts import Criterion
from programs.models.programs import Enrolment
from tests.cast import make_member, sign_in
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_partnership,
    make_run,
    person,
    publish,
    start_run,
)
from tests.programs.build import run_only


def at(name, row):
    return reverse(f"pairing:{name}", args=["acme", row.pk])


def cost(client, url, **headers):
    """How many statements a page takes, the second time it is asked for."""
    client.get(url, headers=headers)
    with CaptureQueriesContext(connection) as counted:
        assert client.get(url, headers=headers).status_code == 200
    return len(counted)


@pytest.mark.parametrize("name", ["matching", "partnerships", "export_partnerships"])
def test_a_cohorts_pages_are_for_its_coordinators(cast, name):
    cohort = make_cohort(cast.acme)
    url = at(name, cohort)

    assert sign_in(cast.cora).get(url).status_code == 200
    assert sign_in(cast.olga).get(url).status_code == 200
    assert sign_in(cast.hugo).get(url).status_code == 403
    assert sign_in(cast.petra).get(url).status_code == 403
    assert sign_in(cast.gina).get(url).status_code == 404
    assert sign_in(cast.gina).get(url.replace("/acme/", "/globex/")).status_code == 404


@pytest.mark.parametrize("name", ["match_run", "publish_run", "export_match_run"])
def test_a_runs_pages_are_for_its_coordinators(cast, name):
    run = make_run(make_mentor_cohort(cast.acme, mentees=2, mentors=2), cast.cora)
    url = at(name, run)

    assert sign_in(cast.cora).get(url).status_code == 200
    assert sign_in(cast.hugo).get(url).status_code == 403
    assert sign_in(cast.petra).get(url).status_code == 403
    assert sign_in(cast.gina).get(url.replace("/acme/", "/globex/")).status_code == 404


def test_a_coordinator_of_another_program_sees_nothing_of_it(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    other = make_cohort(cast.acme, name="Other")
    with tenant(cast.acme):
        run_only(cast.cora, other.program)
    run = make_run(cohort, cast.olga)
    (made,) = publish(run, cast.olga)

    for url in (at("matching", cohort), at("match_run", run), at("partnership", made)):
        assert sign_in(cast.cora).get(url).status_code == 404


def test_a_partnership_is_seen_by_its_people_and_coordinators_alone(cast):
    made = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    stranger = make_member(cast.acme, "Stan")
    url = at("partnership", made)

    assert sign_in(cast.petra).get(url).status_code == 200
    assert sign_in(cast.cora).get(url).status_code == 200
    assert sign_in(cast.hugo).get(url).status_code == 404
    assert sign_in(stranger).get(url).status_code == 404
    assert sign_in(cast.greta).get(url.replace("/acme/", "/globex/")).status_code == 404
    for name in ("rename_partnership", "end_partnership"):
        assert sign_in(cast.petra).post(at(name, made)).status_code == 403
    for name in ("pause_partnership", "parting"):
        assert sign_in(stranger).post(at(name, made)).status_code == 404
        assert sign_in(cast.hugo).post(at(name, made)).status_code == 404


def test_a_partner_who_coordinates_another_program_may_look_but_not_end(cast):
    cohort, other = make_cohort(cast.acme), make_cohort(cast.acme, name="Other")
    made = make_partnership(cohort, cast.cora, cast.pavel)
    with tenant(cast.acme):
        run_only(cast.cora, other.program)

    client = sign_in(cast.cora)

    assert "For coordinators" not in client.get(at("partnership", made)).content.decode()
    assert client.post(at("end_partnership", made)).status_code == 403


@pytest.mark.slow
def test_one_row_and_three_rows_cost_the_same(cast):
    client, costs = sign_in(cast.cora), []
    for size in (1, 3):
        cohort = make_cohort(cast.acme, name=f"Of {size}")
        for i in range(size):
            for part in ("mentee", "mentor"):
                person(cohort, f"{part}{size}{i}", part)
        with tenant(cast.acme):
            mentee = Enrolment.objects.filter(cohort=cohort, part="mentee")
            mentor = Enrolment.objects.filter(cohort=cohort, part="mentor")
            for one, other in zip(mentee.order_by("-id"), mentor.order_by("-id"), strict=True):
                rules.set_pair_rule(
                    cohort=cohort, kind="locked", first=one, second=other, by=cast.cora
                )
        for _run in range(size + 1):  # the last is held against the one before
            run = make_run(cohort, cast.cora)
        pages = [at("matching", cohort), at("match_run", run), at("publish_run", run)]
        before = [cost(client, url) for url in pages]
        made = publish(run, cast.cora)
        after = [cost(client, at("partnerships", cohort)), cost(client, at("partnership", made[0]))]
        costs.append(before + after)
    assert costs[0] == costs[1]


def test_a_circle_of_many_costs_as_many_statements_as_a_pair(cast):
    cohort = make_circles_cohort(cast.acme, peers=6)
    (circle,) = publish(make_run(cohort, cast.cora), cast.cora)
    pair = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    client = sign_in(cast.cora)

    assert cost(client, at("partnership", circle)) == cost(client, at("partnership", pair))


def test_running_leads_to_the_run_and_leaves_the_design_as_it_is(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    client = sign_in(cast.cora)
    page = client.get(at("matching", cohort)).content.decode()
    assert "2 mentees, 2 mentors with 2 places" in page
    designed = {each.key: each.weight for each in _criteria(cast, cohort)}
    weights = {f"weight_{key}": 3 for key in designed}

    answer = client.post(at("start_match_run", cohort), {**weights, "policy": "best_total"})

    with tenant(cast.acme):
        run = MatchRun.objects.get()
        assert {each.key: each.weight for each in _criteria(cast, cohort)} == designed
    used = {each["weight"] for each in run.snapshot["criteria"] if each["sort"] == "score"}
    assert (run.policy, answer["Location"], used) == ("best_total", at("match_run", run), {3})
    assert client.post(at("start_match_run", cohort), weights).status_code == 422


def _criteria(cast, cohort):
    with tenant(cast.acme):
        return list(Criterion.objects.filter(program=cohort.program, sort="score"))


def test_bad_weights_are_said_at_the_field_and_nothing_is_run(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    client = sign_in(cast.cora)
    weights = {f"weight_{c.key}": 4 for c in _criteria(cast, cohort)}

    refused = client.post(at("start_match_run", cohort), {**weights, "weight_skills": "11"})

    assert refused.status_code == 422
    assert b"data-errors" in refused.content
    with tenant(cast.acme):
        assert not MatchRun.objects.exists()


def test_a_computing_run_shows_progress_can_be_stopped_and_then_says_so(cast):
    run = start_run(make_mentor_cohort(cast.acme, mentees=1, mentors=1), cast.cora)
    client = sign_in(cast.cora)

    page = client.get(at("match_run", run)).content.decode()
    fragment = client.get(at("match_run_progress", run), headers={"HX-Request": "true"})
    assert _without_token(fragment.content.decode()) in _without_token(page)
    assert "every 1s" in page

    stopped = client.post(at("cancel_match_run", run))
    assert stopped["Location"] == at("match_run", run)
    page = client.get(at("match_run", run)).content.decode()
    assert "It was stopped." in page
    done = client.get(at("match_run_progress", run), headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    assert client.post(at("cancel_match_run", run)).status_code == 409


def test_a_failed_run_shows_the_sentence_and_a_way_to_run_again(cast):
    cohort = make_cohort(cast.acme)
    first = person(cohort, "Ada", "mentee", languages=["en"])
    second = person(cohort, "Mo", "mentor", languages=["en"])
    with tenant(cast.acme):
        rules.set_pair_rule(cohort=cohort, kind="locked", first=first, second=second, by=cast.cora)
        Member.objects.filter(pk=second.member_id).update(languages=["de"])  # afterwards
    run = make_run(cohort, cast.cora)
    client = sign_in(cast.cora)

    page = client.get(at("match_run", run)).content.decode()

    assert "Ada Acme with Mo Acme is locked" in page
    assert client.post(at("repeat_match_run", run)).status_code == 302


def test_a_finished_run_shows_proof_scores_reasons_and_who_is_left_over(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=3, mentors=2), cast.cora)

    page = sign_in(cast.cora).get(at("match_run", run)).content.decode()

    assert "Run 1: 2 pairs" in page
    assert "Optimal: no other matching has a better weakest pair" in page
    assert "(100.0 %)" in page
    assert "Publish 2 pairs" in page
    assert "1 person left over" in page
    assert "There are 2 places with mentors for 3 mentees." in page
    with tenant(cast.acme):
        for proposal in Proposal.objects.filter(run=run):
            assert f'id="proposal-{proposal.pk}"' in page


@pytest.mark.slow
def test_locking_a_pair_over_htmx_gives_the_line_that_a_reload_shows(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=2, mentors=2), cast.cora)
    client = sign_in(cast.cora)
    with tenant(cast.acme):
        proposal = Proposal.objects.filter(run=run).first()
        ids = {seat.part: seat.enrolment_id for seat in proposal.seats.all()}
    chosen = {"proposal": proposal.pk, "first": ids["mentee"], "second": ids["mentor"]}
    rules_url = at("set_pair_rule", run.cohort)

    row = client.post(rules_url, {**chosen, "kind": "locked"}, headers={"HX-Request": "true"})

    page = client.get(at("match_run", run)).content.decode()
    assert _without_token(row.content.decode()) in _without_token(page)
    assert 'aria-pressed="true"' in row.content.decode()
    with tenant(cast.acme):
        assert PairRule.objects.get().kind == "locked"
    plain = client.post(rules_url, {**chosen, "kind": "none"})
    assert plain["Location"] == f"{at('match_run', run)}#proposal-{proposal.pk}"
    with tenant(cast.acme):
        assert not PairRule.objects.exists()


def _without_token(html):
    start, *rest = html.strip().split('name="csrfmiddlewaretoken" value="')
    return "".join([start, *(each.split('"', 1)[1] for each in rest)])


def test_people_of_another_organisation_cannot_be_named_in_a_rule(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    theirs = make_mentor_cohort(cast.globex, mentees=1, mentors=1)
    with tenant(cast.acme):
        mine = Enrolment.objects.get(cohort=cohort, part="mentee")
    with tenant(cast.globex):
        foreign = Enrolment.objects.select_related("member").get(cohort=theirs, part="mentor")
    for who in (foreign.pk, foreign.member.full_name):
        chosen = {"kind": "locked", "first": mine.pk, "second": who}
        answer = sign_in(cast.cora).post(at("set_pair_rule", cohort), chosen)
        assert answer.status_code == 422
        assert "Nobody here has this name" in answer.content.decode()
    with tenant(cast.acme):
        assert not PairRule.objects.exists()


@pytest.mark.slow
def test_publishing_asks_first_names_the_number_and_refuses_a_second_click(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=2, mentors=2), cast.cora)
    client = sign_in(cast.cora)

    asked = client.get(at("publish_run", run)).content.decode()
    first = client.post(at("publish_run", run))
    second = client.post(at("publish_run", run), follow=True)

    assert "4 people get an e-mail" in asked
    assert "Publish 2 pairs" in asked
    assert first["Location"] == at("partnerships", run.cohort)
    assert "This run has already been published." in second.text
    assert b"already been published" in second.content
    assert client.get(at("publish_run", run))["Location"] == at("match_run", run)


def test_publishing_says_what_forbids_it(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=1, mentors=1), cast.cora)
    client = sign_in(cast.cora)
    with tenant(cast.acme):
        Member.objects.filter(given_name="Mentee0").update(state="left")

    page = client.get(at("publish_run", run)).content.decode()

    assert "Mentee0 Acme has left the cohort or has a partner by now." in page
    assert client.post(at("publish_run", run))["Location"] == at("publish_run", run)


def test_discarding_puts_a_draft_aside(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=1, mentors=1), cast.cora)
    client = sign_in(cast.cora)

    assert client.post(at("discard_run", run))["Location"] == at("match_run", run)
    late = client.post(at("discard_run", run), follow=True)
    assert late.status_code == 200


def test_a_run_as_csv_has_a_line_a_person(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=3, mentors=2), cast.cora)

    lines = sign_in(cast.cora).get(at("export_match_run", run)).content.decode().splitlines()

    assert lines[0] == "number,name,e-mail,part,score,left over because"
    assert len(lines) == 1 + 5
    assert lines[-1].endswith("mentee,,fewer_offerers")


def test_the_list_is_filtered_searched_and_exported_as_filtered(cast):
    cohort = make_cohort(cast.acme)
    people = [person(cohort, n + p, p).member for n in ("Ada", "Ben") for p in ("mentor", "mentee")]
    one = make_partnership(cohort, people[0], people[1], name="First")
    make_partnership(cohort, people[2], people[3], name="Second")
    with tenant(cast.acme):
        repairing.pause_partnership(partnership=one, by=cast.cora)
    client, url = sign_in(cast.cora), at("partnerships", cohort)

    paused = client.get(url, {"state": "paused"})
    found = client.get(url, {"q": "ben"})
    exported = client.get(at("export_partnerships", cohort), {"state": "paused"})

    assert b"First" in paused.content
    assert b"Second" not in paused.content
    assert b"Second" in found.content
    assert b"First" not in found.content
    lines = b"".join(exported).decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["partnership", "First", "First"]


def test_the_list_goes_on_by_keyset(cast, monkeypatch):
    monkeypatch.setattr(
        "core.common.pages.page.__kwdefaults__", {"order": "-id", "cursor": "", "size": 1}
    )
    cohort = make_cohort(cast.acme)
    for name in ("Ada", "Ben"):
        make_partnership(
            cohort, *(person(cohort, name + p, p).member for p in ("mentor", "mentee")), name=name
        )
    client, url = sign_in(cast.cora), at("partnerships", cohort)

    first = client.get(url)
    second = client.get(url + first.context["more"])

    assert [row.name for row in first.context["rows"]] == ["Ada"]
    assert [row.name for row in second.context["rows"]] == ["Ben"]
    assert second.context["more"] == ""


@pytest.mark.slow
def test_pausing_resuming_renaming_and_ending_from_the_page(cast):
    made = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    client = sign_in(cast.cora)

    until = {"until": (clock.now().date() + timedelta(days=9)).isoformat()}
    assert client.post(at("pause_partnership", made)).status_code == 422
    assert client.post(at("pause_partnership", made), until).status_code == 302
    assert client.post(at("pause_partnership", made), until).status_code == 422
    assert client.post(at("resume_partnership", made)).status_code == 302
    assert client.post(at("rename_partnership", made), {"name": "Two"}).status_code == 302
    assert client.post(at("end_partnership", made), {}).status_code == 422
    assert client.post(at("end_partnership", made), {"reason": "fit"}).status_code == 302
    assert client.post(at("end_partnership", made), {"reason": "fit"}).status_code == 422

    page = client.get(at("partnership", made)).content.decode()
    assert "It did not fit" in page
    assert "2 members" in page
    with tenant(cast.acme):
        assert Partnership.objects.get().name == "Two"


def test_partners_read_why_but_not_the_score(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    (made,) = publish(make_run(cohort, cast.cora), cast.cora)
    with tenant(cast.acme):
        mentee = Member.objects.select_related("organisation", "user").get(given_name="Mentee0")

    page = sign_in(mentee).get(at("partnership", made)).content.decode()

    assert "Why you two" in page
    assert "Skills sought are offered" in page
    assert f"Score {made.score}" not in page


def test_bad_input_to_a_rule_or_a_name_is_answered_on_the_page(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    pair = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    client = sign_in(cast.cora)

    rule = client.post(at("set_pair_rule", cohort), {"kind": "wed", "first": "x", "second": "y"})
    name = client.post(at("rename_partnership", pair), {"name": "<b>" + "x" * 200})

    assert (rule.status_code, name.status_code) == (422, 422)
    assert b"Choose two people" in rule.content
    assert b"&lt;b&gt;xxx" in name.content


def test_the_email_names_the_partners_and_leads_to_their_page(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=1, mentors=1), cast.cora)
    (made,) = publish(run, cast.cora)
    with tenant(cast.acme):
        emails = Email.objects.select_related("member", "organisation")
        mail = mail_of(emails.get(member__given_name="Mentee0"), settings_in_force())

    assert mail.subject == "You are working with Mentor0 Acme"
    assert "Mentee0, in Program 1 you are working with Mentor0 Acme." in mail.body
    assert made.get_absolute_url() in mail.body
    assert "See your partners" in mail.alternatives[0][0]
