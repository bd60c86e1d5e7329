"""A second person publishes where the program wants one; what the summary and the e-mails say."""

import threading

import pytest
from django.db import connection

from core.audit.models import AuditEvent
from core.common.errors import DomainError
from core.members.models import Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from pairing.errors import (
    ApprovalAsked,
    NobodyToApprove,
    NotYourRequest,
    OwnRequest,
    RequestClosed,
    SecondPersonNeeded,
)
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun, PublicationRequest
from pairing.runs.operations import publishing, runs
from programs.operations import designs
from tests.cast import make_cast, make_member, sign_in
from tests.pairing.build import make_cohort, make_mentor_cohort, make_run, person, publish
from tests.pairing.test_pages import at
from tests.programs.build import run_only


def careful_run(cast, *, mentees=2, mentors=2):
    """A draft in a program that wants a second person."""
    cohort = make_mentor_cohort(cast.acme, mentees=mentees, mentors=mentors)
    with tenant(cast.acme):
        designs.edit_program(program=cohort.program, second_person=True, by=cast.cora)
    return make_run(cohort, cast.cora)


def ask(run, by):
    with tenant(run.organisation):
        return publishing.ask_to_publish(run=run, by=by)


def test_a_second_person_approves_and_the_asker_hears_of_it(cast):
    run = careful_run(cast)
    with pytest.raises(SecondPersonNeeded):
        publish(run, cast.cora)
    request = ask(run, cast.cora)
    with tenant(cast.acme), pytest.raises(OwnRequest):
        publishing.approve_publication(request=request, by=cast.cora)

    with tenant(cast.acme):
        made = publishing.approve_publication(request=request, by=cast.olga)

    with tenant(cast.acme):
        run.refresh_from_db()
        assert (run.state, run.published_by, len(made)) == ("published", cast.olga, 2)
        asked = Email.objects.filter(kind="pairing.approval_asked")
        assert {each.member_id for each in asked} == {cast.olga.pk}
        answered = Email.objects.get(kind="pairing.approval_answered")
        assert (answered.member_id, answered.context["approved"]) == (cast.cora.pk, True)
        verbs = set(AuditEvent.objects.filter(verb__startswith="publication.").values_list("verb"))
        assert verbs == {("publication.asked",), ("publication.approved",)}


def test_only_those_who_see_the_program_are_asked_and_nobody_is_said(cast):
    run = careful_run(cast)
    other = make_cohort(cast.acme, name="Other")
    elsewhere = make_member(cast.acme, "Carl", Member.Role.COORDINATOR)
    with tenant(cast.acme):
        run_only(elsewhere, other.program)
    ask(run, cast.cora)

    with tenant(cast.acme):
        asked = Email.objects.filter(kind="pairing.approval_asked")
        assert {each.member_id for each in asked} == {cast.olga.pk}
        Member.objects.filter(pk=cast.olga.pk).update(role="participant")
    with pytest.raises(NobodyToApprove):
        ask(make_run(run.cohort, cast.cora), cast.cora)


def test_a_request_is_asked_once_withdrawn_by_its_asker_and_sent_back_by_others(cast):
    run = careful_run(cast)
    request = ask(run, cast.cora)
    with pytest.raises(ApprovalAsked):
        ask(run, cast.olga)
    with tenant(cast.acme):
        with pytest.raises(NotYourRequest):
            publishing.withdraw_publication(request=request, by=cast.olga)
        publishing.withdraw_publication(request=request, by=cast.cora)
        assert Email.objects.get(kind="pairing.approval_asked").withdrawn_at
        with pytest.raises(RequestClosed):
            publishing.approve_publication(request=request, by=cast.olga)
    again = ask(run, cast.cora)
    with tenant(cast.acme):
        publishing.decline_publication(request=again, by=cast.olga)
        answered = Email.objects.get(kind="pairing.approval_answered")
        assert answered.context["approved"] is False
        assert MatchRun.objects.get(pk=run.pk).state == "draft"


def test_discarding_a_draft_closes_what_was_asked_about_it(cast):
    run = careful_run(cast)
    request = ask(run, cast.cora)
    with tenant(cast.acme):
        runs.discard_run(run=run, by=cast.cora)
        request.refresh_from_db()
        assert request.state == PublicationRequest.State.WITHDRAWN


def test_an_approval_that_the_run_no_longer_allows_changes_nothing(cast):
    run = careful_run(cast)
    request = ask(run, cast.cora)
    with tenant(cast.acme):
        Member.objects.filter(given_name__startswith="Mentee").update(state="left")

    refused = sign_in(cast.olga).post(at("approve_publication", run), follow=True)

    assert refused.redirect_chain[-1][0] == at("publish_run", run)
    assert "Mentee0 Acme has left the cohort or has a partner by now." in refused.text
    with tenant(cast.acme):
        request.refresh_from_db()
        assert (request.state, Partnership.objects.count()) == ("asked", 0)


@pytest.mark.slow
def test_the_pages_lead_from_asking_to_approving(cast):
    run = careful_run(cast)
    cora, olga, url = sign_in(cast.cora), sign_in(cast.olga), at("publish_run", run)

    first = cora.get(url).content.decode()
    assert olga.post(at("decline_publication", run)).status_code == 404  # nobody has asked yet
    asked = cora.post(url)
    mine = cora.get(url).content.decode()
    theirs = olga.get(url).content.decode()
    on_run = olga.get(at("match_run", run)).content.decode()
    approved = olga.post(at("approve_publication", run))

    assert "Ask to publish 2 pairs" in first
    assert "Olga Acme" in first
    assert asked["Location"] == url
    assert "Withdraw the question" in mine
    assert "Approve and publish" not in mine
    assert "Approve and publish 2 pairs" in theirs
    assert "Cora Acme asks for a second person." in on_run
    assert approved["Location"] == at("partnerships", run.cohort)
    late = olga.post(at("approve_publication", run), follow=True)
    assert "has already been approved, sent back or withdrawn" in late.text
    assert sign_in(cast.petra).post(at("approve_publication", run)).status_code == 403


def test_the_summary_names_who_is_weak_left_over_or_not_in_yet_and_shows_the_email(cast):
    cohort = make_cohort(cast.acme)
    person(cohort, "Ada", "mentee", answers={"skills_sought": {"coaching": 5}}, level="7")
    person(cohort, "Mo", "mentor", answers={"skills_offered": {"delegation": 1}}, level="1")
    late = person(cohort, "Late", "mentor")
    with tenant(cast.acme):
        Member.objects.filter(given_name="Ada").update(state="invited", live_at=None)
    run = make_run(cohort, cast.cora)

    page = sign_in(cast.cora).get(at("publish_run", run)).content.decode()

    assert "2 people get an e-mail" in page
    assert "1 mentee, 1 mentor" in page
    assert "1 person is left over:" in page
    assert f"{late.member}" in page or "Mo Acme" in page
    assert "1 person has not accepted their invitation yet" in page
    assert "What happens next" in page
    assert "3 accepted people become active" in page


def test_the_email_says_why_and_what_happens_next_in_text_and_html(cast):
    cohort = make_cohort(cast.acme)
    sought = {"skills_sought": {"coaching": 3}}
    person(cohort, "Ada", "mentee", answers=sought)
    person(cohort, "Ben", "mentee", answers=sought)
    person(cohort, "Mo", "mentor", capacity=2, answers={"skills_offered": {"coaching": 5}})
    publish(make_run(cohort, cast.cora), cast.cora)

    with tenant(cast.acme):
        emails = Email.objects.select_related("member", "organisation")
        mails = {
            each.member.given_name: mail_of(each, settings_in_force())
            for each in emails.filter(kind="pairing.matched")
        }

    assert (
        len(mails["Mo"].body.split("Why you were matched\n\n")[1].split("\n\n")[0].split("\n")) == 2
    )
    for mail in mails.values():
        html = mail.alternatives[0][0]
        for words in ("Why you were matched", "What happens next"):
            assert words in mail.body
            assert words in html
        assert "{" not in mail.body


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_wins_and_people_are_seated_once():
    cast = make_cast()
    run = careful_run(cast)
    second = make_member(cast.acme, "Carl", Member.Role.COORDINATOR)
    request = ask(run, cast.cora)
    together, outcomes = threading.Barrier(2), []

    def click(member):
        try:
            together.wait()
            with tenant(cast.acme):
                theirs = PublicationRequest.objects.select_related("run__organisation").get(
                    pk=request.pk
                )
                publishing.approve_publication(request=theirs, by=member)
            outcomes.append("published")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[each]) for each in (cast.olga, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["publication_request_closed", "published"]
    with tenant(cast.acme):
        assert Partnership.objects.count() == 2
