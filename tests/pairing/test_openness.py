"""What partners read of their reasons: only evidence that everybody it is about lets them read."""

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.operations import keys as accounts_keys
from core.audit.models import AuditEvent
from core.members.permissions import Permission
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from pairing.texts.reasons import Reason
from pairing.texts.sentence import open_reasons
from programs.models.parts import Answer
from programs.models.programs import Cohort, Enrolment
from programs.operations import answers as programs_answers
from tests.cast import sign_in
from tests.pairing.build import make_cohort, make_run, person, publish

SKILL = "Facilitation"
NEUTRAL = "It counts for both of you; who answered what is not shown."


@pytest.fixture
def pair(cast):
    """A mentee and a mentor who are matched on facilitation and on free time."""
    cohort = make_cohort(cast.acme)
    free = [[0, 540, 720], [2, 540, 720]]
    mentee = person(
        cohort, "Jonas", "mentee", level="3", department="Sales",
        answers={"skills_sought": {"facilitation": 3}, "availability": free},
    )  # fmt: skip
    mentor = person(
        cohort, "Amara", "mentor", level="5", department="Finance",
        answers={"skills_offered": {"facilitation": 5}, "availability": free},
    )  # fmt: skip
    return mentee, mentor


def hide(enrolment, *keys):
    with tenant(enrolment.organisation):
        shown = dict.fromkeys(keys, False)
        programs_answers.set_shown(enrolment=enrolment, shown=shown, by=enrolment.member)


def published(cast, cohort):
    (partnership,) = publish(make_run(cohort, cast.cora), cast.cora)
    return partnership


def page_of(member, partnership):
    client = sign_in(member)
    return client.get(partnership.get_absolute_url()).content.decode()


def emails(cast):
    with tenant(cast.acme):
        rows = Email.objects.filter(kind="pairing.matched")
        mails = [mail_of(each, settings_in_force()) for each in rows.select_related("member")]
        return [(mail.body, str(mail.alternatives[0][0])) for mail in mails]


def test_partners_read_what_both_let_them_read(cast, pair):
    mentee, mentor = pair
    partnership = published(cast, mentee.cohort)
    for member in (mentee.member, mentor.member):
        page = page_of(member, partnership)
        assert "Amara offers facilitation at level 5, which Jonas seeks" in page
        assert SKILL in page
    assert len(emails(cast)) == 2
    for text, html in emails(cast):
        assert "Amara offers facilitation at level 5" in text
        assert "Amara offers facilitation at level 5" in html


@pytest.mark.parametrize("who", [0, 1])
def test_one_of_two_is_enough_to_keep_an_answer_back(cast, pair, who):
    hide(pair[who], "skills_sought", "skills_offered")
    partnership = published(cast, pair[0].cohort)
    for enrolment in pair:
        page = page_of(enrolment.member, partnership)
        assert SKILL.lower() not in page.lower()
        assert "Skills sought are offered" in page  # what was compared
        assert NEUTRAL in page
        assert "6 shared free hours a week" in page  # the rest is as it was
    for text, html in emails(cast):
        assert SKILL.lower() not in (text + html).lower()
    assert SKILL in page_of(cast.cora, partnership)  # whoever runs the matching has its run


def test_the_choice_holds_from_the_moment_it_is_made_and_is_on_record(cast, pair):
    mentee, mentor = pair
    partnership = published(cast, mentee.cohort)
    client = sign_in(mentee.member)
    address = reverse("programs:join", args=["acme", mentee.cohort_id])
    assert "What my partners may read" in client.get(address).content.decode()

    done = client.post(
        reverse("programs:set_shown", args=["acme", mentee.cohort_id]), {"show_availability": "on"}
    )

    assert done.status_code == 302
    assert SKILL.lower() not in page_of(mentor.member, partnership).lower()
    with tenant(cast.acme):
        assert AuditEvent.objects.get(verb="enrolment.sharing_changed").details == {
            "questions": ["skills_sought"]
        }
        kept = dict(Answer.objects.filter(enrolment=mentee).values_list("question__key", "shown"))
    assert kept == {"availability": True, "skills_sought": False}


def test_enrolling_asks_beside_each_answer_that_counts(cast):
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(phase="enrolling")
    client = sign_in(cast.petra)
    address = reverse("programs:join", args=["acme", cohort.pk])
    form = client.get(address, {"part": "both"}).context["form"]
    asked = {name.removeprefix("show_") for name in form.fields if name.startswith("show_")}
    skills = {"skills_sought", "skills_offered", "interests", "availability"}
    assert asked == skills | {"topics_sought", "topics_offered"}
    assert all(form.fields[f"show_{key}"].initial for key in asked)

    said = {"part": "mentee", "q_skills_sought__facilitation": "3", "expectations": "on",
            "q_skills_sought__coaching": "2", "show_interests": "on"}  # fmt: skip
    client.post(address, said | {"q_goal": "Lead a meeting"})

    with tenant(cast.acme):
        enrolment = Enrolment.objects.get(cohort=cohort, member=cast.petra)
        assert Answer.objects.get(enrolment=enrolment, question__key="skills_sought").shown is False
        assert Answer.objects.get(enrolment=enrolment, question__key="goal").shown is False


def test_an_answer_given_again_keeps_the_choice(cast, pair):
    mentee, _mentor = pair
    hide(mentee, "skills_sought")
    with tenant(cast.acme):
        programs_answers.save_answers(enrolment=mentee, answers={"skills_sought": {"coaching": 2}})
        assert Answer.objects.get(enrolment=mentee).shown is False


def made(kind, points, *, fields):
    return Reason("it", "It", points, 10, points, 10, kind, fields, {"x": 1})


def test_what_is_no_reason_between_partners_is_left_out():
    def reason(kind, points=5, fields=("member:level", "member:level")):
        return made(kind, points, fields=fields)

    answers = ("answer:a", "answer:b")
    told = open_reasons(
        [
            reason("missing_offerer"),
            reason("bonus_pair:preferred"),
            reason("same_all"),
            reason("levels_some", 5, answers),
            reason("levels_none", 0, answers),
            made("overlap_some", 5, fields=None),
        ],
        [("seeker", "mentee"), ("offerer", "mentor")],
        {"seeker": {"a": True}, "offerer": {"a": True, "b": False}},
    )
    assert [(each.reason, each.evidence) for each in told] == [
        ("same_all", {"x": 1}), ("kept_back", {}), ("kept_back", {}),
    ]  # fmt: skip


def test_each_side_answers_for_its_own_field_only():
    reason = made("levels_all", 5, fields=("answer:a", "answer:b"))
    pair = [("seeker", "mentee"), ("offerer", "mentor")]
    both = {"seeker": {"a": True, "b": False}, "offerer": {"a": False, "b": True}}
    assert open_reasons([reason], pair, both)[0].reason == "levels_all"
    # an answer that is gone is not shown; among peers not everybody answers
    assert open_reasons([reason], pair, {"seeker": {"a": True}})[0].reason == "kept_back"
    peers = [("one", "peer"), ("two", "peer")]
    assert open_reasons([reason], peers, {"one": {"b": True}})[0].reason == "levels_all"
    assert open_reasons([reason], peers, {"two": {"b": False}})[0].reason == "kept_back"


def test_rest_gives_facts_and_never_a_score_or_a_reason(cast, pair):
    partnership = published(cast, pair[0].cohort)
    with tenant(cast.acme):
        scopes = [Permission.FACTS_READ]
        token = accounts_keys.create_token(name="HR", scopes=scopes, by=cast.hugo)[1]
    answer = Client().get(
        f"/api/v1/partnerships/{partnership.pk}/", headers={"Authorization": f"Bearer {token}"}
    )
    row = answer.json()
    assert row["id"] == str(partnership.pk)
    assert not {"score", "reasons", "criteria"} & set(row)
    assert SKILL.lower() not in answer.content.decode().lower()
