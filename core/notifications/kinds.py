"""The kinds of e-mail a person gets: what each is in words, and how it comes.

The one table of them: what code sends is declared here, and nothing else
(tests/guards/test_emails.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.notifications.pacing import Category, Pace

if TYPE_CHECKING:
    from core.notifications.models import Email

SECURITY, INVITATION, NEWS = Category.SECURITY, Category.INVITATION, Category.NEWS
QUESTION, NUDGE = Category.QUESTION, Category.NUDGE


@dataclass(frozen=True)
class Kind:
    """One kind of e-mail.

    What locks somebody out, or moves what is in their calendar, is not `mutable`: it comes whatever
    they have turned off.  `pace` is how often it comes unless its reader chooses; what is not
    `paced` has a time of its own, and nobody chooses.
    """

    words: Promise
    category: Category
    mutable: bool | None = None
    pace: Pace = Pace.AT_ONCE
    paced: bool = True

    @property
    def can_be_muted(self) -> bool:
        return _can_wait(self.category) if self.mutable is None else self.mutable

    @property
    def can_be_paced(self) -> bool:
        return self.paced and self.mutable is not False and _can_wait(self.category)


def _can_wait(category: Category) -> bool:
    return category not in (SECURITY, INVITATION)


# Which of several e-mails leads that one act has caused, by the app that wrote it: who somebody
# works with comes before when they meet.
LEADING = (
    "notifications",
    "accounts",
    "programs",
    "pairing",
    "feedback",
    "agreements",
    "sessions",
)
# What the e-mails of an app are about, where they are listed: the order is that of a season.
CHAPTERS: dict[str, Promise] = {
    "accounts": _("Joining"),
    "programs": _("A place in a program"),
    "pairing": _("Partners"),
    "sessions": _("Sessions"),
    "agreements": _("Agreements"),
    "feedback": _("Questions and endings"),
    "metrics": _("Figures, and what waits for coordinators"),
    "notifications": _("Collected news, and answers by e-mail"),
}
# When a kind says something else than usual; "usual" needs no words.
CASES: dict[str, dict[str, Promise]] = {
    "accounts.invitation": {
        "again": _("a reminder"),
        "first": _("to the first owner"),
    },
    "accounts.token_offered": {
        "left": _("because its holder has left"),
    },
    "accounts.merge_closed": {
        "refused": _("one has said no"),
        "withdrawn": _("withdrawn"),
        "expired": _("not answered"),
    },
    "agreements.charter_changed": {
        "again": _("after a change"),
    },
    "agreements.decision_closed": {
        "mine": _("adopted, to who takes care of it"),
        "not_adopted": _("not adopted"),
    },
    "agreements.decision_opened": {
        "exercise": _("an exercise"),
    },
    "agreements.decision_reminder": {
        "exercise": _("an exercise"),
    },
    "agreements.decision_review": {
        "mine": _("to who takes care of it"),
    },
    "agreements.decision_vote": {
        "exercise": _("an exercise"),
    },
    "agreements.goal_met": {
        "shared": _("a goal of all"),
    },
    "agreements.goal_proposed": {
        "joined": _("to somebody who came later"),
    },
    "feedback.assessment": {
        "mid": _("at the midpoint"),
        "end": _("at the end"),
    },
    "feedback.check_in": {
        "first": _("the first one"),
    },
    "feedback.check_in_reminder": {
        "first": _("the first one"),
    },
    "notifications.digest": {
        "weekly": _("once a week"),
        "burst": _("much at once"),
    },
    "notifications.reply_unread": {
        "foreign": _("from another address"),
        "refused": _("too late"),
        "nobody": _("passed on to nobody"),
    },
    "metrics.report": {
        "last": _("the last one"),
    },
    "programs.manager_answered": {"no": _("no")},
    "pairing.approval_answered": {
        "sent_back": _("sent back"),
    },
    "pairing.companion": {"left": _("it has ended")},
    "pairing.companion_changed": {"left": _("everybody has left")},
    "pairing.left_over": {
        "circle": _("in circles"),
        "mentor": _("to a mentor"),
        "mentee": _("to a mentee"),
    },
    "pairing.matched": {
        "circle": _("in circles"),
    },
    "pairing.parted": {
        "left": _("to who has left it"),
        "ended": _("ended by itself or by a partner"),
    },
    "pairing.request_over": {
        "lapsed": _("without an answer"),
    },
    "pairing.rests": {
        "open": _("without a date"),
    },
    "programs.closing": {
        "waits": _("to who still waits"),
        "open": _("without a last day"),
    },
    "programs.entered": {
        "own": _("without a coordinator’s name"),
    },
    "programs.paused": {
        "own": _("by oneself"),
    },
    "programs.reinstated": {
        "cohort": _("the whole cohort"),
        "waitlisted": _("the place is gone"),
    },
    "programs.training": {
        "leading": _("before a first lead"),
    },
    "programs.workshop_changed": {
        "off": _("called off"),
    },
    "programs.workshop_place": {
        "moved_up": _("from the waiting list"),
    },
    "programs.withdrawn": {
        "own": _("by oneself"),
        "asked": _("by a coordinator, as asked"),
    },
    "sessions.called_off": {
        "left": _("to who has left"),
        "paused": _("in a pause"),
    },
    "sessions.changed": {
        "cancelled": _("cancelled"),
        "moved": _("moved"),
        "unknown": _("the place is open"),
    },
    "sessions.invitation": {
        "again": _("after all"),
        "moved": _("moved"),
        "subscribed": _("to who has subscribed to the calendar"),
    },
    "sessions.poll": {
        "open": _("about a new session"),
    },
    "sessions.poll_closed": {
        "none": _("no time suits"),
    },
    "sessions.poll_result": {
        "none": _("no time suits"),
        "season": _("about a season"),
    },
    "sessions.turn_answered": {
        "declined": _("no"),
    },
    "sessions.turn_asked": {
        "swap": _("a swap"),
    },
    "sessions.turn_overtaken": {
        "giver": _("to who had asked"),
    },
}
KINDS: dict[str, Kind] = {
    "accounts.invitation": Kind(_("The invitation to an organisation"), SECURITY),
    "accounts.new_address": Kind(_("Whether a new address is yours"), SECURITY),
    "accounts.address_changed": Kind(_("That your address has changed"), SECURITY),
    "accounts.merge_asked": Kind(_("Whether somebody else here is you as well"), SECURITY),
    "accounts.merge_closed": Kind(_("Whether two people have been merged"), SECURITY),
    "notifications.digest": Kind(_("What you get in one e-mail"), NEWS, mutable=False),
    "notifications.reply_read": Kind(_("What we understood of your answer by e-mail"), NEWS),
    "notifications.reply_unread": Kind(_("That an answer by e-mail could not be used"), NEWS),
    "notifications.reply_forwarded": Kind(
        _("What participants answer in their own words"), NEWS, mutable=False
    ),
    "accounts.erasure_asked": Kind(
        _("Somebody asks that their data be erased"), NEWS, mutable=False
    ),
    "accounts.webhook_stopped": Kind(
        _("That nothing is sent to a webhook of yours any more"), NEWS, mutable=False, paced=False
    ),
    "accounts.token_ending": Kind(
        _("That an API token of yours ends soon"), NEWS, mutable=False, paced=False
    ),
    "accounts.token_offered": Kind(
        _("That somebody hands an API token to you"), NEWS, mutable=False, paced=False
    ),
    "accounts.taken_over": Kind(_("You take over from somebody who has left"), NEWS),
    "programs.applied": Kind(_("That your application has come in"), NEWS),
    "programs.application": Kind(_("Who applies to a cohort of yours"), NEWS, pace=Pace.DAILY),
    "programs.manager_asked": Kind(_("A question to somebody's manager"), INVITATION),
    "programs.manager_answered": Kind(
        _("What the manager of a mentor says"), NEWS, pace=Pace.DAILY
    ),
    "programs.accepted": Kind(_("That you have a place"), NEWS),
    "programs.declined": Kind(_("That there is no place for you this time"), NEWS),
    "programs.waitlisted": Kind(_("Where you stand on a waiting list"), NEWS),
    "programs.moved_up": Kind(_("That you have moved up from a waiting list"), NEWS),
    "programs.entered": Kind(_("That somebody has given you a place"), NEWS),
    "programs.withdrawn": Kind(_("That you are no longer in a program"), NEWS),
    "programs.reinstated": Kind(_("That you are in a program again"), NEWS),
    "programs.completed": Kind(_("That you have completed a program"), NEWS),
    "programs.finished": Kind(_("That a cohort of yours is over"), NEWS),
    "programs.not_in": Kind(_("That a cohort begins while you wait"), NEWS),
    "programs.closing": Kind(_("That a cohort of yours ends soon"), NEWS),
    "programs.called_off": Kind(_("That a cohort of yours is called off"), NEWS),
    "programs.first_in_line": Kind(_("That you come first in a new cohort"), NEWS),
    "programs.answers_missing": Kind(
        _("Which of your answers are missing before the matching"), NUDGE
    ),
    "programs.paused": Kind(_("That your place is paused"), NEWS),
    "programs.training": Kind(_("Lessons to do before you get a partner, or lead"), NUDGE),
    "programs.workshop": Kind(_("A workshop of your cohort"), NEWS),
    "programs.workshop_place": Kind(_("That you have a place at a workshop"), INVITATION),
    "programs.workshop_changed": Kind(_("That a workshop is moved or called off"), INVITATION),
    "programs.workshop_reminder": Kind(
        _("The reminder the day before a workshop"), INVITATION, mutable=True
    ),
    "programs.resumed": Kind(_("That a pause of your place is over"), NEWS),
    "programs.announcement": Kind(_("What your coordinators announce"), NEWS),
    "programs.mentioned": Kind(_("That somebody calls you in a discussion"), NEWS),
    "programs.discussion": Kind(
        _("New posts in discussions that you follow"), NEWS, pace=Pace.DAILY
    ),
    "programs.post_reported": Kind(_("A post that somebody has reported"), NEWS),
    "programs.post_removed": Kind(_("That a post of yours is removed"), NEWS),
    "pairing.matched": Kind(_("Who your partners are"), NEWS),
    "pairing.left_over": Kind(_("There is no partner for you this time"), NEWS),
    "pairing.parted": Kind(_("A partnership of yours has ended"), NEWS),
    "pairing.changed": Kind(_("Somebody joins or leaves a partnership of yours"), NEWS),
    "pairing.companion": Kind(_("That you are the mentor beside a circle"), NEWS),
    "pairing.companion_changed": Kind(_("Who the mentor beside your circle is"), NEWS),
    "pairing.rests": Kind(_("A partnership of yours is paused"), NEWS),
    "pairing.goes_on": Kind(_("A partnership of yours goes on"), NEWS),
    "pairing.go_on_asked": Kind(_("Somebody would like to go on after the last day"), QUESTION),
    "pairing.prolonged": Kind(_("A partnership of yours goes on after the last day"), NEWS),
    "pairing.request": Kind(_("Somebody asks to be your partner"), QUESTION),
    "pairing.request_question": Kind(_("Somebody you asked would like to know more"), QUESTION),
    "pairing.request_answered": Kind(_("An answer to what you asked back"), NEWS),
    "pairing.request_over": Kind(_("Somebody you asked cannot, and whom you ask next"), NEWS),
    "pairing.request_closed": Kind(_("A request to you is settled"), NEWS),
    "pairing.request_accepted": Kind(
        _("Somebody you asked, or who asked you, is your partner"), NEWS
    ),
    "pairing.request_stuck": Kind(_("Somebody has nobody left to ask"), NEWS),
    "pairing.approval_asked": Kind(_("Somebody asks you to approve a matching"), QUESTION),
    "pairing.approval_answered": Kind(_("Whether a matching of yours is approved"), NEWS),
    "sessions.invitation": Kind(_("Invitations to sessions"), INVITATION),
    "sessions.changed": Kind(_("A session that moves or will not take place"), INVITATION),
    "sessions.reminder": Kind(_("The reminder the day before a session"), INVITATION, mutable=True),
    "sessions.record": Kind(_("A session of yours that waits to be recorded"), QUESTION),
    "sessions.record_reminder": Kind(_("The reminder to record a session"), NUDGE),
    "sessions.corrected": Kind(_("A session that counts as missed after a correction"), NEWS),
    "sessions.called_off": Kind(_("Sessions that are off with their partnership"), INVITATION),
    "sessions.taken_back": Kind(_("We are matching you again"), INVITATION),
    "sessions.kit": Kind(_("The kit a week before you lead"), NEWS),
    "sessions.poll": Kind(_("Questions about when you can meet"), QUESTION),
    "sessions.poll_reminder": Kind(_("The reminder to say when you can meet"), NUDGE),
    "sessions.poll_closed": Kind(_("What came of a poll that you opened"), NEWS),
    "sessions.poll_result": Kind(_("What came of a poll about times"), NEWS),
    "sessions.turn_asked": Kind(_("Somebody asks you to take a turn"), QUESTION),
    "sessions.turn_answered": Kind(_("The answer to a turn that you offered"), NEWS),
    "sessions.turn_overtaken": Kind(_("A question about a turn that is settled"), NEWS),
    "sessions.turns_changed": Kind(_("Turns of yours that have changed"), NEWS),
    "sessions.election_opened": Kind(_("Whom you nominate for a role"), QUESTION),
    "sessions.election_consent": Kind(_("Whether you consent to somebody in a role"), QUESTION),
    "sessions.election_back": Kind(
        _("An election that goes back, since its candidate has left"), NEWS
    ),
    "sessions.election_decided": Kind(_("Who is elected to a role"), NEWS),
    "agreements.charter_changed": Kind(_("A charter that waits for you to sign it"), QUESTION),
    "agreements.decision_opened": Kind(_("Something is proposed, or proposed again"), QUESTION),
    "agreements.decision_vote": Kind(_("A decision asks for your answer"), QUESTION),
    "agreements.decision_reminder": Kind(_("The reminder to answer a decision"), NUDGE),
    "agreements.decision_closed": Kind(_("What came of a decision"), NEWS),
    "agreements.decision_owner": Kind(_("A decision that is now yours to take"), QUESTION),
    "agreements.decision_review": Kind(_("A decision that it is time to look at again"), QUESTION),
    "agreements.goal_proposed": Kind(_("Somebody suggests a goal for all of you"), QUESTION),
    "agreements.goal_met": Kind(_("A goal that is reached"), NEWS),
    "feedback.check_in": Kind(_("Check-ins: how it goes, every few weeks"), QUESTION),
    "feedback.check_in_reminder": Kind(_("Reminders of a check-in you have not answered"), NUDGE),
    "feedback.meeting": Kind(_("Whether you met, where your partner says so"), QUESTION),
    "feedback.survey": Kind(_("A few questions, such as after a session"), QUESTION),
    "feedback.survey_reminder": Kind(_("Reminders of a survey you have not answered"), NUDGE),
    "feedback.assessment": Kind(
        _("Self-assessments at the start, the midpoint and the end"), QUESTION
    ),
    "feedback.peers_see": Kind(_("What your partners see in you is ready"), NEWS),
    "feedback.voices": Kind(_("That not everybody is heard, before you lead"), NEWS),
    "feedback.fit": Kind(_("Whether a partnership works for you"), QUESTION),
    "feedback.partner_answered": Kind(
        _("A partner has told you how a session was and waits for your answer"), QUESTION
    ),
    "feedback.each_other": Kind(_("What you and your partners told each other is open"), NEWS),
    "feedback.stale": Kind(_("A partnership of yours has been quiet"), NEWS),
    "feedback.lapsed": Kind(_("A partnership of yours has lapsed"), NEWS),
    "feedback.over": Kind(_("The time of a partnership is over"), NEWS),
    "feedback.concern": Kind(_("A concern that you are asked to see to"), SECURITY),
    "feedback.concern_message": Kind(_("An answer in a concern of yours"), NEWS, mutable=False),
    "feedback.concern_closed": Kind(_("That a concern of yours is closed"), NEWS, mutable=False),
    "feedback.concern_unhandled": Kind(_("A concern that nobody sees to"), SECURITY),
    "feedback.completed": Kind(_("A partnership of yours is complete"), NEWS),
    "feedback.thanks": Kind(_("Somebody thanks you"), NEWS),
    "feedback.celebration": Kind(
        _("What there is to celebrate in a partnership of yours"), NEWS, pace=Pace.WEEKLY
    ),
    "feedback.certificate": Kind(_("A certificate of yours is ready"), NEWS),
    "feedback.certificate_revoked": Kind(_("A certificate of yours is revoked"), NEWS),
    "feedback.review": Kind(_("What changes in a program after what people said"), NEWS),
    # what a chat is told goes at once: it has no reader with quiet hours
    "accounts.chat_test": Kind(_("A test of what you have posted to a chat"), SECURITY),
    "metrics.chat": Kind(_("What waits, as a post to a chat of those who coordinate"), SECURITY),
    "metrics.chat_stopped": Kind(_("That nothing is posted to a chat of yours any more"), NEWS),
    "metrics.report": Kind(_("The report of a cohort is ready"), NEWS, paced=False),
    "metrics.todo": Kind(_("What waits for you, on Monday mornings"), NEWS, paced=False),
}
NUDGES = frozenset(kind for kind, declared in KINDS.items() if declared.category == NUDGE)


def leading(emails: Sequence[Email]) -> Email:
    """Return the e-mail whose words and button a message has; of equals the one written first.

    What asks for an answer is a line of the news with which it comes.
    """
    last = len(LEADING)

    def place(email: Email) -> int:
        app = email.kind.partition(".")[0]
        asks = KINDS[email.kind].category in (QUESTION, NUDGE)
        return LEADING.index(app) if app in LEADING and not asks else last

    return min(emails, key=place)
