"""The settings are read once in a request or a task, never for longer and never another's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from core.tenancy.context import NoTenant, tenant
from core.tenancy.models import OrganisationSettings
from core.tenancy.queries import settings_in_force
from tests.cast import Cast


def test_read_once_for_as_long_as_the_organisation_is_in_force(
    cast: Cast, django_assert_num_queries: Any
):
    with tenant(cast.acme):
        first = settings_in_force()
        with tenant(cast.acme, member=cast.petra.pk), django_assert_num_queries(0):
            assert settings_in_force() is first
        with django_assert_num_queries(0):
            assert settings_in_force() is first
    with tenant(cast.acme):
        assert settings_in_force() is not first
    with pytest.raises(NoTenant):
        settings_in_force()


def test_each_organisation_has_its_own_also_one_inside_the_other(cast: Cast):
    with tenant(cast.acme):
        ours = settings_in_force()
        with tenant(cast.globex):
            assert settings_in_force().organisation_id == cast.globex.pk
        assert settings_in_force() is ours


def test_what_is_written_is_read_at_once_and_so_is_what_was_undone(cast: Cast):
    with tenant(cast.acme):
        before = settings_in_force().threshold
        with transaction.atomic():
            OrganisationSettings.objects.update(threshold=before + 4)
            assert settings_in_force().threshold == before + 4
            transaction.set_rollback(True)
        assert settings_in_force().threshold == before
        row = OrganisationSettings.objects.get()
        row.threshold = before + 1
        row.save()
        assert settings_in_force().threshold == before + 1


def test_a_write_below_is_seen_above(cast: Cast):
    with tenant(cast.acme):
        settings_in_force()
        with tenant(cast.acme):
            OrganisationSettings.objects.update(threshold=9)
        assert settings_in_force().threshold == 9
