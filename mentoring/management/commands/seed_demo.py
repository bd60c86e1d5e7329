"""`manage.py seed_demo`: what is missing of the demo's data, and a note of how to get in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mentoring import demo
from mentoring.demo.seed import PASSWORD
from mentoring.identity.models import Organisation

NOTE = "demo.txt"
TOKEN = "demo-token"


class Command(BaseCommand):
    help = "Make the two demo organisations, unless they are there, and write .data/demo.txt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=["northwind", "southbank"])

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.ROOT / ".data"
        folder.mkdir(exist_ok=True)
        kept = folder / TOKEN
        if self._is_wanted("northwind", options["only"]):
            kept.write_text(demo.northwind(say=self.stdout.write))
            kept.chmod(0o600)
        if self._is_wanted("southbank", options["only"]):
            demo.southbank(say=self.stdout.write)
        if not kept.exists():
            raise CommandError(f"Northwind is there, but .data/{TOKEN} is not: empty the database.")
        (folder / NOTE).write_text(self._note(kept.read_text()))

    def _is_wanted(self, slug: str, only: str | None) -> bool:
        return only in {None, slug} and not Organisation.objects.filter(slug=slug).exists()

    def _note(self, token: str) -> str:
        site = settings.SITE_URL
        people = [
            ("coordinator", "ingrid@northwind.example"),
            ("participant", "leila@northwind.example"),
            ("HR analyst", "hassan@northwind.example"),
            ("owner", "olivia@northwind.example"),
            ("another organisation", "samuel@southbank.example"),
        ]
        lines = [f"  {role:<21} {email}" for role, email in people]
        return "\n".join(
            [
                f"Sign in at {site}/account/login/ with the password {PASSWORD}:",
                *lines,
                "",
                f"Mail:   {site}/_mail/   (check-ins: {site}/_mail/?q=how+did+it+go)",
                f"API:    {site}/api/docs/   token {token}",
                f'        curl -H "Authorization: Bearer {token}" {site}/api/v1/figures.csv',
                "",
            ]
        )
