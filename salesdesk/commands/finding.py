"""What the words of a command line mean: a deal, a stage, a pipeline."""

from dataclasses import dataclass, replace

from salesdesk import names
from salesdesk.errors import NotFound, SalesDeskError
from salesdesk.models.store import Reader
from salesdesk.services import pipelines
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.text import N_, tr

_WAYS = {"id": "id", "external": "external_id", "number": "number"}


@dataclass(frozen=True, slots=True)
class FoundDeal:
    """A deal that was named; ``since`` is when it came to its stage, ``note`` says when another
    deal might have been meant."""

    id: int
    title: str
    external_id: str | None
    stage_id: int
    pipeline_id: int
    since: int
    note: str = ""


def find_deal(r: Reader, text: str) -> FoundDeal:
    """The deal of that id, else of that external id, else of that number (``#17`` too).

    ``id:17``, ``external:17`` and ``number:17`` say which is meant. Raises NotFound.
    """
    wanted = text.strip()
    way, _, value = wanted.partition(":")
    if way in _WAYS and value.strip():
        found = _by(r, _WAYS[way], value.strip())
        if found is not None:
            return found
    if wanted.startswith("#") and (found := _by(r, "number", wanted[1:])) is not None:
        return found
    matches = [(way, _by(r, column, wanted)) for way, column in _WAYS.items()]
    present = [(way, deal) for way, deal in matches if deal is not None]
    if not present:
        raise NotFound(
            N_("There is no deal “{deal}” (by id, external id or number); nothing was changed."),
            deal=names.clean(text),
        )
    taken, first = present[0]
    others = [(way, deal) for way, deal in present if deal.id != first.id]
    if not others:
        return first
    note = tr(
        "“{text}” was taken as {taken} (“{title}”); for “{other}” write {way}:{text}.",
        text=wanted, taken=taken, title=first.title, other=others[0][1].title, way=others[0][0],
    )  # fmt: skip
    return replace(first, note=note)


def find_record(r: Reader, table: str, name: str) -> int:
    """The id of the client or contractor of that name; raises NotFound."""
    found: int | None = r.value(
        f"SELECT min(id) FROM {table} WHERE name_key = ? AND deleted_at IS NULL", (names.key(name),)
    )
    if found is None:
        raise NotFound(N_("There is nobody called “{name}”."), name=names.clean(name))
    return found


def _by(r: Reader, column: str, text: str) -> FoundDeal | None:
    value: int | str = text
    if column != "external_id":
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            return None
        value = int(text)
    row = r.row(
        "SELECT id, title, external_id, stage_id, pipeline_id, since FROM deal "
        f"WHERE {column} = ? AND deleted_at IS NULL AND stage_id IS NOT NULL",
        (value,),
    )
    return None if row is None else FoundDeal(*row)


def find_stage(r: Reader, pipeline_id: int, text: str) -> Stage:
    """The stage of that name in the pipeline, else ``Pipeline/Stage``, else of that id anywhere.

    Raises NotFound with the stages that there are.
    """
    try:
        return pipelines.find_stage(r, pipeline_id, text)
    except NotFound:
        wanted = text.strip()
        if wanted.isascii() and wanted.isdecimal() and len(wanted) <= 18:
            for stage in pipelines.stages(r):
                if stage.id == int(wanted):
                    return stage
        raise


def find_pipeline(r: Reader, text: str | None) -> Pipeline:
    """The pipeline of that name or id, without one the first; raises NotFound."""
    if text is not None:
        return pipelines.find_pipeline(r, text)
    everything = pipelines.pipelines(r)
    if not everything:
        raise SalesDeskError(
            N_("Not found"), N_("This workspace has no pipelines yet: import deals, or make one.")
        )
    return everything[0]
