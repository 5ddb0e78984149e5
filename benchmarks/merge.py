"""Merging two clients with 1,000 deals, beside the bare statement that gives deals another client;
and what is asked while a client is being typed, among as many clients as a large team has."""

import random
from pathlib import Path

from benchmarks.clock import NOW
from benchmarks.figures import Figure, median, percentile, timed
from benchmarks.synthetic import FOLDER
from salesdesk.models import sqlite
from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store
from salesdesk.services import clientlist, duplicates, history, merging
from salesdesk.services.clientlist import ClientFilter
from salesdesk.services.clientnames import index_of
from salesdesk.services.duplicates import Typed

DEALS = 1_000
TIMES = 7


def merge_figures(path: Path) -> list[Figure]:
    """A merge of two clients, one of which has 1,000 deals, and its undo; on a synthetic desk."""
    with Store.open(path) as store:
        stays, gone = _two_clients(store)
        sqlite.checkpoint(store.connection)
        floor = median(timed(lambda: _bare(store, gone), TIMES))
        now = [NOW]
        merges, undos = [], []
        for _ in range(TIMES):
            now[0] += 1_000_000
            done: list[int] = []

            def merge(done: list[int] = done) -> None:
                merged = merging.merge_clients(store, stays, [gone], person=None, now=now[0])
                done.append(merged.command_id)

            def undo(done: list[int] = done) -> None:
                history.undo(store, done[0], person=None, now=now[0])

            merges += timed(merge, 1)
            undos += timed(undo, 1)
    p50 = median(merges)
    return [
        Figure("merge of two clients, 1,000 deals", f"{p50:.0f} ms", f"{floor:.1f} ms",
               "<= 500 ms", p50 <= 500),
        Figure("undo of that merge", f"{median(undos):.0f} ms", f"{floor:.1f} ms", "", None),
    ]  # fmt: skip


def _two_clients(store: Store) -> tuple[int, int]:
    """Two clients; the second gets 1,000 deals, whoever had them."""
    with store.read() as r:
        stays, gone = (row[0] for row in r.rows("SELECT id FROM client ORDER BY id LIMIT 2"))
        deals = [row[0] for row in r.rows("SELECT id FROM deal ORDER BY id LIMIT ?", (DEALS,))]
        others = [row[0] for row in r.rows("SELECT id FROM deal WHERE client_id = ?", (gone,))]
    with store.command("test", now=NOW, origin="cli") as tx:
        tx.update("deal", [{"id": deal, "client_id": stays} for deal in others])
        tx.update("deal", [{"id": deal, "client_id": gone} for deal in deals])
    return stays, gone


def _bare(store: Store, client: int) -> None:
    """The bare statement, committed: 1,000 rows of a table get another client."""
    connection = store.connection
    connection.execute("CREATE TABLE IF NOT EXISTS bare_deal (id INTEGER PRIMARY KEY, client)")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM bare_deal")
    connection.executemany(
        "INSERT INTO bare_deal VALUES (?, ?)", [(key, client) for key in range(1, DEALS + 1)]
    )
    connection.execute("COMMIT")


def typing_figures(count: int) -> list[Figure]:
    """What is asked at a keystroke among so many clients (in the background), and the list."""
    with Store.open(_crowd(count)) as store, store.read() as r:
        index_of(r)
        rng = random.Random(4)
        names = [f"{rng.choice(_FIRST)} {rng.choice(_LAST)}" for _ in range(40)]

        def likely(name: str) -> float:
            return timed(lambda: duplicates.likely(r, Typed(name)), 1)[0]

        def in_title(name: str) -> float:
            return timed(lambda: duplicates.in_title(r, f"Crane for {name}"), 1)[0]

        typed = [likely(name) for name in names]
        titles = [in_title(name) for name in names]
        listed = timed(lambda: clientlist.ids(r, ClientFilter(text="4821"), now=NOW), 7)
        keys = clientlist.ids(r, ClientFilter(), now=NOW)
        rows = timed(lambda: clientlist.rows(r, keys[500:564], now=NOW), 7)
    floor = f"{count:,} clients"
    p95 = percentile(typed, 0.95)
    return [
        Figure("a client being typed: likely duplicates, p95", f"{p95:.1f} ms", floor,
               "<= 16 ms", p95 <= 16),
        Figure("a deal's title being typed, p95", f"{percentile(titles, 0.95):.1f} ms", floor,
               "<= 16 ms", percentile(titles, 0.95) <= 16),
        Figure("clients by digits of a phone", f"{median(listed):.1f} ms", floor, "", None),
        Figure("a page of the list", f"{median(rows):.1f} ms", floor, "<= 16 ms",
               median(rows) <= 16),
    ]  # fmt: skip


_FIRST = ("Vector", "Baltic", "Ural", "Sever", "Agro", "Stroy", "Metall", "Tekhno", "Kama", "Volga")
_LAST = ("Cargo", "Invest", "Servis", "Trade", "Holding", "Proekt", "Les", "Snab", "Mash", "Dom")


def _crowd(count: int) -> Path:
    """A workspace of so many companies, each with a phone."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"crowd-{count}.salesdesk"
    for old in FOLDER.glob(f"{path.name}*"):
        old.unlink()
    create_workspace(path)
    rng = random.Random(count)
    with Store.open(path) as store, store.command("init", now=NOW, origin="demo") as tx:
        tx.insert("setting", [{"name": "zone", "value": '"Europe/Moscow"'}])
        names = [f"{rng.choice(_FIRST)}-{rng.choice(_LAST)} {n}" for n in range(count)]
        ids = tx.insert("client", [
            {"kind": "company", "name": name, "name_key": name.casefold()} for name in names
        ])  # fmt: skip
        phones = [f"79{rng.randrange(10**9):09}" for _ in ids]
        tx.insert("client_contact", [
            {"client_id": key, "kind": "phone", "value": f"+{phone}", "value_key": phone}
            for key, phone in zip(ids, phones, strict=True)
        ])  # fmt: skip
    return path
