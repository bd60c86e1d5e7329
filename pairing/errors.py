"""What matching people and looking after partnerships may say no to."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class NobodyToMatch(DomainError):
    code = "nobody_to_match"
    message = _("Nobody is waiting for a partner. Accept people into the cohort first.")


class NobodyHasAccepted(DomainError):
    code = "nobody_has_accepted_expectations"
    message = _(
        "Too few of those who wait have accepted the expectations. Remind them, or match them too "
        "in this run."
    )


class CohortNotMatching(DomainError):
    code = "cohort_not_matching"
    message = _("This cohort is closing or closed: nobody is matched any more.")


class AlreadyComputing(DomainError):
    code = "match_run_computing"
    message = _("A run of this cohort is being computed. Wait for it, or stop it.")


class RunFailed(DomainError):
    """The engine was asked something that has no answer; the sentence names person and rule."""

    code = "match_run_failed"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class NotADraft(DomainError):
    code = "match_run_not_a_draft"
    message = _("Only a finished run that is still a draft can be published or discarded.")
    by_state: ClassVar = {
        "published": _("This run has already been published."),
        "discarded": _("This run has been discarded."),
    }

    def __init__(self, state: str = "") -> None:
        super().__init__(state)
        self.state = state

    def __str__(self) -> str:
        return str(self.by_state.get(self.state, self.message))


class LockBreaksRule(DomainError):
    """Two who are to be together though a rule keeps them apart; `rules` by their names."""

    code = "pair_rule_breaks_rule"
    message = _(
        "%(rules)s: this rule keeps %(first)s and %(second)s apart, so they cannot be locked"
        " together. Change the rule first."
    )

    def __init__(self, *, first: str, second: str, rules: list[str]) -> None:
        super().__init__(first, second, rules)
        named = ", ".join(f"“{rule}”" for rule in rules)
        self.words = {"first": first, "second": second, "rules": named}

    def __str__(self) -> str:
        return str(self.message) % self.words


class NothingToPublish(DomainError):
    code = "match_run_empty"
    message = _("This run proposes nobody, so there is nothing to publish.")


class RunOutdated(DomainError):
    """What the run was computed from no longer holds; `changes` says what."""

    code, message = "match_run_outdated", _("Run the matching again.")

    def __init__(self, changes: list[str]) -> None:
        super().__init__(changes)
        self.changes = changes

    def __str__(self) -> str:
        return " ".join([*self.changes, str(self.message)])


class SecondPersonNeeded(DomainError):
    code = "publication_needs_second_person"
    message = _("In this program a second person approves. Ask for it on the run's summary.")


class NobodyToApprove(DomainError):
    code = "publication_nobody_to_approve"
    message = _(
        "Nobody else may approve this. Make somebody a coordinator of the program, or let one "
        "person publish in the program's design."
    )


class ApprovalAsked(DomainError):
    code = "publication_already_asked"
    message = _("A second person has already been asked about this run.")


class RequestClosed(DomainError):
    code = "publication_request_closed"
    message = _("This has already been approved, sent back or withdrawn.")


class OwnRequest(DomainError):
    code = "publication_own_request"
    message = _("You asked for this yourself: another person has to approve it.")


class NotYourRequest(DomainError):
    code = "publication_not_your_request"
    message = _("Only the one who asked can withdraw this. You can send it back.")


class NotPublished(DomainError):
    code = "match_run_not_published"
    message = _("Only a published run can be undone, and only once.")


class TooLateToUndo(DomainError):
    code = "match_run_too_late_to_undo"
    message = _("A publication can be undone for a day. Partnerships can still be ended.")


class SetNameTaken(DomainError):
    code = "criteria_set_name_taken"
    message = _("This program has a set of that name. Choose another name.")


class SetRemoved(DomainError):
    code, message = "criteria_set_removed", _("This set has been removed. Bring it back first.")


class NotOfOneCohort(DomainError):
    code, message = "pair_rule_not_of_one_cohort", _("Choose two different people of this cohort.")


class NotSuchAPair(DomainError):
    """In a mentor program a rule is between a mentee and a mentor."""

    code = "pair_rule_not_such_a_pair"
    message = _("A rule is between somebody who seeks a mentor and somebody who is one.")


class PartnershipOver(DomainError):
    code, message = "partnership_over", _("This partnership has already ended.")


class NotTheirs(DomainError):
    """Only partners with an open seat and coordinators may change what belongs to a partnership."""

    code = "session_not_theirs"
    message = _("Only the partners and their coordinator can change this.")


class PartnershipNotActive(DomainError):
    code = "partnership_not_active"
    message = _("Sessions are planned for partnerships that are active.")


class DroppedWithoutWord(DomainError):
    code, message = "action_dropped_without_word", _("Say briefly why it is dropped.")


class NotActive(DomainError):
    code, message = "partnership_not_active", _("Only an active partnership can be paused.")


class CircleNotTheirs(DomainError):
    code = "circle_not_theirs_to_pause"
    message = _("One person cannot pause a circle. Your coordinator can.")


class NotEndingSoon(DomainError):
    code = "partnership_not_ending_soon"
    message = _("You can agree to go on in the last six weeks of an active partnership.")


class NotPaused(DomainError):
    code, message = "partnership_not_paused", _("This partnership is not paused.")


class PartingOver(DomainError):
    code, message = "parting_over", _("This ended too long ago to say something about it.")


class NameTaken(DomainError):
    code, message = "partnership_name_taken", _("Another partnership of this cohort has this name.")


class SeatTaken(DomainError):
    code, message = "seat_taken", _("This person, or another mentor, is already there.")


class NoRoomLeft(DomainError):
    code, message = "no_room_left", _("This person already has as many partners as they can take.")


class CircleFull(DomainError):
    code = "circle_full"
    message = _(
        "There is no room: the design of the program says how many people may be together at most."
    )


class KeptApart(DomainError):
    """A rule that no coordinator can lift stands between two people."""

    code = "kept_apart"

    def __init__(self, other: str, rule: str) -> None:
        super().__init__(other, rule)
        self.other, self.rule = other, rule

    def __str__(self) -> str:
        return _("They cannot be together with %(other)s: %(rule)s.") % {
            "other": self.other,
            "rule": self.rule,
        }


class TooFewLeft(DomainError):
    code = "circle_too_few_left"
    message = _("One person alone would be left behind. Move them first.")


class NotOneProgram(DomainError):
    code = "circles_not_of_one_cohort"
    message = _("Choose two different circles of this cohort.")


class NotEnrolled(DomainError):
    code = "not_enrolled_here"
    message = _("Only people who are accepted in this cohort can take a seat.")


class SeatLeft(DomainError):
    code, message = "seat_left", _("This person has already left.")


class SelfMatchClosed(DomainError):
    code = "self_match_closed"
    message = _("In this cohort people cannot choose each other at present.")


class TooManyWishes(DomainError):
    code, message = "too_many_wishes", _("Your list is full. Take somebody off it first.")


class AlreadyPartnered(DomainError):
    code, message = "already_partnered", _("Who asks has found a partner by now.")


class AlreadyAsked(DomainError):
    code = "already_asked"
    message = _("This person has been asked already, and has not answered yet.")


class AskedTooMany(DomainError):
    code = "asked_too_many"
    message = _("You are asking as many people as you may at once. Wait for an answer first.")


class TooManyWait(DomainError):
    code = "too_many_requests_wait"
    message = _("Many ask this person at present. Put them on your list: ask them later.")


class CannotBeAsked(DomainError):
    code = "cannot_be_asked"
    message = _(
        "These two cannot be partners now: a rule, a full place or an earlier no prevents it."
    )


class RequestDecided(DomainError):
    code, message = "request_decided", _("This request has been answered, or its time is over.")


class QuestionAlreadyAsked(DomainError):
    code = "question_already_asked"
    message = _("You have asked a question once. Now it is yes or no.")


class WordsNeeded(DomainError):
    code, message = "words_needed", _("Write a few words first.")


class ReasonMissing(DomainError):
    code, message = "decision_reason_missing", _("Say why: the others need it to go on.")
