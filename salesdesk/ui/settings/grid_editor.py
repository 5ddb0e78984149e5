"""The field in which a number of a grid is typed."""

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets.kinds import Kind

#: The role that says what of a paste could not be read.
MARKED = int(Qt.ItemDataRole.UserRole) + 1

_Index = QModelIndex | QPersistentModelIndex
_ENDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class NumberDelegate(QStyledItemDelegate):
    """Judges while one types; what is not valid does not leave the field.

    ``judged(text)`` says what is wrong, or nothing; ``ended(right, down)`` where Enter (down) and
    Tab (right), with Shift the other way, lead when the number is taken; ``refused(cell, text,
    why)`` what was left in the field, not valid, when the mouse went elsewhere.
    """

    judged = Signal(str)
    ended = Signal(int, int)
    refused = Signal(QModelIndex, str, str)

    def __init__(self, kind: Kind, parent: QObject) -> None:
        super().__init__(parent)
        self._kind = kind

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        if index.data(MARKED):  # seen on a selected cell too
            painter.save()
            painter.setPen(QPen(theme.current().bad, 1.5))
            painter.drawRect(QRect(option.rect).adjusted(1, 1, -2, -2))
            painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> QLineEdit:
        field = QLineEdit(parent)
        field.setObjectName("settings-grid-editor")
        field.setAccessibleName(str(index.data(Qt.ItemDataRole.AccessibleTextRole) or ""))
        field.setProperty("look", "inline")
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.textChanged.connect(lambda _text: self._judge(field))
        return field

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        if not isinstance(editor, QLineEdit):
            return
        text = editor.text()
        wrong = self._read(text)[1]
        self.judged.emit("")
        if wrong:
            self.refused.emit(model.index(index.row(), index.column()), text, wrong)
        else:
            model.setData(index, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(watched, QLineEdit)
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _ENDING
        ):
            if self._read(watched.text())[1]:
                self._judge(watched)
            else:
                self._end(watched, event)
            return True
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.judged.emit("")
        return super().eventFilter(watched, event)

    def _end(self, field: QLineEdit, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = -1 if back or event.key() == Qt.Key.Key_Backtab else 1
        along = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        self.commitData.emit(field)
        self.closeEditor.emit(field, QStyledItemDelegate.EndEditHint.NoHint)
        self.ended.emit(step if along else 0, 0 if along else step)

    def _read(self, text: str) -> tuple[Any, str]:
        try:
            return self._kind.read(text), ""
        except ValueError as error:
            return None, str(error)

    def _judge(self, field: QLineEdit) -> None:
        wrong = self._read(field.text())[1]
        field.setProperty("valid", "false" if wrong else "true")
        field.setAccessibleDescription(wrong)
        field.style().unpolish(field)
        field.style().polish(field)
        self.judged.emit(wrong)
