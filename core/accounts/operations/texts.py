"""Texts of e-mails that an organisation or a program makes its own, and a test of one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from core.accounts.errors import UnknownVariable
from core.audit.operations import record
from core.common.ids import new_id
from core.members.models import Member
from core.notifications.models import EmailText
from core.notifications.operations import Link, enqueue
from core.notifications.texts import kinds, mistakes


@transaction.atomic
def edit_text(
    *,
    kind: str,
    case: str,
    program_id: UUID | None,
    subject: str,
    button: str,
    body: str,
    by: Member,
) -> EmailText:
    """Say this in e-mails of that kind and case, in one program or in the whole organisation."""
    if mistakes(f"{subject}\n{button}\n{body}", kinds()[kind].variables(case)):
        raise UnknownVariable
    row, _made = EmailText.objects.update_or_create(
        kind=kind,
        case=case,
        program_id=program_id,
        defaults={"subject": subject, "button": button, "body": body},
    )
    record(by=by, verb="email_text.edited", target=row, case=case)
    return row


@transaction.atomic
def restore_text(*, text: EmailText, by: Member) -> None:
    """Go back to what was said before: the organisation's text for a program, else ours."""
    record(by=by, verb="email_text.restored", target=text, case=text.case)
    text.delete()


def send_test(*, kind: str, case: str, program_id: UUID | None, by: Member) -> None:
    """Send who asks an e-mail of that kind with invented values, as it is written now."""
    enqueue(
        member=by,
        kind=kind,
        dedupe_key=f"test:{new_id()}",
        link=Link(),
        context={**kinds()[kind].example(case)},
        program=program_id,
    )
