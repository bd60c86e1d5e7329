"""`manage.py audit_database`: the catalog audit for a database that is served from."""

import pytest
from django.core.management import CommandError, call_command

from core.tenancy import catalog


def test_it_says_that_all_is_well(db, capsys):
    call_command("audit_database")
    assert capsys.readouterr().out == "The database's walls are whole.\n"


def test_it_names_what_it_finds_and_fails(db, capsys, monkeypatch):
    monkeypatch.setattr(catalog, "findings", lambda: ["one gap", "another gap"])
    with pytest.raises(CommandError, match="2 findings"):
        call_command("audit_database")
    assert capsys.readouterr().err == "one gap\nanother gap\n"
