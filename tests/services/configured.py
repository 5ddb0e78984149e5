"""A workspace made from a template, copied for each test."""

import functools
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from salesdesk.models.store import Store
from salesdesk.moments import moment_of
from salesdesk.services import people, pipelines, templates

NOW = moment_of(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
_folders: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def _made(template: str, language: str) -> Path:
    folder = tempfile.TemporaryDirectory(prefix="salesdesk-template-")
    _folders.append(folder)
    path = Path(folder.name) / "made.salesdesk"
    templates.make_workspace(
        path,
        template,
        zone="Europe/Moscow",
        currency="RUB",
        country="RU",
        language=language,
        now=NOW,
    ).close()
    return path


def workspace(
    folder: Path, template: str = "sales", language: str = "en", name: str = "team.salesdesk"
) -> Store:
    """A fresh workspace from a template, opened."""
    path = folder / name
    shutil.copy(_made(template, language), path)
    return Store.open(path)


def hire(store: Store, name: str, role: str = "manager", **values: object) -> int:
    """Someone new; returns the id."""
    given = {"role": role, **values}
    return people.add_person(store, name, given, person=None, now=NOW).id


def stage(store: Store, name: str, pipeline: str | None = None) -> int:
    """The id of a stage."""
    with store.read() as r:
        return pipelines.find_stage(r, pipeline, name).id
