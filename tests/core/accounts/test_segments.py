"""Saved segments of the directory: a query under a name, for all who run programs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.accounts.errors import NothingNarrowed, SegmentGone, SegmentNameTaken, TooManySegments
from core.accounts.operations import segments as operations
from core.accounts.operations.people import update_member
from core.accounts.queries import PeopleFilter, filters_in_words, saved_segments, within
from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.sentences import sentence
from core.common.errors import violated
from core.members.models import Member, Segment
from core.tenancy.context import tenant
from mentoring.people.merging import merge_members
from mentoring.privacy.erasing import erase_member
from tests.cast import Cast, main_of, make_member, sign_in
from tests.core.accounts.build import make_invitation

BERLIN = PeopleFilter(department="Engineering", location="Berlin")
PEOPLE = "/o/acme/people/"
NEW = f"{PEOPLE}segments/new/"


@pytest.fixture
def engineers(cast: Cast) -> Cast:
    """Petra and Noor are engineers, Petra of Berlin; Ulla of Globex is one of Berlin too."""
    with tenant(cast.acme):
        update_member(member=cast.petra, by=None, department="Engineering", location="Berlin")
    make_member(cast.acme, "Noor", department="Engineering", location="Porto")
    make_member(cast.globex, "Ulla", department="Engineering", location="Berlin")
    return cast


def save(by: Member, name: str = "Engineers in Berlin", wanted: PeopleFilter = BERLIN) -> Segment:
    with tenant(by.organisation):
        return operations.save_segment(name=name, wanted=wanted, by=by)


def people_in(segment: Segment) -> list[str]:
    with tenant(segment.organisation):
        rows = Member.objects.filter(within(segment)).order_by("given_name")
        return list(rows.values_list("given_name", flat=True))


def sentences(cast: Cast) -> list[str]:
    with tenant(cast.acme):
        events = list(AuditEvent.objects.filter(verb__startswith="segment.").order_by("id"))
        names = Names.in_acts(events)
        return [sentence(event, names) for event in events]


# ── the query ──
def test_a_segment_is_asked_anew_each_time(engineers: Cast):
    segment = save(engineers.cora)
    assert people_in(segment) == ["Petra"]
    with tenant(engineers.acme):
        update_member(member=engineers.pavel, by=None, department="Engineering", location="Berlin")
        update_member(member=engineers.petra, by=None, location="Porto")
    assert people_in(segment) == ["Pavel"]


def test_it_keeps_whom_the_filters_mean_and_not_the_order(cast: Cast):
    wanted = PeopleFilter(q="eng", role="participant", state="live", order="-department")
    segment = save(cast.cora, "One", wanted)
    assert segment.filters == {"q": "eng", "role": "participant", "state": "live"}
    assert (segment.made_by_id, segment.name) == (cast.cora.pk, "One")


@pytest.mark.parametrize("invited", ["never", "waiting", "late", "declined"])
def test_it_counts_by_invitation_as_the_list_does(cast: Cast, invited: str):
    make_invitation(cast.cora)
    make_member(cast.acme, "Nadia", live=False)
    wanted = PeopleFilter(invited=invited)
    save(cast.cora, invited, wanted)
    with tenant(cast.acme):
        [saved] = saved_segments(cast.olga, wanted)
        assert saved.n == wanted.apply(Member.objects.visible_to(cast.olga)).count()
        assert saved.n == int(invited in {"never", "waiting"})


def test_filters_that_are_not_known_here_mean_nobody(engineers: Cast):
    """A newer release has saved it, or a role has gone: nobody is better than more people."""
    segment = save(engineers.cora)
    with tenant(engineers.acme):
        for filters in ({"team": "Core", "location": "Berlin"}, {"role": "captain"}):
            Segment.objects.filter(pk=segment.pk).update(filters=filters)
            segment.refresh_from_db()
            assert PeopleFilter.of(segment) is None
            assert people_in(segment) == []
            assert [saved.n for saved in saved_segments(engineers.cora, PeopleFilter())] == [0]
    browser = sign_in(engineers.cora)
    edit, delete = (
        reverse(f"accounts:{name}", args=["acme", segment.pk])
        for name in ("edit_segment", "delete_segment")
    )
    assert f'href="{edit}"' in browser.get(PEOPLE).text
    for url in (edit, delete):
        assert "so nobody is in it" in browser.get(url).text


def test_filters_are_said_in_the_words_of_the_list():
    wanted = PeopleFilter(q="eng", role="hr", state="left", invited="late", level="L3", order="-id")
    assert filters_in_words(wanted) == [
        ("Search", "eng"),
        ("Role", "HR analyst"),
        ("State", "Left"),
        ("Invitation", "Invitation has run out"),
        ("Level", "L3"),
    ]


# ── what may be done ──
def test_each_act_is_told_without_what_it_was_called_before(cast: Cast):
    segment = save(cast.cora, "Petra and others")
    with tenant(cast.acme):
        operations.rename_segment(segment=segment, name=" Engineers \n of Berlin ", by=cast.olga)
        assert segment.name == "Engineers of Berlin"
        assert sentences(cast) == [
            "Cora Acme saved a segment of people (Engineers of Berlin).",
            "Olga Acme renamed a segment of people (Engineers of Berlin).",
        ]
        operations.delete_segment(segment=segment, by=cast.cora)
        assert sentences(cast)[-1] == "Cora Acme deleted a segment of people."
        assert not AuditEvent.objects.filter(verb__startswith="segment", details__icontains="etra")


def test_a_name_stands_for_one_segment_of_an_organisation(cast: Cast):
    segment = save(cast.cora)
    save(cast.gina)  # another organisation has its own
    with pytest.raises(SegmentNameTaken):
        save(cast.olga, "engineers  in berlin")
    other = save(cast.olga, "Others")
    with tenant(cast.acme):
        with pytest.raises(SegmentNameTaken):
            operations.rename_segment(segment=other, name="ENGINEERS IN BERLIN", by=cast.olga)
        operations.rename_segment(segment=segment, name="engineers in Berlin", by=cast.olga)


def test_what_narrows_nothing_is_no_segment(cast: Cast):
    with pytest.raises(NothingNarrowed):
        save(cast.cora, "All", PeopleFilter(order="-id"))
    with tenant(cast.acme), pytest.raises(IntegrityError) as refused, transaction.atomic():
        Segment.objects.create(name="All", filters={}, made_by=cast.cora)
    assert violated(refused.value) == "segment_narrows"


def test_there_are_as_many_as_one_page_counts(cast: Cast):
    for number in range(Segment.MOST):
        save(cast.cora, f"Segment {number}")
    with pytest.raises(TooManySegments):
        save(cast.cora, "One more")
    answer = sign_in(cast.cora).post(f"{NEW}?level=L3", {"name": "One more"})
    assert (answer.status_code, "Delete one first" in answer.text) == (422, True)


def test_what_somebody_has_just_deleted_is_neither_renamed_nor_deleted_again(cast: Cast):
    segment = save(cast.cora)
    with tenant(cast.acme):
        operations.delete_segment(segment=Segment.objects.get(pk=segment.pk), by=cast.olga)
        with pytest.raises(SegmentGone):
            operations.rename_segment(segment=segment, name="Others", by=cast.cora)
        with pytest.raises(SegmentGone):
            operations.delete_segment(segment=segment, by=cast.cora)


# ── the pages ──
def test_filters_are_saved_from_the_list_and_shown_above_it(engineers: Cast):
    browser, query = sign_in(engineers.cora), "?department=Engineering&location=Berlin"
    listed = main_of(browser.get(PEOPLE + query))
    assert f'href="{NEW}?department=Engineering&amp;location=Berlin"' in listed
    asked = main_of(browser.get(NEW + query))
    assert "These filters show 1 person now." in asked
    assert "Berlin" in asked
    answer = browser.post(NEW + query, {"name": "Engineers in Berlin"})
    assert answer.headers["Location"] == PEOPLE + query
    listed = main_of(browser.get(answer.headers["Location"]))
    assert "“Engineers in Berlin” was saved by Cora Acme." in listed
    assert f'href="{NEW}' not in listed
    for reader, there in ((engineers.olga, True), (engineers.gina, False)):
        here = reverse("accounts:people", args=[reader.organisation.slug])
        shown = main_of(sign_in(reader).get(here))
        assert ("Engineers in Berlin 1" in " ".join(shown.split())) is there
        assert ("Saved segments" in shown) is there


def test_a_link_of_a_segment_leads_to_its_people_in_the_order_of_the_list(engineers: Cast):
    save(engineers.cora)
    listed = main_of(sign_in(engineers.olga).get(f"{PEOPLE}?q=zzz&order=-department"))
    link = replace(BERLIN, order="-department").url()
    assert f'href="{PEOPLE}{link.replace("&", "&amp;")}"' in listed
    shown = main_of(sign_in(engineers.olga).get(PEOPLE + link))
    assert ("Petra Acme" in shown, "Noor Acme" in shown) == (True, False)


def test_nothing_typed_is_lost_where_the_name_is_taken(cast: Cast):
    save(cast.cora)
    answer = sign_in(cast.cora).post(f"{NEW}?level=L3", {"name": "Engineers in Berlin"})
    assert answer.status_code == 422
    page = main_of(answer)
    assert "Name: Another segment has this name." in page
    assert 'value="Engineers in Berlin"' in page
    assert "L3" in page
    assert (
        "action=" not in page.partition("<form")[2].partition(">")[0]
    )  # posts to the same filters


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "x" * 81, "x" * 100_000])
def test_a_name_that_cannot_be_kept_is_said_at_its_field(cast: Cast, name: str):
    answer = sign_in(cast.cora).post(f"{NEW}?level=L3", {"name": name})
    assert (answer.status_code, 'href="#id_name"' in answer.text) == (422, True)


@pytest.mark.parametrize("query", ["", "?order=-id", "?role=captain", "?unknown=1"])
def test_a_list_that_is_not_narrowed_is_not_saved(cast: Cast, query: str):
    browser = sign_in(cast.cora)
    assert "Narrow it first" in browser.get(NEW + query).text
    answer = browser.post(NEW + query, {"name": "All"})
    assert (answer.status_code, "show everybody" in answer.text) == (422, True)


def test_a_segment_is_renamed_and_deleted_by_another_coordinator(engineers: Cast):
    segment, browser = save(engineers.cora), sign_in(engineers.olga)
    edit = reverse("accounts:edit_segment", args=["acme", segment.pk])
    delete = reverse("accounts:delete_segment", args=["acme", segment.pk])
    page = main_of(browser.get(edit))
    assert ("Saved by Cora Acme" in page, f'href="{delete}"' in page) == (True, True)
    save(engineers.cora, "Taken", PeopleFilter(level="L3"))
    refused = browser.post(edit, {"name": "taken"})
    assert (refused.status_code, 'value="taken"' in refused.text) == (422, True)
    answer = browser.post(edit, {"name": "Builders"}, follow=True)
    assert "It is called “Builders” now." in answer.text
    assert "Delete the segment “Builders”?" in browser.get(delete).text
    with tenant(engineers.acme):
        assert Segment.objects.count() == 2  # asking changes nothing
    answer = browser.post(delete, follow=True)
    assert "The segment is deleted." in answer.text
    assert answer.redirect_chain[0][0] == f"{PEOPLE}?department=Engineering&location=Berlin"
    assert browser.post(delete).status_code == 404


def test_two_who_rename_at_the_same_time_are_told(cast: Cast):
    segment = save(cast.cora)
    edit = reverse("accounts:edit_segment", args=["acme", segment.pk])
    page = sign_in(cast.cora).get(edit).text
    version = page.partition('name="version" value="')[2].partition('"')[0].replace("&quot;", '"')
    sign_in(cast.olga).post(edit, {"name": "Builders"})
    answer = sign_in(cast.cora).post(edit, {"name": "Makers", "version": version})
    assert (answer.status_code, "Somebody changed this meanwhile" in answer.text) == (422, True)
    assert 'value="Makers"' in answer.text


def test_a_hostile_name_is_shown_harmlessly(cast: Cast):
    save(cast.cora, "<script>alert(1)</script>{{ 7|add:7 }}")
    page = sign_in(cast.olga).get(f"{PEOPLE}?department=Engineering&location=Berlin").text
    assert ("<script>alert" in page, ">14<" in page) == (False, False)


def test_more_segments_cost_no_more_statements(engineers: Cast, django_assert_num_queries):
    counts = []
    for number in range(3):
        save(engineers.cora, f"S{number}", PeopleFilter(level=f"L{number}"))
        with tenant(engineers.acme), django_assert_num_queries(2):
            counts.append(len(saved_segments(engineers.cora, PeopleFilter())))
    assert counts == [1, 2, 3]


# ── whose it is ──
@pytest.mark.parametrize("who", ["hugo", "petra"])
def test_who_does_not_read_the_directory_has_no_segments(engineers: Cast, who: str):
    segment, reader = save(engineers.cora), getattr(engineers, who)
    with tenant(engineers.acme):
        assert list(Segment.objects.visible_to(reader)) == []
        assert saved_segments(reader, PeopleFilter()) == []
    browser = sign_in(reader)
    for url in (NEW, reverse("accounts:edit_segment", args=["acme", segment.pk])):
        assert (browser.get(url).status_code, browser.post(url).status_code) == (403, 403)


def test_a_segment_of_another_organisation_is_unknown(engineers: Cast):
    segment, browser = save(engineers.gina), sign_in(engineers.olga)
    for name in ("edit_segment", "delete_segment"):
        url = reverse(f"accounts:{name}", args=["acme", segment.pk])
        assert (browser.get(url).status_code, browser.post(url).status_code) == (404, 404)
    assert people_in(segment) == ["Ulla"]


def test_it_goes_on_when_whoever_made_it_is_erased_and_names_nobody(cast: Cast):
    """The search was for the very person, and both names were theirs in another order."""
    segment = save(cast.cora, "Petra Acme", PeopleFilter(q="petra@acme.example"))
    other = save(cast.cora, "petra@acme.example", PeopleFilter(level="L3"))
    with tenant(cast.acme):
        erase_member(member=cast.petra, by=cast.olga)
        erase_member(member=cast.cora, by=cast.olga)
        segment.refresh_from_db()
        other.refresh_from_db()
        pseudonym = f"Former member {cast.petra.pk.hex[-6:]}"
        assert segment.filters == {"q": pseudonym}
        assert {segment.name, other.name} == {pseudonym, f"{pseudonym} {other.pk.hex[-6:]}"}
        assert segment.made_by.given_name == "Former member"
    assert "Former member" in sign_in(cast.olga).get(f"{PEOPLE}?level=L3").text


def test_a_merged_persons_segments_are_those_of_who_stays(cast: Cast):
    twin = make_member(cast.acme, "Coral", Member.Role.COORDINATOR, live=False)
    segment = save(cast.cora)
    with tenant(cast.acme):
        Segment.objects.filter(pk=segment.pk).update(made_by=twin)
        merge_members(stays=cast.cora, goes=twin, by=cast.olga)
        segment.refresh_from_db()
        assert segment.made_by_id == cast.cora.pk
