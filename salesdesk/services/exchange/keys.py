"""How a file names a deal, a task or a client: by its external id; one that has none by the
identifier that it has in every copy of the workspace. So exports name them, and imports know both.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

#: Tables whose records have such keys.
TABLES = ("deal", "task", "client", "contractor")
#: What such a key looks like: no other text of a file is taken for one.
_LENGTH = 36


def key_of(external: str | None, uid: bytes) -> str:
    """The key under which a record is exported."""
    return external or str(UUID(bytes=uid))


def ids_of(r: Any, table: str, keys: Iterable[str], where: str) -> dict[str, int]:
    """Ids of the records that these keys of a file name (of a reader or a transaction), of those
    that the condition ``where`` holds for. An external id comes before an identifier."""
    wanted = sorted(set(keys))
    sql = (
        f"SELECT {{name}}, id FROM {table} WHERE {where} AND {{name}} IN ({{{{ids}}}}) ORDER BY id"
    )
    found: dict[str, int] = dict(r.rows_of(sql.format(name="external_id"), wanted))
    uids = {uid: key for key in wanted if key not in found and (uid := _uid(key)) is not None}
    for uid, record in r.rows_of(sql.format(name="uid"), sorted(uids)):
        found[uids[uid]] = record
    return found


def is_uid(key: str) -> bool:
    """Whether a key is an identifier."""
    return _uid(key) is not None


def _uid(key: str) -> bytes | None:
    if len(key) != _LENGTH:
        return None
    try:
        return UUID(key).bytes
    except ValueError:
        return None
