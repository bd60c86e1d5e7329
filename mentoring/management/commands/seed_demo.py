"""`manage.py seed_demo`: demo data once, and a note of how to get in each time."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mentoring import demo
from mentoring.demo.seed import PASSWORD, Demo
from mentoring.identity.models import Organisation

NOTE = "demo.txt"
TOKEN = "demo-token"


class Command(BaseCommand):
    help = "Make the two demo organisations, unless they are there, and write .data/demo.txt."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.ROOT / ".data"
        folder.mkdir(exist_ok=True)
        kept = folder / TOKEN
        made = Demo()
        begun = Organisation.objects.filter(slug="northwind").exists()
        if begun and not kept.exists():
            raise CommandError(
                "The demo's data was left half made. Remove it (docs/running.md says where it"
                " lies) and start again."
            )
        if not begun:
            made = demo.seed(say=self.stdout.write)
            kept.write_text(made.token)
            kept.chmod(0o600)
        (folder / NOTE).write_text(self._note(kept.read_text()))

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
