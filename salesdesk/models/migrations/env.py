"""What Alembic runs: revisions on the connection in ``config.attributes["connection"]``.

The caller has begun the transaction and commits it (see ``salesdesk.models.migrate``).
"""

from typing import Any

from alembic import context


def include_object(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out the full-text tables: no SQLAlchemy table stands for them."""
    return not (kind == "table" and name is not None and "_fts" in name)


def run() -> None:
    """Run the revisions that the command asks for."""
    context.configure(
        connection=context.config.attributes["connection"],
        include_object=include_object,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
