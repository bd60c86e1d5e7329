"""Programs are made from templates, changed, copied and put away."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import AuditEvent
from core.common.errors import violated
from core.notifications.models import EmailText
from core.notifications.texts import VARIABLE, examples_of_programs, mistakes
from core.tenancy.context import tenant
from pairing.engine.shapes import Kind, RuleKind
from programs.errors import (
    ComesAfterItself,
    FormatIsFixed,
    NameTaken,
    ObjectiveTwice,
    OneLeads,
    ProgramInUse,
    QuestionInUse,
)
from programs.models.parts import Competency, Criterion, MeetingRole, Objective, Question
from programs.models.programs import Cohort, Program
from programs.operations import cohorts, designs, parts
from programs.operations.answers import CHECKS
from programs.queries.agendas import READY_AGENDAS, agenda_for, season_lines
from programs.templates_catalog import EVERYBODY_LEARNS, TEMPLATES
from tests.cast import make_member
from tests.programs.build import (
    make_application,
    make_cohort,
    make_enrolment,
    make_program,
    run_only,
)


def by_week(row: tuple[str, str, int]) -> tuple[int, str]:
    return row[2], row[0]


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_brings_everything_a_program_needs(cast, key):
    template = TEMPLATES[key]

    program = make_program(cast.acme, "Leading", key, as_designed=True)

    with tenant(cast.acme):
        assert program.format == template.format
        assert [row.key for row in program.competencies.all()] == [
            key for key, _name, _rubric in template.competencies
        ]
        assert [row.key for row in program.questions.all()] == [
            key for key, *_rest in template.questions
        ]
        assert program.meeting_roles.filter(leads=True).count() == 1
        assert program.criteria.count() == len(template.criteria) + len(template.rules)
        assert sum(step["minutes"] for step in program.agenda) == program.session_minutes
        assert [row.metric for row in program.objectives.all()] == [
            metric for metric, _value, _week in sorted(template.objectives, key=by_week)
        ]
        assert [
            (row.key, row.part, row.when) for row in program.path_steps.order_by("position")
        ] == [*template.path]
        assert not program.path_steps.filter(required=True).exists()
        assert program.purpose
        assert len(program.season) == template.sessions_planned
        both = program.format == Program.Format.MENTOR
        assert bool(program.expectations_mentors) == bool(program.expectations_mentees) == both
        for number in range(1, program.sessions_planned + 1):
            minutes = sum(step["minutes"] for step in agenda_for(program, number))
            assert minutes == program.session_minutes


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_what_the_matching_rests_on_has_to_be_answered(template):
    heavy = {
        field.removeprefix("answer:")
        for _key, _kind, _label, seeker, offerer, weight, _parameters in template.criteria
        for field in (seeker, offerer)
        if weight >= 4 and field.startswith("answer:")
    }
    required = {key for key, *_rest, required in template.questions if required}
    assert required == heavy
    assert {"topics_sought", "skills_sought", "skills_offered"} <= required
    assert {row[6].get("missing") for row in template.criteria} == {"zero"}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_says_when_each_lesson_is_learnt(template):
    when = {key: when for key, _part, when in template.path}
    assert {key for key in when if when[key] == "matching"} == {*EVERYBODY_LEARNS}
    assert [key for key in when if when[key] == "lead"] == [
        key for key in ("facilitating",) if template.format == "circles"
    ]
    assert [key for key in when if when[key] == "closing"] == ["reflection"]


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_templates_emails_are_in_its_words_and_its_copies_say_them_too(cast, key):
    program = make_program(cast.acme, "Leading", key)
    known = {(kind.name, case): kind for kind, case in examples_of_programs()}
    for kind, case, *texts in TEMPLATES[key].emails:
        variables = known[kind, case].variables(case)
        assert mistakes("\n".join(map(str, texts)), variables) == []
        before = known[kind, case].start(case)
        said = " ".join(map(str, texts))
        assert {*VARIABLE.findall(f"{before.subject} {before.body}")} <= {*VARIABLE.findall(said)}
    with tenant(cast.acme):
        copy = designs.duplicate_program(program=program, by=cast.cora)
        for mine in (program, copy):
            rows = EmailText.objects.filter(program_id=mine.pk).order_by("kind")
            assert [(row.kind, row.subject) for row in rows] == sorted(
                (kind, str(subject)) for kind, _case, subject, *_rest in TEMPLATES[key].emails
            )


def test_templates_name_agendas_and_lessons_that_there_are():
    lessons = {
        "peer-mentoring",
        "listening",
        "clear-expression",
        "questions",
        "feedback",
        "strategic-thinking",
        "facilitating",
        "rounds-and-quiet-voices",
        "deciding-by-consent",
        "conflict",
        "sharing-power",
        "goals-and-one-action",
        "reflection",
    }
    for template in TEMPLATES.values():
        assert {key for keys in template.lessons.values() for key in keys} <= lessons
        assert {agenda for _theme, agenda, _milestone in template.season} <= {"", *READY_AGENDAS}


def test_sessions_have_their_own_agenda_and_then_the_programs(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        designs.edit_program(
            program=program,
            by=cast.cora,
            season=[{"theme": "Cases", "agenda": "clinic", "milestone": ""}],
        )
    clinic = READY_AGENDAS["clinic"].fitted(program.session_minutes)
    assert agenda_for(program, 1) == clinic
    assert agenda_for(program, 2) == program.agenda
    assert [line.agenda for line in season_lines(program)] == ["Case clinic"]


def test_a_figure_has_one_objective(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        said = {"program": program, "by": cast.cora, "week": 20}
        days = parts.save_objective(metric="decision_days", value=Decimal(14), **said)
        with pytest.raises(ObjectiveTwice):
            parts.save_objective(metric="satisfied", value=Decimal("0.9"), **said)
        parts.save_objective(objective=days, metric="decision_days", value=Decimal(10), **said)
        event = AuditEvent.objects.get(verb="objective.edited")
        assert event.details["changes"] == {"value": ["14", "10"]}
        assert (days.is_reached(Decimal(9)), days.is_reached(Decimal(11))) == (True, False)
        assert program.objectives.get(metric="satisfied").is_reached(Decimal("0.8"))


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
        run_only(cast.cora, other)

        made = designs.create_program(template="leadership-circles", name="Mine", by=cast.cora)

        assert made in Program.objects.visible_to(cast.cora)


def test_an_edit_says_what_changed(cast):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        designs.edit_program(program=program, by=cast.cora, cadence_every=3, name="Leading")

        assert program.cadence_every == 3
        event = AuditEvent.objects.get(verb="program.edited")
        assert event.details == {
            "fields": ["cadence_every"],
            "changes": {"cadence_every": [2, 3]},
        }
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
        for model in (Competency, MeetingRole, Question, Criterion, Objective):
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
            "weights": {"skills": 1},
            "changes": {"skills": [8, 1]},
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
