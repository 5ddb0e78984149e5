"""The panel at the side: what is behind a number, and rulings on what it counts."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.ranking import RankingRow
from salesdesk.services.ranking_explain import Explanation, Line, StageSum
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.ranking import because, words
from salesdesk.ui.widgets.avatar import Avatar
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import ElidedLabel, SectionLabel, label, line
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel

FIRST_LINES, MORE_LINES = 30, 200
_STAGE_ROW = 30


class StageTable(QWidget):
    """Stage, deals, points each, points: how a sum of points comes about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ranking-stages")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.S)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)

    def set_sums(self, sums: Sequence[StageSum]) -> None:
        """Show other sums."""
        while (old := self._grid.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for at, text in enumerate((tr("Stage"), tr("Deals"), "×", tr("Points"))):
            self._put(0, at, text, "small", strong=True)
        self._line(1)
        for place, each in enumerate(sums, 1):
            row = 2 * place
            self._put(row, 0, each.stage)
            self._put(row, 1, formats.whole(each.count))
            self._put(row, 2, formats.decimal(each.each), "muted")
            self._put(row, 3, formats.decimal(each.points))
            self._line(row + 1)
        self.setAccessibleName(", ".join(f"{s.stage} {formats.decimal(s.points)}" for s in sums))

    def _put(self, row: int, column: int, text: str, role: str = "", strong: bool = False) -> None:
        made: ElidedLabel | QWidget
        if column == 0 and row:
            made = ElidedLabel(text, role)
        else:
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            shown = label(text, role)
            shown.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            size = theme.SMALL if strong else theme.BODY
            shown.setFont(theme.font(size, bold=strong, tabular=True))
            made = shown
        made.setMinimumHeight(_STAGE_ROW)
        self._grid.addWidget(made, row, column)

    def _line(self, row: int) -> None:
        self._grid.addWidget(line(), row, 0, 1, 4)


def _ruled(line: Line) -> bool:
    """Whether there is something to decide about a line: a reach, or a ruling to take back."""
    known = None not in (line.deal_id, line.move_id, line.stage_id)
    return known and (line.counts or line.ruling is not None)


class ExplainPanel(SidePanel):
    """``deal_wanted(id)``, ``person_wanted(id, metric)``, ``beside_wanted(metric)``: show that;
    ``ruling_wanted(line, place)``: decide about a reach."""

    deal_wanted = Signal(int)
    person_wanted = Signal(int, str)
    beside_wanted = Signal(str)
    ruling_wanted = Signal(object, QPoint)

    def __init__(
        self, zone: Zone, may_rule: Callable[[int], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__("ranking-explain", "", parent=parent)
        self._zone, self._may_rule = zone, may_rule
        self._items: list[LineItem] = []
        self._shown = FIRST_LINES
        self._about: tuple[int | None, str] | None = None
        self.avatar = Avatar()
        self.who = ElidedLabel()
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.avatar)
        row.addWidget(self.who, 1)
        self.plan = label("", "muted", wrap=True)
        self.stages = StageTable()
        self.section = SectionLabel(" ")
        self.lines = LineList("ranking-lines-list")
        self.nothing = label("", "muted", wrap=True)
        self.more = LinkButton("", "ranking-more-lines", self._on_more)
        self.beside = LinkButton("", "ranking-beside", self._on_beside)
        self.body.addLayout(row)
        self.body.addWidget(self.plan)
        self.body.addWidget(self.stages)
        self.body.addSpacing(theme.XS)
        self.body.addWidget(self.section)
        self.body.addWidget(self.lines)
        self.body.addWidget(self.nothing)
        for link in (self.more, self.beside):
            self.body.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.lines.opened.connect(self._on_opened)
        self.lines.ruling_asked.connect(self.ruling_wanted)

    def about(self) -> tuple[int | None, str] | None:
        """Whose number is shown, and which; None for the team's."""
        return self._about

    def begin(self, person_id: int | None, metric: str) -> None:
        """Another number is coming: forget how far the list was opened."""
        if (person_id, metric) != self._about:
            self._about, self._shown = (person_id, metric), FIRST_LINES
            self.area.verticalScrollBar().setValue(0)

    def show_person(
        self, found: Explanation, row: RankingRow | None, now: int, currency: str
    ) -> None:
        """What a number of a person counts; ``row`` is the person's line, if there is one."""
        metric = found.metric
        self._set_title(because.title(metric, found.total, currency))
        days = because.days(found, self._zone.day_of(now))
        self._set_who(found.person, found.person_id, f"{found.person} · {days}")
        known = row is not None and not metric.startswith(because.STANDING)
        self._set_plan(words.compared(row, metric, currency) if known and row is not None else [])
        self.stages.setVisible(bool(found.stages))
        if found.stages:
            self.stages.set_sums(found.stages)
        may = self._may_rule(found.person_id)
        self._items = [
            because.item(each, metric, self._zone, now, currency, may and _ruled(each))
            for each in found.lines
        ]  # fmt: skip
        self.section.set_text(because.section(metric))
        self.nothing.setText(tr("Nothing in this period."))
        self._show_items(because.counted(found))
        self._set_beside(row, metric)

    def show_team(
        self, rows: Sequence[RankingRow], total: RankingRow, metric: str, days: str, currency: str
    ) -> None:
        """Whose parts make up the number of the last line."""
        value: int | Decimal = total.value(metric)
        self._set_title(because.title(metric, value, currency))
        name = words.name_of(total)
        self._set_who(None, 0, f"{name} · {days}")
        self._set_plan(words.compared(total, metric, currency))
        self.stages.hide()
        parts = [row for row in rows if row.value(metric)]
        parts.sort(key=lambda row: -Decimal(row.value(metric)))
        self._items = [because.person_item(row, metric, currency) for row in parts]
        self.section.set_text(tr("Who it comes from"))
        self.nothing.setText(tr("Nothing in this period."))
        self._show_items(ntr("{n} person", "{n} people", len(parts)))
        self.beside.hide()

    def _set_title(self, text: str) -> None:
        self.set_title(text)
        self.setAccessibleName(text)
        self.area.setAccessibleName(text)

    def _set_who(self, name: str | None, colour: int, text: str) -> None:
        self.avatar.setVisible(name is not None)
        self.avatar.set_person(name, colour)
        self.who.set_text(text)

    def _set_plan(self, lines: list[str]) -> None:
        self.plan.setText("\n".join(lines))
        self.plan.setVisible(bool(lines))

    def _show_items(self, spoken: str) -> None:
        self.lines.set_items(self._items[: self._shown])
        self.lines.setAccessibleName(f"{self.section.accessibleName()}, {spoken}")
        self.lines.setVisible(bool(self._items))
        self.nothing.setVisible(not self._items)
        left = len(self._items) - self._shown
        self.more.setVisible(left > 0)
        if left > 0:
            self.more.set_text(ntr("and {n} more…", "and {n} more…", left))

    def _set_beside(self, row: RankingRow | None, metric: str) -> None:
        said = words.beside(row, metric) if row is not None and metric in words.TITLES else []
        self.beside.setVisible(bool(said))
        if said:
            self.beside.set_text(said[0])

    def _on_beside(self) -> None:
        if self._about is None:
            return
        milestone = words.MILESTONE_OF.get(self._about[1])
        self.beside_wanted.emit(f"{because.STANDING}{milestone}" if milestone else "postponements")

    def _on_more(self) -> None:
        self._shown += MORE_LINES
        self._show_items(ntr("{n} line", "{n} lines", len(self._items)))

    def _on_opened(self, item: LineItem) -> None:
        if isinstance(item.source, RankingRow):
            if item.source.person_id is not None and self._about is not None:
                self.person_wanted.emit(item.source.person_id, self._about[1])
        elif item.source.deal_id is not None:
            self.deal_wanted.emit(item.source.deal_id)
