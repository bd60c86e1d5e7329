"""What a person may type about programs; what may happen is in operations."""

from programs.forms.cohorts import CohortForm, EnrolForm, PeopleFilter
from programs.forms.design import (
    CompetencyForm,
    CriterionForm,
    DesignForm,
    MeetingRoleForm,
    NewProgramForm,
    QuestionForm,
    WeightsForm,
)
from programs.forms.imports import ApplyForm, MappingForm, UploadForm
from programs.forms.join import JoinForm

__all__ = [
    "ApplyForm",
    "CohortForm",
    "CompetencyForm",
    "CriterionForm",
    "DesignForm",
    "EnrolForm",
    "JoinForm",
    "MappingForm",
    "MeetingRoleForm",
    "NewProgramForm",
    "PeopleFilter",
    "QuestionForm",
    "UploadForm",
    "WeightsForm",
]
