"""What the pages of this app share: finding a row that may be seen."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from core.members.requests import MemberRequest
from programs.models.imports import PeopleImport
from programs.models.parts import Question
from programs.models.programs import Cohort, Enrolment, Program


def find_program(request: MemberRequest, program_id: UUID) -> Program:
    rows = Program.objects.visible_to(request.member).select_related("organisation")
    return get_object_or_404(rows, pk=program_id)


def find_question(request: MemberRequest, question_id: UUID) -> Question:
    programs = Program.objects.visible_to(request.member)
    rows = Question.objects.visible_to(request.member).filter(program__in=programs)
    return get_object_or_404(rows.select_related("program"), pk=question_id)


def find_cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    rows = Cohort.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=cohort_id)


def find_enrolment(request: MemberRequest, enrolment_id: UUID) -> Enrolment:
    rows = Enrolment.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=enrolment_id)


def find_import(request: MemberRequest, import_id: UUID) -> PeopleImport:
    rows = (
        PeopleImport.objects.visible_to(request.member)
        .for_list()
        .select_related("file", "preview", "written")
    )
    return get_object_or_404(rows, pk=import_id)
