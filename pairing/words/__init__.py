"""What the engine found, said in plain words: reasons, sentences, proofs, who is left over."""

from pairing.words.fairness import price_of, table_of
from pairing.words.left_over import rule_name, say_left_over
from pairing.words.reasons import (
    POLICIES,
    Reason,
    duration,
    listed,
    people_words,
    policy_name,
    read_reasons,
    say_reason,
    summary,
)
from pairing.words.sentence import pair_sentence, why_these
from pairing.words.why_not import Verdict, say_why_not

__all__ = [
    "POLICIES",
    "Reason",
    "Verdict",
    "duration",
    "listed",
    "pair_sentence",
    "people_words",
    "policy_name",
    "price_of",
    "read_reasons",
    "rule_name",
    "say_left_over",
    "say_reason",
    "say_why_not",
    "summary",
    "table_of",
    "why_these",
]
