"""In tests of accounts and doors a worker for sign-in mail is always at hand."""

from __future__ import annotations

import pytest
from django.core import mail

from tests.work import SignInMail


@pytest.fixture(autouse=True)
def _sign_in_mail_is_sent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks into the outbox finds what a worker would have sent by then."""
    for name in {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue(name)  # it begins with an outbox of its own
    monkeypatch.setattr(mail, "outbox", SignInMail(), raising=False)
