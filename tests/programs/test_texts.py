"""Texts of e-mails that an organisation or a program has made its own, from page to message."""

from __future__ import annotations

from email.utils import parseaddr

import pytest
from django.urls import reverse

from core.accounts.errors import UnknownVariable
from core.accounts.operations import texts
from core.audit.models import AuditEvent
from core.members.models import Member
from core.notifications.channels.email import Mail, mail_of
from core.notifications.models import Email, EmailText
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from programs.models.programs import Program, ProgramStaff
from tests.cast import Cast, main_of, make_member, sign_in
from tests.core.notifications.build import make_email
from tests.programs.build import make_program, run_only

KIND, CASE = "feedback.check_in", "usual"
TYPED = {
    "subject": "A word about {{ who }}",
    "body": "Dear {{ given_name }},\n\n**How** was it with {{ who }}?\n\n{{ days }}",
    "button": "Tell us",
}
OURS = "How did it go with Circle Wye?"


@pytest.fixture
def program(cast: Cast) -> Program:
    return make_program(cast.acme)


def address(program: Program | None = None, kind: str = KIND, case: str = CASE) -> str:
    if program:
        return reverse("programs:text", args=["acme", program.pk, kind, case])
    return reverse("accounts:text", args=["acme", kind, case])


def mail_to(member: Member, program: Program | None = None, **context: object) -> Mail:
    values = {"who": "Circle Wye", "days": "9 to 22 November", "met": True} | context
    email = make_email(member, context=values, program=program and program.pk)
    with tenant(member.organisation):
        row = Email.objects.select_related("member", "organisation").get(pk=email.pk)
        return mail_of(row, settings_in_force())


def test_an_owner_edits_a_text_and_every_program_says_it(cast: Cast, program: Program):
    browser = sign_in(cast.olga)
    shown = main_of(browser.get(address()))
    assert "How did it go with {{ who }}?" in shown
    assert browser.post(address(), TYPED | {"do": "save"}).status_code == 302

    mail = mail_to(cast.petra, program)
    assert mail.subject == "A word about Circle Wye"
    assert "Dear Petra,\n\nHow was it with Circle Wye?\n\n9 to 22 November\n\nTell us:" in mail.body
    assert "<strong>How</strong> was it with Circle Wye?" in str(mail.alternatives[0][0])
    assert mail_to(cast.petra, met=False).subject == "Have you met with Circle Wye yet?"
    assert mail_to(cast.greta).subject == OURS
    with tenant(cast.acme):
        act = AuditEvent.objects.get(verb="email_text.edited")
        assert (act.actor_id, act.target_name) == (cast.olga.pk, KIND)


def test_two_who_edit_a_text_at_once_do_not_undo_each_other(cast: Cast):
    browser = sign_in(cast.olga)
    opened = browser.get(address()).context["form"]
    typed = {name: opened[name].value() for name in ("subject", "body", "button", "version")}
    with tenant(cast.acme):
        theirs = TYPED | {"subject": "By somebody else", "button": opened["button"].value()}
        texts.edit_text(kind=KIND, case=CASE, program_id=None, by=cast.olga, **theirs)
    assert browser.post(address(), typed | {"button": "Go", "do": "save"}).status_code == 302
    with tenant(cast.acme):
        text = EmailText.objects.get()
        assert (text.subject, text.button) == ("By somebody else", "Go")
    answer = browser.post(address(), typed | {"subject": "Mine", "do": "save"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["subject"]


def test_a_program_says_its_own_and_goes_back_to_the_organisations(cast: Cast, program: Program):
    with tenant(cast.acme):
        texts.edit_text(kind=KIND, case=CASE, program_id=None, by=cast.olga, **TYPED)
    browser = sign_in(cast.cora)
    assert "A word about {{ who }}" in main_of(browser.get(address(program)))
    own = TYPED | {"subject": "In our program: {{ who }}"}
    browser.post(address(program), own | {"do": "save"})
    assert mail_to(cast.petra, program).subject == "In our program: Circle Wye"
    assert mail_to(cast.petra).subject == "A word about Circle Wye"

    browser.post(address(program), {"do": "restore"})
    assert mail_to(cast.petra, program).subject == "A word about Circle Wye"
    sign_in(cast.olga).post(address(), {"do": "restore"})
    assert mail_to(cast.petra, program).subject == OURS
    with tenant(cast.acme):
        assert not EmailText.objects.exists()
        assert AuditEvent.objects.filter(verb="email_text.restored").count() == 2


@pytest.mark.parametrize(
    ("field", "typed", "named"),
    [
        ("subject", "Hello {{ nobody }}", "{{ nobody }}"),
        ("body", "Hello {{ who }", "{{ who }"),
        ("body", "{% now 'Y' %}", "{% now"),
        ("body", "[here](https://x.example/{{ who }})", "](https://x.example/{{ who }})"),
        ("button", "{{ email.secret }}", "{{ email.secret }}"),
    ],
)
def test_a_variable_that_is_not_there_is_named_at_its_field(
    cast: Cast, field: str, typed: str, named: str
):
    answer = sign_in(cast.olga).post(address(), TYPED | {field: typed, "do": "save"})
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors[field]
    assert named in error
    assert "{{ who }}" in error
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["body"].value() == (TYPED | {field: typed})["body"]
    with tenant(cast.acme):
        assert not EmailText.objects.exists()
        with pytest.raises(UnknownVariable):
            texts.edit_text(
                kind=KIND, case=CASE, program_id=None, by=cast.olga, **(TYPED | {field: typed})
            )


def test_a_preview_speaks_to_the_person_chosen_and_saves_nothing(cast: Cast):
    browser = sign_in(cast.olga)
    answer = browser.post(address(), TYPED | {"do": "preview", "person": str(cast.pavel.pk)})
    assert "Dear Pavel," in answer.context["preview"].text
    shown = main_of(answer)
    assert shown.count("<iframe") == shown.count('srcdoc="&lt;!doctype html&gt;') == 2
    assert 'width="320"' in shown
    assert 'width="640"' in shown
    assert "style-src-attr 'unsafe-inline'" in answer["Content-Security-Policy"]
    with tenant(cast.acme):
        assert not EmailText.objects.exists()


def test_who_asks_is_sent_a_test_of_what_is_saved(cast: Cast, program: Program):
    sign_in(cast.cora).post(address(program), TYPED | {"do": "test"})
    with tenant(cast.acme):
        email = Email.objects.select_related("member", "organisation").get(kind=KIND)
        mail = mail_of(email, settings_in_force())
    assert (email.member_id, mail.subject) == (cast.cora.pk, "A word about Leila Haddad")


def test_a_text_is_for_owners_and_for_those_who_run_the_program(cast: Cast, program: Program):
    other = make_member(cast.acme, "Conrad", Member.Role.COORDINATOR)
    theirs = make_program(cast.acme, name="Another one")
    with tenant(cast.acme):
        run_only(other, theirs)
    answers = {
        name: (
            sign_in(member).get(address()).status_code,
            sign_in(member).get(address(program)).status_code,
            sign_in(member).post(address(program), TYPED | {"do": "save"}).status_code,
        )
        for name, member in {
            "olga": cast.olga,
            "conrad": other,
            "hugo": cast.hugo,
            "petra": cast.petra,
            "greta": cast.greta,
        }.items()
    }
    assert answers == {
        "olga": (200, 200, 302),
        "conrad": (403, 404, 404),
        "hugo": (403, 403, 403),
        "petra": (403, 403, 403),
        "greta": (404, 404, 404),
    }


def test_joining_is_no_programs_and_an_unknown_kind_is_not_there(cast: Cast, program: Program):
    browser = sign_in(cast.olga)
    assert browser.get(address(kind="accounts.invitation")).status_code == 200
    assert browser.get(address(program, kind="accounts.invitation")).status_code == 404
    assert browser.get(address(kind="nothing")).status_code == 404
    assert browser.get(address(case="nothing")).status_code == 404


@pytest.mark.slow
def test_the_list_says_what_is_changed_here(cast: Cast, program: Program):
    with tenant(cast.acme):
        texts.edit_text(kind=KIND, case=CASE, program_id=program.pk, by=cast.cora, **TYPED)
    shown = main_of(sign_in(cast.cora).get(reverse("programs:texts", args=["acme", program.pk])))
    assert "A word about Leila Haddad" in shown
    assert shown.count("changed here") == 1
    assert "{{" not in shown
    page = main_of(sign_in(cast.olga).get(reverse("accounts:texts", args=["acme"])))
    assert "changed here" not in page


def test_an_e_mail_comes_from_the_organisation_and_is_answered_by_who_runs_it(
    cast: Cast, program: Program
):
    with tenant(cast.acme):
        ProgramStaff.objects.get_or_create(program=program, member=cast.cora)
    mail = mail_to(cast.petra, program)
    assert parseaddr(mail.from_email)[0] == "Acme (Roundtable)"
    assert mail.reply_to == [cast.cora.email]
    assert mail_to(cast.petra).reply_to == []
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.cora.pk).update(role=Member.Role.PARTICIPANT)
    assert mail_to(cast.petra, program).reply_to == []
