"""Stage moves of colleagues: those that travelled in the deal's field, and those that they made in
the CRM itself. Each counts once, from its true moment.

A line of the other end's history is one of three things: known already; the echo of a push, ours or
another seat's (the move itself travels); or a move made there, which is written here. The author of
the last kind is told by some CRMs and not by others. An echo is written there by the very update
that carries the move, so it is never younger than the state in which the move was read.

Clocks are off, and moves are in the order of their moments. Whoever moves a deal in the CRM has
seen the moves whose echoes stand before: theirs is not earlier than any of those, as with a move
made here (``moving``). Where the deal still does not stand where both ends agree, a line is held
behind the last one; it is withdrawn as soon as it is not needed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models.books import Books
from salesdesk.models.store import Transaction
from salesdesk.services.sync import carried, completeness, local
from salesdesk.services.sync.carried import UNTOLD, CarriedMove
from salesdesk.services.sync.maps import Maps
from salesdesk.services.sync.remote import FarMove

_SECOND = 1_000_000
#: Behind every line that is written.
_TO_COME = 1 << 62
#: The echo of our own push stands in the other end's history so near to the moment of the push.
_NEAR = 120 * _SECOND
#: One write has moments so near to each other at the other end.
ONE_WRITE = 2 * _SECOND


@dataclass(slots=True)
class _Known:
    """A move that is known at both ends, or may have an echo there; ``far_id`` is empty for one
    that has none, None as long as it is not known. ``at`` is the moment of the line of here,
    ``after`` and ``leaves`` are what the move tells of its arrival (``carried``)."""

    id: int | None
    move_id: int | None
    carried: str | None
    far_id: str | None
    pushed_at: int | None
    stage: int | None
    at: int | None = None
    after: int = UNTOLD
    leaves: bool = False

    @property
    def is_held(self) -> bool:
        """Whether its line only holds the deal where both ends agree, behind the others."""
        return self.carried is None and self.far_id == "" and self.pushed_at is None


@dataclass(slots=True)
class _Stood:
    """A line of the protocol of here."""

    at: int
    seq: int
    stage: int
    evidence: str
    id: int | None = None
    uid: str = ""
    undone: bool = False
    superseded: int = 0
    by: str = ""


@dataclass(slots=True)
class Told:
    """What the other end tells about a deal's moves. ``text`` is the field in which they travel, as
    of ``text_at`` by its clock, ``lines`` its own history. ``takes`` is off while a person has yet
    to decide about the stage: lines that nothing explains are left for later."""

    deal: int
    text: str
    text_at: int
    lines: Sequence[FarMove] = ()
    takes: bool = True
    #: Where the deal is to stand in the end: stage, moment, who moved it; whether that holds also
    #: against a move made here.
    stands: tuple[int, int, int | None] | None = None
    over_ours: bool = True
    #: More lines are to come: where the deal stands is held until they do.
    more: bool = False
    #: Who is responsible in the end, where that is agreed: moves tell who was, each at its moment.
    owner: int | None = None
    #: Moves before this moment are noted and count nowhere.
    counts_from: int = 0
    #: When the deal was made there: a line of that moment is no echo of anybody's.
    born: int | None = None


@dataclass(slots=True)
class _Story:
    """What is known here of one deal's moves."""

    known: list[_Known] = field(default_factory=list)
    stood: list[_Stood] = field(default_factory=list)
    #: Moves of other seats that were taken back, and perhaps put back.
    turned: list[CarriedMove] = field(default_factory=list)
    amount: int | None = None


class Moves:
    """Brings the moves of many deals into one transaction."""

    def __init__(self, tx: Transaction, remote_id: int, mapping: Maps) -> None:
        self.tx = tx
        self.books = tx.books()
        self.id = remote_id
        self.mapping = mapping
        self._rows: list[dict[str, Any]] = []
        self._pairs: list[tuple[int | None, dict[str, Any]]] = []
        self._echoes: list[dict[str, Any]] = []
        self._flags: list[tuple[int, int, int]] = []
        self._owned: set[int] = set()
        self._heard: list[tuple[int | None, int]] = []

    def bring(self, told: Sequence[Told]) -> int:
        """Write what is new of these deals; returns how many moves."""
        stories = self._stories(one.deal for one in told)
        for one in told:
            story = stories[one.deal]
            self._travelled(one, story)
            self._lines(one, story)
            if one.stands is not None:
                self._settle(one, story)
        self._write()
        for one in told:
            if one.owner is not None and one.deal in self._owned:
                self._leave_to(one.deal, one.owner, one.text_at)
        return len(self._rows)

    def _stories(self, deals: Iterable[int]) -> dict[int, _Story]:
        keys = sorted(set(deals))
        found: dict[int, _Story] = defaultdict(_Story)
        for deal, amount in self.tx.rows_of(
            "SELECT id, amount FROM deal WHERE id IN ({ids})", keys
        ):
            found[deal].amount = amount
        for deal, *cells in self.tx.rows_of(
            "SELECT deal_id, at, seq, to_stage_id, evidence, id, uid, undone, superseded, mover_as "
            "FROM stage_move WHERE deal_id IN ({ids})",
            keys,
        ):
            at, seq, stage, evidence, key, uid, undone, superseded, by = cells
            name = local.move_id(uid)
            found[deal].stood.append(
                _Stood(at, seq, stage, evidence, key, name, bool(undone), superseded, by)
            )
        for deal, *cells in self.tx.rows_of(
            "SELECT x.deal_id, x.id, x.move_id, x.carried, x.far_id, x.pushed_at, m.to_stage_id, "
            "m.at FROM sync_move x LEFT JOIN stage_move m ON m.id = x.move_id "
            "WHERE +x.remote_id = ? AND x.deal_id IN ({ids}) ORDER BY m.at, x.id",
            keys,
            (self.id,),
        ):
            found[deal].known.append(_Known(*cells))
        return found

    # -- what travelled -------------------------------------------------------------------------

    def _travelled(self, told: Told, story: _Story) -> None:
        """Moves of other seats, with their person and the one who was responsible; and those of
        here of which nothing else says that they arrived."""
        there = {one.carried: one for one in story.known if one.carried is not None}
        own = {one.uid: one for one in story.stood}
        for move in carried.moves(told.text):
            known = there.get(move.id)
            if known is not None:
                self._turned(told.deal, move, known, story)
                self._arrived(move, known)
            elif move.id in own:
                self._note_travelled(told, story, move, own[move.id])
            else:
                stage = self.mapping.local_of("stage", move.stage)
                if stage is not None:
                    self._travels(told, story, move, stage)
            if move.turns and move.id not in own:
                story.turned.append(move)

    def _travels(self, told: Told, story: _Story, move: CarriedMove, stage: int) -> None:
        """A move of another seat that is new here."""
        made = _Known(None, None, move.id, None, None, stage, move.at)
        self._arrived(move, made)
        if move.at < told.counts_from:
            self._note(told.deal, story, made)
            return
        owner = self.mapping.local_of("person", move.owner)
        mover = self.mapping.local_of("person", move.mover)
        self._heard.append((mover, move.at))
        place = self._add(
            told.deal, story, stage, move.at, mover, owner, undone=move.taken_back
        )  # fmt: skip
        self._note(told.deal, story, made, place)

    def _note_travelled(self, told: Told, story: _Story, move: CarriedMove, mine: _Stood) -> None:
        made = _Known(None, mine.id, move.id, None, None, mine.stage, mine.at)
        self._arrived(move, made)
        self._note(told.deal, story, made)

    def _arrived(self, move: CarriedMove, known: _Known) -> None:
        """What a move tells of its arrival, and so of its echo."""
        known.after, known.leaves = move.after, move.leaves
        if move.leaves and not known.far_id:
            known.far_id = None
        elif move.after != UNTOLD and known.far_id is None:
            known.far_id = ""
            if known.id is not None:
                self._echoes.append({"id": known.id, "far_id": ""})

    def _turned(self, deal: int, move: CarriedMove, known: _Known, story: _Story) -> None:
        """A move of another seat that was taken back there counts no more; one that was put back
        counts again."""
        for one in story.stood:
            if (
                one.id is not None and one.id == known.move_id and one.uid != move.id
                and one.undone != move.taken_back
            ):  # fmt: skip
                self._flags.append((int(move.taken_back), one.id, deal))
                one.undone = move.taken_back

    # -- the other end's own history ------------------------------------------------------------

    def _lines(self, told: Told, story: _Story) -> None:
        lines = self._left(told, story)
        explains = _explains(story)
        for at, (line, stage) in enumerate(lines):
            later = [one.at for one, other in lines[at:] if other == stage] if explains else []
            if later and self._explained(told, story, line, stage, later):
                continue
            if told.takes:
                counts = line.at >= told.counts_from
                mover = self.mapping.local_of("person", line.by)
                moment = max(line.at, _seen_by(line, story))
                place = self._add(told.deal, story, stage, moment, mover, None) if counts else None
                made = _Known(None, None, None, line.far_id, None, stage, moment)
                self._note(told.deal, story, made, place)

    def _explained(
        self, told: Told, story: _Story, line: FarMove, stage: int, later: Sequence[int]
    ) -> bool:
        """Whether a line is the echo of a push, or stands here already: then that is noted."""
        known = [*story.known, *self._turns(story)] if story.turned else story.known
        made_there = told.born is not None and line.at <= told.born + ONE_WRITE
        echo = None if made_there else _echo_of(later, stage, known, told.text_at)
        if echo is not None:
            self._echo(told.deal, story, echo, line)
            return True
        guess = _guess_of(later, stage, story, told.more)
        if guess is None:
            return False
        found = _Known(None, guess.id, None, line.far_id, None, stage, guess.at)
        self._note(told.deal, story, found)
        return True

    def _left(self, told: Told, story: _Story) -> list[tuple[FarMove, int]]:
        """Lines that are not known, with their stages of here, the oldest first; without those of
        which a move tells that they are its echo."""
        lines = self._unknown(told, story)
        tells = [one for one in story.known if one.far_id is None and one.leaves]
        for echo in sorted(tells, key=lambda one: one.after):
            found = next((each for each in lines
                          if each[1] == echo.stage and each[0].at >= echo.after), None)  # fmt: skip
            if found is not None:
                lines.remove(found)
                self._echo(told.deal, story, echo, found[0])
        return lines

    def _unknown(self, told: Told, story: _Story) -> list[tuple[FarMove, int]]:
        """Lines that are not known, with their stages of here; the oldest first."""
        there = {one.far_id for one in story.known}
        found = [
            (line, self.mapping.local_of("stage", line.stage))
            for line in sorted(told.lines, key=lambda one: (one.at, one.far_id))
            if line.far_id not in there
        ]
        return [(line, stage) for line, stage in found if stage is not None]

    def _echo(self, deal: int, story: _Story, echo: _Known, line: FarMove) -> None:
        echo.far_id = line.far_id
        if echo.id is not None:
            self._echoes.append({"id": echo.id, "far_id": echo.far_id})
            return
        for _, row in self._pairs:  # it is noted in this transaction
            if row["carried"] == echo.carried and row["carried"] is not None:
                row["far_id"] = echo.far_id
                return
        self._note(deal, story, echo)

    def _turns(self, story: _Story) -> list[_Known]:
        """What taking back and putting back moves of other seats has left, or will leave, in the
        other end's history: a line to where the deal stood before, a line to the move's stage, and
        so on. Those that are noted are not told again."""
        noted = {one.carried for one in story.known}
        found = []
        for move in story.turned:
            before = max(
                (one for one in story.stood
                 if not one.undone and one.superseded != 1 and one.at < move.at),
                key=lambda one: (one.at, one.seq), default=None,
            )  # fmt: skip
            stages = (
                self.mapping.local_of("stage", move.stage),
                None if before is None else before.stage,
            )
            names = {f"{move.id}+{turn}": stages[turn % 2] for turn in range(1, move.turns + 1)}
            found += [_Known(None, None, name, None, None, stage)
                      for name, stage in names.items() if name not in noted]  # fmt: skip
        return found

    def _settle(self, told: Told, story: _Story) -> None:
        """Have the deal stand where both ends agree, where the history that could be read does not
        lead. Unless that holds ``over_ours``, a move made here that comes last is left standing."""
        assert told.stands is not None
        stage, at, by = told.stands
        keys = {one.move_id for one in story.known if one.is_held}
        held = {
            one.id: one
            for one in story.stood
            if one.id is not None and one.id in keys and not one.undone
        }
        last = _last(one for one in story.stood if one.id not in held)
        leads = last is not None and (
            last.stage == stage or (last.evidence == "acted" and not told.over_ours)
        )
        behind = (
            one for one in held.values()
            if one.stage == stage and (last is None or (one.at, one.seq) > (last.at, last.seq))
        )  # fmt: skip
        stays = None if leads else _last(behind)
        for key, one in held.items():
            if one is not stays:
                self._flags.append((1, key, told.deal))
                one.undone = True
        if leads or stays is not None:
            return
        place = self._add(
            told.deal, story, stage, at if last is None else max(at, last.at), by, None
        )
        if told.more or (last is not None and last.at > at):
            self._note(told.deal, story, _Known(None, None, None, "", None, stage), place)

    # -- writing --------------------------------------------------------------------------------

    def _add(
        self, deal: int, story: _Story, stage: int, at: int, mover: int | None, owner: int | None,
        *, undone: bool = False,
    ) -> int:  # fmt: skip
        """A line of the protocol, to be written with the others; its place among them."""
        if owner is not None:
            self._owned.add(deal)
        evidence = local.evidence(story.stood)
        self._rows.append(
            {
                "deal_id": deal, "to_stage_id": stage, "at": at, "recorded_at": self.tx.now,
                "mover_id": mover, "mover_as": "sync", "owner_id": owner,
                "sets_owner": int(owner is not None), "amount": story.amount,
                "lost_reason_id": None, "override": None, "evidence": evidence,
                "undone": int(undone),
            }
        )  # fmt: skip
        place = _TO_COME + len(self._rows)  # they will be written in this order
        story.stood.append(_Stood(at, place, stage, evidence, undone=undone))
        return len(self._rows) - 1

    def _note(self, deal: int, story: _Story, one: _Known, place: int | None = None) -> None:
        story.known.append(one)
        self._pairs.append(
            (
                place,
                {"remote_id": self.id, "deal_id": deal, "move_id": one.move_id,
                 "carried": one.carried, "far_id": one.far_id, "pushed_at": None},
            )
        )  # fmt: skip

    def _write(self) -> None:
        keys = self.tx.insert("stage_move", self._rows)
        for place, row in self._pairs:
            if place is not None:
                row["move_id"] = keys[place]
        self.books.insert("sync_move", [row for _, row in self._pairs])
        self.books.update("sync_move", self._echoes)
        completeness.hear(self.books, self.id, self._heard)
        self.tx.flag_facts("stage_move", self._flags)

    def _leave_to(self, deal: int, owner: int, at: int) -> None:
        """The moves that were written end with somebody else's than is agreed: after them the deal
        is the agreed one's."""
        last = self.tx.row(
            "SELECT owner_id, at FROM (SELECT owner_id, at, seq FROM stage_move WHERE deal_id = ?1 "
            "AND undone = 0 AND sets_owner = 1 UNION ALL SELECT person_id, at, seq FROM "
            "owner_change WHERE deal_id = ?1 AND undone = 0) ORDER BY at DESC, seq DESC LIMIT 1",
            (deal,),
        )
        if last is not None and last[0] != owner:
            row = {"deal_id": deal, "person_id": owner, "at": max(at, last[1])}
            self.tx.insert("owner_change", [row])


def _last(stood: Iterable[_Stood]) -> _Stood | None:
    """Where a deal stands by these lines."""
    live = [one for one in stood if not one.undone and one.superseded != 1]
    if any(one.evidence == "reported" for one in live):
        live = [one for one in live if one.evidence != "assumed"]
    return max(live, key=lambda one: (one.at, one.seq), default=None)


def _seen_by(line: FarMove, story: _Story) -> int:
    """The moment of the last move that had arrived, or was made there, before a line of the other
    end's history."""
    return max((one.at for one in story.known if one.at is not None and _before(one, line)),
               default=0)  # fmt: skip


def _before(one: _Known, line: FarMove) -> bool:
    if one.after != UNTOLD:
        return one.after < line.at
    return bool(one.far_id) and _place(one.far_id or "") < _place(line.far_id)


def _place(far_id: str) -> tuple[int, str]:
    """Keys of lines in their order."""
    return len(far_id), far_id


def _explains(story: _Story) -> bool:
    """Whether a line may be an echo, or stand here already: not of a new deal."""
    return (
        bool(story.turned)
        or any(one.far_id is None for one in story.known)
        or any(one.id is not None and one.by == "sync" for one in story.stood)
    )


def _guess_of(later: Sequence[int], stage: int, story: _Story, more: bool) -> _Stood | None:
    """A line of here that was written before the other end's history told of it: it stands for the
    last line of its stage up to its own moment, which may not be told yet while there are ``more``
    to come. ``later``: the moments of this line and of those of its stage after it."""
    fitting = [
        one
        for one in story.stood
        if one.id is not None and one.stage == stage and one.by == "sync"
        and one.evidence != "assumed" and not one.undone
    ]  # fmt: skip
    noted = {one.move_id for one in story.known} if fitting else set()
    return next(
        (one for one in fitting if one.id not in noted
         and sum(at <= one.at + ONE_WRITE for at in later) == 1
         and not (more and later[0] < one.at - ONE_WRITE)), None,
    )  # fmt: skip


def _echo_of(
    later: Sequence[int], stage: int, known: Iterable[_Known], text_at: int
) -> _Known | None:
    """The move whose push left this line: one into the same stage whose line is not known; of our
    own pushes the moment is known, of other seats' the state in which they were read. ``later`` as
    in ``_guess_of``. A deal may enter a stage more often than there are moves to explain it: then
    the youngest lines are those moves, and the older ones were made there."""
    fitting = [one for one in known
               if one.stage == stage and one.far_id is None and not one.leaves]  # fmt: skip
    pushed = [one for one in fitting
              if one.pushed_at is not None and abs(one.pushed_at - later[0]) <= _NEAR]  # fmt: skip
    if pushed:
        return pushed[-1]
    others = [one for one in fitting if one.pushed_at is None and one.carried is not None]
    read = sum(at <= text_at + ONE_WRITE for at in later)
    return others[-read] if 0 < read <= len(others) else None


def note_pushed(books: Books, remote_id: int, deal: int, at: int, *, moved: bool) -> None:
    """The moves of a deal have gone out. Where that ``moved`` it there, the line of history that
    this makes at the other end, at ``at`` by its clock, is the echo of the last one."""
    rows = books.rows(
        "SELECT m.id, m.uid, x.id, m.mover_as <> 'sync' "
        "FROM stage_move m LEFT JOIN sync_move x ON x.deal_id = m.deal_id AND x.move_id = m.id "
        "AND +x.remote_id = ? WHERE m.deal_id = ? AND m.undone = 0 AND m.superseded <> 1 "
        "ORDER BY m.at, m.seq",
        (remote_id, deal),
    )
    if not rows:
        return
    fresh = [(key, uid) for key, uid, known, travels in rows if known is None and travels]
    last = rows[-1][0]
    made: list[dict[str, Any]] = [
        {"remote_id": remote_id, "deal_id": deal, "move_id": key, "carried": local.move_id(uid),
         "far_id": None if moved and key == last else "", "pushed_at": at}
        for key, uid in fresh
    ]  # fmt: skip
    if moved and all(key != last for key, _ in fresh):  # back to where it was, by an undo
        made.append({"remote_id": remote_id, "deal_id": deal, "move_id": last, "carried": None,
                     "far_id": None, "pushed_at": at})  # fmt: skip
    books.insert("sync_move", made)
