"""What agreeing on something may say no to: a decision, a charter, a goal."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class DecisionMoved(DomainError):
    code, message = "decision_moved", _("This decision has moved on meanwhile. Look at it again.")


class NotYoursToSteer(DomainError):
    code, message = "decision_not_yours_to_steer", _("Who proposed it takes it further.")


class QuestionsOpen(DomainError):
    code = "decision_questions_open"
    message = _("There are questions without an answer. Answer them first.")


class VotingOver(DomainError):
    code, message = "decision_voting_over", _("Answers are no longer taken.")


class TextChanged(VotingOver):
    code = "decision_text_changed"
    message = _("The text has changed, so your answer was not taken. You will be asked again.")


class TakenBack(VotingOver):
    code = "decision_taken_back"
    message = _("The proposal was withdrawn meanwhile. Your answer does not count.")


class NotAsked(DomainError):
    code, message = "decision_not_asked", _("The owner of this decision asks others for advice.")


class NobodyAsked(DomainError):
    code, message = "decision_nobody_asked", _("Ask at least one person for advice first.")


class NoQuorum(DomainError):
    """There is no outcome without a quorum."""

    code = "decision_no_quorum"
    message = _("%(answered)d have answered, and %(needed)d are needed.")

    def __init__(self, answered: int, needed: int) -> None:
        super().__init__()
        self.answered, self.needed = answered, needed

    def __str__(self) -> str:
        return str(self.message) % {"answered": self.answered, "needed": self.needed}


class OwnerDecides(DomainError):
    code, message = "decision_owner_decides", _("Who asked for advice decides, and says why.")


class NothingAmended(DomainError):
    code, message = "decision_nothing_amended", _("Change the proposal first.")


class NoObjection(DomainError):
    code, message = "decision_no_objection", _("You have no objection that stands.")


class CharterBegun(DomainError):
    code, message = "charter_begun", _("Your charter has already been begun.")


class SectionChanged(DomainError):
    """Somebody has saved the section since it was opened; `text` is what it says now."""

    code = "charter_section_changed"
    message = _("Somebody else has changed this section meanwhile. Both texts are kept below.")

    def __init__(self, text: str, version: int) -> None:
        super().__init__()
        self.text, self.version = text, version


class CharterUnwritten(DomainError):
    code, message = "charter_unwritten", _("Write something first; then everybody signs.")


class CharterChanged(DomainError):
    code, message = "charter_changed", _("The charter has changed. Read it again before you sign.")


class WordingChanged(DomainError):
    """Somebody has changed the proposal since it was opened."""

    code = "decision_wording_changed"
    message = _("Somebody else has changed the text meanwhile. Both texts are kept below.")


class GoalChanged(DomainError):
    """Somebody has worded the goal anew since it was opened."""

    code = "goal_changed"
    message = _("Somebody else has changed this goal meanwhile. Both texts are kept below.")


class GoalSettled(DomainError):
    code, message = "goal_settled", _("This goal is already met or dropped.")


class GoalNotYours(DomainError):
    code, message = "goal_not_yours", _("This goal is somebody else's.")


class GoalNotActive(DomainError):
    code, message = "goal_not_active", _("This goal waits until everybody has taken it on.")


class GoalsNotMet(DomainError):
    code, message = "goals_not_met", _("Complete early when your shared goals are met.")
