"""A compressed week of random use, by seeded actions through the widgets.

Whatever a person clicks and types, nothing fails unhandled and the workspace stays whole. ``make
soak`` plays a long one and also holds memory and the time of each turn of the window against what
is promised; here they would only tell how busy the machine is.
"""

import gc
import random
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QFileDialog,
    QLineEdit,
    QWidget,
)

from salesdesk.services import invariants
from salesdesk.text import tr
from salesdesk.ui.context import Problem
from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import CTRL, KEY, NONE, SHIFT, Desk

WEEK_MINUTES = 7 * 24 * 60
ACTIONS, LONG_ACTIONS = 120, 4_000
WORDS = ("anna", "crane", "+7 912", "12500", "call", "kran", "x", "50%", "2026-11-27")
#: What would leave the workspace that is being looked at, or the language this test reads.
LEFT_ALONE = ("who-open", "who-new", "welcome", "language")
#: Opens a menu of Qt that waits in a loop of its own: the one click would never end.
NEVER_ENDS = ("qt_calendar_monthbutton",)
_TURN_MS, _LATE_MS = 4, 24.0


class Hands:
    """Random hands on an open window; the clock goes on with each action."""

    def __init__(self, desk: Desk, seed: int, actions: int) -> None:
        self.desk = desk
        self.rng = random.Random(seed)
        self.minutes = max(1, WEEK_MINUTES // actions)
        self.passed = 0
        self.failures: list[str] = []
        self.told: list[str] = []
        clock = desk.context.now
        desk.context.now = lambda: clock() + self.passed * 60_000_000
        desk.context.problem.connect(self._on_problem)

    def _on_problem(self, problem: Problem) -> None:
        if problem.title == tr("Something went wrong"):
            self.failures.append(problem.details)

    def act(self) -> None:
        """One action, and what follows from it."""
        self.passed += self.minutes
        actions: tuple[Callable[[], None], ...] = (
            self._page, self._click, self._click, self._click, self._keys, self._keys, self._type,
            self._undo, self._find,
        )  # fmt: skip
        action = self.rng.choice(actions)
        self.told.append(f"{action.__name__[1:]} on {self.desk.window.open_key}")
        action()
        QApplication.processEvents()
        if self.rng.random() < 0.3:
            self.desk.settle()
        if self.rng.random() < 0.3:
            self.desk.key(KEY.Key_Escape)

    def _page(self) -> None:
        number = self.rng.randint(1, 9)
        self.desk.key(getattr(KEY, f"Key_{number}"), held=CTRL)

    def _keys(self) -> None:
        key = self.rng.choice((
            KEY.Key_Up, KEY.Key_Down, KEY.Key_Left, KEY.Key_Right, KEY.Key_Return, KEY.Key_Tab,
            KEY.Key_Space, KEY.Key_N, KEY.Key_M, KEY.Key_T, KEY.Key_Slash, KEY.Key_Home,
        ))  # fmt: skip
        self.desk.key(key, held=SHIFT if self.rng.random() < 0.1 else NONE)

    def _type(self) -> None:
        if isinstance(QApplication.focusWidget(), QLineEdit):
            self.desk.type(self.rng.choice(WORDS))
            self.desk.key(KEY.Key_Return)

    def _undo(self) -> None:
        self.desk.key(KEY.Key_Z, held=CTRL if self.rng.random() < 0.7 else CTRL | SHIFT)

    def _find(self) -> None:
        self.desk.key(KEY.Key_K, held=CTRL)
        self.desk.type(self.rng.choice(WORDS[:6]))
        self.desk.settle()
        self.desk.key(self.rng.choice((KEY.Key_Return, KEY.Key_Escape, KEY.Key_Down)))

    def _click(self) -> None:
        found = self._targets()
        if not found:
            return
        widget = self.rng.choice(found)
        self.told[-1] += f": {widget.objectName()}"
        inside = widget.rect().adjusted(2, 2, -2, -2)
        at = QPoint(
            self.rng.randint(inside.left(), max(inside.left(), inside.right())),
            self.rng.randint(inside.top(), max(inside.top(), inside.bottom())),
        )
        self.desk.click_at(widget.mapToGlobal(at))

    def _targets(self) -> list[QWidget]:
        top = QApplication.activePopupWidget() or self.desk.window
        kinds = (QAbstractButton, QAbstractItemView, QLineEdit)
        return [
            widget
            for widget in top.findChildren(QWidget)
            if isinstance(widget, kinds)
            and widget.isVisible()
            and widget.isEnabled()
            and not widget.visibleRegion().isEmpty()
            and not widget.objectName().startswith(LEFT_ALONE + NEVER_ENDS)
        ]


class Turns:
    """How many turns of the window come late."""

    def __init__(self) -> None:
        self.late = self.all = 0
        self._last = time.perf_counter()
        self._timer = QTimer(interval=_TURN_MS)
        self._timer.timeout.connect(self._on_turn)
        self._timer.start()

    def _on_turn(self) -> None:
        now = time.perf_counter()
        self.all += 1
        self.late += (now - self._last) * 1000 > _LATE_MS
        self._last = now

    def stop(self) -> float:
        """The share of late turns."""
        self._timer.stop()
        return self.late / max(1, self.all)


@pytest.fixture(autouse=True)
def nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No dialog of the system, no telephone."""
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_a, **_k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: "")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_a: True)


@pytest.mark.parametrize("seed", [1])
def test_a_week_of_random_use(opened: OpenDesk, seed: int, soak: bool) -> None:
    desk = opened()
    actions = LONG_ACTIONS if soak else ACTIONS
    hands = Hands(desk, seed, actions)
    process: Any = psutil.Process()
    turns, warm = Turns(), 0
    for done in range(actions):
        hands.act()
        assert not hands.failures, f"{hands.told[-6:]}\n{hands.failures[0]}"
        if done == actions // 2:
            gc.collect()
            warm = process.memory_info().rss
    desk.settle()
    late = turns.stop()
    with desk.store.read() as r:
        assert invariants.check(r) == []
    if soak:
        gc.collect()
        grown = process.memory_info().rss / warm - 1
        assert grown <= 0.10, f"memory grew by {grown:.0%} in the second half"
        assert late <= 0.01, f"{late:.2%} of the window's turns came late"
