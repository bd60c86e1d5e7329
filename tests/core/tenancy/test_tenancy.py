"""The two walls: code that asks for an organisation, and a database that shows only one."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.members.models import Member
from core.members.requests import members_of
from core.tenancy.context import NoTenant, current_organisation_id, tenant
from core.tenancy.models import Organisation, OrganisationSettings
from tests.cast import make_member, sign_in


def test_tests_run_as_a_role_without_power(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("roundtable_app", False, False, False, False)


@pytest.mark.parametrize(
    "use",
    [
        lambda: list(Member.objects.all()),
        lambda: Member.objects.count(),
        lambda: Member.objects.exists(),
        lambda: Member.objects.first(),
        lambda: Member.objects.update(given_name="x"),
        lambda: Member.objects.all().delete(),
        lambda: list(Member.objects.values_list("id").iterator()),
        lambda: OrganisationSettings.objects.create(organisation_id=1),
        lambda: OrganisationSettings(organisation_id=1).save(),
        lambda: OrganisationSettings.objects.bulk_create([OrganisationSettings(organisation_id=1)]),
    ],
)
def test_without_an_organisation_nothing_is_read_or_written_even_from_an_empty_table(db, use):
    with pytest.raises(NoTenant):
        use()


def test_a_forgotten_filter_raw_sql_and_copy_show_one_organisation_only(cast):
    with tenant(cast.acme), connection.cursor() as cursor:
        assert Member.objects.count() == 5
        cursor.execute(
            "SELECT count(*) FROM members_member WHERE organisation_id = %s OR true",
            [cast.globex.pk],
        )
        assert cursor.fetchone() == (5,)
        with cursor.copy("COPY members_member TO STDOUT") as copy:
            assert sum(bytes(block).count(b"\n") for block in copy) == 5


def test_update_delete_and_insert_reach_nothing_of_the_other_organisation(cast):
    with tenant(cast.acme):
        assert Member.objects.filter(pk=cast.greta.pk).update(given_name="stolen") == 0
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM members_member WHERE id = %s", [cast.greta.pk])
            assert cursor.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            OrganisationSettings.objects.create(organisation=cast.globex)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Member.objects.filter(pk=cast.petra.pk).update(organisation_id=cast.globex.pk)
    with tenant(cast.globex):
        assert Member.objects.get(pk=cast.greta.pk).given_name == "Greta"


def test_a_reference_into_the_other_organisation_is_refused_by_its_composite_key(cast):
    with (
        tenant(cast.acme),
        pytest.raises(DatabaseError, match="members_member_manager_id_same"),
        transaction.atomic(),
    ):
        Member.objects.filter(pk=cast.petra.pk).update(manager_id=cast.greta.pk)


def test_nested_tenants_restore_the_outer_one(cast):
    with tenant(cast.acme, member=cast.cora.pk):
        with tenant(cast.globex):
            assert Member.objects.count() == 3
        assert current_organisation_id() == cast.acme.pk
        assert Member.objects.count() == 5
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.member')")
            assert cursor.fetchone() == (str(cast.cora.pk),)


def test_a_failure_inside_a_nested_tenant_restores_the_outer_one(cast):
    with tenant(cast.acme):
        with pytest.raises(ValueError, match="stop"), tenant(cast.globex):
            raise ValueError("stop")
        assert Member.objects.count() == 5


def test_a_user_finds_their_own_members_and_nobody_elses(cast):
    twin = make_member(cast.globex, "Petra", email=cast.petra.email)

    assert [member.pk for member in members_of(cast.petra.user_id)] == [cast.petra.pk, twin.pk]
    assert [member.pk for member in members_of(cast.greta.user_id)] == [cast.greta.pk]


def test_strangers_and_unknown_organisations_get_the_same_page(cast):
    browser = sign_in(cast.greta)
    foreign, unknown = browser.get("/o/acme/"), browser.get("/o/nobody/")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert b"Acme" not in foreign.content


def test_a_closed_organisation_is_not_to_be_found(cast):
    from core.common import clock

    Organisation.objects.filter(pk=cast.acme.pk).update(closed_at=clock.now())
    assert sign_in(cast.petra).get("/o/acme/").status_code == 404
