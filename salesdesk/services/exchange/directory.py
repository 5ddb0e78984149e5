"""Names in a file and the records they stand for: found, or to be made.

A record to be made has a negative key until ``write`` inserts it; ``real`` gives the key it got.
Nothing is made for names that only refused rows carry, because only good rows ask.
"""

from collections.abc import Iterable
from typing import Any

from salesdesk.models.store import Reader, Transaction
from salesdesk.names import clean, key
from salesdesk.services.cards import STAGE_COLOURS
from salesdesk.services.exchange.mapping import Mapping, StageRule

#: Points of a milestone unless told otherwise (domain.md section 4), in millionths.
MILESTONE_POINTS = {
    "new": 100_000, "meeting_scheduled": 1_000_000, "meeting_held": 3_000_000,
    "contract_signed": 7_000_000, "advance_paid": 15_000_000, "won": 35_000_000,
}  # fmt: skip


class Names:
    """Records of one table, by name."""

    def __init__(self, r: Reader, table: str, where: str = "") -> None:
        self.table = table
        self._keys: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._real: dict[int, int] = {}
        self.new: dict[int, dict[str, Any]] = {}
        for found, known in r.rows(
            f"SELECT id, name_key FROM {table} WHERE deleted_at IS NULL{where} ORDER BY id DESC"
        ):
            self._keys[known] = found

    def find(self, name: str) -> int | None:
        """The key of a name, if there is one."""
        return self._keys.get(self._key(name))

    def need(self, name: str, **fields: Any) -> int:
        """The key of a name; a record is planned when there is none."""
        known = self._key(name)
        found = self._keys.get(known)
        if found is None:
            found = -len(self.new) - 1
            self.new[found] = {"name": clean(name), "name_key": known, **fields}
            self._keys[known] = found
        return found

    def real(self, found: int | None) -> int | None:
        """The database's key for a key of ``need``, once written."""
        return self._real[found] if found is not None and found < 0 else found

    def created(self) -> list[str]:
        """Names of the records planned, in order."""
        return [row["name"] for row in self.new.values()]

    def write(self, tx: Transaction) -> None:
        """Insert what is planned and not written yet."""
        waiting = [temp for temp in self.new if temp not in self._real]
        rows = [self._ready(self.new[temp]) for temp in waiting]
        self._real.update(zip(waiting, tx.insert(self.table, rows), strict=True))

    def _ready(self, row: dict[str, Any]) -> dict[str, Any]:
        return row

    def _key(self, name: str) -> str:
        known = self._texts.get(name)
        if known is None:
            known = self._texts[name] = key(name)
        return known


class StagePlan:
    """The stages of one pipeline: known ones, and those that the import makes."""

    def __init__(self, r: Reader, pipeline_id: int | None, name: str, mapping: Mapping) -> None:
        self.pipeline_id = pipeline_id
        self.name = name
        self._rules: dict[str, StageRule] = {}
        self._ranks: dict[str, int] = {}
        self._rank_of: dict[int, int] = {}
        for rank, rule in enumerate(mapping.stages):  # of several spellings the first stays
            self._rules.setdefault(key(rule.value), rule)
            self._ranks.setdefault(key(rule.stage), rank)
        self._known: dict[str, int] = {}
        self._open: list[int] = []
        self._closed: list[int] = []
        self._kinds: dict[int, str] = {}
        self.new: dict[int, tuple[str, StageRule]] = {}
        self._real: dict[int, int] = {}
        for found, known, kind in r.rows(
            "SELECT id, name_key, kind FROM stage WHERE pipeline_id = ? AND deleted_at IS NULL "
            # Deals come to no archived stage; moves of the past may have led there.
            "AND (archived = 0 OR ?) ORDER BY archived = 0, position, id",
            (pipeline_id, mapping.kind == "moves"),
        ):
            self._known[known] = found
            self._kinds[found] = kind
            (self._open if kind == "open" else self._closed).append(found)
        # A guess knows every stage of the file: those of other pipelines and of refused rows too.
        if not mapping.stages_guessed:
            for rule in mapping.stages:
                self.need(rule.value)

    def need(self, value: str) -> int:
        """The stage that a value of the file stands for; planned when there is none."""
        rule = self._rules.get(key(value)) or StageRule(value, clean(value))
        known = key(rule.stage)
        found = self._known.get(known)
        if found is None:
            found = -len(self.new) - 1
            self.new[found] = (rule.stage, rule)
            self._known[known] = found
            kind = rule.kind or "open"
            self._kinds[found] = kind
            self._place(found, known, self._open if kind == "open" else self._closed)
        return found

    def _place(self, stage: int, known: str, order: list[int]) -> None:
        """Put a planned stage among those planned: by the rules' order, others after them."""
        rank = self._ranks.get(known)
        if rank is None:
            order.append(stage)
            return
        self._rank_of[stage] = rank
        last = len(self._ranks)
        behind = (
            place
            for place, other in enumerate(order)
            if other < 0 and self._rank_of.get(other, last) > rank
        )
        order.insert(next(behind, len(order)), stage)

    def find(self, value: str) -> int | None:
        """The stage that a value stands for, if there is one so far."""
        rule = self._rules.get(key(value))
        return self._known.get(key(rule.stage if rule else value))

    def first(self) -> int | None:
        """The first stage of the pipeline."""
        order = [*self._open, *self._closed]
        return order[0] if order else None

    def is_closed(self, stage: int) -> bool:
        """Whether a stage is won or lost."""
        return self._kinds[stage] != "open"

    def kind(self, stage: int) -> str:
        """``open``, ``won`` or ``lost``."""
        return self._kinds[stage]

    def name_of(self, stage: int) -> str:
        """The name of a planned stage."""
        return self.new[stage][0]

    def real(self, stage: int) -> int:
        """The database's key, once written."""
        return self._real[stage] if stage < 0 else stage

    def created(self) -> list[str]:
        """Names of the stages planned, in the order in which they will stand."""
        return [self.new[stage][0] for stage in [*self._open, *self._closed] if stage < 0]

    def write(self, tx: Transaction, pipeline_id: int) -> None:
        """Insert the planned stages, with points, and give all their positions."""
        was_empty = not any(stage > 0 for stage in [*self._open, *self._closed])
        waiting = [s for s in [*self._open, *self._closed] if s < 0 and s not in self._real]
        if not waiting:
            return
        order = [*self._open, *self._closed]
        rows = []
        for stage in waiting:
            name, rule = self.new[stage]
            kind = rule.kind or "open"
            first = was_empty and stage == order[0] and kind == "open"
            milestone = rule.milestone or ({"open": "new" if first else None}.get(kind, kind))
            self.new[stage] = (name, StageRule(
                rule.value, name, rule.kind, milestone, rule.points, rule.probability,
                rule.limit_days,
            ))  # fmt: skip
            rows.append(self._row(pipeline_id, name, self.new[stage][1], order.index(stage)))
        self._real.update(zip(waiting, tx.insert("stage", rows), strict=True))
        tx.update(
            "stage",
            [{"id": self.real(s), "position": place} for place, s in enumerate(order) if s > 0],
        )
        self._write_points(tx, waiting)

    def _row(self, pipeline: int, name: str, rule: StageRule, place: int) -> dict[str, Any]:
        kind = rule.kind or "open"
        usual = {"won": "green", "lost": "red"}
        return {
            "pipeline_id": pipeline, "name": name, "name_key": key(name), "position": place,
            "kind": kind, "milestone": rule.milestone, "limit_days": rule.limit_days,
            "colour": usual.get(kind) or STAGE_COLOURS[place % 7],
            "probability": rule.probability
            if rule.probability is not None
            else (100 if kind == "won" else 0),
        }  # fmt: skip

    def _write_points(self, tx: Transaction, waiting: list[int]) -> None:
        from salesdesk.moments import points_int

        rows = []
        for stage in waiting:
            rule = self.new[stage][1]
            points = MILESTONE_POINTS.get(rule.milestone or "", 0)
            if rule.points is not None:
                points = points_int(rule.points)
            if points:
                rows.append({"stage_id": self.real(stage), "valid_from": None, "points": points})
        tx.insert("stage_points", rows)


class PipelinePlan:
    """The pipelines of an import, by name; a pipeline made here counts in the ranking."""

    def __init__(self, r: Reader, mapping: Mapping, default: str | None) -> None:
        self._r = r
        self._mapping = mapping
        self.names = Names(r, "pipeline")
        self.default = default or mapping.pipeline or self._first_name() or "Sales"
        self._plans: dict[int, StagePlan] = {}

    def _first_name(self) -> str | None:
        found = self._r.value(
            "SELECT name FROM pipeline WHERE deleted_at IS NULL ORDER BY counts DESC, position, id"
        )
        return None if found is None else str(found)

    def stages(self, name: str | None = None) -> StagePlan:
        """The stages of a pipeline (the default one without a name)."""
        wanted = name or self.default
        found = self.names.need(wanted, counts=1, position=1_000)
        if found not in self._plans:
            known = found if found > 0 else None
            self._plans[found] = StagePlan(self._r, known, wanted, self._mapping)
        return self._plans[found]

    def created_stages(self) -> list[str]:
        """Names of all stages planned."""
        return [name for plan in self._plans.values() for name in plan.created()]

    def write(self, tx: Transaction) -> None:
        """Insert planned pipelines and stages."""
        self.names.write(tx)
        for found, plan in self._plans.items():
            pipeline = self.names.real(found)
            assert pipeline is not None
            plan.write(tx, pipeline)


def write_all(tx: Transaction, directories: Iterable[Names]) -> None:
    """Insert the planned records of several tables."""
    for names in directories:
        names.write(tx)
