"""Who may enter a cohort, by work facts, and how that is said to people."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.members.models import Member
from programs.models.programs import Cohort

# what a rule may be about, and how it is said of a cohort
FACTS: dict[str, tuple[Promise, Promise]] = {
    "department": (gettext_lazy("Departments"), gettext_lazy("the department is %(values)s")),
    "location": (gettext_lazy("Locations"), gettext_lazy("the location is %(values)s")),
    "country": (gettext_lazy("Countries"), gettext_lazy("the country is %(values)s")),
    "level": (gettext_lazy("Levels"), gettext_lazy("the level is %(values)s")),
}


def rule_words(cohort: Cohort) -> list[str]:
    """Return the rules of a cohort as ends of "For people of whom …"."""
    return [
        str(FACTS[rule["fact"]][1]) % {"values": get_text_list(rule["values"], _("or"))}
        for rule in cohort.eligibility
    ]


def why_not_eligible(cohort: Cohort, member: Member) -> str:
    """Return, as a sentence for this person, the first rule that does not hold; "" if all do."""
    for rule, words in zip(cohort.eligibility, rule_words(cohort), strict=True):
        fact = str(getattr(member, rule["fact"]) or "").strip()
        if fact.casefold() not in {value.casefold() for value in rule["values"]}:
            if not fact:
                return _("This cohort is for people where %(rule)s; yours is not known.") % {
                    "rule": words
                }
            return _("This cohort is for people where %(rule)s; yours is %(fact)s.") % {
                "rule": words,
                "fact": fact,
            }
    return ""
