"""PINs of people who share a computer: asked when someone switches to a person who has one.

A PIN keeps a colleague from acting under a wrong name by mistake; four digits keep nobody out who
holds the file (docs/roles.md). Only a slow, salted hash of it is kept.
"""

import hashlib
import hmac
import secrets

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store
from salesdesk.services import rights
from salesdesk.services.people import NO_PERSON
from salesdesk.services.records import Asks, must_exist
from salesdesk.text import N_

LEAST, MOST = 4, 8
#: Tries that cost nothing; each further wrong one makes the next wait twice as long.
FREE_TRIES = 3
_FIRST_WAIT_SECONDS = 5
_LONGEST_WAIT_SECONDS = 300
#: Work factors of scrypt: about a twentieth of a second and 16 MB.
_N, _R, _P = 2**14, 8, 1


def has_pin(r: Asks, person_id: int) -> bool:
    """Whether someone has a PIN."""
    return r.value("SELECT pin_hash FROM person WHERE id = ?", (person_id,)) is not None


def is_right(r: Asks, person_id: int, pin: str) -> bool:
    """Whether this is the PIN of someone; true for someone without one. Slow on purpose."""
    kept = r.value("SELECT pin_hash FROM person WHERE id = ?", (person_id,))
    if kept is None:
        return True
    parts = str(kept).split("$")
    if len(parts) != 6 or parts[0] != "scrypt":
        return False
    n, cost, parallel = (int(part) for part in parts[1:4])
    salt, wanted = bytes.fromhex(parts[4]), bytes.fromhex(parts[5])
    return hmac.compare_digest(_hash(pin, salt, n, cost, parallel), wanted)


def wait_after(wrong: int) -> int:
    """Seconds to wait after so many wrong tries in a row."""
    if wrong < FREE_TRIES:
        return 0
    return min(_FIRST_WAIT_SECONDS << min(wrong - FREE_TRIES, 10), _LONGEST_WAIT_SECONDS)


def set_pin(
    store: Store,
    person_id: int,
    pin: str,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Give oneself a PIN (or another one); returns the command. Raises Invalid, Refused."""
    if not (LEAST <= len(pin) <= MOST and pin.isascii() and pin.isdecimal()):
        raise Invalid(N_("A PIN has {least} to {most} digits; nothing was changed."),
                      least=LEAST, most=MOST)  # fmt: skip
    salt = secrets.token_bytes(16)
    hashed = _hash(pin, salt, _N, _R, _P)
    kept = f"scrypt${_N}${_R}${_P}${salt.hex()}${hashed.hex()}"
    with store.command("person.pin", now=now, person=person, origin=origin) as tx:
        must_exist(tx, "person", person_id, NO_PERSON)
        if person != person_id:
            raise Refused(N_("Everybody sets the own PIN; nothing was changed."))
        tx.update("person", [{"id": person_id, "pin_hash": kept}])
    return tx.command_id


def remove_pin(
    store: Store, person_id: int, *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Take the PIN of oneself away, or (an administrator) that of somebody who forgot it."""
    with store.command("person.pin", now=now, person=person, origin=origin) as tx:
        must_exist(tx, "person", person_id, NO_PERSON)
        if person != person_id:
            rights.require(tx, person, "people")
        tx.update("person", [{"id": person_id, "pin_hash": None}])
    return tx.command_id


def _hash(pin: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=32)
