"""What is missing of the demo's data, and the note of how to get in."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from core.tenancy.models import Organisation
from devtools.demo import seed

NOTE = "demo.txt"
TOKEN = "demo-token"


def make_demo(*, only: str | None = None, folder: Path | None = None, say: seed.Say) -> None:
    """Make the two organisations (or one), unless they are there, and write demo.txt (in .data).

    Raises RuntimeError where Northwind is there and the token for its API is not.
    """
    folder = folder or settings.ROOT / ".data"
    folder.mkdir(exist_ok=True)
    token = folder / TOKEN
    if _is_wanted("northwind", only):
        token.write_text(seed.northwind(say=say))
        token.chmod(0o600)
    if _is_wanted("southbank", only):
        seed.southbank(say=say)
    if not token.exists():
        raise RuntimeError(
            f"Northwind is there, but {folder.name}/{TOKEN} is not: empty the database."
        )
    (folder / NOTE).write_text(_note(token.read_text()))


def _is_wanted(slug: str, only: str | None) -> bool:
    return only in {None, slug} and not Organisation.objects.filter(slug=slug).exists()


def _note(token: str) -> str:
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
            f"Sign in at {site}/account/login/ with the password {seed.PASSWORD}:",
            *lines,
            "",
            f"Mail:   {site}/_mail/   (check-ins: {site}/_mail/?q=how+did+it+go)",
            f"API:    {site}/api/docs/   token {token}",
            f'        curl -H "Authorization: Bearer {token}" {site}/api/v1/figures.csv',
            "",
        ]
    )
