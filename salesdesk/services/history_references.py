"""What refers to a record: the reasons for which a record outlives the command that made it.

Each query gives (record, command that stands and refers to it); ``{ids}`` are the records.
"""

from collections.abc import Iterable

from salesdesk.models.asking import OF_RECORDS
from salesdesk.services.records import Asks, Row

_LIVE = "m.undone = 0 AND m.origin <> 'undo'"


def _fact(table: str, column: str) -> str:
    return (
        f"SELECT DISTINCT f.{column}, m.id FROM {table} f JOIN command m ON m.id = f.command_id "
        f"WHERE {_LIVE} AND f.{column} IN ({{ids}})"
    )


def _record(table: str, column: str) -> str:
    """Records not deleted that refer by ``column``, with the command that made them."""
    return (
        f"SELECT DISTINCT x.{column}, m.id FROM {table} x "
        f"JOIN change c ON c.tbl = '{table}' AND c.{OF_RECORDS} "
        "AND c.row_id = x.id AND c.field IS NULL "
        "JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
        f"WHERE x.deleted_at IS NULL AND x.{column} IN ({{ids}})"
    )


def _standing(table: str, column: str, on: str = "deal") -> str:
    """Live facts of deals not deleted that name the record."""
    return (
        f"SELECT DISTINCT f.{column}, f.command_id FROM {table} f JOIN {on} d ON d.id = f.{on}_id "
        f"WHERE f.undone = 0 AND d.deleted_at IS NULL AND f.{column} IN ({{ids}})"
    )


OTHERS: dict[str, tuple[str, ...]] = {
    "deal": (
        _fact("stage_move", "deal_id"),
        _fact("owner_change", "deal_id"),
        _fact("reach_ruling", "deal_id"),
        _record("task", "deal_id"),
        (
            "SELECT DISTINCT x.deal_id, m.id FROM task x JOIN task_change f ON f.task_id = x.id "
            f"JOIN command m ON m.id = f.command_id WHERE {_LIVE} AND x.deal_id IN ({{ids}})"
        ),
        _record("note", "deal_id"),
        _record("payment", "deal_id"),
        _record("contractor_quote", "deal_id"),
        _record("deal", "parent_id"),
    ),
    "task": (_fact("task_change", "task_id"),),
    "client": (
        _record("deal", "client_id"),
        _record("deal", "contact_id"),
        _record("task", "client_id"),
        _record("note", "client_id"),
        _record("client", "company_id"),
    ),
    "stage": (
        _standing("stage_move", "to_stage_id"),
        _record("task_rule", "stage_id"),
        _record("task_rule", "event_stage_id"),
        _record("link_rule", "stage_id"),
        _record("link_rule", "target_stage_id"),
    ),
    "task_rule": (_record("task_rule", "event_rule_id"),),
    "pipeline": (_record("stage", "pipeline_id"),),
    "person": (
        _standing("stage_move", "owner_id"),
        _standing("stage_move", "mover_id"),
        _standing("owner_change", "person_id"),
        _standing("task_change", "assignee_id", "task"),
        _record("person", "supervisor_id"),
        _record("plan", "person_id"),
        _record("norm", "person_id"),
        _record("task_rule", "assignee_id"),
        _record("link_rule", "assignee_id"),
    ),
    "team": (
        _record("person", "team_id"),
        _record("team", "parent_id"),
        _record("plan", "team_id"),
        _record("norm", "team_id"),
        _record("task_rule", "team_id"),
        _record("link_rule", "team_id"),
    ),
    "source": (_record("deal", "source_id"), _record("client", "source_id")),
    "industry": (_record("deal", "industry_id"), _record("client", "industry_id")),
    "lost_reason": (_record("deal", "lost_reason_id"),),
    "tag": (_record("deal_tag", "tag_id"),),
    "custom_field": (_record("field_value", "field_id"),),
    "task_kind": (_record("task", "kind_id"), _record("task_rule", "kind_id")),
    "contractor": (
        _record("payment", "contractor_id"),
        _record("contractor_quote", "contractor_id"),
        _record("contractor_rating", "contractor_id"),
    ),
    "contractor_quote": (_record("contractor_rating", "quote_id"),),
    "service": (
        _record("contractor_service", "service_id"),
        _record("contractor_quote", "service_id"),
    ),
}

#: Dependents come before what they refer to; tables not named here come between.
ORDER: dict[str, int] = {
    "deal_tag": 1, "field_value": 1, "note": 1, "payment": 1, "contractor_rating": 1,
    "contractor_service": 1, "contractor_contact": 1, "contractor_quote": 2, "task": 2, "deal": 3,
    "client_contact": 4, "client": 60, "task_rule": 61, "link_rule": 61, "stage_points": 62,
    "stage": 63, "pipeline": 64, "person": 65, "team": 66, "source": 67, "industry": 67,
    "lost_reason": 67, "tag": 67, "custom_field": 67, "task_kind": 68,
}  # fmt: skip

#: What records are called when an undo names those that it keeps; one that is not here is never
#: looked at again when what kept it has gone.
NAMES: dict[str, str] = {
    "deal": "title", "task": "title", "client": "name", "person": "name", "stage": "name",
    "pipeline": "name", "team": "name", "source": "name", "note": "text",
    "contractor": "name", "service": "name", "task_rule": "title", "task_kind": "name",
    "custom_field": "name", "industry": "name", "lost_reason": "name", "tag": "name",
}  # fmt: skip


def claims(r: Asks, table: str, ids: Iterable[int]) -> list[Row]:
    """(record, command) of the standing commands that changed these records or refer to them."""
    keys = list(ids)
    found = r.rows_of(
        "SELECT DISTINCT c.row_id, m.id FROM change c JOIN txn t ON t.id = c.txn_id "
        "JOIN command m ON m.id = t.command_id WHERE c.tbl = ? AND c.field IS NOT NULL "
        f"AND c.{OF_RECORDS} AND {_LIVE} AND c.row_id IN ({{ids}})",
        keys,
        (table,),
    )
    for sql in OTHERS.get(table, ()):
        found += r.rows_of(sql, keys)
    return found
