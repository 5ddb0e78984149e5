"""A digest as files: a picture and a text, written whole or not at all."""

import os
from datetime import date
from pathlib import Path

from salesdesk.services import digest_text
from salesdesk.services.digest import Digest
from salesdesk.services.digest_days import DAYS

_NAMES = {"month": "-month", "month_before": "-month-before"}


def paths(address: str, digest: Digest) -> tuple[Path, Path]:
    """Where picture and text go: into a folder under the day's date, or, where the address names a
    file, always to that one (a screen on the wall shows it)."""
    place, part = Path(address), digest.part
    kind = "" if part.kind == DAYS else _NAMES[part.kind]
    if _is_file(place):
        stem = place.with_name(f"{place.stem}{kind}")
    else:
        stem = place / f"digest-{date.fromordinal(part.day).isoformat()}{kind}"
    return stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.txt")


def folder_of(address: str) -> Path:
    """The folder that an address is, or in which the file that it names lies."""
    place = Path(address)
    return place.parent if _is_file(place) else place


def _is_file(place: Path) -> bool:
    return place.suffix.lower() in (".png", ".txt") and not place.is_dir()


def write(address: str, digest: Digest, png: bytes) -> tuple[Path, Path]:
    """Write both files and tell where they are. Raises ``OSError``; a folder that is not there is
    not made (it may be a drive that is away)."""
    picture, text = paths(address, digest)
    _write_whole(text, (digest_text.plain(digest.text) + "\n").encode("utf-8"))
    _write_whole(picture, png)
    return picture, text


def _write_whole(path: Path, content: bytes) -> None:
    """The old file or the new one, never a part."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
