import pytest
from PySide6.QtWidgets import QRadioButton

from agents.config import EWCConfig, ReplayConfig, RunConfig
from agents.registry import STRATEGIES, names
from widgets.strategy_picker import StrategyPicker


@pytest.fixture
def picker(qtbot):
    made = StrategyPicker()
    qtbot.addWidget(made)
    made.show()
    made.changes = []
    made.changed.connect(made.changes.append)
    return made


@pytest.mark.parametrize(
    ("strategy", "text"), [(ReplayConfig(weight=0.5), "Replay · weight 0.5"), (EWCConfig(), "EWC · strength")]
)
def test_the_button_names_the_strategy_and_its_first_setting(picker, strategy, text):
    picker.show_config(RunConfig(strategy=strategy))
    assert picker.text().startswith(text)


def test_every_strategy_of_the_registry_is_offered_with_what_it_is(picker):
    picker.click()
    offered = {choice.objectName(): choice for choice in picker._popup.findChildren(QRadioButton)}
    assert set(offered) == set(names(STRATEGIES))
    assert all(choice.accessibleDescription() for choice in offered.values())
    picker._popup.close()


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_only_the_chosen_one_is_described_and_everything_has_room(picker, strategy):
    picker.show_config(RunConfig().changed({"strategy.name": strategy}))
    picker.click()
    popup = picker._popup
    assert [name for name, said in popup._said.items() if said.isVisible()] == [strategy]
    assert popup.height() >= popup.layout().totalMinimumHeightForWidth(popup.width())
    assert popup.height() <= 700
    picker.changes.clear()
    popup.close()


def test_choosing_a_strategy_asks_for_it(picker):
    picker.click()
    picker._popup.findChild(QRadioButton, "ewc").click()
    assert picker.changes == [{"strategy.name": "ewc"}]
    picker._popup.close()


def test_a_setting_is_asked_for_by_its_path(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig()))
    picker.click()
    editor = picker._popup._form._editors["weight"]
    editor.show_value(2.5)
    editor.edited.emit()
    assert picker.changes == [{"strategy.weight": 2.5}]
    picker._popup.close()


def test_a_value_that_does_not_fit_is_explained_and_not_asked_for(picker):
    picker.show_config(RunConfig(strategy=ReplayConfig()))
    picker.click()
    editor = picker._popup._form._editors["weight"]
    editor.show_value(-1.0)
    editor.edited.emit()
    assert "weight" in picker._popup._form._problems["weight"].text()
    assert picker.changes == []
    picker._popup.close()
