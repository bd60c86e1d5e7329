"""Two rows that are one person become one: whose sign-in goes on keeps its id, nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import UniqueConstraint

from core.common import clock
from core.members.models import Member
from core.notifications.operations import mute
from core.tenancy.context import tenant
from feedback.models.journal import JournalEntry
from mentoring.people import merging
from mentoring.people.merging import CannotMerge, merge_members
from pairing.models.partnerships import KindWords, Seat
from pairing.partnerships.operations import repairing
from programs.models.programs import Enrolment
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import NOON, make_cohort, make_partnership
from tests.work import catch_up


@pytest.fixture
def twice(cast: Cast) -> tuple[Member, Member]:
    """Nadia, entered by hand and later again from a file: she has joined by the second row."""
    with clock.at(clock.now() - timedelta(days=90)):
        older = make_member(cast.acme, "Nadia", live=False)
    younger = make_member(cast.acme, "Nadia2", employee_id="N-7", department="Tide")
    return older, younger


@pytest.mark.slow
def test_history_facts_and_sign_in_are_joined_and_the_other_is_a_tombstone(
    cast: Cast, twice: tuple[Member, Member]
):
    older, younger = twice
    email, user = younger.email, younger.user_id
    with tenant(cast.acme):
        first = make_partnership(make_cohort(cast.acme), [older, cast.petra], name="Ash")
        second = make_partnership(make_cohort(cast.acme), [younger, cast.pavel], name="Oak")
        Member.objects.filter(pk=cast.petra.pk).update(manager=older)
        for member in twice:
            mute(member=member, kind="feedback.check_in", channel="email")

        kept = merge_members(stays=younger, goes=older, by=cast.olga)

        assert kept.pk == younger.pk
        assert (kept.email, kept.user_id) == (email, user)
        assert (kept.state, kept.employee_id, kept.department) == ("live", "N-7", "Tide")
        sat = Seat.objects.filter(enrolment__member=kept, left_at=None)
        assert set(sat.values_list("partnership", flat=True)) == {first.pk, second.pk}
        cast.petra.refresh_from_db()
        assert cast.petra.manager_id == kept.pk
        gone = Member.objects.get(pk=older.pk)
        assert (gone.state, gone.merged_into_id, gone.employee_id) == ("left", kept.pk, "")
    with clock.at(NOON):
        catch_up()
    with tenant(cast.acme):  # what follows from somebody's leaving does not follow here
        assert Seat.objects.filter(enrolment__member=kept, left_at=None).count() == 2
    assert sign_in(kept).get("/o/acme/").status_code == 200


def test_private_words_can_be_read_on_and_by_nobody_else(cast: Cast, twice: tuple[Member, Member]):
    older, younger = twice
    with tenant(cast.acme):
        table = make_partnership(make_cohort(cast.acme), [younger, cast.pavel], name="Oak")
    with tenant(cast.acme, member=cast.pavel.pk):
        repairing.part_ways(partnership=table, by=cast.pavel, cause="time", words="Thank you")
    with tenant(cast.acme, member=cast.olga.pk):
        merge_members(stays=younger, goes=older, by=cast.olga)
        assert not KindWords.objects.exists()
    with tenant(cast.acme, member=younger.pk):
        assert [words.text for words in KindWords.objects.visible_to(younger)] == ["Thank you"]


def test_of_two_enrolments_in_one_cohort_the_one_with_a_partner_stays(
    cast: Cast, twice: tuple[Member, Member]
):
    older, younger = twice
    with tenant(cast.acme):
        cohort = make_cohort(cast.acme)
        table = make_partnership(cohort, [younger, cast.pavel], name="Oak")
        seat = Seat.objects.get(partnership=table, enrolment__member=younger)
        Enrolment.objects.create(
            cohort=cohort, member=older, part="peer", state="applied", applied_at=clock.now()
        )
        merge_members(stays=younger, goes=older, by=cast.olga)
        assert list(Enrolment.objects.filter(member=younger)) == [seat.enrolment]


def test_two_who_meet_are_two_people(cast: Cast, twice: tuple[Member, Member]):
    older, younger = twice
    with tenant(cast.acme):
        cohort = make_cohort(cast.acme)
        make_partnership(cohort, [older, younger], name="Oak")
        with pytest.raises(CannotMerge, match="members of Oak, so they are two"):
            merge_members(stays=younger, goes=older, by=cast.olga)
        with pytest.raises(CannotMerge, match="two different people"):
            merge_members(stays=older, goes=older, by=cast.olga)


def test_two_who_had_partners_in_one_cohort_are_two_people(
    cast: Cast, twice: tuple[Member, Member]
):
    older, younger = twice
    with tenant(cast.acme):
        cohort = make_cohort(cast.acme)
        make_partnership(cohort, [older, cast.petra], name="Ash")
        make_partnership(cohort, [younger, cast.pavel], name="Oak")
        with pytest.raises(CannotMerge, match="Both had partners in"):
            merge_members(stays=younger, goes=older, by=cast.olga)


def test_every_reference_to_a_member_passes_on_or_stays_for_a_reason(cast: Cast):
    columns = {(field.model, field.name) for field in merging.references()}
    stay = {(model, name) for model, names in merging.STAYS.items() for name in names}
    assert columns >= stay
    assert {model for model, _name in columns - stay} >= set(merging.ONCE)
    once = {
        model
        for model, name in columns - stay
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint) and name in constraint.fields
    }
    # enrolments, kind words and entries about a session hang on a cohort and a table, of which
    # two people share none
    assert once - {Enrolment, KindWords, JournalEntry} == set(merging.ONCE)


def test_an_owner_finds_the_other_row_reads_what_follows_and_does_it(
    cast: Cast, twice: tuple[Member, Member]
):
    older, younger = twice
    olga = sign_in(cast.olga)
    person = f"/o/acme/people/{younger.pk}/"
    assert "Merge with another row" in olga.get(person).content.decode()
    assert older.email in olga.get(f"{person}merge/?q=Nadia").content.decode()
    page = olga.get(f"{person}merge/{older.pk}/").content.decode()
    assert "and 0 partnerships" in page
    assert f'value="{younger.pk}"' in page
    assert f'value="{older.pk}"' not in page  # nobody has joined by that row
    refused = olga.post(f"{person}merge/{older.pk}/", {"stays": str(older.pk)})
    assert refused.status_code == 422
    done = olga.post(f"{person}merge/{older.pk}/", {"stays": str(younger.pk)}, follow=True)
    assert "is one person now" in done.content.decode()
    gone = f"/o/acme/people/{older.pk}/"
    assert "This is the same person as" in olga.get(gone).content.decode()
    back = olga.post(f"{gone}invite/", follow=True)
    assert "Send an invitation" not in back.content.decode()
    again = olga.get(f"{person}merge/{older.pk}/", follow=True).content.decode()
    assert "Choose two different people" in again
    assert sign_in(cast.cora).get(f"{person}merge/").status_code == 403
