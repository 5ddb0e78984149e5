"""What people see and decide of the sync: names, rights, choices, results, whose turn it is."""

import platform
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.services import clients, deals, history
from salesdesk.services.sync import (
    deciding,
    desk,
    maps,
    options,
    publish,
    publishing,
    reasons,
    rounds,
    worker,
)
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.turn import Busy, turn
from salesdesk.services.sync.verifying import Verified
from salesdesk.services.sync.worker import Worker
from salesdesk.text import set_language
from salesdesk.ui.sync import words
from tests.latest import undo_last
from tests.sync.memory_remote import MemoryRemote, Portal
from tests.sync.seats import SECOND, Seat, seat


def person(found: Seat, name: str, role: str) -> int:
    with found.store.command("person.add", now=found.clock.at) as tx:
        row = {"name": name, "name_key": name.casefold(), "role": role}
        return tx.insert("person", [row])[0]


def clash(found: Seat) -> int:
    """A conflict about a title, by Mary; its key."""
    deal = found.deal()
    found.round()
    deals.change(
        found.store, deal, {"title": "Here"}, person=found.people["1"], now=found.clock.at + SECOND
    )
    found.clock.at += 5 * SECOND
    found.remote.portal.edit("deal", found.far(deal).far_id, {"title": "There"}, "2")
    found.round()
    return int(found.value("SELECT id FROM sync_conflict WHERE state = 'open'"))


def ask(found: Seat, question: Any, *args: Any, **kwargs: Any) -> Any:
    with found.store.read() as r:
        return question(r, *args, **kwargs)


def test_nothing_is_told_where_nothing_is_connected(one: Seat) -> None:
    with one.store.books() as books:
        books.update("sync_remote", [{"id": 1, "state": "off"}])
    assert ask(one, desk.brief, None) is None
    assert ask(one, desk.overview, None, now=one.clock.at) is None
    assert ask(one, desk.choices) is None


def test_a_conflict_tells_both_values_and_who_changed_it_here(one: Seat) -> None:
    clash(one)
    [found] = ask(one, desk.overview, None, now=one.clock.at).clashes
    assert (found.before.value, found.ours.value, found.theirs.value) == ("Crane", "Here", "There")
    assert (found.record.title, found.field, found.ours_by) == ("Here", "title", "Mary")
    assert found.ours_at is not None
    assert found.theirs_at is not None


def test_the_stage_of_a_conflict_has_its_name_here(one: Seat) -> None:
    deal = one.deal()
    one.round()
    one.move(deal, "S:MEET")
    one.clock.at += 5 * SECOND
    one.remote.portal.edit("deal", one.far(deal).far_id, {"stage": "S:PAY"}, "2")
    one.round()
    found = ask(one, desk.overview, None, now=one.clock.at).clashes
    assert [(each.ours.value, each.theirs.value) for each in found] == [("Meeting", "Paid")]


def test_only_who_may_change_the_deal_decides(one: Seat) -> None:
    key = clash(one)
    person(one, "Ada", "admin")
    with pytest.raises(Refused):
        deciding.decide(one.store, [key], "ours", person=one.people["2"], now=one.clock.at)
    assert one.value("SELECT state FROM sync_conflict WHERE id = ?", key) == "open"
    deciding.decide(one.store, [key], "ours", person=one.people["1"], now=one.clock.at)
    assert one.value("SELECT state FROM sync_conflict WHERE id = ?", key) == "ours"
    with pytest.raises(Invalid):
        deciding.decide(one.store, [key], "both", person=None, now=one.clock.at)


def test_the_choices_are_an_administrators(one: Seat) -> None:
    ada = person(one, "Ada", "admin")
    by: dict[str, Any] = {"person": one.people["1"], "now": one.clock.at}
    with pytest.raises(Refused):
        deciding.set_rule(one.store, "deal", "amount", "ours", **by)
    with pytest.raises(Refused):
        deciding.set_automates(one.store, one.pipeline, "crm", **by)
    with pytest.raises(Refused):
        deciding.set_publishing(one.store, True, **by)
    by = {"person": ada, "now": one.clock.at}
    deciding.set_rule(one.store, "deal", "amount", "ours", **by)
    deciding.set_automates(one.store, one.pipeline, "crm", **by)
    with pytest.raises(Invalid):
        deciding.set_rule(one.store, "deal", "amount", "closed", **by)
    found = ask(one, desk.choices)
    assert ("deal", "amount", "ours") in found.rules
    assert found.pipelines == ((one.pipeline, "Sales", "crm"),)
    deciding.set_rule(one.store, "deal", "amount", "ask", **by)
    connection = ask(one, maps.connection)
    assert options.own_rules(connection.options) == {}


def test_what_waits_names_what_it_waits_for(one: Seat) -> None:
    firm = clients.add(one.store, clients.NewClient("company", "Zavod"), **one.by()).id
    one.deal(client_id=firm)

    def fault(when: str, what: str) -> None:
        if (when, what) == ("before", "company"):
            raise Failure(Kind.INVALID, "name, phones")

    one.remote.fault = fault
    one.round()
    found = ask(one, desk.overview, None, now=one.clock.at)
    [record] = found.waiting[0].records
    assert words.record(record) == "Crane (waits for the company “Zavod”)"
    [failed] = found.failed
    assert reasons.why(failed.failure, failed.detail).endswith("Name, Phones")


def test_why_something_was_set_aside_is_told_in_the_language_of_now(one: Seat) -> None:
    one.remote.portal.add("deal", {"title": "X", "pipeline": "P", "stage": "S:ODD"})
    one.round()
    with one.store.books() as books:
        books.update("sync_remote", [{"id": 1, "options": '{"stages": {"S:ODD": "Sales / Odd"}}'}])
    [aside] = ask(one, desk.overview, None, now=one.clock.at).aside
    assert reasons.told(aside.reason) == (
        "Its stage in the CRM (Sales / Odd) is not mapped to a stage here."
    )
    set_language("ru")
    try:
        said = reasons.told(aside.reason)
        assert "Sales / Odd" in said
        assert not said.startswith("Its")
    finally:
        set_language("en")
    assert reasons.told("as it was kept before") == "as it was kept before"


def test_undo_passes_over_what_the_sync_did(one: Seat) -> None:
    """Neither choices nor what came from the CRM is anybody's latest command."""
    deal = one.deal()
    one.round()
    chosen = deciding.set_publishing(one.store, True, person=None, now=one.clock.at)
    one.remote.portal.edit("deal", one.far(deal).far_id, {"title": "There"}, "2")
    one.round()
    assert one.value("SELECT max(id) FROM command WHERE origin = 'sync'") > chosen
    with pytest.raises(Refused, match="not taken back"):
        history.undo(one.store, chosen, **one.by())
    assert undo_last(one.store, **one.by()).kind == "deal.create"


def test_what_colleagues_did_is_not_taken_back_as_ones_own(one: Seat) -> None:
    """A move made in the CRM stays, here and there: the other laptops count it, too."""
    deal = one.deal()
    one.round()
    one.remote.portal.edit("deal", one.far(deal).far_id, {"stage": "S:MEET"}, "2")
    one.round()
    came = one.value("SELECT max(id) FROM command WHERE origin = 'sync'")
    with pytest.raises(Refused, match="came from the CRM"):
        history.undo(one.store, came, **one.by())
    one.rounds()
    assert one.far(deal).fields["stage"] == "S:MEET"
    assert [stage for stage, _ in one.protocol(deal)] == ["S:NEW", "S:MEET"]


def test_every_rule_as_delivered_is_the_first_choice() -> None:
    from salesdesk.services.sync.merge import RULES

    for field, known in options.CHOICES.items():
        assert known[0] == RULES.get(field, "ask"), field


def test_a_rule_of_ones_own_decides(one: Seat) -> None:
    deciding.set_rule(one.store, "deal", "title", "theirs", person=None, now=one.clock.at)
    deal = one.deal()
    one.round()
    deals.change(one.store, deal, {"title": "Here"}, **one.by())
    one.clock.at += 5 * SECOND
    one.remote.portal.edit("deal", one.far(deal).far_id, {"title": "There"}, "2")
    made = Rounds(one)
    made.now()
    assert one.value("SELECT title FROM deal WHERE id = ?", deal) == "There"
    made.worker.stop()


# -- results --------------------------------------------------------------------------------------


class Published(MemoryRemote):
    """Keeps what is published."""

    def __init__(self, portal: Portal, user: str = "1") -> None:
        super().__init__(portal, user)
        self.rows: list[Any] = []

    def publish(self, rows: Any) -> None:
        self.rows += rows
        super().publish(rows)


def published(found: Seat, remote: Published) -> int:
    """How many deals got results, a day later."""
    found.clock.at += 86_400 * SECOND
    return publish.run(found.store, ask(found, maps.connection), remote, found.clock)


def test_results_are_off_then_daily_and_only_what_changed(one: Seat) -> None:
    deal = one.deal()
    one.round()
    remote = Published(one.remote.portal)
    assert published(one, remote) == 0  # off by default
    deciding.set_publishing(one.store, True, person=None, now=one.clock.at)
    connection = ask(one, maps.connection)
    assert publish.run(one.store, connection, remote, one.clock) == 1
    assert [(row["far_id"], row["rank"]) for row in remote.rows] == [(one.far(deal).far_id, 1)]
    assert publish.run(one.store, connection, remote, one.clock) == 0  # once a day
    assert published(one, remote) == 0  # nothing changed
    one.deal("Loader")
    one.round()
    assert published(one, remote) == 1
    assert len(remote.rows) == 2


def test_one_computer_publishes_and_all_know_which(
    one: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "LAPTOP")
    one.deal()
    one.round()
    with seat(tmp_path, one.remote.portal, one.clock, "2").store as store:
        portal = one.remote.portal
        two = replace(one, store=store, remote=MemoryRemote(portal, "2"))
        first, second = Published(portal), Published(portal, "2")
        by: dict[str, Any] = {"person": one.people["1"], "now": one.clock.at}
        deciding.set_publishing(one.store, True, **by)
        assert published(one, first) == 1
        two.round()
        claim = ask(two, desk.choices).other
        assert claim is not None
        assert claim.name == "Mary, LAPTOP"
        with pytest.raises(Refused, match="Mary, LAPTOP publishes the results since"):
            deciding.set_publishing(store, True, person=None, now=one.clock.at)
        assert published(two, second) == 0

        deciding.set_publishing(store, True, take_over=True, person=None, now=one.clock.at)
        published(two, second)
        one.clock.at += SECOND
        one.round()
        assert not ask(one, desk.choices).publishes
        assert published(one, first) == 0
        assert ask(two, desk.choices).publishes

        deciding.set_publishing(store, False, person=None, now=one.clock.at)
        published(two, second)
        one.clock.at += SECOND
        one.round()
        assert ask(one, desk.choices).other is None  # nobody does now


@pytest.mark.parametrize(
    "text", ["", "Mary", "[x 2026-11-20T10:00:00Z]", "Mary [ab 2026-13-20T10:00:00Z]"]
)
def test_what_is_no_claim_is_passed_over(text: str) -> None:
    assert publishing.read(text) is None


def test_a_claim_survives_its_text() -> None:
    made = publishing.Claim("0a1b2c", "Анна [дома], PC-7", 1_800_000_000 * SECOND)
    assert publishing.read(made.text()) == replace(made, name="Анна (дома), PC-7")
    nobody = publishing.Claim("", "", 1_800_000_000 * SECOND)
    assert publishing.read(nobody.text()) == nobody


def test_moves_count_from_a_day(one: Seat) -> None:
    today = one.store.zone.day_of(one.clock.at)
    with pytest.raises(Invalid):
        deciding.set_counts_from(one.store, today + 1, person=None, now=one.clock.at)
    deciding.set_counts_from(one.store, today, person=None, now=one.clock.at)
    assert ask(one, desk.choices).counts_from == today
    deciding.set_counts_from(one.store, None, person=None, now=one.clock.at)
    assert ask(one, desk.choices).counts_from is None


# -- the worker -----------------------------------------------------------------------------------


class Rounds:
    """A worker, and what it told."""

    def __init__(self, found: Seat) -> None:
        self.seat = found
        self.told = 0
        self.worker = Worker(found.store, found.clock.now, self._tell, lambda *_: found.remote)

    def _tell(self) -> None:
        self.told += 1

    def count(self) -> int:
        return int(self.seat.value("SELECT count(*) FROM sync_round WHERE ended_at IS NOT NULL"))

    def now(self) -> None:
        """A round, waited for."""
        before = self.count()
        self.worker.now()
        wait(lambda: self.count() > before and not self.worker.state.running)


def wait(ready: Any, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_change_brings_a_round_when_it_has_calmed_down(
    one: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CALM", 0.15)
    found = Rounds(one)
    found.now()
    one.deal()
    one.deal("Loader")
    assert found.count() == 1
    wait(lambda: one.value("SELECT count(*) FROM sync_queue") == 2)  # known before the round
    wait(lambda: found.count() == 2)
    assert len(one.remote.portal.table("deal")) == 2
    time.sleep(0.3)
    assert found.count() == 2  # what it brought itself is no reason for another
    found.worker.stop()


def test_without_a_net_rounds_keep_away(one: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CALM", 0.05)
    found = Rounds(one)

    def fault(_when: str, _what: str) -> None:
        raise Failure(Kind.NOT_SENT)

    one.remote.fault = fault
    found.now()
    assert found.worker.state.offline
    one.deal()
    wait(lambda: one.value("SELECT count(*) FROM sync_queue") == 1)
    time.sleep(0.2)
    assert found.count() == 1  # the pause holds, though something was written
    found.worker.stop()


def test_a_long_reading_is_stopped_and_goes_on_where_it_was(one: Seat) -> None:
    portal = one.remote.portal
    for number in range(23):
        portal.add("deal", {"title": f"Far {number}", "pipeline": "P", "stage": "S:NEW"})
        one.clock.at += SECOND
    found = Rounds(one)
    pages: list[int] = []

    def fault(when: str, what: str) -> None:
        if (when, what) == ("read", "deal"):
            pages.append(int(one.value("SELECT count(*) FROM deal")))
            if len(pages) == 3:
                found.worker.halt()

    one.remote.fault = fault
    found.worker.now()
    wait(lambda: len(pages) == 3 and not found.worker.state.running)
    assert 0 < int(one.value("SELECT count(*) FROM deal")) < 23
    found.now()
    assert one.value("SELECT count(*) FROM deal") == 23
    assert pages[3] > 0  # not from the beginning
    found.worker.stop()


@pytest.mark.parametrize("halts", [False, True])
def test_a_round_asked_for_while_one_goes_on_comes_next(one: Seat, halts: bool) -> None:
    """What a person decides or tries again while the CRM is read need not wait; a stop is one."""
    found, seen = Rounds(one), []

    def fault(_when: str, what: str) -> None:
        seen.append(what)
        if len(seen) == 1:
            for _ in range(3):
                found.worker.now()
            if halts:
                found.worker.halt()

    one.remote.fault = fault
    found.worker.now()
    wait(lambda: seen and not found.worker.state.running)
    time.sleep(0.3)
    assert one.value("SELECT count(*) FROM sync_round") == (1 if halts else 2)
    found.worker.stop()


def test_a_comparison_asked_for_while_one_goes_on_comes_next(
    one: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, made = Rounds(one), []

    def verify(*_given: Any) -> Verified:
        made.append(found.worker.state.stream)
        if len(made) == 1:
            found.worker.compare()
        return Verified(compared=len(made))

    monkeypatch.setattr(rounds, "verify", verify)
    found.worker.compare()
    wait(lambda: found.worker.state.verified == Verified(compared=2))
    found.now()
    assert made == [worker.COMPARES] * 2
    found.worker.stop()


def test_a_comparison_is_not_forgotten_when_its_round_fails(
    one: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, made = Rounds(one), []

    def verify(*_given: Any) -> Verified:
        made.append(one.clock.at)
        if len(made) == 1:
            raise Failure(Kind.NOT_SENT)
        return Verified()

    def fault(_when: str, _what: str) -> None:
        raise Failure(Kind.NOT_SENT)

    monkeypatch.setattr(rounds, "verify", verify)
    one.remote.fault = fault
    found.worker.compare()
    wait(lambda: found.worker.state.offline)  # before it
    assert not made
    one.remote.fault = lambda _when, _what: None
    for n in (1, 2, 2):  # in it, done, and not again
        found.now()
        assert len(made) == n
    found.worker.stop()


def test_stopping_ends_the_thread(one: Seat) -> None:
    found = Rounds(one)
    found.now()
    assert "sync" in [each.name for each in threading.enumerate()]
    found.worker.stop()
    assert "sync" not in [each.name for each in threading.enumerate()]


def test_it_is_one_at_a_time(one: Seat) -> None:
    with turn(one.store), pytest.raises(Busy), turn(one.store):
        pass
    with turn(one.store):
        pass
