"""What setting up a program and enrolling in it may say no to."""

from collections.abc import Sequence

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


class QuestionFollowed(QuestionInUse):
    message = _("Another question is asked only after an answer to this one. Change that first.")


class PartInUse(_NamedError):
    """A competency or a meeting role that rows already speak of stays in the design."""

    code = "part_in_use"
    message = _("%(name)s is in use and cannot be removed: people have rated or held it.")


class OneLeads(DomainError):
    code = "meeting_role_one_leads"
    message = _("Another role already leads the meeting. Only one can.")


class ObjectiveTwice(DomainError):
    code = "objective_twice"
    message = _("There is already an objective for this figure. Change that one.")


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
    message = _("This cohort is closing or over: nothing about its people can change any more.")


class ByInvitationOnly(DomainError):
    code = "cohort_by_invitation_only"
    message = _("This cohort is by invitation only: a coordinator enters its people.")


class NotEligible(_NamedError):
    """The name is the rule that does not hold, as a sentence."""

    code = "not_eligible"
    message = "%(name)s"


class PeopleAreWaiting(_NamedError):
    code = "people_are_waiting"
    message = _(
        "People on the waiting list come first: %(name)s. Give them the place, or tick that this"
        " person goes ahead of them."
    )


class ReasonMissing(DomainError):
    code, message = "reason_missing", _("Say why.")


class NotTheirWish(DomainError):
    code = "not_their_wish"
    message = _("Their own wish is a reason only if the person asked for it.")


class TooLateToUndo(DomainError):
    code, message = "too_late_to_undo", _("This can be undone for a day, and the day is over.")


class BadPause(DomainError):
    code = "bad_pause"
    message = _("A pause ends on a day to come, within half a year.")


class MoveAsks(DomainError):
    """A move that somebody has to confirm, having read what comes of it."""

    code = "cohort_move_asks"
    message = _("Read what follows from this, and confirm it.")


class MoveHindered(_NamedError):
    """The name is what hinders the move, as a sentence."""

    code = "cohort_move_hindered"
    message = "%(name)s"


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


class EnrolmentInUse(DomainError):
    code, message = "enrolment_in_use", _("Other entries need this enrolment, so it stays.")


class NoPlaceFree(DomainError):
    code, message = "cohort_no_place_free", _("No place is free. The waiting list stays as it is.")


class ImportNotReady(DomainError):
    """Already applied, being applied, or the columns have not been confirmed."""

    code, message = "import_not_ready", _("This import cannot be applied now.")


class KeyUsed(DomainError):
    """An Idempotency-Key names one batch; another one needs a key of its own."""

    code = "idempotency_key_used"
    message = _("This Idempotency-Key came with other people before. Send a new key.")


class ImportNotUndone(DomainError):
    code = "import_not_undone"
    message = _("This import can no longer be undone.")


class FileGone(DomainError):
    code, message = "import_file_gone", _("The uploaded file is no longer kept. Upload it again.")


class BadMapping(_NamedError):
    """What is wrong with the columns, in the words of the import's sentences."""

    code = "import_bad_mapping"
    message = "%(name)s"


class PlanChanged(DomainError):
    """Somebody changed people between the preview and its application."""

    code = "import_plan_changed"
    message = _("People have changed since the preview. Look at it again; nothing was imported.")


class LessonsMissing(DomainError):
    """A gate: required lessons are not done; the sentence names whose and which."""

    code = "lessons_missing"
    message = _("%(name)s has still to do: %(lessons)s.")

    def __init__(self, name: object, lessons: Sequence[str]) -> None:
        super().__init__(name, lessons)
        self.name, self.lessons = name, list(lessons)

    def __str__(self) -> str:
        named = {"name": self.name, "lessons": ", ".join(self.lessons)}
        return str(self.message) % named


class NotTrainedToMatch(LessonsMissing):
    code = "lessons_missing_before_matching"
    message = _("%(name)s has required lessons to do before matching: %(lessons)s.")


class NotTrainedToLead(LessonsMissing):
    code = "lessons_missing_before_leading"
    message = _("%(name)s has required lessons to do before a first lead: %(lessons)s.")


class VersionOvertaken(DomainError):
    code = "lesson_version_overtaken"
    message = _("Somebody has saved another version meanwhile. Open the newest, then change it.")


class StepNotForPart(DomainError):
    code = "path_step_not_for_part"
    message = _("Nobody has that part in this program.")


class OnlyAGateRequires(DomainError):
    code = "only_a_gate_requires"
    message = _("Only what comes before matching or before a first lead can be required.")


class AlreadyOnPath(DomainError):
    code = "already_on_path"
    message = _("This lesson is on the path already, for the same people.")


class NoCheckAnswered(DomainError):
    code = "check_not_answered"
    message = _("Answer every question.")


class NobodyHasLearnt(DomainError):
    code = "nobody_has_done_the_lessons"
    message = _(
        "Too few of those who wait have done the lessons that this program requires before "
        "matching. Remind them on the page Training."
    )


class WorkshopOver(DomainError):
    code = "workshop_over"
    message = _("This workshop has begun, or is called off.")


class WorkshopNotYet(DomainError):
    code = "workshop_not_yet"
    message = _("The workshop has not begun yet.")


class NotOfThisCohort(DomainError):
    code = "not_of_this_cohort"
    message = _("Only people with a place in this cohort can sign up.")


class WorkshopInThePast(DomainError):
    code = "workshop_in_the_past"
    message = _("That is over already. Choose a moment to come.")


class FewerPlacesThanComing(DomainError):
    code = "fewer_places_than_coming"
    message = _("More people than that have a place already.")


class AnnouncementSent(DomainError):
    code = "announcement_sent"
    message = _("This has been sent, so it stays as it is.")


class NobodyToTell(DomainError):
    code = "announcement_to_nobody"
    message = _("Nobody is meant by this choice. Choose other people.")


class NotWriting(DomainError):
    """A cohort whose discussions this person reads and does not write in."""

    code = "community_read_only"
    message = _("This cohort is closed: you can read its discussions, but not write any more.")


class ThreadLocked(DomainError):
    code = "thread_locked"
    message = _("This discussion is closed. You can still read it.")


class PostRemoved(DomainError):
    code = "post_removed"
    message = _("This post has been removed.")


class NotTheirPost(DomainError):
    code = "not_their_post"
    message = _("Only who has written a post can change it.")


class AlreadyReported(DomainError):
    code = "already_reported"
    message = _("You have reported this post already. The coordinators look at it.")


class TooManyPosts(DomainError):
    status, code = 429, "too_many_posts"
    message = _("You have written very much within an hour. Go on a little later.")


class ManagerHasNotSaidYes(DomainError):
    code = "manager_has_not_said_yes"
    message = _("Their manager has not said yes. Accept them without it, or wait for the answer.")


class MentorsAreSelected(DomainError):
    code = "mentors_are_selected"
    message = _("Mentors are selected in this program. Ask your coordinator to change your part.")


class NotSelected(DomainError):
    """Nothing is asked: no criteria, another part, or it is decided already."""

    code = "not_selected"
    message = _("Nothing is asked of you here any more.")


class ManagerIsYou(DomainError):
    code = "manager_is_you"
    message = _("This is your own address. Write your manager's.")


class ManagerHasAnswered(DomainError):
    code = "manager_has_answered"
    message = _("Your manager has answered already.")


class AskedTooOften(DomainError):
    code = "asked_too_often"
    message = _("You have asked three times today. Try again tomorrow.")


class CandidacyEnded(DomainError):
    code = "candidacy_ended"
    message = _("This was answered, or it has ended.")
