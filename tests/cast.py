"""The people of the tests, and builders that take the parent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import Client

from core.accounts.operations import organisations, people
from core.accounts.sessions import begin_session
from core.members.models import Member, User
from core.tenancy.context import tenant
from core.tenancy.models import Organisation


@dataclass
class Cast:
    """Acme's people, one of each role, and their mirror at Globex."""

    acme: Organisation
    olga: Member  # owner
    cora: Member  # coordinator
    hugo: Member  # HR
    petra: Member  # participant
    pavel: Member  # participant
    globex: Organisation
    gustav: Member  # owner
    gina: Member  # coordinator
    greta: Member  # participant


def make_user(email: str) -> User:
    """Make a user with a verified e-mail."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(email, password="a long password")
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_organisation(name: str, owner: str) -> Member:
    """Open an organisation; returns its owner."""
    return organisations.create_organisation(
        name=name,
        user=make_user(f"{owner.lower()}@{name.lower()}.example"),
        given_name=owner,
        family_name=name,
        time_zone="Europe/Berlin",
    )


def make_member(
    organisation: Organisation,
    given_name: str,
    role: str = Member.Role.PARTICIPANT,
    *,
    live: bool = True,
    **facts: Any,
) -> Member:
    """Enter a person; live unless said otherwise."""
    with tenant(organisation):
        facts.setdefault("email", f"{given_name.lower()}@{organisation.slug}.example")
        facts.setdefault("family_name", organisation.name)
        member = people.add_member(given_name=given_name, role=role, by=None, **facts)
        return people.make_live(member=member) if live else member


def make_cast() -> Cast:
    """Make both organisations and their people."""
    olga = make_organisation("Acme", "Olga")
    gustav = make_organisation("Globex", "Gustav")
    acme, globex = olga.organisation, gustav.organisation
    roles = Member.Role
    return Cast(
        acme=acme,
        olga=olga,
        cora=make_member(acme, "Cora", roles.COORDINATOR),
        hugo=make_member(acme, "Hugo", roles.HR),
        petra=make_member(acme, "Petra"),
        pavel=make_member(acme, "Pavel"),
        globex=globex,
        gustav=gustav,
        gina=make_member(globex, "Gina", roles.COORDINATOR),
        greta=make_member(globex, "Greta"),
    )


def main_of(response: HttpResponse) -> str:
    """Return what a page says, without the frame, whose secrets are new each time."""
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def sign_in(member: Member) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(member.user)
    request = HttpRequest()
    request.session, request.user = client.session, member.user
    begin_session(request, member.user)
    request.session.save()
    return client
