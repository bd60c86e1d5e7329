"""The survey that goes with a template: offered once, begun by a click, changed like any other."""

from __future__ import annotations

import pytest

from core.tenancy.context import tenant
from feedback.builder import operations
from feedback.builder.forms import FrameForm, QuestionForm
from feedback.builder.suggested import SUGGESTIONS
from feedback.models.built import BuiltSurvey, SurveyVersion
from programs.models.programs import Program
from programs.operations.designs import create_program
from programs.templates_catalog import TEMPLATES
from tests.cast import Cast, sign_in


def test_each_template_has_one() -> None:
    assert set(SUGGESTIONS) == set(TEMPLATES)


@pytest.mark.parametrize("template", SUGGESTIONS)
def test_the_builders_forms_take_every_word_of_it(template: str) -> None:
    survey = SUGGESTIONS[template].as_survey()
    items = survey["items"]
    number = survey["moments"][0][1:]

    frame = FrameForm({**survey, "days": number if number.isdigit() else "", "sessions": ""})
    assert frame.is_valid() or set(frame.errors) == {"moments"}, frame.errors
    for item in items:
        lines = {name: "\n".join(item[name]) for name in ("choices", "rows")}
        form = QuestionForm({**item, **lines}, items=[], item=None)
        assert form.is_valid(), form.errors
        assert {name: form.cleaned_data[name] for name in ("choices", "rows")} == {
            name: item[name] for name in ("choices", "rows")
        }


@pytest.mark.parametrize("template", SUGGESTIONS)
def test_it_is_added_by_a_click_and_can_be_started(cast: Cast, template: str) -> None:
    with tenant(cast.acme):
        program = create_program(template=template, name="Ours", by=cast.olga)
    owner = sign_in(cast.olga)
    listed = f"/o/acme/programs/{program.pk}/surveys/"
    title = str(SUGGESTIONS[template].title)
    assert title in owner.get(listed).text.replace("&#x27;", "'")

    answer = owner.post(f"{listed}add/")

    with tenant(cast.acme):
        survey = BuiltSurvey.objects.get(program=program)
        items = SurveyVersion.objects.get(survey=survey).items
        assert answer["Location"] == survey.get_absolute_url()
        assert (survey.title, survey.asking) == (title, False)
        assert [item["kind"] for item in items] == ["matrix", "choice", "text"]
        operations.set_asking(survey=survey, by=cast.olga, asking=True)
    assert owner.get(survey.get_absolute_url()).status_code == 200
    assert owner.get(f"{survey.get_absolute_url()}preview/").status_code == 200


def test_it_is_offered_once_and_only_with_a_template(cast: Cast) -> None:
    with tenant(cast.acme):
        program = create_program(template="reverse-mentoring", name="Ours", by=cast.olga)
    owner = sign_in(cast.olga)
    listed = f"/o/acme/programs/{program.pk}/surveys/"
    owner.post(f"{listed}add/")

    assert owner.post(f"{listed}add/")["Location"] == listed

    assert "Goes with this kind of program" not in owner.get(listed).text
    with tenant(cast.acme):
        assert BuiltSurvey.objects.filter(program=program).count() == 1
        Program.objects.filter(pk=program.pk).update(template="")
        BuiltSurvey.objects.filter(program=program).update(title="Another")
    assert "Goes with this kind of program" not in owner.get(listed).text
