"""Scales: scored as by hand, with source and licence, and exported only where they may be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from core.audit.models import AuditEvent
from core.common.statistics import cronbach_alpha
from core.tenancy.context import tenant
from feedback.assessments.rubric import BEHAVIOURS, next_behaviour
from feedback.assessments.scales import BELONGING, CONFIDENCE, IPIP, MENTOR, RUBRIC, SCALES
from feedback.builder.operations import newest, save_item
from feedback.models.built import BuiltSurvey, SurveyVersion
from feedback.models.scales import OwnScale
from feedback.models.surveys import SurveyResponse
from feedback.surveys.built import BUILT
from programs.models.parts import Competency
from programs.templates_catalog import COMPETENCIES
from tests.cast import Cast, sign_in
from tests.feedback.build import AFTER_ONE_PERIOD, enrol, make_cohort, make_survey

# answers to four items of which the last is reversed, and the score by hand
SCORED = [
    ((5, 5, 5, 1), Fraction(5)),  # 5 + 5 + 5 + (6 − 1) = 20
    ((1, 1, 1, 5), Fraction(1)),
    ((4, 3, 5, 2), Fraction(4)),  # 4 + 3 + 5 + 4 = 16
    ((4, 4, 3, 3), Fraction(14, 4)),
    ((2, 3, 4, 5), Fraction(10, 4)),  # 2 + 3 + 4 + 1 = 10
]
LICENSED = {
    "name": "Trust inventory",
    "question": "How far is this true?",
    "items": "I trust canary-one.\n-I doubt canary-two.",
    "steps": "No\nPartly\nYes",
    "source": "A publisher, 2019",
    "licence": "Bought for 200 people",
    "use": "In our programs",
}


@pytest.mark.parametrize("scale", [CONFIDENCE, BELONGING])
@pytest.mark.parametrize(("answers", "score"), SCORED)
def test_a_reversed_item_is_turned_round(scale: Any, answers: Any, score: Fraction) -> None:
    keys = [item.key for item in scale.items]
    assert scale.score(dict(zip(keys, answers, strict=True))) == score


@pytest.mark.parametrize("scale", SCALES, ids=[scale.key for scale in SCALES])
def test_each_scale_runs_from_one_to_its_last_step(scale: Any) -> None:
    most = len(scale.steps)
    best = {item.key: 1 if item.reversed else most for item in scale.items}
    worst = {item.key: most if item.reversed else 1 for item in scale.items}
    assert (scale.score(best), scale.score(worst)) == (most, 1)
    middle = {item.key: 3 if number % 2 else 2 for number, item in enumerate(scale.items)}
    by_hand = [most + 1 - middle[i.key] if i.reversed else middle[i.key] for i in scale.items]
    assert scale.score(middle) == Fraction(sum(by_hand), len(by_hand))
    assert scale.score({**best, scale.items[0].key: 2}) != most
    best.pop(scale.items[-1].key)
    assert scale.score(best) is None
    with pytest.raises(ValueError, match="1 to"):
        scale.score({**worst, scale.items[0].key: most + 1})


def test_the_library_is_whole() -> None:
    assert [len(scale.items) for scale in RUBRIC] == [4] * 9
    assert set(BEHAVIOURS) == {key for key, _name, _words in COMPETENCIES}
    assert (len(CONFIDENCE.items), len(BELONGING.items), len(MENTOR.items)) == (4, 4, 6)
    for scale in IPIP:
        assert (str(scale.licence), "ipip.ori.org" in scale.source) == ("Public domain", True)
    keys = [item.key for scale in SCALES for item in scale.items]
    assert len(set(keys)) == len(keys)
    assert all(scale.source and scale.licence and scale.use for scale in SCALES)


def test_alpha_is_cronbachs() -> None:
    # by hand: the items' variances 5/3 + 11/12 + 5/3 = 17/4, the totals' (4, 6, 9, 12) 49/4:
    # 3/2 · (1 − 17/49) = 48/49
    assert cronbach_alpha([(1, 2, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)]) == Fraction(48, 49)
    assert cronbach_alpha([(1, 5), (5, 1)]) is None  # all totals are equal
    assert cronbach_alpha([(1, 2)]) is None
    assert cronbach_alpha([]) is None


def test_alpha_is_said_from_thirty_people_on() -> None:
    keys = [item.key for item in CONFIDENCE.items]
    person = [
        dict(zip(keys, (1 + n % 5, 1 + n % 5, 1 + n % 5, 5 - n % 5), strict=True))
        for n in range(30)
    ]
    assert CONFIDENCE.alpha(person) == 1
    assert CONFIDENCE.alpha(person[:29]) is None
    assert CONFIDENCE.alpha([*person[:29], {keys[0]: 3}]) is None  # did not answer all


def test_what_comes_next_follows_from_the_level() -> None:
    listening = [str(words) for words in BEHAVIOURS["active-listening"]]
    steps = [next_behaviour("active-listening", level) for level in (1, 1.9, 2, 3.7, 4.2, 5)]
    assert steps == [listening[n] for n in (0, 0, 1, 2, 3, 3)]
    assert next_behaviour("of-a-program", 2) == ""


def test_an_own_scale_is_kept_and_put_into_a_survey(cast: Cast) -> None:
    client = sign_in(cast.olga)
    assert "None yet" in client.get("/o/acme/scales/").text
    made = client.post("/o/acme/scales/new/", {**LICENSED, "exportable": "on"})
    assert made["Location"] == "/o/acme/scales/"
    again = client.post("/o/acme/scales/new/", LICENSED)
    assert (again.status_code, "There is a scale of this name" in again.text) == (422, True)
    assert "I trust canary-one." in again.text  # what was typed is there
    with tenant(cast.acme):
        scale = OwnScale.objects.get()
        assert scale.items == [
            {"key": "i1", "words": "I trust canary-one.", "reversed": False},
            {"key": "i2", "words": "I doubt canary-two.", "reversed": True},
        ]
    page = f"/o/acme/scales/own-{scale.pk.hex}/"
    assert "scored the other way round" in client.get(page).text
    assert "I doubt canary-two." in b"".join(client.get(f"{page}export/")).decode()

    survey = make_survey(make_cohort(cast.acme).program).survey
    assert client.post(page, {"survey": str(survey.pk)})["Location"] == survey.get_absolute_url()
    with tenant(cast.acme):
        item = newest(survey).items[-1]
        assert (item["kind"], item["rows"][0]) == ("matrix", "I trust canary-one.")
        assert "licensed" not in item
    assert "Surveys that ask its items keep them" in client.get(f"{page}remove/").text
    assert client.post(f"{page}remove/")["Location"] == "/o/acme/scales/"
    with tenant(cast.acme):
        assert not OwnScale.objects.exists()
        assert newest(survey).items[-1] == item
    assert client.get("/o/acme/scales/confidence/remove/").status_code == 404


def test_a_long_scale_is_put_into_grids_of_ten(cast: Cast) -> None:
    survey = make_survey(make_cohort(cast.acme).program).survey
    client = sign_in(cast.olga)
    client.post("/o/acme/scales/ipip-warmth/", {"survey": str(survey.pk)})
    with tenant(cast.acme):
        assert [len(item["rows"]) for item in newest(survey).items] == [0, 10]


def test_items_whose_licence_forbids_it_are_never_exported(cast: Cast) -> None:
    """Neither by the scale's own file nor in the results of a survey that asks them."""
    client = sign_in(cast.olga)
    client.post("/o/acme/scales/new/", LICENSED)
    with tenant(cast.acme):
        page = f"/o/acme/scales/own-{OwnScale.objects.get().pk.hex}/"
    shown = client.get(page)
    assert "canary-one" in shown.text
    assert "export/" not in shown.text
    refused = client.get(f"{page}export/", follow=True)
    assert refused.redirect_chain[0][0] == page
    assert "does not let its items leave" in refused.text

    cohort = make_cohort(cast.acme)
    survey = make_survey(cohort.program).survey
    client.post(page, {"survey": str(survey.pk)})
    with tenant(cast.acme):
        version = newest(survey)
        key = version.items[-1]["key"]
        changed = {**version.items[-1], "required": True}
        changed.pop("licensed")  # the builder's form does not know of it
        save_item(survey=survey, by=cast.olga, item=changed, key=key)
        version = newest(survey)
        enrolment = enrol(cohort, cast.petra)
        SurveyResponse.objects.create(
            survey=BUILT.name,
            enrolment=enrolment,
            occasion=f"{survey.pk.hex}:d14",
            version=version,
            opened_at=AFTER_ONE_PERIOD,
            closes_at=AFTER_ONE_PERIOD.replace(year=2027),
        )
    assert "canary-one" in client.get(f"/o/acme/cohorts/{cohort.pk}/surveys/").text
    file = b"".join(client.get(f"/o/acme/cohorts/{cohort.pk}/surveys/export/")).decode()
    assert "canary" not in file


def test_who_builds_no_surveys_sees_no_scales(cast: Cast) -> None:
    for member in (cast.petra, cast.hugo):
        assert sign_in(member).get("/o/acme/scales/").status_code == 403
    with tenant(cast.acme):
        OwnScale.objects.create(name="X", question="?", items=[], steps=["a", "b"], source="s")
        assert list(OwnScale.objects.visible_to(cast.petra)) == []
        assert Competency.objects.count() == 0


def test_an_unknown_scale_is_not_found(cast: Cast) -> None:
    assert Client().get("/o/acme/scales/none/").status_code == 302
    assert sign_in(cast.olga).get("/o/acme/scales/none/").status_code == 404


def test_an_own_scale_is_edited_and_surveys_keep_what_they_ask(cast: Cast) -> None:
    client = sign_in(cast.olga)
    client.post("/o/acme/scales/new/", {**LICENSED, "exportable": "on"})
    with tenant(cast.acme):
        scale = OwnScale.objects.get()
    page, edit = f"/o/acme/scales/{scale.key}/", f"/o/acme/scales/{scale.key}/edit/"
    assert "Edit this scale" in client.get(page).text
    assert "keeps them as they are" not in client.get(edit).text
    survey = make_survey(make_cohort(cast.acme).program).survey
    client.post(page, {"survey": str(survey.pk)})
    asked = grid(cast, survey)

    opened = client.get(edit)
    assert "1 survey has its items and keeps them as they are" in " ".join(opened.text.split())
    form = opened.context["form"]
    assert form["items"].value() == LICENSED["items"]
    items = "-I doubt canary-two.\nI ask for canary-three."
    changed = {**LICENSED, "items": items, "exportable": "on", "version": form["version"].value()}
    assert client.post(edit, changed)["Location"] == page
    with tenant(cast.acme):
        scale.refresh_from_db()
        assert scale.items == [
            {"key": "i2", "words": "I doubt canary-two.", "reversed": True},
            {"key": "i3", "words": "I ask for canary-three.", "reversed": False},
        ]
        act = AuditEvent.objects.get(verb="scale.edited")
        assert act.details == {"changed": ["items"]}
    assert grid(cast, survey) == asked
    # saved again as it is, nothing has happened
    client.post(edit, changed | {"version": client.get(edit).context["form"]["version"].value()})
    with tenant(cast.acme):
        assert AuditEvent.objects.filter(verb="scale.edited").count() == 1


def test_of_two_who_edit_a_scale_neither_writes_over_the_other(cast: Cast) -> None:
    client = sign_in(cast.olga)
    client.post("/o/acme/scales/new/", LICENSED)
    client.post("/o/acme/scales/new/", {**LICENSED, "name": "Another"})
    with tenant(cast.acme):
        edit = f"/o/acme/scales/{OwnScale.objects.get(name='Trust inventory').key}/edit/"
    version = client.get(edit).context["form"]["version"].value()
    assert client.post(edit, {**LICENSED, "version": version, "use": "Theirs"}).status_code == 302
    refused = client.post(edit, {**LICENSED, "version": version, "use": "Mine"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"use"})
    client.post(edit, {**LICENSED, "version": version, "use": LICENSED["use"], "steps": "No\nYes"})
    taken = client.post(edit, {**LICENSED, "name": "Another"})
    assert (taken.status_code, "There is a scale of this name" in taken.text) == (422, True)
    with tenant(cast.acme):
        scale = OwnScale.objects.get(name="Trust inventory")
    assert (scale.use, scale.steps) == ("Theirs", ["No", "Yes"])
    assert client.get("/o/acme/scales/confidence/edit/").status_code == 404


def test_what_the_licence_permits_now_holds_for_surveys_that_have_the_items(cast: Cast) -> None:
    client = sign_in(cast.olga)
    client.post("/o/acme/scales/new/", {**LICENSED, "exportable": "on"})
    with tenant(cast.acme):
        scale = OwnScale.objects.get()
    version = make_survey(make_cohort(cast.acme).program)
    survey = version.survey
    for row in (scale.key, "confidence"):
        client.post(f"/o/acme/scales/{row}/", {"survey": str(survey.pk)})
    with tenant(cast.acme):
        asked = newest(survey)
        SurveyVersion.objects.create(survey=survey, number=2, items=asked.items[:2])

    def licensed() -> list[list[bool]]:
        with tenant(cast.acme):
            versions = SurveyVersion.objects.order_by("number")
            return [["licensed" in row for row in version.items] for version in versions]

    edit = f"/o/acme/scales/{scale.key}/edit/"
    assert licensed() == [[False, False, False], [False, False]]
    client.post(edit, LICENSED)
    assert licensed() == [[False, True, False], [False, True]]
    client.post(edit, {**LICENSED, "exportable": "on"})
    assert licensed() == [[False, False, False], [False, False]]


def grid(cast: Cast, survey: BuiltSurvey) -> dict[str, Any]:
    """Return the last question of a survey."""
    with tenant(cast.acme):
        item: dict[str, Any] = newest(survey).items[-1]
        return item
