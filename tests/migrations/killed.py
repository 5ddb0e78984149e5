"""Upgrade a workspace and die at statement N: ``killed.py WORKSPACE BACKUPS REVISIONS N``."""

import os
import signal
import sys
from pathlib import Path

from salesdesk.models import migrate, sqlite


def main(workspace: str, backups: str, revisions: str, at: str) -> None:
    """Count the statements of every connection; at the last one there is no more time."""
    left = int(at)
    connect = sqlite.connect

    def count(_statement: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(path: Path, *, read_only: bool = False) -> sqlite.Connection:
        connection = connect(path, read_only=read_only)
        connection.set_trace_callback(count)
        return connection

    sqlite.connect = counted
    migrate.upgrade(
        Path(workspace),
        1_700_000_000_000_000,
        folder=Path(backups),
        more_versions=(Path(revisions),),
        newest=2,
    )
    print(int(at) - left)


if __name__ == "__main__":
    main(*sys.argv[1:])
