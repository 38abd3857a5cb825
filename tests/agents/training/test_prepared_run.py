"""A prepared run is new, resumes exactly where it was interrupted, or equals its parent until it branches off."""

import json

import pytest

from agents.commands import Configure, EditCurriculum, EraseMemories, EvaluateNow, Pause, Resume, Stop
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.config.strategies import ReplayConfig
from agents.errors import BadInput
from agents.events import CommandApplied, Evaluated, Fault, Resumed, RunFinished, RunStarted, StageFinished, Updated
from agents.state_tree import join
from agents.store.run_store import RunStore
from agents.training import prepared_run
from agents.training.branch import RunBranch
from agents.training.trainer import Trainer
from envs.curriculum import Stage

CONFIG = RunConfig(
    seed=3,
    stages=(Stage(id="a", task="household/go-to", steps=256), Stage(id="b", task="mirror/take", steps=256)),
    strategy=ReplayConfig(batch_size=4),
    model=ModelConfig(layers=1, width=16, heads=2),
    learning=LearningConfig(n_envs=4, n_steps=8, burst_updates=2),
    evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=128),
    checkpoint=CheckpointConfig(save_steps=64, max_time_share=1),
)
EDITED = (*CONFIG.stages, Stage(id="c", task="household/open", steps=64))
COMMANDS = {
    40: EvaluateNow(),
    100: Configure(changes={"learning.learning_rate": 0.01}),
    130: EraseMemories(ids=tuple(range(40))),
    132: Pause(),
    200: EditCurriculum(stages=EDITED),
    330: Configure(changes={"strategy.name": "ewc"}),
}
"""The commands of a user, by step."""


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def trace(event):
    match event:
        case Updated():
            return event.step, dict(event.terms)
        case Evaluated() | StageFinished() | RunFinished():
            return type(event).__name__, event.step, getattr(event, "scores", None), getattr(event, "reason", None)
        case CommandApplied() if not isinstance(event.command, Pause | Resume):
            return event.step, event.tick, event.command
    return None


def traces(run):
    return [row for event in run.replay() if (row := trace(event)) is not None]


def train(trainer, events, until=None, commands=None):
    """Train until step `until` and stop without a trace, like a killed process; send `commands` by step."""
    left = dict(commands or {})
    for event in events:
        for step in [step for step in left if event.step >= step]:
            command = left.pop(step)
            trainer.commands.put(command)
            if isinstance(command, Pause):
                trainer.commands.put(Resume())
        if until is not None and event.step >= until:
            events.close()
            return


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A run without commands."""
    return started_run(RunStore(tmp_path_factory.mktemp("plain")))


def started_run(store, config=CONFIG, **options):
    run = store.create(config, "started")
    trainer = Trainer(config, keep=run.keep, save=run.save)
    train(trainer, run.record(trainer.run()), **options)
    return run


def resume(run, **options):
    on = prepared_run.resume(run)
    train(on.trainer, on.events, **options)


def weights(run):
    arrays, _, step = run.checkpoint_at()
    return step, {name: array.tobytes() for name, array in arrays.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return started_run(RunStore(tmp_path_factory.mktemp("whole")), commands=COMMANDS)


@pytest.mark.parametrize("until", [10, 101, 210, 256, 400])
def test_a_killed_run_ends_like_one_that_was_not_with_all_its_commands(store, whole, until):
    commands = {step: command for step, command in COMMANDS.items() if step < until}
    run = started_run(store, until=until, commands=commands)
    resume(run, commands={step: command for step, command in COMMANDS.items() if step >= until})
    assert weights(run) == weights(whole)
    assert traces(run) == traces(whole)
    (event,) = run.story().resumed
    assert (event.exact, event.note) == (True, "")
    assert event.step <= until


def test_a_run_that_is_killed_repeatedly_still_finishes(store, plain):
    run = started_run(store, until=20, commands={})
    for until in (90, 170, 250, 260, 370, 440):
        resume(run, until=until)
    resume(run)
    assert weights(run) == weights(plain)
    assert [row for row in traces(run) if len(row) == 2] == [row for row in traces(plain) if len(row) == 2]
    assert run.state == "done"


def test_a_stopped_run_is_resumed(store, plain):
    run = started_run(store, commands={150: Stop()})
    assert run.state == "stopped"
    resume(run)
    assert run.state == "done"
    assert weights(run) == weights(plain)


def test_events_after_the_checkpoint_are_deleted(store):
    run = started_run(store, until=210)
    saved = run.saved()
    assert saved.point.step == 192
    on = prepared_run.resume(run)
    event = next(on.events)
    assert isinstance(event, Resumed)
    assert (event.step, event.exact) == (192, True)
    assert max(event.step for event in run.replay()) == 192
    assert max(run.checkpoints()) <= 192
    on.events.close()


def test_a_damaged_checkpoint_costs_an_interval_and_is_reported(store, plain):
    run = started_run(store, until=210)
    newest = max((run.folder / "states").glob("*.safetensors"))
    newest.write_bytes(newest.read_bytes()[:-1])
    resume(run)
    (event,) = run.story().resumed
    assert event.step == 128
    assert "is damaged" in event.note
    assert event.exact
    assert weights(run) == weights(plain)


def test_without_any_checkpoint_it_restarts(store, plain):
    run = started_run(store, until=30)
    assert [point.step for point in run.saves()] == [0]  # taken before the first stage
    for path in (run.folder / "states").iterdir():
        path.unlink()
    resume(run)
    assert weights(run) == weights(plain)


def test_a_run_that_is_done_or_being_written_is_refused(store, whole):
    with pytest.raises(BadInput, match="is done; fork it to change"):
        prepared_run.resume(whole)
    run = started_run(store, until=100)
    on = prepared_run.resume(run)
    next(on.events)
    with pytest.raises(BadInput, match="is already being written"):
        prepared_run.resume(run)
    on.events.close()


def test_a_run_of_another_version_is_refused_and_stays_as_it_is(store):
    run = started_run(store, until=210)
    for path in (run.folder / "states").glob("*.manifest.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "format": 1}))
    events = list(run.replay())
    with pytest.raises(BadInput, match="made by another version of the lab"):
        prepared_run.resume(run)
    assert list(run.replay()) == events


INEXACT = {
    "another version": (lambda plain: plain["origin"].update(torch="1.0"), "made with torch 1.0, resumed with torch 2"),
    "other threads": (lambda plain: plain["origin"].update(threads="8"), "made with threads 8, resumed with threads 1"),
    "another device": (lambda plain: plain["origin"].update(device="A100"), "made with device A100, resumed with"),
    "another template": (
        lambda plain: plain["origin"].update(template="1f3a"),
        "made with the chat template 1f3a, resumed with the chat template",
    ),
    "unknown worlds": (lambda plain: plain["stage"].update(worlds=None), "environments could not be saved"),
}


@pytest.mark.parametrize("part", INEXACT)
def test_an_inexact_resume_reports_why(store, part):
    change, reason = INEXACT[part]
    run = started_run(store, until=210)
    saved = run.saved()
    change(saved.plain)
    run._saves.write(saved.point, saved.arrays, saved.plain)
    resume(run)
    (event,) = run.story().resumed
    assert not event.exact
    assert reason in event.note
    assert run.state == "done"


INVALID = {
    "no agent": lambda plain: plain["run"].pop("agent"),
    "a list": lambda plain: plain.update(run=[]),
    "no plan": lambda plain: plain["run"].update(plan={}),
    "a weight less": lambda plain: plain["run"]["agent"]["policy"].pop("value.weight"),
    "a weight too wide": lambda plain: plain["run"]["agent"]["policy"].update(
        {"value.weight": plain["run"]["agent"]["policy"]["model.tokens"]}
    ),
    "an invalid setting": lambda plain: plain["run"]["config"]["model"].update(width="wide"),
    "no generator": lambda plain: plain["run"]["agent"].update(rng=3),
}


@pytest.mark.parametrize("part", INVALID)
def test_a_checkpoint_of_something_else_is_refused_in_one_line(whole, part):
    saved = whole.saved()
    plain = saved.plain
    INVALID[part](plain)
    trainer = Trainer(CONFIG)
    with pytest.raises(ValueError, match=r"does not fit this run|this agent|config|width"):
        trainer.resume(join(plain, saved.arrays))


def test_a_full_disk_costs_the_checkpoint_and_not_the_run(store):
    run = store.create(CONFIG)

    def full(step, arrays, plain):
        raise OSError(28, "No space left on device")

    events = list(Trainer(CONFIG, save=full).run())
    assert isinstance(events[-1], RunFinished)
    faults = [event for event in events if isinstance(event, Fault)]
    assert faults
    assert "No space left" in faults[0].message.format(**faults[0].arguments)
    assert run.saves() == []


def test_an_environment_that_cannot_be_saved_restarts_and_is_reported(store, monkeypatch):
    def unknown(world):
        raise NotImplementedError

    monkeypatch.setattr("envs.household.single_room.Household.get_state", unknown)
    run = started_run(store, until=210)
    resume(run)
    (event,) = run.story().resumed
    assert (event.step, event.exact) == (192, False)
    assert run.state == "done"


def test_settings_changed_during_a_stage_do_not_invalidate_its_checkpoint(store):
    run = started_run(store, until=210, commands={100: Configure(changes={"learning.n_envs": 8})})
    resume(run)
    whole = started_run(store, commands={100: Configure(changes={"learning.n_envs": 8})})
    assert weights(run) == weights(whole)


def fork(store, parent, step, changes=None, stages=None):
    on = prepared_run.fork(store, parent, RunBranch(parent.id, step, changes or {}, stages))
    train(on.trainer, on.events)
    return on.run


@pytest.mark.parametrize("step", [0, 150, 256, 300])
def test_a_fork_equals_its_parent_until_it_branches_off(store, whole, step):
    child = fork(store, whole, step, {"strategy.name": "naive"})
    before = [row for row in traces(whole) if len(row) == 2 and row[0] < step]
    assert [row for row in traces(child) if len(row) == 2][: len(before)] == before
    changes = [mark for mark in child.story().marks if mark.command.id == f"branch {child.id}"]
    assert [mark.command.changes for mark in changes] == [{"strategy.name": "naive"}]
    assert step <= changes[0].step <= step + 4
    assert child.meta["parent"]["run"] == whole.id
    assert child.state == "done"


def test_a_fork_without_changes_equals_its_parent_to_the_end(store, plain):
    child = fork(store, plain, 300)
    assert weights(child) == weights(plain)
    assert child.summary()["matrix"] == plain.summary()["matrix"]


def test_a_fork_can_have_other_stages(store, whole):
    child = fork(store, whole, 300, stages=(Stage(task="household/open", steps=64),))
    assert [clip.stage.task for clip in child.story().clips] == ["household/go-to", "mirror/take", "household/open"]


def test_a_fork_that_is_killed_before_its_branch_still_branches_off(store, whole):
    branch = RunBranch(whole.id, 250, {"strategy.name": "naive"})
    on = prepared_run.fork(store, whole, branch)
    train(on.trainer, on.events, until=220)
    resume(on.run)
    assert weights(on.run) == weights(fork(store, whole, 250, {"strategy.name": "naive"}))


REFUSED = [
    (9999, {}, "--at 9999: run {run} has steps 0 to"),
    (100, {"model.width": 32}, "'model.width' can't change in the middle of a run"),
    (100, {"strategy.nme": 1}, "strategy.nme"),
    (100, {"strategy.name": "ewcc"}, "did you mean 'ewc'?"),
]


@pytest.mark.parametrize(("step", "changes", "text"), REFUSED)
def test_an_invalid_fork_is_refused_and_leaves_nothing(store, whole, step, changes, text):
    with pytest.raises(BadInput) as refusal:
        fork(store, whole, step, changes)
    assert text.format(run=whole.id) in str(refusal.value)
    assert list(store) == []


def started(store, parent):
    return prepared_run.start(store, CONFIG)


def resumed(store, parent):
    return prepared_run.resume(started_run(store, until=100, commands={}))


def forked(store, parent):
    return prepared_run.fork(store, parent, RunBranch(parent.id, 300, {}))


@pytest.mark.parametrize(("prepare", "is_new"), [(started, True), (resumed, False), (forked, True)])
def test_discarding_a_prepared_run_deletes_only_a_new_folder(store, plain, prepare, is_new):
    prepared = prepare(store, plain)
    prepared.discard()
    assert prepared.run.folder.is_dir() is not is_new


@pytest.mark.parametrize(("prepare", "is_resumed"), [(started, False), (resumed, True), (forked, True)])
def test_a_resumed_run_recalls_its_events_and_then_yields_only_new_ones(store, plain, prepare, is_resumed):
    prepared = prepare(store, plain)
    past = prepared.recall()
    first = next(prepared.events)
    prepared.events.close()
    assert (past is not None) is is_resumed
    assert isinstance(first, RunStarted) is not is_resumed
    if past is not None:
        assert [event.step for event in past.resumed] == [past.step]
        assert past.step > 0
        assert not isinstance(first, Resumed)
