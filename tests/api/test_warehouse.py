"""The folder docs/warehouse: ten figures rebuilt from exported files alone equal ours."""

from __future__ import annotations

import re
from datetime import timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core.common.statistics import rounded
from core.members.files import Tally, csv_blocks
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from mentoring.resources import FILES
from metrics.definitions.shapes import State
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort
from tests.cast import Cast
from tests.metrics.build import (
    NOW,
    TODAY,
    ask,
    circle,
    enrol,
    figures,
    full_cohort,
    make_cohort,
    meet,
    noon,
    people,
    release,
)

FOLDER = Path(__file__).parents[2] / "docs" / "warehouse"
MODELS = {path.stem: path.read_text() for path in FOLDER.glob("models/*/*.sql")}
FIGURES = sorted(path.stem for path in FOLDER.glob("models/figures/*.sql"))
FACTS = {
    "partnership_facts": "pairing_partnership_facts",
    "seat_facts": "pairing_seat_facts",
    "session_facts": "sessions_session_facts",
    "attendance_facts": "sessions_attendance_facts",
    "check_in_facts": "feedback_check_in_facts",
}
TYPES = {
    "id": "uuid",
    "instant": "timestamptz",
    "date": "date",
    "boolean": "boolean",
    "whole": "bigint",
}
SOURCE = re.compile(r"\{\{ source\('roundtable', '([\w-]+)'\) \}\}")
REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
VAR = re.compile(r"\{\{ var\(\"(\w+)\"\) \}\}")
CHOSEN = {"as_of": NOW.isoformat(), "time_zone": "Europe/Berlin", "week_starts_on": "0"}


def load(member: Member) -> None:
    """Load what a member exports into a scratch schema, and build every model on top."""
    sources = {name for text in MODELS.values() for name in SOURCE.findall(text)}
    for name in sorted(sources):
        with tenant(member.organisation, member=member.pk):
            rows, columns = FILES[name].file_for(member)
            blocks = [*csv_blocks(member, rows, columns, Tally(), separator="comma", bom=False)]
        made = ", ".join(f'"{one.name}" {TYPES.get(one.kind, "text")}' for one in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMPORARY TABLE "src_{name}" ({made})')
            copied = f'COPY "src_{name}" FROM STDIN (FORMAT csv, HEADER)'
            with cursor.copy(copied) as copy:
                for block in blocks:
                    copy.write(block)
    needs = {name: set(REF.findall(text)) for name, text in MODELS.items()}
    for name in TopologicalSorter(needs).static_order():
        text = SOURCE.sub(r'"src_\1"', REF.sub(r'"wh_\1"', MODELS[name]))
        text = VAR.sub(lambda match: CHOSEN[match[1]], text)
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMPORARY TABLE "wh_{name}" AS {text}')


def rebuilt(name: str) -> dict[tuple[str, str], dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "wh_{name}"')
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(str(row["cohort_id"]), row["part"]): row for row in rows}


def many_over(organisation: Organisation) -> Cohort:
    """Make a cohort in which enough people have completed, and enough have not, to be shown."""
    cohort = make_cohort(organisation, "Winter")
    with tenant(organisation):
        enrolments = [enrol(cohort, one) for one in people(organisation, 24, prefix="Winter")]
        for n in range(0, 24, 2):
            table = circle(cohort, enrolments[n : n + 2], f"W{n}")
            meet(table, TODAY - timedelta(days=20), came="pp")
            Partnership.objects.filter(pk=table.pk).update(
                state="lapsed" if n % 4 else "completed", ended_at=noon(TODAY)
            )
            Seat.objects.filter(partnership=table).update(left_at=noon(TODAY))
    return cohort


@pytest.mark.slow
def test_ten_figures_from_exported_files_equal_ours(cast: Cast):
    cohorts = [full_cohort(cast.acme), make_cohort(cast.acme, "Autumn"), many_over(cast.acme)]
    full_cohort(cast.globex)  # no file has anything of theirs
    with tenant(cast.acme):
        members = people(cast.acme, 14, prefix="Autumn")
        enrolments = [enrol(cohorts[1], member) for member in members[:10]]
        enrolments += [enrol(cohorts[1], member, "applied") for member in members[10:12]]
        enrolments += [
            enrol(cohorts[1], members[12], "withdrawn", ended=TODAY),
            enrol(cohorts[1], members[13], "completed", ended=TODAY),
        ]
        tables = [circle(cohorts[1], enrolments[n : n + 2], f"T{n}") for n in (0, 2, 4, 6)]
        for table, came in zip(tables, ("pp", "pa", "pe", "pp"), strict=True):
            meet(table, TODAY - timedelta(days=20), came=came)
            meet(table, TODAY - timedelta(days=3), "missed")
            meet(table, TODAY - timedelta(days=2), "cancelled", cause="paused")
            meet(table, TODAY + timedelta(days=30), "planned")
        for seat in Seat.objects.filter(partnership__in=tables):
            ask(seat, 1, TODAY - timedelta(days=9), TODAY - timedelta(days=10))
            ask(seat, 2, TODAY - timedelta(days=2), TODAY)
            ask(seat, 3, TODAY + timedelta(days=5))
        over = {tables[1]: "completed", tables[2]: "lapsed", tables[3]: "withdrawn"}
        for table, state in over.items():
            rows = Partnership.objects.filter(pk=table.pk)
            rows.update(state=state, ended_at=noon(TODAY))
            Seat.objects.filter(partnership=table).update(left_at=noon(TODAY))
    release(cast.acme)
    with tenant(cast.acme):
        load(cast.hugo)
        compared = set()
        for cohort in cohorts:
            for (key, part), ours in figures(cohort).items():
                theirs = rebuilt(key).get((str(cohort.pk), part)) if key in FIGURES else None
                if ours.state != State.SHOWN or (theirs is None and part):
                    continue
                if key not in FIGURES:
                    continue
                assert theirs, (key, part)
                compared.add(key)
                value = theirs.get("value")
                if value is None and ours.numerator is not None and ours.denominator:
                    assert theirs["numerator"] == ours.numerator, (key, part, cohort)
                    if key not in {"funnel", "enrolled"}:
                        value = rounded(theirs["numerator"], theirs["denominator"])
                        assert theirs["denominator"] == ours.denominator, (key, part, cohort)
                        assert value == ours.value, (key, part, cohort)
                elif value is not None:
                    assert value == ours.value, (key, part, cohort)
    assert sorted(compared) == FIGURES
    assert len(FIGURES) == 10


def test_the_facts_have_the_columns_of_our_views(cast: Cast):
    with tenant(cast.acme):
        load(cast.hugo)
        with connection.cursor() as cursor:
            for name, view in FACTS.items():
                columns = []
                for table in (f'"wh_{name}"', view):
                    cursor.execute(f"SELECT * FROM {table} LIMIT 0")
                    columns.append({column.name for column in cursor.description or ()})
                assert columns[0] == columns[1] - {"organisation_id"}, name
