"""The import: a table read through a mapping becomes one command, in short transactions.

First a plan (what each row means, given what is known), which is all that a dry run needs; then the
plan is written in slices, so that a person's move never waits behind it. The rules are those of
cli.md, "Rules of the import".
"""

import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from salesdesk.models.store import LongCommand, Reader, Store, Transaction
from salesdesk.services.exchange.columns import Columns, Format, read_columns
from salesdesk.services.exchange.mapping import Mapping
from salesdesk.services.exchange.rejects import Reject
from salesdesk.services.exchange.table import Table

#: Work of one transaction (seconds of the processor) beside an open window, and without one: days
#: that many deals share are then written once for all of them. What the disk takes is left out:
#: smaller transactions would only make it wait more often.
WINDOW_SLICE = 0.004
ALONE_SLICE = 2.0
LEAST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` rows in a phase: ``check``, ``write``, or ``back`` (what was written is
    taken back)."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did (or would do). Counts are of rows: they add up to ``read``.

    ``refused_whole`` says that nothing was imported because rows were rejected and all or nothing
    was asked for. ``open_deals`` are the deals made that stand in an open stage, ``formats`` how
    dates and numbers were found to be written.
    """

    kind: str
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: tuple[Reject, ...]
    created_deals: int = 0
    created_moves: int = 0
    created_clients: int = 0
    created_stages: tuple[str, ...] = ()
    created_people: tuple[str, ...] = ()
    command_id: int | None = None
    dry_run: bool = False
    refused_whole: bool = False
    open_deals: tuple[int, ...] = field(default=(), repr=False)
    formats: tuple[Format, ...] = ()


class Plan(Protocol):
    """What a kind of file is turned into: counts, and writing by slices."""

    created: int
    updated: int
    unchanged: int
    rejects: list[Reject]

    def summary(self) -> dict[str, Any]:
        """Fields of ImportResult beside the counts of rows."""
        ...

    def prepare(self, tx: Transaction) -> None:
        """Write what the rows refer to."""
        ...

    def size(self) -> int:
        """How many steps there are to write."""
        ...

    def write(self, tx: Transaction, start: int, stop: int) -> None:
        """Write steps ``start..stop``."""
        ...

    def finish(self, tx: Transaction) -> None:
        """What can only be written at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What planning needs beside the columns."""

    now: int
    pipeline: str | None


Steps = Generator[Progress, None, ImportResult]


def import_table(
    store: Store,
    table: Table,
    mapping: Mapping,
    *,
    person: int | None,
    now: int,
    pipeline: str | None = None,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    slice_seconds: float = WINDOW_SLICE,
    name: str = "",
) -> Steps:
    """Import; yields Progress, returns ImportResult.

    Raises MappingError for a mapping that does not fit, SalesDeskError when the workspace cannot be
    written; whatever was written is then taken back. Throwing into the generator (a cancel) does
    the same.
    """
    columns = read_columns(table, mapping)
    total = len(table.rows)
    yield Progress("check", 0, total)
    with store.read() as r:
        plan = plan_of(r, columns, Request(now, pipeline))
    yield Progress("check", total, total)
    rejected = tuple(sorted([*columns.rejects, *plan.rejects], key=lambda one: one.row))
    whole = all_or_nothing and bool(rejected)
    if dry_run or whole:
        return _result(columns, plan, rejected, None, dry_run=dry_run, refused_whole=whole)
    if not plan.size():
        return _result(columns, plan, rejected, None)
    detail = json.dumps({"file": name, "rows": plan.created + plan.updated}, ensure_ascii=False)
    command = store.long_command(
        f"import.{mapping.kind}", now=now, person=person, origin="import", detail=detail
    )
    yield from _write(store, command, plan, slice_seconds)
    return _result(columns, plan, rejected, command.id)


def plan_of(r: Reader, columns: Columns, request: Request) -> Plan:
    """The plan of a file of this kind."""
    kind = columns.mapping.kind
    if kind == "deals":
        from salesdesk.services.exchange.plan_deals import DealsPlan

        return DealsPlan(r, columns, request)
    if kind == "moves":
        from salesdesk.services.exchange.plan_moves import MovesPlan

        return MovesPlan(r, columns, request)
    if kind == "tasks":
        from salesdesk.services.exchange.plan_tasks import TasksPlan

        return TasksPlan(r, columns, request)
    from salesdesk.services.exchange.plan_records import RecordsPlan

    return RecordsPlan(r, columns, request)


def run(steps: Steps, progress: Callable[[Progress], object] | None = None) -> ImportResult:
    """Play an import to its end (command line, tests)."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            result: ImportResult = end.value
            return result
        if progress is not None:
            progress(step)


def _write(
    store: Store, command: LongCommand, plan: Plan, slice_seconds: float
) -> Generator[Progress, None, None]:
    """Write the plan in slices of about ``slice_seconds``; on any trouble take all of it back."""
    try:
        with command.transaction() as tx:
            plan.prepare(tx)
        total, done, count = plan.size(), 0, 20
        while done < total:
            yield Progress("write", done, total)
            began = time.thread_time()
            stop = min(total, done + count)
            with command.transaction() as tx:
                plan.write(tx, done, stop)
            spent = max(time.thread_time() - began, 1e-4)
            count = max(
                LEAST_ROWS, min(int((stop - done) * slice_seconds / spent) + 1, count * 2, 5_000)
            )
            done = stop
        with command.transaction(last=True) as tx:
            plan.finish(tx)
        yield Progress("write", total, total)
    except Exception:  # a cancel or a row that cannot be written: the writer takes steps meanwhile
        for done, total in _take_back(store, command):
            yield Progress("back", done, total)
        raise
    except BaseException:
        for _step in _take_back(store, command):
            pass
        raise


def _take_back(store: Store, command: LongCommand) -> Generator[tuple[int, int], None, None]:
    if command.id is not None:
        from salesdesk.services import history

        yield from history.roll_back_steps(store, command.id, command.now)


def _result(
    columns: Columns,
    plan: Plan,
    rejected: tuple[Reject, ...],
    command: int | None,
    *,
    dry_run: bool = False,
    refused_whole: bool = False,
) -> ImportResult:
    counts = (plan.created, plan.updated, plan.unchanged)
    if refused_whole:
        return ImportResult(
            columns.mapping.kind, sum(counts) + len(rejected), 0, 0, sum(counts), rejected,
            dry_run=dry_run, refused_whole=True, formats=columns.formats(),
        )  # fmt: skip
    return ImportResult(
        columns.mapping.kind, sum(counts) + len(rejected), *counts, rejected,
        command_id=command, dry_run=dry_run, formats=columns.formats(), **plan.summary(),
    )  # fmt: skip
