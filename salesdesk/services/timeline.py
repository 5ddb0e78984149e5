"""One pipeline's whole past in memory: the board of any moment within milliseconds.

Loading reads every segment of the pipeline's deals and every line of the log about the fields that
columns count by, once (a second for a million moves, in the background); each moment is then a
comparison of arrays. ``past.board_at`` answers the same from the database, slowly.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import board, past
from salesdesk.services.amounts import cents
from salesdesk.services.cards import StageColumn
from salesdesk.services.rewinding import FieldSpan, field_spans

_NEVER = 2**63 - 1
#: Stands for an amount or a probability that is not set.
_UNSET = -(2**62)
_FIELDS = ("amount", "currency", "probability", "pos", "deleted_at")
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class PastBoard:
    """The columns as they stood, and the deals in each in the order of the board."""

    at: int
    columns: list[StageColumn]
    ids: dict[int, "array[int]"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is other for a deal at a later moment: where it stands (0: not in this pipeline), whose
    it is, its amount (in the database's unit; ``None`` unset)."""

    deal_id: int
    stages: tuple[int, int]
    owners: tuple[int | None, int | None]
    amounts: tuple[int | None, int | None]


class Timeline:
    """The past of a pipeline; make it with ``load``."""

    def __init__(self, pipeline_id: int) -> None:
        self.pipeline_id = pipeline_id
        #: The first moment at which something stood here; none in an empty pipeline.
        self.first: int | None = None
        #: Tasks that once belonged to another deal, for ``past.cards_at``.
        self.moved_tasks: frozenset[int] = frozenset()
        self._stages: list[tuple[Any, ...]] = []
        self._chances: list[FieldSpan] = []
        self._currencies: list[str] = []
        self._known: dict[str, Decimal] = {}
        self._spans: Any = None
        self._deals: Any = None
        self._present: dict[str, Any] = {}
        self._past: dict[str, tuple[Any, Any, Any, Any]] = {}

    # -- reading ------------------------------------------------------------------------------

    def _at(self, moment: int) -> tuple[Any, Any, Any]:
        """Place of the deals that stood here (in ``_deals``), their stages and owners."""
        deals, starts, stops, stages, owners = self._spans
        here = ((starts <= moment) & (stops > moment)).nonzero()[0]
        places = deals[here]
        kept = self._values("deleted_at", moment)[places] == _UNSET
        return places[kept], stages[here][kept], owners[here][kept]

    def _values(self, field: str, moment: int) -> Any:
        """A field of all deals as it was."""
        rows, since, until, values = self._past[field]
        found = self._present[field]
        then = ((since <= moment) & (until > moment)).nonzero()[0]
        if len(then):
            found = found.copy()
            found[rows[then]] = values[then]
        return found

    def at(self, moment: int, owners: frozenset[int] | None = None) -> PastBoard:
        """The board as of a moment; with ``owners`` of the deals of these people alone (0: of
        nobody)."""
        import numpy as np

        places, stages, whose = self._at(moment)
        if owners is not None:
            mine = np.isin(whose, np.array(sorted(owners), dtype=np.int64))
            places, stages = places[mine], stages[mine]
        ids = self._deals[places]
        order = np.lexsort((ids, self._values("pos", moment)[places], stages))
        places, stages, ids = places[order], stages[order], ids[order]
        cuts = np.flatnonzero(np.diff(stages)) + 1
        found = {
            int(there[0]): array("q", each.tobytes())
            for there, each in zip(np.split(stages, cuts), np.split(ids, cuts), strict=True)
            if len(there)
        }
        sums = self._sums(places, stages, moment)
        columns = [
            self._column(row, len(found.get(row[0], ())), sums.get(row[0], {}), moment)
            for row in self._stages
            if not row[6] or row[0] in found
        ]
        return PastBoard(moment, columns, found)

    def _sums(
        self, places: Any, stages: Any, moment: int
    ) -> dict[int, dict[str, tuple[int, int, int]]]:
        """By stage and currency: amount, of those with a probability of their own, and that times
        percent. Deals without an amount are left out."""
        import numpy as np

        amount = self._values("amount", moment)[places]
        with_one = (amount != _UNSET) & (amount != 0)
        amount, stages, places = amount[with_one], stages[with_one], places[with_one]
        currency = self._values("currency", moment)[places]
        own = self._values("probability", moment)[places]
        order = np.lexsort((currency, stages))
        amount, stages, currency, own = amount[order], stages[order], currency[order], own[order]
        if not len(amount):
            return {}
        starts = np.flatnonzero(np.diff(stages) | np.diff(currency)) + 1
        starts = np.concatenate(([0], starts))
        has = own != _UNSET
        parts = [
            np.add.reduceat(each, starts)
            for each in (amount, np.where(has, amount, 0), np.where(has, amount * own, 0))
        ]
        found: dict[int, dict[str, tuple[int, int, int]]] = {}
        for at, start in enumerate(starts):
            name = self._currencies[int(currency[start])]
            three = (int(parts[0][at]), int(parts[1][at]), int(parts[2][at]))
            found.setdefault(int(stages[start]), {})[name] = three
        return found

    def _column(
        self,
        row: tuple[Any, ...],
        count: int,
        sums: Mapping[str, tuple[int, int, int]],
        moment: int,
    ) -> StageColumn:
        key, name, kind, colour, percent, limit, _ = row
        for span in self._chances:
            if span.row == key and span.since <= moment < span.until:
                percent = span.value
        percent = {"won": 100, "lost": 0}.get(kind, percent)
        amount, weighted = Decimal(0), Decimal(0)
        unrated = []
        for code, (total, own_amount, own_weighted) in sums.items():
            rate = self._known.get(code)
            if rate is None:
                unrated.append(code)
                continue
            amount += amount_of(total) * rate
            share = (total - own_amount) * percent + own_weighted
            weighted += amount_of(share) / 100 * rate
        return StageColumn(
            key, name, kind, colour, percent, limit, count,
            cents(amount), cents(weighted), tuple(sorted(unrated)),
        )  # fmt: skip

    def differences(self, before: int, after: int) -> list[Difference]:
        """The deals that stand otherwise ``after``, or are another's, or worth something else."""
        import numpy as np

        count = len(self._deals)
        states = []
        for moment in (before, after):
            places, stages, owners = self._at(moment)
            whole = np.zeros((3, count), dtype=np.int64)
            whole[0, places] = stages
            whole[1, places] = owners
            whole[2] = np.where(whole[0] == 0, _UNSET, self._values("amount", moment))
            states.append(whole)
        other = np.flatnonzero((states[0] != states[1]).any(axis=0))
        found = []
        for at in other:
            old, new = (tuple(int(each) for each in state[:, at]) for state in states)
            found.append(
                Difference(
                    int(self._deals[at]), (old[0], new[0]), (old[1] or None, new[1] or None),
                    (_set(old[2]), _set(new[2])),
                )
            )  # fmt: skip
        return found


def _set(value: int) -> int | None:
    return None if value == _UNSET else value


# -- loading --------------------------------------------------------------------------------------


def load(r: Reader, pipeline_id: int) -> Timeline:
    """Read the past of a pipeline."""
    found = Timeline(pipeline_id)
    found._stages = r.rows(
        "SELECT id, name, kind, colour, probability, limit_days, "
        "archived OR deleted_at IS NOT NULL FROM stage WHERE pipeline_id = ? ORDER BY position, id",
        (pipeline_id,),
    )
    stages = [row[0] for row in found._stages]
    found._chances = field_spans(r, "stage", ("probability",), set(stages))
    home = board.currency(r)
    found._known = board.rates(r, home)
    found._spans, found._deals = _load_spans(r, stages)
    if len(found._deals):
        found.first = int(found._spans[1].min())
    _load_fields(r, found)
    found.moved_tasks = past.moved_tasks(r)
    return found


def _load_spans(r: Reader, stages: list[int]) -> tuple[Any, Any]:
    """Segments as arrays (place of the deal, start, stop, stage, owner), and the deals' ids."""
    import numpy as np

    marks = ", ".join("?" * len(stages)) or "NULL"
    sql = (
        f"SELECT deal_id, start, coalesce(stop, {_NEVER}), stage_id, coalesce(owner_id, 0) "
        f"FROM span WHERE deal_id BETWEEN ? AND ? AND stage_id IN ({marks})"
    )
    last = int(r.value("SELECT coalesce(max(id), 0) FROM deal"))
    parts = [np.array(past.spans_of_deleted(r, set(stages)), dtype=np.int64).reshape(-1, 5)]
    for start in range(0, last + 1, _CHUNK):
        rows = r.rows(sql, (start, start + _CHUNK - 1, *stages))
        parts.append(np.array(rows, dtype=np.int64).reshape(-1, 5))
    spans = np.concatenate(parts).T
    deals, places = np.unique(spans[0], return_inverse=True)
    return (places.reshape(-1), *(np.ascontiguousarray(row) for row in spans[1:])), deals


def _load_fields(r: Reader, found: Timeline) -> None:
    """The fields of the deals as they are now, and the times in which they were others."""
    import numpy as np

    ids = [int(key) for key in found._deals]
    codes: dict[str, int] = {}
    rows = r.rows_of(f"SELECT id, {', '.join(_FIELDS)} FROM deal WHERE id IN ({{ids}})", ids)
    rows.sort()
    for at, field in enumerate(_FIELDS, 1):
        values = [_coded(field, row[at], codes) for row in rows]
        found._present[field] = np.array(values, dtype=_kind(field))
    places = {key: at for at, key in enumerate(ids)}
    spans: dict[str, list[FieldSpan]] = {field: [] for field in _FIELDS}
    for span in field_spans(r, "deal", _FIELDS):
        if span.row in places:
            spans[span.field].append(span)
    for field, some in spans.items():
        found._past[field] = (
            np.array([places[span.row] for span in some], dtype=np.int64),
            np.array([span.since for span in some], dtype=np.int64),
            np.array([span.until for span in some], dtype=np.int64),
            np.array([_coded(field, span.value, codes) for span in some], dtype=_kind(field)),
        )
    found._currencies = list(codes)


def _kind(field: str) -> str:
    return "float64" if field == "pos" else "int64"


def _coded(field: str, value: Any, codes: dict[str, int]) -> Any:
    """A value as its array has it."""
    if field == "currency":
        return codes.setdefault(value or "", len(codes))
    return _UNSET if value is None else value


def owners_of(seen: Iterable[int] | None, chosen: Iterable[int] | None) -> frozenset[int] | None:
    """Whose deals a past board shows: those chosen, of those that may be seen (and nobody's)."""
    if seen is None:
        return None if chosen is None else frozenset(chosen)
    allowed = frozenset(seen) | {0}
    return allowed if chosen is None else allowed & frozenset(chosen)
