"""Below the forecast: how well it would have done on past Mondays, said in one sentence.

The replay reads the whole history, so it runs in the background with progress and Cancel; what was
found is kept for the day.
"""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services.periods import of_year
from salesdesk.services.report_table import Query
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.figures import Figures
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.progress import ProgressRow

if TYPE_CHECKING:
    from salesdesk.services.forecast_replay import Replay, Said
    from salesdesk.services.forecast_verdict import Verdict
    from salesdesk.services.writer import Reader

_HORIZONS, _MEASURES = ("month", "quarter"), ("money", "deals")
_HEIGHT = 240


class ReplayView(QWidget):
    """``show(query)`` asks for the replay of what a query is about; without a query it is just
    shown. Pipeline, people and deals of the query count, its period does not."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from salesdesk.ui.background import Deliverer

        self.setObjectName("forecast-replay")
        self._context = context
        self._query: Query | None = None
        self._replay: Replay | None = None
        self._stop: threading.Event | None = None
        self._asked: Query | None = None
        self._cancelled = False
        self._deliverer = Deliverer(self)
        remember = context.remember
        self.horizon = ChipRow([(key, key) for key in _HORIZONS], "forecast-horizon", "")
        self.measure = ChipRow([(key, key) for key in _MEASURES], "forecast-measure", "")
        for chips, name, known in (
            (self.horizon, "forecast/horizon", _HORIZONS),
            (self.measure, "forecast/measure", _MEASURES),
        ):
            if remember.text(name) in known:
                chips.set_value(remember.text(name))
            chips.chosen.connect(lambda key, name=name: self._on_chosen(name, key))
        self.verdict = label("", "strong", wrap=True)
        self.range = label("", "muted", wrap=True)
        self.figures = Figures("forecast-figures")
        self.note = label("", "small", wrap=True)
        self.progress = ProgressRow("forecast-progress", " ")
        self.again = LinkButton("", "forecast-again", self._on_again)
        self._build()
        self.progress.cancelled.connect(self.cancel)
        self.retranslate()

    def _build(self) -> None:
        from salesdesk.ui.reports.forecast_chart import ReplayChart

        self.card = Card(" ")
        self.chart = ReplayChart("forecast-replay-chart")
        self.chart.setFixedHeight(_HEIGHT)
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(self.horizon)
        head.addWidget(self.measure)
        head.addStretch(1)
        head.addWidget(self.again)
        self.card.body.addLayout(head)
        for widget in (self.progress, self.verdict, self.range, self.figures, self.chart,
                       self.note):  # fmt: skip
            self.card.body.addWidget(widget)
        self.card.body.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        self._show_parts()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.card.title.set_text(tr("Tried on past Mondays"))
        self.setAccessibleName(tr("Tried on past Mondays"))
        self.horizon.setAccessibleName(tr("How far ahead"))
        self.horizon.set_texts({"month": tr("30 days ahead"), "quarter": tr("91 days ahead")})
        self.measure.setAccessibleName(tr("Measured in"))
        self.measure.set_texts({"money": tr("Money"), "deals": tr("Won deals")})
        self.note.setText(
            tr("Each Monday knows only what was known then: the deals open that day, their stages, "
               "dates and amounts from the history. What happened is what these very deals "
               "brought. Amounts of imported deals are those of the file; rates are today's.")
        )  # fmt: skip
        self.progress.retranslate()
        self._name_again()
        self._show_found()

    def _name_again(self) -> None:
        text = tr("Try it on the past") if self._replay is None else tr("Work it out anew")
        self.again.set_text(text)

    # -- asking ---------------------------------------------------------------------------------

    def show(self, query: Query | None = None) -> None:
        """Be shown; with a query, about that."""
        super().show()
        if query is not None and self._about(query) != self._query:
            self._query, self._replay = self._about(query), None
            self._cancelled = False
            self._show_parts()
            self._begin()

    @staticmethod
    def _about(query: Query) -> Query:
        """A query without what the replay does not look at."""
        return Query(of_year(1), "day", query.pipeline_id, query.person_id, query.team_id,
                     query.deals)  # fmt: skip

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._stop is not None:  # nobody looks: others need the machine
            self._stop.set()
            self._stop, self._asked = None, None

    def cancel(self) -> None:
        """Stop what is under way; it can be asked for again."""
        self._cancelled = True
        if self._stop is not None:
            self._stop.set()
        self._stop, self._asked = None, None
        self._show_parts()

    def _on_again(self) -> None:
        self._cancelled = False
        self._begin(anew=True)

    def _begin(self, anew: bool = False) -> None:
        query = self._query
        if query is None or self._cancelled or not self.isVisible():
            return
        if query == self._asked and not anew:
            return
        if self._stop is not None:
            self._stop.set()
        stop = self._stop = threading.Event()
        self._asked = query
        now = self._context.now()

        def told(done: int, whole: int) -> None:
            self._deliverer.call(lambda: self._on_progress(stop, done, whole))

        def question(r: "Reader") -> "Replay":
            from salesdesk.services.forecast_replay import replay

            return replay(r, query, now=now, progress=told, stopped=stop.is_set, anew=anew)

        self.progress.begin(tr("Trying it on past Mondays…"))
        self._show_parts()
        self._context.read(
            question, key="forecast-replay",
            done=lambda found: self._on_found(stop, found),
            failed=lambda error: self._on_failed(stop, error),
        )  # fmt: skip

    def _on_progress(self, stop: threading.Event, done: int, whole: int) -> None:
        if stop is self._stop:
            text = tr("Monday {done} of {all}", done=done, all=whole)
            self.progress.set_progress(done, whole, text)

    def _on_found(self, stop: threading.Event, found: "Replay") -> None:
        if stop is self._stop:
            self._stop, self._replay = None, found
            self._show_found()

    def _on_failed(self, stop: threading.Event, _error: Exception) -> None:
        if stop is self._stop:
            self._stop, self._asked = None, None
            self._show_parts()

    # -- showing --------------------------------------------------------------------------------

    def _on_chosen(self, name: str, key: str) -> None:
        self._context.remember.set(name, key)
        self._show_found()

    def _show_parts(self) -> None:
        """Which parts there is something to show in."""
        under_way, found = self._stop is not None, self._replay is not None
        self.card.setVisible(self._query is not None)
        self.progress.setVisible(under_way)
        self.again.setVisible(not under_way)
        self._name_again()
        lines = bool(self._lines())
        self.horizon.setVisible(found)
        self.measure.setVisible(found)
        for widget in (self.figures, self.chart, self.range, self.note):
            widget.setVisible(found and lines)
        self.verdict.setVisible(found)

    def _lines(self) -> "tuple[Said, ...]":
        if self._replay is None:
            return ()
        return self._replay.lines.get((self.horizon.value(), self.measure.value()), ())

    def _number(self) -> Callable[[float], str]:
        if self._replay is None or self.measure.value() == "deals":
            return lambda value: formats.whole(round(value))
        currency = self._replay.currency
        return lambda value: formats.short_money(Decimal(repr(value)), currency) if value else "0"

    def _show_found(self) -> None:
        self._show_parts()
        if self._replay is None:
            return
        from salesdesk.services import forecast_verdict

        lines = self._lines()
        found = forecast_verdict.verdict(lines)
        self.verdict.setText(forecast_verdict.sentence(found))
        said = [forecast_verdict.calibration(found)]
        if self.measure.value() == "money":
            said.append(forecast_verdict.amounts(found))
        self.range.setText(" ".join(filter(None, said)))
        self.figures.show_pairs(self._pairs(found))
        self.chart.set_lines(lines, self._number(), f"{self.verdict.text()} {self.range.text()}")

    @staticmethod
    def _pairs(found: "Verdict") -> list[tuple[str, str]]:
        """The figures; whichever is closer stands first."""
        from salesdesk.services.forecast_verdict import percent

        def told(share: float | None) -> str:
            return formats.DASH if share is None else percent(share)

        def leaning(share: float | None) -> str:
            if share is None:
                return formats.DASH
            far = percent(abs(share))
            return tr("{share} too high", share=far) if share > 0 else tr(
                "{share} too low", share=far
            )  # fmt: skip

        history = [(told(found.missed), tr("history missed by")),
                   (leaning(found.leans), tr("history on the whole"))]  # fmt: skip
        date = [(told(found.missed_by_date), tr("probability missed by")),
                (leaning(found.leans_by_date), tr("probability on the whole"))]  # fmt: skip
        if not found.dated:  # it said nothing
            both = history
        else:
            both = [*date, *history] if found.better == "date" else [*history, *date]
        return [*both, (f"{found.held} / {found.mondays}", tr("Mondays in the range"))]
