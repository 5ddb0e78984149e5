"""One month: what closing it would keep and what is doubtful, or its corrections and bonuses."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.moments import Zone, month_start
from salesdesk.services.closing import Outlook
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui import month_words as words
from salesdesk.ui.months import lines
from salesdesk.ui.months.query import Answer
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.figures import Figures
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.lines import LineList

_WIDEST = 860


class MonthDetail(QWidget):
    """``close_wanted()``, ``reopen_wanted()``; ``opened(source)``: what a line stands for."""

    close_wanted = Signal()
    reopen_wanted = Signal()
    opened = Signal(object)

    def __init__(self, zone: Zone) -> None:
        super().__init__()
        self._zone = zone
        self._month = -1
        self.setProperty("role", "body")
        self.heading = label("", "heading")
        self.state = label("", "muted", wrap=True)
        self.reopen = Button("", "months-reopen", "chip", self.reopen_wanted.emit)
        self.figures = Figures("months-figures")
        self.doubts, self.doubt_lines, self.no_doubts = self._listed("months-doubts")
        self.keeping, self.row_lines, self.kept = self._listed("months-rows")
        self.take = Flag("months-take", "", " ")
        self.close_button = PrimaryButton("", "months-close", self.close_wanted.emit)
        self.bonuses, self.bonus_lines, self.no_bonuses = self._listed("months-bonuses")
        self.corrections, self.correction_lines, self.no_corrections = self._listed(
            "months-corrections"
        )
        self._build()

    def _listed(self, name: str) -> tuple[Card, LineList, Any]:
        card, listed, nothing = Card(" "), LineList(name), label("", "muted", wrap=True)
        listed.row_height = 42
        card.body.addWidget(listed)
        card.body.addWidget(nothing)
        listed.opened.connect(lambda item: self.opened.emit(item.source))
        return card, listed, nothing

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.M)
        top.addWidget(self.heading)
        top.addWidget(self.state, 1)
        top.addWidget(self.reopen)
        foot = QHBoxLayout()
        foot.setSpacing(theme.L)
        foot.addWidget(self.close_button)
        foot.addWidget(self.take)
        foot.addStretch(1)
        self.closing = QWidget()
        self.closing.setLayout(foot)
        foot.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(top)
        column.addWidget(self.figures)
        for widget in (self.doubts, self.closing, self.keeping, self.bonuses, self.corrections):
            column.addWidget(widget)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(inside, 1)
        row.setAlignment(inside, Qt.AlignmentFlag.AlignLeft)
        inside.setMinimumWidth(420)
        self._inside = inside

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._inside.setFixedWidth(min(self.width(), _WIDEST))

    # -- showing ------------------------------------------------------------------------------

    def show_answer(self, answer: Answer, now: int, may_reopen: bool) -> None:
        """Show a month."""
        month, closed = answer.shown, answer.shown.closing is not None
        if month.month != self._month:
            self._month = month.month
            self.take.setChecked(True)
        self.heading.setText(formats.month(month.month))
        self.state.setText(self._state(answer, now))
        self.reopen.setVisible(closed and may_reopen)
        self._show_figures(answer)
        for card in (self.doubts, self.keeping):
            card.setVisible(not closed)
        for card in (self.bonuses, self.corrections):
            card.setVisible(closed)
        self.closing.setVisible(answer.is_closable())
        over = tr("What will be kept as it is now")
        title = over if answer.is_closable() else tr("What would be kept")
        self.keeping.title.set_text(title)
        self.row_lines.setAccessibleName(title)
        if answer.outlook is not None:
            self._show_outlook(answer.outlook)
        if closed:
            self._show_closed(answer, now)

    def _state(self, answer: Answer, now: int) -> str:
        month = answer.shown
        if month.closing is not None:
            return words.closed(month.closing, self._zone, now)
        if month.is_over:
            return tr("Over, and still open: later changes change its numbers.")
        day = formats.day_short(month_start(month.month + 1))
        return tr("It can be closed from {day} on.", day=day)

    def _show_figures(self, answer: Answer) -> None:
        ranking = answer.ranking
        total, currency = ranking.total, ranking.currency
        self.figures.show_pairs(
            [
                (words.money(total.revenue, currency), tr("Revenue")),
                (words.money(total.gross_profit, currency), tr("Gross profit")),
                (words.number("points", total.points, currency), tr("Points")),
                (formats.whole(total.won), tr("Deals won")),
                (formats.whole(len(ranking.rows)), tr("People")),
            ]
        )

    def _show_outlook(self, found: Outlook) -> None:
        self.doubt_lines.set_items([lines.of_doubt(one) for one in found.doubts])
        self.doubt_lines.setVisible(bool(found.doubts))
        self.no_doubts.setVisible(not found.doubts)
        parts = [
            ntr("The row of {n} person with all numbers, the rank and the colours",
                "The rows of {n} people with all numbers, ranks and colours",
                len(found.ranking.rows)),
            ntr("{n} team and who is in it", "{n} teams and who is in them", found.teams),
            ntr("{n} plan", "{n} plans", found.plans),
            ntr("{n} norm", "{n} norms", found.norms),
            tr("the points of the stages"),
            ntr("{n} rate", "{n} rates", found.rates) if found.rates else "",
            ntr("the table of bonuses with {n} step", "the table of bonuses with {n} steps",
                found.steps) if found.steps else "",
        ]  # fmt: skip
        parts = [part for part in parts if part]
        self.kept.setText(", ".join(parts) + ".")
        currency = found.ranking.currency
        self.row_lines.set_items([lines.of_row(row, currency) for row in found.ranking.rows])
        self.close_button.set_text(tr("Close {month}", month=formats.month(found.month)))
        self.take.setVisible(any(one.kind == "corrections" for one in found.doubts))

    def _show_closed(self, answer: Answer, now: int) -> None:
        sheet, currency = answer.sheet, answer.ranking.currency
        assert sheet is not None
        title = tr("Bonuses to pay: {sum}", sum=words.money(sheet.total, currency))
        self.bonuses.title.set_text(title)
        shown = [item for line in sheet.lines for item in lines.of_bonus(line, sheet)]
        self.bonus_lines.set_items(shown if sheet.steps else [])
        self.bonus_lines.setVisible(bool(sheet.steps))
        self.bonus_lines.setAccessibleName(title)
        self.no_bonuses.setVisible(not sheet.steps)
        found = answer.corrections
        self.correction_lines.set_items(
            [lines.of_correction(one, self._zone, now, currency) for one in found]
        )
        self.correction_lines.setVisible(bool(found))
        self.no_corrections.setVisible(not found)

    def retranslate(self) -> None:
        """Everything that no answer says."""
        self.reopen.set_text(tr("Open again…"))
        self.doubts.title.set_text(tr("Still doubtful"))
        self.doubt_lines.setAccessibleName(tr("Still doubtful"))
        self.no_doubts.setText(tr("Nothing: every deal won has an amount, everybody has a plan."))
        self.take.setText(tr("Take corrections of earlier months into its bonuses"))
        self.take.setAccessibleName(self.take.text())
        self.corrections.title.set_text(tr("Corrections: what has changed since"))
        self.correction_lines.setAccessibleName(tr("Corrections"))
        self.no_corrections.setText(
            tr("Nothing has changed since. What changes later is listed here, and never changes "
               "the closed month.")
        )  # fmt: skip
        self.no_bonuses.setText(
            tr("When this month was closed there was no table of bonuses. An administrator sets it "
               "in the settings; then open the month again and close it.")
        )  # fmt: skip
