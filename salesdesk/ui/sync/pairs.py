"""The list of a mapping: ours at the left, theirs at the right; a row opens the list to choose."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from salesdesk.services.sync import mapping
from salesdesk.services.sync.mapping import Pair
from salesdesk.services.sync.remote import Structure
from salesdesk.text import N_, tr, trp
from salesdesk.ui import theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.flatlist import FlatList, Index
from salesdesk.ui.widgets.popup import Option, Picker

_HEADS = {
    "person": N_("People"), "pipeline": N_("Pipelines"), "stage": N_("Stages"),
    "lost_reason": N_("Reasons of a loss"),
}  # fmt: skip
#: Why two are thought to be one.
_WHY = {
    "email": N_("same e-mail"), "name": N_("same name"), "meaning": N_("same meaning"),
    "order": N_("by order"), "none": "",
}  # fmt: skip
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Row:
    """A heading (without a pair) or a pair; ``indent`` for the stages of a pipeline."""

    head: str = ""
    pair: Pair | None = None
    indent: bool = False
    off: bool = False


class PairList(FlatList[Row]):
    """``corrected(pair)`` when a person has chosen another far one."""

    corrected = Signal(object)
    row_height = 32

    def __init__(self, name: str, structure: Structure, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._structure = structure
        self._names = mapping.names_of(structure)
        self.setAccessibleName(tr("Mapping"))
        self.opened.connect(self._on_opened)

    def show_pairs(self, pairs: Sequence[Pair]) -> None:
        """Show a mapping: pipelines with their stages, people, reasons."""
        rows: list[Row] = []
        stages: dict[int, list[Pair]] = {}
        for pair in pairs:
            if pair.own.what == "stage":
                stages.setdefault(pair.own.within, []).append(pair)
        for what in ("pipeline", "person", "lost_reason"):
            of_kind = [pair for pair in pairs if pair.own.what == what]
            if of_kind:
                rows.append(Row(tr(_HEADS[what])))
            for pair in of_kind:
                rows.append(Row(pair=pair))
                if what == "pipeline" and pair.far_id:
                    rows += [Row(pair=one, indent=True) for one in stages.get(pair.own.id, ())]
        self.set_items(rows)
        self.viewport().update()

    def is_strong(self, item: Row) -> bool:
        return False

    def spoken(self, item: Row) -> str:
        if item.pair is None:
            return item.head
        return f"{item.pair.own.name} → {self._far(item.pair)}"

    def tip(self, item: Row) -> str | None:
        return self.spoken(item) if item.pair is not None else None

    def _far(self, pair: Pair) -> str:
        if pair.far_id:
            return pair.far_name or pair.far_id
        if pair.own.what == "pipeline":
            return trp("pipeline", "not synced")
        return trp("mapping", "nobody") if pair.own.what == "person" else trp("mapping", "none")

    def paint_row(self, painter: QPainter, rect: QRect, item: Row, active: bool) -> None:
        look = theme.current()
        room = rect.adjusted(theme.S, 0, -theme.S, 0)
        if item.pair is None:
            painter.setFont(theme.font(theme.SMALL, bold=True))
            painter.setPen(look.muted)
            painter.drawText(room.adjusted(0, 6, 0, 0), _LEFT, item.head.upper())
            return
        pair, half = item.pair, room.width() * 4 // 9
        left = room.adjusted(theme.L if item.indent else 0, 0, 0, 0)
        left.setRight(room.left() + half - theme.XL)
        painter.setFont(theme.font(theme.BODY, bold=pair.own.what == "pipeline"))
        painter.setPen(look.text)
        self._draw(painter, left, pair.own.name)
        painter.setPen(look.faint)
        arrow = QRect(room.left() + half - theme.XL, room.top(), theme.XL, room.height())
        painter.drawText(arrow, _LEFT, "→")
        painter.setFont(theme.font(theme.BODY))
        missing = not pair.far_id and pair.own.what in ("stage", "person")
        painter.setPen(look.text if pair.far_id else look.warning if missing else look.muted)
        why = tr(_WHY[pair.why]) if pair.why != "none" else ""
        right = room.adjusted(half, 0, -theme.XL - 110, 0)
        self._draw(painter, right, self._far(pair))
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(look.muted)
        painter.drawText(room.adjusted(0, 0, -theme.XL, 0), _RIGHT, why)
        mark = QRectF(room.right() - 14, room.center().y() - 5, 10, 10)
        icons.paint(painter, "chevron-down", mark, look.muted if active else look.faint)

    @staticmethod
    def _draw(painter: QPainter, rect: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, _LEFT, shown)

    def pressed_at(self, index: Index, where: QPoint) -> None:
        self._on_opened(self.items[index.row()])

    def _on_opened(self, row: Row) -> None:
        if row.pair is not None:
            self.picker(row.pair).popup_at(self._place(row))

    def _place(self, row: Row) -> QPoint:
        rect = self.visualRect(self.model().index(self.items.index(row), 0))
        x = rect.left() + theme.S + (rect.width() - 2 * theme.S) * 4 // 9 - theme.S
        return self.viewport().mapToGlobal(QPoint(x, rect.bottom()))

    def picker(self, pair: Pair) -> "PairPicker":
        """The far ones to choose from for a pair."""
        options = [Option("", self._far(Pair(pair.own, "", "", "none")))]
        options += [Option(key, name) for key, name in self._choices(pair).items()]
        made = PairPicker(options, "sync-pair", tr("Mapping"), pair.far_id, self)
        made.picked.connect(
            lambda far: self.corrected.emit(mapping.chosen(pair, str(far), self._structure))
        )
        return made

    def _choices(self, pair: Pair) -> dict[str, str]:
        """Stages are those of the pipeline that theirs is mapped to, of the same kind."""
        if pair.own.what != "stage":
            return dict(self._names[pair.own.what])
        far = next(
            (row.pair.far_id for row in self.items if row.pair is not None
             and row.pair.own.what == "pipeline" and row.pair.own.id == pair.own.within), "",
        )  # fmt: skip
        return {
            stage.far_id: stage.name
            for pipeline in self._structure.pipelines
            if pipeline.far_id == far
            for stage in pipeline.stages
            if stage.kind == pair.own.kind
        }


class PairPicker(Picker):
    """A pick list at a place of the screen."""

    def popup_at(self, where: QPoint) -> None:
        """Show it there."""
        self.move(where)
        self.show()
