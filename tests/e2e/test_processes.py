"""Other processes beside the window: commands that it shows at once, a second start, a crash."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from tests.e2e.desk import (
    CTRL,
    HELD,
    KEY,
    NEW,
    SET,
    SIGNED,
    Desk,
    command,
    environment,
)

# -- commands beside the window -------------------------------------------------------------------


def finish(desk: Desk, running: "subprocess.Popen[str]") -> str:
    """Wait for a command while the window goes on; returns its standard output."""
    desk.until(lambda: running.poll() is not None, 20)
    out, err = running.communicate()
    assert running.returncode == 0, err
    return out


def test_a_move_of_the_command_line_is_shown_within_a_second(desk: Desk) -> None:
    desk.window.open_page("ranking")
    desk.settle()
    points = desk.points("Boris Yudin")
    desk.window.open_page("board")
    deal = desk.deal("Loader overhaul")
    desk.board.view.select([deal])
    out = finish(desk, command(desk.path, "move", str(deal), HELD, "--json", now=desk.clock()))
    assert json.loads(out)["to"] == HELD
    desk.until(lambda: "Loader overhaul" in desk.titles(HELD), 1.0)
    assert "Loader overhaul" not in desk.titles(NEW)
    desk.until(lambda: desk.lane(HELD).model.column.count == 2, 1.0)
    assert desk.board.view.selected_ids() == [deal]
    desk.window.open_page("ranking")
    desk.until(lambda: desk.points("Boris Yudin") == points + 3, 1.0)
    # and back: what the command line undoes is seen on the open ranking
    finish(desk, command(desk.path, "undo", now=desk.clock()))
    desk.until(lambda: desk.points("Boris Yudin") == points, 1.0)


def test_twenty_commands_beside_a_busy_window(desk: Desk) -> None:
    before = moves(desk)
    mine = desk.deal("Service contract")
    desk.board.view.select([mine])
    stages = (SET, HELD, SIGNED, SET, HELD)
    ids = [desk.deal(title) for title in desk.titles(NEW)]
    wanted = [(deal, stage) for stage in stages for deal in ids]
    running: list[subprocess.Popen[str]] = []
    pressed = 0
    with ExitStack() as stack:
        while wanted or running:
            if wanted and len(running) < 2:
                deal, stage = wanted.pop(0)
                moving = command(desk.path, "move", str(deal), stage, now=desk.clock())
                running.append(stack.enter_context(moving))
            for ended in [each for each in running if each.poll() is not None]:
                running.remove(ended)
                _, err = ended.communicate()
                assert ended.returncode == 0, err
            desk.key(KEY.Key_Right if pressed % 2 == 0 else KEY.Key_Left, held=CTRL)
            pressed += 1
            QTest.qWait(40)
    desk.settle()
    assert desk.error() == ("", "")
    by_cli, by_person = (after - old for after, old in zip(moves(desk), before, strict=True))
    assert by_cli == len(stages) * len(ids) == 20
    assert by_person == pressed > 20
    # the window shows what is written
    for name in (NEW, SET, HELD, SIGNED):
        desk.until(lambda name=name: set(desk.titles(name)) == desk.stored(name), 2.0)  # type: ignore[misc]
    assert {desk.deal(title) for title in desk.titles(HELD)} >= set(ids)


def moves(desk: Desk) -> tuple[int, int]:
    """How many moves were made by the command line, and how many by people."""
    sql = "SELECT count(*) FROM stage_move WHERE undone = 0 AND mover_as = ?"
    with desk.store.read() as r:
        return int(r.value(sql, ("cli",))), int(r.value(sql, ("person",)))


def test_a_wrong_command_changes_nothing_in_the_window(desk: Desk) -> None:
    shown = desk.titles(NEW)
    status, err = ended(command(desk.path, "move", str(desk.deal(shown[0])), "No such stage"))
    assert status == 1
    assert "No such stage" in err
    assert len(err.strip().splitlines()) == 1
    desk.settle()
    assert desk.titles(NEW) == shown


# -- a second window ------------------------------------------------------------------------------

_WINDOW = """
import sys
from pathlib import Path
from salesdesk.ui import single

front, listen = single.bring_to_front, single.Single.listen

def told_front(window):
    front(window)
    print("raised", window.isVisible(), flush=True)

def told_listen(self):
    listen(self)
    print("open", flush=True)

single.bring_to_front, single.Single.listen = told_front, told_listen
from salesdesk import app
sys.exit(app.run(Path(sys.argv[1])))
"""
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Starts a window as a process of its own that says "open" and "raised"."""
    begun: list[subprocess.Popen[str]] = []

    def run() -> "subprocess.Popen[str]":
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", _WINDOW, str(path)], stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, env=environment(),
            )
        )  # fmt: skip
        return begun[-1]

    yield run
    for each in begun:
        each.kill()
        each.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit status of a process and what it wrote as errors."""
    _, err = process.communicate(timeout=20)
    return process.returncode, err


def test_a_second_window_raises_the_first_and_ends(path: Path, start: Start) -> None:
    first = start()
    assert said(first) == "open"
    assert ended(command(path)) == (0, "")
    assert said(first) == "raised True"
    assert first.poll() is None


def test_a_killed_window_keeps_nobody_out(path: Path, start: Start) -> None:
    killed = start()
    assert said(killed) == "open"
    killed.kill()
    killed.wait()
    again = start()
    assert said(again) == "open"
    assert ended(command(path)) == (0, "")
    assert said(again) == "raised True"


def test_the_command_line_works_beside_the_window_but_restore_waits(
    path: Path, start: Start, tmp_path: Path
) -> None:
    window = start()
    assert said(window) == "open"
    kept = tmp_path / "kept.salesdesk-backup"
    assert ended(command(path, "backup", "--output", str(kept)))[0] == 0
    status, err = ended(command(path, "restore", str(kept)))
    assert status == 1
    assert err.strip() == "sales.salesdesk is open in a window; close it first."
    assert window.poll() is None
