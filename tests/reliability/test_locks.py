"""Locks of the operating system: held by one, gone with their process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from salesdesk.models import lock

_HOLD = """
import sys, time
from pathlib import Path
from salesdesk.models import lock
held = getattr(lock, sys.argv[2])(Path(sys.argv[1]))
print("held" if held is not None else "taken", flush=True)
time.sleep(60)
"""


def _child(path: Path, kind: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path), kind], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.told = child.stdout.readline().strip()  # type: ignore[attr-defined]
    return child


def _end(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


@pytest.mark.parametrize("kind", ["window", "running"])
def test_one_holder_and_none_after_a_kill(kind: str, workspace: Path) -> None:
    child = _child(workspace, kind)
    assert child.told == "held"  # type: ignore[attr-defined]
    assert getattr(lock, kind)(workspace) is None
    _end(child)
    held = getattr(lock, kind)(workspace)
    assert held is not None
    assert getattr(lock, kind)(workspace) is None
    held.release()
    held.release()
    with getattr(lock, kind)(workspace):
        pass


def test_many_users_or_one_alone(workspace: Path) -> None:
    child = _child(workspace, "use")
    with lock.use(workspace), pytest.raises(lock.InUse):
        lock.exclusive(workspace)
    _end(child)
    with lock.exclusive(workspace), pytest.raises(lock.InUse, match="restored or upgraded"):
        lock.use(workspace)


def test_kill_and_take_again(workspace: Path, soak: bool) -> None:
    """No stale lock, however often its holder is killed."""
    for _ in range(100 if soak else 4):
        child = _child(workspace, "window")
        assert child.told == "held"  # type: ignore[attr-defined]
        _end(child)


def test_the_same_workspace_by_another_name(workspace: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.salesdesk"
    link.symlink_to(workspace)
    with lock.exclusive(workspace), pytest.raises(lock.InUse):
        lock.use(link)
