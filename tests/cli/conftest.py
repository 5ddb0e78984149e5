"""The command line in this process: a workspace of its own, and ``run`` that answers what came."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from salesdesk.cli import main

NOW = "2026-11-20T11:20"
ZONE = ("--timezone", "Europe/Moscow", "--currency", "RUB", "--country", "RU")


@dataclass(frozen=True)
class Outcome:
    """What a run of the command line left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sales workspace without deals, to be copied."""
    path = tmp_path_factory.mktemp("template") / "sales.salesdesk"
    words = ["--workspace", str(path), "--lang", "en", "--now", "2026-11-01", "init"]
    assert main([*words, "--template", "sales", *ZONE]) == 0
    return path


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Path:
    """A sales workspace of the test's own."""
    path = tmp_path / "team.salesdesk"
    shutil.copy(template, path)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the words of a command line in this process."""

    def run_words(*words: object) -> Outcome:
        capsys.readouterr()
        status = main([str(word) for word in words])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return Outcome(status, shown.out, shown.err)

    return run_words


@pytest.fixture
def desk(run: Run, workspace: Path) -> Run:
    """Run words on the test's workspace, at ``NOW`` unless told otherwise."""

    def run_words(*words: object, now: str = NOW) -> Outcome:
        return run("--workspace", workspace, "--now", now, *words)

    return run_words


DEALS = """id,title,owner,company,stage,created,amount
D1,Crane,Anna Orlova,Sever,New request,2026-11-02 10:00,1000
D2,Racks,Anna Orlova,Sever,Meeting scheduled,2026-11-03 10:00,2000.50
D3,Loader,Boris Yudin,Volga,New request,2026-11-04 10:00,
"""
MAP = """as = "deals"
[columns]
external_id = "id"
title = "title"
owner = "owner"
company = "company"
stage = "stage"
created_at = "created"
amount = "amount"
"""
#: The mapping of deals that say when they were closed.
CLOSED_MAP = f'{MAP}closed_at = "closed"\n'


@pytest.fixture
def filled(desk: Run, tmp_path: Path) -> Run:
    """The same, with three deals imported on the fifth of November."""
    bring(desk, tmp_path, DEALS, MAP, "2026-11-05")
    return desk


def bring(desk: Run, folder: Path, deals: str, mapping: str, now: str = NOW) -> None:
    """Import deals (CSV) by a mapping (TOML)."""
    (folder / "deals.csv").write_text(deals, encoding="utf-8")
    (folder / "deals.toml").write_text(mapping, encoding="utf-8")
    done = desk(
        "import", folder / "deals.csv", "--as", "deals", "--map", folder / "deals.toml", now=now
    )
    assert done.status == 0, done.err
