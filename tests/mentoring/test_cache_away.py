"""Without Valkey people sign in, stay signed in, and may do what is counted otherwise."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.jobs.models import Job
from core.tenancy.context import tenant
from tests.cast import Cast, sign_in
from tests.core.jobs.test_pages import make_job


@pytest.fixture(autouse=True)
def away(settings):
    """Nobody listens at that port."""
    backend = settings.CACHES["default"]["BACKEND"]
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}


@pytest.mark.parametrize(
    "name", ["home", "accounts:people", "accounts:export_people", "accounts:invite", "accounts:me"]
)
def test_pages_go_on(cast: Cast, name):
    client = sign_in(cast.olga)
    for _time in range(2):
        assert client.get(reverse(name, args=["acme"])).status_code == 200


def test_somebody_signs_in(cast: Cast):
    cast.petra.user.set_password("a long enough password")
    cast.petra.user.save()
    client = Client()
    words = {"login": cast.petra.user.email, "password": "a long enough password"}
    assert client.post("/account/login/", words).status_code == 302
    assert client.get(reverse("home", args=["acme"])).status_code == 200


def test_the_page_of_a_job_says_how_it_stands(cast: Cast):
    job = make_job(cast.olga, "running")
    client = sign_in(cast.olga)
    assert client.get(job.get_absolute_url()).status_code == 200
    refused = client.post(f"{job.get_absolute_url()}cancel/")
    assert refused.status_code == 409
    assert "It cannot be stopped just now" in refused.content.decode()
    with tenant(cast.acme):
        assert Job.objects.get(pk=job.pk).state == "running"
