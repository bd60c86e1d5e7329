"""The audit trail says what it was before; of people only that it changed, and it can be dated."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from core.accounts.operations import people
from core.accounts.operations.organisations import update_organisation
from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.operations import LONGEST, changes_of
from core.audit.sentences import sentence
from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from programs.models.parts import MeetingRole
from programs.operations import cohorts, designs, parts
from tests.cast import Cast, sign_in
from tests.programs.build import make_cohort, make_program

AUDIT = "/o/acme/settings/audit"


def last(verb: str) -> AuditEvent:
    return AuditEvent.objects.filter(verb=verb).latest("id")


def change_settings(cast: Cast) -> None:
    chosen = settings_in_force()
    kept = ("time_zone", "accent", "video_template", "retention_days", "own_facts")
    update_organisation(
        by=cast.olga,
        name="Acme Two",
        threshold=chosen.threshold + 1,
        idle_minutes=chosen.idle_minutes,
        asks_second_step=chosen.asks_second_step,
        **{name: getattr(chosen, name) for name in kept},
    )


def test_settings_designs_and_cohorts_say_what_it_was_and_is(cast: Cast):
    program = make_program(cast.acme, "Mine")
    cohort = make_cohort(program)
    with tenant(cast.acme):
        threshold = settings_in_force().threshold
        change_settings(cast)
        assert last("organisation.changed").details["changes"] == {
            "name": ["Acme", "Acme Two"],
            "threshold": [threshold, threshold + 1],
        }
        designs.edit_program(program=program, by=cast.cora, name="Ours", sessions_planned=7)
        planned = last("program.edited").details["changes"]
        assert (planned["name"], planned["sessions_planned"][1]) == (["Mine", "Ours"], 7)
        weights = {c.pk: c.weight for c in program.criteria.all()}
        pk = next(iter(weights))
        parts.set_weights(program=program, weights={pk: (weights[pk] + 1) % 10}, by=cast.cora)
        assert list(last("program.weights_set").details["changes"].values()) == [
            [weights[pk], (weights[pk] + 1) % 10]
        ]
        until = cohort.starts_on - timedelta(days=1)
        cohorts.edit_cohort(
            cohort=cohort,
            name=cohort.name,
            starts_on=cohort.starts_on,
            ends_on=cohort.ends_on,
            places=12,
            enrol_until=until,
            by=cast.cora,
        )
        edited = last("cohort.edited")
        assert edited.details["changes"]["places"] == [None, 12]
        assert "places: – → 12" in sentence(edited, Names.in_acts([edited]))


def test_of_a_person_it_says_that_something_changed_and_not_what_it_was(cast: Cast):
    with tenant(cast.acme):
        people.update_member(member=cast.petra, by=cast.cora, job_title="Welder", level=5)
        details = last("member.changed").details
    assert details == {"changed": ["job_title", "level"]}


def test_a_long_text_is_kept_by_its_beginning_and_lists_as_words(cast: Cast):
    role = MeetingRole(organisation_id=1, duties="", name="Old", leads=False)
    wanted = {"duties": "x" * 500, "name": "Old", "leads": True}
    changes = changes_of(role, wanted)
    assert changes == {"duties": ["", "x" * (LONGEST - 1) + "…"], "leads": [False, True]}


def test_the_page_and_the_csv_are_narrowed_by_day_and_show_before_and_after(cast: Cast):
    with tenant(cast.acme):
        threshold = settings_in_force().threshold
        change_settings(cast)
    browser, today = sign_in(cast.olga), clock.now().date()
    words = f"threshold: {threshold} → {threshold + 1}"
    days = {"since": today - timedelta(days=1), "until": today + timedelta(days=1)}
    assert words in browser.get(f"{AUDIT}/", days).text
    rows = list(csv.reader(io.StringIO(_text(browser.get(f"{AUDIT}.csv", days)))))
    assert any(words in cell for row in rows for cell in row)

    before = {"until": date(2020, 1, 1)}
    assert words not in browser.get(f"{AUDIT}/", before).text
    assert len(list(csv.reader(io.StringIO(_text(browser.get(f"{AUDIT}.csv", before)))))) == 1
    assert sign_in(cast.cora).get(f"{AUDIT}/").status_code == 403


def _text(answer: object) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a stream
