"""The commands since a month was closed that have changed something of it, read from the log."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.services import audit
from salesdesk.services.audit import Entry
from salesdesk.services.closing_behind import MILESTONE_OF, OF_TASKS
from salesdesk.services.metric_names import MONEY

#: Deal or task, stage (or 0), its value then, its value now.
Item = tuple[int, int, int, int]
#: What of a deal changes a number of the past, beside its moves; others only its deletion.
_OF_DEAL = {
    "revenue": ("amount", "currency", "deleted_at"),
    "gross_profit": ("amount", "cost", "currency", "parent_id", "deleted_at"),
    "lost": ("lost_reason_id", "deleted_at"),
}
_OF_TASK = ("deleted_at", "deal_id")
_FACTS_OF_DEAL = ("stage_move", "owner_change")
#: What of the configuration changes numbers of the past: table and fields (a new row counts, too).
_CONFIGURATION: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("stage", ("milestone", "kind", "position", "archived", "deleted_at")),
    ("pipeline", ("counts",)),
    ("person", ("in_ranking", "deleted_at")),
    ("setting", ("value", "deleted_at")),
    ("lost_reason", ("not_refusal",)),
)
_POINTS = ("stage_points", ("points", "valid_from", "deleted_at"))
_RATE = ("rate", ("rate", "valid_from", "deleted_at"))
_MOST = 50


@dataclass(frozen=True, slots=True)
class Since:
    """The log after a closing: commands and changes with greater numbers. ``stop``: the end of the
    month (a moment)."""

    r: Reader
    command: int
    change: int
    stop: int
    #: Many numbers come from the same commands: their entries are read once.
    read: dict[frozenset[int], tuple[Entry, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, r: Reader, closed_id: int, stop: int) -> "Since":
        """After the closing that made this record, of a month that ended at ``stop``."""
        row = r.row(
            "SELECT t.command_id, c.id FROM change c JOIN txn t ON t.id = c.txn_id "
            f"WHERE c.tbl = 'closed_month' AND c.{OF_RECORDS} AND c.row_id = ? "
            "AND c.field IS NULL",
            (closed_id,),
        )
        assert row is not None
        return cls(r, row[0], row[1], stop)

    def of_number(self, person: int, metric: str, items: Sequence[Item]) -> tuple[Entry, ...]:
        """Why a number of a person is another now."""
        found: set[int] = set()
        unexplained = not items
        stages: dict[int, set[int]] = defaultdict(set)
        for item in items:
            stages[item[0]].add(item[1])
        for key, entered in stages.items():
            of_record = (
                self._of_task(key) if metric in OF_TASKS else self._of_deal(key, metric, entered)
            )
            found |= of_record
            unexplained = unexplained or not of_record
        if unexplained:
            found |= self._of_configuration(person, metric)
        return self._entries(found)

    def of_target(
        self, table: str, key: tuple[str, int | None, int | None, int | None], month: int | None
    ) -> tuple[Entry, ...]:
        """Who changed a plan or norm: its metric, person, team and kind of task."""
        metric, person, team, kind = key
        of_kind = " AND kind_id IS ?" if table == "plan" else ""
        given = (metric, person, team, month, *((kind,) if of_kind else ()))
        keys = [
            row[0]
            for row in self.r.rows(
                f"SELECT id FROM {table} WHERE metric = ? AND person_id IS ? AND team_id IS ? "
                f"AND month IS ?{of_kind}",
                given,
            )
        ]
        return self._entries(self._changed(table, keys, ("value", "deleted_at")))

    def of_team(self, person: int) -> tuple[Entry, ...]:
        """Who put a person into another team."""
        return self._entries(self._changed("person", [person], ("team_id",)))

    # -- records ------------------------------------------------------------------------------

    def _of_deal(self, deal: int, metric: str, stages: Iterable[int]) -> set[int]:
        deals = [deal]
        if metric == "gross_profit":
            rows = self.r.rows("SELECT id FROM deal WHERE parent_id = ?", (deal,))
            deals += [row[0] for row in rows]
        found = self._changed("deal", deals, _OF_DEAL.get(metric, ("deleted_at",)))
        found |= self._facts(_FACTS_OF_DEAL, "deal_id", deal)
        found |= self._rulings(deal, metric, stages)
        if metric == "deals_without_tasks":
            rows = self.r.rows("SELECT id FROM task WHERE deal_id = ?", (deal,))
            for row in rows:
                found |= self._of_task(row[0])
        return found

    def _of_task(self, task: int) -> set[int]:
        found = self._changed("task", [task], _OF_TASK)
        found |= self._facts(("task_change",), "task_id", task)
        deal = self.r.value("SELECT deal_id FROM task WHERE id = ?", (task,))
        if deal is not None:
            found |= self._changed("deal", [deal], ("deleted_at",))
            found |= self._facts(("stage_move",), "deal_id", deal)
        return found

    def _facts(self, tables: Iterable[str], column: str, key: int) -> set[int]:
        """Commands since that wrote facts of this record up to the end of the month, and those that
        took such a command back."""
        found: set[int] = set()
        for table in tables:
            sql = f"SELECT DISTINCT command_id FROM {table} WHERE {column} = ? AND at < ?"
            found |= self._since({row[0] for row in self.r.rows(sql, (key, self.stop))})
        return found

    def _rulings(self, deal: int, metric: str, stages: Iterable[int]) -> set[int]:
        """The same of rulings on the stages that the number counts."""
        if metric != "points":
            milestone = "won" if metric in MONEY else MILESTONE_OF.get(metric)
            rows = self.r.rows("SELECT id FROM stage WHERE milestone = ?", (milestone,))
            stages = [row[0] for row in rows]
        rows = self.r.rows_of(
            "SELECT DISTINCT command_id FROM reach_ruling "
            "WHERE deal_id = ? AND stage_id IN ({ids})",
            stages,
            (deal,),
        )
        return self._since({row[0] for row in rows})

    def _since(self, commands: set[int]) -> set[int]:
        """Those after the closing, and those after it that took one of all of these back."""
        return {key for key in commands if key > self.command} | self._turned(commands)

    def _turned(self, commands: Iterable[int]) -> set[int]:
        """Undos and redos of these commands since the closing."""
        rows = self.r.rows_of(
            "SELECT id FROM command WHERE id > ? AND undoes_id IN ({ids})",
            commands,
            (self.command,),
        )
        return {row[0] for row in rows}

    def _changed(self, table: str, keys: Iterable[int], fields: Sequence[str]) -> set[int]:
        """Commands since that changed these fields of these records, or made them."""
        names = ", ".join(f"'{field}'" for field in fields)
        rows = self.r.rows_of(
            "SELECT DISTINCT t.command_id FROM change c JOIN txn t ON t.id = c.txn_id "
            f"WHERE c.tbl = ? AND c.{OF_RECORDS} AND c.id > ? "
            f"AND (c.field IS NULL OR c.field IN ({names})) AND c.row_id IN ({{ids}})",
            keys,
            (table, self.change),
        )
        return {row[0] for row in rows}

    # -- configuration ------------------------------------------------------------------------

    def _of_configuration(self, person: int, metric: str) -> set[int]:
        tables = list(_CONFIGURATION)
        if metric == "points":
            tables.append(_POINTS)
        if metric in MONEY:
            tables.append(_RATE)
        if metric != "lost":
            tables = [one for one in tables if one[0] != "lost_reason"]
        found: set[int] = set()
        for table, fields in tables:
            names = ", ".join(f"'{field}'" for field in fields)
            own = " AND c.row_id = ?" if table == "person" else ""
            rows = self.r.rows(
                "SELECT DISTINCT t.command_id FROM change c JOIN txn t ON t.id = c.txn_id "
                f"WHERE c.tbl = ? AND c.{OF_RECORDS} AND c.id > ? "
                f"AND (c.field IS NULL OR c.field IN ({names})){own}",
                (table, self.change, *([person] if own else [])),
            )
            found |= {row[0] for row in rows}
        return found

    def _entries(self, commands: set[int]) -> tuple[Entry, ...]:
        """These commands, the oldest first, but for those that were taken back (and the undo that
        did it): they are as if they had never been."""
        if not commands:
            return ()
        wanted = frozenset(commands)
        if wanted not in self.read:
            self.read[wanted] = self._read(wanted)
        return self.read[wanted]

    def _read(self, commands: frozenset[int]) -> tuple[Entry, ...]:
        keys = ", ".join(str(key) for key in sorted(commands)[-_MOST:])
        found = [entry for entry, _ in audit.commands_where(self.r, f"c.id IN ({keys})", (), _MOST)]
        kept = [one for one in found if not one.undone and (one.undoes or 0) <= self.command]
        return tuple(reversed(kept))
