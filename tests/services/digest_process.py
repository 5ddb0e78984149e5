"""Sends one digest in a process of its own, which may end at any point: run by the tests.

Arguments: workspace, address of the server, place, day, the point at which it ends (or "").
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from salesdesk.models.store import Store
from salesdesk.services import digest_sending, digest_text
from salesdesk.services.digest import Digest, find_target
from salesdesk.services.digest_days import part
from salesdesk.services.telegram import Telegram
from tests.emulators.telegram import TOKEN, png

NOW = 1_795_590_000_000_000


def main(path: str, url: str, target: str, day: str, point: str) -> None:
    """Send, and say what became of it."""
    store = Store.open(Path(path))
    writes = 0

    def write(run: Callable[[Store], object]) -> object:
        nonlocal writes
        writes += 1
        if point == f"before write {writes}":
            os._exit(9)
        found = run(store)
        if point == f"after write {writes}":
            os._exit(9)
        return found

    wanted = part("days", int(day))
    assert wanted is not None
    with store.read() as r:
        place = find_target(r, int(target))
    sender = digest_sending.Sender(write, lambda: NOW, lambda: Telegram(url, TOKEN))
    digest = Digest(wanted, ((digest_text.Span("Hello"),),))
    print(digest_sending.send(sender, digest, png(), place).state)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
