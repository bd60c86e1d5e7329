"""A design leaves as a file and comes back the same; what is wrong is said by its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.accounts.operations.texts import edit_text
from core.tenancy.context import tenant
from programs.interchange.operations import import_design
from programs.interchange.reading import PARTS, VERSION, design_of, problems_of
from programs.models.parts import MeetingRole
from programs.models.programs import Program
from programs.models.training import PathStep
from programs.templates_catalog import TEMPLATES
from programs.training.operations import remove_step, require_step
from programs.training.queries import steps_of
from tests.cast import sign_in
from tests.programs.build import make_program

EMAIL = {
    "kind": "pairing.matched",
    "case": "usual",
    "subject": "With {{ partners }}",
    "button": "See",
    "body": "Hello {{ given_name }}",
}
FILES = Path(__file__).parent / "files"  # a design of each version as it was exported then


def url(name: str, *args: object) -> str:
    return reverse(f"programs:{name}", args=["acme", *args])


@pytest.fixture
def design(cast):
    program = make_program(cast.acme, as_designed=True)
    with tenant(cast.acme):
        roles = MeetingRole.objects.filter(program=program)
        roles.filter(key="timekeeper").update(after=roles.get(key="facilitator"), needs_level=2)
        edit_text(program_id=program.pk, by=cast.cora, **EMAIL)
        return json.loads(json.dumps(design_of(program)))


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_template_goes_out_and_comes_back_the_same(cast, key):
    program = make_program(cast.acme, "Leading", key, as_designed=True)
    cora = sign_in(cast.cora)
    out = cora.get(url("export_design", program.pk))
    assert out["Content-Disposition"] == 'attachment; filename="leading.json"'

    file = SimpleUploadedFile("leading.json", out.content)
    made = cora.post(url("import_design"), {"file": file, "name": "Leading again"})

    with tenant(cast.acme):
        copied = Program.objects.get(name="Leading again")
        assert made["Location"] == url("set_up_purpose", copied.pk)
        first, second = design_of(program), design_of(copied)
        assert first["program"].pop("name") != second["program"].pop("name")
        assert first == second


def test_roles_that_wait_for_each_other_come_back_too(cast, design):
    with tenant(cast.acme):
        made = import_design(design=design, name="Again", by=cast.cora)
        role = made.meeting_roles.get(key="timekeeper")
        assert (role.after.key, role.after.program_id) == ("facilitator", made.pk)
        assert role.competency.program_id == made.pk


def test_the_path_of_lessons_goes_with_the_design_and_what_was_taken_off_stays_behind(cast):
    program = make_program(cast.acme, as_designed=True)
    with tenant(cast.acme):
        rows = PathStep.objects.filter(program=program)
        require_step(step=rows.get(key="listening"), required=True, by=cast.cora)
        remove_step(step=rows.get(key="conflict"), by=cast.cora)
        design = json.loads(json.dumps(design_of(program)))
        made = import_design(design=design, name="Again", by=cast.cora)
        steps = [(step.key, step.part, step.required) for step, _lesson in steps_of(program)]
        assert [(step.key, step.part, step.required) for step, _lesson in steps_of(made)] == steps
        assert ("listening", "", True) in steps
        assert "conflict" not in {key for key, _part, _required in steps}


def fields_of(design):
    """Return the names of all that a design holds, without what it says."""
    rows = {part: {name for row in design[part] for name in row} for part in PARTS}
    return {"": set(design), "program": set(design["program"])} | rows


@pytest.mark.parametrize("path", sorted(FILES.glob("*.json")), ids=lambda path: path.stem)
def test_files_of_every_earlier_version_are_read(cast, path):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    made = sign_in(cast.cora).post(url("import_design"), {"file": file, "name": ""})
    assert made.status_code == 302, made.text
    stored = json.loads(path.read_text())
    with tenant(cast.acme):
        design = design_of(Program.objects.get(name="Guides"))
        for part in {"program", *PARTS} & {*stored}:
            rows, kept = stored[part], design[part]
            pairs = [(rows, kept)] if part == "program" else zip(rows, kept, strict=True)
            for before, after in pairs:
                assert before.items() <= after.items()
        criteria = stored["program"].get("mentor_criteria", "")
        assert design["program"]["mentor_criteria"] == criteria


def test_a_design_says_what_the_stored_file_of_its_version_says(design):
    """What a design holds changes with its version, and files of the last one are read still."""
    stored = json.loads((FILES / f"version-{VERSION}.json").read_text())
    assert fields_of(design) == fields_of(stored), "raise VERSION, read the last one, store a file"


def wrong(design, where, value):
    broken = copy.deepcopy(design)
    *path, last = where
    row = broken
    for step in path:
        row = row[step]
    row[last] = value
    return broken


@pytest.mark.parametrize(
    ("where", "value", "place"),
    [
        (("version",), 0, "version"),
        (("version",), VERSION + 1, "version"),
        (("more",), 1, "more"),
        (("program", "cadence_every"), 0, "program.cadence_every"),
        (("program", "circle_max"), 4, "program.circle_max"),
        (("program", "agenda"), [{"title": "x"}], "program.agenda"),
        (("program", "agenda", 0, "kind"), "dance", "program.agenda"),
        (("program", "season", 0, "agenda"), "dance", "program.season"),
        (("competencies",), "none", "competencies"),
        (("competencies", 0, "key"), "inclusion", "competencies"),
        (("competencies", 0, "name"), "", "competencies 1, name"),
        (("meeting_roles", 0, "competency"), "grit", "meeting_roles 1, competency"),
        (("meeting_roles", 0, "after"), "timekeeper", "meeting_roles 1, after"),
        (("meeting_roles", 1, "leads"), True, "meeting_roles"),
        (("meeting_roles", 0, "needs_level"), 6, "meeting_roles 1, needs_level"),
        (("questions", 0, "kind"), "dance", "questions 1, kind"),
        (("questions", 0, "options"), [1], "questions 1, options"),
        (("questions", 0, "options"), [{"key": "a", "name": "A"}] * 61, "questions 1, options"),
        (("questions", 0, "required"), "yes", "questions 1, required"),
        (("questions", 0, "only_if"), "goal=x", "questions 1, only_if"),
        (("competencies", 0, "key"), ["a"], "competencies 1, key"),
        (("competencies", 0), 7, "competencies 1"),
        (("program", "self_match"), "false", "program.self_match"),
        (("program", "season"), [None], "program.season"),
        (("criteria", 0, "weight"), 11, "criteria 1, weight"),
        (("criteria", 0, "kind"), "dance", "criteria 1, kind"),
        (("criteria", 0, "seeker_field"), "answer:none", "criteria 1, seeker_field"),
        (("criteria", 0, "parameters"), {"x": 1}, "criteria 1, parameters"),
        (("objectives", 0, "value"), "-1", "objectives 1, value"),
        (("objectives", 0, "metric"), "joy", "objectives 1, metric"),
        (("emails",), [{**EMAIL, "kind": "accounts.invitation"}], "emails 1, kind"),
        (("emails",), [{**EMAIL, "case": "never"}], "emails 1, kind"),
        (("emails",), [{**EMAIL, "body": "{{ salary }}"}], "emails 1"),
        (("emails",), [{**EMAIL, "subject": ""}], "emails 1, subject"),
        (("emails",), [EMAIL, EMAIL], "emails"),
        (("path_steps",), None, "path_steps"),
        (("path_steps", 0, "key"), "listening", "path_steps"),
        (("path_steps", 0, "key"), "dancing", "path_steps 1, key"),
        (("path_steps", 0, "part"), "mentor", "path_steps 1, part"),
        (("path_steps", 0, "when"), "never", "path_steps 1, when"),
        (("path_steps", 5, "required"), True, "path_steps 6, required"),
    ],
)
def test_what_is_wrong_is_said_by_its_place_and_nothing_is_made(cast, design, where, value, place):
    broken = wrong(design, where, value)
    with tenant(cast.acme):
        assert place in {at for at, _words in problems_of(broken)}
    file = SimpleUploadedFile("x.json", json.dumps(broken).encode())
    refused = sign_in(cast.cora).post(url("import_design"), {"file": file, "name": "Broken"})
    assert refused.status_code == 422
    assert f"{place}: " in refused.text
    with tenant(cast.acme):
        assert not Program.objects.filter(name="Broken").exists()


@pytest.mark.parametrize("content", [b"", b"no", b"[]", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_what_is_no_design_is_refused_at_the_file(cast, content):
    file = SimpleUploadedFile("x.json", content)
    refused = sign_in(cast.cora).post(url("import_design"), {"file": file, "name": ""})
    assert refused.status_code == 422


def test_a_name_that_is_taken_is_said_at_the_name_and_nobody_else_may(cast, design):
    file = SimpleUploadedFile("x.json", json.dumps(design).encode())
    refused = sign_in(cast.cora).post(url("import_design"), {"file": file, "name": ""})
    assert "There is already one with this name." in refused.text
    assert sign_in(cast.petra).get(url("import_design")).status_code == 403
