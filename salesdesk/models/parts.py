"""Money in two parts, so that sums of very many very large amounts are exact."""

#: Sums of money are kept in two parts, so that those of 100,000 deals of the largest amount, each
#: times a hundred percent, fit 64 bits: amounts modulo this, and how often they hold it.
PART_BITS = 39
PART = 1 << PART_BITS
#: Behind a currency: high parts, which have a row of their own.
HIGH = "*"


def parts(money: int) -> tuple[int, int]:
    """The high and the low part of an amount of money."""
    return money >> PART_BITS, money & (PART - 1)
