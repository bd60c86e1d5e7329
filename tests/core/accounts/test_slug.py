"""Another address of an organisation: what follows it, what leads on, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from core.accounts.errors import SlugsUsedUp, SlugTaken
from core.accounts.operations.organisations import (
    SLUGS_A_YEAR,
    change_slug,
    create_organisation,
)
from core.accounts.sso import saml
from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import IdentityProvider, Member
from core.tenancy.context import NoTenant, tenant, tenant_of
from core.tenancy.models import FormerSlug, Organisation
from core.tenancy.queries import organisation_at
from tests.cast import Cast, make_user, sign_in
from tests.core.accounts.build import make_directory_token
from tests.core.accounts.provider import FakeProvider, use
from tests.core.accounts.test_scim import Directory

pytestmark = pytest.mark.django_db
PAGE = "/o/acme/settings/address/"


def moved(owner: Member, *slugs: str) -> None:
    for slug in slugs:
        with tenant(owner.organisation, member=owner.pk):
            change_slug(slug=slug, by=owner)


def opened(name: str, email: str) -> str:
    user = make_user(email)
    owner = create_organisation(name=name, user=user, given_name="Una", family_name="Ng")
    return str(owner.organisation.slug)


def test_the_page_counts_what_follows_and_the_trail_keeps_it(cast: Cast):
    make_directory_token(cast.olga)
    owner = sign_in(cast.olga)
    shown = owner.get(PAGE)
    assert shown.context["change"].directory_tokens == 1
    with tenant(cast.acme):
        assert shown.context["change"].people == Member.objects.live().count()
    answer = owner.post(PAGE, {"slug": "acme-berlin"}, follow=True)
    assert answer.redirect_chain[0][0] == "/o/acme-berlin/settings/"
    assert b"/o/acme-berlin/" in answer.content
    trail = owner.get("/o/acme-berlin/settings/audit/").content.decode()
    assert "changed the address from /o/acme/ to /o/acme-berlin/." in trail


@pytest.mark.parametrize("slug", ["Acme-2", "a", "acme_2", "acme--2", "-acme", "api", "acme/x", ""])
def test_what_is_no_address_is_refused_at_its_field(cast: Cast, slug: str):
    answer = sign_in(cast.olga).post(PAGE, {"slug": slug})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["slug"]
    assert Organisation.objects.get(pk=cast.acme.pk).slug == "acme"


def test_an_address_that_is_or_was_somebody_elses_is_refused_in_the_same_words(cast: Cast):
    moved(cast.gustav, "globex-2")
    for slug in ("globex-2", "globex"):
        answer = sign_in(cast.olga).post(PAGE, {"slug": slug})
        assert answer.status_code == 422
        assert answer.context["form"].errors["slug"] == [str(SlugTaken.message)]
    assert opened("Globex", "una@globex.example") == "globex-3"
    assert FormerSlug.objects.get().slug == "globex"


def test_no_other_organisation_gets_it_after_that_year_either(cast: Cast):
    moved(cast.olga, "acme-2")
    FormerSlug.objects.all().delete()
    long_ago = clock.now() - timedelta(days=800)
    FormerSlug.objects.create(slug="acme", organisation=cast.acme, left_at=long_ago)
    assert organisation_at("acme") is None
    with pytest.raises(SlugTaken):
        moved(cast.gustav, "acme")


def test_its_own_organisation_may_go_back(cast: Cast):
    moved(cast.olga, "acme-2", "acme")
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["acme-2"]
    browser = sign_in(cast.petra)
    assert browser.get("/o/acme/").status_code == 200
    assert browser.get("/o/acme-2/")["Location"] == "/o/acme/"


def test_nobody_gathers_addresses(cast: Cast):
    moved(cast.olga, *(f"acme-{number}" for number in range(2, 2 + SLUGS_A_YEAR)))
    with pytest.raises(SlugsUsedUp):
        moved(cast.olga, "acme-99")


def test_only_its_people_are_led_on_and_a_form_goes_along(cast: Cast):
    moved(cast.olga, "acme-2")
    assert sign_in(cast.greta).get("/o/acme/").status_code == 404
    assert Client().get("/o/acme/").headers["Location"].startswith("/account/")
    answer = sign_in(cast.petra).post("/o/acme/me/", {"given_name": "Petra"})
    assert (answer.status_code, answer["Location"]) == (307, "/o/acme-2/me/")


def test_links_in_emails_sent_before_open_what_they_opened(cast: Cast):
    # what a link says is read without a query; then the organisation is found by its old slug
    link = SignedLink("acme", cast.petra.pk, cast.petra.pk)
    assert signed_path("poll", link, at=clock.now()).startswith("/l/poll/")
    moved(cast.olga, "acme-2")
    with tenant_of(link.organisation, member=link.member_id) as slug:
        assert Member.objects.get(pk=cast.petra.pk).organisation_id == cast.acme.pk
    assert replace(link, organisation=slug).organisation == "acme-2"
    FormerSlug.objects.all().delete()
    with pytest.raises(NoTenant), tenant_of("acme", member=cast.petra.pk):
        pass


def test_a_directory_goes_on_where_it_was_told(cast: Cast):
    secret = make_directory_token(cast.olga)[1]
    moved(cast.olga, "acme-2")
    for slug in ("acme", "acme-2"):
        assert Directory(secret, slug)("GET", "Users")[0] == 200
    moved(cast.gustav, "globex-2")
    assert Directory(secret, "globex")("GET", "Users")[0] == 401


def test_a_provider_goes_on_with_the_addresses_it_was_told(cast: Cast, settings: Any):
    settings.SSO_PRIVATE_NETWORKS = True
    provider = FakeProvider()
    use(provider, cast.olga)
    moved(cast.olga, "acme-2", "acme-3")
    with tenant(cast.acme):
        row = IdentityProvider.objects.select_related("organisation").get()
    assert saml.acs_url(row.known_slug).endswith("/sso/acme/acs/")
    assert organisation_at("acme", at_any_age=True) == cast.acme
    shown = sign_in(cast.olga).get("/o/acme-3/settings/sso/")
    assert shown.context["callback"].endswith("/sso/acme/callback/")
    for slug in ("acme", "acme-2", "acme-3"):
        there = Client().get(f"/sso/{slug}/")
        assert there.status_code == 302
        assert quote("/sso/acme/callback/", safe="") in there["Location"]
    provider.close()


def test_a_long_name_is_cut_between_words(cast: Cast):
    name = "Brightworks GmbH & Co KG Leadership Services"
    assert opened(name, "una@bright.example") == "brightworks-gmbh-co-kg"
    assert opened("A" * 60, "ula@bright.example") == "a" * 32
