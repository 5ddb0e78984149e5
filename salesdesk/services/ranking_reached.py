"""How often everybody reached each stage in a period: from the tallies of the days alone."""

from salesdesk.models import derive
from salesdesk.models.store import Reader
from salesdesk.services import ranking_tally
from salesdesk.services.ranking_numbers import Question, Span
from salesdesk.services.ranking_trial import Trial

#: By (stage, day from which on what it earns holds): how often.
Reached = dict[tuple[int, int], int]


def reached(
    r: Reader, span: Span, asked: Question, trial: Trial | None = None
) -> dict[int, Reached]:
    """Reaches by person, of the stages that are asked for; ``trial``: as they would be.

    What a reach earned is ``points.on(stage, day)`` of its key, for both tables of points asked.
    """
    found: dict[int, Reached] = {}
    tallies, bounds = ranking_tally.of(r), asked.bounds(span.first, span.after)
    with tallies.lock:
        prefixes = tallies.before(r, bounds)
        for before, until, day in zip(prefixes, prefixes[1:], bounds, strict=False):
            for number, person, stage in tallies.by_kind[derive.REACH]:
                n = until.plus[number] - before.plus[number]
                if n and stage in asked.scope.stages:
                    _add(found, person, (stage, day), n)
    if span.cut:
        for person, stage in r.rows(
            "SELECT person_id, stage_id FROM reach WHERE at >= ? AND at < ? AND person_id <> 0",
            (span.stop, r.zone.start_of(span.after)),
        ):
            if stage in asked.scope.stages:
                _add(found, person, (stage, bounds[-2]), -1)
    if trial is not None:
        for (person, stage, day), n in trial.delta(span, asked).reached.items():
            _add(found, person, (stage, day), n)
    return found


def _add(found: dict[int, Reached], person: int, key: tuple[int, int], n: int) -> None:
    own = found.setdefault(person, {})
    own[key] = own.get(key, 0) + n
