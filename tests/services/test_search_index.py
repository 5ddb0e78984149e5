"""The index follows the log: whoever wrote, whatever was taken back, and wherever the file goes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.models import backup, fulltext, indexed
from salesdesk.models.asking import Asking
from salesdesk.models.fulltext import KINDS, Mark
from salesdesk.models.store import Store
from salesdesk.names import key
from salesdesk.services import history, invariants, search
from tests.builders import Desk, empty_store
from tests.services.test_search import ask, catch_up, client, hits, phone


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with empty_store(tmp_path) as store:
        yield Desk(store)


def mark(store: Store) -> Mark:
    with store.read() as r:
        found = fulltext.mark_of(r)
    assert found is not None
    return found


def differing(store: Store) -> int:
    with store.read() as r:
        return indexed.differing(r)


def add_client(store: Store, name: str) -> None:
    with store.command("test", now=1, origin="cli") as tx:
        tx.insert("client", [{"kind": "company", "name": name, "name_key": key(name)}])


def in_index(store: Store, kind: str, word: str) -> list[int]:
    with store.read() as r:
        return [key for part in fulltext.found(r, kind, [word]) for key in part]


def test_every_change_is_followed(desk: Desk) -> None:
    stage, *_ = desk.pipeline("Sales")
    firm = client(desk, "Альфа")
    deal = desk.deal(stage, 1, title="Кровля", client_id=firm)
    person = client(desk, "Иван", "contact", company_id=firm)
    number = phone(desk, person, "79125550142")
    tag = desk.insert("tag", name="Срочно", name_key="срочно")
    link = desk.insert("deal_tag", deal_id=deal, tag_id=tag)

    def found(typed: str) -> list[tuple[str, int]]:
        """The same before and after the index was brought up to date."""
        before = hits(ask(desk, typed))
        catch_up(desk.store)
        assert differing(desk.store) == 0
        assert hits(ask(desk, typed)) == before
        return before

    assert found("альфа") == [("client", firm), ("client", person), ("deal", deal)]
    desk.update("client", firm, name="Бета", name_key="бета")
    assert found("альфа") == []
    assert set(found("бета")) == {("client", firm), ("client", person), ("deal", deal)}
    desk.update("tag", tag, name="Потом", name_key="потом")
    assert found("потом") == [("deal", deal)]
    desk.delete("deal_tag", link)
    assert found("потом") == []
    desk.update("client_contact", number, value="+79990001122", value_key="79990001122")
    assert found("5550142") == []
    assert ("client", person) in found("0001122")
    desk.delete("client_contact", number)
    assert found("0001122") == []
    desk.delete("deal", deal)
    assert found("кровля") == []
    desk.restore("deal", deal)
    assert found("кровля") == [("deal", deal)]
    desk.update("client", person, merged_into_id=firm, deleted_at=desk.clock)
    assert found("иван") == []


def test_undo_and_redo_are_followed(desk: Desk) -> None:
    stage, *_ = desk.pipeline("Sales")
    deal = desk.deal(stage, 1, title="Кровля")
    made = desk.commands[-1]
    catch_up(desk.store)
    for turn, expected in ((history.undo, []), (history.redo, [("deal", deal)])):
        turn(desk.store, made, person=None, now=desk.clock)
        assert hits(ask(desk, "кровля")) == expected
        catch_up(desk.store)
        assert hits(ask(desk, "кровля")) == expected
        assert in_index(desk.store, "deal", "кровля") == [key for _, key in expected]


def test_a_half_done_import_is_found_and_goes_with_its_recovery(desk: Desk) -> None:
    command = desk.store.long_command("import.deals", now=5)
    for start in (0, 40):
        with command.transaction() as tx:
            tx.insert("client", [
                {"kind": "company", "name": f"Гамма {n}", "name_key": f"гамма {n}"}
                for n in range(start, start + 40)
            ])  # fmt: skip
        assert len(in_index(desk.store, "client", "гамма")) == start
        catch_up(desk.store)
    assert len(in_index(desk.store, "client", "гамма")) == 80
    history.recover(desk.store, now=9)
    assert hits(ask(desk, "гамма")) == []
    catch_up(desk.store)
    assert in_index(desk.store, "client", "гамма") == []


def test_another_process_is_followed(desk: Desk) -> None:
    catch_up(desk.store)
    with Store.open(desk.store.path) as other:
        add_client(other, "Дельта")
    assert len(hits(ask(desk, "дельта"))) == 1
    catch_up(desk.store)
    assert len(in_index(desk.store, "client", "дельта")) == 1


def test_what_cannot_be_found_writes_nothing(desk: Desk) -> None:
    first, second, *_ = desk.pipeline("Sales")
    deal = desk.deal(first, 1, title="Кровля")
    catch_up(desk.store)
    before = mark(desk.store), desk.store.data_version()
    for at in range(2, 10):
        desk.move(deal, second if at % 2 else first, at)
    assert list(indexed.catch_up(desk.store)) == []
    assert (mark(desk.store), desk.store.data_version() != before[1]) == (before[0], True)


def test_many_such_lines_move_the_mark_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexed, "IDLE_LINES", 3)
    catch_up(desk.store)
    for n in range(5):
        desk.insert("setting", name=f"x{n}", value="1")
    catch_up(desk.store)
    with desk.store.read() as r:
        assert mark(desk.store).change_id == indexed.newest(r)


@pytest.mark.parametrize("stop_after", range(7))
def test_filling_from_the_tables_goes_on_where_it_was_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr(indexed, "FROM_TABLES", 0)
    monkeypatch.setattr(indexed, "SLICE", 2)
    for n in range(5):
        client(desk, f"Гамма {n}")
    steps = indexed.catch_up(desk.store)
    for _ in range(stop_after):
        next(steps)
    steps.close()
    client(desk, "Гамма 5")  # written while it is being filled
    assert differing(desk.store) == 0
    catch_up(desk.store)
    assert (len(in_index(desk.store, "client", "гамма")), differing(desk.store)) == (6, 0)
    assert mark(desk.store).filling is None


def _drop(store: Store) -> None:
    for table in ("words", "terms"):
        store.connection.execute(f"DROP TABLE search_fts_{table}")
    store.connection.execute("DROP TABLE search_fts")
    store.connection.execute("DROP TABLE search_fts_mark")


def test_a_workspace_of_before_is_filled_by_itself(desk: Desk) -> None:
    client(desk, "Гамма")
    _drop(desk.store)
    assert hits(ask(desk, "гамма")) == []
    assert ask(desk, "гамма").is_partial
    assert differing(desk.store) == 0
    catch_up(desk.store)
    assert len(hits(ask(desk, "гамма"))) == 1
    assert not ask(desk, "гамма").is_partial
    assert (differing(desk.store), mark(desk.store).version) == (0, fulltext.VERSION)


def test_another_way_of_indexing_has_all_indexed_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(desk, "Гамма")
    catch_up(desk.store)
    monkeypatch.setattr(indexed, "VERSION", 99)
    catch_up(desk.store)
    assert (mark(desk.store).version, differing(desk.store)) == (99, 0)


def _damage(store: Store, how: Callable[[fulltext.Writing], Any]) -> None:
    with fulltext.writing(store) as tx:
        how(tx)


@pytest.mark.parametrize(
    "how",
    [
        lambda tx: fulltext.put(tx, "client", [(1, ["гамма", "лишнее"])]),
        lambda tx: fulltext.put(tx, "client", [(1, [])]),
        lambda tx: fulltext.put(tx, "note", [(12, ["нет"])]),
    ],
    ids=["other words", "missing", "left over"],
)
def test_check_finds_and_rebuild_mends(desk: Desk, how: Callable[[fulltext.Writing], Any]) -> None:
    client(desk, "Гамма")
    catch_up(desk.store)
    with desk.store.read() as r:
        assert [one.name for one in invariants.check(r)] == []
    _damage(desk.store, how)
    with desk.store.read() as r:
        assert [one.name for one in invariants.check(r)] == ["full_text"]
    assert invariants.rebuild(desk.store, person=None, now=9)["search_fts"] == 1
    with desk.store.read() as r:
        assert invariants.check(r) == []
    assert len(hits(ask(desk, "гамма"))) == 1


def _empty_and_break(tx: fulltext.Writing) -> None:
    fulltext.empty(tx)
    raise ZeroDivisionError


def test_an_error_leaves_the_index_and_full_durability(desk: Desk) -> None:
    client(desk, "Гамма")
    with pytest.raises(ZeroDivisionError):
        _damage(desk.store, _empty_and_break)
    assert desk.store.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert not desk.store.connection.in_transaction
    catch_up(desk.store)
    assert differing(desk.store) == 0


def test_it_goes_with_the_file(desk: Desk, tmp_path: Path) -> None:
    """Backups and compacting keep it; nothing of it lies open, or beside the file."""
    client(desk, "Zanzibarino")
    catch_up(desk.store)
    kept = backup.write(desk.store.path, tmp_path / "kept.gz", 5).path
    backup.restore(kept, tmp_path / "again.salesdesk", 5)
    with Store.open(tmp_path / "again.salesdesk") as again:
        assert len(in_index(again, "client", "zanzi")) == 1
        assert differing(again) == 0
        again.connection.execute("VACUUM")
        assert differing(again) == 0
        add_client(again, "Zanzibarella")
        catch_up(again)
        assert (len(in_index(again, "client", "zanzi")), differing(again)) == (2, 0)
        again.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        checked = again.connection.execute("PRAGMA integrity_check").fetchall()
    assert checked == [("ok",)]
    assert b"zanzibar" not in (tmp_path / "again.salesdesk").read_bytes().lower()
    beside = {each.name for each in tmp_path.glob("again*")}
    assert beside <= {"again.salesdesk", "again.salesdesk.locks"}


WORDS = ("альфа", "бета", "Гамма", "альт", "Ёж", "ежи", "77", "770", "Перевозка", "перевозками")
_texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
_actions = st.lists(
    st.one_of(
        st.tuples(st.just("client"), _texts),
        st.tuples(st.just("deal"), _texts, st.integers(0, 3)),
        st.tuples(st.just("note"), _texts, st.integers(0, 3)),
        st.tuples(st.just("rename"), _texts, st.integers(0, 5)),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("undo"), st.integers(0, 9)),
        st.tuples(st.just("index"), st.integers(1, 3)),
    ),
    max_size=14,
)


@settings(max_examples=25)
@given(_actions)
def test_found_is_what_stands(tmp_path_factory: pytest.TempPathFactory, actions: list[Any]) -> None:
    """After any commands and however much of them was indexed: found are the records whose words
    begin with what was typed, no more and no fewer."""
    with empty_store(tmp_path_factory.mktemp("law")) as store:
        desk = Desk(store)
        stage, *_ = desk.pipeline("Sales")
        clients, deals, undoable = [client(desk, "альфа")], list[int](), list[int]()
        for action, *values in actions:
            if action == "client":
                clients.append(client(desk, values[0]))
            elif action == "deal":
                owner = clients[values[1] % len(clients)]
                deals.append(desk.deal(stage, 1, title=values[0], client_id=owner))
                undoable.append(desk.commands[-1])
            elif action == "note" and deals:
                deal = deals[values[1] % len(deals)]
                desk.insert("note", deal_id=deal, text=values[0], at=1)
                undoable.append(desk.commands[-1])
            elif action == "rename":
                which = clients[values[1] % len(clients)]
                desk.update("client", which, name=values[0], name_key=key(values[0]))
                undoable.append(desk.commands[-1])
            elif action == "delete" and deals:
                desk.delete("deal", deals[values[0] % len(deals)])
            elif action == "undo" and undoable:
                desk.undo(undoable.pop(values[0] % len(undoable)))
            elif action == "index":
                steps = indexed.catch_up(store)
                for _ in range(values[0]):
                    next(steps, None)
                steps.close()
        with store.read() as r:
            assert indexed.differing(r) == 0
            for typed in (
                "а", "альфа", "еж", "гамма бета", "77", "перевоз", "перевозк", "перевозка",
                "перевозкам", "перевозок", "перевозка альфа",
            ):  # fmt: skip
                assert _found(r, typed) == _standing(r, typed), typed


def _found(r: Any, typed: str) -> set[tuple[str, int]]:
    answer = search.search(r, typed, limit=1_000)
    if answer.is_guess:  # other words than these
        return set()
    return {(hit.kind, hit.id) for group in answer.groups for hit in group.hits}


def _standing(r: Asking, typed: str) -> set[tuple[str, int]]:
    """The slow way, from the tables."""
    parts = fulltext.split(typed)
    gone = {row[0] for row in r.rows("SELECT id FROM deal WHERE deleted_at IS NOT NULL")}
    of: dict[int, int] = dict(r.rows("SELECT id, deal_id FROM note"))
    found = set()
    for kind in KINDS:
        for one, own in indexed.documents(
            r, kind, [row[0] for row in r.rows(f"SELECT id FROM {kind}")]
        ):
            fits = all(any(word.startswith(part) for word in own) for part in parts)
            if fits and not (kind == "note" and of[one] in gone):
                found.add((kind, one))
    return found


@pytest.mark.parametrize("many", [8, 9, 40])
def test_a_long_beginning_finds_all_words_that_begin_so(desk: Desk, many: int) -> None:
    """However many there are: few are asked for by themselves, more as a beginning."""
    ends = [f"{number:02}" for number in range(many)]
    made = [client(desk, f"Hydroelectric{end}") for end in ends]
    client(desk, "Hydroelectrone")
    catch_up(desk.store)
    assert in_index(desk.store, "client", "hydroelectric") == made[::-1]
    assert in_index(desk.store, "client", f"hydroelectric{ends[-1]}") == made[-1:]
    assert in_index(desk.store, "client", "hydroelectrix") == []


def test_what_goes_to_another_record_is_found_there_alone(desk: Desk) -> None:
    stage, *_ = desk.pipeline("Sales")
    firm, other = client(desk, "Alpha"), client(desk, "Beta")
    number = phone(desk, firm, "79125550142")
    deal, twin = desk.deal(stage, 1, title="Roof"), desk.deal(stage, 2, title="Wall")
    link = desk.insert("deal_tag", deal_id=deal, tag_id=desk.insert("tag", name="Hot", name_key=""))
    catch_up(desk.store)
    desk.update("client_contact", number, client_id=other)
    desk.update("deal_tag", link, deal_id=twin)
    assert hits(ask(desk, "5550142")) == [("client", other)]
    catch_up(desk.store)
    assert differing(desk.store) == 0
    assert hits(ask(desk, "5550142")) == [("client", other)]
    assert in_index(desk.store, "deal", "hot") == [twin]


def test_what_is_not_indexed_yet_is_said(desk: Desk) -> None:
    """Of what was written since the index, only the newest records are looked at one by one."""
    catch_up(desk.store)
    for number in range(150):
        client(desk, f"Firm {number}")
    with desk.store.read() as r:
        assert not search.search(r, "firm").is_partial
    for number in range(150):
        client(desk, f"Firma {number}")
    with desk.store.read() as r:
        assert search.search(r, "firm").is_partial
    catch_up(desk.store)
    with desk.store.read() as r:
        assert not search.search(r, "firm").is_partial
