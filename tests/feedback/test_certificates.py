"""Certificates: issued a day after a completion, checked by an address, revoked for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.errors import CertificateRevoked, RevocationUnexplained
from feedback.models.recognition import Certificate
from feedback.recognition import operations, pdf, queries
from mentoring.privacy.erasing import erase_member
from mentoring.privacy.export import data_of
from pairing.models.partnerships import Partnership
from programs.models.parts import Competency, MeetingRole
from programs.models.programs import Enrolment
from sessions.models.sessions import Turn
from tests.cast import Cast, main_of, make_member, sign_in
from tests.feedback.build import (
    OPENS,
    START,
    make_cohort,
    make_held_session,
    make_partnership,
    noon,
)

ENDED = noon(START + timedelta(days=100))
A_DAY_LATER = ENDED + timedelta(days=1)


@pytest.fixture
def completed(cast: Cast) -> Cast:
    """Petra and Pavel have met twice; Petra led once and has completed, Pavel has not."""
    cohort = make_cohort(cast.acme, skills=1)
    petra, pavel, _mia = make_partnership(
        cohort, cast.petra, cast.pavel, make_member(cast.acme, "Mia")
    )
    first = make_held_session(petra, pavel)
    make_held_session(petra, day=OPENS + timedelta(days=14), number=2)
    make_held_session(pavel, day=OPENS + timedelta(days=28), number=3)
    with tenant(cast.acme):
        role = MeetingRole.objects.create(
            program=cohort.program,
            key="facilitator",
            name="Facilitator",
            leads=True,
            competency=Competency.objects.get(),
        )
        Turn.objects.create(session=first, role=role, seat=petra, reason="least_often")
        Partnership.objects.update(state="completed", ended_at=ENDED)
        Enrolment.objects.filter(member=cast.petra).update(
            state="completed", ended_at=ENDED, changed_at=ENDED
        )
    return cast


def issue(cast: Cast, at: Any = A_DAY_LATER) -> int:
    with clock.at(at), tenant(cast.acme):
        return operations.issue_certificates(at=at)


@pytest.fixture
def certificate(completed: Cast) -> Certificate:
    issue(completed)
    with tenant(completed.acme):
        return Certificate.objects.for_list().get()


def address(certificate: Certificate) -> str:
    return "/" + queries.address_of(certificate).partition("://")[2].partition("/")[2]


def revoke(certificate: Certificate, by: Member, words: str = "") -> None:
    with tenant(certificate.organisation_id):
        operations.revoke_certificate(certificate=certificate, by=by, words=words)


def test_issued_once_a_day_after_the_completion_with_one_email(completed: Cast):
    cast = completed
    assert issue(cast, A_DAY_LATER - timedelta(minutes=1)) == 0
    assert [issue(cast), issue(cast, A_DAY_LATER + timedelta(days=3))] == [1, 0]
    with tenant(cast.acme):
        row = Certificate.objects.get()
        assert (row.enrolment.member, row.issued_at) == (cast.petra, A_DAY_LATER)
        (email,) = Email.objects.filter(kind="feedback.certificate")
        assert (email.member, email.context["met"]) == (
            cast.petra,
            "2 sessions, 2 hours",
        )


def test_who_has_left_gets_no_email(completed: Cast):
    with tenant(completed.acme):
        Member.objects.filter(pk=completed.petra.pk).update(state="left")
    assert issue(completed) == 1
    with tenant(completed.acme):
        assert not Email.objects.filter(kind="feedback.certificate").exists()


def test_it_says_the_table_the_hours_and_the_roles_of_sessions_one_was_at(certificate: Certificate):
    with tenant(certificate.organisation_id):
        facts = queries.facts_of(certificate)
        assert pdf.lines(facts) == [
            "2 sessions, 2 hours",
            "Circle Wye, 3 people",
            "Roles held: Facilitator (1)",
        ]
        assert (facts.begins, facts.ends) == (START, START + timedelta(days=100))


def test_competencies_stand_on_it_only_if_the_person_wishes(
    completed: Cast, certificate: Certificate
):
    page = f"/o/acme/certificates/{certificate.pk}/"
    browser = sign_in(completed.petra)
    assert "Skill 0" not in browser.get(page).text
    assert browser.post(f"{page}competencies/", {"shows": "on"}).status_code == 302
    assert "Practised: Skill 0" in browser.get(page).text
    assert browser.post(f"{page}competencies/", {}).status_code == 302
    assert "Skill 0" not in browser.get(page).text
    # nobody chooses it for her
    assert sign_in(completed.cora).post(f"{page}competencies/").status_code == 404


def test_a_pair_is_not_named_since_its_name_is_of_people(completed: Cast, certificate: Certificate):
    program = certificate.enrolment.cohort.program
    with tenant(completed.acme):
        program.format = "pairs"
        assert pdf.lines(queries.facts_of(certificate))[1] == "In a partnership of 3"


def test_whoever_has_the_address_sees_name_program_days_and_whether_it_is_valid(
    completed: Cast, certificate: Certificate
):
    answer = Client().get(address(certificate))
    assert "This certificate is valid" in answer.text
    assert "Petra Acme" in answer.text
    assert "Circles Spring" in answer.text
    assert "2 March 2026" in answer.text
    for word in ("Circle Wye", "Pavel", "Facilitator", "Skill", "2 sessions"):
        assert word not in answer.text
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    revoke(certificate, completed.petra)
    answer = Client().get(address(certificate))
    assert "This certificate is revoked" in answer.text
    assert "This certificate is valid" not in answer.text


def test_a_wrong_address_is_the_page_of_every_closed_link(certificate: Certificate):
    answer = Client().get("/certificates/nothing/")
    assert (answer.status_code, "not valid any more" in answer.text) == (404, True)


def test_a_coordinator_revokes_with_a_reason_that_the_person_reads(
    completed: Cast, certificate: Certificate
):
    browser = sign_in(completed.cora)
    page = f"/o/acme/certificates/{certificate.pk}/"
    assert page in main_of(
        browser.get(f"/o/acme/cohorts/{certificate.enrolment.cohort_id}/recognition/")
    )
    assert "gets an e-mail with your reason" in browser.get(f"{page}revoke/").text
    assert browser.post(f"{page}revoke/", {"words": " "}).status_code == 422
    assert browser.post(f"{page}revoke/", {"words": "The wrong cohort."}).status_code == 302
    own = sign_in(completed.petra).get(page).text
    assert "The wrong cohort." in own
    assert "Save as PDF" not in own
    with tenant(completed.acme):
        (email,) = Email.objects.filter(kind="feedback.certificate_revoked")
        assert (email.member, email.context["words"]) == (completed.petra, "The wrong cohort.")
        # the one that said it is ready has not left yet, and does not leave any more
        assert Email.objects.get(kind="feedback.certificate").withdrawn_at is not None
    again = browser.post(f"{page}revoke/", {"words": "Once more."})
    assert (again.status_code, "revoked already" in again.text) == (422, True)


def test_its_owner_revokes_it_without_a_reason_and_gets_no_email(
    completed: Cast, certificate: Certificate
):
    browser = sign_in(completed.petra)
    page = f"/o/acme/certificates/{certificate.pk}/"
    assert browser.post(f"{page}revoke/").status_code == 302
    assert browser.get(f"{page}certificate.pdf").status_code == 302
    with tenant(completed.acme):
        assert Certificate.objects.get().revoked_by == completed.petra
        assert not Email.objects.filter(kind="feedback.certificate_revoked").exists()


def test_the_rules_hold_without_a_page(completed: Cast, certificate: Certificate):
    with pytest.raises(RevocationUnexplained):
        revoke(certificate, completed.cora, "  ")
    revoke(certificate, completed.petra)
    with pytest.raises(CertificateRevoked):
        revoke(certificate, completed.petra)


def test_partners_and_coordinators_elsewhere_see_nothing_of_it(
    completed: Cast, certificate: Certificate
):
    for path in ("", "certificate.pdf", "revoke/"):
        page = f"/o/acme/certificates/{certificate.pk}/{path}"
        assert sign_in(completed.pavel).get(page).status_code == 404
        assert sign_in(completed.hugo).get(page).status_code == 404
    assert "No certificates" not in sign_in(completed.pavel).get("/o/acme/recognition/").text


def test_an_erasure_revokes_it_and_closes_its_address(completed: Cast, certificate: Certificate):
    with tenant(completed.acme):
        erase_member(member=completed.petra, by=completed.olga)
    # at once, before anything has followed
    assert Client().get(address(certificate)).status_code == 404
    with tenant(completed.acme):
        assert operations.revoke_certificates_of_the_erased(at=clock.now()) == 1
        assert operations.revoke_certificates_of_the_erased(at=clock.now()) == 0
        row = Certificate.objects.get()
        assert (row.is_valid, row.revoked_by) == (False, None)
    assert Client().get(address(certificate)).status_code == 404


def test_it_is_in_the_personal_export_of_its_owner_alone(completed: Cast, certificate: Certificate):
    with tenant(completed.acme, member=completed.petra.pk):
        assert len(data_of(completed.petra)["feedback_certificate"]) == 1
    with tenant(completed.acme, member=completed.pavel.pk):
        assert data_of(completed.pavel).get("feedback_certificate", []) == []


NAMES = [
    *("Zoë Müller", "Łukasz Żółć", "Nguyễn Hương", "Юлія Ґедз", "Ελένη Ώρα", "محمد علي", "יעל כהן"),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_many_scripts_have_letters_in_the_pdf(
    completed: Cast, certificate: Certificate, name: str
):
    certificate.enrolment.member.given_name = name
    with tenant(completed.acme):
        assert pdf.can_draw(certificate)
        assert pdf.draw(certificate).startswith(b"%PDF-")


def test_where_we_lack_the_letters_the_page_is_printed_and_no_file_has_gaps(
    completed: Cast, certificate: Certificate
):
    with tenant(completed.acme):
        Member.objects.filter(pk=completed.petra.pk).update(given_name="小龙")
    page = f"/o/acme/certificates/{certificate.pk}/"
    browser = sign_in(completed.petra)
    assert "Print this page" in browser.get(page).text
    assert "Save as PDF" not in browser.get(page).text
    assert browser.get(f"{page}certificate.pdf").status_code == 302


def test_the_pdf_is_served_to_be_saved(completed: Cast, certificate: Certificate):
    with time_machine.travel(A_DAY_LATER, tick=False):
        answer = sign_in(completed.petra).get(
            f"/o/acme/certificates/{certificate.pk}/certificate.pdf"
        )
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="certificate.pdf"'
    assert answer.content.startswith(b"%PDF-")
