"""Programs are made from templates, changed, copied and put away."""

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import AuditEvent
from core.common.errors import violated
from core.tenancy.context import tenant
from pairing.engine.shapes import Kind, RuleKind
from programs.errors import (
    ComesAfterItself,
    FormatIsFixed,
    NameTaken,
    OneLeads,
    ProgramInUse,
    QuestionInUse,
)
from programs.models.parts import Competency, Criterion, MeetingRole, Question
from programs.models.programs import Cohort, Program, ProgramStaff
from programs.operations import cohorts, designs, parts
from programs.operations.answers import CHECKS
from programs.templates_catalog import TEMPLATES
from tests.cast import make_member
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_brings_everything_a_program_needs(cast, key):
    template = TEMPLATES[key]

    program = make_program(cast.acme, "Leading", key)

    with tenant(cast.acme):
        assert program.format == template.format
        assert [row.key for row in program.competencies.all()] == [
            key for key, _name, _rubric in template.competencies
        ]
        assert [row.key for row in program.questions.all()] == [
            "skills_offered",
            "skills_sought",
            "goal",
            "interests",
            "availability",
        ]
        assert program.meeting_roles.filter(leads=True).count() == 1
        assert program.criteria.count() == len(template.criteria) + len(template.rules)
        assert sum(step["minutes"] for step in program.agenda) == program.session_minutes


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_templates_speak_the_language_of_the_engine(template):
    questions = {f"answer:{key}" for key, *_rest in template.questions}
    for rows, kinds in ((template.criteria, Kind), (template.rules, RuleKind)):
        for _key, kind, _label, seeker, offerer, _weight, _parameters in rows:
            assert kind in set(kinds)
            for field in (seeker, offerer):
                assert field in questions or field.startswith("member:")
    assert {kind for _key, kind, *_rest in template.questions} <= set(CHECKS)


def test_one_name_one_program(cast):
    make_program(cast.acme, "Leading")
    make_program(cast.globex, "Leading")

    with pytest.raises(NameTaken):
        make_program(cast.acme, "Leading")


def test_a_coordinator_of_named_programs_sees_the_one_they_make(cast):
    other = make_program(cast.acme, "Other")
    with tenant(cast.acme):
        ProgramStaff.objects.create(program=other, member=cast.cora)

        made = designs.create_program(template="leadership-circles", name="Mine", by=cast.cora)

        assert made in Program.objects.visible_to(cast.cora)


def test_an_edit_says_what_changed(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        designs.edit_program(program=program, by=cast.cora, cadence_every=3, name="Leading")

        assert program.cadence_every == 3
        event = AuditEvent.objects.get(verb="program.edited")
        assert event.details == {"fields": ["cadence_every"]}
        with pytest.raises(ValueError, match="template"):
            designs.edit_program(program=program, by=cast.cora, template="x")


def test_the_format_is_fixed_once_somebody_enrolled(cast):
    program = make_program(cast.acme)
    make_application(make_cohort(program), cast.petra)

    with tenant(cast.acme), pytest.raises(FormatIsFixed):
        designs.edit_program(program=program, by=cast.cora, format="pairs")


def test_a_copy_has_the_design_and_nobody_in_it(cast):
    program = make_program(cast.acme)
    make_application(make_cohort(program), cast.petra)
    with tenant(cast.acme):
        copy = designs.duplicate_program(program=program, by=cast.cora)
        again = designs.duplicate_program(program=program, by=cast.cora)

        assert (copy.name, again.name) == ("Leading, copy 2", "Leading, copy 3")
        for model in (Competency, MeetingRole, Question, Criterion):
            rows = model.objects.filter(program=program).count()
            assert model.objects.filter(program=copy).count() == rows > 0
        grown = MeetingRole.objects.get(program=copy, key="facilitator").competency
        assert grown.program_id == copy.pk
        assert not Cohort.objects.filter(program=copy).exists()


def test_a_program_is_archived_when_none_of_its_cohorts_is_under_way(cast):
    program = make_program(cast.acme)
    cohort = make_cohort(program)
    with tenant(cast.acme):
        with pytest.raises(ProgramInUse):
            designs.archive_program(program=program, by=cast.cora)
        cohorts.move_cohort(cohort=cohort, to="draft", by=cast.cora)

        assert designs.archive_program(program=program, by=cast.cora).archived_at
        assert designs.unarchive_program(program=program, by=cast.cora).archived_at is None


def test_an_answered_question_stays_and_a_compared_one_too(cast):
    program = make_program(cast.acme)
    member = make_member(cast.acme, "Ada")
    make_enrolment(make_cohort(program), member, answers={"goal": "Lead well"})
    with tenant(cast.acme):
        goal = program.questions.get(key="goal")
        with pytest.raises(QuestionInUse, match="answered"):
            parts.remove_part(row=goal, by=cast.cora)
        with pytest.raises(QuestionInUse):
            parts.save_question(
                program=program, question=goal, by=cast.cora, kind="scale", label="Goal"
            )
        with pytest.raises(QuestionInUse, match="compares"):
            parts.remove_part(row=program.questions.get(key="skills_sought"), by=cast.cora)
        parts.remove_part(row=program.questions.get(key="interests"), by=cast.cora)
        assert not program.questions.filter(key="interests").exists()


def test_parts_get_keys_of_their_own(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        first = parts.save_competency(program=program, by=cast.cora, name="Grit", rubric="")
        second = parts.save_competency(program=program, by=cast.cora, name="Grit", rubric="")

        assert (first.key, second.key) == ("grit", "grit-2")
        assert second.position == first.position + 1 == 10


def test_one_role_leads(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme), pytest.raises(OneLeads):
        parts.save_meeting_role(
            program=program, by=cast.cora, name="Host", duties="", leads=True, competency=None
        )


def test_weights_are_set_together_and_audited_when_they_change(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        skills = program.criteria.get(key="skills")
        level = program.criteria.get(key="level")
        weights = {skills.pk: 1, level.pk: level.weight}

        changed = parts.set_weights(program=program, weights=weights, by=cast.cora)
        again = parts.set_weights(program=program, weights=weights, by=cast.cora)

        assert (changed, again) == ([skills], [])
        assert AuditEvent.objects.get(verb="program.weights_set").details == {
            "weights": {"skills": 1}
        }


@pytest.mark.parametrize(
    ("constraint", "broken"),
    [
        ("program_circle_sizes", {"circle_min": 9, "circle_max": 8}),
        ("program_circle_sizes", {"circle_max": 13}),
        ("program_cadence", {"cadence_every": 0}),
    ],
)
def test_postgres_refuses_a_design_that_cannot_be(cast, constraint, broken):
    program = make_program(cast.acme)
    with tenant(cast.acme), pytest.raises(IntegrityError) as refused, transaction.atomic():
        Program.objects.filter(pk=program.pk).update(**broken)
    assert violated(refused.value) == constraint


def test_postgres_refuses_a_weight_above_ten_and_a_second_lead(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            program.criteria.update(weight=11)
        assert violated(refused.value) == "criterion_weight"
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            program.meeting_roles.update(leads=True)
        assert violated(refused.value) == "meeting_role_one_leads"
        for rows, name in [
            (program.competencies, "competency_once"),
            (program.questions, "question_once"),
            (program.criteria, "criterion_once"),
            (program.meeting_roles, "meeting_role_once"),
        ]:
            with pytest.raises(IntegrityError) as refused, transaction.atomic():
                rows.update(key="same")
            assert violated(refused.value) == name


def test_a_meeting_role_does_not_come_after_itself_by_any_way_round(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        said = {"program": program, "by": cast.cora, "duties": "", "leads": False}
        said["competency"] = None
        first = parts.save_meeting_role(name="First", **said)
        second = parts.save_meeting_role(name="Second", after=first, **said)
        third = parts.save_meeting_role(name="Third", after=second, **said)
        for after in (first, second, third):
            with pytest.raises(ComesAfterItself):
                parts.save_meeting_role(name="Again", meeting_role=first, after=after, **said)
        parts.save_meeting_role(name="Third", meeting_role=third, after=first, **said)
        ours = program.meeting_roles.filter(name__in=["First", "Second", "Third", "Again"])
        assert dict(ours.values_list("name", "after__name")) == {
            "First": None,
            "Second": "First",
            "Third": "First",
        }
