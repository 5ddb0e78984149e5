"""PySide6 6.12.0 on Python 3.11 loses a reference to None on most Qt calls, until Python aborts."""

import sys

import pytest
from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

CALLS = 400
#: Others may take or give back a few references meanwhile.
NOISE = 50


def _call_setters(label: QLabel, line: QLineEdit, bar: QProgressBar, button: QPushButton) -> None:
    label.setText("text")
    label.setAlignment(Qt.AlignmentFlag.AlignRight)
    label.setMinimumSize(QSize(10, 10))
    label.setObjectName("name")
    line.setPlaceholderText("text")
    line.setMaxLength(9)
    line.setText("text")
    bar.setRange(0, 10)
    bar.setValue(5)
    button.setEnabled(True)
    button.setCheckable(True)
    button.setToolTip("text")
    button.setGeometry(QRect(0, 0, 10, 10))
    QObject.setProperty(button, "kind", "text")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal since Python 3.12")
def test_qt_setters_keep_the_references_to_none(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    widgets = QLabel(window), QLineEdit(window), QProgressBar(window), QPushButton(window)
    _call_setters(*widgets)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        _call_setters(*widgets)
    assert sys.getrefcount(None) > before - NOISE, "this PySide6 loses references to None"
