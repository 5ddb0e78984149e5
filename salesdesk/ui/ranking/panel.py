"""The page of the ranking: which days, whose; the table, its charts, and why a number is so."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.ranking_explain import Explanation, Line
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.awards.mark import AwardMark
from salesdesk.ui.context import Context
from salesdesk.ui.months.mark import MonthMark
from salesdesk.ui.page import Page
from salesdesk.ui.ranking import export, query
from salesdesk.ui.ranking.asking import Asking
from salesdesk.ui.ranking.charts import Charts
from salesdesk.ui.ranking.choosing import ColumnsButton
from salesdesk.ui.ranking.columns import metric_of
from salesdesk.ui.ranking.explain import ExplainPanel
from salesdesk.ui.ranking.query import Answer, Asked
from salesdesk.ui.ranking.ruling import Rulings
from salesdesk.ui.ranking.table import RankingTable
from salesdesk.ui.ranking.tryout import TryPanel
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button, ComboButton, IconButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.period import days_text

if TYPE_CHECKING:
    from salesdesk.ui.ranking.wall import Wall

_GROUP = N_("Ranking")
_FOLLOW_MS = 120
_WIDE = 1180
_CHARTS_LOW, _CHARTS_HIGH = 196, 360


class RankingPage(Page):
    """The ranking of a period."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._tried: dict[int, Decimal] = {}
        self._answer: Answer | None = None
        self._followed: tuple[int | None, str] | None = None
        zone = context.store.zone
        self.title = label("", "heading")
        self.asking = Asking(context, self)
        self.days, self.team = self.asking.days, self.asking.team
        self.try_button = Button("", "ranking-try-button", "chip", self._on_try)
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
        self.wall_button = IconButton("wall", "", "ranking-wall-button", self.open_wall, "quiet")
        self.wall: Wall | None = None
        self.notice = label("", "muted", wrap=True)
        self.panel = ExplainPanel(zone, self._may_rule)
        self.tryout = TryPanel()
        self.rulings = Rulings(context, self)
        self.empty = EmptyState("ranking-empty", " ", " ", self._add_people, "user")
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
        row.addWidget(self.panel)
        row.addWidget(self.tryout)
        hidden: tuple[QWidget, ...] = (self.panel, self.tryout, self.empty, self.notice)
        for widget in hidden:
            widget.hide()

    def _connect(self) -> None:
        self.asking.changed.connect(self._on_asked)
        self.export_button.set_opens(self._export_menu)
        self.table.explained.connect(self.explain)
        self.table.walked.connect(self._on_walked)
        self.table.left.connect(self._close_panels)
        self.charts.picked.connect(self.explain)
        self.panel.closed.connect(self._on_panel_closed)
        self.panel.deal_wanted.connect(lambda deal: self.context.go("board", deal))
        self.panel.person_wanted.connect(self.explain)
        self.panel.beside_wanted.connect(self._on_beside)
        self.panel.ruling_wanted.connect(self._on_ruling)
        self.tryout.tried.connect(self._on_tried)
        self.tryout.person_wanted.connect(lambda person: self.explain(person, "points"))
        self.tryout.closed.connect(self._on_try_closed)
        self.context.bus.changed.connect(self._on_changed)
        self._follow = QTimer(self, interval=_FOLLOW_MS, singleShot=True)
        self._follow.timeout.connect(self._on_follow)
        shortcuts.listed(self.table, "Return", N_("Explain the number"), _GROUP)
        shortcuts.add(self, "F11", N_("On the wall"), self.open_wall, _GROUP)
        sort = N_("Sort by the column of the cell")
        shortcuts.add(self, "S", sort, self.table.sort_by_current, _GROUP)
        self.days.listen(self, _GROUP)

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, *self.asking.widgets()]

    def header_actions(self) -> list[QWidget]:
        return [self.columns, self.wall_button, self.try_button, self.export_button,
                self.award, self.month]  # fmt: skip

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
            self.explain(item, "points")

    def retranslate(self) -> None:
        self.title.setText(tr("Ranking"))
        self.asking.retranslate()
        self.columns.retranslate()
        self.try_button.set_text(tr("Try other points"))
        self.export_button.set_text(tr("Export"))
        wall = tr("On the wall")
        self.wall_button.set_text(wall, shortcuts.hint(wall, "F11"))
        self.month.retranslate()
        self.award.retranslate()
        self.area.setAccessibleName(tr("Ranking"))
        self.empty.set_texts(
            tr("Nobody is in the ranking yet. Add the people who sell, and their deals count."),
            tr("Add people"),
        )
        self.table.retranslate()
        self.charts.retranslate()
        self.panel.retranslate()
        self.tryout.retranslate()
        if self._answer is not None:
            self.asking.read_choices()
            self._show_notice()
            self._read_explanation()
            self._arrange()

    # -- what is asked ------------------------------------------------------------------------

    def asked(self) -> Asked:
        """What the page is about now."""
        return self.asking.asked(self._tried)

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
        first = self._answer is None
        self._answer = answer
        self.month.show_ranking(answer.ranking)
        self.award.refresh()
        people = bool(answer.ranking.rows)
        self.table.set_answer(answer)
        self.charts.set_answer(answer)
        self.empty.setVisible(not people)
        self.card.setVisible(people)
        self.charts.setVisible(people)
        self._show_notice()
        self.tryout.show_orders(answer.ranking)
        if first and people:
            self._open_first(answer)
        self._arrange()
        self._read_explanation()

    def _show_notice(self) -> None:
        unrated = self._answer.ranking.unrated if self._answer is not None else ()
        self.notice.setVisible(bool(unrated))
        if unrated:
            self.notice.setText(
                tr("Left out of the sums: {names} has no rate in the settings.",
                   names=", ".join(unrated))
            )  # fmt: skip

    def _open_first(self, answer: Answer) -> None:
        """The first cell for the keyboard; on a wide window the panel too, unless it was closed."""
        rows, about = answer.ranking.rows, self.panel.about()
        wanted = self.context.person_id if about is None else about[0]
        own = next((r for r in rows if r.person_id == wanted), rows[0])
        if self.table.current() is None:
            self.table.select(own.person_id, "points")
        wide = self.width() >= _WIDE and self.context.remember.flag("ranking/panel", True)
        if wide and self.panel.about() is None:
            self.explain(own.person_id, "points")

    # -- why ----------------------------------------------------------------------------------

    def explain(self, person_id: int | None, metric: str) -> None:
        """Open the panel on a number of a person, or (None) of the last line."""
        self._follow.stop()
        if not self.panel.isVisibleTo(self):
            self.tryout.hide()
            self.panel.show()
            self.context.remember.set("ranking/panel", True)
        current = self.table.current()
        if current is None or current[0] != person_id or metric != metric_of(current[1]):
            self.table.select(person_id, self.table.column_of(metric))
        self.panel.begin(person_id, metric)
        self.charts.set_strong(person_id)
        self._read_explanation()
        QTimer.singleShot(0, self, self._arrange)

    def _read_explanation(self) -> None:
        about = self.panel.about()
        if about is None or self._answer is None or not self.panel.isVisibleTo(self):
            return
        person_id, metric = about
        ranking = self._answer.ranking
        if person_id is None:
            until = ranking.period.until(self.context.store.zone.day_of(self.context.now()))
            days = days_text(until.first_day, until.last_day)
            self.panel.show_team(ranking.rows, ranking.total, metric, days, ranking.currency)
            return
        self.context.read(
            query.explain, self._answer.asked, person_id, metric, now=self.context.now(),
            done=self._show_explanation, key="ranking-explain",
        )  # fmt: skip

    def _show_explanation(self, found: Explanation) -> None:
        if self._answer is None or (found.person_id, found.metric) != self.panel.about():
            return
        row = next((r for r in self._answer.ranking.rows if r.person_id == found.person_id), None)
        self.panel.show_person(found, row, self.context.now(), self._answer.ranking.currency)

    def _on_walked(self, person_id: int | None, metric: str) -> None:
        if self.panel.isVisibleTo(self):
            self._followed = (person_id, metric)
            self._follow.start()

    def _on_follow(self) -> None:
        if self._followed is not None and self.panel.isVisibleTo(self):
            self.explain(*self._followed)

    def _on_beside(self, metric: str) -> None:
        about = self.panel.about()
        if about is not None:
            self.explain(about[0], metric)

    def _on_panel_closed(self) -> None:
        self.context.remember.set("ranking/panel", False)
        self.charts.set_strong(None)
        if self._tried:
            self._show_try()
        self.table.setFocus()
        self._arrange()

    def _close_panels(self) -> None:
        for panel in (self.panel, self.tryout):
            if panel.isVisibleTo(self):
                panel.close_panel()

    def open_wall(self) -> None:
        """Show the ranking over the whole screen, as it is chosen here."""
        from salesdesk.ui.ranking.wall import Wall

        if self.wall is None:
            self.wall = Wall(
                self.context, self._asked_today, self.asking.about,
                lambda: self.table.ranking.shown,
            )  # fmt: skip
        self.wall.open_over(self.window())

    def closing(self) -> None:
        if self.wall is not None:
            self.wall.close()

    # -- rulings, other points, export --------------------------------------------------------

    def _may_rule(self, person_id: int) -> bool:
        return self.rulings.may(person_id)

    def _on_ruling(self, item: Any, place: QPoint) -> None:
        about = self.panel.about()
        if isinstance(item.source, Line) and about is not None and about[0] is not None:
            self.rulings.open(item.source, about[0], place)

    def _on_try(self) -> None:
        if self.tryout.isVisibleTo(self):
            self.tryout.close_panel()
            return
        if not self._tried:
            found = self.context.ask(query.stage_points, now=self.context.now())
            self.tryout.set_stages(found)
        self._show_try()

    def _show_try(self) -> None:
        self.panel.hide()
        self.tryout.show()
        self._mark_try(True)
        if self._answer is not None:
            self.tryout.show_orders(self._answer.ranking)
        QTimer.singleShot(0, self, self._arrange)

    def _on_tried(self, points: dict[int, Decimal]) -> None:
        self._tried = points
        self.refresh()

    def _on_try_closed(self) -> None:
        self._mark_try(False)
        if self._tried:
            self._tried = {}
            self.refresh()
        self.table.setFocus()
        self._arrange()

    def _mark_try(self, on: bool) -> None:
        self.try_button.set_tone("accent" if on else "")

    def _export_menu(self) -> Any:
        assert self._answer is not None
        given = export.Given(self._answer, self.asking.about(), self.table.ranking.shown)
        return export.file_menu(self.context, self.export_button, given)

    def _add_people(self) -> None:
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
