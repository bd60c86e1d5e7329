"""Make an organisation whose first owner joins by an invitation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from core.accounts.forms import time_zones
from core.accounts.operations import organisations
from core.members.keys import derived_secret
from core.members.links import absolute
from core.members.models import Key


class Command(BaseCommand):
    help = "Makes an organisation and invites its first owner; prints the invitation's link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the organisation is called")
        parser.add_argument("email", help="the first owner's work e-mail")
        parser.add_argument("--given-name", default="", help="else as the e-mail begins")
        parser.add_argument("--family-name", default="")
        parser.add_argument("--time-zone", default="UTC", help="such as Europe/Berlin")
        parser.add_argument(
            "--language",
            default=settings.LANGUAGE_CODE,
            choices=[code for code, _name in settings.LANGUAGES],
            help="of its pages and e-mails, until somebody chooses another",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"{options['email']!r} is no e-mail address") from error
        zones = {zone for places in time_zones().values() for zone, _city in places} | {"UTC"}
        if options["time_zone"] not in zones:
            raise CommandError(f"{options['time_zone']!r} is no time zone")
        if not options["name"].strip():
            raise CommandError("the organisation needs a name")
        invitation = organisations.create_invited_organisation(
            name=options["name"],
            email=options["email"],
            given_name=options["given_name"],
            family_name=options["family_name"],
            time_zone=options["time_zone"],
            locale=options["language"],
        )
        secret = derived_secret(Key.Kind.INVITATION, invitation.pk)
        self.stdout.write(
            f"{invitation.organisation.name} is made. {options['email']} is invited as its owner;"
            f" the same link, good for {invitation.LIFE.days} days:\n"
            f"{absolute(f'/invitation/{secret}/')}"
        )
