import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from envs.curriculum import Stage
from widgets.curriculum.curriculum_model import CurriculumModel

TASKS = ("household/go-to", "household/open", "mirror/go-to", "gym:CartPole-v1")


def stages(*ids):
    return tuple(Stage(id=id_, task=TASKS[index % len(TASKS)], steps=1_000) for index, id_ in enumerate(ids))


def ids(model):
    return [stage.id for stage in model.stages]


@pytest.fixture
def model(qapp):
    model = CurriculumModel()
    model.load(stages("a", "b", "c"), "Three")
    return model


@pytest.fixture
def sent(model):
    plans = []
    model.edited.connect(plans.append)
    return plans


EDITS = {
    "insert": lambda model: model.insert(1, stages("x")[0]),
    "duplicate": lambda model: model.duplicate("b"),
    "remove": lambda model: model.remove("b"),
    "move": lambda model: model.move("c", 0),
    "replace": lambda model: model.replace("b", model.stage("b").model_copy(update={"until": 0.5})),
    "resize": lambda model: model.resize("b", 5_000),
    "rename": lambda model: model.rename("Four"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_edit_is_undone_redone_and_marks_the_plan_dirty(model, edit):
    before = model.title, model.stages
    edit(model)
    after = model.title, model.stages
    assert before != after
    assert model.is_dirty
    assert model.undo_stack.undoText()
    model.undo()
    assert (model.title, model.stages) == before
    assert not model.is_dirty
    model.redo()
    assert (model.title, model.stages) == after


def test_an_edit_that_changes_nothing_leaves_no_step_of_undo(model, sent):
    model.move("b", 1)
    model.replace("b", model.stage("b"))
    model.resize("b", 1_000)
    model.rename("Three")
    assert not model.undo_stack.canUndo()
    assert sent == []


def test_a_gesture_is_one_step_of_undo(model):
    for steps in (1_100, 1_200, 1_300):
        model.resize("a", steps, gesture="drag 1")
    model.resize("a", 2_000, gesture="drag 2")
    model.undo()
    assert model.stage("a").steps == 1_300
    model.undo()
    assert model.stage("a").steps == 1_000


def test_a_gesture_that_returns_leaves_no_step_of_undo(model):
    model.resize("a", 1_100, gesture="drag 1")
    model.resize("a", 1_000, gesture="drag 1")
    assert not model.undo_stack.canUndo()


def test_an_inserted_stage_gets_a_new_id(model):
    assert model.insert(0, model.stage("c")) != "c"
    assert len(set(ids(model))) == 4


def test_history_cannot_be_edited_but_a_copy_can(model):
    model.lock(1, "b", 200)
    for edit in (model.remove, lambda id_: model.move(id_, 2), lambda id_: model.resize(id_, 9)):
        with pytest.raises(ValueError, match="history"):
            edit("a")
    with pytest.raises(ValueError, match="history"):
        model.move("b", 2)
    assert model.index(model.duplicate("a")) == 2


def test_nothing_is_inserted_before_stages_that_have_begun(model):
    model.lock(1, "b", 200)
    model.insert(0, stages("x")[0])
    model.move("c", 0)
    assert ids(model) == ["a", "b", "c", "x"]


def test_the_running_stage_shrinks_to_its_current_step_at_most(model):
    model.lock(0, "a", 600)
    model.resize("a", 100)
    assert model.stage("a").steps == 600
    model.replace("a", model.stage("a").model_copy(update={"until": 0.9}))
    assert ids(model) == ["a", "b", "c"]
    assert model.stage("a").until == 0.9


def test_swapping_the_running_stage_ends_it_at_its_current_step(model, sent):
    model.lock(1, "b", 200)
    swapped = model.replace("b", Stage(task="household/lamp", steps=3_000))
    assert ids(model) == ["a", "b", swapped, "c"]
    assert [stage.id for stage in sent[0]] == ["a", swapped, "c"]
    assert model.history.first_open == 2
    model.resize("c", 9_000)
    assert [stage.id for stage in sent[1]] == ["a", "b", swapped, "c"]


def test_a_cut_stage_stays_history_until_the_run_has_ended_it(model):
    model.lock(1, "b", 200)
    model.remove("b")
    model.lock(1, "b", 210)
    assert model.history.first_open == 2
    model.lock(2, "c", 5)
    assert model.is_running("c")
    assert ids(model) == ["a", "b", "c"]


def test_undoing_a_cut_inserts_the_rest_of_the_stage(model):
    model.lock(1, "b", 200)
    model.remove("b")
    model.undo()
    assert len(model.stages) == 4
    assert ids(model)[:2] == ["a", "b"]
    rest = model.stages[2]
    assert (rest.task, rest.steps) == (model.stage("b").task, 800)
    model.redo()
    assert ids(model) == ["a", "b", "c"]


def test_an_edit_overtaken_by_the_run_is_dropped(model, sent):
    model.resize("c", 7_000)
    model.resize("a", 5_000)
    model.lock(1, "b", 10)
    assert model.undo_stack.count() == 1
    model.undo()
    assert [stage.steps for stage in model.stages] == [5_000, 1_000, 1_000]


def test_undo_moves_only_stages_that_have_not_been_run(model):
    model.move("c", 0)
    model.lock(1, "a", 10)
    model.undo()
    assert ids(model) == ["c", "a", "b"]


class Editing(RuleBasedStateMachine):
    """A person edits, undoes and redoes while a run trains the stages one after another."""

    known = Bundle("known")

    def __init__(self):
        super().__init__()
        self.model = CurriculumModel()
        self.model.load(stages("a", "b", "c"), "Three")
        self.sent = self.model.stages
        self.model.edited.connect(self.take)
        self.past = []
        self.running = None
        self.done = 0

    def take(self, plan):
        """Take an edit as the trainer does: stages that have been run come first, and a missing stage is over."""
        assert list(plan[: len(self.past)]) == self.past
        next_stage = plan[len(self.past)] if len(plan) > len(self.past) else None
        if self.running is not None and (next_stage is None or next_stage.id != self.running):
            self.past.append(self.model.stage(self.running))
            self.running = None

    def open_(self, data):
        return data.draw(st.sampled_from([stage.id for stage in self.model.stages if self.model.is_open(stage.id)]))

    @property
    def has_open(self):
        return self.model.history.first_open < len(self.model.stages)

    @rule(index=st.integers(0, 6), task=st.sampled_from(TASKS))
    def insert(self, index, task):
        self.model.insert(index, Stage(task=task, steps=1_000))

    @precondition(lambda self: self.has_open)
    @rule(data=st.data())
    def remove(self, data):
        self.model.remove(self.open_(data))

    @precondition(lambda self: self.has_open)
    @rule(data=st.data(), index=st.integers(0, 6))
    def move(self, data, index):
        self.model.move(self.open_(data), index)

    @precondition(lambda self: self.model.stages)
    @rule(data=st.data())
    def duplicate(self, data):
        self.model.duplicate(data.draw(st.sampled_from(ids(self.model))))

    @precondition(lambda self: self.has_open)
    @rule(data=st.data(), task=st.sampled_from(TASKS))
    def swap(self, data, task):
        self.model.replace(self.open_(data), Stage(task=task, steps=1_000))

    @precondition(lambda self: self.has_open)
    @rule(data=st.data(), steps=st.integers(1, 5_000), gesture=st.sampled_from(["", "drag"]))
    def resize(self, data, steps, gesture):
        self.model.resize(self.open_(data), steps, gesture=gesture)

    @precondition(lambda self: self.running)
    @rule(steps=st.integers(1, 5_000))
    def resize_running(self, steps):
        self.model.resize(self.running, steps)

    @precondition(lambda self: self.running)
    @rule(task=st.sampled_from([None, *TASKS]))
    def cut_running(self, task):
        if task is None:
            self.model.remove(self.running)
        else:
            self.model.replace(self.running, Stage(task=task, steps=1_000, strategy={"weight": 2}))

    @rule(title=st.sampled_from("xyz"))
    def rename(self, title):
        self.model.rename(title)

    @rule(steps=st.integers(1, 700))
    def run_on(self, steps):
        if self.running is None and len(self.past) < len(self.model.stages):
            self.running, self.done = self.model.stages[len(self.past)].id, 0
        if self.running is not None:
            self.done = min(self.done + steps, self.model.stage(self.running).steps)
            if self.done == self.model.stage(self.running).steps:
                self.past.append(self.model.stage(self.running))
                self.running = None
        self.model.lock(len(self.past), self.running, self.done)

    @rule(count=st.integers(1, 6))
    def undo_and_redo(self, count):
        before = self.model.title, self.model.stages
        undone = 0
        while undone < count and self.model.undo_stack.canUndo():
            self.model.undo()
            undone += 1
        for _ in range(undone):
            self.model.redo()
        assert (self.model.title, self.model.stages) == before

    @rule(count=st.integers(1, 3))
    def undo(self, count):
        for _ in range(count):
            self.model.undo()

    @rule()
    def redo(self):
        self.model.redo()

    @invariant()
    def history_never_changes(self):
        assert list(self.model.stages[: len(self.past)]) == self.past

    @invariant()
    def ids_are_unique(self):
        assert len(set(ids(self.model))) == len(self.model.stages)

    @invariant()
    def the_running_stage_comes_next_with_room_for_what_it_has_done(self):
        if self.running is not None:
            assert ids(self.model)[len(self.past)] == self.running
            assert self.model.stage(self.running).steps >= self.done


@pytest.mark.usefixtures("qapp")
class TestEditing(Editing.TestCase):
    settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
