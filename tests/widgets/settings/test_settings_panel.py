import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from agents.config import RunConfig
from agents.config.strategies import EWCConfig, ReplayConfig
from agents.registry import names
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import SAYS
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.requests import ConfigChanged
from widgets.scene import Scene
from widgets.settings.config_section import KINDS, VARIANTS, Section
from widgets.settings.settings_panel import LIVE, ORDER, SettingsPanel


@pytest.fixture
def form(qtbot):
    made = SettingsPanel()
    qtbot.addWidget(made)
    made.resize(400, 600)
    made.show()
    made.asked = []
    made.requested.connect(made.asked.append)
    return made


def editors(form, section, table=""):
    inner = form._sections[section]._form
    return (inner.part(table) if section == "strategy" else inner)._editors


def editor(form, section, field):
    return editors(form, section)[field]


def enter(form, section, field, value):
    editor(form, section, field).show_value(value)
    editor(form, section, field).edited.emit()


def test_every_setting_of_a_run_has_an_editor(form):
    for section in ORDER:
        model = getattr(RunConfig(), section) if section else RunConfig()
        plain = {key for key in type(model).model_fields if key not in ("name", "stages", *ORDER)}
        assert set(editors(form, section)) == plain


def test_an_edit_is_asked_for_with_its_path_and_the_whole_config(form):
    enter(form, "learning", "learning_rate", 0.002)
    request = form.asked[-1]
    assert isinstance(request, ConfigChanged)
    assert request.changes == {"learning.learning_rate": 0.002}
    assert request.config.learning.learning_rate == 0.002


def test_a_value_that_does_not_fit_is_explained_under_it_and_changes_nothing(form):
    enter(form, "model", "heads", 7)
    said = [label.text() for label in form.findChildren(QLabel) if label.isVisible() and label.property("problem")]
    assert said == ["model: width 64 must be a multiple of heads 7"]
    assert form.asked == []
    enter(form, "model", "heads", 8)
    assert form.asked[-1].config.model.heads == 8
    assert not [label for label in form.findChildren(QLabel) if label.isVisible() and label.property("problem")]


def test_another_kind_brings_its_own_settings(form):
    kind = form._sections["strategy"].findChild(QComboBox)
    kind.setCurrentIndex(kind.findData("ewc"))
    kind.activated.emit(kind.currentIndex())
    assert form.asked[-1].config.strategy == EWCConfig()
    assert set(editors(form, "strategy")) == set(EWCConfig.model_fields) - {"name"}


def test_a_second_strategy_keeps_the_settings_of_the_first_and_has_its_own(form):
    form.show_config(RunConfig(strategy=EWCConfig(strength=7)))
    box = form.findChild(SecondStrategyBox)
    box.setCurrentIndex(box.findData("replay"))
    box.activated.emit(box.currentIndex())
    pair = form.asked[-1].config.strategy
    assert (pair.first, pair.second) == (EWCConfig(strength=7), ReplayConfig())
    weight = editors(form, "strategy", "second.")["weight"]
    weight.show_value(3.0)
    weight.edited.emit()
    assert form.asked[-1].changes == {"strategy.second.weight": 3.0}
    assert form.asked[-1].config.strategy.first.strength == 7
    weight.show_value(-1.0)
    weight.edited.emit()
    assert "weight" in form._sections["strategy"]._form.part("second.")._problems["weight"].text()


def test_a_config_from_elsewhere_is_shown_and_asks_for_nothing(form):
    form.show_config(RunConfig(seed=5, strategy=EWCConfig(strength=7)))
    assert editor(form, "", "seed").value() == 5
    assert editor(form, "strategy", "strength").value() == 7
    assert form.asked == []


def test_while_a_run_goes_on_only_what_it_can_change_is_open(form):
    form.draw(Scene(state="running"))
    assert {key for key, section in form._sections.items() if section.isEnabled()} == set(LIVE)
    form.draw(Scene(state="stored"))
    assert all(section.isEnabled() for section in form._sections.values())


def test_back_to_the_defaults_keeps_the_seed(form):
    form.show_config(RunConfig(seed=5, strategy=EWCConfig()))
    form._defaults.click()
    assert form.asked[-1].config == RunConfig(seed=5)


def choose(form, section, name):
    kinds = form._sections[section]._kind
    kinds.setCurrentIndex(kinds.findData(name))
    kinds.activated.emit(kinds.currentIndex())


def test_an_algorithm_that_needs_a_table_brings_it_and_is_shown_so(form):
    choose(form, "strategy", "ewc")
    choose(form, "algorithm", "q_learning")
    config = form.asked[-1].config
    assert (config.model.name, config.strategy.name) == ("table", "naive")
    assert form._sections["model"]._kind.currentData() == "table"
    assert "alpha" in editors(form, "algorithm")


def test_a_strategy_that_has_nothing_to_guard_is_refused_with_the_reason(form):
    choose(form, "model", "table")
    choose(form, "strategy", "ewc")
    section = form._sections["strategy"]
    assert "nothing to protect" in section._unfit.text()
    assert section._unfit.isVisible()
    assert section._kind.currentData() == "naive"


def shown(form):
    rows = [(key, part) for key, part in form._sections.items()]
    forms = [(key, form) for key, part in rows for form in part.findChildren(ModelForm) if form.isVisibleTo(part)]
    return {(key, name) for key, form in forms for name, editor in form._editors.items() if editor.isVisibleTo(form)}


def test_the_simple_form_shows_about_a_dozen_settings_and_counts_the_others(form):
    few = shown(form)
    assert "Full and Expert" in form._hidden.text()
    assert len(few) <= 12
    assert {("", "seed"), ("learning", "learning_rate"), ("evaluation", "eval_freq")} <= few
    assert form._hidden.isVisible()
    left_out = int(form._hidden.text().split()[0])
    form.show_level("full")
    more = shown(form)
    assert form._hidden.text().endswith(" Expert shows them.")
    form.show_level("expert")
    assert few < more < shown(form)
    assert len(shown(form)) + len(KINDS) - 1 == len(few) + left_out  # the kind of the memory is shown with its row
    assert not form._hidden.isVisible()


@pytest.mark.parametrize("path", ["learning.burst_ent_coef", "checkpoint.max_time_share", "algorithm.gae_lambda"])
def test_what_is_not_as_by_default_is_shown_at_every_level(form, path):
    table, _, name = path.partition(".")
    assert (table, name) not in shown(form)
    form.show_config(RunConfig().changed({path: 0.625}))
    assert (table, name) in shown(form)
    assert form._sections[table].isVisible()


def test_another_kind_than_by_default_is_shown_at_every_level(form):
    assert not form._sections["meta"].isVisible()
    form.show_config(RunConfig().changed({"meta.name": "fomaml"}))
    assert form._sections["meta"].isVisible()


def test_a_row_stays_while_somebody_is_at_it(form):
    form.show_config(RunConfig().changed({"learning.burst_ent_coef": 0.625}))
    enter(form, "learning", "burst_ent_coef", 0.5)
    assert ("learning", "burst_ent_coef") in shown(form)


def test_a_chosen_level_is_told(form):
    told = []
    form.level_chosen.connect(told.append)
    form._detail.setCurrentIndex(2)
    form._detail.activated.emit(2)
    assert told == ["expert"]


PARTS = [(section, name) for section, kinds in VARIANTS.items() for name in names(kinds)]


@pytest.mark.parametrize(("section", "name"), PARTS)
def test_each_kind_of_part_is_told_in_a_plain_sentence_and_its_source_in_the_tooltip(qtbot, section, name):
    part = names(VARIANTS[section])[name]
    made = Section(section, RunConfig.model_construct(**{**dict(RunConfig()), section: part()}), None)
    qtbot.addWidget(made)
    assert made._about.text() == SAYS[name]
    assert made._about.toolTip() == part.__doc__.strip().splitlines()[0]


def test_of_a_pair_each_is_told(qtbot):
    made = Section("strategy", RunConfig().changed({"strategy.name": "ewc+replay"}), None)
    qtbot.addWidget(made)
    assert made._about.text() == f"{SAYS['ewc']}\n{SAYS['replay']}"
