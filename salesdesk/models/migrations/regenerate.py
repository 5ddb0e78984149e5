"""For developers, until the first release: freeze the tables as they are as revision 0001.

``python -m salesdesk.models.migrations.regenerate`` writes ``first_*.py`` anew. After a release
the first revision never changes again; a change of the tables is a new revision.
"""

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.operations import ops
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from salesdesk.models.columns import Big
from salesdesk.models.tables import MODULES

_HEAD = '''"""The tables of ``models.{subject}`` as the first revision makes them. Frozen."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create() -> None:
    """Make the tables and their indexes."""
    {calls}
'''


def _tables(module: ModuleType) -> list[sa.Table]:
    """The tables that ``module`` itself declares, in the order of its text."""
    return [
        cls.__table__
        for cls in vars(module).values()
        if isinstance(cls, type)
        and issubclass(cls, SQLModel)
        and cls.__module__ == module.__name__
        and hasattr(cls, "__table__")
    ]


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    if kind == "type" and item is Big:
        return "Big"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def _operations(table: sa.Table) -> list[ops.MigrateOperation]:
    made: list[ops.MigrateOperation] = [ops.CreateTableOp.from_table(table)]
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    return made + [ops.CreateIndexOp.from_index(index) for index in indexes]


def _code(table: sa.Table) -> str:
    upgrade = ops.UpgradeOps(ops=_operations(table))
    lines = render_python_code(upgrade, render_item=_render_item).splitlines()
    code = "\n".join(line for line in lines if not line.strip().startswith("#")).strip()
    return code.replace("], )", "])")


def _module(subject: str, tables: list[sa.Table]) -> str:
    calls = "\n    ".join(f"_{table.name}()" for table in tables)
    makers = "".join(f"\n\ndef _{table.name}() -> None:\n    {_code(table)}\n" for table in tables)
    return _HEAD.format(subject=subject, calls=calls) + makers


def main() -> None:
    """Write every ``first_*.py`` and format them."""
    here = Path(__file__).parent
    for old in here.glob("first_*.py"):
        old.unlink()
    written = []
    for module in MODULES:
        subject = module.__name__.rpartition(".")[2]
        path = here / f"first_{subject}.py"
        path.write_text(_module(subject, _tables(module)), encoding="utf-8")
        written.append(str(path))
    for step in (["format"], ["check", "--fix"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, "--quiet", *written], check=True)


if __name__ == "__main__":
    main()
