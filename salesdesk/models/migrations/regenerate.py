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


def _code(made: list[ops.MigrateOperation]) -> str:
    upgrade = ops.UpgradeOps(ops=made)
    lines = render_python_code(upgrade, render_item=_render_item).splitlines()
    code = "\n".join(line for line in lines if not line.strip().startswith("#")).strip()
    return code.replace("], )", "])")


def _functions(table: sa.Table) -> dict[str, str]:
    """Name and body of the functions that make a table and its indexes."""
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    found = {f"_{table.name}": _code([ops.CreateTableOp.from_table(table)])}
    if indexes:
        made: list[ops.MigrateOperation] = [ops.CreateIndexOp.from_index(each) for each in indexes]
        found[f"_{table.name}_indexes"] = _code(made)
    return found


def _module(subject: str, tables: list[sa.Table]) -> str:
    functions = {name: body for table in tables for name, body in _functions(table).items()}
    calls = "\n    ".join(f"{name}()" for name in functions)
    makers = "".join(f"\n\ndef {name}() -> None:\n    {body}\n" for name, body in functions.items())
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
