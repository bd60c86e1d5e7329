"""Testimonials: shown where their author allows it, once picked, and nowhere after a revocation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from core.members.models import Invitation, Member
from core.notifications.models import Email
from core.notifications.render import text_of
from core.tenancy.context import tenant
from feedback.models import testimonials as models
from feedback.testimonials import errors, operations
from mentoring.privacy.erasing import erase_member
from mentoring.privacy.export import data_of
from pairing.errors import NotTheirs
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import enrol, make_cohort

WORDS = "canary: nobody had listened to me like that."
PLACES = ("community", "report", "join")
INVITE = "/o/acme/cohorts/{}/people/invite-chosen/"


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """Petra and Pavel take part; another cohort of the program is open to all."""
    cohort = make_cohort(cast.acme)
    for member in (cast.petra, cast.pavel):
        enrol(cohort, member)
    with tenant(cast.acme):
        Cohort.objects.create(
            program=cohort.program,
            name="Next",
            starts_on="2027-01-01",
            ends_on="2027-06-30",
            phase=Cohort.Phase.ENROLLING,
            entry=Cohort.Entry.OPEN,
        )
    return cohort


def give(cast: Cast, cohort: Cohort, **facts: Any) -> models.Testimonial:
    values = {"text": WORDS, "places": PLACES, "signed": "first"} | facts
    with tenant(cast.acme):
        return operations.give_testimonial(cohort=cohort, by=cast.petra, **values)


def pick(cast: Cast, row: models.Testimonial) -> models.Testimonial:
    with tenant(cast.acme):
        row = models.Testimonial.objects.for_list().get(pk=row.pk)
        return operations.pick_testimonial(testimonial=row, by=cast.cora)


def pages(cast: Cast, cohort: Cohort) -> dict[str, tuple[Member, str]]:
    """Return each place with somebody who reads it there."""
    with tenant(cast.acme):
        upcoming = Cohort.objects.get(name="Next")
        outside = Member.objects.filter(given_name="Nina").first()
    outside = outside or make_member(cast.acme, "Nina")
    base = "/o/acme/cohorts/"
    return {
        "community": (cast.pavel, f"{base}{cohort.pk}/testimonials/"),
        "report": (cast.hugo, f"{base}{cohort.pk}/testimonials/report/"),
        "join": (outside, f"{base}{upcoming.pk}/testimonials/join/"),
    }


def shown(cast: Cast, cohort: Cohort) -> list[str]:
    return [
        place
        for place, (member, path) in pages(cast, cohort).items()
        if WORDS in sign_in(member).get(path).text
    ]


@pytest.mark.slow
def test_it_is_shown_where_it_may_be_once_it_is_picked_and_nowhere_after_a_revocation(
    cast: Cast, cohort: Cohort
):
    browser, here = sign_in(cast.petra), f"/o/acme/cohorts/{cohort.pk}/testimonials/"
    sent = {"text": WORDS, "places": PLACES, "signed": "first"}
    assert browser.post(f"{here}mine/", sent, follow=True).status_code == 200
    assert shown(cast, cohort) == []
    with tenant(cast.acme):
        row = models.Testimonial.objects.get()
    desk = sign_in(cast.cora)
    assert WORDS in desk.get(here).text
    desk.post(f"{here}{row.pk}/pick/")
    assert shown(cast, cohort) == ["community", "report", "join"]
    desk.post(f"{here}{row.pk}/unpick/")
    assert shown(cast, cohort) == []
    desk.post(f"{here}{row.pk}/pick/")
    answer = browser.post(f"{here}mine/revoke/", follow=True)
    assert "It is shown nowhere any more." in answer.text
    assert shown(cast, cohort) == []
    assert WORDS not in desk.get(here).text
    refused = desk.post(f"{here}{row.pk}/pick/", follow=True)
    assert "does not let it be shown any more" in refused.text
    browser.post(f"{here}mine/", sent)  # given again, it has to be picked again
    assert shown(cast, cohort) == []
    desk.post(f"{here}{row.pk}/pick/")
    assert shown(cast, cohort) == ["community", "report", "join"]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_shown_in_no_other_place_than_its_author_allows(
    cast: Cast, cohort: Cohort, place: str
):
    pick(cast, give(cast, cohort, places=[place]))
    assert shown(cast, cohort) == [place]


@pytest.mark.parametrize(
    ("signed", "name"), [("full", "Petra Acme"), ("first", "Petra"), ("nobody", "A peer")]
)
def test_it_is_signed_as_its_author_wishes(cast: Cast, cohort: Cohort, signed: str, name: str):
    pick(cast, give(cast, cohort, signed=signed))
    member, path = pages(cast, cohort)["community"]
    text = sign_in(member).get(path, headers={"HX-Request": "true"}).text
    assert f">{name}</figcaption>" in text
    assert ("Petra" in text) == (signed != "nobody")


def test_other_words_are_picked_anew_and_other_places_are_not(cast: Cast, cohort: Cohort):
    pick(cast, give(cast, cohort))
    assert give(cast, cohort, places=["report"]).picked_at is not None
    assert shown(cast, cohort) == ["report"]
    assert give(cast, cohort, text="Other words.").picked_at is None


def test_who_does_not_take_part_gives_none_and_nobody_else_revokes_it(cast: Cast, cohort: Cohort):
    row = give(cast, cohort)
    with tenant(cast.acme):
        Enrolment.objects.filter(member=cast.pavel).update(state="accepted")
        for member in (cast.pavel, cast.cora):
            with pytest.raises(errors.NotYetThere):
                operations.give_testimonial(
                    cohort=cohort, by=member, text=WORDS, places=PLACES, signed="full"
                )
            with pytest.raises(NotTheirs):
                operations.revoke_testimonial(
                    testimonial=models.Testimonial.objects.for_list().get(pk=row.pk), by=member
                )
    path = f"/o/acme/cohorts/{cohort.pk}/testimonials/"
    assert sign_in(cast.pavel).get(f"{path}mine/").status_code == 404
    assert sign_in(cast.pavel).post(f"{path}mine/revoke/").status_code == 404
    assert sign_in(make_member(cast.acme, "Otto")).get(path).status_code == 404


def test_a_form_without_a_place_is_refused_with_what_was_typed(cast: Cast, cohort: Cohort):
    path = f"/o/acme/cohorts/{cohort.pk}/testimonials/mine/"
    answer = sign_in(cast.petra).post(path, {"text": WORDS, "signed": "full"})
    assert answer.status_code == 422
    assert WORDS in answer.text


def test_it_is_not_shown_any_more_once_its_author_has_left_or_is_erased(cast: Cast, cohort: Cohort):
    row = pick(cast, give(cast, cohort))
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state="left")
    assert shown(cast, cohort) == []
    with tenant(cast.acme), pytest.raises(errors.TestimonialGone):
        operations.pick_testimonial(testimonial=row, by=cast.cora)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state="live")
        erase_member(member=Member.objects.get(pk=cast.petra.pk), by=cast.olga)
        assert not models.Testimonial.objects.exists()


def test_its_author_alone_finds_it_in_their_export(cast: Cast, cohort: Cohort):
    pick(cast, give(cast, cohort))
    for member, number in [(cast.petra, 1), (cast.pavel, 0)]:
        with tenant(cast.acme, member=member.pk):
            assert len(data_of(member).get("feedback_testimonial", [])) == number


def test_pages_of_others_lead_there(cast: Cast, cohort: Cohort):
    def borrows(browser: Client, path: str, part: str) -> bool:
        return f"testimonials/{part}" in browser.get(path).text

    base = f"/o/acme/cohorts/{cohort.pk}/"
    with tenant(cast.acme):
        upcoming = Cohort.objects.get(name="Next")
    assert borrows(sign_in(cast.cora), f"{base}report/", "report/")
    # one click further than the group of tabs in which it stands
    assert borrows(sign_in(cast.cora), f"{base}surveys/", '"')
    assert borrows(sign_in(cast.petra), f"{base}join/", '"')
    nina = sign_in(make_member(cast.acme, "Nina"))
    assert borrows(nina, f"/o/acme/cohorts/{upcoming.pk}/join/", "join/")


def invited(cast: Cast, cohort: Cohort, name: str = "Nina") -> Email:
    """Let Cora invite somebody new to the program, and return the e-mail."""
    person = make_member(cast.acme, name, live=False)
    enrol(cohort, person, state=Enrolment.State.ACCEPTED)
    desk = sign_in(cast.cora)
    sent = {"confirm": "yes", "person": str(person.pk)}
    assert desk.post(INVITE.format(cohort.pk), sent).status_code == 302
    with tenant(cast.acme):
        return Email.objects.select_related("member", "organisation").get(
            kind="accounts.invitation", member=person
        )


def quotes(email: Email) -> list[str]:
    with tenant(email.organisation):
        body = text_of(email).body
    return [line for line in body.splitlines() if line.startswith("> ")]


def test_an_invitation_quotes_whom_their_authors_let_it_and_a_coordinator_has_picked(
    cast: Cast, cohort: Cohort
):
    row = give(cast, cohort, places=["email"], text="Nobody *had*\n listened.")
    assert quotes(invited(cast, cohort)) == []
    pick(cast, row)
    email = invited(cast, cohort, "Nils")
    counted = sign_in(cast.cora).post(INVITE.format(cohort.pk), {"all": "yes"}).text
    assert "<li>“Nobody *had* listened.” – Petra</li>" in counted
    assert quotes(email) == ["> “Nobody \\*had\\* listened\\.” – Petra"]
    with tenant(cast.acme):
        assert "quotes" not in Invitation.objects.get(member=email.member).place
        operations.revoke_testimonial(testimonial=row, by=cast.petra)
    assert quotes(invited(cast, cohort, "Nora")) == []


def test_an_invitation_quotes_two_of_its_own_program_at_most(cast: Cast, cohort: Cohort):
    elsewhere = make_cohort(cast.acme, "Autumn")
    for number, place in enumerate([cohort, cohort, cohort, elsewhere]):
        author = make_member(cast.acme, f"Author{number}")
        enrol(place, author)
        with tenant(cast.acme):
            row = operations.give_testimonial(
                cohort=place, by=author, text=f"Words {number}", places=["email"], signed="first"
            )
        pick(cast, row)
    assert quotes(invited(cast, cohort)) == [
        "> “Words 2” – Author2",
        "> “Words 1” – Author1",
    ]
    row = give(cast, cohort, places=["email"], signed="nobody", text="Words of nobody")
    pick(cast, row)
    assert quotes(invited(cast, cohort, "Nora"))[0] == "> “Words of nobody” – A peer"
    pick(cast, give(cast, cohort, places=["join"]))
    assert len(quotes(invited(cast, cohort, "Nils"))) == 2
