"""Every table says how it is exported, erased and kept, and every column of words is in it."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.members.models import Member
from core.tenancy.models import TenantModel
from core.tenancy.privacy import Privacy
from devtools.embedded import ROOT
from mentoring.privacy.datamap import data_map
from mentoring.privacy.tables import columns_of, rows_of, tables
from pairing.models.partnerships import Seat
from programs.models.programs import Enrolment

CODE = "a key of ours, never words"
IDS = "ids alone"
NUMBERS = "numbers and keys of choices"
# Columns that could hold words and hold none of a person's, each with its reason.
WORDLESS = {
    "ApiToken.scopes": CODE,
    "WebhookMessage.ids": IDS,
    "WebhookMessage.kind": CODE,
    "LessonVersion.key": CODE,
    "LessonFile.key": CODE,
    "LessonFile.kind": CODE,
    "LessonFile.content": "a picture or a PDF of the organisation's, which nobody reads for words",
    "AuditEvent.actor_name": "empty since names are looked up",
    "AuditEvent.verb": CODE,
    "AuditEvent.target_kind": CODE,
    "AuditEvent.target_name": "of what is nobody's own: core/audit/names.py",
    "AuditEvent.details": "ids, keys and numbers; names are looked up",
    "Email.kind": CODE,
    "Email.dedupe_key": "kinds, ids and days",
    "Job.kind": CODE,
    "Job.result_path": "an address of ours",
    "StoredFile.name": "goes with its row",
    "PeopleImport.cohorts": IDS,
    "PeopleImport.body_digest": "a hash",
    "RecordImport.body_digest": "a hash",
    "RecordImport.date_order": CODE,
    "RecordImport.counts": NUMBERS,
    "Enrolment.end_reason": CODE,
    "Partnership.end_reason": CODE,
    "Turn.reason": CODE,
    "LeftOver.reason": CODE,
    "Decision.why": CODE,
    "Step.why": CODE,
    "Vote.answer": CODE,
    "Vote.marks": NUMBERS,
    "Tap.kind": CODE,
    "CheckIn.blocker": CODE,
    "SurveyResponse.survey": CODE,
    "SurveyResponse.occasion": CODE,
    "SurveyResponse.answers": NUMBERS,
    "Assessment.scales": NUMBERS,
    "AlertNote.reason": CODE,
    "CharterSection.title": "of the charter's pattern",
    "CharterSection.prompt": "of the charter's pattern",
    "SurveyWords.item": CODE,
    "JournalEntry.prompt": CODE,
    "SessionFeedback.item": CODE,
}
# References to a person from tables that are nobody's own.
NOT_THEIRS = {
    "MatchRun": "who asked for it or published it: an act, kept like the audit trail",
    "CriteriaSet": "who made it: an act, kept like the audit trail",
    "IncomingWebhook": "who set it: an act, kept like the audit trail",
    "WebhookEndpoint": "who set it: an act, kept like the audit trail",
}


def holds_words(field: models.Field) -> bool:
    if field.name in {"readers", "id"} or field.choices:
        return False
    if isinstance(field, ArrayField):
        return isinstance(field.base_field, models.CharField | models.TextField)
    return isinstance(
        field, models.CharField | models.TextField | models.JSONField | models.BinaryField
    )


@pytest.mark.parametrize("model", tables(), ids=lambda model: model.__name__)
def test_a_table_declares_its_privacy_and_each_column_of_words_stands_in_it(
    model: type[TenantModel],
):
    privacy = model.__dict__.get("privacy")
    assert isinstance(privacy, Privacy), f"{model.__name__} does not say what it keeps of people"
    columns = {field.name: field for field in model._meta.local_concrete_fields}
    named = {*privacy.erase, *privacy.shared, *privacy.quotes, *privacy.sealed}
    assert named <= set(columns)
    if privacy.is_personal and not privacy.rows and model is not Member:
        words = {name for name, field in columns.items() if holds_words(field)}
        loose = {f"{model.__name__}.{name}" for name in words - named} - set(WORDLESS)
        assert loose == set()
    people = (Member, Seat, Enrolment)
    refers = [field for field in columns.values() if field.related_model in people]
    assert not refers or privacy.is_personal or model.__name__ in NOT_THEIRS


@pytest.mark.parametrize("model", tables(), ids=lambda model: model.__name__)
def test_its_paths_lead_to_people(model: type[TenantModel]):
    somebody = Member(given_name="Nobody", organisation_id=1)
    if model.privacy.people:
        assert str(rows_of(model, somebody, model.privacy.people).query)
    assert not model.privacy.shared or model.privacy.partnership
    assert list(columns_of(model))


def test_what_is_excused_is_there():
    columns = {
        f"{model.__name__}.{field.name}"
        for model in tables()
        for field in model._meta.local_concrete_fields
    }
    assert set(WORDLESS) - columns == set()
    assert set(NOT_THEIRS) <= {model.__name__ for model in tables()}


def test_the_document_shows_the_map_as_it_is():
    _text, _mark, shown = (ROOT / "docs/privacy.md").read_text().partition("datamap.py -->\n\n")
    assert shown.splitlines() == data_map()
