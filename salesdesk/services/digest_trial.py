"""Trying out a place for the digest, so that a mistake is found before the morning."""

import os

from salesdesk.errors import Reason, SalesDeskError
from salesdesk.models.store import Store
from salesdesk.services import digest, digest_files, digest_sending
from salesdesk.services.digest import FOLDER, Target
from salesdesk.services.digest_text import escaped
from salesdesk.text import N_, tr


def try_out(store: Store, target: Target, *, now: int) -> str:
    """Send a line to a chat, or see that a folder can be written; what to tell. Waits for the net.

    Raises SalesDeskError in a sentence when it does not work.
    """
    if target.kind == FOLDER:
        _try_folder(target)
        return tr("{place} can be written", place=target.name)
    bot = digest_sending.bot_of(store)
    moved: list[str] = []
    text = tr("This is SalesDesk. The digest of the ranking will come here.")
    bot.send_text(target.address, escaped(text), thread=target.thread, moved=moved.append)
    if moved:
        digest.migrated(store, target.id, moved[-1], now=now)
    return tr("A test went to {place}", place=target.name)


def _try_folder(target: Target) -> None:
    probe = digest_files.folder_of(target.address) / f".salesdesk-{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SalesDeskError(
            N_("The folder cannot be used"),
            N_("{file} cannot be written ({reason})."),
            file=target.address, reason=Reason(error),
        ) from error  # fmt: skip
