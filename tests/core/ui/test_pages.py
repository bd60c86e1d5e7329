"""The one way from a form to an operation."""

from __future__ import annotations

import pytest
from django import forms

from core.accounts.errors import AlreadyHere, LastOwner
from core.common.errors import DomainError
from core.members.models import User
from core.ui.pages import act


class NameForm(forms.Form):
    name = forms.CharField()
    other = forms.CharField(required=False)


def refuse(error: DomainError):
    def operation() -> None:
        User.objects.create_user("half@done.example")
        raise error

    return operation


@pytest.mark.parametrize("data", [None, {}, {"name": ""}])
def test_nothing_is_done_unless_a_valid_form_was_sent(data):
    assert not act(lambda: pytest.fail("done"), NameForm(data))


def test_a_row_is_returned_as_itself_and_nothing_as_true(db):
    user = User(email="a@acme.example")
    assert act(lambda: user, NameForm({"name": "x"})) is user
    assert act(lambda: None, NameForm({"name": "x"})) is True
    assert act(lambda: 0, NameForm({"name": "x"})) is True


@pytest.mark.parametrize(
    ("at", "field"),
    [
        ({DomainError: None}, "__all__"),
        ({DomainError: None, AlreadyHere: "name"}, "name"),
        ({DomainError: "other", LastOwner: "name"}, "other"),
    ],
)
def test_a_refusal_stands_at_its_field_and_leaves_nothing_half_done(db, at, field):
    form = NameForm({"name": "x"})
    assert not act(refuse(AlreadyHere()), form, at=at)
    assert form.errors == {field: [str(AlreadyHere.message)]}
    assert form["name"].value() == "x"
    assert not User.objects.filter(email="half@done.example").exists()


def test_a_refusal_that_no_field_takes_passes(db):
    form = NameForm({"name": "x"})
    with pytest.raises(AlreadyHere):
        act(refuse(AlreadyHere()), form, at={LastOwner: "name"})
    assert not User.objects.filter(email="half@done.example").exists()
