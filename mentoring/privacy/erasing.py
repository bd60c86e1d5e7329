"""Erasure: a person's words and names go, what happened stays under a pseudonym.

What goes is what each table declares (core/tenancy/privacy.py).  It cannot be undone, and what is
restored from a backup is erased again from the list that `manage.py erase` keeps.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from core.accounts.operations import people
from core.accounts.operations.addresses import release_address
from core.accounts.operations.pruning import remove_users
from core.accounts.queries import owners
from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.models import BouncingAddress, Email, Envelope
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.models import TenantModel
from mentoring.privacy.tables import rows_of, tables
from pairing.models.partnerships import Partnership

# where somebody's words were; it is no word of theirs and says that there were some
ERASED = "(erased)"
log = logging.getLogger(__name__)


@transaction.atomic
def erase_member(*, member: Member, by: Member | None, noted: bool = False) -> Member:
    """Empty a person's words everywhere and give them a pseudonym; who is still here leaves.

    `by` is an owner, None the platform, which erases only who has left; `noted` if the
    id stands in the list already.  Raises LastOwner, and ValueError for a second time.
    """
    if member.erased_at:
        raise ValueError("erased before")
    if member.state != Member.State.LEFT:
        assert by is not None
        people.mark_left(member=member, by=by)
        member.refresh_from_db()
    for tombstone in Member.objects.filter(merged_into=member, erased_at=None):
        erase_member(member=tombstone, by=by)
    known = _Known.of(member)
    with tenant(current_organisation_id(), member=member.pk):  # whose private bodies go too
        _empty_own(member)
    _take_names_out(member, known)
    user = member.user_id
    release_address(member=member, by=by)
    Member.objects.filter(pk=member.pk).update(
        **_blank_facts(), given_name=_("Former member"), family_name=member.pk.hex[-6:]
    )
    Member.objects.filter(pk=member.pk).update(erased_at=clock.now(), erasure_asked_at=None)
    _empty_shared(member)
    record(by=by, verb="member.erased", target=member)
    member.refresh_from_db()
    if member.user_id != user:  # erased anew, it is the pseudonym's
        remove_users([user])
    if not noted:
        line = f"{member.organisation.slug} {member.pk}"
        transaction.on_commit(lambda: _note_erasure(line))
    return member


def erase_again(member_id: UUID) -> bool:
    """Erase somebody whom a restore has brought back; False where they are erased or unknown."""
    member = Member.objects.filter(pk=member_id, erased_at=None).first()
    if member is None:
        return False
    if member.state != Member.State.LEFT:
        member = people.mark_left(member=member, by=owners()[0])
    erase_member(member=member, by=None, noted=True)
    return True


def _note_erasure(line: str) -> None:
    """Keep the id of an erased person outside the database, where a restore does not undo it."""
    if settings.ERASURES_FILE:
        with Path(settings.ERASURES_FILE).open("a") as file:
            file.write(f"{line}\n")


def _blank_facts() -> dict[str, Any]:
    names = {"given_name", "family_name", "email"}
    facts = [Member._meta.get_field(name) for name in Member.privacy.erase if name not in names]
    return {
        field.name: None if field.null else field.get_default()
        for field in facts
        if isinstance(field, models.Field)
    }


def _empty_own(member: Member) -> None:
    for model in tables():
        privacy = model.privacy
        if model is Member or not privacy.people:
            continue
        rows = rows_of(model, member, privacy.people)
        if privacy.rows:
            rows.delete()
        else:
            empty(rows, model, privacy.erase)


def empty(rows: Any, model: type[TenantModel], names: Iterable[str]) -> int:
    """Empty columns where there is something in them; words leave a mark that there were some.

    Returns in how many places words were.
    """
    emptied = 0
    if any(field.name == "private" for field in model._meta.local_fields):
        rows = rows.filter(private=False)  # the words of what is private have a table of their own
    for name in names:
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)
        words = isinstance(field, models.CharField | models.TextField)
        if words and not isinstance(field, models.URLField | models.EmailField):
            mark = ERASED[: field.max_length]
            emptied += rows.exclude(**{f"{name}__in": ["", mark]}).update(**{name: mark})
        else:
            rows.update(**{name: field.get_default()})
    return emptied


def _empty_shared(member: Member) -> None:
    """Empty what partners own together, where the last of them is gone."""
    partnerships = Partnership.objects.filter(seats__enrolment__member=member)
    gone = partnerships.exclude(seats__enrolment__member__erased_at=None).values("pk")
    for model in tables():
        privacy = model.privacy
        if privacy.shared:
            rows = model._base_manager.filter(**{f"{privacy.partnership}__in": gone})
            empty(rows, model, privacy.shared)


class _Known:
    """By what a person is found in texts of others: whole name, addresses, employee id."""

    def __init__(self, whole: set[str], given: str) -> None:
        self.whole = {text for text in whole if text}
        self.given = given

    @classmethod
    def of(cls, member: Member) -> _Known:
        addresses = {member.email, member.user.email}
        turned = f"{member.family_name}, {member.given_name}" if member.family_name else ""
        return cls({member.full_name, turned, *addresses}, member.given_name)

    def within(self, column: str, *, given: bool) -> Q:
        """Return what finds a row whose column, as text, may name them."""
        texts = {*self.whole, *([self.given] if given else [])}
        wanted = Q()
        for text in texts:
            plain = json.dumps(text, ensure_ascii=False)[1:-1]
            wanted |= Q(**{f"{column}__icontains": plain}) | Q(**{f"{column}__icontains": text})
        return wanted

    def pattern(self, *, given: bool) -> re.Pattern[str]:
        longest = sorted(self.whole, key=len, reverse=True)
        parts = [re.escape(text) for text in longest]
        if given:
            parts.append(rf"\b{re.escape(self.given)}\b")
        return re.compile("|".join(parts), re.IGNORECASE)


def _take_names_out(member: Member, known: _Known) -> None:
    """Put a pseudonym where others' rows name the person."""
    pseudonym = f"{_('Former member')} {member.pk.hex[-6:]}"
    BouncingAddress.objects.filter(address__in=[text.casefold() for text in known.whole]).delete()
    _drop_files(known)
    theirs = Partnership.objects.filter(seats__enrolment__member=member).values("pk")
    for model in tables():
        names = [name for name in model.privacy.quotes if not _is_bytes(model, name)]
        for name in names if model is not BouncingAddress else []:
            rows = model._base_manager.all()
            if model is Email:
                _empty_sent(known)
            _replace(rows, name, known, pseudonym, given=model is Email)
            if model is Partnership:
                _replace(rows.filter(pk__in=theirs), name, known, pseudonym, given=True)


def _is_bytes(model: type[TenantModel], name: str) -> bool:
    return isinstance(model._meta.get_field(name), models.BinaryField)


def _replace(rows: Any, column: str, known: _Known, pseudonym: str, *, given: bool) -> None:
    pattern = known.pattern(given=given)
    found = rows.annotate(as_text=Cast(column, models.TextField())).filter(
        known.within("as_text", given=given)
    )
    field = rows.model._meta.get_field(column)
    # who copies facts over REST, by what has changed since, copies the pseudonym too
    dated = any(other.name == "changed_at" for other in rows.model._meta.local_fields)
    touched = {"changed_at": clock.now()} if dated else {}
    for row in found.only("pk", column).iterator(chunk_size=50):
        value = _without(getattr(row, column), pattern, pseudonym)
        changed = rows.model._base_manager.filter(pk=row.pk)
        if not isinstance(value, str) or not field.max_length:
            changed.update(**{column: value}, **touched)
            continue
        try:
            with transaction.atomic():
                changed.update(**{column: value[: field.max_length]}, **touched)
        except IntegrityError:  # two names that have to differ, and did so by the person alone
            end = f" {row.pk.hex[-6:]}"
            value = value[: field.max_length - len(end)] + end
            changed.update(**{column: value}, **touched)


def _without(value: Any, pattern: re.Pattern[str], pseudonym: str) -> Any:
    if isinstance(value, str):
        return pattern.sub(pseudonym, value)
    if isinstance(value, dict):
        return {key: _without(part, pattern, pseudonym) for key, part in value.items()}
    if isinstance(value, list):
        return [_without(part, pattern, pseudonym) for part in value]
    return value


def _empty_sent(known: _Known) -> None:
    """Empty e-mails to others that are over and name the person, as time would."""
    due = Envelope.objects.filter(
        organisation_id=current_organisation_id(), state=Envelope.State.DUE
    ).values("email_id")
    over = Email.objects.exclude(pk__in=due).annotate(
        as_text=Cast("context", models.TextField()), events=Cast("calendar", models.TextField())
    )
    found = over.filter(known.within("as_text", given=True) | known.within("events", given=True))
    found.update(context={}, link={}, calendar=[], address="")


def _drop_files(known: _Known) -> None:
    """Drop uploads that name the person; what cannot be read here goes within days by itself."""
    for model in tables():
        for name in (name for name in model.privacy.quotes if _is_bytes(model, name)):
            for text in known.whole:
                place = models.Func(
                    models.Value(text.encode()),
                    models.F(name),
                    template="position(%(expressions)s)",
                    arg_joiner=" in ",
                    output_field=models.IntegerField(),
                )
                model._base_manager.annotate(place=place).filter(place__gt=0).delete()
