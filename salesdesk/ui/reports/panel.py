"""The page of the reports: which one, of what; a chart, a table, and the moves behind a number."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.periods import Period, of_year
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.reports import query, tables
from salesdesk.ui.reports.draw import ChartCard
from salesdesk.ui.reports.grid import GridView
from salesdesk.ui.reports.query import REPORTS, Answer, Asked, Behind, Move
from salesdesk.ui.reports.tables import ROWS, Grid
from salesdesk.ui.saving import save_menu
from salesdesk.ui.scopes import choices
from salesdesk.ui.widgets.buttons import ComboButton, LinkButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel
from salesdesk.ui.widgets.period import PeriodBar, days_text
from salesdesk.ui.widgets.switcher import Switcher

_ALL = 0
_CALM_MS = 400
_FIRST_MOVES, _MORE_MOVES = 50, 200
_CHART_LOW, _CHART_HIGH = 200, 320
_READING = frozenset(
    ("deal", "stage_move", "owner_change", "stage", "pipeline", "person", "team", "setting")
)


class MovesPanel(SidePanel):
    """The moves behind a number; a click opens the deal."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("reports-moves", "", parent=parent)
        self._items: list[LineItem] = []
        self._shown = _FIRST_MOVES
        self.about = label("", "muted", wrap=True)
        self.lines = LineList("reports-moves-list")
        self.more = LinkButton("", "reports-more-moves", self._on_more)
        self.body.addWidget(self.about)
        self.body.addWidget(self.lines)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def show_moves(self, title: str, about: str, items: list[LineItem]) -> None:
        """List other moves."""
        self.set_title(title)
        for widget in (self, self.area, self.lines):
            widget.setAccessibleName(f"{title}, {about}")
        self.about.setText(about)
        self._items, self._shown = items, _FIRST_MOVES
        self._show()

    def _show(self) -> None:
        self.lines.set_items(self._items[: self._shown])
        left = len(self._items) - self._shown
        self.more.setVisible(left > 0)
        if left > 0:
            self.more.set_text(ntr("and {n} more…", "and {n} more…", left))

    def _on_more(self) -> None:
        self._shown += _MORE_MOVES
        self._show()


class ReportsPage(Page):
    """Stage moves, time in stage and the funnel."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._ready = False
        self._answer: Answer | None = None
        self._behind: Behind | None = None
        self.title = label("", "heading")
        self.report = ChipRow([(key, key) for key in REPORTS], "reports-kind", "")
        self.export_button = ComboButton("", "reports-export", "chip")
        self.days = PeriodBar("reports-period", context.store.zone, context.now, context.remember)
        self.by = ChipRow([(key, key) for key in ("day", "week", "month")], "reports-by", "")
        self.rows = ChipRow([(key, key) for key in ROWS], "reports-rows", "")
        self.pipeline = Switcher("reports-pipeline", look="chip")
        self.team = Switcher("reports-team", look="chip")
        self.person = Switcher("reports-person", look="chip")
        self.chart = ChartCard()
        self.table = GridView("reports-table")
        self.note = label("", "muted", wrap=True)
        self.panel = MovesPanel()
        self.empty = EmptyState("reports-empty", " ", " ", self._on_empty, "reports")
        self.reading = Reading(
            self, context, self._answerable, query.read, self._show,
            tables=_READING, calm=_CALM_MS,
        )  # fmt: skip
        self._build()
        self._connect()
        self._recall()
        self.retranslate()

    def _build(self) -> None:
        filters = QWidget()
        flow = self._flow = FlowLayout(filters, theme.S)
        for each in (self.days, self.by, self.pipeline, self.team, self.person):
            flow.addWidget(each)
        self.card = Card("", 0)
        self.card.body.setContentsMargins(1, 1, 1, 1)
        self.card.body.setSpacing(0)
        self._over = QWidget()
        over = QHBoxLayout(self._over)
        over.setContentsMargins(theme.M, theme.S, theme.M, 0)
        over.addWidget(self.rows)
        over.addStretch(1)
        self.card.body.addWidget(self._over)
        self.card.body.addWidget(self.table)
        inside = QWidget()
        inside.setProperty("role", "body")
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.M)
        for widget in (filters, self.chart, self.card, self.note):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.empty, 100)
        self.area = QScrollArea()
        self.area.setObjectName("reports-scroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self._filters = filters
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.area, 1)
        row.addWidget(self.panel)
        self.panel.hide()
        self.empty.hide()

    def _connect(self) -> None:
        self.report.chosen.connect(lambda key: self._on_word("report", key))
        self.by.chosen.connect(lambda key: self._on_word("by", key))
        self.rows.chosen.connect(self._on_rows)
        self.days.changed.connect(self._on_asked)
        self.pipeline.chosen.connect(lambda key: self._on_number("pipeline", key))
        self.team.chosen.connect(self._on_team)
        self.person.chosen.connect(self._on_person)
        self.export_button.set_opens(self._export_menu)
        self.days.listen(self, N_("Reports"))
        self.table.opened.connect(self.list_moves)
        self.table.left.connect(self._close_panel)
        self.panel.closed.connect(self._on_panel_closed)
        self.panel.lines.opened.connect(lambda item: self.context.go("board", item.source))

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, self.report]

    def header_actions(self) -> list[QWidget]:
        return [self.export_button]

    def shows_undo(self) -> bool:
        return False

    def activated(self) -> None:
        if self.reading.is_stale:
            self._read_choices()
            self.refresh()
        self.table.setFocus()

    def show_item(self, item: object) -> None:
        if item in REPORTS:
            self.report.set_value(str(item))
            self._on_word("report", str(item))

    def retranslate(self) -> None:
        self.title.setText(tr("Reports"))
        self.report.setAccessibleName(tr("Reports"))
        self.report.set_texts(
            {"transitions": tr("Stage moves"), "stage-time": tr("Time in stage"),
             "funnel": tr("Funnel")}
        )  # fmt: skip
        self.export_button.set_text(tr("Export"))
        self.days.retranslate()
        self.by.setAccessibleName(tr("Split"))
        self.by.set_texts({"day": tr("By day"), "week": tr("By week"), "month": tr("By month")})
        self.rows.setAccessibleName(tr("Rows"))
        self._name_rows()
        self.area.setAccessibleName(tr("Reports"))
        self.panel.retranslate()
        if self._ready:
            self._read_choices()
        if self._answer is not None:
            self._show(self._answer)

    def _name_rows(self) -> None:
        spans = {"day": tr("Days"), "week": tr("Weeks"), "month": tr("Months")}
        self.rows.set_texts(
            {"periods": spans[self.by.value()], "people": tr("People"), "teams": tr("Teams")}
        )

    # -- what is asked ------------------------------------------------------------------------

    def asked(self) -> Asked:
        """What the page is about now."""
        return Asked(
            self.report.value(), self.days.period(), self.by.value(), self.pipeline.value or None,
            self.person.value or None, self.team.value or None,
        )  # fmt: skip

    def _recall(self) -> None:
        remember = self.context.remember
        for chips, name, known in (
            (self.report, "report", REPORTS),
            (self.by, "by", ("day", "week", "month")),
            (self.rows, "rows", ROWS),
        ):
            kept = remember.text(f"reports/{name}")
            if kept in known:
                chips.set_value(kept)

    def _read_choices(self) -> None:
        found = self.context.ask(choices)
        every = [(_ALL, tr("All pipelines"))] if self.report.value() == "transitions" else []
        lines = [(key, name) for key, name, _ in found.pipelines]
        self.pipeline.set_options([*every, *lines], tr("Pipeline"))
        self.pipeline.setVisible(len(lines) > 1)
        self.team.set_options(found.team_options(tr("All teams")), tr("Team"))
        self.team.setVisible(bool(found.teams))
        self.person.set_options([(_ALL, tr("Everybody")), *found.people], tr("Person"))
        if not self._ready:
            remember = self.context.remember
            first = next((key for key, _, counts in found.pipelines if counts), _ALL)
            self.pipeline.set_value(remember.number("reports/pipeline", first))
            self.team.set_value(remember.number("reports/team"))
            self.person.set_value(remember.number("reports/person"))
            self._ready = True

    def _on_word(self, name: str, key: str) -> None:
        self.context.remember.set(f"reports/{name}", key)
        if name == "report":
            self._read_choices()
        self._on_asked()

    def _on_number(self, name: str, key: Any) -> None:
        self.context.remember.set(f"reports/{name}", int(key))
        self._on_asked()

    def _on_team(self, team: int) -> None:
        self.person.set_value(_ALL)
        self.context.remember.set("reports/person", _ALL)
        self._on_number("team", team)

    def _on_person(self, person: int) -> None:
        self.team.set_value(_ALL)
        self.context.remember.set("reports/team", _ALL)
        self._on_number("person", person)

    def _on_rows(self, rows: str) -> None:
        self.context.remember.set("reports/rows", rows)
        self._close_panel()
        if self._answer is not None:
            self._show(self._answer)

    def _on_asked(self) -> None:
        self._close_panel()
        self.refresh()
        self.address_changed.emit(True)

    def address(self) -> Mapping[str, str]:
        parts = {"report": self.report.value(), "days": self.days.text(), "by": self.by.value()}
        chosen = {
            "pipeline": self.pipeline.value, "team": self.team.value, "person": self.person.value,
        }  # fmt: skip
        return parts | {name: str(value) for name, value in chosen.items() if value}

    def go_to(self, parts: Mapping[str, str]) -> None:
        if parts.get("report") in REPORTS:
            self.report.set_value(parts["report"])
        if parts.get("by") in ("day", "week", "month"):
            self.by.set_value(parts["by"])
        self.days.set_text(parts.get("days", "month"))
        self._read_choices()
        for name, switcher in (
            ("pipeline", self.pipeline), ("team", self.team), ("person", self.person),
        ):  # fmt: skip
            switcher.set_value(number_in(parts, name))
        self._close_panel()
        self.refresh()

    def refresh(self) -> None:
        """Read the report anew; while one reading goes on, another one waits for it."""
        self.reading.refresh()
        if self._answerable() is None:
            self._show_nothing(
                tr("There is no pipeline yet, so no deal has moved."), tr("Make a pipeline")
            )

    def _answerable(self) -> Asked | None:
        """What is asked; nothing while a report of one pipeline has none to be about."""
        self.days.refresh()
        asked = self.asked()
        return asked if asked.report == "transitions" or asked.pipeline_id else None

    # -- what is shown ------------------------------------------------------------------------

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        grid = self._grid(answer)
        report = answer.asked.report
        moves = report == "transitions"
        self._name_rows()
        self.by.setVisible(moves)
        self._over.setVisible(moves)
        if not _has_numbers(answer):
            self._show_nothing(_nothing(report), "" if self._is_year() else tr("This year"))
            return
        self.empty.hide()
        self.card.show()
        self.chart.show()
        self.table.setAccessibleName(self.report.chip(report).text())
        self.table.set_grid(grid)
        self.chart.set_answer(answer)
        self.note.setText(_note(answer))
        self.note.setVisible(bool(self.note.text()))
        self._arrange()
        if self._behind is not None and self.panel.isVisibleTo(self):
            self.list_moves(self._behind)

    def _grid(self, answer: Answer) -> Grid:
        if answer.asked.report == "stage-time":
            return tables.stage_time(answer)
        if answer.asked.report == "funnel":
            return tables.funnel(answer)
        return tables.transitions(answer, self.rows.value())

    def _show_nothing(self, text: str, action: str) -> None:
        self.empty.set_texts(text, action)
        self.empty.show()
        self.card.hide()
        self.chart.hide()
        self.note.hide()

    def _year(self) -> Period:
        return of_year(self.context.store.zone.day_of(self.context.now()))

    def _is_year(self) -> bool:
        return self.days.period() == self._year()

    def _on_empty(self) -> None:
        """The way out of an empty report: a pipeline, else more days."""
        if self._answerable() is None:
            self.context.go("settings", "pipelines")
        else:
            self.days.set_period(self._year())

    # -- the moves behind a number ------------------------------------------------------------

    def list_moves(self, behind: Behind) -> None:
        """Open the panel with the moves that a number counts."""
        self._behind = behind
        self.context.read(
            query.moves, self.asked(), behind, now=self.context.now(),
            done=self._show_moves, key="reports-moves",
        )  # fmt: skip

    def _show_moves(self, found: list[Move]) -> None:
        if self._behind is None:
            return
        zone, now = self.context.store.zone, self.context.now()
        one_stage = self._behind.stage_id is not None
        items = [
            LineItem(
                move.line.deal, "" if one_stage else f"→ {move.stage}",
                " · ".join(filter(None, (formats.moment(zone, move.line.at, now), move.person))),
                source=move.line.deal_id,
            )
            for move in found
        ]  # fmt: skip
        period = self.asked().period
        about = days_text(period.first_day, period.last_day)
        if self._behind.first_day is not None:
            about = tables.bucket_text(self._behind.first_day, self.by.value())
        if one_stage and found:
            about = f"{found[0].stage} · {about}"
        title = ntr("{n} move", "{n} moves", len(items))
        if len(items) > query.MOST_MOVES:
            title = tr("The latest {n} moves", n=formats.whole(len(items)))
        self.panel.show_moves(title, about, items)
        self.panel.show()
        QTimer.singleShot(0, self, self._arrange)

    def _close_panel(self) -> None:
        if self.panel.isVisibleTo(self):
            self.panel.close_panel()

    def _on_panel_closed(self) -> None:
        self._behind = None
        self.table.setFocus()
        QTimer.singleShot(0, self, self._arrange)

    # -- the rest -----------------------------------------------------------------------------

    def _export_menu(self) -> Any:
        period = self.days.period()
        days = days_text(period.first_day, period.last_day).replace(formats.NO_BREAK, " ")
        name = self.report.chip(self.report.value()).text()
        return save_menu(self.context, self.export_button, "reports-export-menu",
                         f"{name} {days}", self._sheet)  # fmt: skip

    def _sheet(self) -> Any:
        assert self._answer is not None
        return tables.sheet(self._answer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The table as high as its rows if the chart then fits above it, else it scrolls."""
        self.table.fit()
        room = self.area.viewport().height() - 4 * theme.M - 4
        room -= self._flow.heightForWidth(self._filters.width())
        room -= self._over.sizeHint().height() if self._over.isVisibleTo(self) else 0
        room -= self.note.sizeHint().height() + theme.M if self.note.isVisibleTo(self) else 0
        low = min(_CHART_LOW, self.chart.full_height())
        rows = min(self.table.full_height(), max(room - low, theme.ROW_HEIGHT * 5))
        self.table.setFixedHeight(rows)
        most = min(self.chart.full_height(), _CHART_HIGH)
        self.chart.setFixedHeight(min(max(room - rows, _CHART_LOW), most))


def _has_numbers(answer: Answer) -> bool:
    if answer.asked.report == "funnel":
        return answer.funnel is not None and answer.funnel.created > 0
    if answer.asked.report == "stage-time":
        return any(row.moves_out or row.now_in_stage for row in answer.times)
    return bool(answer.transitions)


def _nothing(report: str) -> str:
    if report == "funnel":
        return tr("No deals were created in this period. Choose other days, or everybody.")
    return tr("Nothing has moved in this period. Choose other days, or everybody.")


def _note(answer: Answer) -> str:
    """What the numbers mean, in one line."""
    if answer.asked.report == "funnel" and answer.funnel is not None:
        created = ntr("{n} deal was created", "{n} deals were created", answer.funnel.created)
        how = tr("Reached: this stage or a later one, up to now; a lost deal counts as far as it "
                 "came.")  # fmt: skip
        return f"{created}. {how}"
    if answer.asked.report == "stage-time":
        return tr("Days of the stays that ended in this period with a move to another stage.")
    return ""
