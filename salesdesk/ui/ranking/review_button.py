"""The button of the ranking's header that says how many moves are to be checked; for those alone
who may decide about them."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from salesdesk.services import doubts
from salesdesk.text import tr
from salesdesk.ui import formats, shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.ranking.query import Asked
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button

#: What the list of moves to check depends on.
TABLES = (
    "stage_move", "move_review", "task_change", "deal", "reach_ruling", "stage", "pipeline",
    "person", "setting",
)  # fmt: skip
_CALM_MS = 2_000


class ReviewButton(Button):
    """Opens the panel of moves to check."""

    def __init__(self, context: Context, page: QWidget, run: Callable[[], object]) -> None:
        super().__init__("", "ranking-review-button", "chip", run)
        self._context = context
        self._asked: Asked | None = None
        self._count = 0
        self.hide()
        self.reading = Reading(
            page, context, self._wanted, _count, self._show, tables=TABLES, calm=_CALM_MS
        )

    def set_asked(self, asked: Asked) -> None:
        """Other days, another pipeline."""
        known, self._asked = self._asked, asked
        same = known is not None and (known.period, known.pipeline_id) == (
            asked.period, asked.pipeline_id,
        )  # fmt: skip
        if not same:
            self.refresh()

    def refresh(self) -> None:
        """Show it to whoever may decide, with a new count."""
        may = self._context.may("rulings")
        self.setVisible(may)
        if may:
            self.reading.refresh()

    def retranslate(self) -> None:
        """Set the words anew."""
        count = formats.whole(self._count)
        if self._count >= doubts.MOST:
            count = f"{formats.whole(doubts.MOST - 1)}+"
        words = tr("To check")
        self.set_text(f"{words} · {count}" if self._count else words)
        tip = tr("Moves that a team lead should look at, and all rulings")
        self.setToolTip(shortcuts.hint(tip, "C"))

    def _wanted(self) -> Asked | None:
        return self._asked if self._context.may("rulings") else None

    def _show(self, count: int) -> None:
        self._count = count
        self.retranslate()


def _count(r: Any, asked: Asked, *, now: int) -> int:
    return doubts.count(r, asked.period, now=now, pipeline_id=asked.pipeline_id)
