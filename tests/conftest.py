"""What holds for every test: no screen, nobody's own settings, English, repeatable examples.

``SALESDESK_SOAK=1`` (``make soak``) runs the promises at full size.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SOAK = os.environ.get("SALESDESK_SOAK") == "1"
_home = tempfile.TemporaryDirectory(prefix="salesdesk-tests-")
#: Where memory is a folder, and how much of it must be free: the tests fill a third of that.
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30
_ROOT = "PYTEST_DEBUG_TEMPROOT"


def _isolate() -> None:
    """Before Qt or platformdirs is imported: no screen, and a home of the tests' own."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = os.path.join(_home.name, name.lower())
    os.environ["XDG_RUNTIME_DIR"] = _home.name
    os.environ["SALESDESK_HOME"] = os.path.join(_home.name, "salesdesk")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        if os.environ["QT_QPA_PLATFORM"] == "offscreen":
            os.environ.pop(name, None)


def _spare_the_disk() -> tempfile.TemporaryDirectory[str] | None:
    """Workspaces of the tests lie in memory where there is room: every commit waits for the disk
    otherwise, which proves nothing here (the promises about disks are tried with faults of their
    own). The processes that share out the tests inherit the folder."""
    if SOAK or _ROOT in os.environ or not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return None
    if shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    root = tempfile.TemporaryDirectory(prefix="salesdesk-tests-", dir=_MEMORY)
    os.environ[_ROOT] = root.name
    return root


_isolate()
_root = _spare_the_disk()
# A sixth of the time of the tests would be spent on looking for cycles.
gc.set_threshold(20_000, 50, 100)
_QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=_QUIET,
)
settings.register_profile(
    "soak",
    max_examples=2000,
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=_QUIET,
)
settings.load_profile("soak" if SOAK else "ci")


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether the promises are tried at full size (``make soak``)."""
    return SOAK


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test begins in English, whatever the one before chose."""
    from salesdesk.text import set_language

    set_language("en")
    yield
    set_language("en")
