"""The one pure function from the facts about a deal (or a task) to everything derived.

A move, an import, an undo and ``salesdesk check --rebuild`` all come here; the definitions are
those of domain.md sections 3 and 4. No input or output: facts in, rows out.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

# Kinds of holds and tallies.
REACH, NEW, OPEN, SEEN, IDLE, LOST, TASK, OVERDUE, STAND, POSTPONED, CROSS = range(1, 12)
# Kinds of tallies alone: how many lines of winnings, their amounts (plus) and costs (minus), and
# how often these hold ``parts.PART``.
WINS, WORTH, WORTH_HIGH = 12, 13, 14
#: Kinds whose end day is that of the last moment inside (they are asked for overlaps).
OVERLAPS = frozenset((SEEN, TASK))
NOBODY = 0


class Move(NamedTuple):
    """A live stage move. ``owner`` counts when ``sets_owner``."""

    id: int
    at: int
    seq: int
    stage: int
    owner: int | None
    sets_owner: int
    evidence: str
    lost_reason: int | None


class OwnerFact(NamedTuple):
    """A live change of the responsible person."""

    at: int
    seq: int
    person: int | None


class StageInfo(NamedTuple):
    """What derivation knows of a stage; ``deleted`` ones are passed over by nothing, those that
    were ``archived`` at a moment (0: not) by nothing since."""

    pipeline: int
    position: int
    kind: str
    milestone: str | None
    deleted: int = 0
    archived: int = 0


@dataclass(slots=True)
class Rules:
    """The configuration that derivation depends on."""

    stages: dict[int, StageInfo]
    unranked: frozenset[int]
    not_refusals: frozenset[int]
    count_skipped: bool


class SpanRow(NamedTuple):
    """A segment ``[start, stop)`` of one stage and one responsible person."""

    start: int
    stop: int | None
    stage: int
    owner: int | None


class ReachRow(NamedTuple):
    """A reach; ``person`` may be NOBODY."""

    stage: int
    person: int
    at: int
    move: int
    prev_at: int | None
    credited: int


class HoldRow(NamedTuple):
    """An interval (or a point: stop None, for kinds of points) counted for a person.

    A ``CROSS`` row says that the deal has been in several pipelines: what is distinct in one may
    not be in all. It counts for nobody and is found by its ``prev_stop`` of 0. A ``LOST`` row that
    ended has its own end as ``prev_stop``: refusals taken back are found among few.
    """

    kind: int
    start: int
    person: int
    scope: int
    stop: int | None
    prev_stop: int | None


class MoveFacts(NamedTuple):
    """Derived columns of a move. ``superseded``: 1 gave way to reported moves, 2 is no move."""

    superseded: int
    from_stage: int | None
    spent: int | None


@dataclass(slots=True)
class DealFacts:
    """Everything that is known of one deal."""

    moves: list[Move] = field(default_factory=list)
    owners: list[OwnerFact] = field(default_factory=list)
    #: latest live ruling by (move, stage): (kind, person credited)
    rulings: dict[tuple[int, int], tuple[str, int | None]] = field(default_factory=dict)
    #: when the deal had an open task
    task_times: list[tuple[int, int | None]] = field(default_factory=list)
    lost_reason: int | None = None
    deleted: bool = False


@dataclass(slots=True)
class DealState:
    """What follows from the facts of one deal."""

    stage: int | None = None
    owner: int | None = None
    since: int | None = None
    created_at: int | None = None
    closed_at: int | None = None
    spans: list[SpanRow] = field(default_factory=list)
    reaches: list[ReachRow] = field(default_factory=list)
    holds: list[HoldRow] = field(default_factory=list)
    moves: dict[int, MoveFacts] = field(default_factory=dict)


class _Entry(NamedTuple):
    at: int
    stage: int
    before: int | None
    move: Move
    owner: int | None
    order: int


def derive_deal(facts: DealFacts, rules: Rules) -> DealState:
    """Everything derived of one deal. A deleted deal keeps its state but counts nowhere."""
    state = DealState()
    entries, owners = _walk(facts, rules, state)
    if facts.deleted:
        state.spans = []
        return state
    state.reaches = _reaches(entries, owners, facts, rules)
    opens = _open_holds(state.spans, rules)
    state.holds = [
        *opens,
        *_seen_holds(opens, entries, rules),
        *_idle_holds(opens, facts.task_times),
        *_lost_holds(entries, owners, facts, rules),
        *_new_hold(entries, owners, rules),
        *_cross_hold(entries, rules),
    ]
    return state


def _events(facts: DealFacts, state: DealState) -> list[tuple[int, int, Move | OwnerFact]]:
    """The facts that count, in order; assumed moves give way to reported ones (noted in state)."""
    reported = any(move.evidence == "reported" for move in facts.moves)
    events: list[tuple[int, int, Move | OwnerFact]] = [
        (fact.at, fact.seq, fact) for fact in facts.owners
    ]
    beginning, is_first = min((move.at for move in facts.moves), default=0), True
    for move in sorted(facts.moves, key=lambda move: (move.at, move.seq)):
        if not reported or move.evidence != "assumed":
            events.append((move.at, move.seq, move))
            continue
        state.moves[move.id] = MoveFacts(1, None, None)
        if move.sets_owner:  # whom it made responsible stays so, the first from the beginning on
            at, seq = (beginning, -1) if is_first else (move.at, move.seq)
            events.append((at, seq, OwnerFact(at, seq, move.owner)))
            is_first = False
    events.sort(key=lambda event: event[:2])
    return events


def _after(
    fact: Move | OwnerFact, stage: int | None, owner: int | None
) -> tuple[int | None, int | None]:
    """Stage and responsible person after a fact."""
    if isinstance(fact, OwnerFact):
        return stage, fact.person
    return fact.stage, fact.owner if fact.sets_owner else owner


def _walk(
    facts: DealFacts, rules: Rules, state: DealState
) -> tuple[list[_Entry], list[tuple[int, int, int | None]]]:
    """Play the facts in order; fills state and moves, returns entries and the owners' history."""
    entries: list[_Entry] = []
    owners: list[tuple[int, int, int | None]] = []
    stage, owner, start = None, None, 0
    for order, (at, _seq, fact) in enumerate(_events(facts, state)):
        new_stage, new_owner = _after(fact, stage, owner)
        if (new_stage, new_owner) != (stage, owner):
            if stage is not None and at > start:
                _add_span(state.spans, SpanRow(start, at, stage, owner))
            start = at
        elif isinstance(fact, OwnerFact):
            continue
        if new_owner != owner or not owners:
            owners.append((at, order, new_owner))
        if isinstance(fact, Move):
            _enter(fact, stage, new_owner, order, entries, state)
        stage, owner = new_stage, new_owner
    if stage is not None:
        _add_span(state.spans, SpanRow(start, None, stage, owner))
    state.stage, state.owner = stage, owner
    _note_times(entries, rules, state)
    return entries, owners


def _note_times(entries: list[_Entry], rules: Rules, state: DealState) -> None:
    """When the deal was created, came to its stage, and was closed."""
    if not entries:
        return
    state.created_at = entries[0].at
    state.since = entries[-1].at
    if rules.stages[entries[-1].stage].kind != "open":
        state.closed_at = entries[-1].at


def _add_span(spans: list[SpanRow], span: SpanRow) -> None:
    """Add a segment; one that only continues the last (after empty ones between) joins it."""
    if spans and spans[-1].stop == span.start and spans[-1][2:] == span[2:]:
        spans[-1] = SpanRow(spans[-1].start, span.stop, span.stage, span.owner)
    else:
        spans.append(span)


def _enter(
    move: Move,
    stage: int | None,
    owner: int | None,
    order: int,
    entries: list[_Entry],
    state: DealState,
) -> None:
    if move.stage == stage:
        state.moves[move.id] = MoveFacts(2, stage, None)
        return
    spent = None if not entries else move.at - entries[-1].at
    state.moves[move.id] = MoveFacts(0, stage, spent)
    entries.append(_Entry(move.at, move.stage, stage, move, owner, order))


def _ranked(entry: _Entry, owners: list[tuple[int, int, int | None]], rules: Rules) -> int | None:
    """The person an entry belongs to: the responsible one, or, where that one is not in the
    ranking, the first one in the ranking who becomes responsible."""
    if entry.owner is None or entry.owner not in rules.unranked:
        return entry.owner
    for _at, order, person in owners:
        if order > entry.order and person is not None and person not in rules.unranked:
            return person
    return None


def _targets(entry: _Entry, rules: Rules) -> list[int]:
    """The stages an entry reaches: the one entered, after those it jumped over (if counted)."""
    if not rules.count_skipped or entry.before is None:
        return [entry.stage]
    here, there = rules.stages[entry.before], rules.stages[entry.stage]
    if there.pipeline != here.pipeline or there.kind == "lost" or there.position <= here.position:
        return [entry.stage]
    between = [
        (info.position, stage)
        for stage, info in rules.stages.items()
        if info.pipeline == here.pipeline
        and info.kind == "open"
        and not info.deleted
        and not 0 < info.archived <= entry.at
        and here.position < info.position < there.position
    ]
    return [*(stage for _, stage in sorted(between)), entry.stage]


def _reaches(
    entries: list[_Entry],
    owners: list[tuple[int, int, int | None]],
    facts: DealFacts,
    rules: Rules,
) -> list[ReachRow]:
    reached: set[int] = set()
    rows: list[ReachRow] = []
    last: dict[tuple[int, str, int], int] = {}
    for entry in entries:
        for stage in _targets(entry, rules):
            kind, credited = facts.rulings.get((entry.move.id, stage), ("restore", None))
            if stage in reached or kind == "void":
                continue
            reached.add(stage)
            credit = kind == "credit" and credited is not None
            person = (credited if credit else _ranked(entry, owners, rules)) or NOBODY
            info = rules.stages[stage]
            previous = None
            if info.milestone is not None:
                same = (person, info.milestone, info.pipeline)
                previous = last.get(same)
                last[same] = entry.at
            rows.append(ReachRow(stage, person, entry.at, entry.move.id, previous, int(credit)))
    return rows


def _open_holds(spans: list[SpanRow], rules: Rules) -> list[HoldRow]:
    holds: list[HoldRow] = []
    for span in spans:
        info = rules.stages[span.stage]
        if info.kind != "open" or span.owner is None:
            continue
        if holds and holds[-1][2:5] == (span.owner, info.pipeline, span.start):
            holds[-1] = holds[-1]._replace(stop=span.stop)
        else:
            holds.append(HoldRow(OPEN, span.start, span.owner, info.pipeline, span.stop, None))
    return holds


def _seen_holds(opens: list[HoldRow], entries: list[_Entry], rules: Rules) -> list[HoldRow]:
    """Open times and closings (each lasting its own moment), merged by person."""
    times = [HoldRow(SEEN, *hold[1:]) for hold in opens]  # _replace takes five times as long
    for entry in entries:
        info = rules.stages[entry.stage]
        before = None if entry.before is None else rules.stages[entry.before].kind
        if info.kind != "open" and info.kind != before and entry.owner is not None:
            times.append(HoldRow(SEEN, entry.at, entry.owner, info.pipeline, entry.at + 1, None))
    return _merged(times)


def _merged(times: list[HoldRow]) -> list[HoldRow]:
    """Touching or overlapping holds of one person and scope made one; ``prev_stop`` filled in."""
    rows: list[HoldRow] = []
    latest: dict[tuple[int, int], int] = {}
    for hold in sorted(times, key=lambda row: (row.start, row.stop is None, row.stop or 0)):
        same = (hold.person, hold.scope)
        place = latest.get(same)
        if place is not None:
            last = rows[place]
            if last.stop is None or hold.start <= last.stop:
                if last.stop is not None and (hold.stop is None or hold.stop > last.stop):
                    rows[place] = last._replace(stop=hold.stop)
                continue
            hold = hold._replace(prev_stop=last.stop)
        latest[same] = len(rows)
        rows.append(hold)
    return rows


def _idle_holds(opens: list[HoldRow], busy: list[tuple[int, int | None]]) -> list[HoldRow]:
    """Open times without any open task."""
    rows: list[HoldRow] = []
    times = sorted(busy, key=lambda time: time[0])
    for hold in opens:
        start: int | None = hold.start
        for begin, end in times:
            if start is None or (hold.stop is not None and begin >= hold.stop):
                break
            if end is not None and end <= start:
                continue
            if begin > start:
                rows.append(HoldRow(IDLE, start, hold.person, hold.scope, begin, hold.prev_stop))
            start = end
        if start is not None and (hold.stop is None or start < hold.stop):
            rows.append(HoldRow(IDLE, start, *hold[2:]))
    return rows


def _lost_holds(
    entries: list[_Entry],
    owners: list[tuple[int, int, int | None]],
    facts: DealFacts,
    rules: Rules,
) -> list[HoldRow]:
    rows: list[HoldRow] = []
    for place, entry in enumerate(entries):
        info = rules.stages[entry.stage]
        left = entries[place + 1].at if place + 1 < len(entries) else None
        if info.kind != "lost" or left == entry.at:
            continue
        reason = entry.move.lost_reason
        if left is None and facts.lost_reason is not None:
            reason = facts.lost_reason
        person = _ranked(entry, owners, rules)
        if person is not None and reason not in rules.not_refusals:
            rows.append(HoldRow(LOST, entry.at, person, info.pipeline, left, left))
    return rows


def _new_hold(
    entries: list[_Entry], owners: list[tuple[int, int, int | None]], rules: Rules
) -> list[HoldRow]:
    if not entries:
        return []
    first = entries[0]  # before its creation a deal is nobody's
    later = (person for _at, order, person in owners if order > first.order)
    for person in (first.owner, *later):
        if person is not None and person not in rules.unranked:
            scope = rules.stages[first.stage].pipeline
            return [HoldRow(NEW, first.at, person, scope, None, None)]
    return []


def _cross_hold(entries: list[_Entry], rules: Rules) -> list[HoldRow]:
    if len({rules.stages[entry.stage].pipeline for entry in entries}) < 2:
        return []
    return [HoldRow(CROSS, 0, NOBODY, 0, None, 0)]


class TaskFact(NamedTuple):
    """A live fact of a task; ``fields`` says what it sets (1 assignee, 2 due, 4 state)."""

    at: int
    seq: int
    fields: int
    assignee: int | None
    due: int | None
    state: str | None
    postponement: int


@dataclass(slots=True)
class TaskState:
    """What follows from the facts of one task."""

    assignee: int | None = None
    due: int | None = None
    state: str = "open"
    closed_at: int | None = None
    postponed: int = 0
    #: when it was open, whoever had it
    open_times: list[tuple[int, int | None]] = field(default_factory=list)
    holds: list[HoldRow] = field(default_factory=list)


def derive_task(facts: list[TaskFact], scope: int, counted: bool) -> TaskState:
    """Everything derived of one task; ``counted`` is false when it (or its deal) is deleted."""
    result = TaskState()
    times: list[HoldRow] = []
    late: list[HoldRow] = []
    points: list[HoldRow] = []
    start: int | None = None
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.seq)):
        if start is not None:
            _close_piece(result, start, fact.at, scope, times, late)
        if fact.fields & 1:
            result.assignee = fact.assignee
        if fact.fields & 2:
            result.due = fact.due
        if fact.fields & 4 and fact.state is not None:
            if fact.state != "open" and (result.state == "open" or start is None):
                result.closed_at = fact.at
            result.state = fact.state
        if fact.postponement:
            result.postponed += 1
            if result.assignee is not None:
                points.append(HoldRow(POSTPONED, fact.at, result.assignee, scope, None, None))
        start = fact.at
    if start is not None:
        _close_piece(result, start, None, scope, times, late)
    if result.state == "open":
        result.closed_at = None
    if counted:
        result.holds = [*_merged(times), *_distinct(late), *_distinct(points)]
    return result


def _close_piece(
    result: TaskState,
    start: int,
    stop: int | None,
    scope: int,
    times: list[HoldRow],
    late: list[HoldRow],
) -> None:
    """Note the piece ``[start, stop)`` of the task as it was."""
    if result.state != "open" or start == stop:
        return
    if result.open_times and result.open_times[-1][1] == start:
        result.open_times[-1] = (result.open_times[-1][0], stop)
    else:
        result.open_times.append((start, stop))
    if result.assignee is None:
        return
    times.append(HoldRow(TASK, start, result.assignee, scope, stop, None))
    if result.due is not None:
        begin = max(start, result.due + 1)
        if stop is None or begin < stop:
            late.append(HoldRow(OVERDUE, begin, result.assignee, scope, stop, None))


def _distinct(rows: list[HoldRow]) -> list[HoldRow]:
    """Rows with distinct keys: points of one moment become one a person."""
    return list({(row.kind, row.start, row.person): row for row in rows}.values())
