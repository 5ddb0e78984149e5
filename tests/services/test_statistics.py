"""The planner learns how tables have grown, and keeps no samples of values."""

from pathlib import Path

from salesdesk.models.store import Store
from tests.builders import empty_store


def test_after_much_was_written_there_are_statistics_and_no_samples(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store, store.command("fill", now=1) as tx:
        tx.insert("tag", [{"name": f"t{n}", "name_key": f"t{n}"} for n in range(6_000)])
    with Store.open(store.path) as again, again.read() as r:
        assert r.value("SELECT stat FROM sqlite_stat1 WHERE tbl = 'tag' LIMIT 1") is not None
        samples = r.value("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat4'")
        assert not samples or not r.value("SELECT count(*) FROM sqlite_stat4")


def test_another_process_that_writes_is_not_waited_for(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store, Store.open(store.path) as other:
        with store.command("fill", now=1) as tx:
            tx.insert("tag", [{"name": f"t{n}", "name_key": f"t{n}"} for n in range(6_000)])
        with other.command("slow", now=2) as tx:
            tx.insert("tag", [{"name": "x", "name_key": "x"}])
            store.tidy()
        with store.read() as r:
            assert r.value("SELECT count(*) FROM tag") == 6_001
