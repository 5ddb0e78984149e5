"""What this machine remembers: the last workspace, who works in each, and an id of its own.

A small JSON file in the person's configuration folder (under ``SALESDESK_HOME`` when that is set).
It holds choices only: lost, it is made again. The id lies beside it.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from salesdesk.models import places

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one workspace: the person chosen here, and where its backups lie
    (which a damaged file can no longer tell)."""

    person: int | None = None
    backups: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """All that is remembered; ``known`` by the workspace's whole path."""

    last: str | None = None
    known: dict[str, Known] = field(default_factory=dict)


def file() -> Path:
    """Where it is kept."""
    return places.config_folder() / "machine.json"


def load() -> Machine:
    """What is remembered; nothing when there is no file or it makes no sense."""
    try:
        content = json.loads(file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Machine()
    if not isinstance(content, dict):
        return Machine()
    last, known = content.get("last"), content.get("known")
    pairs = known.items() if isinstance(known, dict) else ()
    return Machine(
        last if isinstance(last, str) else None,
        {path: _known(value) for path, value in pairs if isinstance(value, dict)},
    )


def _known(value: dict[str, Any]) -> Known:
    person, backups = value.get("person"), value.get("backups")
    return Known(
        person if isinstance(person, int) else None, backups if isinstance(backups, str) else None
    )


def save(machine: Machine) -> None:
    """Replace what is remembered. Raises ``OSError`` when the folder cannot be written."""
    target = file()
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    content = json.dumps(asdict(machine), ensure_ascii=False, indent=1)
    beside.write_text(content, encoding="utf-8")
    beside.replace(target)


def last_workspace() -> Path | None:
    """The workspace opened last on this machine, whether or not it still exists."""
    last = load().last
    return Path(last) if last else None


def known(path: Path) -> Known:
    """What is remembered of the workspace at ``path``."""
    return load().known.get(_key(path), Known())


def remember_opened(path: Path, backups: Path | None = None) -> None:
    """``path`` is the workspace to open next time."""
    machine, before = load(), known(path)
    now = Known(before.person, str(backups) if backups else before.backups)
    save(Machine(_key(path), machine.known | {_key(path): now}))


def remember_person(path: Path, person: int | None) -> None:
    """Who works in the workspace at ``path`` on this machine."""
    machine, before = load(), known(path)
    save(Machine(machine.last, machine.known | {_key(path): Known(person, before.backups)}))


def computer() -> str:
    """An id of this machine, made at random when it is first asked for: names of computers change,
    and two may have the same one. Where none can be kept, its name stands for it."""
    import platform

    target = file().with_name("computer")
    try:
        if found := _id_in(target):
            return found
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"{target.name}.{os.getpid()}")
        beside.write_text(os.urandom(16).hex(), encoding="ascii")
        beside.replace(target)
    except OSError:
        return platform.node()
    return _id_in(target) or platform.node()


def _id_in(target: Path) -> str:
    """What stands there; nothing where it is no id."""
    try:
        found = target.read_bytes().strip().decode("ascii", "replace")
    except FileNotFoundError:
        return ""
    return found if len(found) == 32 and _HEX.issuperset(found) else ""


def _key(path: Path) -> str:
    return str(path.resolve())
