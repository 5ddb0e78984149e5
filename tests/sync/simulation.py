"""A seeded world: three laptops that are often offline, one portal with colleagues who work in it,
wrong clocks, lost answers, refusals, kills. At the end the network is well, people have decided
what is theirs to decide, and the laws (``simulation_laws``) must hold.
"""

from collections.abc import Callable
from pathlib import Path

from salesdesk.services.sync import outbox, pull, rounds
from salesdesk.services.sync.failures import Failure
from salesdesk.services.sync.remote import Draft, Entity
from salesdesk.services.sync.values import unpacked
from tests.sync.simulation_laptops import MINUTE, SECOND, Killed, Laptop, Weather
from tests.sync.simulation_people import People

#: Rounds of every laptop after which the world must have come to rest.
PATIENCE = 14


class Simulation(People):
    """One schedule; ``run`` plays it and leaves the world as it is at its end."""

    def __init__(self, seed: int, folder: Path) -> None:
        super().__init__(seed, folder)
        for one in self.laptops:
            one.remote.watch = self._watched(one)

    def run(self, steps: int) -> None:
        """Play so many steps, then let it come to rest."""
        for one in self.rng.sample(self.laptops, 2):
            self.make_deal(one)
        self.make_there()
        for _ in range(steps):
            self.world.at += self.rng.choice((SECOND, MINUTE, 20 * MINUTE, 5 * 60 * MINUTE))
            at = self.rng.random()
            one = self.rng.choice(self.laptops)
            if at < 0.33:
                self.round(one)
            elif at < 0.38:
                self.decide(one)
            elif at < 0.75:
                self.act(one)
            else:
                self.act_there()
        self._rest()

    # -- rounds ---------------------------------------------------------------------------------

    def round(self, one: Laptop, fair: bool = False) -> rounds.Summary | None:
        """One round in some weather; None when it ended early."""
        one.weather = Weather() if fair else self._weather()
        found = None
        try:
            found = rounds.one_round(one.store, one.remote, one.clock)
            waits = found.waiting + found.unknown
            self.tell(
                f"{one.name} syncs: sent {found.pushed}, took {found.pulled}, {waits} wait, "
                f"{found.failed} failed, {found.conflicts} conflicts"
            )
        except Failure as failure:
            self.tell(f"{one.name} syncs and stops: {failure.kind.value}")
        except Killed:
            self.tell(f"{one.name} is killed while syncing")
            one.weather = Weather()
            one.reopen()
        one.weather = Weather()
        self._look(one)
        return found

    def _weather(self) -> Weather:
        rng = self.rng
        found = Weather(slow=0.2)
        kind = rng.random()
        if kind < 0.25:
            found.after = rng.choice((0.1, 0.5, 1.0))
        elif kind < 0.45:
            found.before = rng.choice((0.03, 0.3, 1.0))
        elif kind < 0.75:
            found.kill = rng.choice((0.02, 0.06, 0.15))
        elif kind < 0.8:
            found.poison = 0.3
        return found

    def _look(self, one: Laptop) -> None:
        """What the laptop shows as conflicts, and the last moves that it knows."""
        for entity, key, name, ours, theirs in one.rows(
            "SELECT entity, local_id, field, ours, theirs FROM sync_conflict "
            "WHERE state NOT IN ('kept', 'taken')"
        ):
            token = self.token(one, entity, key)
            self.truth.clashed.add((token, name))
            for text in (ours, theirs):
                self.truth.shown.add((token, name, unpacked(text)["value"]))

    def decide(self, one: Laptop) -> None:
        """The person decides every conflict that is open, somehow."""
        with one.store.read() as r:
            found = pull.open_clashes(r, r.value("SELECT id FROM sync_remote"))
        for clash in found:
            take = one.rng.choice(("ours", "theirs"))
            pull.decide(one.store, clash.id, take, **one.by())
            token = self.token(one, clash.entity, clash.local_id)
            if (clash.field, take) == ("stage", "ours"):
                self.truth.decided[token, clash.ours] += 1
            self.tell(f"{one.name} decides {token}.{clash.field}: {take} "
                      f"({clash.ours} | {clash.theirs})")  # fmt: skip

    def _rest(self) -> None:
        self.tell("the network is well again")
        for _ in range(PATIENCE):
            quiet = True
            for one in self.laptops:
                self.world.at += 20 * MINUTE
                self.decide(one)
                self._again(one)
                found = self.round(one, fair=True)
                if found is None:
                    raise self.broken("rest", f"a fair round of {one.name} fails")
                quiet &= not (found.pushed or found.pulled or found.waiting or found.unknown
                              or found.conflicts or found.failed)  # fmt: skip
            if quiet:
                return
        waits = [one.rows("SELECT entity, local_id, state, detail FROM sync_queue")
                 for one in self.laptops]  # fmt: skip
        raise self.broken("rest", f"it never comes to rest: {waits}")

    def _again(self, one: Laptop) -> None:
        """What failed is tried again, and let be where the object is gone there."""
        for key, failure in one.rows("SELECT id, failure FROM sync_queue WHERE state = 'failed'"):
            if failure == "gone":
                outbox.discard(one.store, key)
            else:
                outbox.retry(one.store, key, now=one.clock.now())

    def _watched(self, one: Laptop) -> Callable[[Entity, Draft], None]:
        """Law of causality: what an object refers to is there before it."""

        def watch(entity: Entity, draft: Draft) -> None:
            if entity == "deal":
                client = one.value(
                    "SELECT client_id FROM deal WHERE uid = ?", bytes.fromhex(draft.uid)
                )
                there = self.portal.table("company")
                if client is not None and draft.fields.get("company") not in there:
                    self.truth.early.append(f"{draft.fields.get('title')} before its client")
            elif entity in ("task", "note"):
                deal = draft.fields.get("deal")
                gone = {row.far_id for row in self.portal.removed}
                if deal not in self.portal.table("deal") and deal not in gone:
                    self.truth.early.append(f"{entity} {draft.fields} before its deal")

        return watch
