"""The process that reads foreign spreadsheets and pages: it may fail, the program may not.

Started by ``reader`` as ``python -m salesdesk.services.exchange.child ORDER`` with an order in
JSON. Sets its own limits of memory and processor time, reads with openpyxl (read-only, XML through
defusedxml) or lxml, and writes the records to standard output as CSV, each with its row number in
front, then one line of JSON: what was found, or the error (an ``N_`` text and its values).
"""

import csv
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from salesdesk.text import N_

Record = tuple[int, list[str]]
_DAMAGED = N_("The spreadsheet is damaged or incomplete: save it again and import that.")
_NO_MEMORY = N_("The file needs too much memory: save it as CSV and import that.")
_NO_TABLE = N_("The file holds no table.")
_BREAK = "\ue000"


class _Refusal(Exception):
    """What is wrong with the file: an ``N_`` text and its values."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


def main() -> int:
    """Read what the order on the command line names."""
    order = json.loads(sys.argv[1])
    _limit(order["memory"], order["seconds"])
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="")
    writer = csv.writer(out)
    report: dict[str, Any]
    try:
        report = _READERS[order["kind"]](order, writer)
    except _Refusal as refusal:
        report = {"error": refusal.message, "values": refusal.values}
    except (MemoryError, RecursionError):
        report = {"error": _NO_MEMORY}
    except Exception:  # noqa: BLE001 - readers of damaged files raise anything; the file is at fault
        report = {"error": _DAMAGED}
    out.write("\n" + json.dumps(report) + "\n")
    out.flush()
    return 0


def _limit(memory: int, seconds: float) -> None:
    """Bound this process where the system can (Windows has the parent's time limit alone)."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, int(seconds) + 1)):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))


def _write(found: Iterator[Record], writer: Any, order: dict[str, Any]) -> None:
    """Write records that hold something, refusing too many rows or columns."""
    count = 0
    for number, cells in found:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        count += 1
        if number > max(order["rows"], 1_048_576) or count > order["rows"] + 1:
            raise _Refusal(
                N_("The file has more than {n} rows: split it and import the parts."),
                n=order["rows"],
            )
        if len(cells) > order["columns"] + 1 and count > 1:
            cells = [*cells[: order["columns"]], cells[-1]]  # too long in any case; say so
        writer.writerow([number, *cells])


def _read_workbook(order: dict[str, Any], writer: Any) -> dict[str, Any]:
    _check_archive(order["path"], order["unpacked"])
    os.environ["OPENPYXL_LXML"] = "False"
    import warnings

    import defusedxml.ElementTree  # openpyxl takes it where it is there: it has to be
    import openpyxl
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from salesdesk.services.exchange.sheets import Unsaved, records

    warnings.simplefilter("ignore")
    if not openpyxl.DEFUSEDXML or not defusedxml.ElementTree:
        raise _Refusal(N_("The reader of spreadsheets lacks its protection (defusedxml)."))
    ReadOnlyWorksheet._get_size = _no_size
    file = open(order["path"], "rb")  # noqa: SIM115 - open for as long as this process lives
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheets = [one for one in book.worksheets if one.sheet_state == "visible"] or book.worksheets
    if order["sheet"] is not None:
        sheets = [one for one in book.worksheets if one.title == order["sheet"]]
        if not sheets:
            raise _Refusal(N_("The workbook has no sheet {sheet}."), sheet=order["sheet"])
    for sheet in sheets:
        if any(any(map(str.strip, cells)) for _, cells in records(sheet)):
            unsaved = Unsaved()
            _write(records(sheet, unsaved), writer, order)
            found = {"sheet": sheet.title, "sheets": len(book.worksheets), "damaged": 0}
            return {**found, "unsaved": unsaved.count}
    raise _Refusal(_NO_TABLE)


def _no_size(_: object) -> None:
    """Instead of openpyxl's own: it reads a whole sheet to learn a size that is not needed."""


def _check_archive(path: str, most: int) -> None:
    """Refuse what is no XLSX, and archives that unpack to far too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            size = sum(info.file_size for info in archive.infolist())
            kind = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, EOFError, ValueError):
        raise _Refusal(_DAMAGED) from None
    if b"opendocument" in kind:
        raise _Refusal(N_("This is an OpenDocument file: save it as XLSX or CSV."))
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise _Refusal(N_("This is an archive, not a spreadsheet: unpack it and import the file."))
    if size > most:
        raise _Refusal(N_("The spreadsheet unpacks to more than {n} MB."), n=most // 1_048_576)


def _read_page(order: dict[str, Any], writer: Any) -> dict[str, Any]:
    """The largest table of a page of HTML."""
    from lxml import html

    from salesdesk.services.exchange.decode import decode
    from salesdesk.services.exchange.table import UnreadableFile

    try:
        with open(order["path"], "rb") as file:
            decoded = decode(file.read())
    except UnreadableFile as error:
        raise _Refusal(error.message, **error.values) from None
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    root = html.fromstring(decoded.text.encode("utf-8", "replace"), parser=parser)
    rows_of: dict[Any, list[Any]] = {}
    for row in root.iter("tr"):
        owner = next(row.iterancestors("table"), None)
        if owner is not None:
            rows_of.setdefault(owner, []).append(row)
    if not rows_of:
        raise _Refusal(_NO_TABLE)
    rows = max(rows_of.values(), key=len)
    _write(_page_records(rows), writer, order)
    return {"encoding": decoded.encoding, "sheets": 1, "damaged": decoded.damaged}


def _page_records(rows: list[Any]) -> Iterator[Record]:
    for number, row in enumerate(rows, 1):
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            for line in cell.iter("br"):
                line.tail = _BREAK + (line.tail or "")
            cells.append(_squeezed(cell.text_content()))
            span = cell.get("colspan", "1")
            cells += [""] * (min(int(span), 1000) - 1 if span.isascii() and span.isdigit() else 0)
        yield number, cells


def _squeezed(text: str) -> str:
    """Text as a browser shows it: blanks made one, line breaks where the page has them."""
    lines = (" ".join(line.split()) for line in text.split(_BREAK))
    return "\n".join(lines).strip()


_READERS: dict[str, Callable[[dict[str, Any], Any], dict[str, Any]]] = {
    "xlsx": _read_workbook,
    "html": _read_page,
}

if __name__ == "__main__":
    sys.exit(main())
