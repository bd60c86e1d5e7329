"""`manage.py audit_database`: the catalog audit, for a database in production or just restored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.tenancy import catalog


class Command(BaseCommand):
    help = "Names every gap in the database's wall between organisations; fails if there is one."
    requires_migrations_checks = True

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = catalog.findings()
        for finding in found:
            self.stderr.write(finding)
        if found:
            raise CommandError(f"{len(found)} findings: do not serve from this database")
        self.stdout.write("The database's walls are whole.")
