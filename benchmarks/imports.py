"""An import beside the bare rows it leaves; a person's moves and the frames meanwhile."""

import functools
import random
import threading
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.clock import NOW
from benchmarks.figures import Figure, percentile
from benchmarks.synthetic import FOLDER
from salesdesk.cli import seldom_collected
from salesdesk.models import sqlite
from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store
from salesdesk.services import deals
from salesdesk.services.cards import MoveResult
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.mapping import parse_mapping
from salesdesk.services.exchange.reader import read_table
from salesdesk.services.writer import IMPORT, PERSON, Writer

_MAPPING = """
as = "deals"
pipeline = "Sales"
[columns]
external_id = "id"
title = "title"
owner = "owner"
company = "company"
stage = "stage"
created_at = "created"
closed_at = "closed"
amount = "amount"
[stages]
New = { stage = "New" }
Won = { stage = "Won", kind = "won" }
Lost = { stage = "Lost", kind = "lost" }
"""


def _file(rows: int) -> Path:
    path = FOLDER / f"deals-{rows}.csv"
    rng = random.Random(rows)
    with path.open("w", encoding="utf-8") as file:
        file.write("id,title,owner,company,stage,created,closed,amount\n")
        for n in range(rows):
            made = date(2024, 1, 1) + timedelta(days=rng.randint(0, 700))
            closed = made + timedelta(days=rng.randint(0, 90))
            stage, amount = rng.choice(("Won", "Lost")), rng.randint(1, 9999)
            names = f"X{n},Deal {n},Person {n % 40},Company {n % 900}"
            file.write(f"{names},{stage},{made},{closed},{amount}\n")
    return path


def _empty(name: str) -> Path:
    path = FOLDER / name
    for old in FOLDER.glob(f"{name}*"):
        old.unlink()
    create_workspace(path)
    return path


def _floor(path: Path) -> float:
    """Seconds to write the same rows and indexes by ``executemany`` into a bare file."""
    with Store.open(path) as store, store.read() as r:
        made = [row[0] for row in r.rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
                "AND type IN ('table', 'index') AND name NOT LIKE 'sqlite_%' "
                "AND name NOT LIKE 'search_%'")]  # fmt: skip
        names = [row[0] for row in r.rows("SELECT name FROM sqlite_master WHERE type = 'table' "
                 "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%'")]  # fmt: skip
        rows = {name: r.rows(f"SELECT * FROM {name}") for name in names}
    target = FOLDER / "floor.salesdesk"
    for old in FOLDER.glob("floor.salesdesk*"):
        old.unlink()
    connection = sqlite.create(target)
    sqlite.use_wal(connection)
    connection.execute("PRAGMA foreign_keys = OFF")
    for sql in made:
        connection.execute(sql)
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for name, found in rows.items():
        if found:
            marks = sqlite.rows_in(found[0])
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", found)
    connection.execute("COMMIT")
    spent = time.perf_counter() - began
    connection.close()
    return spent


def figures(rows: int) -> list[Figure]:
    """Lines for an import of so many deals (two moves each), file read included."""
    file = _file(rows)
    path = _empty("import.salesdesk")
    with Store.open(path) as store:
        _furnish(store)
        began = time.perf_counter()
        table, mapping = read_table(file), parse_mapping(_MAPPING)
        steps = importer.import_table(
            store, table, mapping, person=None, now=NOW, slice_seconds=importer.ALONE_SLICE
        )
        with seldom_collected():
            importer.run(steps)
        spent = time.perf_counter() - began
    floor = _floor(path)
    beside, waits = _beside(file)
    p95 = percentile(waits, 0.95)
    return [
        Figure(f"import of {rows:,} deals, {2 * rows:,} moves", f"{spent:.1f} s", f"{floor:.1f} s",
               f"<= 4 x (is {spent / floor:.1f})", spent / floor <= 4),
        Figure("the same beside an open window", f"{beside:.1f} s", f"{floor:.1f} s",
               f"(is {beside / floor:.1f} x)", None),
        Figure("a person's move meanwhile, p95", f"{p95:.1f} ms", f"{len(waits)} moves",
               "<= 16 ms", p95 <= 16),
    ]  # fmt: skip


def _furnish(store: Store) -> None:
    with store.command("init", now=NOW, origin="demo") as tx:
        tx.insert("setting", [{"name": "zone", "value": '"Europe/Moscow"'}])
        [pipeline] = tx.insert("pipeline", [{"name": "Mine", "name_key": "mine"}])
        stages = tx.insert("stage", [
            {"pipeline_id": pipeline, "name": name, "name_key": name, "position": place}
            for place, name in enumerate(("a", "b"))
        ])  # fmt: skip
        ids = tx.insert("deal", [
            {"number": n, "title": f"D{n}", "title_key": "d", "currency": "RUB"}
            for n in range(1, 501)
        ])  # fmt: skip
        tx.insert("stage_move", [
            {"deal_id": deal, "to_stage_id": stages[0], "at": NOW - 9, "recorded_at": NOW}
            for deal in ids
        ])  # fmt: skip


def _move(deal: int, stage: int, store: Store) -> MoveResult:
    return deals.move(store, [deal], stage, person=None, now=NOW)


def _beside(file: Path) -> tuple[float, list[float]]:
    """The import through the window's writer while a person moves deals: seconds, and the
    milliseconds from asking for a move to its durable end."""
    path = _empty("beside.salesdesk")
    waits: list[float] = []
    with Store.open(path) as store:
        _furnish(store)
        writer = Writer(store)
        table, mapping = read_table(file), parse_mapping(_MAPPING)
        began = time.perf_counter()
        job = writer.submit(
            lambda s: importer.import_table(s, table, mapping, person=None, now=NOW), IMPORT
        )
        ended = threading.Event()
        job.add_done_callback(lambda _job: ended.set())
        deal = 0
        while not ended.wait(0.05):
            deal = deal % 500 + 1
            start = time.perf_counter()
            stage = 2 if (len(waits) // 500) % 2 == 0 else 1
            writer.submit(functools.partial(_move, deal, stage), PERSON).result(30)
            waits.append((time.perf_counter() - start) * 1000)
        job.result(1)
        spent = time.perf_counter() - began
        writer.close(5)
    return spent, waits or [0.0]
