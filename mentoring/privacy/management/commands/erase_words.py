"""Count, or erase at once, the old words whose time is over."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import live_organisations, settings_in_force
from mentoring.privacy.words import erase_old_words, old_words


class Command(BaseCommand):
    help = (
        "Prints, for each organisation that erases old words, how many partnerships and places of"
        " how many people are due; with --now erases them, which the workers do by themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", action="store_true", help="erase what is due")

    def handle(self, *args: Any, **options: Any) -> None:
        for organisation in live_organisations():
            self._handle(organisation, now=options["now"])

    def _handle(self, organisation: Organisation, *, now: bool) -> None:
        at = clock.now()
        with tenant(organisation):
            months = settings_in_force().words_months
            if months is None:
                return
            counted = old_words(months=months, at=at)
        self.stdout.write(
            f"{organisation.slug} {months} months: {counted.partnerships} partnerships and"
            f" {counted.enrolments} places of {counted.people} people are due"
        )
        while now:
            with tenant(organisation):
                if not erase_old_words(at=at):
                    return
