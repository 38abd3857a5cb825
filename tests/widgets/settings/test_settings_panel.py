import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from agents.config import RunConfig
from agents.config.strategies import EWCConfig, ReplayConfig
from agents.registry import names
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import SUMMARIES
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.requests import ConfigChanged
from widgets.scene import Scene
from widgets.settings.config_section import KINDS, VARIANTS, Section
from widgets.settings.settings_panel import LIVE, ORDER, SettingsPanel


@pytest.fixture
def form(qtbot):
    panel = SettingsPanel()
    qtbot.addWidget(panel)
    panel.resize(400, 600)
    panel.show()
    panel.requests = []
    panel.requested.connect(panel.requests.append)
    return panel


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


def test_an_edit_requests_a_change_with_its_path_and_the_whole_config(form):
    enter(form, "learning", "learning_rate", 0.002)
    request = form.requests[-1]
    assert isinstance(request, ConfigChanged)
    assert request.changes == {"learning.learning_rate": 0.002}
    assert request.config.learning.learning_rate == 0.002


def test_an_invalid_value_is_explained_below_its_field_and_changes_nothing(form):
    enter(form, "model", "heads", 7)
    problems = [label.text() for label in form.findChildren(QLabel) if label.isVisible() and label.property("problem")]
    assert problems == ["model: width 64 must be a multiple of heads 7"]
    assert form.requests == []
    enter(form, "model", "heads", 8)
    assert form.requests[-1].config.model.heads == 8
    assert not [label for label in form.findChildren(QLabel) if label.isVisible() and label.property("problem")]


def test_another_kind_has_its_own_settings(form):
    kind = form._sections["strategy"].findChild(QComboBox)
    kind.setCurrentIndex(kind.findData("ewc"))
    kind.activated.emit(kind.currentIndex())
    assert form.requests[-1].config.strategy == EWCConfig()
    assert set(editors(form, "strategy")) == set(EWCConfig.model_fields) - {"name"}


def test_a_second_strategy_keeps_the_settings_of_the_first_and_has_its_own(form):
    form.show_config(RunConfig(strategy=EWCConfig(strength=7)))
    box = form.findChild(SecondStrategyBox)
    box.setCurrentIndex(box.findData("replay"))
    box.activated.emit(box.currentIndex())
    pair = form.requests[-1].config.strategy
    assert (pair.first, pair.second) == (EWCConfig(strength=7), ReplayConfig())
    weight = editors(form, "strategy", "second.")["weight"]
    weight.show_value(3.0)
    weight.edited.emit()
    assert form.requests[-1].changes == {"strategy.second.weight": 3.0}
    assert form.requests[-1].config.strategy.first.strength == 7
    weight.show_value(-1.0)
    weight.edited.emit()
    assert "weight" in form._sections["strategy"]._form.part("second.")._problems["weight"].text()


def test_a_config_from_elsewhere_is_shown_without_a_request(form):
    form.show_config(RunConfig(seed=5, strategy=EWCConfig(strength=7)))
    assert editor(form, "", "seed").value() == 5
    assert editor(form, "strategy", "strength").value() == 7
    assert form.requests == []


def test_during_a_run_only_sections_that_it_takes_are_enabled(form):
    form.draw(Scene(state="running"))
    assert {key for key, section in form._sections.items() if section.isEnabled()} == set(LIVE)
    form.draw(Scene(state="stored"))
    assert all(section.isEnabled() for section in form._sections.values())


def test_back_to_the_defaults_keeps_the_seed(form):
    form.show_config(RunConfig(seed=5, strategy=EWCConfig()))
    form._defaults.click()
    assert form.requests[-1].config == RunConfig(seed=5)


def choose(form, section, name):
    kinds = form._sections[section]._kind
    kinds.setCurrentIndex(kinds.findData(name))
    kinds.activated.emit(kinds.currentIndex())


def test_an_algorithm_that_needs_a_table_changes_the_model_too(form):
    choose(form, "strategy", "ewc")
    choose(form, "algorithm", "q_learning")
    config = form.requests[-1].config
    assert (config.model.name, config.strategy.name) == ("table", "naive")
    assert form._sections["model"]._kind.currentData() == "table"
    assert "alpha" in editors(form, "algorithm")


def test_a_strategy_without_anything_to_guard_is_refused_with_the_reason(form):
    choose(form, "model", "table")
    choose(form, "strategy", "ewc")
    section = form._sections["strategy"]
    assert "nothing to protect" in section._kind_problem.text()
    assert section._kind_problem.isVisible()
    assert section._kind.currentData() == "naive"


def shown(form):
    rows = [(key, part) for key, part in form._sections.items()]
    forms = [(key, form) for key, part in rows for form in part.findChildren(ModelForm) if form.isVisibleTo(part)]
    return {(key, name) for key, form in forms for name, editor in form._editors.items() if editor.isVisibleTo(form)}


def test_the_simple_level_shows_about_a_dozen_settings_and_counts_the_others(form):
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
def test_a_setting_that_is_not_the_default_is_shown_at_every_level(form, path):
    table, _, name = path.partition(".")
    assert (table, name) not in shown(form)
    form.show_config(RunConfig().changed({path: 0.625}))
    assert (table, name) in shown(form)
    assert form._sections[table].isVisible()


def test_a_kind_that_is_not_the_default_is_shown_at_every_level(form):
    assert not form._sections["meta"].isVisible()
    form.show_config(RunConfig().changed({"meta.name": "fomaml"}))
    assert form._sections["meta"].isVisible()


def test_a_row_stays_while_it_is_edited(form):
    form.show_config(RunConfig().changed({"learning.burst_ent_coef": 0.625}))
    enter(form, "learning", "burst_ent_coef", 0.5)
    assert ("learning", "burst_ent_coef") in shown(form)


def test_a_chosen_level_is_emitted(form):
    levels = []
    form.level_chosen.connect(levels.append)
    form._level_box.setCurrentIndex(2)
    form._level_box.activated.emit(2)
    assert levels == ["expert"]


PARTS = [(section, name) for section, kinds in VARIANTS.items() for name in names(kinds)]


@pytest.mark.parametrize(("section", "name"), PARTS)
def test_each_kind_of_part_has_a_plain_summary_and_its_source_in_the_tooltip(qtbot, section, name):
    part = names(VARIANTS[section])[name]
    panel = Section(section, RunConfig.model_construct(**{**dict(RunConfig()), section: part()}), None)
    qtbot.addWidget(panel)
    assert panel._about.text() == SUMMARIES[name]
    assert panel._about.toolTip() == part.__doc__.strip().splitlines()[0]


def test_a_pair_has_both_summaries(qtbot):
    panel = Section("strategy", RunConfig().changed({"strategy.name": "ewc+replay"}), None)
    qtbot.addWidget(panel)
    assert panel._about.text() == f"{SUMMARIES['ewc']}\n{SUMMARIES['replay']}"
