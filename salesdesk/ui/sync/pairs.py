"""The list of a mapping: ours at the left, theirs at the right; a row opens the list to choose."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from salesdesk.services.sync import mapping
from salesdesk.services.sync.mapping import Pair
from salesdesk.services.sync.remote import FarPipeline, Structure
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
    """A heading, a pair (``indent`` for the stages of a pipeline), or a pipeline that is only
    ``there`` and whether it is ``made`` here."""

    head: str = ""
    pair: Pair | None = None
    indent: bool = False
    there: FarPipeline | None = None
    made: bool = False


class PairList(FlatList[Row]):
    """``corrected(pair)`` when a person has chosen another far one, ``wanted(far_id, made)`` when
    a pipeline that is only there is to be made here, or not."""

    corrected = Signal(object)
    wanted = Signal(str, bool)
    row_height = 32

    def __init__(self, name: str, structure: Structure, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._structure = structure
        self._names = mapping.names_of(structure)
        self.setAccessibleName(tr("Mapping"))
        self.opened.connect(self._on_opened)

    def show_pairs(
        self, pairs: Sequence[Pair], spare: Sequence[FarPipeline] = (), made: Set[str] = frozenset()
    ) -> None:
        """Show a mapping: pipelines with their stages, those that are only there, people,
        reasons."""
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
            if what == "pipeline" and spare:
                rows.append(Row(tr("Pipelines that only the CRM has")))
                rows += [Row(there=one, made=one.far_id in made) for one in spare]
        self.set_items(rows)
        self.viewport().update()

    def is_strong(self, item: Row) -> bool:
        return False

    def spoken(self, item: Row) -> str:
        if item.there is not None:
            return f"{item.there.name} → {_made(item.made)}"
        if item.pair is None:
            return item.head
        return f"{item.pair.own.name} → {self._far(item.pair)}"

    def tip(self, item: Row) -> str | None:
        return None if item.head else self.spoken(item)

    def _far(self, pair: Pair) -> str:
        if pair.far_id:
            return pair.far_name or pair.far_id
        if pair.own.what == "pipeline":
            return trp("pipeline", "not synced")
        return trp("mapping", "nobody") if pair.own.what == "person" else trp("mapping", "none")

    def paint_row(self, painter: QPainter, rect: QRect, item: Row, active: bool) -> None:
        look = theme.current()
        room = rect.adjusted(theme.S, 0, -theme.S, 0)
        if item.head:
            painter.setFont(theme.font(theme.SMALL, bold=True))
            painter.setPen(look.muted)
            painter.drawText(room.adjusted(0, 6, 0, 0), _LEFT, item.head.upper())
            return
        half = room.width() * 4 // 9
        left = room.adjusted(theme.L if item.indent else 0, 0, 0, 0)
        left.setRight(room.left() + half - theme.XL)
        name, far, why, strong = self._words(item)
        painter.setFont(theme.font(theme.BODY, bold=strong))
        painter.setPen(look.text)
        self._draw(painter, left, name)
        painter.setPen(look.faint)
        arrow = QRect(room.left() + half - theme.XL, room.top(), theme.XL, room.height())
        painter.drawText(arrow, _LEFT, "→")
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(look.muted)
        painter.drawText(room.adjusted(0, 0, -theme.XL, 0), _RIGHT, why)
        taken = painter.fontMetrics().horizontalAdvance(why) + theme.S if why else 0
        painter.setFont(theme.font(theme.BODY))
        painter.setPen({"found": look.text, "lacks": look.warning}.get(_tone(item), look.muted))
        self._draw(painter, room.adjusted(half, 0, -theme.XL - taken, 0), far)
        mark = QRectF(room.right() - 14, room.center().y() - 5, 10, 10)
        icons.paint(painter, "chevron-down", mark, look.muted if active else look.faint)

    def _words(self, item: Row) -> tuple[str, str, str, bool]:
        """Ours, theirs, why, and whether it is a pipeline."""
        if item.there is not None:
            return item.there.name, _made(item.made), "", True
        assert item.pair is not None
        why = tr(_WHY[item.pair.why]) if item.pair.why != "none" else ""
        pair = item.pair
        return pair.own.name, self._far(pair), why, pair.own.what == "pipeline"

    @staticmethod
    def _draw(painter: QPainter, rect: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, _LEFT, shown)

    def pressed_at(self, index: Index, where: QPoint) -> None:
        self._on_opened(self.items[index.row()])

    def _on_opened(self, row: Row) -> None:
        if row.pair is not None:
            self.picker(row.pair).popup_at(self._place(row))
        elif row.there is not None:
            self.making(row.there, row.made).popup_at(self._place(row))

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

    def making(self, there: FarPipeline, made: bool) -> "PairPicker":
        """Whether a pipeline that is only there is made here."""
        options = [Option(False, _made(False)), Option(True, _made(True))]
        chooser = PairPicker(options, "sync-pair", tr("Mapping"), made, self)
        chooser.picked.connect(lambda yes: self.wanted.emit(there.far_id, bool(yes)))
        return chooser

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


def _made(made: bool) -> str:
    return tr("is made here, with its stages") if made else trp("pipeline", "not synced")


def _tone(item: Row) -> str:
    """``found``, ``lacks`` (a partner is missed) or nothing."""
    if item.pair is None:
        return "found" if item.made else ""
    if item.pair.far_id:
        return "found"
    return "lacks" if item.pair.own.what in ("stage", "person") else ""


class PairPicker(Picker):
    """A pick list at a place of the screen."""

    def popup_at(self, where: QPoint) -> None:
        """Show it there."""
        self.move(where)
        self.show()
