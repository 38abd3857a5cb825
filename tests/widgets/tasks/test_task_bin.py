import pytest
from PySide6.QtCore import QPoint, Qt

from envs.curriculum import Stage
from envs.task import library
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.curriculum.task_drag import pack, unpack
from widgets.requests import TryWorld
from widgets.style.catalogue import LanguageSwitcher
from widgets.tasks.task_bin import TaskBin
from widgets.tasks.task_rows import HUE_ROLE, ROW_ROLE

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def model(qapp):
    return CurriculumModel()


@pytest.fixture
def bin_(qtbot, model):
    panel = TaskBin(model)
    qtbot.addWidget(panel)
    panel.resize(224, 560)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def indexes(bin_):
    items = bin_.tasks.model()
    return [items.index(position, 0) for position in range(items.rowCount())]


def rows(bin_):
    return [index.data(ROW_ROLE) for index in indexes(bin_) if index.data(ROW_ROLE)]


def index_of(bin_, key, kind="task"):
    found = [index for index in indexes(bin_) if index.data(ROW_ROLE)]
    return next(i for i in found if (i.data(ROW_ROLE).spec.key, i.data(ROW_ROLE).kind) == (key, kind))


def test_the_whole_library_is_offered_and_each_family_to_meta_train_on(bin_):
    offered = [(row.spec.key, row.kind) for row in rows(bin_)]
    for spec in library():
        assert (spec.key, "task") in offered
        assert ((spec.key, "meta") in offered) == bool(spec.family)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("lamp", {"household/lamp"}),
        ("MIRROR take", {"mirror/take"}),
        ("gym:taxi", {"gym:Taxi-v4"}),
        ("zebra", set()),
    ],
)
def test_the_search_looks_into_titles_summaries_and_keys(bin_, query, keys):
    bin_.search.setText(query)
    assert {row.spec.key for row in rows(bin_)} == keys
    assert indexes(bin_)


def test_enter_in_the_search_appends_the_first_result(qtbot, bin_, model):
    qtbot.keyClicks(bin_.search, "balance")
    qtbot.keyClick(bin_.search, Qt.Key.Key_Return)
    assert [stage.task for stage in model.stages] == ["gym:CartPole-v1"]


def test_enter_where_nothing_was_found_does_nothing(qtbot, bin_, model):
    qtbot.keyClicks(bin_.search, "no such task")
    with qtbot.captureExceptions() as raised:
        qtbot.keyClick(bin_.search, Qt.Key.Key_Return)
    assert (model.stages, raised) == ((), [])


def test_the_list_is_used_by_keyboard(qtbot, bin_, model):
    qtbot.keyClick(bin_.search, Qt.Key.Key_Down)
    qtbot.keyClick(bin_.tasks, Qt.Key.Key_Down)
    qtbot.keyClick(bin_.tasks, Qt.Key.Key_Return)
    assert [stage.task for stage in model.stages] == [library()[1].key]


def test_a_double_click_appends(qtbot, bin_, model):
    index = index_of(bin_, "household/words", "meta")
    bin_.tasks.scrollTo(index)
    position = bin_.tasks.visualRect(index).center()
    qtbot.mouseClick(bin_.tasks.viewport(), LEFT, pos=position)
    qtbot.mouseDClick(bin_.tasks.viewport(), LEFT, pos=position)
    assert [(stage.task, stage.kind) for stage in model.stages] == [("household/words", "meta")]


def test_a_double_click_on_a_heading_does_nothing(qtbot, bin_, model):
    qtbot.mouseDClick(bin_.tasks.viewport(), LEFT, pos=QPoint(20, 10))
    assert model.stages == ()


@pytest.mark.parametrize("row", [(spec.key, "task") for spec in library()] + [("household/words", "meta")])
def test_drag_data_unpacks_to_a_stage(row):
    stage = unpack(pack(*row))
    assert (stage.task, stage.kind) == row


def test_a_task_has_the_colour_of_its_column_and_none_if_unused(bin_, model):
    model.load([Stage(task="mirror/go-to"), Stage(task="household/open")], "Two")
    colours = {index.data(ROW_ROLE).spec.key: index.data(HUE_ROLE) for index in indexes(bin_) if index.data(ROW_ROLE)}
    assert colours["mirror/go-to"] == 0
    assert colours["household/open"] == 1
    assert colours["household/go-to"] is None


@pytest.mark.parametrize("typed", ["Blackjack-v1", "gym:Blackjack-v1"])
def test_any_gymnasium_id_can_be_added(qtbot, bin_, model, typed):
    ids, requests = [], []
    bin_.ids_changed.connect(ids.append)
    bin_.requested.connect(requests.append)
    qtbot.keyClicks(bin_.new_id, typed)
    qtbot.keyClick(bin_.new_id, Qt.Key.Key_Return)
    assert requests == [TryWorld("Blackjack-v1")]
    assert bin_.problem.text() == "Trying out Blackjack-v1…"
    assert ids == []
    bin_.add_id("Blackjack-v1")
    assert rows(bin_)[-1].spec.key == "gym:Blackjack-v1"
    assert ids == [("Blackjack-v1",)]
    assert bin_.new_id.text() == ""
    assert bin_.problem.isHidden()


@pytest.mark.parametrize(
    ("typed", "text"),
    [("os:Env-v0", "not a Gymnasium id"), ("Nothing-v1", "Nothing"), ("CartPole-v9", "v9"), ("Taxi-v3", "Taxi-v4")],
)
def test_an_id_that_does_not_exist_is_explained_in_place(qtbot, bin_, typed, text):
    before = rows(bin_)
    qtbot.keyClicks(bin_.new_id, typed)
    qtbot.keyClick(bin_.new_id, Qt.Key.Key_Return)
    assert text in bin_.problem.text()
    assert bin_.problem.isVisible()
    assert rows(bin_) == before
    qtbot.keyClick(bin_.new_id, Qt.Key.Key_Backspace)
    assert bin_.problem.isHidden()


def test_an_id_that_fails_its_trial_is_refused_in_place(qtbot, bin_):
    before = rows(bin_)
    qtbot.keyClicks(bin_.new_id, "CarRacing-v3")
    qtbot.keyClick(bin_.new_id, Qt.Key.Key_Return)
    bin_.refuse_id("Blackjack-v1", "an answer that comes late")
    assert "Trying" in bin_.problem.text()
    bin_.refuse_id("CarRacing-v3", "CarRacing-v3: its observation is a picture")
    assert bin_.problem.text() == "CarRacing-v3: its observation is a picture"
    assert rows(bin_) == before


def test_every_control_has_a_name(bin_):
    for widget in (bin_.search, bin_.tasks, bin_.new_id):
        assert widget.accessibleName()


def test_every_row_has_its_summary_in_the_tooltip(bin_):
    for index in indexes(bin_):
        if row := index.data(ROW_ROLE):
            assert row.summary in index.data(Qt.ItemDataRole.ToolTipRole).replace("&#x27;", "'")
            assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == row.summary


def test_the_reason_of_a_refused_id_is_translated(qtbot, bin_):
    qtbot.keyClicks(bin_.new_id, "Nothing-v1")
    qtbot.keyClick(bin_.new_id, Qt.Key.Key_Return)
    assert bin_.problem.text().startswith("Gymnasium does not know Nothing-v1. It says: ")
    interpreter = LanguageSwitcher()
    interpreter.switch_to("zh_CN")
    bin_.retranslate()
    assert bin_.problem.text().startswith("Gymnasium 不认识世界 Nothing-v1。Gymnasium 的原话：")
    interpreter.switch_to("en")
