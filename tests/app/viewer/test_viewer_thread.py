import pytest

from agents.agent import Agent
from agents.config import RunConfig
from agents.events import InstructionStatus, MemoryEntry
from agents.infer.explanation_data import Milestone
from agents.store.run_store import RunStore
from app.viewer import orders
from app.viewer.viewer_thread import ViewerThread
from envs.curriculum import Stage
from envs.task import Task

GO_TO = Task(key="household/go-to")
STORE = Task(key="household/store")
MIRROR = Task(key="mirror/go-to")


@pytest.fixture
def viewer(qtbot):
    thread = ViewerThread()
    thread.frames = []
    thread.framed.connect(thread.frames.append)
    with qtbot.waitSignal(thread.ready, timeout=30_000):
        thread.start()
    yield thread
    thread.stop()
    thread.deleteLater()


def test_a_task_is_shown_at_once_and_then_steps_by_itself(qtbot, viewer):
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(GO_TO, 0))
    assert viewer.frames[0].task == GO_TO
    assert viewer.frames[0].picture.shape == (480, 480, 3)
    viewer.order(orders.SetSpeed(30.0))
    qtbot.waitUntil(lambda: len({frame.time for frame in viewer.frames}) > 4, timeout=5_000)


def test_at_speed_zero_it_pauses_and_takes_single_steps(qtbot, viewer):
    viewer.order(orders.SetSpeed(0.0))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(GO_TO, 0))
    qtbot.wait(250)
    assert len(viewer.frames) == 1
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.StepOnce())
    qtbot.wait(250)
    assert [frame.time for frame in viewer.frames] == [0, 1]


def test_the_agent_can_be_instructed_while_paused(qtbot, viewer):
    viewer.order(orders.SetSpeed(0.0))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(STORE, 0))
    text = next(request.text for request in viewer.frames[0].requests if request.text.startswith("put"))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.Instruct(text))
    assert viewer.frames[-1].instruction == InstructionStatus(text, "person")
    assert f". {text} ." in viewer.frames[-1].text
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.StepOnce())
    assert viewer.frames[-1].instruction.steps == 1


def test_an_instruction_not_understood_is_reported_and_the_agent_continues(qtbot, viewer):
    viewer.order(orders.SetSpeed(30.0))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(STORE, 0))
    with qtbot.waitSignal(viewer.misunderstood, timeout=5_000) as refused:
        viewer.order(orders.Instruct("open the moon"))
    assert refused.args[0].arguments["words"] == "moon"
    count = len(viewer.frames)
    qtbot.waitUntil(lambda: len(viewer.frames) > count + 3, timeout=5_000)
    assert viewer.frames[-1].instruction is None


def test_both_compared_agents_are_instructed(qtbot, viewer, run):
    compared = []
    viewer.compared.connect(compared.append)
    viewer.order(orders.SetSpeed(0.0))
    viewer.order(orders.LoadFromRun(run, 100))
    viewer.order(orders.ShowTask(STORE, None))
    viewer.order(orders.Compare(run))
    qtbot.waitUntil(lambda: bool(compared), timeout=10_000)
    text = next(request.text for request in compared[0].requests if request.text.startswith("put"))
    viewer.order(orders.Instruct(text))
    qtbot.waitUntil(lambda: compared[-1].instruction is not None, timeout=5_000)
    assert [viewer.frames[-1].instruction, compared[-1].instruction] == [InstructionStatus(text, "person")] * 2


def test_at_a_slow_speed_a_step_is_animated_in_several_pictures(qtbot, viewer):
    viewer.order(orders.SetSpeed(3.0))
    viewer.order(orders.ShowTask(GO_TO, 0))
    qtbot.waitUntil(lambda: sum(frame.time == 1 for frame in viewer.frames) > 2, timeout=5_000)
    moving = [frame.picture for frame in viewer.frames if frame.time == 1]
    assert (moving[0] != moving[-1]).any()


def test_nothing_is_drawn_while_suspended(qtbot, viewer):
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(GO_TO, 0))
    viewer.order(orders.SetSuspended(True))
    qtbot.wait(150)
    count = len(viewer.frames)
    qtbot.wait(300)
    assert len(viewer.frames) == count
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.SetSuspended(False))


def test_a_world_that_fails_is_reported_and_the_next_one_is_shown(qtbot, viewer):
    with qtbot.waitSignal(viewer.failed, timeout=5_000):
        viewer.order(orders.ShowTask(Task(key="gym:NoSuchWorld-v0"), 0))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(MIRROR, 1))
    assert viewer.frames[-1].task == MIRROR


def test_light_and_dark_are_drawn_differently(qtbot, viewer):
    viewer.order(orders.SetSpeed(0.0))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.ShowTask(GO_TO, 0))
    with qtbot.waitSignal(viewer.framed, timeout=5_000):
        viewer.order(orders.SetTheme(True))
    light, dark = (frame.picture.mean() for frame in viewer.frames[-2:])
    assert light > dark


def test_a_memory_entry_is_drawn_in_the_ordered_size(qtbot, viewer):
    world = GO_TO.make()
    world.reset(seed=3)
    entry = MemoryEntry(
        id=5, task_id=0, text="", action="north", reward=0.0, step=1, picture_state=dict(world.picture_state())
    )
    with qtbot.waitSignal(viewer.pictured, timeout=5_000) as pictured:
        viewer.order(orders.DrawMemory(entry, GO_TO, 96))
    assert pictured.args[0].entry_id == 5
    assert pictured.args[0].picture.shape == (96, 96, 3)


@pytest.fixture
def run(tmp_path):
    """A stored run with a checkpoint at its start and a later one."""
    stored = RunStore(tmp_path).create(RunConfig(stages=(Stage(task=GO_TO.key),)))
    for step in (0, 5_000):
        agent = Agent(RunConfig(seed=step, stages=(Stage(task=GO_TO.key),)))
        agent.add_task(GO_TO, 0)
        snapshot = agent.snapshot(step)
        stored.keep(step, snapshot.arrays, snapshot.about)
    return stored


def test_both_compared_agents_start_in_equal_worlds_until_the_comparison_ends(qtbot, viewer, run):
    compared = []
    viewer.compared.connect(compared.append)
    viewer.order(orders.SetSpeed(30.0))
    viewer.order(orders.LoadFromRun(run, 100))
    viewer.order(orders.ShowTask(GO_TO, 0))
    qtbot.waitUntil(lambda: len(viewer.frames) > 2, timeout=5_000)
    assert not compared
    viewer.order(orders.Compare(run))
    qtbot.waitUntil(lambda: len(compared) > 4, timeout=10_000)
    then, now = viewer.frames[-len(compared) :], compared
    assert {frame.agent_step for frame in then} == {0}
    assert {frame.agent_step for frame in now} == {5_000}
    assert [frame.episode - then[0].episode for frame in then] == [frame.episode - 1 for frame in now]
    assert all(
        first.text == second.text for first, second in zip(then, now, strict=True) if first.time == second.time == 0
    )
    viewer.order(orders.Compare(None))
    qtbot.waitUntil(lambda: compared[-1] is None, timeout=5_000)
    count = len(compared)
    qtbot.wait(200)
    assert len(compared) == count


def test_newer_weights_reach_only_the_newest_agent(qtbot, viewer, run):
    compared = []
    viewer.compared.connect(compared.append)
    viewer.order(orders.LoadFromRun(run, 0))
    viewer.order(orders.ShowTask(GO_TO, 0))
    viewer.order(orders.Compare(run))
    agent = Agent(RunConfig(seed=9, stages=(Stage(task=GO_TO.key),)))
    agent.add_task(GO_TO, 0)
    viewer.order(orders.LoadNewestWeights(agent.snapshot(7_000)))
    qtbot.waitUntil(lambda: bool(compared) and compared[-1].agent_step == 7_000, timeout=10_000)
    assert viewer.frames[-1].agent_step == 0


@pytest.fixture
def reasons(viewer):
    received = []
    viewer.reasoned.connect(received.append)
    return received


def test_decisions_are_explained_only_while_wanted(qtbot, viewer, reasons):
    viewer.order(orders.SetSpeed(30.0))
    viewer.order(orders.ShowTask(GO_TO, 0))
    qtbot.waitUntil(lambda: len(viewer.frames) > 8, timeout=5_000)
    assert reasons == []
    with qtbot.waitSignal(viewer.reasoned, timeout=5_000):
        viewer.order(orders.SetExplaining(True))
    viewer.order(orders.SetExplaining(False))
    qtbot.wait(200)
    count = len(reasons)
    qtbot.wait(800)
    assert len(reasons) == count


def test_a_single_step_is_explained(qtbot, viewer, reasons):
    viewer.order(orders.SetSpeed(0.0))
    viewer.order(orders.SetExplaining(True))
    with qtbot.waitSignal(viewer.reasoned, timeout=5_000):
        viewer.order(orders.ShowTask(GO_TO, 0))
    with qtbot.waitSignal(viewer.reasoned, timeout=5_000):
        viewer.order(orders.StepOnce())
    qtbot.waitUntil(lambda: viewer.frames[-1].time == 1, timeout=5_000)
    last = reasons[-1].frame
    assert (last.time, last.text, last.probabilities) == (1, viewer.frames[-1].text, viewer.frames[-1].probabilities)
    assert last.picture is None


def test_at_a_fast_speed_not_every_step_is_explained(qtbot, viewer, reasons):
    viewer.order(orders.SetSpeed(30.0))
    viewer.order(orders.SetExplaining(True))
    viewer.order(orders.ShowTask(GO_TO, 0))
    qtbot.waitUntil(lambda: len(reasons) > 2, timeout=10_000)
    assert len({(frame.episode, frame.time) for frame in viewer.frames}) > len(reasons)


def test_decisions_are_compared_with_the_agents_that_a_run_has_stored(qtbot, viewer, reasons, runs):
    config = RunConfig(stages=(Stage(task="household/go-to"),))
    run, agent = runs.create(config), Agent(config)
    agent.add_task(GO_TO, 0)
    snapshot = agent.snapshot(0)
    run.keep(snapshot.step, snapshot.arrays, snapshot.about)
    viewer.order(orders.SetSpeed(0.0))
    viewer.order(orders.SetPastAgents(run, (Milestone("untrained", 0),)))
    viewer.order(orders.SetExplaining(True))
    with qtbot.waitSignal(viewer.reasoned, timeout=5_000):
        viewer.order(orders.ShowTask(GO_TO, 0))
    assert [divergence.milestone.origin for divergence in reasons[-1].divergences] == ["untrained"]


def test_a_decision_is_repeated_without_the_recalled_sentences(qtbot, viewer, reasons):
    rules = Task(key="household/rules", options={"rule_shown": "never"})
    config = RunConfig(stages=(Stage(task=rules.key),), knowledge={"max_entries": 8, "min_similarity": 0.0})
    agent, reconsidered = Agent(config), []
    agent.add_task(rules, 0)
    id_ = agent.knowledge.add_sentence("put it away where it was put away before")
    viewer.reconsidered.connect(reconsidered.append)
    viewer.order(orders.SetSpeed(30.0))
    viewer.order(orders.LoadWeights(agent.snapshot(0)))
    viewer.order(orders.SetExplaining(True))
    viewer.order(orders.ShowTask(rules, 0))
    qtbot.waitUntil(lambda: bool(reasons), timeout=10_000)
    frame = reasons[-1].frame
    assert [entry.id for entry in frame.recalled] == [id_]
    viewer.order(orders.DecideWithout((id_,), (frame.episode, frame.time)))
    qtbot.waitUntil(lambda: bool(reconsidered), timeout=5_000)
    assert reconsidered[0].frame_id == (frame.episode, frame.time)
    assert reconsidered[0].probabilities == pytest.approx(frame.probabilities, abs=1e-5)
    assert reconsidered[0].without != reconsidered[0].probabilities
    viewer.order(orders.DecideWithout((id_,), (frame.episode + 10_000, 0)))
    qtbot.waitUntil(lambda: reconsidered[1:] == [None], timeout=5_000)
