"""Keyrings of the tests: one that keeps secrets in memory, and some that are none."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from salesdesk.services import secrets


@contextmanager
def socket_folder() -> Iterator[str]:
    """A folder for the sockets of a real keyring. Their addresses have 107 letters at most: one in
    the folder of a test is cut, and where it is cut at a slash nothing can be bound."""
    with tempfile.TemporaryDirectory(prefix="sd-") as folder:
        yield folder


class Memory(KeyringBackend):
    """A keyring of the tests."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Forgetful(Memory):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing."""


class Locked(Memory):
    """Says no, and quotes what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"locked while keeping {password}")


class PlainText(Memory):
    """Writes a file, as some backends do."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def set_password(self, service: str, username: str, password: str) -> None:
        self.file.write_text(password)


def trust(monkeypatch: pytest.MonkeyPatch, *kinds: type) -> None:
    """Take these keyrings of the tests for real ones."""
    for kind in kinds:
        monkeypatch.setitem(secrets.TRUSTED, f"{kind.__module__}.{kind.__qualname__}", "Test")


@contextmanager
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keyring that keeps secrets in memory is the one of this machine, while the block runs."""
    trust(monkeypatch, Memory)
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)
