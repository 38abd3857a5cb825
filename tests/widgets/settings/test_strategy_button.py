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
from widgets.forms.part_titles import SUMMARIES
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.settings.strategy_button import StrategyPicker


@pytest.fixture
def picker(qtbot):
    picker = StrategyPicker()
    qtbot.addWidget(picker)
    picker.show()
    picker.changes = []
    picker.changed.connect(picker.changes.append)
    return picker


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


def test_in_a_full_header_the_button_drops_the_setting_first(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig(weight=0.5)))
    picker.resize(picker.sizeHint().width() - 1, 40)
    assert picker.text() == "Replay"
    assert picker.toolTip().startswith("Replay · weight 0.5")
    assert picker.accessibleDescription() == "Replay · weight 0.5"
    picker.resize(picker.sizeHint())
    assert picker.text() == "Replay · weight 0.5"


def test_every_strategy_of_the_registry_is_offered_with_a_description(picker):
    picker.click()
    offered = {choice.objectName(): choice for choice in picker._popup.findChildren(QRadioButton)}
    assert set(offered) == set(names(STRATEGIES))
    assert all(choice.accessibleDescription() for choice in offered.values())
    picker._popup.close()


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_every_strategy_has_a_summary_and_the_popup_fits_its_contents(picker, strategy):
    picker.show_config(RunConfig().changed({"strategy.name": strategy}))
    picker.click()
    popup = picker._popup
    shown = [label.text() for label in popup.findChildren(QLabel) if label.isVisible()]
    assert all(SUMMARIES[name] in shown for name in names(STRATEGIES))
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    assert popup.height() <= 700
    picker.changes.clear()
    popup.close()


def test_choosing_a_strategy_requests_it(picker):
    picker.click()
    picker._popup.findChild(QRadioButton, "ewc").click()
    assert picker.changes == [{"strategy.name": "ewc"}]
    picker._popup.close()


@pytest.mark.parametrize("confirm", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
@pytest.mark.parametrize(("keys", "strategy"), [([Qt.Key.Key_Down] * 5, "ewc"), ([Qt.Key.Key_Up] * 2, "adapters")])
def test_arrows_move_the_focus_and_one_key_chooses_once(qtbot, picker, keys, strategy, confirm):
    picker.click()
    for key in keys:
        qtbot.keyClick(picker._popup.focusWidget(), key)
    assert picker.changes == []
    assert picker._popup.findChild(QRadioButton, "naive").isChecked()
    qtbot.keyClick(picker._popup.focusWidget(), confirm)
    assert picker.changes == [{"strategy.name": strategy}]
    picker._popup.close()


def test_escape_leaves_the_strategy_as_it_was(qtbot, picker):
    picker.click()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Escape):
        qtbot.keyClick(picker._popup.focusWidget(), key)
    qtbot.waitUntil(lambda: picker._popup is None)
    assert picker.changes == []


def test_a_setting_is_requested_by_its_path(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig()))
    picker.click()
    editor = picker._popup._form.part()._editors["weight"]
    editor.show_value(2.5)
    editor.edited.emit()
    assert picker.changes == [{"strategy.weight": 2.5}]
    picker._popup.close()


def test_an_invalid_value_is_explained_and_not_requested(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig()))
    picker.click()
    editor = picker._popup._form.part()._editors["weight"]
    editor.show_value(-1.0)
    editor.edited.emit()
    assert "weight" in picker._popup._form.part()._problems["weight"].text()
    assert picker.changes == []
    picker._popup.close()


def second_strategy_box(picker, strategy):
    picker.show_config(RunConfig(strategy=strategy))
    picker.click()
    return picker._popup.findChild(SecondStrategyBox)


def choose(box, name):
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def test_a_second_strategy_can_be_chosen_and_removed(picker):
    choose(second_strategy_box(picker, EWCConfig(strength=7)), "replay")
    assert picker.changes == [{"strategy.name": "ewc+replay", "strategy.first.strength": 7.0}]
    picker._popup.close()
    choose(second_strategy_box(picker, BothConfig(first=EWCConfig(), second=ReplayConfig())), "")
    assert picker.changes[-1] == {"strategy.name": "ewc"}
    picker._popup.close()


def test_a_strategy_that_cannot_be_combined_is_disabled_with_the_reason(picker):
    box = second_strategy_box(picker, PackNetConfig())
    row = box.findData("ewc")
    assert not box.model().item(row).isEnabled()
    assert "the penalty of EWC would pull" in box.itemData(row, Qt.ItemDataRole.ToolTipRole)
    assert box.model().item(box.findData("")).isEnabled()
    picker._popup.close()


def test_another_first_strategy_keeps_the_second_if_they_can_be_combined(picker):
    second_strategy_box(picker, BothConfig(first=EWCConfig(), second=SIConfig(strength=3)))
    picker._popup.findChild(QRadioButton, "replay").click()
    assert picker.changes[-1] == {"strategy.name": "replay+si", "strategy.second.strength": 3.0}
    picker._popup.findChild(QRadioButton, "packnet").click()
    assert picker.changes[-1] == {"strategy.name": "packnet"}
    picker._popup.close()


@pytest.mark.parametrize("first", [CLEARConfig(), EWCConfig()])
def test_the_popup_fits_the_settings_of_the_longest_pair(picker, first):
    second_strategy_box(picker, BothConfig(first=first, second=ReplayConfig()))
    popup = picker._popup
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    assert popup.height() <= 700
    popup.close()


def test_the_settings_of_a_pair_are_requested_by_their_paths(picker):
    second_strategy_box(picker, BothConfig(first=ReplayConfig(), second=EWCConfig()))
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
def test_an_incompatible_strategy_is_refused_with_the_reason(picker, settings, reason):
    picker.show_config(RunConfig().changed(settings))
    picker.click()
    popup = picker._popup
    popup.findChild(QRadioButton, "ewc").click()
    assert picker.changes == []
    assert popup.findChild(QRadioButton, "naive").isChecked()
    assert popup._problem.isVisible()
    assert reason in popup._problem.text()
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    popup.close()
