"""The steps of a coordinator at the browser: what they press, type and read, page by page."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from django.core import mail
from playwright.sync_api import Page

from tests.browser import Watched

PICTURES = os.environ.get("PICTURES", "")
Figures = dict[tuple[str, str], str]


@dataclass
class Desk:
    """A window on the site, and what its person does there."""

    watched: Watched
    address: str

    @property
    def page(self) -> Page:
        return self.watched.page

    @property
    def title(self) -> str:
        """The page's first heading."""
        return text_of(self.page.locator("h1").first.inner_text())

    @property
    def main(self) -> str:
        """All that the page says, on one line."""
        return text_of(self.page.locator("main").inner_text())

    @property
    def place(self) -> str:
        """The address without the server."""
        return self.page.url.removeprefix(self.address)

    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"

    def press(self, words: str, *, within: str = "main") -> None:
        """Press a button or follow a link by its words, and wait for the page behind it."""
        scope = self.page.locator(within)
        button = scope.get_by_role("button", name=words, exact=True)
        control = button.or_(scope.get_by_role("link", name=words, exact=True)).first
        with self.page.expect_navigation():  # until its load event, with its styles
            control.click()

    def fill(self, **fields: str) -> None:
        """Type into controls by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def choose(self, **fields: str) -> None:
        """Choose what is shown under these words, in selects by their names."""
        for name, words in fields.items():
            self.page.locator(f"select[name={name}]").select_option(label=words)

    def clean(self, name: str) -> None:
        """Fail if the page as it is now gives any cause for complaint."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
        complaints = self.watched.look()
        assert complaints == [], f"{name} at {self.place}: {complaints}"

    def chips(self) -> dict[str, str]:
        """The filters of a list with their numbers."""
        said = (text_of(chip.inner_text()) for chip in self.page.locator("a.chip").all())
        return dict(words.rsplit(" ", 1) for words in said)

    def heading(self, beginning: str) -> str:
        """The first heading below the title that begins so."""
        found = self.page.locator("h2").filter(has_text=re.compile(f"^\\s*{beginning}"))
        return text_of(found.first.inner_text())

    def proof(self) -> str:
        """What the solver has proved."""
        return text_of(self.page.locator(".proof p").first.inner_text())

    def facts(self) -> dict[str, str]:
        """Names and values of the facts that the page shows."""
        pairs = self.page.locator("dl.facts > div").all()
        return {
            text_of(pair.locator("dt").inner_text()): text_of(pair.locator("dd").inner_text())
            for pair in pairs
        }

    def table(self, label: str) -> list[list[str]]:
        """The rows of a table by its label, cell by cell."""
        rows = self.page.get_by_role("region", name=label).locator("tbody tr").all()
        return [
            [text_of(cell.inner_text()) for cell in row.locator("th, td").all()] for row in rows
        ]

    def download(self, words: str) -> list[dict[str, str]]:
        """Follow a link to a CSV and return its lines by the names of its columns."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=re.compile(words)).first.click()
        content = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(content)))

    def figures(self) -> Figures:
        """The exact values that stand on the page; empty where there is none."""
        found = self.page.evaluate(
            "[...document.querySelectorAll('[data-figure]')]"
            ".map(each => [each.dataset.figure, each.value || ''])"
        )
        return {tuple(mark.split("/", 1)): value for mark, value in found}


def text_of(words: str) -> str:
    """Return words on one line, with plain spaces."""
    return " ".join(words.split())


def said(value: object) -> str:
    """Return a value of JSON as a CSV says it."""
    return "" if value is None else str(value)


def read_api(address: str, token: str) -> dict[str, Any]:
    """Read the API as a program does: with a token, and without a browser."""
    request = Request(address, headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def emails(kind: str, *, to: str = "") -> list[mail.EmailMessage]:
    """E-mails sent so far whose subject begins with these words."""
    sent = [email for email in mail.outbox if email.subject.startswith(kind)]
    return [email for email in sent if not to or email.to == [to]]


def link_in(email: mail.EmailMessage) -> str:
    """The path of the one button of an e-mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(email.body))
    assert found, f"no link in {email.subject}: {email.body}"
    return found[1]
