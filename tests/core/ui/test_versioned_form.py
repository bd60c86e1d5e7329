"""Two people change the same settings: nothing of either is lost without a word."""

from __future__ import annotations

import pytest
from django import forms
from django.http import QueryDict

from core.ui.forms import VersionedForm
from core.ui.steps import StepsForm

STORED = {"name": "Spring", "minutes": 60, "open": True, "words": "one\ntwo"}


class SettingsForm(VersionedForm):
    name = forms.CharField()
    minutes = forms.IntegerField()
    open = forms.BooleanField(required=False)
    words = forms.CharField(required=False)


def opened(stored) -> str:
    return SettingsForm(initial=stored)["version"].value()


def sent(stored_now, version: str, **typed: str) -> SettingsForm:
    data = QueryDict(mutable=True)
    data.update({"name": "Spring", "minutes": "60", "open": "on", "words": "one\r\ntwo"} | typed)
    data["version"] = version
    return SettingsForm(data, initial=stored_now)


def test_whoever_is_alone_is_asked_nothing():
    form = sent(STORED, opened(STORED), minutes="90")

    assert form.is_valid()
    assert form.cleaned_data == STORED | {"minutes": 90, "words": "one\r\ntwo"}


@pytest.mark.parametrize(
    ("field", "theirs"), [("name", "Summer"), ("open", False), ("words", "three"), ("words", "")]
)
def test_what_only_the_other_changed_is_kept(field, theirs):
    form = sent(STORED | {field: theirs}, opened(STORED), minutes="90")

    assert form.is_valid()
    assert (form.cleaned_data["minutes"], form.cleaned_data[field]) == (90, theirs)


def test_what_both_changed_is_told_once_and_saved_the_second_time():
    now = STORED | {"minutes": 45}
    form = sent(now, opened(STORED), minutes="90")

    assert not form.is_valid()
    assert "“45”" in form.errors["minutes"][0]
    assert form["minutes"].value() == "90"
    again = SettingsForm(form.data, initial=now)
    assert again.is_valid()
    assert again.cleaned_data["minutes"] == 90


def test_a_wrong_field_beside_it_forgets_neither():
    now = STORED | {"minutes": 45, "words": "three"}
    form = sent(now, opened(STORED), minutes="90", name="")
    assert set(form.errors) == {"minutes", "name"}

    form.data["name"] = "Autumn"
    again = SettingsForm(form.data, initial=now)
    assert again.is_valid()
    assert again.cleaned_data == {"name": "Autumn", "minutes": 90, "open": True, "words": "three"}


def test_both_wrote_the_same():
    assert sent(STORED | {"minutes": 90}, opened(STORED), minutes="90").is_valid()


@pytest.mark.parametrize("version", ["", "no json", "[]", '{"minutes": 3}'])
def test_a_version_that_nobody_can_read_is_no_error_of_ours(version):
    form = sent(STORED | {"name": "Summer"}, version, minutes="60")

    assert form.is_valid() or set(form.errors) == {"minutes"}


def test_an_agenda_is_told_of_once_too():
    kinds, stored = [("topic", "Topic")], [{"title": "Talk", "minutes": 60, "kind": "topic"}]
    version = StepsForm(steps=stored, kinds=kinds)["version"].value()
    data = QueryDict(mutable=True)
    data.update({"count": "1", "title_0": "Mine", "minutes_0": "60", "kind_0": "topic"})
    data["version"] = version
    theirs = [stored[0] | {"title": "Theirs"}]

    form = StepsForm(data, steps=theirs, kinds=kinds)

    assert not form.is_valid()
    assert form.rows_given[0]["title"] == "Mine"
    assert StepsForm(form.data, steps=theirs, kinds=kinds).is_valid()
    kept = StepsForm(data, steps=theirs, kinds=kinds).rearranged("add")
    assert kept["version"].value() == version
