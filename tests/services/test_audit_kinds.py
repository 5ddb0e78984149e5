"""Every kind of command that is written somewhere has a name of its own."""

import re
from pathlib import Path

import salesdesk
from salesdesk.services.audit import KINDS

_ASKED = re.compile(r"""\.command\(\s*"([a-z_.]+)\"""")


def test_every_kind_has_a_name() -> None:
    package = Path(salesdesk.__file__).parent
    found = {kind for file in package.rglob("*.py") for kind in _ASKED.findall(file.read_text())}
    assert len(found) > 60
    assert found - KINDS.keys() == set()
