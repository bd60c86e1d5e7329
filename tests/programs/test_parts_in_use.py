"""What people have rated or held stays in the design, and the page says so."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.common import clock
from core.tenancy.context import tenant
from feedback.models.assessments import Assessment, AssessmentRating
from programs.errors import PartInUse
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations.parts import remove_part
from tests.cast import sign_in


@pytest.fixture
def rated(cast):
    with tenant(cast.acme):
        program = Program.objects.create(name="Circles", format="circles")
        competency = Competency.objects.create(program=program, key="a", name="Listening")
        cohort = Cohort.objects.create(
            program=program, name="Spring", starts_on="2026-01-01", ends_on="2026-12-01"
        )
        enrolment = Enrolment.objects.create(
            cohort=cohort, member=cast.petra, part="peer", applied_at=clock.now()
        )
        assessment = Assessment.objects.create(
            enrolment=enrolment, moment="start", opened_at=clock.now()
        )
        AssessmentRating.objects.create(assessment=assessment, competency=competency, rating=3)
        return competency


def test_a_rated_competency_cannot_be_removed(cast, rated):
    with tenant(cast.acme), pytest.raises(PartInUse, match="Listening is in use"):
        remove_part(row=rated, by=cast.cora)


def test_the_page_answers_409_and_keeps_it(cast, rated):
    url = reverse("programs:remove_competency", args=["acme", rated.pk])
    response = sign_in(cast.cora).post(url)
    assert response.status_code == 409
    assert b"Listening is in use" in response.content
    with tenant(cast.acme):
        assert Competency.objects.filter(pk=rated.pk).exists()


def test_the_database_says_no_as_well(cast, rated):
    with (
        tenant(cast.acme),
        pytest.raises(IntegrityError, match="feedback_assessmentrating_competency_id_same"),
        transaction.atomic(),
    ):
        Competency.objects.filter(pk=rated.pk)._raw_delete("default")
