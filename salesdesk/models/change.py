"""The log: commands, their transactions and every change of a field. Insert-only, but for the
state of a command."""

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field

from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.columns import Keyed, big, flag, must, must_ref, ref


class Command(Keyed, table=True):
    """What a person (or a rule, an import, a sync) asked for: the unit of undo and of history.

    ``state`` is ``done`` or ``running`` (a command of several transactions; one found running at
    the next start is rolled back). ``undoes_id`` names the command that an undo or a redo is about.
    """

    __tablename__ = "command"
    __table_args__ = (
        Index(
            "ix_command_running",
            "id",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index(
            "ix_command_told",
            "id",
            sqlite_where=text("kind = 'undo' AND detail IS NOT NULL"),
            postgresql_where=text("kind = 'undo' AND detail IS NOT NULL"),
        ),
    )
    uid: bytes = Field(sa_type=LargeBinary, nullable=False)
    kind: str
    origin: str
    person_id: int | None = ref("person.id")
    at: int = must()
    undoes_id: int | None = ref("command.id")
    state: str = "done"
    undone: int = flag()
    detail: str | None = None


class Txn(Keyed, table=True):
    """One transaction of a command; its changes are ``first_change..last_change``."""

    __tablename__ = "txn"
    command_id: int = must_ref("command.id", index=True)
    at: int = must()
    first_change: int = must()
    last_change: int = must()


class Change(Keyed, table=True):
    """One changed field; ``field`` is empty for a new record. Values keep their types."""

    __tablename__ = "change"
    __table_args__ = (
        Index(
            "ix_change_row",
            "tbl",
            "row_id",
            sqlite_where=text(OF_RECORDS),
            postgresql_where=text(OF_RECORDS),
        ),
    )
    txn_id: int = must()
    tbl: str
    row_id: int = must()
    field: str | None = None
    old: bytes | None = Field(default=None, sa_type=LargeBinary)
    new: bytes | None = Field(default=None, sa_type=LargeBinary)


class Setting(Keyed, table=True):
    """One named setting of the workspace, its value as JSON (see ``services.settings``)."""

    __tablename__ = "setting"
    name: str = Field(unique=True)
    value: str
    deleted_at: int | None = big()
