"""Numbers as people read them: the sign of the language in force between whole and parts."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from django.utils.formats import get_format


def decimal(value: Decimal | float, digits: int = 1) -> str:
    """Write a number with so many decimals, halves to the even digit: 2.5, in German 2,5."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return with_its_sign(f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN):f}")


def with_its_sign(written: str) -> str:
    """Return a number that is written with a point as the language in force writes it."""
    return written.replace(".", str(get_format("DECIMAL_SEPARATOR")))


def signed(value: Decimal | float, digits: int = 1) -> str:
    """Write a change with its sign, a true minus; nothing moved is 0.0."""
    size = value.copy_abs() if isinstance(value, Decimal) else abs(value)
    written = decimal(size, digits)
    if not any(digit in "123456789" for digit in written):
        return written
    return f"+{written}" if value > 0 else f"−{written}"
