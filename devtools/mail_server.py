"""A mail server for demo and tests: it accepts every e-mail and keeps it as a file.

`python -m devtools.mail_server --port 2525 --folder .data/mail` runs it alone; the demo and the
tests run it in a thread. The second half reads the e-mails back, for the page `/_mail/`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
EMAIL_ID = re.compile(r"[0-9]{20}-[0-9]{6}")
URL_IN_TEXT = re.compile(r"https?://[^\s<>\"']+")


class NoSuchEmail(LookupError):
    """No e-mail of this id is in the folder."""


@dataclass(frozen=True)
class Email:
    """One e-mail as read; `to` is whom it was delivered to, hidden copies included."""

    id: str
    date: datetime | None
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    attachments: tuple[str, ...]
    message_id: str


# Receiving


class _Keeper:
    """aiosmtpd's handler: one file for each e-mail, seen by readers only when it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if not isinstance(envelope.content, bytes):
            return "554 no content"
        name = f"{time.time_ns():020d}-{next(self._numbers) % 1_000_000:06d}"
        delivered = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        partial = self._folder / f"{name}.partial"
        partial.write_bytes(delivered.encode() + envelope.content)
        partial.rename(self._folder / f"{name}.eml")
        return "250 kept"


@contextmanager
def running(folder: Path, *, port: int = 0) -> Iterator[int]:
    """Serve in a thread as long as the block lasts; gives the port (0 asks for a free one).

    Raises OSError if the port is taken.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()
    folder.mkdir(parents=True, exist_ok=True)
    keeper = _Keeper(folder)

    async def serve() -> None:
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(
            lambda: SMTP(keeper, enable_SMTPUTF8=True, hostname="localhost", loop=loop), HOST, port
        )
        started.set_result((loop, ending, int(server.sockets[0].getsockname()[1])))
        await ending.wait()
        server.close()

    def run() -> None:
        try:
            asyncio.run(serve())
        except OSError as error:
            started.set_exception(error)

    thread = threading.Thread(target=run, name="maildrop", daemon=True)
    thread.start()
    loop, ending, port_in_use = started.result()
    try:
        yield port_in_use
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()


# Reading


def recent_emails(folder: Path, *, limit: int = 50) -> tuple[Email, ...]:
    """The last `limit` e-mails, newest first."""
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)
    return tuple(read_email(folder, name) for name in names[:limit] if EMAIL_ID.fullmatch(name))


def read_email(folder: Path, id: str) -> Email:
    """The e-mail of this id. Raises NoSuchEmail, also for what is no id at all (`../x`)."""
    if not EMAIL_ID.fullmatch(id):
        raise NoSuchEmail(id)
    try:
        raw = (folder / f"{id}.eml").read_bytes()
    except FileNotFoundError as error:
        raise NoSuchEmail(id) from error
    message = message_from_bytes(raw, policy=policy.default)
    text, html = _body(message, "plain"), _body(message, "html")
    return Email(
        id=id,
        date=_date(message),
        sender=_header(message, "From"),
        to=tuple(str(address) for address in message.get_all("Delivered-To", [])),
        subject=_header(message, "Subject"),
        text=text,
        html=html,
        links=tuple(dict.fromkeys([*_links_in_text(text), *_links_in_html(html)])),
        attachments=tuple(part.get_filename() or "?" for part in message.iter_attachments()),
        message_id=_header(message, "Message-ID"),
    )


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name, ""))


def _date(message: EmailMessage) -> datetime | None:
    with suppress(ValueError, TypeError):
        date = parsedate_to_datetime(_header(message, "Date"))
        # "-0000" says UTC from a sender whose zone is not told (RFC 5322, 3.3); Python drops it
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    with suppress(LookupError, MessageError):  # an unknown charset
        return str(part.get_content())
    return ""


def _links_in_text(text: str) -> list[str]:
    """The web addresses in a text, without the punctuation of the sentence around them."""
    return [url.rstrip(".,;:!?)]") for url in URL_IN_TEXT.findall(text)]


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and href.startswith(("http://", "https://")):
            self.links.append(href)


def _links_in_html(html: str) -> list[str]:
    anchors = _Anchors()
    anchors.feed(html)
    anchors.close()
    return anchors.links


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="devtools.mail_server", description="Keep mail as files.")
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--folder", type=Path, required=True)
    wanted = parser.parse_args()
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before the thread, which inherits it
    with running(wanted.folder, port=wanted.port) as port:
        sys.stdout.write(f"keeping mail for {HOST}:{port} in {wanted.folder}\n")
        sys.stdout.flush()
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
