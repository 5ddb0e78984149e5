"""Which services the rows of a file of contractors name: found in the list of services, or made."""

import re
from collections import defaultdict

from salesdesk.models.store import Reader, Transaction
from salesdesk.names import clean, key
from salesdesk.services.exchange.columns import Columns
from salesdesk.services.exchange.directory import Names

_PARTS = re.compile(r"[;\n]+")


class ContractorServices:
    """The services of each row. A file adds to what a contractor does and takes nothing away."""

    def __init__(self, r: Reader, columns: Columns) -> None:
        self._texts = columns.texts("services")
        self.names = Names(r, "service")
        self._does: dict[int, set[int]] = defaultdict(set)
        for contractor, service in r.rows(
            "SELECT contractor_id, service_id FROM contractor_service WHERE deleted_at IS NULL"
        ):
            self._does[contractor].add(service)

    def fresh(self, row: int, contractor: int | None) -> list[int]:
        """Services of a row that the contractor (None: a new one) does not do yet, as keys of
        ``names``."""
        there = self._does.get(contractor, set()) if contractor is not None else set()
        found = (self.names.need(name, position=_LAST) for name in self._named(row))
        return [service for service in dict.fromkeys(found) if service not in there]

    def write(self, tx: Transaction, contractor: int, services: list[int]) -> None:
        """Have the contractor do these services, too."""
        tx.insert(
            "contractor_service",
            [
                {"contractor_id": contractor, "service_id": self.names.real(service)}
                for service in services
            ],
        )

    def _named(self, row: int) -> list[str]:
        return split_services(self._texts[row] or "", self.names)


#: Where services made by an import stand in their list: last, in the order of their making.
_LAST = 1_000


def split_services(text: str, known: Names) -> list[str]:
    """The services that a cell names, split at ``;``, at line ends and at commas; a comma inside
    the name of a known service is no end of it."""
    found: dict[str, str] = {}
    for part in _PARTS.split(text):
        whole = known.find(part) is not None
        for name in [part] if whole else part.split(","):
            if clean(name):
                found.setdefault(key(name), clean(name))
    return list(found.values())
