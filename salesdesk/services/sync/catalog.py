"""The CRMs that there are. A new remote is its own file and a line here."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Reader, Store
from salesdesk.moments import Zone
from salesdesk.services import secrets
from salesdesk.services.calls import host_of, is_local
from salesdesk.services.sync import maps
from salesdesk.services.sync.failures import Kind
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.pace import BLOCKED, Clock
from salesdesk.services.sync.remote import Place, Remote
from salesdesk.services.sync.wire import checked
from salesdesk.text import N_

#: Under which name the secret of the connection is kept in the keyring.
SECRET = "sync"
_NOT_A_WEBHOOK = N_(
    "This is no incoming webhook of Bitrix24: it looks like "
    "https://example.bitrix24.ru/rest/1/secret/; nothing was changed."
)
_NOT_AN_ACCOUNT = N_(
    "An address of an account looks like https://example.amocrm.ru; nothing was changed."
)
_NO_SECRET = N_("The key of {name} is not on this machine: connect again.")


@dataclass(frozen=True, slots=True)
class Access:
    """Where the CRM is, and the secret that opens it; a secret is never shown."""

    kind: str
    base: str
    secret: str

    def __repr__(self) -> str:
        return f"Access({self.kind!r}, {self.base!r})"


class _Own(Remote, Protocol):
    """A remote that can be told to rest."""

    def rest_until(self, moment: int) -> None:
        """Call nothing before a moment."""
        ...


def webhook(address: str, *, plain_http: bool = False) -> Access:
    """The access that an incoming webhook's address gives; raises ``Invalid``."""
    text = address.strip()
    head, found, tail = text.partition("/rest/")
    parts = [part for part in tail.partition("?")[0].split("/") if part]
    parts = parts[1:] if parts[:1] == ["api"] else parts  # the form of REST 3.0
    if not found or len(parts) < 2 or not parts[0].isdecimal():
        raise Invalid(_NOT_A_WEBHOOK)
    secret = "/".join(parts[:2])
    secrets.hide(parts[1])
    return Access("bitrix24", checked(head, plain_http=plain_http), secret)


def token(base: str, text: str, *, plain_http: bool = False) -> Access:
    """The access that a long-lived token of amoCRM gives; raises ``Invalid``. An address may come
    as people write it, without ``https://``."""
    secret = text.strip()
    if not secret or any(sign.isspace() for sign in secret):
        raise Invalid(N_("This is no token: it is one long word; nothing was changed."))
    secrets.hide(secret)
    written = base.strip() if "://" in base else f"https://{base.strip()}"
    if "." not in host_of(written) and not is_local(written):
        raise Invalid(_NOT_AN_ACCOUNT)
    parts = urlsplit(checked(written, plain_http=plain_http))
    return Access("amocrm", f"{parts.scheme}://{parts.netloc}", secret)


def remote(
    access: Access, clock: Clock, zone: Zone, options: Mapping[str, Any], *, rests_until: int = 0
) -> Remote:
    """The remote that speaks to a CRM; before ``rests_until`` it calls nothing."""
    plain = bool(options.get("plain_http"))
    made: _Own
    if access.kind == "bitrix24":
        from salesdesk.services.sync.bitrix24 import Bitrix24

        url = f"{access.base}/rest/{access.secret}"
        leads = bool(options.get("leads_pipeline"))
        made = Bitrix24(url, clock, zone, plain_http=plain, leads=leads)
    else:
        from salesdesk.services.sync.amocrm import AmoCrm

        made = AmoCrm(access.base, access.secret, clock, plain_http=plain)
    made.use_fields(options.get("fields") or {})
    made.rest_until(rests_until)
    return made


def publishes_to(kind: str) -> Set[Place]:
    """What can carry results of the ranking in a CRM of this kind."""
    if kind == "bitrix24":
        from salesdesk.services.sync.bitrix24 import Bitrix24

        return Bitrix24.publishes_to
    from salesdesk.services.sync.amocrm import AmoCrm

    return AmoCrm.publishes_to


def of_connection(r: Reader, connection: Connection, clock: Clock) -> Remote:
    """The remote of the connection in use; raises ``Refused`` where its secret is not here, and
    ``NoKeyring``. An address that was blocked is left alone for its time, whoever asks again."""
    secret = secrets.get(r, SECRET)
    if secret is None:
        raise Refused(_NO_SECRET, name=maps.name_of(connection.kind))
    secrets.hide(secret.rpartition("/")[2])
    access = Access(connection.kind, connection.base_url, secret)
    last = r.row(
        "SELECT ended_at, problem FROM sync_round WHERE remote_id = ? AND ended_at IS NOT NULL "
        "ORDER BY id DESC LIMIT 1",
        (connection.id,),
    )
    blocked = last is not None and last[1] == Kind.BLOCKED.value
    until = last[0] + BLOCKED * 1_000_000 if last is not None and blocked else 0
    return remote(access, clock, r.zone, connection.options, rests_until=until)


def moved(access: Access, remote: Remote) -> Access:
    """The access at the address that the other end has moved to; as it was where it has not."""
    base = str(getattr(remote, "moved", ""))
    return Access(access.kind, base, access.secret) if base else access


def keep_address(store: Store, connection: Connection, remote: Remote) -> None:
    """Call the address that the other end has moved to from now on."""
    base = str(getattr(remote, "moved", ""))
    if base and base != connection.base_url:
        with store.books() as books:
            books.update("sync_remote", [{"id": connection.id, "base_url": base}])
