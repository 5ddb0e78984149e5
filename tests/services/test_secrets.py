"""Secrets are kept by a keyring that can be trusted, or not at all."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from salesdesk.models.store import Store
from salesdesk.services import secrets
from salesdesk.services.secrets import NoKeyring
from tests.builders import Desk, empty_store
from tests.emulators.keyrings import Forgetful, Locked, Memory, PlainText, socket_folder, trust

CANARY = "987654:canary-that-is-nowhere-else"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = empty_store(tmp_path)
    Desk(made)
    before = keyring.get_keyring()
    yield made
    keyring.set_keyring(before)
    made.close()


def test_a_secret_is_kept_read_and_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(monkeypatch, Memory)
    backend = Memory()
    keyring.set_keyring(backend)
    with store.read() as r:
        assert secrets.get(r, secrets.TELEGRAM) is None
        secrets.keep(r, secrets.TELEGRAM, CANARY)
        assert secrets.get(r, secrets.TELEGRAM) == CANARY
        uid = r.value("SELECT value FROM setting WHERE name = 'uid'").strip('"')
        assert uid
        assert backend.kept == {("SalesDesk", f"{uid}/telegram"): CANARY}
        assert secrets.redacted(f"a {CANARY} b") == "a ••• b"
        secrets.delete(r, secrets.TELEGRAM)
        secrets.delete(r, secrets.TELEGRAM)
        assert secrets.get(r, secrets.TELEGRAM) is None
    assert secrets.kept_by() == "Test"


def test_a_slip_is_not_taken_out_of_every_text() -> None:
    """Else one letter that was pasted instead of a key is missing wherever it stands."""
    secrets.hide("x")
    secrets.hide("")
    assert secrets.redacted("an example") == "an example"
    secrets.hide("c4nary")
    assert secrets.redacted("a c4nary b") == "a ••• b"


def chained(*links: KeyringBackend) -> Any:
    """Keyrings in a chain, the first of them in use."""

    chain = chainer.ChainerBackend
    about = {"backends": list(links), "__module__": chain.__module__}
    made: Any = type(chain.__qualname__, (chain,), about)
    return made()


@pytest.mark.parametrize("kind", ["fail", "null", "plain", "chain", "locked", "forgetful"])
def test_what_is_no_keyring_gets_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    trust(monkeypatch, Memory, Locked, Forgetful)
    file = tmp_path / "plain.txt"
    failing: Any = fail
    forgetting: Any = null
    backends: dict[str, Any] = {
        "fail": failing.Keyring(), "null": forgetting.Keyring(), "plain": PlainText(file),
        "chain": chained(PlainText(file), Memory()), "locked": Locked(),
        "forgetful": Forgetful(),
    }  # fmt: skip
    keyring.set_keyring(backends[kind])
    with store.read() as r:
        with pytest.raises(NoKeyring) as caught:
            secrets.keep(r, secrets.TELEGRAM, CANARY)
        if kind in ("fail", "null", "plain", "chain"):
            with pytest.raises(NoKeyring):
                secrets.get(r, secrets.TELEGRAM)
    assert CANARY not in str(caught.value) + caught.value.text()
    assert caught.value.__cause__ is None
    assert not file.exists()
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert CANARY.encode() not in path.read_bytes()


@pytest.mark.parametrize("wrong", ["no.such.module.Keyring", "keyring.backends.fail.Nobody"])
def test_a_keyring_that_is_set_up_wrongly_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    import keyring.core

    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", wrong)
    with store.read() as r, pytest.raises(NoKeyring):
        secrets.keep(r, secrets.TELEGRAM, CANARY)


def test_a_chain_that_begins_with_a_real_one_is_used(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trust(monkeypatch, Memory)
    backend = Memory()
    keyring.set_keyring(chained(backend, PlainText(tmp_path / "plain.txt")))
    with store.read() as r:
        secrets.keep(r, secrets.TELEGRAM, CANARY)
    assert list(backend.kept.values()) == [CANARY]
    assert not (tmp_path / "plain.txt").exists()


def test_a_child_of_a_trusted_backend_is_another_one(store: Store) -> None:
    child: Any = type("Keyring", (Memory,), {"__module__": __name__})
    keyring.set_keyring(child())  # type: ignore[no-untyped-call, unused-ignore]
    with store.read() as r, pytest.raises(NoKeyring):
        secrets.keep(r, secrets.TELEGRAM, CANARY)


def test_a_secret_has_a_length(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(monkeypatch, Memory)
    keyring.set_keyring(Memory())
    with store.read() as r:
        for wrong in ("", "x" * (secrets.MOST_CHARACTERS + 1)):
            with pytest.raises(NoKeyring):
                secrets.keep(r, secrets.TELEGRAM, wrong)


# --- the real thing ------------------------------------------------------------------------------

_REAL = """
import sys
from pathlib import Path
import keyring
from salesdesk.models.store import Store
from salesdesk.services import secrets

store = Store.open(Path(sys.argv[1]))
with store.read() as r:
    print(secrets.kept_by())
    assert secrets.get(r, "telegram") is None
    secrets.keep(r, "telegram", sys.argv[2])
with store.read() as r:
    assert secrets.get(r, "telegram") == sys.argv[2]
    secrets.delete(r, "telegram")
    assert secrets.get(r, "telegram") is None
print(type(keyring.get_keyring()).__module__)
store.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")
def test_a_real_keyring_keeps_a_secret(store: Store, tmp_path: Path) -> None:
    missing = [each for each in ("dbus-run-session", "gnome-keyring-daemon")
               if shutil.which(each) is None]  # fmt: skip
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}")
    script = tmp_path / "real.py"
    script.write_text(_REAL)
    home = tmp_path / "home"
    home.mkdir()
    line = (
        "echo -n secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "
        '"$0" "$1" "$2" "$3"'
    )
    known = {name: value for name, value in os.environ.items()
             if name not in ("PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS")}  # fmt: skip
    environment = known | {
        "HOME": str(home), "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"), "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    with socket_folder() as sockets:
        done = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", line, sys.executable, str(script),
             str(store.path), CANARY],
            env=environment | {"XDG_RUNTIME_DIR": sockets}, capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Secret", "Service", "keyring.backends.SecretService"]
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        assert CANARY.encode() not in path.read_bytes()
