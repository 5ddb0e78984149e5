"""Files that the page asks for, reads and writes: tables, mappings, rejected rows."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QFileDialog, QWidget

from salesdesk.errors import Reason, SalesDeskError
from salesdesk.services.exchange.mapping import Mapping, check_columns, dumps, load_mapping
from salesdesk.services.exchange.rejects import Reject, write_rejects
from salesdesk.services.exchange.table import Table
from salesdesk.text import N_, tr
from salesdesk.ui.imports.draft import ReadFile

TABLES = N_("Tables (*.csv *.txt *.tsv *.xlsx *.xls *.html *.htm);;All files (*)")
MAPPINGS = N_("Mappings (*.toml);;All files (*)")
CSV = N_("CSV (*.csv);;All files (*)")


def ask_to_open(parent: QWidget, kinds: str, run: Callable[[Path], object]) -> None:
    """Ask for a file that exists."""
    name, _ = QFileDialog.getOpenFileName(parent, tr("Choose a file"), "", tr(kinds))
    if name:
        run(Path(name))


def ask_to_save(parent: QWidget, name: str, kinds: str, run: Callable[[Path], object]) -> None:
    """Ask for a file to write."""
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save"), name, tr(kinds))
    if chosen:
        run(Path(chosen))


def path_of(dropped: QMimeData) -> Path | None:
    """The first file that is dragged, if one is."""
    for url in dropped.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None


def mapping_for(path: Path, read: ReadFile | None) -> Mapping:
    """The mapping in a file; raises MappingError when it does not fit what was read."""
    mapping = load_mapping(path)
    if read is not None:
        check_columns(mapping, read.table)
    return mapping


def save_mapping(path: Path, mapping: Mapping) -> None:
    """Write a mapping file; an existing one stays when that fails. Raises SalesDeskError."""
    waiting = path.with_name(path.name + ".part")
    try:
        waiting.write_text(dumps(mapping), encoding="utf-8")
        os.replace(waiting, path)
    except OSError as error:
        waiting.unlink(missing_ok=True)
        raise SalesDeskError(
            N_("Not saved"),
            N_("The file {path} cannot be written: {reason}."),
            path=path,
            reason=Reason(error),
        ) from error


def write_rejected(path: Path, table: Table, rejected: Iterable[Reject]) -> int:
    """Write the rejected rows with their cells; returns how many."""
    wanted = {one.row for one in rejected}
    cells = {row: found for row, found in (*table.rows, *table.spoilt) if row in wanted}
    return write_rejects(path, table.headings, rejected, cells)
