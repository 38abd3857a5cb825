import gymnasium as gym
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from agents.config.strategies import EWCConfig, NaiveConfig, ReplayConfig
from agents.config.strategy_pair import BothConfig
from agents.registry import STRATEGIES
from envs.curriculum import Stage
from envs.task import library
from envs.teaching import Teaching
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.forms.field_titles import LEVELS, label_and_level, shows
from widgets.timeline.stage_form import StageForm

pytestmark = pytest.mark.usefixtures("qapp")
STAGES = (
    Stage(id="a", task="household/go-to", steps=20_000),
    Stage(id="b", task="gym:CartPole-v1", steps=20_000, until=0.9, options={"bins": 7}, strategy={"batch_size": 64}),
    Stage(id="m", task="household/words", kind="meta", steps=20_000),
)


@pytest.fixture
def model(qapp):
    model = CurriculumModel()
    model.load(STAGES, "Three")
    return model


@pytest.fixture
def open_form(qtbot, model):
    window = QWidget()
    qtbot.addWidget(window)

    def open_(id_, strategy=None, level="expert"):
        form = StageForm(model, id_, strategy or ReplayConfig(), window, level=level)
        form.open_above(QPoint(300, 500))
        return form

    return open_


def test_the_form_shows_what_the_clip_holds(open_form):
    form = open_form("b")
    values = form.rows.values()
    assert values["steps"] == 20_000
    assert values["until"] == 0.9
    assert form.gate.isChecked()
    assert values["options.bins"] == 7
    assert values["strategy.batch_size"] == 64.0
    assert values["strategy.weight"] is None or values["strategy.weight"] == ""


@pytest.mark.parametrize("spec", library(), ids=lambda spec: spec.key)
def test_every_option_of_every_world_is_in_the_form(open_form, model, spec):
    model.load([Stage(id="x", task=spec.key)], "One")
    form = open_form("x")
    names = {name.removeprefix("options.") for name in form.rows.values() if name.startswith("options.")}
    assert names == set(spec.options.model_fields)
    for name, field in spec.options.model_fields.items():
        assert form.rows.editor(f"options.{name}").toolTip() == f"{name}: {field.description}"
        assert form.rows.editor(f"options.{name}").control.accessibleName()


def test_applying_unchanged_values_is_no_edit(open_form, model):
    open_form("b").apply()
    assert model.stages == STAGES
    assert not model.undo_stack.canUndo()


def test_applying_is_one_step_of_undo(open_form, model):
    form = open_form("a")
    form.rows.editor("steps").show_value(5_000)
    form.gate.setChecked(True)
    form.rows.editor("until").show_value(0.8)
    form.rows.editor("options.objects").show_value(2)
    form.rows.editor("strategy.batch_size").show_value(32)
    form.apply()
    stage = model.stage("a")
    assert (stage.steps, stage.until, stage.options, stage.strategy) == (5_000, 0.8, {"objects": 2}, {"batch_size": 32})
    assert isinstance(stage.strategy["batch_size"], int)
    assert model.undo_stack.count() == 1
    model.undo()
    assert model.stages == STAGES


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("until", "1.5", "at most 1"),
        ("until", "much", "must be a number, got 'much'"),
        ("options.low", "x", "must be a number"),
        ("strategy.weight", "-1", "at least 0"),
        ("strategy.batch_size", "1.5", "whole number"),
    ],
)
def test_a_wrong_value_is_explained_beside_its_field_and_changes_nothing(open_form, model, field, value, message):
    form = open_form("b")
    form.rows.editor(field).show_value(value)
    form.apply()
    assert message in form.rows.fault(field)
    assert form.rows.editor(field).control.property("wrong")
    assert form.isVisible()
    assert model.stages == STAGES
    form.rows.editor(field).show_value("0.5" if field != "strategy.batch_size" else "5")
    form.apply()
    assert not form.isVisible()
    assert model.stages != STAGES


def test_a_gate_that_is_switched_off_is_left_out(open_form, model):
    form = open_form("b")
    form.gate.setChecked(False)
    assert not form.rows.editor("until").isEnabled()
    form.apply()
    assert model.stage("b").until is None


@pytest.mark.parametrize(
    ("strategy", "names"),
    [
        (NaiveConfig(), set()),
        (ReplayConfig(), {"weight", "batch_size", "vf_coef", "priority"}),
        (EWCConfig(), {"strength", "samples"}),
    ],
)
def test_the_numbers_of_the_runs_strategy_can_be_set_for_one_clip(open_form, strategy, names):
    form = open_form("a", strategy)
    assert {n.removeprefix("strategy.") for n in form.rows.values() if n.startswith("strategy.")} == names


def test_the_numbers_of_both_of_a_pair_can_be_set_for_one_clip(open_form, model):
    form = open_form("a", BothConfig(first=EWCConfig(), second=ReplayConfig()))
    form.rows.editor("strategy.first.strength").show_value(7)
    form.rows.editor("strategy.second.weight").show_value(-1)
    form.apply()
    assert "at least 0" in form.rows.fault("strategy.second.weight")
    form.rows.editor("strategy.second.weight").show_value("")
    form.apply()
    assert model.stage("a").strategy == {"first": {"strength": 7.0}}


def test_a_meta_stage_has_no_strategy_of_its_own(open_form):
    assert not any(name.startswith("strategy.") for name in open_form("m").rows.values())


def test_the_form_warns_that_another_world_cuts_the_running_clip(open_form, model):
    model.lock(0, "a", 500)
    form = open_form("a")
    assert any("ends here" in label.text() for label in form.findChildren(QLabel))
    form.rows.editor("options.size").show_value(7)
    form.apply()
    assert model.stages[0].id == "a"
    assert model.stages[1].options == {"size": 7}


def test_a_clip_that_ended_while_its_form_was_open_stays_as_it_was(open_form, model):
    form = open_form("a")
    form.rows.editor("steps").show_value(5)
    model.lock(1, "b", 10)
    form.apply()
    assert "over by now" in form.rows.fault("steps")
    assert model.stages == STAGES


def test_a_clip_of_the_past_can_be_read_but_not_changed(open_form, model):
    model.lock(1, "b", 10)
    form = open_form("a")
    assert not form.rows.isEnabled()
    assert any("history" in label.text() for label in form.findChildren(QLabel))


def test_escape_closes_the_form_and_changes_nothing(qtbot, open_form, model):
    form = open_form("a")
    form.rows.editor("steps").show_value(5)
    qtbot.keyClick(form, Qt.Key.Key_Escape)
    assert model.stages == STAGES


def test_enter_applies(qtbot, open_form, model):
    form = open_form("a")
    form.rows.editor("steps").show_value(5_000)
    qtbot.keyClick(form, Qt.Key.Key_Return)
    assert model.stage("a").steps == 5_000


def test_a_clip_can_be_given_a_teacher(open_form, model):
    form = open_form("a")
    assert form.rows.values()["teaching.teacher"] == ""
    form.rows.editor("teaching.teacher").show_value("expert")
    form.rows.editor("teaching.steps").show_value(4_000)
    form.rows.editor("teaching.actor").show_value("student")
    form.apply()
    assert model.stage("a").teaching == Teaching(teacher="expert", steps=4_000, actor="student")
    assert open_form("a").rows.values()["teaching.steps"] == 4_000


@pytest.mark.parametrize(
    ("id_", "name", "value", "message"),
    [
        ("b", "teacher", "expert", "there is no scripted expert"),
        ("a", "teacher", "expret", "did you mean 'expert'"),
        ("a", "temperature", 0.5, "must be at least 1"),
        ("a", "alpha", 2, "must be at most 1"),
    ],
)
def test_an_invalid_teacher_is_explained_beside_its_field(open_form, model, id_, name, value, message):
    form = open_form(id_)
    before = model.stage(id_)
    form.rows.editor(f"teaching.{name}").show_value(value)
    form.apply()
    assert message in form.rows.fault(f"teaching.{name}")
    assert model.stage(id_) == before


def test_a_meta_clip_has_no_teacher(open_form):
    assert not any(name.startswith("teaching.") for name in open_form("m").rows.values())


NUMBERS = st.none() | st.floats(-1e6, 1e6)


@given(low=NUMBERS, high=NUMBERS, until=st.none() | st.floats(0, 1, exclude_min=True), strength=st.floats(0, 1e9))
@example(low=-1234.5678, high=123456.789, until=0.9123456, strength=1 / 3)
def test_applying_what_nobody_edited_is_no_edit(low, high, until, strength):
    own = {"first": {"strength": strength}, "second": {"batch_size": 64}}
    stage = Stage(task="gym:CartPole-v1", until=until, options={"low": low, "high": high}, strategy=own)
    applied_unedited(stage, BothConfig(first=EWCConfig(), second=ReplayConfig()))


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("own", [{}, {"of another": 1.5}], ids=["as in the run", "with what the form does not show"])
def test_what_a_form_does_not_show_stays(strategy, own):
    applied_unedited(Stage(task="household/go-to", strategy=own), strategy())


@pytest.mark.parametrize("spec", library(), ids=lambda spec: spec.key)
@pytest.mark.parametrize("kind", ["task", "meta"])
def test_no_world_is_edited_by_looking_at_its_options(spec, kind):
    if kind == "task" or spec.family:
        applied_unedited(Stage(task=spec.key, kind=kind, steps=999_999_937, strategy={"strength": 0.1}), EWCConfig())


def applied_unedited(stage, strategy):
    model = CurriculumModel()
    model.load([stage], "One")
    form = StageForm(model, stage.id, strategy)
    form.apply()
    assert form.result() == StageForm.DialogCode.Accepted
    assert model.stages == (stage,)
    assert model.stages[0].model_dump_json() == stage.model_dump_json()
    assert not model.undo_stack.canUndo()
    form.deleteLater()


def test_an_entry_that_cannot_be_used_is_not_applied_by_return(qtbot, open_form, model):
    form = open_form("a")
    box = form.rows.editor("steps").control
    box.selectAll()
    qtbot.keyClicks(box, "5k")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.isVisible()
    assert "‘5k’ is refused" in form.rows.fault("steps")
    assert model.stage("a").steps == 20_000


def test_the_form_explains_a_goal_that_the_time_limit_cuts_short(open_form, model):
    gym.register("Long-v0", entry_point=lambda: None, reward_threshold=475, max_episode_steps=500)
    try:
        model.load([Stage(id="x", task="gym:Long-v0"), Stage(id="y", task="gym:CartPole-v1")], "Two")
        texts = {id_: " ".join(label.text() for label in open_form(id_).findChildren(QLabel)) for id_ in "xy"}
    finally:
        del gym.registry["Long-v0"]
    text = "Its goal is 475 in 500 steps. Where 200 steps can't reach that, a return of 190 scores 1."
    assert text in texts["x"]
    assert "Its goal is" not in texts["y"]


def shown(form):
    """The names of the rows that can be seen, and the headings."""
    rows = {name for name in form.rows.values() if form.rows.editor(name).isVisibleTo(form)}
    labels = [label for label in form.rows.findChildren(QLabel) if label.property("strong")]
    return rows, [label.text() for label in labels if label.isVisibleTo(form)]


def choose_level(form, level):
    form._detail.setCurrentIndex(list(LEVELS).index(level))
    form._detail.activated.emit(form._detail.currentIndex())


@pytest.mark.parametrize("spec", library(), ids=lambda spec: spec.key)
def test_each_level_of_detail_shows_more_of_a_clip_and_the_last_all_of_it(open_form, model, spec):
    model.load([Stage(id="x", task=spec.key)], "One")
    seen = []
    for level in LEVELS:
        form = open_form("x", level=level)
        rows, _ = shown(form)
        wanted = {
            f"options.{name}" for name in spec.options.model_fields if shows(level, label_and_level(spec.options, name))
        }
        assert {name for name in rows if name.startswith("options.")} == wanted
        assert {"steps", "until", "teaching.teacher"} <= rows
        assert form.rows.hidden == len(form.rows.values()) - len(rows)
        assert form._hidden.isVisibleTo(form) == bool(form.rows.hidden)
        seen.append(rows)
        form.close()
    assert seen[0] < seen[1] <= seen[2]
    assert seen[2] == set(form.rows.values())


def test_a_heading_without_a_row_is_not_shown(open_form, model):
    model.load([Stage(id="x", task="gym:CartPole-v1")], "One")
    assert shown(open_form("x", level="simple"))[1] == ["Teacher", "Replay, in this clip only"]
    assert shown(open_form("x", NaiveConfig(), level="full"))[1] == ["World", "Teacher"]


def test_what_is_not_as_by_default_is_shown_at_every_level(open_form):
    rows, _ = shown(open_form("b", level="simple"))
    assert {"options.bins", "strategy.batch_size"} <= rows
    assert not {"options.max_episode_steps", "options.low"} & rows


def test_what_is_wrong_is_shown_whatever_the_level(open_form):
    form = open_form("a", level="simple")
    form.rows.show_problems({"options.max_episode_steps": "too many"})
    assert "options.max_episode_steps" in shown(form)[0]


def test_a_level_chosen_in_the_form_is_signalled_and_the_entries_stay(open_form, model):
    form = open_form("a", level="simple")
    levels = []
    form.level_chosen.connect(levels.append)
    form.rows.editor("options.objects").show_value(2)
    for level in ("expert", "simple"):
        choose_level(form, level)
    assert levels == ["expert", "simple"]
    form.apply()
    assert model.stage("a").options == {"objects": 2}
