"""Folders of this person on this machine; ``SALESDESK_HOME`` puts them all under one."""

import os
from pathlib import Path


def _under_home(name: str) -> Path | None:
    home = os.environ.get("SALESDESK_HOME")
    return Path(home) / name if home else None


def config_folder() -> Path:
    """Where choices of this machine are remembered (not made yet, perhaps)."""
    import platformdirs

    return _under_home("config") or platformdirs.user_config_path("SalesDesk", appauthor=False)


def data_folder() -> Path:
    """Where backups lie, and workspaces unless the person says otherwise."""
    import platformdirs

    return _under_home("data") or platformdirs.user_data_path("SalesDesk", appauthor=False)
