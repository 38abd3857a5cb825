import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QRadioButton

from agents.config import RunConfig
from agents.config.strategies import (
    CLEARConfig,
    EWCConfig,
    PackNetConfig,
    ProgressCompressConfig,
    ReplayConfig,
    SIConfig,
)
from agents.config.strategy_pair import BothConfig
from agents.registry import STRATEGIES, names
from widgets.forms.part_titles import SAYS
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.settings.strategy_button import StrategyPicker


@pytest.fixture
def picker(qtbot):
    made = StrategyPicker()
    qtbot.addWidget(made)
    made.show()
    made.changes = []
    made.changed.connect(made.changes.append)
    return made


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        (ReplayConfig(weight=0.5), "Replay · weight 0.5"),
        (EWCConfig(), "EWC · strength"),
        (ProgressCompressConfig(reinitialise=True), "Progress and compress · compress steps 400"),
        (BothConfig(first=EWCConfig(), second=ReplayConfig()), "EWC + Replay · strength 10"),
    ],
)
def test_the_button_names_the_strategy_and_its_first_setting(picker, strategy, text):
    picker.show_config(RunConfig(strategy=strategy))
    picker.resize(picker.sizeHint())
    assert picker.text().startswith(text)


def test_where_the_header_is_full_the_button_leaves_out_the_setting_first(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig(weight=0.5)))
    picker.resize(picker.sizeHint().width() - 1, 40)
    assert picker.text() == "Replay"
    assert picker.toolTip().startswith("Replay · weight 0.5")
    assert picker.accessibleDescription() == "Replay · weight 0.5"
    picker.resize(picker.sizeHint())
    assert picker.text() == "Replay · weight 0.5"


def test_every_strategy_of_the_registry_is_offered_with_what_it_is(picker):
    picker.click()
    offered = {choice.objectName(): choice for choice in picker._popup.findChildren(QRadioButton)}
    assert set(offered) == set(names(STRATEGIES))
    assert all(choice.accessibleDescription() for choice in offered.values())
    picker._popup.close()


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_every_strategy_is_described_and_everything_has_room(picker, strategy):
    picker.show_config(RunConfig().changed({"strategy.name": strategy}))
    picker.click()
    popup = picker._popup
    shown = [label.text() for label in popup.findChildren(QLabel) if label.isVisible()]
    assert all(SAYS[name] in shown for name in names(STRATEGIES))
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    assert popup.height() <= 700
    picker.changes.clear()
    popup.close()


def test_choosing_a_strategy_asks_for_it(picker):
    picker.click()
    picker._popup.findChild(QRadioButton, "ewc").click()
    assert picker.changes == [{"strategy.name": "ewc"}]
    picker._popup.close()


@pytest.mark.parametrize("confirm", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
@pytest.mark.parametrize(("walk", "found"), [([Qt.Key.Key_Down] * 5, "ewc"), ([Qt.Key.Key_Up] * 2, "adapters")])
def test_arrows_walk_and_one_key_chooses_once(qtbot, picker, walk, found, confirm):
    picker.click()
    for key in walk:
        qtbot.keyClick(picker._popup.focusWidget(), key)
    assert picker.changes == []
    assert picker._popup.findChild(QRadioButton, "naive").isChecked()
    qtbot.keyClick(picker._popup.focusWidget(), confirm)
    assert picker.changes == [{"strategy.name": found}]
    picker._popup.close()


def test_escape_leaves_the_strategy_as_it_was(qtbot, picker):
    picker.click()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Escape):
        qtbot.keyClick(picker._popup.focusWidget(), key)
    qtbot.waitUntil(lambda: picker._popup is None)
    assert picker.changes == []


def test_a_setting_is_asked_for_by_its_path(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig()))
    picker.click()
    editor = picker._popup._form.part()._editors["weight"]
    editor.show_value(2.5)
    editor.edited.emit()
    assert picker.changes == [{"strategy.weight": 2.5}]
    picker._popup.close()


def test_a_value_that_does_not_fit_is_explained_and_not_asked_for(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig()))
    picker.click()
    editor = picker._popup._form.part()._editors["weight"]
    editor.show_value(-1.0)
    editor.edited.emit()
    assert "weight" in picker._popup._form.part()._problems["weight"].text()
    assert picker.changes == []
    picker._popup.close()


def companion(picker, strategy):
    picker.show_config(RunConfig(strategy=strategy))
    picker.click()
    return picker._popup.findChild(SecondStrategyBox)


def choose(box, name):
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def test_a_second_strategy_can_be_chosen_and_taken_away(picker):
    choose(companion(picker, EWCConfig(strength=7)), "replay")
    assert picker.changes == [{"strategy.name": "ewc+replay", "strategy.first.strength": 7.0}]
    picker._popup.close()
    choose(companion(picker, BothConfig(first=EWCConfig(), second=ReplayConfig())), "")
    assert picker.changes[-1] == {"strategy.name": "ewc"}
    picker._popup.close()


def test_what_cannot_be_combined_is_grey_and_says_why(picker):
    box = companion(picker, PackNetConfig())
    row = box.findData("ewc")
    assert not box.model().item(row).isEnabled()
    assert "the penalty of EWC would pull" in box.itemData(row, Qt.ItemDataRole.ToolTipRole)
    assert box.model().item(box.findData("")).isEnabled()
    picker._popup.close()


def test_another_first_strategy_keeps_the_second_if_they_can_be_combined(picker):
    companion(picker, BothConfig(first=EWCConfig(), second=SIConfig(strength=3)))
    picker._popup.findChild(QRadioButton, "replay").click()
    assert picker.changes[-1] == {"strategy.name": "replay+si", "strategy.second.strength": 3.0}
    picker._popup.findChild(QRadioButton, "packnet").click()
    assert picker.changes[-1] == {"strategy.name": "packnet"}
    picker._popup.close()


@pytest.mark.parametrize("first", [CLEARConfig(), EWCConfig()])
def test_the_settings_of_the_longest_pair_have_room(picker, first):
    companion(picker, BothConfig(first=first, second=ReplayConfig()))
    popup = picker._popup
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    assert popup.height() <= 700
    popup.close()


def test_the_settings_of_both_are_asked_for_by_their_paths(picker):
    companion(picker, BothConfig(first=ReplayConfig(), second=EWCConfig()))
    popup = picker._popup
    editor = popup._form.part("second.")._editors["strength"]
    editor.show_value(5.0)
    editor.edited.emit()
    assert picker.changes == [{"strategy.second.strength": 5.0}]
    popup.close()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"model.name": "table", "algorithm.name": "q_learning"}, "a table"),
        ({"algorithm.name": "random"}, "random policy"),
    ],
)
def test_what_cannot_guard_this_agent_says_why_and_is_not_chosen(picker, settings, reason):
    picker.show_config(RunConfig().changed(settings))
    picker.click()
    popup = picker._popup
    popup.findChild(QRadioButton, "ewc").click()
    assert picker.changes == []
    assert popup.findChild(QRadioButton, "naive").isChecked()
    assert popup._unfit.isVisible()
    assert reason in popup._unfit.text()
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    popup.close()
