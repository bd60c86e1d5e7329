"""Everybody reads their own language, else their organisation's, else their browser's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from core.common.dates import day_words
from core.members.languages import language_of
from core.members.models import Member
from core.notifications.render import as_its_reader, words_of
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, sign_in
from tests.core.notifications.build import CONTEXT, make_email


@pytest.fixture(autouse=True)
def offered(settings: Any) -> Iterator[None]:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    yield
    translation.activate("en")


def choose(member: Member, *, own: str, organisation: str) -> None:
    with tenant(member.organisation):
        OrganisationSettings.objects.update(locale=organisation)
        Member.objects.filter(pk=member.pk).update(language=own)
    member.language = own


@pytest.mark.parametrize(
    ("own", "organisation", "browser", "read"),
    [
        ("de", "en", "en", "de"),
        ("en", "de", "de", "en"),
        ("", "de", "en", "de"),
        ("", "", "de", "de"),
        ("", "", "fr", "en"),
        ("fr", "", "de", "de"),
        ("", "", "", "en"),
    ],
)
def test_the_language_is_ones_own_then_the_organisations_then_the_browsers(
    cast: Cast, own: str, organisation: str, browser: str, read: str
):
    choose(cast.petra, own=own, organisation=organisation)
    with tenant(cast.acme):
        assert language_of(cast.petra, otherwise=browser) == read


@pytest.mark.parametrize(("own", "browser", "read"), [("de", "en", "de"), ("", "de", "de")])
def test_a_page_is_in_the_language_of_who_reads_it(cast: Cast, own: str, browser: str, read: str):
    choose(cast.petra, own=own, organisation="")
    answer = sign_in(cast.petra).get("/o/acme/me/", headers={"Accept-Language": browser})
    assert answer["Content-Language"] == read
    assert f'<html lang="{read}"' in answer.content.decode()


def test_outside_an_organisation_the_browser_says_which_language(db: None):
    answer = Client().get("/account/login/", headers={"Accept-Language": "de"})
    assert answer["Content-Language"] == "de"


def test_an_email_is_in_the_language_of_its_reader_whoever_acts(cast: Cast):
    choose(cast.petra, own="de", organisation="en")
    context = {**CONTEXT, "days": day_words(date(2027, 3, 5), "j F Y")}
    with translation.override("en"):
        email = make_email(cast.petra, context=context)
        with tenant(cast.acme), as_its_reader(email, settings_in_force()):
            words = words_of(email)
    assert email.context["days"] == "5. März 2027"
    assert '<html lang="de"' in words.html


def test_a_person_and_an_owner_choose_a_language(cast: Cast):
    for member, path, name in (
        (cast.petra, "/o/acme/me/", "language"),
        (cast.olga, "/o/acme/settings/", "locale"),
    ):
        browser = sign_in(member)
        form = browser.get(path).context["form"]
        typed = {field.html_name: field.value() for field in form if field.value() is not None}
        answer = browser.post(path, typed | {name: "de"})
        assert answer.status_code == 302, answer.context["form"].errors
    with tenant(cast.acme):
        assert Member.objects.get(pk=cast.petra.pk).language == "de"
        assert settings_in_force().locale == "de"
