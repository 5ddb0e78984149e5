"""What the ranking's header says of closed months: closing one, or that it is closed."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services.ranking_rows import Closing, Ranking
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui import month_words as words
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button


class MonthMark(Button):
    """Closing a month, for whoever may; of a closed one when it was closed. It leads to the page of
    months. ``note()`` says more, for below the table; ``noted()``: it says something else now."""

    noted = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("", "ranking-month", "chip", self._on_pressed, parent)
        self._context = context
        self._ranking: Ranking | None = None
        self._moved: tuple[int, ...] = ()
        self._anew: Closing | None = None
        self.hide()

    def show_ranking(self, ranking: Ranking) -> None:
        """Say what is to be said of these days."""
        if self._ranking is None or ranking.period != self._ranking.period:
            self._moved = ()
        self._ranking, self._anew = ranking, None
        if ranking.closed is None and ranking.period.whole_months() == 1:
            self._anew = self._context.ask(_closing, ranking.period, now=self._context.now())
        self.retranslate()
        if ranking.period.whole_months() != 1:
            self._context.read(
                _moved, ranking.period, now=self._context.now(), done=self._show_moved,
                key="ranking-moved",
            )  # fmt: skip

    def _show_moved(self, found: tuple[int, ...]) -> None:
        if found != self._moved:
            self._moved = found
            self.noted.emit()

    def retranslate(self) -> None:
        """Say it in the chosen language."""
        text = self._text()
        self.setVisible(bool(text))
        self.set_text(text)
        self.setToolTip(self.note())

    def _text(self) -> str:
        ranking = self._ranking
        if ranking is None:
            return ""
        closing = ranking.closed or self._anew
        if closing is not None:
            return words.closed_on(closing, self._context.store.zone, self._context.now())
        return tr("Close month…") if self._context.may("lead") else ""

    def note(self) -> str:
        """What is to be known of closed months in these days."""
        ranking = self._ranking
        if ranking is None:
            return ""
        zone, now = self._context.store.zone, self._context.now()
        if ranking.closed is not None:
            return tr("{closed}: what has changed since is listed as corrections.",
                      closed=words.closed(ranking.closed, zone, now))  # fmt: skip
        if self._anew is not None:
            return tr("{closed}, but counted anew here: what is kept is the ranking of all "
                      "pipelines at the points of then.",
                      closed=words.closed(self._anew, zone, now))  # fmt: skip
        if self._moved:
            names = ", ".join(map(formats.month, self._moved))
            return tr("Closed and changed since: {months}. Here they are counted anew.",
                      months=names)  # fmt: skip
        return ""

    def _on_pressed(self) -> None:
        ranking = self._ranking
        if ranking is None or not self._context.may("lead"):
            return
        from salesdesk.moments import month_of

        over = ranking.stop <= self._context.now()
        one = ranking.period.whole_months() == 1 and over
        month = month_of(ranking.period.first_day) if one else None
        self._context.go("months", self._moved[0] if self._moved else month)


def _closing(r: Any, period: Any, *, now: int) -> Closing | None:
    from salesdesk.services import closing_frozen

    month = closing_frozen.month_asked(period)
    found = None if month is None else closing_frozen.found(r, month, now)
    return None if found is None else found.closing


def _moved(r: Any, period: Any, *, now: int) -> tuple[int, ...]:
    from salesdesk.services import closing

    return tuple(month for month, moved in closing.closed_within(r, period, now=now) if moved)
