"""The filter of the tasks: a field and two buttons beside the lists, chips in a row below."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services import task_filters
from salesdesk.services.task_filters import TaskFilter
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.filter_parts import Part
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.list_filters import ListFilters

_FIELD_WIDTH = 168


class TaskFilters(QWidget):
    """``bar`` with the field and the buttons at its right end; below it what is chosen.

    ``changed(step)``, ``left()`` as ``ListFilters``.
    """

    changed = Signal(bool)
    left = Signal()

    def __init__(self, context: Context, bar: QWidget, parts: Callable[[], list[Part]]) -> None:
        super().__init__()
        self.setObjectName("tasks-filters")
        self.chips = QWidget(self)
        flow = FlowLayout(self.chips, theme.S)
        self.list = ListFilters(context, "tasks", flow, self.chips, parts, _read)
        self.field, self.more = self.list.field, self.list.more
        self.field.setProperty("look", "inline")
        self.field.setMinimumWidth(_FIELD_WIDTH // 2)
        self.field.setMaximumWidth(_FIELD_WIDTH)
        self._bar = bar
        self.tools = QWidget()
        inside = QHBoxLayout(self.tools)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.S)
        for button in (self.more.button, self.list.saved):
            flow.removeWidget(button)
            inside.addWidget(button)
        inside.addWidget(self.field)
        self._row, self._below = QHBoxLayout(), QHBoxLayout()
        self._row.setSpacing(theme.S)
        self._row.addWidget(bar, 1)
        self._row.addWidget(self.tools)
        self._below.setSpacing(theme.S)
        self._below.addWidget(self.chips, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(self._row)
        column.addLayout(self._below)
        self.list.changed.connect(self._on_changed)
        self.list.left.connect(self.left)
        self._show_row()

    def texts(self) -> dict[str, str]:
        """The filter as texts by name."""
        return self.list.texts()

    def chosen(self) -> TaskFilter:
        """The filter."""
        return task_filters.from_texts(self.texts())

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """Filter by this, without telling."""
        self.list.set_texts(texts)
        self._show_row()

    def drop_people(self) -> None:
        """Whose tasks they are is said elsewhere now."""
        self.list.drop("assignees", "teams")
        self._show_row()

    def refresh_parts(self) -> None:
        """Something else is there to filter by, or has another name."""
        self.more.forget_parts()
        self.more.show_chips()

    def show_selecting(self, selecting: bool) -> None:
        """What can be done with the selected tasks needs the room."""
        self.tools.setVisible(not selecting)

    def _on_changed(self, step: bool) -> None:
        self._show_row()
        self.changed.emit(step)

    def _show_row(self) -> None:
        """The row of chips is there while there are chips."""
        self.chips.setVisible(bool(self.more.texts))

    # -- room -------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """The tools stand below the bar where both have no room beside each other."""
        return QSize(self._bar.minimumSizeHint().width(), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return done

    def _fit(self) -> None:
        wanted = (
            self._bar.minimumSizeHint().width() + theme.L + self.tools.minimumSizeHint().width()
        )
        wide = wanted <= self.width()
        here, there = (self._row, self._below) if wide else (self._below, self._row)
        if here.indexOf(self.tools) < 0:
            there.removeWidget(self.tools)
            if wide:
                here.addWidget(self.tools)
            else:
                here.insertWidget(0, self.tools, 0, Qt.AlignmentFlag.AlignTop)

    def retranslate(self) -> None:
        """Set every text anew."""
        self.list.retranslate(
            tr("Find"), tr("Filter the tasks by title, deal or client"),
            tr("Filter by person, kind, due day, client, stage and more"),
        )  # fmt: skip


def _read(texts: Mapping[str, str]) -> dict[str, str]:
    return task_filters.to_texts(task_filters.from_texts(texts))
