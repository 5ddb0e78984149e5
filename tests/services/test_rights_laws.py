"""The law of rights: whatever anybody calls, either it is allowed to them or it changes nothing.

What is allowed is told here once more, from the rules as people say them (docs/roles.md).
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Refused
from salesdesk.services import (
    bonuses,
    clients,
    closing,
    contractors,
    deals,
    digest,
    doubts,
    history,
    lists,
    people,
    pins,
    quotes,
    rights,
    settings,
    tasks,
    what_if,
)
from salesdesk.services.contractors import NewContractor
from tests.services.office import DAY, MANAGERS, NOW, Office

#: Whom each lead leads.
LED = {"Lena": {"Mary", "Max", "Ian", "Ivan"}, "Ian": {"Ivan"}, "Otto": {"Olga"}}
TEAMS = ({"Lena", "Mary", "Max"}, {"Ian", "Ivan"}, {"Otto", "Olga"})
ACTORS = ("Mary", "Max", "Ivan", "Olga", "Lena", "Ian", "Otto", "Ada", "a script")
SUBJECTS = (*MANAGERS, "nobody")
#: What only an administrator takes back from a script.
CONFIGURING = {
    "add a person", "make oneself an administrator", "take a PIN away", "change settings",
    "add a source", "send the digest elsewhere", "set the bonuses", "apply other points",
}  # fmt: skip
Allowed = Callable[["Play", str, str], bool]


class Play:
    """An office in which random people do random things; ``sight`` is what managers see."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.store = office.store
        self.sight = "own"
        self.now = NOW
        self.done: list[tuple[int, str]] = []
        self.verbs: dict[int, str] = {}
        contractors.add(self.store, NewContractor("Lift"), person=None, now=NOW)

    def value(self, sql: str, *params: Any) -> Any:
        with self.store.read() as r:
            return r.value(sql, params)

    def see(self, sight: str) -> None:
        """Managers see something else from now on."""
        self.sight = sight
        settings.change(self.store, {"managers_see": sight}, person=None, now=self.now)

    def scope(self, actor: str) -> set[str] | None:
        """Whose work they see and change: the rules of the docs."""
        if actor in ("Ada", "a script"):
            return None
        if actor in LED:
            return LED[actor] | {actor}
        if self.sight == "all":
            return None
        mates = next(team for team in TEAMS if actor in team)
        return {actor} | (mates if self.sight == "team" else set())

    def owner(self, deal: str) -> str | None:
        key = self.value("SELECT owner_id FROM deal WHERE id = ?", self.office.deals[deal])
        return self.office.names.get(key)

    def deal_is_open_to(self, actor: str, deal: str) -> bool:
        scope, owner = self.scope(actor), self.owner(deal)
        return scope is None or owner is None or owner in scope

    def task_is_open_to(self, actor: str, task: str) -> bool:
        key = self.value("SELECT assignee_id FROM task WHERE id = ?", self.office.tasks[task])
        superior = self.value(
            "SELECT supervisor_id FROM task WHERE id = ?", self.office.tasks[task]
        )
        scope = self.scope(actor)
        owners = {self.office.names[each] for each in (key, superior) if each is not None}
        return scope is None or not owners or bool(owners & scope)

    def client_is_open_to(self, actor: str, client: str) -> bool:
        return self.deal_is_open_to(actor, client)


def _above(deal: str) -> str:
    """Under whose deal another's is put: in a circle without its last link."""
    return SUBJECTS[min(SUBJECTS.index(deal) + 1, len(SUBJECTS) - 1)]


def _lead(_play: Play, actor: str, _subject: str) -> bool:
    return actor in LED or actor in ("Ada", "a script")


def _admin(_play: Play, actor: str, _subject: str) -> bool:
    return actor in ("Ada", "a script")


def _undo_is_open(play: Play, actor: str, _subject: str) -> bool:
    by = play.done[-1][1] if play.done else ""
    if actor in ("Ada", "a script") or by == actor:
        return True
    return actor in LED and (by == "a script" or by in LED[actor])


def _look(o: Office, subject: str, _n: int, **by: Any) -> int:
    """Mark the deal's first move as looked at, or take that away."""
    with o.store.read() as r:
        move = r.value("SELECT min(id) FROM stage_move WHERE deal_id = ?", (o.deals[subject],))
        sql = "SELECT count(*) FROM move_review WHERE move_id = ? AND deleted_at IS NULL"
        looked = r.value(sql, (move,))
    return (doubts.relist if looked else doubts.look)(o.store, [move], **by)


#: What can be done: its name, who may, and the call.
VERBS: dict[str, tuple[Allowed, Callable[..., Any]]] = {
    "rename a deal": (
        Play.deal_is_open_to,
        lambda o, s, n, **by: deals.change(o.store, o.deals[s], {"title": f"D{n}"}, **by),
    ),
    "move a deal": (
        Play.deal_is_open_to,
        lambda o, s, n, **by: deals.move(o.store, [o.deals[s]], o.stages[n % 2], **by),
    ),
    "give a deal": (
        Play.deal_is_open_to,
        lambda o, s, n, **by: deals.assign(
            o.store, [o.deals[s]], o.ids[MANAGERS[n % 4]] if n % 5 else None, **by
        ),
    ),
    "put a deal under another": (
        lambda play, actor, deal: play.deal_is_open_to(actor, deal)
        and play.deal_is_open_to(actor, _above(deal)),
        lambda o, s, n, **by: deals.change(
            o.store, o.deals[s], {"parent_id": o.deals[_above(s)]}, **by
        ),
    ),
    "note on a deal": (
        Play.deal_is_open_to,
        lambda o, s, n, **by: deals.add_note(o.store, o.deals[s], "Hello", **by),
    ),
    "rename a task": (
        Play.task_is_open_to,
        lambda o, s, n, **by: tasks.rename(o.store, o.tasks[s], f"T{n}", **by),
    ),
    "put a task off": (
        Play.task_is_open_to,
        lambda o, s, n, **by: tasks.postpone(
            o.store, [o.tasks[s]], by["now"] + (n + 1) * DAY, "later", **by
        ),
    ),
    "give a task": (
        Play.task_is_open_to,
        lambda o, s, n, **by: tasks.reassign(o.store, [o.tasks[s]], o.ids[MANAGERS[n % 4]], **by),
    ),
    "rename a client": (
        Play.client_is_open_to,
        lambda o, s, n, **by: clients.change(o.store, o.clients[s], {"name": f"Co {s} {n}"}, **by),
    ),
    "override": (
        lambda play, actor, s: (
            _lead(play, actor, s) and play.deal_is_open_to(actor, s)
        ),
        lambda o, s, n, **by: deals.move(
            o.store, [o.deals[s]], o.stages[n % 2], override="so", **by
        ),
    ),
    "price in a deal": (
        Play.deal_is_open_to,
        lambda o, s, n, **by: quotes.add(
            o.store,
            quotes.NewQuote(Decimal(n + 1), contractor=f"C{n}", deal_id=o.deals[s]), **by
        ),
    ),
    "change a contractor": (
        lambda _play, _actor, _subject: True,
        lambda o, s, n, **by: contractors.change(
            o.store, 1, {"phone": str(n)}, **by
        ),
    ),
    "add a person": (
        _admin, lambda o, s, n, **by: people.add_person(o.store, f"P{by['now']}", **by),
    ),
    "make oneself an administrator": (
        _admin,
        lambda o, s, n, **by: people.change_person(
            o.store, by["person"] or o.ids["Mary"], {"email": f"a{n}"}, **by
        ),
    ),
    "take a PIN away": (
        lambda _play, actor, s: actor in ("Ada", "a script") or actor == s,
        lambda o, s, n, **by: pins.remove_pin(o.store, o.ids.get(s, o.ids["Mary"]), **by),
    ),
    "change settings": (
        _admin,
        lambda o, s, n, **by: settings.change(o.store, {"level_full": 101 + n}, **by),
    ),
    "send the digest elsewhere": (
        _admin,
        lambda o, s, n, **by: digest.add_target(
            o.store, "telegram", f"C{n}", f"{by['now']}", **by
        ),
    ),
    "close a month": (
        _lead,
        lambda o, s, n, **by: closing.close(
            o.store, 2026 * 12 - (by["now"] - NOW) // 1_000_000, **by
        ),
    ),
    "set the bonuses": (
        _admin,
        lambda o, s, n, **by: bonuses.set_steps(
            o.store, [bonuses.Step(80, Decimal(n))], **by
        ),
    ),
    "look at a doubtful move": (_lead, _look),
    "apply other points": (
        _admin,
        lambda o, s, n, **by: what_if.apply(
            o.store, what_if.Tried({o.stages[n % 3]: Decimal(n)}), valid_from=None, **by
        ),
    ),
    "add a source": (
        _admin, lambda o, s, n, **by: lists.add(o.store, "sources", f"S{by['now']}", **by),
    ),
}  # fmt: skip
STEP = st.tuples(
    st.sampled_from([*VERBS, "undo", "see"]), st.sampled_from(ACTORS), st.sampled_from(SUBJECTS),
    st.integers(0, 9),
)  # fmt: skip


@given(sight=st.sampled_from(["own", "team", "all"]), steps=st.lists(STEP, min_size=6, max_size=16))
def test_nobody_does_what_is_not_theirs_to_do(
    sight: str, steps: list[Any], tmp_path_factory: Any
) -> None:
    folder: Path = tmp_path_factory.mktemp("office")
    with Office.made(folder) as office:
        play = Play(office)
        play.see(sight)
        for verb, actor, subject, n in steps:
            if verb == "see":
                play.see(("own", "team", "all")[n % 3])
            else:
                _step(play, verb, actor, subject, n)


def _step(play: Play, verb: str, actor: str, subject: str, n: int) -> None:
    play.now += 1_000_000
    by: dict[str, Any] = {"person": play.office.ids.get(actor), "now": play.now}
    if (verb == "undo" and not play.done) or (verb, subject) == ("take a PIN away", "nobody"):
        return
    if verb == "undo" and actor in LED and play.verbs[play.done[-1][0]] in CONFIGURING:
        return  # a lead takes back what scripts did, but for what a lead may not do either
    allowed = _undo_is_open if verb == "undo" else VERBS[verb][0]

    def call() -> Any:
        if verb == "undo":
            return history.undo(play.store, play.done[-1][0], **by)
        return VERBS[verb][1](play.office, subject, n, **by)

    may, before = allowed(play, actor, subject), play.office.changes()
    _asked(play, verb, actor, subject, may)
    if not may:
        with pytest.raises(Refused, match="nly"):
            call()
        assert play.office.changes() == before
        return
    result = call()
    if verb == "undo":
        play.done.pop()
    else:
        play.done.append((getattr(result, "command_id", result), actor))
        play.verbs[play.done[-1][0]] = verb


def _asked(play: Play, verb: str, actor: str, subject: str, may: bool) -> None:
    """What the window would offer is what the services do."""
    person = play.office.ids.get(actor)
    records = {"deal": play.office.deals, "task": play.office.tasks, "client": play.office.clients}
    with play.store.read() as r:
        for what, keys in records.items():
            if verb.endswith(f" a {what}"):
                assert rights.may(r, person, what, keys[subject]) == may
        if verb == "change settings":
            assert rights.may(r, person, "settings") == may
        if verb == "undo":
            assert rights.may(r, person, "undo", play.done[-1][0]) == may
