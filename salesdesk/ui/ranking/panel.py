"""The page of the ranking: which days, whose; the table, its charts, and why a number is so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.ranking import export, query
from salesdesk.ui.ranking.asking import Asking
from salesdesk.ui.ranking.award_mark import AwardMark
from salesdesk.ui.ranking.charts import Charts
from salesdesk.ui.ranking.choosing import ColumnsButton
from salesdesk.ui.ranking.closed import MonthMark
from salesdesk.ui.ranking.query import Answer, Asked
from salesdesk.ui.ranking.sides import Sides
from salesdesk.ui.ranking.table import RankingTable
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card, label

if TYPE_CHECKING:
    from salesdesk.ui.ranking.wall import Wall

_GROUP = N_("Ranking")
_CHARTS_LOW, _CHARTS_HIGH = 252, 460


class RankingPage(Page):
    """The ranking of a period."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._answer: Answer | None = None
        self.title = label("", "heading")
        self.asking = Asking(context, self)
        self.days, self.team = self.asking.days, self.asking.team
        self.export_button = ComboButton("", "ranking-export", "chip")
        self.month = MonthMark(context)
        self.award = AwardMark(context)
        self.table = RankingTable()
        self.columns = ColumnsButton(self.table, context.remember)
        self.charts = Charts(
            context,
            lambda: context.go("settings", "plans"),
            lambda: self.days.chips.chip("month").click(),
        )
        self.wall: Wall | None = None
        self.notice = label("", "muted", wrap=True)
        self.sides = Sides(context, self, self.table, self.charts)
        self.empty = EmptyState("ranking-empty", " ", " ", self._on_empty, "user")
        # Tasks become overdue and midnight passes while nothing is written.
        self.reading = Reading(
            self, context, self._asked_today, query.read, self._show,
            indifferent=query.INDIFFERENT, minutes=True,
        )  # fmt: skip
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.card = Card("", 0)
        self.card.body.setContentsMargins(1, 1, 1, 1)
        self.card.body.addWidget(self.table)
        self._inside = QWidget()
        self._inside.setProperty("role", "body")
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.M)
        column.addWidget(self.card)
        column.addWidget(self.notice)
        column.addWidget(self.charts)
        column.addStretch(1)
        column.addWidget(self.empty, 100)
        self.area = QScrollArea()
        self.area.setObjectName("ranking-scroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._inside)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.area, 1)
        for panel in self.sides.panels():
            row.addWidget(panel)
        hidden: tuple[QWidget, ...] = (self.empty, self.notice)
        for widget in hidden:
            widget.hide()

    def _connect(self) -> None:
        self.month.noted.connect(self._on_noted)
        self.asking.changed.connect(self._on_asked)
        self.export_button.set_opens(self._export_menu)
        self.sides.changed.connect(self.refresh)
        self.sides.moved.connect(self._arrange)
        self.table.grown.connect(self._arrange)
        self.context.bus.changed.connect(self._on_changed)
        self.context.person_changed.connect(self.reading.stale)
        shortcuts.listed(self.table, "Return", N_("Explain the number"), _GROUP)
        shortcuts.add(self, "F11", N_("On the wall"), self.open_wall, _GROUP)
        sort = N_("Sort by the column of the cell")
        shortcuts.add(self, "S", sort, self.table.sort_by_current, _GROUP)
        self.days.listen(self, _GROUP)

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, *self.asking.widgets()]

    def header_actions(self) -> list[QWidget]:
        return [self.columns, *self.sides.actions(), self.award, self.export_button, self.month]

    def shows_undo(self) -> bool:
        return False

    def activated(self) -> None:
        if self.reading.is_stale:
            self.asking.read_choices()
            self.refresh()
        self.table.setFocus()

    def show_item(self, item: object) -> None:
        if item == "wall":
            self.open_wall()
        elif isinstance(item, int):
            self.sides.explain(item, "points")

    def retranslate(self) -> None:
        self.title.setText(tr("Ranking"))
        self.asking.retranslate()
        self.columns.retranslate()
        self.export_button.set_text(tr("Export"))
        self.month.retranslate()
        self.award.retranslate()
        self.area.setAccessibleName(tr("Ranking"))
        self._say_empty()
        self.table.retranslate()
        self.charts.retranslate()
        self.sides.retranslate()
        if self._answer is not None:
            self.asking.read_choices()
            self._show_notice()
            self._arrange()

    # -- what is asked ------------------------------------------------------------------------

    def asked(self) -> Asked:
        """What the page is about now."""
        return self.asking.asked(self.sides.tried)

    def _on_asked(self) -> None:
        self.refresh()
        self.address_changed.emit(True)

    def address(self) -> Mapping[str, str]:
        return self.asking.address()

    def go_to(self, parts: Mapping[str, str]) -> None:
        self.asking.go_to(parts)
        self.refresh()

    def refresh(self) -> None:
        """Read the ranking anew; while one reading goes on, another one waits for it."""
        self.reading.refresh()

    def _asked_today(self) -> Asked:
        self.asking.refresh()
        return self.asked()

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        self.month.show_ranking(answer.ranking)
        self.award.refresh()
        people = bool(answer.ranking.rows)
        self.table.set_answer(answer)
        self.charts.set_answer(answer)
        self._say_empty()
        self.empty.setVisible(not people)
        self.card.setVisible(people)
        self.charts.setVisible(people)
        self._show_notice()
        self.sides.show_answer(answer)
        self._arrange()

    def _show_notice(self) -> None:
        unrated = self._answer.ranking.unrated if self._answer is not None else ()
        said = [self.month.note()]
        if unrated:
            said.append(
                tr("Left out of the sums: {names} has no rate in the settings.",
                   names=", ".join(unrated))
            )  # fmt: skip
        self.notice.setText("\n".join(filter(None, said)))
        self.notice.setVisible(bool(self.notice.text()))

    def _on_noted(self) -> None:
        self._show_notice()
        self._arrange()

    def open_wall(self) -> None:
        """Show the ranking over the whole screen, as it is chosen here."""
        from salesdesk.ui.ranking.wall import Wall

        if self.wall is None:
            self.wall = Wall(
                self.context, self._asked_on_the_wall, self.asking.about,
                lambda: self.table.ranking.shown,
            )  # fmt: skip
        self.wall.open_over(self.window())

    def _asked_on_the_wall(self) -> Asked:
        """What is tried here is nobody's ranking yet."""
        return replace(self._asked_today(), tried=(), skipped=None)

    def closing(self) -> None:
        if self.wall is not None:
            self.wall.close()

    # -- export -------------------------------------------------------------------------------

    def _export_menu(self) -> Any:
        assert self._answer is not None
        given = export.Given(self._answer, self.asking.about(), self.table.ranking.shown)
        before: list[export.Entry] = [
            ("wall", shortcuts.hint(tr("On the wall"), "F11"), self.open_wall),
            ("awards", tr("Awards"), lambda: self.context.go("awards", None)),
        ]
        return export.file_menu(self.context, self.export_button, given, before)

    def _say_empty(self) -> None:
        if limited := " · ".join(self.asking.about()):
            said = tr("{what}: nobody is in the ranking of these days.", what=limited)
            self.empty.set_texts(said, tr("Show everybody"))
            return
        self.empty.set_texts(
            tr("Nobody is in the ranking yet. Add the people who sell, and their deals count."),
            tr("Add people"),
        )

    def _on_empty(self) -> None:
        if self.asking.about():
            self.asking.widen()
        else:
            self.context.go("settings", "people")

    # -- what changes -------------------------------------------------------------------------

    def _on_changed(self, changes: Any) -> None:
        if self.isVisible() and {"team", "pipeline", "setting"} & changes.tables.keys():
            self.asking.read_choices()

    # -- places -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The table as high as its rows if the charts then fit below it, else it scrolls."""
        room = self.area.viewport().height() - 3 * theme.M - 4
        if self.notice.isVisibleTo(self._inside):
            room -= self.notice.sizeHint().height() + theme.M
        whole = self.table.full_height()
        rows = min(whole, max(room - _CHARTS_LOW, theme.ROW_HEIGHT * 6))
        self.table.setFixedHeight(rows)
        self.charts.setFixedHeight(min(max(room - rows, _CHARTS_LOW), _CHARTS_HIGH))
        self.table.fit()
