"""How allauth behaves in our house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class _Part:
    """One paragraph of an e-mail: words, a code to type, or the link of its one button."""

    kind: str
    words: str


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-in mail goes out at once: the person waits and can ask again."""

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: Mapping[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """Return an e-mail whose HTML is made of the very words of its text."""
        written = render_to_string(f"{template_prefix}_subject.txt", context)
        subject = self.format_email_subject(" ".join(written.split()))
        text = render_to_string(f"{template_prefix}_message.txt", context).strip()
        frame = {
            "subject": subject,
            "parts": parts_of(text, code=str(context.get("code", ""))),
            "button": _button_of(template_prefix),
        }
        message = EmailMultiAlternatives(
            subject,
            f"{text}\n",
            self.get_from_email(),
            [email] if isinstance(email, str) else email,
            headers=headers,
        )
        message.attach_alternative(
            render_to_string("accounts/mail/sign_in.html", frame), "text/html"
        )
        return message


def parts_of(text: str, *, code: str = "") -> list[_Part]:
    """Return the paragraphs of an e-mail; one that is only a link or the code is that."""
    paragraphs = [paragraph.strip() for paragraph in text.split("\n\n")]
    return [_Part(_kind(words, code), words) for words in paragraphs if words]


def _kind(words: str, code: str) -> str:
    if code and words == code:
        return "code"
    is_link = words.startswith(("http://", "https://")) and len(words.split()) == 1
    return "link" if is_link else "text"


def _button_of(template_prefix: str) -> str:
    if template_prefix.endswith("unknown_account"):
        return _("Open an organisation")
    return _("Choose a new password")
