"""Every kind of e-mail on one page, as a phone and a computer show it: to be looked at by us."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.template import Context, Engine
from django.utils.safestring import mark_safe

from core.notifications.kinds import KINDS
from core.notifications.render import Words, in_frame
from core.notifications.texts import EmailTemplate, examples

WIDTHS = (320, 640)
CHROMIUM = Path("/usr/bin/chromium")


class Command(BaseCommand):
    help = "Write every kind of e-mail, with invented values, to a contact sheet in a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--no-pictures", action="store_true", help="write HTML alone")

    def handle(self, *, folder: Path, no_pictures: bool, **options: Any) -> None:
        """Write the sheets, and beside them what Chromium makes of them where it is installed."""
        folder.mkdir(parents=True, exist_ok=True)
        emails = [(kind, case, invented(kind, case)) for kind, case in examples()]
        for width in WIDTHS:
            (folder / f"{width}.html").write_text(_sheet(emails, width))
        for kind, case, words in emails:
            (folder / f"{kind.name}.{case}.txt").write_text(f"{words.subject}\n\n{words.text}")
        if not no_pictures and find_spec("playwright"):
            _photograph(folder)
        self.stdout.write(f"{len(emails)} e-mails in {folder}")


def invented(kind: EmailTemplate, case: str) -> Words:
    """Return one kind of e-mail in one of its cases, with the values that its file invents."""
    text, _passages = kind.ours(kind.example(case))
    link = f"{settings.SITE_URL}/"
    return in_frame(
        kind.name,
        text,
        organisation=str(kind.values["organisation"]),
        link=link,
        unsubscribe_link=link if KINDS[kind.name].can_be_muted else "",
    )


def _sheet(emails: list[tuple[EmailTemplate, str, Words]], width: int) -> str:
    apps: dict[str, list[tuple[str, str]]] = {}
    for kind, case, words in emails:
        rows = apps.setdefault(kind.name.partition(".")[0], [])
        rows.append((f"{kind.name} · {case}", mark_safe(_body_of(words.html))))
    template = Engine.get_default().get_template("notifications/gallery.html")
    return str(template.render(Context({"apps": apps, "width": width})))


def _body_of(html: str) -> str:
    """Return an e-mail's body as an element among others, with the style that it has."""
    body = html.partition("<body")[2].partition("</body>")[0]
    return f"<div{body}</div>"


def _photograph(folder: Path) -> None:
    """Take a picture of each sheet; playwright belongs to the tests and may be away."""
    playwright = import_module("playwright.sync_api")
    with playwright.sync_playwright() as play:
        own = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        browser = play.chromium.launch(**own)
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto((folder / f"{width}.html").absolute().as_uri())
            for section in page.locator("section").all():
                name = section.get_attribute("id")
                section.screenshot(path=folder / f"{width}.{name}.png")
        browser.close()
