"""The life of a deal and of a task, told from their facts step by step."""

from dataclasses import dataclass

from tests.oracle.world import KEEP, Move, OwnerChange, Stage, Task, TaskFact, World


@dataclass(frozen=True)
class Step:
    """The state of a deal after one of its facts.

    ``move`` is the move that this very fact was (none for a change of the responsible person, and
    none for a "move" into the stage where the deal stood already); ``left`` the stage left by it.
    ``entry`` is the step with which the deal entered the stage where it stands.
    """

    at: int
    stage: Stage | None
    owner: int | None
    move: Move | None
    left: Stage | None
    entry: "Step | None" = None

    def entered(self) -> "Step":
        found = self if self.move is not None else self.entry
        assert found is not None
        return found


@dataclass(frozen=True)
class Stay:
    """A stretch of time of some length, ``[start, stop)``; ``stop`` is None when it goes on."""

    start: int
    stop: int | None
    step: Step

    def meets(self, start: int, stop: int) -> bool:
        """Whether some moment of it lies in ``[start, stop)``."""
        return self.start < stop and (self.stop is None or self.stop > start)


def steps_of(world: World, deal_id: int) -> list[Step]:
    """The life of a deal, one step a live fact, in order."""
    facts: list[Move | OwnerChange] = [m for m in world.moves if m.deal == deal_id and m.live]
    facts += [c for c in world.owner_changes if c.deal == deal_id]
    facts.sort(key=lambda fact: (fact.at, fact.order))
    steps: list[Step] = []
    stage: Stage | None = None
    owner: int | None = None
    entry: Step | None = None
    for fact in facts:
        if isinstance(fact, OwnerChange):
            owner = fact.person
            steps.append(Step(fact.at, stage, owner, None, None, entry))
            continue
        if fact.owner is not KEEP:
            owner = fact.owner
        if stage is not None and stage.id == fact.stage:
            steps.append(Step(fact.at, stage, owner, None, None, entry))
            continue
        left, stage = stage, world.stage(fact.stage)
        entry = Step(fact.at, stage, owner, fact, left)
        steps.append(entry)
    return steps


def stays_of(steps: list[Step]) -> list[Stay]:
    """The stretches of some length between the steps."""
    stays = []
    for index, step in enumerate(steps):
        stop = steps[index + 1].at if index + 1 < len(steps) else None
        if stop is None or step.at < stop:
            stays.append(Stay(step.at, stop, step))
    return stays


def state_at(steps: list[Step], moment: int) -> Step | None:
    """The state with every fact at or before the moment taken in."""
    found = None
    for step in steps:
        if step.at <= moment:
            found = step
    return found


def creation_of(steps: list[Step]) -> Step | None:
    """The step with which the deal came into being."""
    return next((step for step in steps if step.move is not None), None)


@dataclass(frozen=True)
class TaskState:
    at: int
    assignee: int | None
    due: int | None
    state: str


def task_states(world: World, task: Task) -> list[TaskState]:
    """The states of a task, one after each of its facts, in order."""
    assignee: int | None = None
    due: int | None = None
    state = "open"
    states = []
    for fact in task_facts(world, task):
        if fact.assignee is not KEEP:
            assignee = fact.assignee
        if fact.due is not KEEP:
            due = fact.due
        if fact.state is not KEEP:
            state = str(fact.state)
        states.append(TaskState(fact.at, assignee, due, state))
    return states


def task_facts(world: World, task: Task) -> list[TaskFact]:
    """The facts of a task in order."""
    facts = [fact for fact in world.task_facts if fact.task == task.id]
    return sorted(facts, key=lambda fact: (fact.at, fact.order))


def task_at(states: list[TaskState], moment: int) -> TaskState | None:
    """The task as of a moment; None before its creation."""
    found = None
    for state in states:
        if state.at <= moment:
            found = state
    return found
