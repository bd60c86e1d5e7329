"""The demo's seed: at awkward moments, twice the same, whoever leaves, and all or nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from celery import current_app
from django.conf import settings as house
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.accounts.operations import organisations
from core.members.models import User
from core.tenancy.models import Organisation
from devtools.demo import seed as demo_seed
from tests.database import make_template

# A seed takes minutes: each moment has one, and the last two are those of the other tests.
MOMENTS = {
    "leap-day": "2028-02-29T10:00:00+00:00",
    "clocks-go-forward": "2026-03-29T00:30:00+00:00",  # in Berlin half past one, then three
    "now": "now",
}
CLOCKS_GO_BACK = "2026-10-25T00:30:00+00:00"  # half past two, for the first time
NEW_YEAR = "2026-12-31T23:30:00+00:00"
STAMP = "stamped_at"  # when the database itself wrote a row, by its own clock
# What no seed may fix, and what depends on the machine.
NOT_COMPARED = {
    "members_user": ["password"],
    "members_apitoken": ["hint"],
    "members_key": ["sha256"],
    "feedback_concerntext": ["sealed"],
    "pairing_matchrun": ["seconds"],
    "feedback_sessionfeedback": ["responses"],  # in an order that nobody can foretell
    # random, so that its id tells nothing of when an answer came
    "feedback_anonymousbox": ["id"],
    # filled by one statement of SQL, which draws the ids itself; no row refers to them
    "metrics_dailytally": ["id"],
    "metrics_foldedsession": ["id"],
    "tenancy_tombstone": ["created_at"],  # when the database itself deleted, by its own clock
}
VIDEO_ROOM = re.compile(r"roundtable-[0-9a-f]{20}")  # whoever knows the name may enter
# what is shown after a session: to the circle, to whoever led, and to a coordinator
FEEDBACK = ("'worth'", "'turns'", "'helped'", "'try'", "'outside': True")
SENT = ("'state': 'sent'", "'state': 'dead'")
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


@dataclass(frozen=True)
class Databases:
    """Makes databases from a migrated one, seeds them and reads them as they stand."""

    url: str
    template: str
    prefix: str

    def run(self, name: str, *words: str, **env: str) -> None:
        ended = subprocess.run(
            [sys.executable, *words],
            cwd=house.ROOT,
            env={
                **os.environ,
                "DATABASE_URL": make_conninfo(self.url, dbname=name),
                "DJANGO_SETTINGS_MODULE": "mentoring.settings",
                "DEBUG": "yes",
                # as make demo has it: with the mail page, and each e-mail goes at once
                "ROOT_URLCONF": "devtools.urls",
                "NOTIFICATION_PACING": "no",
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def seed(self, name: str, folder: Path, moment: str, *options: str, **env: str) -> str:
        """Seed a new database of this name; return the name."""
        folder.mkdir()
        self.admin(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        self.run(name, "-m", "tests.demo.seeding", str(folder), moment, *options, **env)
        return name

    def look(self, name: str, folder: Path, moment: str) -> None:
        """Open, at that moment, what the seed of this database has printed."""
        self.run(name, "-m", "tests.demo.seeding", str(folder), moment, "--walk")

    def admin(self, statement: str) -> None:
        url = make_conninfo(self.url, dbname="postgres", user="postgres")
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(statement.encode())

    def rows(self, name: str) -> dict[str, list[str]]:
        """Return the rows of every table, without what is not compared."""
        url = make_conninfo(self.url, dbname=name, user="postgres")
        with psycopg.connect(url) as database:
            tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return {
                table: sorted(
                    VIDEO_ROOM.sub("", str(row).replace(r"\r\n ", ""))  # lines of iCalendar fold
                    for (row,) in database.execute(
                        sql.SQL("SELECT to_jsonb(t) - %s::text[] FROM {} t").format(
                            sql.Identifier(table)
                        ),
                        [[STAMP, *NOT_COMPARED.get(table, [])]],
                    )
                )
                for (table,) in tables.fetchall()
                if table not in KEPT_TABLES
            }


@pytest.fixture(scope="module")
def databases() -> Databases:
    """The migrated, empty database of the tests to copy, for databases of this process."""
    url = os.environ["DATABASE_URL"]
    if "host" not in conninfo_to_dict(url):
        pytest.skip("needs servers in which databases may be made")
    return Databases(url, make_template(), f"demo_{os.getpid()}")


def assert_whole(rows: dict[str, list[str]]) -> None:
    """Every shape of program has lived and had its e-mails, and each kind of feedback is there."""
    assert len(rows["tenancy_organisation"]) == 2
    shapes = {"circles", "mentor", "pairs"}
    assert all(
        any(f"'format': '{shape}'" in row for row in rows["programs_program"]) for shape in shapes
    )
    shown = {item for row in rows["feedback_sessionfeedback"] for item in FEEDBACK if item in row}
    assert shown == set(FEEDBACK)
    assert rows["feedback_feedbacklesson"]
    assert rows["feedback_peermark"]
    assert any("'answer': 'yes'" in row for row in rows["programs_candidacy"])
    assert rows["pairing_companion"]
    assert any("'phase': 'closed'" in row for row in rows["programs_cohort"])
    assert any("'survey': 'closing'" in row for row in rows["feedback_surveyresult"])
    states = {state for row in rows["notifications_envelope"] for state in SENT if state in row}
    assert states == {"'state': 'sent'"}


@pytest.mark.slow
@pytest.mark.parametrize("name", MOMENTS)
def test_it_seeds_at_any_moment_and_what_it_prints_opens(
    databases: Databases, tmp_path: Path, name: str
) -> None:
    database = f"{databases.prefix}_{name.replace('-', '_')}"

    databases.seed(database, tmp_path / "one", MOMENTS[name], "--walk")

    assert_whole(databases.rows(database))
    databases.admin(f"DROP DATABASE {database}")


@pytest.mark.slow
def test_two_seeds_of_one_moment_are_equal_row_by_row(databases: Databases, tmp_path: Path) -> None:
    names = [f"{databases.prefix}_{number}" for number in (1, 2)]

    def seed(name: str) -> None:
        databases.seed(name, tmp_path / name, CLOCKS_GO_BACK, PYTHONHASHSEED=name[-1])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(seed, names))

    one, other = map(databases.rows, names)

    assert one.keys() == other.keys()
    assert [table for table in one if one[table] != other[table]] == []
    assert_whole(one)
    databases.look(names[0], tmp_path / names[0], CLOCKS_GO_BACK)
    for name in names:
        databases.admin(f"DROP DATABASE {name}")


@pytest.mark.slow
def test_the_story_goes_on_when_those_it_leans_on_leave(
    databases: Databases, tmp_path: Path
) -> None:
    name = f"{databases.prefix}_left"

    databases.seed(name, tmp_path / "one", NEW_YEAR, "--authors-leave")

    assert len(databases.rows(name)["tenancy_organisation"]) == 2
    databases.admin(f"DROP DATABASE {name}")


def test_an_organisation_is_made_whole_or_not_at_all(db, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(now) -> str:
        user = User.objects.create_user("olivia@northwind.example")
        organisations.create_organisation(
            name="Northwind",
            user=user,
            given_name="Olivia",
            family_name="Brandt",
            time_zone="Europe/Berlin",
        )
        raise KeyboardInterrupt

    monkeypatch.setitem(current_app.conf, "broker_url", current_app.conf.broker_url)
    monkeypatch.setattr(demo_seed, "_northwind", die)

    with pytest.raises(KeyboardInterrupt):
        demo_seed.northwind(say=print)

    assert not Organisation.objects.exists()
    assert not User.objects.exists()
