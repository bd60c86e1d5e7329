"""Erase again those whom a restored backup has brought back, and show who has been erased."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.common.ids import ids_in
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import live_organisations
from mentoring.privacy.erasing import erase_again


class Command(BaseCommand):
    help = (
        "Prints who has been erased, an organisation's address and an id on each line; with"
        " --from-list erases them again after a restore."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from-list", help="a file of such lines, as in ERASURES_FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["from_list"]:
            for line in _erased():
                self.stdout.write(line)
            return
        lines = Path(options["from_list"]).read_text().splitlines()
        erased = sum(_erase(line) for line in lines if line.strip())
        self.stdout.write(f"{erased} of {len(lines)} had come back and are erased again.")


def _erased() -> Iterator[str]:
    for organisation in live_organisations():
        with tenant(organisation):
            for member in Member.objects.exclude(erased_at=None).order_by("erased_at"):
                yield f"{organisation.slug} {member.pk}"


def _erase(line: str) -> bool:
    slug, _space, id_ = line.strip().partition(" ")
    ids = ids_in([id_])
    if not ids:
        raise CommandError(f"{line!r} is no address and id")
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:  # deleted since
        return False
    with tenant(organisation):
        return erase_again(ids[0])
