"""How allauth behaves in our house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.operations import addresses
from core.accounts.sessions import begin_session, has_confirmed, keep_signed_in
from core.common.secrets import seal, unseal
from core.members.limits import client_network
from core.members.links import absolute
from core.members.models import User
from core.notifications import sign_in


@dataclass(frozen=True)
class _Part:
    """One paragraph of an e-mail: words, a code to type, or the link of its one button."""

    kind: str
    words: str


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-in mail is a row that a worker sends within seconds: no page waits for a server."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = allauth_context.request
        frame = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**frame, **context})
        sign_in.enqueue(
            address=email,
            subject=str(message.subject),
            text=str(message.body),
            html=str(message.alternatives[0][0]),
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by e-mail and address: nobody outside locks anybody out."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{client_network(request)}"

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: Mapping[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """Return an e-mail whose HTML is made of the very words of its text."""
        context = {name: _of_our_site(value) for name, value in context.items()}
        context["sign_up"] = settings.SIGN_UP
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

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP == "open")

    # ── the first proof of a mailbox discards what was set before it, whatever the door ──
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A code for the address: it was typed after a password."""
        addresses.discard_unproved(email_address.user)
        return bool(super().confirm_email(request, email_address))

    def set_password(self, user: User, password: str) -> None:
        """A reset link, or somebody signed in; the link came to the address they sign in with."""
        addresses.prove(user, user.email)
        super().set_password(user, password)

    # ── sessions ──
    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        keep_signed_in(request, "remember" in request.POST)
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        user.refresh_from_db(fields=["password"])  # discarded meanwhile: the session hangs on it
        super().login(request, user)
        begin_session(request, user)

    # ── confirming that it is still the same person ──
    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return allauth's ways, or a code by e-mail for who has neither password nor app."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return methods
        words = _("Send me a code")
        return [{"id": "code", "description": words, "url": reverse("account_confirm_by_code")}]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask everybody: allauth itself lets pass who has no password."""
        if not has_confirmed(self.request):
            raise ReauthenticationRequired
        return False


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """How allauth's second step behaves in our house: secrets encrypted, passkeys of SITE_URL."""

    def encrypt(self, text: str) -> str:
        return seal(text, purpose="second-step")

    def decrypt(self, encrypted_text: str) -> str:
        # what no key of ours opens is no secret that a code could match
        return unseal(encrypted_text, purpose="second-step") or ""

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": "Roundtable"}


def _of_our_site(value: object) -> object:
    """Return an address as one of SITE_URL's, whatever Host the request named."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return value
    parts = urlsplit(value)
    return absolute(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def prove_by_code(*, user: User, method: str, **step: Any) -> None:
    """Hear that a code signed somebody in: allauth tells of it by a signal alone."""
    if method == "code" and step.get("email"):
        addresses.prove(user, step["email"])


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
