"""Read what a mail server has laid into a maildir: answers, calendars' answers, bounces."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.notifications.inbound import door
from core.notifications.inbound.message import MOST_BYTES

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Read what is new in a maildir, each message once: answers to e-mails, and bounces."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("maildir", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read all that is new; what fails stays there for the next time."""
        maildir: Path = options["maildir"]
        if not (maildir / "new").is_dir() or not (maildir / "cur").is_dir():
            raise CommandError(f"{maildir} is no maildir: it has no new/ and cur/")
        counts: Counter[str] = Counter()
        for path in sorted((maildir / "new").iterdir()):
            try:
                with path.open("rb") as message:
                    counts[door.take(message.read(MOST_BYTES))] += 1
            except Exception:
                log.exception("a message could not be read and stays in the maildir")
                counts["left"] += 1
                continue
            path.rename(maildir / "cur" / f"{path.name}:2,S")  # seen, as mail programs mark it
        words = (f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        self.stdout.write(", ".join(words) or "nothing new")
