"""What a person may type about programs; what may happen is in operations."""

from programs.forms.cohorts import CohortForm, EnrolForm, PeopleFilter
from programs.forms.criteria import CriterionForm, WeightsForm
from programs.forms.design import (
    CompetencyForm,
    DesignForm,
    MeetingRoleForm,
    NewProgramForm,
    PartForm,
    QuestionForm,
)
from programs.forms.imports import ApplyForm, MappingForm, UploadForm
from programs.forms.join import JoinForm, ShownForm

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
    "PartForm",
    "PeopleFilter",
    "QuestionForm",
    "ShownForm",
    "UploadForm",
    "WeightsForm",
]
