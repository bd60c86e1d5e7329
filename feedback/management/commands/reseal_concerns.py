"""`manage.py reseal_concerns`: the words of concerns under the newest SECRET_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.tenancy.context import tenant
from core.tenancy.queries import live_organisations
from feedback.concerns.operations import reseal_texts


class Command(BaseCommand):
    help = "Seals the words of all concerns with the newest SECRET_KEY; then the old one can go."

    def handle(self, *_args: Any, **_options: Any) -> None:
        done = 0
        for organisation in live_organisations():
            with tenant(organisation):
                done += reseal_texts()
        self.stdout.write(f"{done} texts are sealed with the newest key.")
