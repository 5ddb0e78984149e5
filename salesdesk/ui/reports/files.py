"""A report as a file: what it says of itself, and saving it as XLSX, CSV or a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services.report_table import Table
from salesdesk.text import tr
from salesdesk.ui import formats, saving
from salesdesk.ui.context import Context
from salesdesk.ui.reports.filters import Filters
from salesdesk.ui.reports.query import Answer
from salesdesk.ui.widgets.popup import menu


@dataclass(frozen=True, slots=True)
class Shown:
    """The table as it is shown, under its title; ``lines`` say what was asked, ``hidden`` are the
    series of its chart that are switched off."""

    title: str
    table: Table
    lines: tuple[tuple[str, str], ...]
    hidden: frozenset[str] = frozenset()


def asked_lines(answer: Answer, filters: Filters, context: Context) -> tuple[tuple[str, str], ...]:
    """What was asked, line by line."""
    report = answer.report
    whose = ((tr("Pipeline"), filters.pipeline), (tr("Team"), filters.team),
             (tr("Person"), filters.person))  # fmt: skip
    lines = [
        (tr("Report"), tr(report.title)), (tr("What it says"), tr(report.about)),
        (tr("Period"), filters.chain()[0]),
    ]  # fmt: skip
    if "by" in report.takes:
        lines.append((tr("Split"), filters.by.text()))
    lines += [(name, each.text().strip()) for name, each in whose if each.isVisibleTo(filters)]
    lines += filters.own.words()
    lines += [(name, words or tr("Yes")) for name, words in filters.deal_words()]
    made = formats.moment(context.store.zone, context.now(), 0)
    lines.append((tr("Made at"), f"{made}, {context.store.zone.name}"))
    return tuple((name, words.replace(formats.NO_BREAK, " ")) for name, words in lines if words)


def export_menu(
    context: Context, anchor: QWidget, file: str, shown: Callable[[], Shown | None]
) -> QMenu:
    """What a report can be saved as; ``file`` is a name without suffix to begin with."""

    def save(suffix: str) -> None:
        here = shown()
        if here is not None:
            save_as(context, anchor, f"{file}.{suffix}", here)

    entries = (
        ("xlsx", tr("Table as XLSX…"), lambda: save("xlsx")),
        ("csv", tr("Table as CSV…"), lambda: save("csv")),
        ("png", tr("Picture as PNG…"), lambda: save("png")),
    )
    return menu(entries, "reports-export-menu", anchor)


def save_as(context: Context, parent: QWidget, file: str, shown: Shown) -> None:
    """Ask where to save it, and do it by the suffix of ``file``."""
    path = saving.ask_path(context, parent, file)
    if path is None:
        return
    if path.suffix.lower() == ".png":
        from salesdesk.ui.reports import picture

        picture.save(shown, context.store.zone, context.now(), path)
        context.say(tr("Saved as {file}", file=path.name))
        return
    told = saving.colours()

    def write(r: Any) -> int:
        return write_table(r, path, shown, told)

    context.read(write, done=lambda _rows: context.say(tr("Saved as {file}", file=path.name)))


def write_table(r: Any, path: Path, shown: Shown, told: dict[str, tuple[str, str]]) -> int:
    """Write the table by the suffix of ``path``; how many rows."""
    from salesdesk.services import report_files

    about = report_files.Told(shown.title, shown.lines)
    limits = report_files.limits_of(r)
    return report_files.write(path, shown.table, about, r.zone, told, limits)
