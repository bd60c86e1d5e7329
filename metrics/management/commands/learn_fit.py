"""`manage.py learn_fit`: which criteria went with good partnerships, as the page says it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.queries import live_organisations
from metrics.fit.operations import look_at_fit
from metrics.fit.queries import looks
from metrics.fit.words import lines, program_text
from programs.models.programs import Program


class Command(BaseCommand):
    help = (
        "Says per program which matching criteria went with good partnerships, and which weights "
        "are proposed; it applies none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation", help="its slug, as in the address of its pages")
        parser.add_argument(
            "--look",
            action="store_true",
            help="look at newer partnerships first: what is released stays as it is",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        found = [row for row in live_organisations() if row.slug == options["organisation"]]
        if not found:
            raise CommandError(f"no organisation {options['organisation']!r} is open")
        with tenant(found[0]), translation.override("en"):
            if options["look"]:
                paired = Program.objects.active().exclude(format=Program.Format.CIRCLES)
                for program in paired.order_by("name", "pk"):
                    look_at_fit(program=program, by=None)
            owner = Member.objects.filter(role=Member.Role.OWNER, state=Member.State.LIVE).first()
            if owner is None:
                raise CommandError("the organisation has no owner, who sees all programs")
            for row in looks(owner):
                for line in lines(program_text(row)):
                    self.stdout.write(line)
