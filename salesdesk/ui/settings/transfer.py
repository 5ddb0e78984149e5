"""The whole configuration as a file: saved, and taken in as one command."""

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from salesdesk.errors import Invalid, SalesDeskError
from salesdesk.text import N_, ntr, tr
from salesdesk.ui.context import Context

_FOLDER = "saving/folder"
_MOST_BYTES = 20_000_000


def save(context: Context, parent: QWidget) -> None:
    """Ask where, and write the configuration there."""
    chosen, _ = QFileDialog.getSaveFileName(
        parent, tr("Export configuration"), _start(context, "configuration.toml"), "TOML (*.toml)"
    )
    if not chosen:
        return
    path = Path(chosen)
    if path.suffix.lower() != ".toml":
        path = path.with_name(f"{path.name}.toml")
    context.remember.set(_FOLDER, str(path.parent))

    def write(reader: Any) -> str:
        from salesdesk.services.configuration import export_configuration

        try:
            path.write_text(export_configuration(reader), encoding="utf-8")
        except OSError as error:
            raise SalesDeskError(
                N_("The configuration was not saved"),
                N_("{file} cannot be written; nothing was changed."),
                file=str(path),
            ) from error
        return path.name

    context.read(write, done=lambda name: context.say(tr("Saved as {file}", file=name)))


def load(context: Context, parent: QWidget) -> None:
    """Ask for a file, and take it in: all of it or nothing."""
    chosen, _ = QFileDialog.getOpenFileName(
        parent, tr("Import a configuration"), _start(context, ""), "TOML (*.toml)"
    )
    if not chosen:
        return
    path = Path(chosen)
    context.remember.set(_FOLDER, str(path.parent))
    try:
        content = _read(path)
    except SalesDeskError as error:
        context.fail(error)
        return
    from salesdesk.services.configuration import import_configuration

    context.write(import_configuration, content, origin="window", say=_said)


def _said(imported: Any) -> str:
    if imported.command_id is None:
        return tr("The file says what is set already; nothing was changed.")
    n = sum(imported.changed.values())
    return ntr("Configuration imported: {n} change", "Configuration imported: {n} changes", n)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Invalid(N_("{file} is too large for a configuration."), file=path.name)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Invalid(N_("{file} cannot be read; nothing was changed."), file=path.name) from error
    except UnicodeDecodeError as error:
        raise Invalid(
            N_("{file} is not a text file in UTF-8; nothing was changed."), file=path.name
        ) from error


def _start(context: Context, file: str) -> str:
    folder = context.remember.text(_FOLDER)
    return str(Path(folder) / file) if folder and Path(folder).is_dir() else file
