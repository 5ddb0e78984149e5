"""What follows from a transaction's writes, before it commits.

Which tasks wait for what is a rule of the business and lives in the services; the store only lets
them add their writes to the transaction whose writes they follow from.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesdesk.models.transaction import Transaction

Follow = Callable[["Transaction"], None]
_followers: list[Follow] = []


def set_follower(follow: Follow) -> None:
    """From now on ``follow`` may write what follows from what a transaction wrote."""
    _followers[:] = [follow]


def follow(tx: "Transaction") -> None:
    """Let what follows be written."""
    for each in _followers:
        each(tx)
