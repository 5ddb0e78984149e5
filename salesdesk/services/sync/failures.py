"""How a call to a remote can fail, by what may be done about it.

The classes follow what the vendors document and what was seen of them; ``automatic`` says what the
engine does by itself. Messages of the vendors are shown as they are and never decide anything.
"""

from enum import Enum

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_


class Kind(Enum):
    """What happened to a call; the value is kept in the queue."""

    #: The other end never got it (no name, refused, no connection): try again later, any call.
    NOT_SENT = "not_sent"
    #: Too many calls: wait until ``retry_at``, then again. Not executed where the vendor says so.
    RATE = "rate"
    #: One method is blocked until ``retry_at``; the others go on.
    PAUSED = "paused"
    #: The address or the account is blocked: everything stops, for a long time, and is told.
    BLOCKED = "blocked"
    #: The secret is not accepted (any more): stop and ask.
    AUTH = "auth"
    #: A right or a scope is missing: this stream stops, and it is said what to grant.
    PERMISSION = "permission"
    #: This very record is refused: set aside for a person, never sent again unchanged.
    INVALID = "invalid"
    #: The object is not there (any more).
    GONE = "gone"
    #: It may have been done or not: never repeat a creation blindly, look it up first.
    UNKNOWN = "unknown"
    #: The portal lives at another address now (``location``).
    REDIRECTED = "redirected"
    #: An answer that cannot be read: for a write as UNKNOWN, a read is tried again.
    MALFORMED = "malformed"


#: In the words of people.
WORDS: dict[Kind, str] = {
    Kind.NOT_SENT: N_("The CRM cannot be reached; what waits is kept and sent later."),
    Kind.RATE: N_("The CRM asks for a pause; the sync goes on by itself."),
    Kind.PAUSED: N_("The CRM has paused a part of its service; the rest goes on."),
    Kind.BLOCKED: N_("The CRM has blocked this address: the sync waits and tries again later."),
    Kind.AUTH: N_("The CRM does not accept the key any more: connect again."),
    Kind.PERMISSION: N_("The key lacks a right in the CRM: {detail}"),
    Kind.INVALID: N_("The CRM does not take this record: {detail}"),
    Kind.GONE: N_("This is not in the CRM any more."),
    Kind.UNKNOWN: N_("It is not known whether the CRM took this; it is looked up before a retry."),
    Kind.REDIRECTED: N_("The CRM has moved to another address: {detail}"),
    Kind.MALFORMED: N_("The CRM answered something that cannot be read."),
}

#: The same while somebody connects, where it is told otherwise: nothing waits so far, no key was
#: taken before.
CONNECTING: dict[Kind, str] = {
    Kind.NOT_SENT: N_("The CRM cannot be reached: check the address and the net."),
    Kind.RATE: N_("The CRM asks for a pause: try again in a minute."),
    Kind.PAUSED: N_("The CRM asks for a pause: try again in a minute."),
    Kind.BLOCKED: N_("The CRM has blocked this address: try again later."),
    Kind.AUTH: N_("The CRM does not accept this key: copy all of it once more, or make a new one."),
}


class Failure(SalesDeskError):
    """A call that failed. ``retry_at`` is a moment (µs UTC) or None; ``field`` names what was
    refused; ``location`` is where a redirect leads. ``detail`` is the vendor's text, without
    secrets."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        retry_at: int | None = None,
        field: str | None = None,
        location: str | None = None,
        method: str | None = None,
    ) -> None:
        super().__init__(N_("The sync has stopped at something"), WORDS[kind], detail=detail)
        self.kind = kind
        self.detail = detail
        self.retry_at = retry_at
        self.field = field
        self.location = location
        self.method = method

    def while_connecting(self) -> "Failure":
        """The same in the words for somebody who connects: nothing was accepted before."""
        self.message = CONNECTING.get(self.kind, self.message)
        return self
