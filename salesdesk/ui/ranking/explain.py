"""The panel at the side: what is behind a number, and rulings on what it counts."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.ranking import RankingRow
from salesdesk.services.ranking_explain import Explanation, Line
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.ranking import because, words
from salesdesk.ui.ranking.stage_sums import StageTable
from salesdesk.ui.widgets.avatar import Avatar
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import ElidedLabel, SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.panel import SidePanel

FIRST_LINES, MORE_LINES = 30, 200
#: Through so many moves (of anybody) those that earned nothing are looked for at first.
FIRST_MOVES = 5_000
PERSON_ROW = 32


def _ruled(line: Line) -> bool:
    """Whether there is something to decide about a line: a reach, or a ruling to take back."""
    known = None not in (line.deal_id, line.move_id, line.stage_id)
    return known and (line.counts or line.ruling is not None)


class ExplainPanel(SidePanel):
    """``deal_wanted(id)``, ``task_wanted(id)``, ``person_wanted(id, metric)``,
    ``beside_wanted(metric)``: show that; ``ruling_wanted(line, place)``: decide about a reach;
    ``more_wanted()``: read again, as deep as ``wanted`` says now."""

    deal_wanted = Signal(int)
    task_wanted = Signal(int)
    more_wanted = Signal()
    person_wanted = Signal(int, str)
    beside_wanted = Signal(str)
    ruling_wanted = Signal(object, QPoint)

    def __init__(
        self, zone: Zone, may_rule: Callable[[int], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__("ranking-explain", "", parent=parent)
        self._zone, self._may_rule = zone, may_rule
        self._limit, self._moves = FIRST_LINES, FIRST_MOVES
        self._about: tuple[int | None, str] | None = None
        self.avatar = Avatar()
        self.who = ElidedLabel()
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.avatar)
        row.addWidget(self.who, 1)
        self.plan = label("", "muted", wrap=True)
        self.stages = StageTable()
        self.people_section = SectionLabel(" ")
        self.people = LineList("ranking-people-list")
        self.people.row_height = PERSON_ROW
        self.section = SectionLabel(" ")
        self.lines = LineList("ranking-lines-list")
        self.nothing = label("", "muted", wrap=True)
        self.more = LinkButton("", "ranking-more-lines", self._on_more)
        self.earlier = LinkButton("", "ranking-earlier-moves", self._on_earlier)
        self.beside = LinkButton("", "ranking-beside", self._on_beside)
        self.body.addLayout(row)
        self.body.addWidget(self.plan)
        self.body.addWidget(self.stages)
        self.body.addSpacing(theme.XS)
        self.body.addWidget(self.people_section)
        self.body.addWidget(self.people)
        self.body.addWidget(self.section)
        self.body.addWidget(self.lines)
        self.body.addWidget(self.nothing)
        for link in (self.more, self.earlier, self.beside):
            self.body.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        for listed in (self.people, self.lines):
            listed.opened.connect(self._on_opened)
        self.lines.ruling_asked.connect(self.ruling_wanted)

    def about(self) -> tuple[int | None, str] | None:
        """Whose number is shown, and which; None for the team's."""
        return self._about

    def begin(self, person_id: int | None, metric: str) -> None:
        """Another number is coming: forget how far the list was opened."""
        if (person_id, metric) != self._about:
            self._about = (person_id, metric)
            self._limit, self._moves = FIRST_LINES, FIRST_MOVES
            self.area.verticalScrollBar().setValue(0)

    def wanted(self) -> tuple[int, int]:
        """How many lines are wanted, and through how many moves to look for those that earn
        nothing."""
        return self._limit, self._moves

    def show_person(
        self, found: Explanation, row: RankingRow | None, now: int, currency: str
    ) -> None:
        """What a number of a person counts; ``row`` is the person's line, if there is one."""
        metric = found.metric
        self._set_who(found.person, found.person_id or 0, found, now)
        known = row is not None and not metric.startswith(because.STANDING)
        self._set_plan(words.compared(row, metric, currency) if known and row is not None else [])
        for widget in (self.people_section, self.people):
            widget.hide()
        may = found.person_id is not None and self._may_rule(found.person_id)
        self._show_found(found, now, currency, {found.person_id: may})
        self._set_beside(row, metric)

    def show_team(
        self,
        found: Explanation,
        rows: Sequence[RankingRow],
        total: RankingRow,
        now: int,
        currency: str,
    ) -> None:
        """Whose parts make up the number of the last line, and everything that it counts."""
        metric = found.metric
        self._set_who(None, 0, found, now, words.name_of(total))
        self._set_plan(words.compared(total, metric, currency))
        parts = [row for row in rows if row.value(metric)]
        parts.sort(key=lambda row: -Decimal(row.value(metric)))
        self.people.set_items([because.person_item(row, metric, currency) for row in parts])
        self.people_section.set_text(tr("Who it comes from"))
        spoken = ntr("{n} person", "{n} people", len(parts))
        self.people.setAccessibleName(f"{self.people_section.accessibleName()}, {spoken}")
        for widget in (self.people_section, self.people):
            widget.setVisible(bool(parts))
        ids = {line.person_id for line in found.lines}
        may = {key: key is not None and self._may_rule(key) for key in ids}
        self._show_found(found, now, currency, may)
        self.beside.hide()

    def _show_found(
        self, found: Explanation, now: int, currency: str, may: Mapping[int | None, bool]
    ) -> None:
        metric = found.metric
        self._set_title(because.title(metric, found.total, currency))
        self.stages.setVisible(bool(found.stages))
        if found.stages:
            self.stages.set_sums(found.stages)
        items = [
            because.item(
                each, metric, self._zone, now, currency,
                may.get(found.person_id or each.person_id, False) and _ruled(each),
            )
            for each in found.lines
        ]  # fmt: skip
        self.section.set_text(because.section(metric))
        self.lines.set_items(items)
        spoken = because.counted(found)
        self.lines.setAccessibleName(f"{self.section.accessibleName()}, {spoken}")
        self.lines.setVisible(bool(items))
        self.nothing.setText(tr("Nothing in this period."))
        self.nothing.setVisible(not items)
        self.more.setVisible(found.more > 0)
        if found.more > 0:
            self.more.set_text(ntr("and {n} more…", "and {n} more…", found.more))
        earlier = because.earlier(found, self._zone, now) if found.more == 0 else ""
        self.earlier.setVisible(bool(earlier))
        self.earlier.set_text(earlier)

    def _set_title(self, text: str) -> None:
        self.set_title(text)
        self.setAccessibleName(text)
        self.area.setAccessibleName(text)

    def _set_who(
        self, name: str | None, colour: int, found: Explanation, now: int, team: str = ""
    ) -> None:
        self.avatar.setVisible(name is not None)
        self.avatar.set_person(name, colour)
        self.who.set_text(f"{name or team} · {because.days(found, self._zone.day_of(now))}")

    def _set_plan(self, lines: list[str]) -> None:
        self.plan.setText("\n".join(lines))
        self.plan.setVisible(bool(lines))

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
        self._limit += MORE_LINES
        self.more_wanted.emit()

    def _on_earlier(self) -> None:
        self._moves *= 10
        self.more_wanted.emit()

    def _on_opened(self, item: LineItem) -> None:
        if isinstance(item.source, RankingRow):
            if item.source.person_id is not None and self._about is not None:
                self.person_wanted.emit(item.source.person_id, self._about[1])
        elif item.source.task_id is not None:
            self.task_wanted.emit(item.source.task_id)
        elif item.source.deal_id is not None:
            self.deal_wanted.emit(item.source.deal_id)
