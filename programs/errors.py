"""What setting up a program and enrolling in it may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class _NamedError(DomainError):
    """A refusal whose sentence names one thing: `%(name)s` in its message."""

    def __init__(self, name: object) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return str(self.message) % {"name": self.name}


class NameTaken(DomainError):
    code, message = "name_taken", _("There is already one with this name.")


class ProgramArchived(DomainError):
    code, message = "program_archived", _("This program is archived. Bring it back first.")


class ProgramInUse(DomainError):
    """A cohort is between enrolling and closing."""

    code = "program_in_use"
    message = _("A cohort of this program is still under way. Close it first.")


class ComesAfterItself(DomainError):
    """Each of some roles would wait for another of them."""

    code = "meeting_role_comes_after_itself"
    message = _("That role comes after this one already, so nobody could ever begin.")


class FormatIsFixed(DomainError):
    code = "program_format_is_fixed"
    message = _("People have enrolled, so the format can no longer change.")


class QuestionInUse(DomainError):
    code = "question_in_use"
    message = _("People have answered this question, so it stays as it is.")


class QuestionCompared(QuestionInUse):
    message = _("A criterion compares the answers to this question. Remove the criterion first.")


class PartInUse(_NamedError):
    """A competency or a meeting role that rows already speak of stays in the design."""

    code = "part_in_use"
    message = _("%(name)s is in use and cannot be removed: people have rated or held it.")


class OneLeads(DomainError):
    code = "meeting_role_one_leads"
    message = _("Another role already leads the meeting. Only one can.")


class BadDates(DomainError):
    code, message = "cohort_bad_dates", _("The last day must come after the first.")


class FewerPlacesThanTaken(DomainError):
    code = "cohort_fewer_places_than_taken"
    message = _("More people already have a place than that.")


class NoSuchStep(DomainError):
    """A cohort moves one phase at a time, and somebody may have moved it already."""

    code, message = "cohort_no_such_step", _("The cohort cannot go there from its present phase.")


class CohortHasPeople(DomainError):
    code = "cohort_has_people"
    message = _("People have enrolled, so this cohort can no longer be a draft.")


class NotEnrolling(DomainError):
    code, message = "cohort_not_enrolling", _("This cohort is not open for enrolment now.")


class CohortOver(DomainError):
    code = "cohort_over"
    message = _("This cohort is closing or closed: nobody can be added any more.")


class AlreadyEnrolled(DomainError):
    code, message = "already_enrolled", _("This person has already enrolled in this cohort.")


class NotThatPart(DomainError):
    """A circle has peers only; a mentor program has none."""

    code, message = "not_that_part", _("This program does not have that part.")


class ExpectationsNotAccepted(DomainError):
    code, message = "expectations_not_accepted", _("The expectations have to be accepted first.")


class AnswerMissing(_NamedError):
    code, message = "answer_missing", _("“%(name)s” has to be answered.")


class BadAnswer(_NamedError):
    code, message = "bad_answer", _("The answer to “%(name)s” does not fit the question.")


class BadCapacity(DomainError):
    code, message = "bad_capacity", _("A capacity is a number from 0 to 20.")


class AlreadyDecided(DomainError):
    """Somebody else was faster, or it is too late for this."""

    code, message = "enrolment_already_decided", _("This has already been decided.")


class NoPlaceFree(DomainError):
    code, message = "cohort_no_place_free", _("No place is free. The waiting list stays as it is.")


class ImportNotReady(DomainError):
    """Already applied, being applied, or the columns have not been confirmed."""

    code, message = "import_not_ready", _("This import cannot be applied now.")


class FileGone(DomainError):
    code, message = "import_file_gone", _("The uploaded file is no longer kept. Upload it again.")


class BadMapping(_NamedError):
    """What is wrong with the columns, in the words of the import's sentences."""

    code = "import_bad_mapping"
    message = "%(name)s"


class RowInConflict(_NamedError):
    """A row's e-mail signs in somebody who is already here under another address."""

    code = "import_row_in_conflict"
    message = _(
        "Line %(name)s has the sign-in address of somebody who is here under another address."
    )


class PlanChanged(DomainError):
    """Somebody changed people between the preview and its application."""

    code = "import_plan_changed"
    message = _("People have changed since the preview. Look at it again; nothing was imported.")
