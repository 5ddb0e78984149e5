"""What deals would have reached under other rules than the saved ones; nothing is written."""

from collections.abc import Iterable

from salesdesk.models import derive, derived
from salesdesk.models.asking import Asking
from salesdesk.models.derive import DealFacts, DealState, Move, ReachRow, Rules

BATCH = 2_000


def other_rules(r: Asking, count_skipped: bool) -> Rules:
    """The rules of the workspace, but for whether skipped stages count."""
    rules = derived.load_rules(r)
    rules.count_skipped = count_skipped
    return rules


def jumps(rules: Rules) -> list[tuple[int, int]]:
    """The pairs (stage left, stage entered) of moves that may pass over an open stage."""
    stages = rules.stages.items()
    return [
        (left, entered)
        for left, here in stages
        for entered, there in stages
        if there.pipeline == here.pipeline
        and there.kind != "lost"
        and any(
            info.pipeline == here.pipeline
            and info.kind == "open"
            and not info.deleted
            and here.position < info.position < there.position
            for _, info in stages
        )
    ]


def reaches(r: Asking, deals: Iterable[int], rules: Rules) -> dict[int, list[ReachRow]]:
    """The reaches of these deals under ``rules``, by deal; a deleted deal has none."""
    keys = sorted(deals)
    found: dict[int, list[ReachRow]] = {}
    for start in range(0, len(keys), BATCH):
        for deal, facts in _facts(r, keys[start : start + BATCH]).items():
            entries, owners = derive._walk(facts, rules, DealState())
            found[deal] = derive._reaches(entries, owners, facts, rules)
    return found


def _facts(r: Asking, deals: list[int]) -> dict[int, DealFacts]:
    """What reaches follow from, of those deals that are not deleted."""
    found = {
        row[0]: DealFacts()
        for row in r.rows_of(
            "SELECT id FROM deal WHERE deleted_at IS NULL AND id IN ({ids})", deals
        )
    }
    derived.load_owners_and_rulings(r, found)
    for row in r.rows_of(
        "SELECT deal_id, id, at, seq, to_stage_id, owner_id, sets_owner, evidence, lost_reason_id "
        "FROM stage_move WHERE undone = 0 AND deal_id IN ({ids})",
        found,
    ):
        found[row[0]].moves.append(Move(*row[1:]))
    return found
