"""The office of the tests of rights in a real window with the history and import pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from salesdesk.services.writer import Writer
from salesdesk.ui import theme
from salesdesk.ui.context import Context, Note, Problem
from salesdesk.ui.history.panel import HistoryPage
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.pages import specs
from salesdesk.ui.remember import Remember
from tests.services.office import DAY, NOW, Office

PAGES = ("history", "import")


def _still(page: HistoryPage) -> bool:
    """Whether the page of the history waits for nothing more to gather."""
    return not page._gather.isActive()


class Opened:
    """A window on an office, and what it said."""

    def __init__(self, qtbot: QtBot, office: Office, context: Context) -> None:
        self.qtbot, self.office, self.context = qtbot, office, context
        self.said: list[Note] = []
        self.problems: list[Problem] = []
        context.said.connect(self.said.append)
        context.problem.connect(self.problems.append)
        self.window = MainWindow(context, [spec for spec in specs() if spec.key in PAGES])
        qtbot.addWidget(self.window)
        self.window.resize(1280, 720)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.settle()

    def settle(self) -> None:
        """Until nothing is read or written any more."""
        for _ in range(3):
            QTest.qWait(30)
            page = self.window.findChild(HistoryPage) if isValid(self.window) else None
            if page is not None:
                self.qtbot.waitUntil(partial(_still, page))
            self.qtbot.waitUntil(lambda: self.context.background.pending() == 0)
            self.qtbot.waitUntil(lambda: not self.context.writer.busy())
        QApplication.processEvents()

    def work_as(self, name: str, role: str = "manager") -> None:
        """Another person sits here."""
        self.context.set_person(self.office.ids[name], name, role)
        self.settle()

    @property
    def history(self) -> HistoryPage:
        """The page of the history, opened."""
        self.window.open_page("history")
        page = self.window.page("history")
        assert isinstance(page, HistoryPage)
        self.settle()
        return page

    def child(self, name: str) -> QWidget:
        """A widget by its name, the latest one of it."""
        found = self.window.findChildren(QWidget, name)
        assert found, name
        return found[-1]

    def click(self, name: str) -> None:
        """Press a button."""
        button = self.child(name)
        assert isinstance(button, QAbstractButton), name
        assert button.isVisible(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()


@contextmanager
def opened(qtbot: QtBot, folder: Path) -> Iterator[Opened]:
    """An office in a window, nobody chosen yet."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.install(application, "light")
    with Office.made(folder) as office:
        context = Context(
            office.store, Writer(office.store), lambda: NOW + DAY, Remember(folder / "w.ini")
        )
        made = Opened(qtbot, office, context)
        try:
            yield made
        finally:
            made.settle()
            context.close()
