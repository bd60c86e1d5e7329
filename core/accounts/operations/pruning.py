"""What is left of sign-ins that came to nothing."""

from __future__ import annotations

import logging
from datetime import timedelta
from importlib import import_module
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef

from core.common import clock
from core.common.ids import first_id_of
from core.members.models import Member, User
from core.tenancy.context import tenant
from core.tenancy.models import Organisation

LIFE = timedelta(days=1)
AT_ONCE = 1000
log = logging.getLogger(__name__)


def prune_sign_ins() -> int:
    """Remove sign-ins that nobody has proved and no Member has, and sessions that have ended.

    Somebody invited has a sign-in before they prove it; it holds nothing, and stays with them.
    Returns how many sign-ins went.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.exclude(Exists(alive)).delete()
    proved = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    stale = User.objects.filter(~Exists(proved), pk__lt=first_id_of(clock.now() - LIFE))
    unused = set(stale.values_list("pk", flat=True))
    # the wall shows one organisation's Members at a time, closed ones' too
    for organisation_id in Organisation.objects.values_list("pk", flat=True):
        if not unused:
            return 0
        with tenant(organisation_id):
            unused -= set(Member.objects.filter(user__in=stale).values_list("user_id", flat=True))
    users = sorted(unused)
    return sum(remove_users(users[at : at + AT_ONCE]) for at in range(0, len(users), AT_ONCE))


def remove_users(users: list[UUID]) -> int:
    """Remove sign-ins with all that hangs on them; those that any organisation holds stay."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for model in (EmailAddress, Authenticator, UserSession):
                model.objects.filter(user_id__in=users).delete()
            # plain SQL: Django would first read the Members of all organisations
            cursor.execute("DELETE FROM members_user WHERE id = ANY(%s)", [users])
            removed = int(cursor.rowcount)
            # whether an organisation holds one is asked here, where it can be undone, and not at
            # the end of whatever else is going on
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return removed
    except IntegrityError:  # one was entered into an organisation at this very moment
        log.info("sign-ins are in use again: the next run sees to them")
        return 0
