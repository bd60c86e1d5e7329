"""A comparison in words: how far two shares are apart, and never that one made the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.common.statistics import Exact, rounded
from metrics.comparing import LEAST, Estimate, Refusal
from metrics.definitions.outcomes import OUTCOME_JOBSAT, OUTCOME_PROMOTION, OUTCOME_STAY
from metrics.impact.queries import Later, ProgramImpact
from metrics.models import Comparison
from metrics.queries.compared import JOB_SATISFACTION, PROMOTION, STAY, Compared, as_one
from metrics.wording import percentage_points, share
from programs.models.programs import Program

NAMES = {
    PROMOTION: gettext_lazy("Promoted within 12 months"),
    STAY: gettext_lazy("Still employed after 12 months"),
    JOB_SATISFACTION: gettext_lazy("Satisfied with the job after 12 months (4 or 5 of 5)"),
}
DEFINITIONS = {entry.key: entry for entry in (OUTCOME_PROMOTION, OUTCOME_STAY, OUTCOME_JOBSAT)}
TRAITS = {
    "level": gettext_lazy("Level"),
    "department": gettext_lazy("Department"),
    "location": gettext_lazy("Location"),
    "tenure": gettext_lazy("Tenure"),
    "in_role": gettext_lazy("Time in the role (not matched)"),
    "job_satisfaction": gettext_lazy("Job satisfaction at the start (not matched)"),
}
LITTLE = Decimal("0.1")  # a standardised difference that counts as balanced (Austin 2009)


def outcome_name(key: str) -> str:
    return str(NAMES[key])


def reason(row: Comparison) -> str:
    """Say why a comparison was refused."""
    if row.refusal == Refusal.FEW_PARTICIPANTS:
        return _(
            "Only %(n)s participants have a similar colleague in the records; %(least)s are needed."
        ) % {"n": row.participants, "least": LEAST}
    if row.refusal == Refusal.FEW_OTHERS:
        return _("Only %(n)s similar colleagues are in the records; %(least)s are needed.") % {
            "n": row.others,
            "least": LEAST,
        }
    return _(
        "On one side too few people, or nearly all, had this outcome: a figure would say too much "
        "of them, and too little of the program."
    )


@dataclass(frozen=True)
class BalanceText:
    """One respect of the balance table, before and after matching, in standard deviations."""

    trait: str
    before: str
    after: str
    is_apart: bool

    @classmethod
    def of(cls, row: Sequence[str | None]) -> BalanceText:
        trait, before, after = row
        apart = after is not None and Decimal(after).copy_abs() > LITTLE
        return cls(str(TRAITS[trait or ""]), _number(before), _number(after), apart)


def _number(text: str | None) -> str:
    return _("not known") if text is None else f"{Decimal(text):.2f}"


@dataclass(frozen=True)
class OutcomeText:
    """One outcome, compared: the numbers as a page shows them, and what they say."""

    compared: Compared
    cohorts: str
    balance: tuple[BalanceText, ...]

    @property
    def name(self) -> str:
        return outcome_name(self.compared.key)

    @property
    def key(self) -> str:
        return self.compared.key

    @property
    def participants(self) -> str:
        return share(_exact(self.compared.estimate.participants))

    @property
    def others(self) -> str:
        return share(_exact(self.compared.estimate.others))

    @property
    def difference(self) -> str:
        return percentage_points(_exact(self.compared.estimate.difference))

    @property
    def exact(self) -> str:
        return str(_exact(self.compared.estimate.difference))

    @property
    def interval(self) -> str:
        low, high = _ends(self.compared.estimate)
        return _("%(low)s to %(high)s") % {
            "low": percentage_points(low, unit=False),
            "high": percentage_points(high, unit=False),
        }

    @property
    def sentence(self) -> str:
        words = {
            "ours": self.participants,
            "others": self.others,
            "difference": self.difference,
            "interval": self.interval,
        }
        if self.compared.estimate.is_clear:
            return (
                _(
                    "%(ours)s of participants and %(others)s of similar colleagues: %(difference)s "
                    "(95 %% interval %(interval)s)."
                )
                % words
            )
        return (
            _(
                "%(ours)s of participants and %(others)s of similar colleagues. The interval "
                "(%(interval)s) holds 0: with so few people this may be chance."
            )
            % words
        )

    @property
    def sensitivity(self) -> str:
        """Say what something unmeasured would have to be like to undo it; "" if chance does."""
        if not self.compared.estimate.is_clear:
            return ""
        value = f"{_exact(self.compared.estimate.unmeasured):.1f}"
        return _(
            "Something that is not in the records would explain it if both taking part and this "
            "outcome were %(n)s times as likely with it as without it (E-value)."
        ) % {"n": value}


@dataclass(frozen=True)
class RefusalText:
    name: str
    cohorts: str
    reason: str


@dataclass(frozen=True)
class ProgramText:
    """All of one program as the page shows it."""

    program: Program
    totals: tuple[OutcomeText, ...]
    single: tuple[OutcomeText, ...]
    refused: tuple[RefusalText, ...]
    later: Sequence[Later]
    waits: bool


def program_texts(row: ProgramImpact) -> ProgramText:
    names = {cohort.pk: cohort.name for cohort in row.cohorts}
    single = [
        OutcomeText(whole, _cohorts(one, names), tuple(map(BalanceText.of, one.balance)))
        for one in row.released
        if (whole := as_one([one])) is not None
    ]
    counted = [one.key for one in row.released]
    return ProgramText(
        program=row.program,
        totals=tuple(
            OutcomeText(whole, "", ()) for whole in row.totals if counted.count(whole.key) > 1
        ),
        single=tuple(single),
        refused=tuple(
            RefusalText(outcome_name(one.key), _cohorts(one, names), reason(one))
            for one in row.refused
        ),
        later=row.later,
        waits=row.waits,
    )


def _cohorts(row: Comparison, names: dict[UUID, str]) -> str:
    return ", ".join(names[pk] for pk in row.cohorts if pk in names)


def _exact(value: Exact | float) -> Decimal:
    exact = rounded(Fraction(value))
    assert exact is not None  # only what is divided by 0 has none
    return exact


def _ends(estimate: Estimate) -> tuple[Decimal, Decimal]:
    return _exact(estimate.low), _exact(estimate.high)


CSV_COLUMNS = (
    "program",
    "cohorts",
    "figure",
    "participants_n",
    "participants_share",
    "colleagues_n",
    "colleagues_share",
    "difference",
    "low",
    "high",
    "e_value",
    "unmatched_n",
)


def impact_lines(
    programs: Sequence[ProgramImpact],
) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """Return the head and the rows of the CSV: what is released, comparison by comparison."""
    return CSV_COLUMNS, (
        _csv_row(program, row, whole)
        for program in programs
        for row in program.released
        if (whole := as_one([row])) is not None
    )


def _csv_row(program: ProgramImpact, row: Comparison, whole: Compared) -> Sequence[object]:
    names = {cohort.pk: cohort.name for cohort in program.cohorts}
    low, high = _ends(whole.estimate)
    return (
        program.program.name,
        _cohorts(row, names),
        whole.key,
        whole.participants,
        _exact(whole.estimate.participants),
        whole.others,
        _exact(whole.estimate.others),
        _exact(whole.estimate.difference),
        low,
        high,
        _exact(whole.estimate.unmeasured),
        whole.unmatched,
    )
