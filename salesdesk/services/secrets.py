"""Secrets of this machine (tokens, keys) in the system's keyring, and nowhere else.

Only backends that really keep a secret are trusted: others write plain text or forget what they
were given. Without one every verb refuses in a sentence and writes nothing. What was read or
written here is known to ``redacted``, which takes it out of whatever text is to be shown or logged.
"""

import logging
import threading
from typing import Any

from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Reader
from salesdesk.text import N_

SERVICE = "SalesDesk"
#: The token of the bot that sends the digest.
TELEGRAM = "telegram"
#: Windows keeps so many characters of an entry.
MOST_CHARACTERS = 1200
#: The backends that are trusted, and what people call them.
TRUSTED: dict[str, str] = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
}
_CHAIN = "keyring.backends.chainer.ChainerBackend"
_SHOWN = "•••"
#: The shortest key that is looked for in texts; those of the services are far longer.
_LEAST = 6
#: Loggers of the libraries that speak to the net: their lines hold addresses, thus tokens.
_LOGGERS = (
    "httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.http2",
    "httpcore.proxy", "httpcore.socks",
)  # fmt: skip
_hidden: set[str] = set()
_lock = threading.Lock()


class NoKeyring(SalesDeskError):
    """There is no keyring that can be trusted, or it did not answer; nothing was written."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(N_("The keyring cannot be used"), message, **values)


_NONE = N_("This system has no keyring that SalesDesk trusts, so the secret is not kept: nothing "
           "was written. On Linux install gnome-keyring or KWallet and log in again.")  # fmt: skip
_SHUT = N_("The keyring does not open ({reason}); unlock it and try again. Nothing was written.")


def kept_by() -> str:
    """What the keyring in use is called; raises NoKeyring where none is trusted."""
    return TRUSTED[_name(_backend())]


def get(r: Reader, name: str) -> str | None:
    """A secret of this workspace on this machine; None when there is none. Raises NoKeyring."""
    found = _asked("get_password", _entry(r, name))
    if found:
        hide(found)
    return found or None


def keep(r: Reader, name: str, value: str) -> None:
    """Keep a secret, and see that it was kept. Raises NoKeyring."""
    if not value or len(value) > MOST_CHARACTERS:
        raise NoKeyring(N_("A secret has from 1 to {n} characters."), n=MOST_CHARACTERS)
    hide(value)
    entry = _entry(r, name)
    _asked("set_password", entry, value)
    if _asked("get_password", entry) != value:
        raise NoKeyring(N_("The keyring did not keep the secret; nothing was written elsewhere."))


def delete(r: Reader, name: str) -> None:
    """Forget a secret; nothing happens when there is none. Raises NoKeyring."""
    entry = _entry(r, name)
    if _asked("get_password", entry) is not None:
        _asked("delete_password", entry)


def hide(value: str) -> None:
    """Have ``redacted`` take this value out of texts, and of what network libraries log. A few
    letters are nobody's key but a slip, and would be missing in every text from then on."""
    if len(value) < _LEAST:
        return
    with _lock:
        _hidden.add(value)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _redact not in logger.filters:
            logger.addFilter(_redact)


def redacted(text: str) -> str:
    """The text without any secret that this process has seen."""
    with _lock:
        known = sorted(_hidden, key=len, reverse=True)
    for value in known:
        text = text.replace(value, _SHOWN)
    return text


def _redact(record: logging.LogRecord) -> bool:
    """A filter of loggers: the line without secrets."""
    record.msg, record.args = redacted(record.getMessage()), ()
    return True


def _entry(r: Reader, name: str) -> str:
    """The name of a secret in the keyring: of this workspace, wherever its file lies."""
    uid = str(r.value("SELECT value FROM setting WHERE name = 'uid'") or "").strip('"')
    return f"{uid}/{name}"


def _name(backend: Any) -> str:
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"


def _backend() -> Any:
    """The keyring in use; of a chain its first link, if that is trusted. Raises NoKeyring."""
    import keyring

    try:
        found: Any = keyring.get_keyring()
        links = list(found.backends) if _name(found) == _CHAIN else [found]
    except Exception as error:  # noqa: BLE001 - what is set up wrongly is imported by its name
        raise NoKeyring(_SHUT, reason=type(error).__name__) from None
    if not links or _name(links[0]) not in TRUSTED:
        raise NoKeyring(_NONE)
    return links[0]


def _asked(verb: str, *words: str) -> str | None:
    """Ask the keyring. Its errors may quote what they were given, so they are not handed on."""
    backend = _backend()
    try:
        found: str | None = getattr(backend, verb)(SERVICE, *words)
    except Exception as error:  # noqa: BLE001 - backends raise errors of many libraries
        raise NoKeyring(_SHUT, reason=type(error).__name__) from None
    return found
