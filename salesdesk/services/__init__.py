"""The verbs and questions of the business; no Qt here.

Whatever is imported from here, commands are judged by the rights of the person who runs them, and
what they write goes along the links that keep in step and wakes the tasks that wait.
"""

from typing import TYPE_CHECKING

from salesdesk.models import following, guarding

if TYPE_CHECKING:
    from salesdesk.models.transaction import Transaction


def _judge(tx: "Transaction") -> guarding.Watch | None:
    if tx.person is None:  # a script, or nobody chosen yet: bound by no role
        return None
    from salesdesk.services import rights_guard

    return rights_guard.watch_of(tx)


guarding.set_judge(_judge)


def _follow(tx: "Transaction") -> None:
    if tx.origin in ("undo", "import", "sync"):
        return
    from salesdesk.services import keeping_step, waking

    keeping_step.keep(tx)
    waking.follow(tx)


following.set_follower(_follow)
