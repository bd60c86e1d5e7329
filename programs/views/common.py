"""What the pages of this app share: finding a row that may be seen, and answering a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from core.members.requests import MemberRequest
from programs.models.imports import PeopleImport
from programs.models.programs import Cohort, Enrolment, Program

NOT_VALID = 422


def find_program(request: MemberRequest, program_id: UUID) -> Program:
    rows = Program.objects.visible_to(request.member).select_related("organisation")
    return get_object_or_404(rows, pk=program_id)


def find_cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    rows = Cohort.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=cohort_id)


def find_enrolment(request: MemberRequest, enrolment_id: UUID) -> Enrolment:
    rows = Enrolment.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=enrolment_id)


def find_import(request: MemberRequest, import_id: UUID) -> PeopleImport:
    rows = PeopleImport.objects.visible_to(request.member).for_list().select_related("file")
    return get_object_or_404(rows, pk=import_id)


def show(
    request: MemberRequest, template: str, context: dict[str, Any], form: Form | None = None
) -> HttpResponse:
    """Render a page, with 422 if the form on it was sent and is not valid."""
    wrong = form is not None and form.is_bound and not form.is_valid()
    return render(request, template, context, status=NOT_VALID if wrong else 200)
