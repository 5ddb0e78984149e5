"""All tables, imported together: what migrations compare the database with."""

from sqlalchemy import ColumnDefault, DefaultClause, text
from sqlmodel import SQLModel

from salesdesk.models import (
    change,
    clients,
    contractors,
    deals,
    people,
    pipelines,
    results,
    sums,
    sync,
    tasks,
)

MODULES = (change, clients, contractors, deals, people, pipelines, results, sums, sync, tasks)
metadata = SQLModel.metadata


def _defaults_in_the_database() -> None:
    """Give every plain default to the database too: the store inserts without the classes."""
    for table in metadata.tables.values():
        for column in table.columns:
            default = column.default
            if isinstance(default, ColumnDefault) and default.is_scalar:
                value = default.arg
                literal = f"'{value}'" if isinstance(value, str) else str(value)
                column.server_default = DefaultClause(text(literal))


_defaults_in_the_database()
