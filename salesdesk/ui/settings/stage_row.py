"""A stage as a line that is edited in place; archived ones below the others, greyed."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services import pipelines, stage_ends, stage_uses
from salesdesk.services.cards import STAGE_COLOURS
from salesdesk.services.pipelines import Stage
from salesdesk.services.stage_rows import MILESTONES
from salesdesk.services.stage_uses import StageUse
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.settings.asks import WIDTH as ASKS
from salesdesk.ui.settings.asks import AsksCell
from salesdesk.ui.settings.cells import Choice, Entry, Steps
from salesdesk.ui.settings.dragging import GRIP
from salesdesk.ui.settings.section import END, Row, heads, inline, words
from salesdesk.ui.settings.stage_end import StageEndForm
from salesdesk.ui.widgets.buttons import Button, ComboButton, IconButton
from salesdesk.ui.widgets.kinds import NumberKind, TextKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, menu, show_under

if TYPE_CHECKING:
    from salesdesk.ui.settings.pipelines import PipelinesSection

KINDS = {"open": N_("In work"), "won": N_("Won"), "lost": N_("Lost")}
COLOURS = {
    "slate": N_("Grey"), "blue": N_("Blue"), "teal": N_("Teal"), "violet": N_("Violet"),
    "orange": N_("Orange"), "pink": N_("Pink"), "amber": N_("Amber"), "green": N_("Green"),
    "red": N_("Red"),
}  # fmt: skip
_KIND, _PROBABILITY, _LIMIT, _MILESTONE = 92, 92, 64, 172
_SWATCH = 34
#: How long a menu takes to go, in milliseconds.
_GONE = 30
#: A section narrower than this tells milestone and requirements in a second line.
ROOMY = 880


def stage_heads(narrow: bool) -> QWidget:
    """The column heads of stages."""
    columns = [("", GRIP), ("", _SWATCH), (tr("Stage"), 0), (tr("Kind"), _KIND),
               (tr("Probability"), _PROBABILITY), (tr("Days, most"), _LIMIT)]  # fmt: skip
    if not narrow:
        columns += [(tr("Counts as"), _MILESTONE), (tr("Asks for"), ASKS)]
    return heads([*columns, ("", END)])


class StageRow(Row):
    """One stage, every field edited in place."""

    def __init__(self, section: "PipelinesSection", key: int) -> None:
        super().__init__(f"settings-stage-{key}")
        self.section, self.key = section, key
        self.stage: Stage
        self._narrow: bool | None = None
        name = self.objectName()
        self.steps = Steps(self)
        self.add_places(self.steps)
        self.colour = Swatch(f"{name}-colour", tr("Colour"))
        self.colour.set_opens(self._colours)
        self.name = Entry(TextKind(True, 80), f"{name}-name", tr("Name of the stage"))
        self.kind = Choice(f"{name}-kind", tr("Kind"), _KIND)
        self.kind.set_options([(kind, tr(text)) for kind, text in KINDS.items()], tr("Kind"))
        self.probability = Entry(NumberKind(0, 100, 0, True, "%"), f"{name}-probability",
                                 tr("Probability, %"), _PROBABILITY)  # fmt: skip
        self.limit = Entry(NumberKind(1, 3650), f"{name}-limit", tr("Time limit in days"), _LIMIT)
        self.milestone = Choice(f"{name}-milestone", tr("Counts as"), _MILESTONE)
        marks: list[tuple[Any, str]] = [(None, "—")]
        marks += [(mark, tr(text)) for mark, text in MILESTONES.items()]
        self.milestone.set_options(marks, tr("Counts as"))
        self.asks = AsksCell(f"{name}-asks", section.own_fields)
        self.more = IconButton("more", tr("Move, archive, merge"), f"{name}-actions",
                               self._on_menu, "quiet")  # fmt: skip
        self.more.setFixedWidth(END)
        for widget in (self.colour, self.name, self.kind, self.probability, self.limit, self.more):
            self.add(widget, 1 if widget is self.name else 0)
        self._second_line()
        self._connect()
        self.set_narrow(section.narrow)

    def _second_line(self) -> None:
        """Where milestone and requirements stand when there is little room."""
        self.second = QWidget()
        row = QHBoxLayout(self.second)
        row.setContentsMargins(theme.S + GRIP + _SWATCH + 3 * theme.XS + 3, 0, theme.S, theme.XS)
        row.setSpacing(theme.XS)
        self._told = [label(text, "small") for text in (tr("Counts as"), tr("Asks for"))]
        self._line = row
        row.addStretch(1)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(1, self.second)

    def set_narrow(self, narrow: bool) -> None:
        """One line, or two where there is little room."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.second.setVisible(narrow)
        pairs = zip(self._told, (self.milestone, self.asks), strict=True)
        for place, (told, cell) in enumerate(pairs):
            if narrow:
                self._line.insertWidget(2 * place, told)
                self._line.insertWidget(2 * place + 1, cell)
            else:
                self.cells.insertWidget(self.cells.count() - 1, cell)
        for before, after in zip(
            (self.limit, self.milestone, self.asks), (self.milestone, self.asks, self.more),
            strict=True,
        ):  # fmt: skip
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self.name.committed.connect(lambda value: self._change("name", value, self.name))
        self.kind.chosen.connect(lambda value: self._change("kind", value))
        self.probability.committed.connect(
            lambda value: self._change("probability", int(value), self.probability)
        )
        self.limit.committed.connect(
            lambda value: self._change("limit_days", None if value is None else int(value),
                                       self.limit)
        )  # fmt: skip
        self.milestone.chosen.connect(lambda value: self._change("milestone", value))
        self.asks.wanted.connect(self._on_asks)

    def fill(self, item: Any) -> None:
        self.stage = stage = item
        self.colour.set_colour(stage.colour)
        self.name.set_value(stage.name)
        self.kind.set_value(stage.kind)
        self.probability.set_value(Decimal(stage.probability))
        self.limit.set_value(None if stage.limit_days is None else Decimal(stage.limit_days))
        self.limit.setPlaceholderText("—")
        self.milestone.set_value(stage.milestone)
        self.asks.set_stage(stage)

    def _on_asks(self, required: tuple[str, ...], percent: int | None) -> None:
        said = tr("Stage {name} changed", name=self.stage.name)
        values = {"required": list(required), "paid_percent": percent}
        self.section.do(pipelines.change_stage, self.key, values, say=said, cell=self)

    def _change(self, field: str, value: Any, cell: Entry | None = None) -> None:
        said = tr("Stage {name} changed", name=self.stage.name)
        self.section.do(pipelines.change_stage, self.key, {field: value}, say=said,
                        cell=cell or self)  # fmt: skip

    def _colours(self) -> Picker:
        options = [
            Option(colour, tr(COLOURS[colour]), icon=_dot(theme.current().stage(colour)))
            for colour in STAGE_COLOURS
        ]
        picker = Picker(options, f"{self.objectName()}-colours", tr("Colour"),
                        self.stage.colour, self.colour)  # fmt: skip
        picker.picked.connect(lambda colour: self._change("colour", colour))
        return picker

    # -- its end --------------------------------------------------------------------------------

    def _on_menu(self) -> None:
        self._read_use(self._show_menu)

    def _read_use(self, done: Callable[[StageUse], object]) -> None:
        """What hangs on the stage: thousands of deals may have to be counted."""
        self.section.context.read(
            stage_uses.use_of, self.key, key=f"{self.objectName()}-use", done=done
        )

    def _show_menu(self, use: StageUse) -> None:
        entries: list[tuple[str, str, Callable[[], object]] | None] = [
            ("archive", tr("Archive…"), lambda: self._after_menu(merge=False)),
            ("merge", tr("Merge into another stage…"), lambda: self._after_menu(merge=True)),
        ]
        if self.steps.can(1):
            entries.insert(0, ("down", tr("Move down"), lambda: self.steps.moved.emit(1)))
        if self.steps.can(-1):
            entries.insert(0, ("up", tr("Move up"), lambda: self.steps.moved.emit(-1)))
        if not use.deals and not use.ever and all(pointer.own for pointer in use.pointers):
            entries += [None, ("remove", tr("Delete the stage"), self._on_remove)]
        made = menu(entries, f"{self.objectName()}-menu", self)
        show_under(made, self.more, right=True)

    def _after_menu(self, merge: bool) -> None:
        """Once the menu has gone and the window has the focus: both would close the form."""
        QTimer.singleShot(_GONE, self, lambda: self._ask_end(merge))

    def _ask_end(self, merge: bool) -> None:
        self._read_use(lambda use: self._show_end(use, merge))

    def _show_end(self, use: StageUse, merge: bool) -> None:
        form = StageEndForm(self.stage, use, self.section.takers(self.stage), merge, self)
        form.given.connect(lambda values: self._on_end(values["to"], merge))
        show_under(form, self.more, right=True)

    def _on_end(self, to: int | None, merge: bool) -> None:
        name = self.stage.name
        if merge:
            self.section.do(stage_ends.merge_stages, self.key, to, cell=self,
                            say=tr("Stage {name} merged", name=name))  # fmt: skip
        else:
            self.section.do(stage_ends.archive_stage, self.key, to, cell=self,
                            say=tr("Stage {name} archived", name=name))  # fmt: skip

    def _on_remove(self) -> None:
        said = tr("Stage {name} deleted", name=self.stage.name)
        self.section.do(pipelines.delete_stage, self.key, say=said, cell=self)


class ArchivedRow(Row):
    """A stage that nothing enters any more: its name, and the way back."""

    def __init__(self, section: "PipelinesSection", key: int) -> None:
        super().__init__(f"settings-archived-{key}")
        self.section, self.key = section, key
        self.stage: Stage
        name = self.objectName()
        self.cells.setContentsMargins(theme.S + GRIP + theme.XS, 2, theme.S, 2)
        self.colour = Swatch(f"{name}-colour", tr("Colour"))
        self.colour.setEnabled(False)
        self.title = words(0, "muted")
        self.back = Button(tr("Bring back"), f"{name}-back", "link", self._on_back)
        self.add(self.colour)
        self.add(self.title, 1)
        self.add(inline(self.back))

    def fill(self, item: Any) -> None:
        self.stage, deals = item
        self.colour.set_colour("slate")
        text = tr("{stage} · archived", stage=self.stage.name)
        if deals:
            text += " · " + ntr("{n} deal stays there", "{n} deals stay there", deals)
        self.title.set_text(text)

    def _on_back(self) -> None:
        said = tr("Stage {name} is back", name=self.stage.name)
        self.section.do(stage_ends.restore_stage, self.key, say=said, cell=self)


class Swatch(ComboButton):
    """A button that shows a stage's colour."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__("", name, "cell")
        self._what, self._colour = what, "slate"
        self.setFixedSize(_SWATCH, 28)

    def set_colour(self, colour: str) -> None:
        """Show a colour by its name."""
        self._colour = colour
        spoken = f"{self._what}: {tr(COLOURS.get(colour, colour))}"
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SWATCH, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            now = theme.current()
            if self.hasFocus() or self.underMouse():
                painter.setPen(now.accent if self.hasFocus() else now.line)
                box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.stage(self._colour))
            painter.drawRoundedRect(QRectF(9, 6, 16, 16), theme.XS, theme.XS)


def _dot(colour: Any) -> QIcon:
    pixmap = QPixmap(QSize(32, 32))
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(2, 2, 12, 12), 3, 3)
    return QIcon(pixmap)
