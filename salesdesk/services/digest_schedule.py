"""What the system's own scheduler is told, so that the digest goes out without an open window.

Pure: program, workspace and times are handed in. Names are quoted as each system wants them.
"""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from salesdesk.errors import Invalid
from salesdesk.moments import Zone
from salesdesk.services import digest_days
from salesdesk.text import N_

CRON, SYSTEMD, WINDOWS = "cron", "systemd", "windows"
_TASK = "SalesDesk digest"
_UNIT = "salesdesk-digest"


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is to run and when: the words of the program, the workspace, the language of the text,
    the time of day (minutes) in the workspace's zone, and the same on this computer's clock now.
    """

    program: tuple[str, ...]
    workspace: str
    language: str
    zone: str
    minute: int
    local_minute: int

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command."""
        return (
            *self.program, "--workspace", self.workspace, "--lang", self.language,
            "digest", "--send",
        )  # fmt: skip


def schedule(
    program: tuple[str, ...],
    workspace: Path,
    language: str,
    minute: int,
    *,
    zone: Zone,
    machine: Zone,
    now: int,
) -> Schedule:
    """The schedule of a workspace on this computer. Raises ``Invalid`` for a path that no such
    line can hold."""
    path = str(workspace)
    for word in (path, *program):
        if any(ord(sign) < 32 for sign in word):
            raise Invalid(N_("The path {path} cannot stand in a schedule."), path=repr(word))
    local = machine.local(digest_days.at(zone, zone.day_of(now), minute))
    here = local.hour * 60 + local.minute
    return Schedule(program, path, language, zone.name, minute, here)


def program_here() -> tuple[str, ...]:
    """How this program is started from outside."""
    here = Path(sys.executable)
    if getattr(sys, "frozen", False):
        return (str(here),)
    script = here.with_name("salesdesk.exe" if os.name == "nt" else "salesdesk")
    return (str(script),) if script.is_file() else (str(here), "-m", "salesdesk")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def cron_line(wanted: Schedule, user: int) -> str:
    """A line for ``crontab -e``; ``user`` is the number of the user whose keyring is asked."""
    bus = f"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{user}/bus"
    command = " ".join(shlex.quote(word) for word in wanted.words).replace("%", r"\%")
    hour, minute = divmod(wanted.local_minute, 60)
    return f"{minute} {hour} * * * {bus} {command}\n"


def systemd_units(wanted: Schedule) -> dict[str, str]:
    """The two files of a timer of the user, by name."""
    command = " ".join(_systemd_word(word) for word in wanted.words)
    return {
        f"{_UNIT}.service": (
            "[Unit]\nDescription=SalesDesk digest\n\n"
            f"[Service]\nType=oneshot\nExecStart={command}\n"
        ),
        f"{_UNIT}.timer": (
            "[Unit]\nDescription=SalesDesk digest every day\n\n"
            f"[Timer]\nOnCalendar=*-*-* {_clock(wanted.minute)}:00 {wanted.zone}\n"
            "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        ),
    }


def _systemd_word(word: str) -> str:
    said = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    plain = said.isascii() and said.replace("/", "").replace("-", "").replace(".", "").isalnum()
    return said if plain else f'"{said}"'


def windows_task(wanted: Schedule) -> str:
    """Lines for PowerShell that make a task of the user."""
    program, *words = wanted.words
    arguments = subprocess.list2cmdline(words)
    return (
        f"$action = New-ScheduledTaskAction -Execute {_powershell(program)}"
        f" -Argument {_powershell(arguments)}\n"
        f"$trigger = New-ScheduledTaskTrigger -Daily -At {_clock(wanted.local_minute)}\n"
        "$settings = New-ScheduledTaskSettingsSet -StartWhenAvailable\n"
        f"Register-ScheduledTask -TaskName {_powershell(_TASK)} -Action $action"
        " -Trigger $trigger -Settings $settings -Force\n"
    )


def _powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
