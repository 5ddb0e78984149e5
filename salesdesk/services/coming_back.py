"""Records that come back after they were deleted: not while another one has their key."""

from collections.abc import Iterable

from salesdesk.errors import Refused
from salesdesk.models.store import Transaction
from salesdesk.services.exchange.keys import TABLES, ids_of, key_of
from salesdesk.text import N_


def refuse_taken(tx: Transaction, table: str, ids: Iterable[int]) -> None:
    """Raise ``Refused`` where a record that is there has the key, in files, of one of these: an
    import has made it again meanwhile."""
    if table not in TABLES:
        return
    kind = "kind" if table == "client" else "''"
    back: dict[str, dict[str, int]] = {}
    for record, external, uid, of in tx.rows_of(
        f"SELECT id, external_id, uid, {kind} FROM {table} WHERE deleted_at IS NOT NULL "
        "AND id IN ({ids})",
        sorted(ids),
    ):
        back.setdefault(of, {})[key_of(external, uid)] = record
    for of, keys in back.items():
        there = "deleted_at IS NULL" + (f" AND kind = '{of}'" if of else "")
        for key in ids_of(tx, table, keys, there):
            raise Refused(
                N_(
                    "The record with the external number {number} cannot come back while another "
                    "one has that number; nothing was changed."
                ),
                number=key,
            )
