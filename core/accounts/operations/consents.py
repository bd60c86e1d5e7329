"""An organisation's consent texts: publishing a version, agreeing to it, and taking that back."""

from __future__ import annotations

from django.db import transaction

from core.accounts.errors import ConsentTextChanged
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Consent, ConsentText, Member


@transaction.atomic
def publish_consent_text(*, purpose: str, text: str, version: int, by: Member) -> ConsentText:
    """Ask everybody this from now on, who agreed to an earlier version too; "" asks nobody.

    `version` is the one that was read before, 0 for none.  The same words are no new version.
    Raises ConsentTextChanged if another owner has published one meanwhile.
    """
    newest = ConsentText.objects.newest().filter(purpose=purpose).first()
    if (newest.version if newest else 0) != version:
        raise ConsentTextChanged
    if newest and newest.text == text:
        return newest
    with refusing("consent_text_version_once", ConsentTextChanged()):
        row: ConsentText = ConsentText.objects.create(
            purpose=purpose, version=version + 1, text=text
        )
    record(by=by, verb="consent_text.published", target=row, purpose=purpose, version=row.version)
    return row


@transaction.atomic
def give_consent(*, purpose: str, version: int, by: Member) -> None:
    """Agree to a text as it is now; said twice it is said once.

    Raises ConsentTextChanged if the version that was read is not the newest any more.
    """
    Member.objects.select_for_update().get(pk=by.pk)
    newest = ConsentText.objects.newest().filter(purpose=purpose, version=version)
    if not newest.exclude(text="").exists():
        raise ConsentTextChanged
    if Consent.objects.in_force().filter(member=by, purpose=purpose, version=version).exists():
        return
    Consent.objects.create(member=by, purpose=purpose, version=version)
    record(by=by, verb="consent.given", target=by, purpose=purpose, version=version)


@transaction.atomic
def withdraw_consent(*, purpose: str, by: Member) -> None:
    """Take back what one has agreed to, whichever version that was."""
    given = Consent.objects.in_force().filter(member=by, purpose=purpose)
    if given.update(withdrawn_at=clock.now()):
        record(by=by, verb="consent.withdrawn", target=by, purpose=purpose)
