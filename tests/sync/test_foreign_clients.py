"""The emulators against clients that nobody here wrote: what these see is what is there."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.emulators import amocrm, bitrix24
from tests.emulators.amocrm import Account
from tests.emulators.bitrix24 import Portal

CLIENTS = Path(__file__).with_name("foreign_clients.py")


def seen(which: str, *address: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(CLIENTS), which, *address],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_bitrix24() -> None:
    with bitrix24.running(Portal(time.time)) as portal:
        for number in range(130):
            portal.add("deal", title=f"D{number}", stageId="NEW")
        titles = sorted(item["title"] for item in portal.items["deal"].values())
        found = seen("fast_bitrix24", portal.webhook)
        assert found["deals"] == titles
        assert found["made"] == sorted(portal.items["deal"])[130:]
        assert (found["history"], found["people"]) == (190, ["Kim", "Orlova"])


def test_amocrm() -> None:
    with amocrm.running(Account(time.time)) as account:
        for number in range(260):
            account.add("leads", name=f"L{number}", price=number)
        found = seen("amocrm_api", account.url, account.token)
        assert found["leads"] == sorted(lead["name"] for lead in account.rows["leads"].values())
        assert found["stages"] == [6]
        assert found["people"] == ["Anna Orlova", "Maria Kim"]
        assert found["made"] == list(account.rows["tasks"])
