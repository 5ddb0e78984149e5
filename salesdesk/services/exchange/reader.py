"""Read a table from a file: CSV here, spreadsheets and pages in a child process with limits.

What a file is, its first bytes decide, never its name: Bitrix24's ``.xls`` is a page of HTML.
"""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from salesdesk.errors import Reason
from salesdesk.services.exchange.decode import decode
from salesdesk.services.exchange.delimited import read_delimited
from salesdesk.services.exchange.table import (
    Assembly,
    Found,
    Limits,
    Note,
    Table,
    UnreadableFile,
)
from salesdesk.text import N_

_DEFAULT = Limits()
_HEAD = 8192
_OLD_SPREADSHEET = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00", b"\x09\x04\x06\x00")
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
#: How texts begin that would pass for a table, but are marked up.
_MARKED_UP = (
    (re.compile(rb"<\?xml\s"), "XML"),
    (re.compile(rb"[\[{]\s*\{?\s*\"[^\"]*\"\s*:"), "JSON"),
)
_NO_TABLE = N_("This is a {kind} file, not a table: save it as XLSX or CSV.")
_UNSAVED = N_(
    "Formulas without a saved result: {n}; their cells count as empty. Open the file in the "
    "spreadsheet program, save it and import it again."
)
_NO_MEMORY = N_("The file needs too much memory: save it as CSV and import that.")


def read_table(path: str | Path, *, limits: Limits = _DEFAULT, sheet: str | None = None) -> Table:
    """The table in the file at ``path``; ``sheet`` names the sheet of a workbook (else its first).

    Raises ``UnreadableFile`` with one sentence for whatever is no table: missing, no permission,
    empty, binary, damaged, encrypted, an old ``.xls``, too large, too slow. Nothing is written.
    """
    path = Path(path)
    _check_size(path, limits)
    head = _bytes(path, _HEAD)
    kind = _kind(head, path)
    if kind != "csv":
        return _read_in_child(path, kind, sheet, limits)
    decoded = decode(_bytes(path))
    assembly, delimiter = read_delimited(decoded.text, limits)
    found = Found("csv", decoded.encoding, delimiter, damaged=decoded.damaged)
    return assembly.table(found, _notes(found))


def _check_size(path: Path, limits: Limits) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise UnreadableFile(N_("There is no file {path}."), path=path) from None
    except (OSError, ValueError) as error:
        raise _unopened(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFile(N_("{path} is a folder, not a file."), path=path)
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(N_("{path} is not an ordinary file."), path=path)
    if status.st_size > limits.file_bytes:
        raise UnreadableFile(
            N_("The file has {n} MB; more than {most} MB are not read."),
            n=status.st_size // 1_048_576,
            most=limits.file_bytes // 1_048_576,
        )


def _bytes(path: Path, count: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise _unopened(path, error) from error


def _unopened(path: Path, error: OSError | ValueError) -> UnreadableFile:
    if isinstance(error, PermissionError):
        return UnreadableFile(
            N_("{path} may not be read: no permission, or another program keeps it open."),
            path=path,
        )
    why = Reason(error)
    return UnreadableFile(N_("{path} cannot be opened: {reason}."), path=path, reason=why)


def _kind(head: bytes, path: Path) -> str:
    """``csv``, ``xlsx`` or ``html`` by the first bytes; raises for what is known to be neither."""
    if not head:
        raise UnreadableFile(N_("The file is empty: it has neither a heading nor rows."))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith(_OLD_SPREADSHEET):
        _refuse_old(path)
    for magic, name in _OTHERS:
        if head.startswith(magic):
            raise UnreadableFile(_NO_TABLE, kind=name)
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if plain.startswith(b"<"):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
            raise UnreadableFile(
                N_("This is an XML spreadsheet of an old kind: save it as XLSX or CSV.")
            )
        if any(tag in plain for tag in (b"<table", b"<html", b"<!doctype html", b"<meta")):
            return "html"
    for beginning, name in _MARKED_UP:
        if beginning.match(plain):
            raise UnreadableFile(_NO_TABLE, kind=name)
    return "csv"


def _refuse_old(path: Path) -> None:
    start = _bytes(path, 1_048_576)
    if "EncryptedPackage".encode("utf-16-le") in start:
        raise UnreadableFile(
            N_("The spreadsheet is protected by a password: save it without one and import that.")
        )
    raise UnreadableFile(
        N_("This is a spreadsheet in the old binary format: save it as XLSX or CSV.")
    )


def _notes(found: Found) -> list[Note]:
    if not found.damaged:
        return []
    return [
        Note(
            N_("{n} bytes are no text in {encoding}; rows that need them are refused."),
            (("n", found.damaged), ("encoding", found.encoding)),
        )
    ]


def _child_command(path: Path, kind: str, sheet: str | None, limits: Limits) -> list[str]:
    order = {
        "path": str(path),
        "kind": kind,
        "sheet": sheet,
        "seconds": limits.child_seconds,
        "memory": limits.child_bytes,
        "unpacked": limits.unpacked_bytes,
        "rows": limits.rows,
        "columns": limits.columns,
    }
    module = "salesdesk.services.exchange.child"
    return [sys.executable, "-P", "-m", module, json.dumps(order)]


def _child_environment() -> dict[str, str]:
    package = Path(__file__).resolve().parents[3]
    known = os.environ.get("PYTHONPATH")
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(package), known] if known else [str(package)]),
        "PYTHONIOENCODING": "utf-8",
        "OPENPYXL_LXML": "False",
    }


def _read_in_child(path: Path, kind: str, sheet: str | None, limits: Limits) -> Table:
    """Let the child read; it answers with records as CSV and a last line of JSON."""
    try:
        done = subprocess.run(
            _child_command(path.absolute(), kind, sheet, limits),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=_child_environment(),
            timeout=limits.child_seconds,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(
            N_("Reading the file took longer than {n} s and was stopped: save it as CSV."),
            n=round(limits.child_seconds),
        ) from None
    except OSError as error:
        raise _unopened(path, error) from error
    return _answer(done.stdout, kind, limits)


def _answer(output: bytes, kind: str, limits: Limits) -> Table:
    text = output.decode("utf-8", "replace")
    end = text.rstrip("\r\n").rfind("\n")
    try:
        report = json.loads(text[end + 1 :])
    except ValueError:
        raise UnreadableFile(_NO_MEMORY) from None
    if "error" in report:
        raise UnreadableFile(report["error"], **report.get("values", {}))
    assembly = Assembly(limits)
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    assembly.extend(_numbered(text[: end + 1]))
    found = Found(
        kind, report.get("encoding", ""), "", report.get("sheet", ""), report["damaged"],
        report["sheets"],
    )  # fmt: skip
    notes = _notes(found)
    if found.sheets > 1:
        values = (("sheet", found.sheet), ("n", found.sheets))
        notes.append(Note(N_("Read the sheet {sheet}, one of {n}."), values))
    if report.get("unsaved"):
        notes.append(Note(_UNSAVED, (("n", report["unsaved"]),)))
    return assembly.table(found, notes)


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    for record in csv.reader(io.StringIO(text, newline="")):
        if record:
            yield int(record[0]), record[1:]
