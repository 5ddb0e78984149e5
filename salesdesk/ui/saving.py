"""Saving a table of the screen as a file: asks where, writes it in the background, says it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.popup import menu

if TYPE_CHECKING:
    from salesdesk.services.exporting import Sheet
    from salesdesk.services.report_files import Told
    from salesdesk.services.report_table import Table

Makes = Callable[[], "Sheet"]


def save_menu(context: Context, parent: QWidget, name: str, file: str, makes: Makes) -> QMenu:
    """A menu "CSV…", "XLSX…" that saves what ``makes()`` returns; ``file`` is a name without
    suffix to begin with."""
    return menu(
        [
            ("csv", tr("Table as CSV…"), lambda: save(context, parent, f"{file}.csv", makes)),
            ("xlsx", tr("Table as XLSX…"), lambda: save(context, parent, f"{file}.xlsx", makes)),
        ],
        name,
        parent,
    )


def ask_path(context: Context, parent: QWidget, file: str) -> Path | None:
    """Ask where to save; the suffix is that of ``file``. None when nothing was chosen."""
    suffix = Path(file).suffix
    folder = context.remember.text("saving/folder")
    start = str(Path(folder) / file) if folder and Path(folder).is_dir() else file
    kind = f"{suffix[1:].upper()} (*{suffix})"
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save the file"), start, kind)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() != suffix:
        path = path.with_name(path.name + suffix)
    context.remember.set("saving/folder", str(path.parent))
    return path


def save(context: Context, parent: QWidget, file: str, makes: Makes) -> None:
    """Ask where to save a table, and do it."""
    path = ask_path(context, parent, file)
    if path is None:
        return
    sheet = makes()

    def write(_reader: Any) -> int:
        from salesdesk.services import exporting

        return exporting.write_sheet(path, sheet)

    context.read(write, done=lambda _rows: context.say(tr("Saved as {file}", file=path.name)))


def save_book(context: Context, parent: QWidget, file: str, table: "Table", told: "Told") -> None:
    """Ask where to save a table as a workbook with formats and colours, and do it; ``told`` is for
    its second sheet."""
    path = ask_path(context, parent, file)
    if path is None:
        return
    tints = colours()

    def write(r: Any) -> int:
        from salesdesk.services import report_files

        return report_files.write(path, table, told, r.zone, tints, report_files.limits_of(r))

    context.read(write, done=lambda _rows: context.say(tr("Saved as {file}", file=path.name)))


def colours() -> dict[str, tuple[str, str]]:
    """Ground and text of each level in the light theme, as files want them."""
    look, found = theme.light(), {}
    for level in ("full", "half", "over"):
        tint = look.level(level)
        if tint is not None:
            found[level] = tuple(c.name()[1:].upper() for c in (tint.background, tint.text))
    return {level: (ground, ink) for level, (ground, ink) in found.items()}


def save_drawn(
    context: Context, parent: QWidget, file: str, draws: Callable[[Path], object]
) -> None:
    """Ask where to save what ``draws(path)`` writes, and do it; what it refuses is told."""
    path = ask_path(context, parent, file)
    if path is None:
        return
    try:
        draws(path)
    except SalesDeskError as error:
        context.fail(error)
    else:
        context.say(tr("Saved as {file}", file=path.name))


def must_be_writable(path: Path) -> None:
    """Refuse a file that cannot be written before anything is drawn into it: Qt says little then.

    Raises SalesDeskError.
    """
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise not_saved(path) from error


def not_saved(path: Path) -> SalesDeskError:
    """What is said of a file that could not be written."""
    return SalesDeskError(
        N_("The file was not saved"),
        N_("{file} cannot be written; nothing was changed."),
        file=str(path),
    )
