"""The contact sheet: every kind of e-mail in each of its cases, at both widths and as text."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command

from core.notifications.management.commands.mail_gallery import WIDTHS, invented
from core.notifications.texts import examples, kinds


def test_every_kind_is_on_the_sheets_and_can_be_read_as_text(tmp_path: Path) -> None:
    call_command("mail_gallery", str(tmp_path), "--no-pictures")

    emails = list(examples())
    assert {kind.name for kind, _case in emails} == set(kinds())
    for width in WIDTHS:
        sheet = (tmp_path / f"{width}.html").read_text()
        missing = [
            (kind.name, case)
            for kind, case in emails
            if f"{kind.name} · {case}</p>" not in sheet
            or invented(kind, case).html.partition("<h1")[2].partition("</h1>")[0] not in sheet
        ]
        assert missing == []
        assert sheet.count("<article") == len(emails)
    assert {path.stem for path in tmp_path.glob("*.txt")} == {
        f"{kind.name}.{case}" for kind, case in emails
    }
    assert all(path.read_text().count("://") >= 1 for path in tmp_path.glob("*.txt"))
