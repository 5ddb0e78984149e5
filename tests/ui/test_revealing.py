"""What is opened by a key or a button elsewhere scrolls into sight."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from tests.ui.clients_desk import Desk as ClientsDesk
from tests.ui.clients_desk import desk as clients
from tests.ui.deal_desk import ENTER, Desk, desk, story

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)

__all__ = ["clients", "desk", "story"]


def seen(area: QScrollArea, form: QWidget) -> bool:
    """Whether all of it stands in the part of the area that is shown."""
    top = form.mapTo(area.viewport(), QPoint(0, 0)).y()
    return top >= 0 and top + form.height() <= area.viewport().height()


@pytest.mark.parametrize("button", ["deal-task", "deal-note-pill", "deal-payment-add"])
def test_forms_of_a_deal(desk: Desk, button: str) -> None:
    desk.window.resize(340, 520)
    desk.open()
    panel = desk.panel
    form = {
        "deal-task": panel.tasks.form, "deal-note-pill": panel.notes.form,
        "deal-payment-add": panel.payments.form,
    }[button]  # fmt: skip
    panel.area.verticalScrollBar().setValue(0)
    desk.child(button).setFocus()
    QTest.keyClick(desk.child(button), ENTER)
    desk.settle()
    QApplication.processEvents()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert form.isAncestorOf(focus)
    assert seen(panel.area, form)


def test_a_task_of_a_client(clients: ClientsDesk) -> None:
    clients.window.resize(1200, 460)
    clients.click_row("Vector-Agro")
    area, field = clients.panel.area, clients.child("client-task-title")
    assert not seen(area, field)
    clients.press(Qt.Key.Key_T, clients.panel.close_button)
    assert field.hasFocus()
    assert seen(area, field)
