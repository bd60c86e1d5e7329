"""allauth's forms of the way in, where we say more."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.utils.translation import gettext_lazy as _


def _remember() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Keep me signed in"),
        help_text=_("For 14 days at most, in this browser"),
        required=False,
    )


_WORDS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


class OwnWords:
    """A label of ours, and no placeholder that says it once more and is gone with the first key."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = _WORDS.get(name, field.label)


class LoginForm(OwnWords, account_forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"] = _remember()


class RequestLoginCodeForm(OwnWords, account_forms.RequestLoginCodeForm):  # type: ignore[misc]  # as above
    pass


class ResetPasswordForm(OwnWords, account_forms.ResetPasswordForm):  # type: ignore[misc]  # as above
    pass


class ChangePasswordForm(OwnWords, account_forms.ChangePasswordForm):  # type: ignore[misc]  # as above
    pass


class SetPasswordForm(OwnWords, account_forms.SetPasswordForm):  # type: ignore[misc]  # as above
    pass


class AddEmailForm(OwnWords, account_forms.AddEmailForm):  # type: ignore[misc]  # as above
    pass


class ConfirmLoginCodeForm(account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]  # as above
    remember = _remember()


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):  # type: ignore[misc]  # as above
    name = forms.CharField(
        label=_("Name"), help_text=_("So that you know it later"), max_length=80, required=False
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        help_text=_("No e-mail, password or code: your device asks for its PIN or your finger"),
        required=False,
        initial=True,
    )
