"""What planning, changing and recording sessions may say no to."""

from django.utils.translation import gettext_lazy as _

from mentoring.common.errors import DomainError
from pairing.errors import DroppedWithoutWord as DroppedWithoutWord
from pairing.errors import NotTheirs as NotTheirs
from pairing.errors import PartnershipNotActive as PartnershipNotActive


class SeasonAlreadyPlanned(DomainError):
    code = "season_already_planned"
    message = _("The season of this partnership has already been planned.")


class NotPlanned(DomainError):
    code = "session_not_planned"
    message = _("This session is no longer planned: it was held, cancelled or missed.")


class AlreadyBegun(DomainError):
    code = "session_already_begun"
    message = _("This session has already begun. Record it instead.")


class NotYetBegun(DomainError):
    code = "session_not_yet_begun"
    message = _("A session can be recorded once it has begun.")


class NotHeld(DomainError):
    code = "session_not_held"
    message = _("This session was not held.")


class NobodyMet(DomainError):
    """A meeting takes two."""

    code = "session_nobody_met"
    message = _("At least two people must have been there. If nobody met, cancel the session.")


class StartsInThePast(DomainError):
    code = "session_starts_in_the_past"
    message = _("Choose a time that is still to come.")


class AfterItsEnd(DomainError):
    code = "session_after_partnership_ends"
    message = _("The partnership ends before that day.")


class NothingToMove(DomainError):
    code = "season_nothing_to_move"
    message = _("No session of this season is still to come.")


class SeasonTooLong(DomainError):
    """A season does not fit before its partnership ends."""

    code = "season_too_long"
    message = _(
        "Only %(fit)d of the %(wanted)d sessions fit before the partnership ends."
        " Begin sooner, or let them come more often."
    )

    def __init__(self, *, fit: int, wanted: int) -> None:
        super().__init__()
        self.fit, self.wanted = fit, wanted

    def __str__(self) -> str:
        return str(self.message) % {"fit": self.fit, "wanted": self.wanted}


class BeforeItBegan(DomainError):
    code = "session_before_partnership_began"
    message = _("The partnership had not begun on that day.")


class AlreadyAbsent(DomainError):
    code = "absence_already_declared"
    message = _("It is known already that you cannot come.")


class NotAbsent(DomainError):
    code = "absence_not_declared"
    message = _("You are expected at this session.")


class HolderAbsent(DomainError):
    code = "turn_holder_absent"
    message = _("Somebody who cannot come cannot hold a role at that session.")


class TurnsClash(DomainError):
    """A swap would give one person two roles in one session."""

    code = "turns_clash"
    message = _("One of them would hold two roles in one session. Choose another swap.")


class NotForYouToAssign(DomainError):
    code = "turn_not_yours_to_assign"
    message = _("Roles are changed by the session's facilitator or a coordinator.")


class CalendarAlreadyOpen(DomainError):
    code = "calendar_already_open"
    message = _("You already have a calendar address.")


class CalendarNotOpen(DomainError):
    code = "calendar_not_open"
    message = _("This calendar address has already been closed.")


class ActionSettled(DomainError):
    code = "action_settled"
    message = _("This action is already done or dropped.")


class RoomClosed(DomainError):
    code = "room_closed"
    message = _("The room is closed: this session has ended, or was moved or cancelled.")


class RoomNotYetOpen(DomainError):
    code = "room_not_yet_open"
    message = _("The room opens an hour before the session begins.")


class NotYoursToTap(DomainError):
    code = "room_not_yours_to_tap"
    message = _("The facilitator moves the meeting on. Take the room over if they are missing.")


class NothingToWriteNow(DomainError):
    code = "room_nothing_to_write"
    message = _("Cards are written in a silent step, until they are shown.")


class AgendaHasPassed(DomainError):
    """An agenda must not lose the step that runs."""

    code = "agenda_has_passed"
    message = _("Steps that have begun stay as they are. Change those that are still to come.")


class DecisionMoved(DomainError):
    code = "decision_moved"
    message = _("This decision has moved on meanwhile. Look at it again.")


class NotYoursToSteer(DomainError):
    code = "decision_not_yours_to_steer"
    message = _("Who proposed it takes it further.")


class QuestionsOpen(DomainError):
    code = "decision_questions_open"
    message = _("There are questions without an answer. Answer them first.")


class VotingOver(DomainError):
    code = "decision_voting_over"
    message = _("Answers are no longer taken.")


class ReasonMissing(DomainError):
    code = "decision_reason_missing"
    message = _("Say why: the others need it to go on.")


class NotAsked(DomainError):
    code = "decision_not_asked"
    message = _("The owner of this decision asks others for advice.")


class NobodyAsked(DomainError):
    code = "decision_nobody_asked"
    message = _("Ask at least one person for advice first.")


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
    code = "decision_owner_decides"
    message = _("Who asked for advice decides, and says why.")


class NothingAmended(DomainError):
    code = "decision_nothing_amended"
    message = _("Change a word of the proposal first.")


class NoObjection(DomainError):
    code = "decision_no_objection"
    message = _("You have no objection that stands.")


class CharterBegun(DomainError):
    code = "charter_begun"
    message = _("Your charter has already been begun.")


class SectionChanged(DomainError):
    """Somebody has saved the section since it was opened; `text` is what it says now."""

    code = "charter_section_changed"
    message = _("Somebody else has changed this section meanwhile. Both texts are kept below.")

    def __init__(self, text: str, version: int) -> None:
        super().__init__()
        self.text, self.version = text, version


class CharterUnwritten(DomainError):
    code = "charter_unwritten"
    message = _("Write something first; then everybody signs.")


class CharterChanged(DomainError):
    code = "charter_changed"
    message = _("The charter has changed. Read it again before you sign.")


class GoalSettled(DomainError):
    code = "goal_settled"
    message = _("This goal is already met or dropped.")


class GoalNotYours(DomainError):
    code = "goal_not_yours"
    message = _("This goal is somebody else's.")


class GoalNotActive(DomainError):
    code = "goal_not_active"
    message = _("This goal waits until everybody has taken it on.")


class GoalsNotMet(DomainError):
    code = "goals_not_met"
    message = _("Complete early when your shared goals are met.")


class PollNeedsTimes(DomainError):
    code = "poll_needs_times"
    message = _("Propose three to six different times.")


class PollInForce(DomainError):
    code = "poll_in_force"
    message = _("This partnership is being asked about times already. Decide that first.")


class PollClosed(DomainError):
    code = "poll_closed"
    message = _("This poll is closed.")


class NoSuchTime(DomainError):
    code = "poll_no_such_time"
    message = _("This is not one of the times that were proposed.")


class NotYoursToDecide(DomainError):
    code = "poll_not_yours_to_decide"
    message = _("A poll is decided by whoever opened it, or by a coordinator.")


class AlreadyMet(DomainError):
    """A publication is not taken back once people may have sat together."""

    code = "publication_already_met"
    message = _("People of this run have met, or their first session has begun.")
