"""What setting up a program and enrolling in it may say no to."""

from django.utils.translation import gettext as _

from mentoring.common.errors import DomainError


class NameTaken(DomainError):
    code = "name_taken"

    def __str__(self) -> str:
        return _("There is already one with this name.")


class ProgramArchived(DomainError):
    code = "program_archived"

    def __str__(self) -> str:
        return _("This program is archived. Bring it back first.")


class ProgramInUse(DomainError):
    """A cohort is between enrolling and closing."""

    code = "program_in_use"

    def __str__(self) -> str:
        return _("A cohort of this program is still under way. Close it first.")


class ComesAfterItself(DomainError):
    """Each of some roles would wait for another of them."""

    code = "meeting_role_comes_after_itself"

    def __str__(self) -> str:
        return _("That role comes after this one already, so nobody could ever begin.")


class FormatIsFixed(DomainError):
    code = "program_format_is_fixed"

    def __str__(self) -> str:
        return _("People have enrolled, so the format can no longer change.")


class QuestionInUse(DomainError):
    """Somebody has answered it, or a criterion compares it."""

    code = "question_in_use"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        if self.reason == "answered":
            return _("People have answered this question, so it stays as it is.")
        return _("A criterion compares the answers to this question. Remove the criterion first.")


class PartInUse(DomainError):
    """A competency or a meeting role that rows already speak of stays in the design."""

    code = "part_in_use"

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return _("%(name)s is in use and cannot be removed: people have rated or held it.") % {
            "name": self.name
        }


class OneLeads(DomainError):
    code = "meeting_role_one_leads"

    def __str__(self) -> str:
        return _("Another role already leads the meeting. Only one can.")


class BadDates(DomainError):
    code = "cohort_bad_dates"

    def __str__(self) -> str:
        return _("The last day must come after the first.")


class FewerPlacesThanTaken(DomainError):
    code = "cohort_fewer_places_than_taken"

    def __str__(self) -> str:
        return _("More people already have a place than that.")


class NoSuchStep(DomainError):
    """A cohort moves one phase at a time, and somebody may have moved it already."""

    code = "cohort_no_such_step"

    def __str__(self) -> str:
        return _("The cohort cannot go there from its present phase.")


class CohortHasPeople(DomainError):
    code = "cohort_has_people"

    def __str__(self) -> str:
        return _("People have enrolled, so this cohort can no longer be a draft.")


class NotEnrolling(DomainError):
    code = "cohort_not_enrolling"

    def __str__(self) -> str:
        return _("This cohort is not open for enrolment now.")


class CohortOver(DomainError):
    code = "cohort_over"

    def __str__(self) -> str:
        return _("This cohort is closing or closed: nobody can be added any more.")


class AlreadyEnrolled(DomainError):
    code = "already_enrolled"

    def __str__(self) -> str:
        return _("This person has already enrolled in this cohort.")


class NotThatPart(DomainError):
    """A circle has peers only; a mentor program has none."""

    code = "not_that_part"

    def __str__(self) -> str:
        return _("This program does not have that part.")


class ExpectationsNotAccepted(DomainError):
    code = "expectations_not_accepted"

    def __str__(self) -> str:
        return _("The expectations have to be accepted first.")


class AnswerMissing(DomainError):
    code = "answer_missing"

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question

    def __str__(self) -> str:
        return _("“%(question)s” has to be answered.") % {"question": self.question}


class BadAnswer(DomainError):
    code = "bad_answer"

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question

    def __str__(self) -> str:
        return _("The answer to “%(question)s” does not fit the question.") % {
            "question": self.question
        }


class BadCapacity(DomainError):
    code = "bad_capacity"

    def __str__(self) -> str:
        return _("A capacity is a number from 0 to 20.")


class AlreadyDecided(DomainError):
    """Somebody else was faster, or it is too late for this."""

    code = "enrolment_already_decided"

    def __str__(self) -> str:
        return _("This has already been decided.")


class NoPlaceFree(DomainError):
    code = "cohort_no_place_free"

    def __str__(self) -> str:
        return _("No place is free. The waiting list stays as it is.")


class ImportNotReady(DomainError):
    """Already applied, being applied, or the columns have not been confirmed."""

    code = "import_not_ready"

    def __str__(self) -> str:
        return _("This import cannot be applied now.")


class FileGone(DomainError):
    code = "import_file_gone"

    def __str__(self) -> str:
        return _("The uploaded file is no longer kept. Upload it again.")


class BadMapping(DomainError):
    code = "import_bad_mapping"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class RowInConflict(DomainError):
    """A row's e-mail signs in somebody who is already here under another address."""

    code = "import_row_in_conflict"

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line

    def __str__(self) -> str:
        return _(
            "Line %(line)s has the sign-in address of somebody who is here under another address."
        ) % {"line": self.line}


class PlanChanged(DomainError):
    """Somebody changed people between the preview and its application."""

    code = "import_plan_changed"

    def __str__(self) -> str:
        return _("People have changed since the preview. Look at it again; nothing was imported.")
