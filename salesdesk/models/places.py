"""Folders of this person on this machine; ``SALESDESK_HOME`` puts them all under one."""

import os
import sys
from pathlib import Path


def config_folder() -> Path:
    """Where choices of this machine are remembered (not made yet, perhaps)."""
    return _folder("config", ".config")


def data_folder() -> Path:
    """Where backups lie, and workspaces unless the person says otherwise."""
    return _folder("data", ".local/share")


def cache_folder() -> Path:
    """Where what can be made again is kept, so that it need not be."""
    return _folder("cache", ".cache")


def _folder(kind: str, usual: str) -> Path:
    home = os.environ.get("SALESDESK_HOME")
    if home:
        return Path(home) / kind
    if sys.platform == "linux":  # as ``platformdirs``, which would cost a start 4 ms
        given = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
        base = given if os.path.isabs(given) else f"{os.environ.get('HOME', '')}/{usual}"
        if os.path.isabs(base) and base != f"/{usual}":
            return Path(base) / "SalesDesk"
    import platformdirs

    found: Path = getattr(platformdirs, f"user_{kind}_path")("SalesDesk", appauthor=False)
    return found
