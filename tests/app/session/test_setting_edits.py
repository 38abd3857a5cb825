"""Every setting is an edit: named, undone and redone with the timeline's, and not saved until it is saved."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QSpinBox

from agents.commands import LIVE_TABLES, Configure
from agents.config.agent import PretrainedConfig
from agents.config.changes import changes_between
from agents.config.strategies import EWCConfig, ReplayConfig
from agents.config.strategy_pair import BothConfig
from agents.events import CommandApplied, CommandRefused
from widgets.forms.number_fields import RealField
from widgets.settings.config_section import VARIANTS
from widgets.settings.settings_panel import LIVE, ORDER, SettingsPanel


@pytest.fixture
def form(qtbot, session):
    """All settings, wired to the session as in the window."""
    made = SettingsPanel()
    qtbot.addWidget(made)
    made.requested.connect(session.obey)
    session.config_changed.connect(made.show_config)
    session.scene_changed.connect(made.draw)
    made.show_config(session.config)
    made.show_level("expert")
    made.show()
    return made


def run(qtbot, session):
    session.play_or_pause()
    qtbot.waitUntil(lambda: session.state == "running", timeout=5_000)


def enter(qtbot, control):
    """Let a person change the value of a control, whatever it is."""
    match control:
        case QCheckBox():
            control.click()
        case QComboBox() if control.isEditable():
            qtbot.keyClicks(control.lineEdit(), "x")
            qtbot.keyClick(control.lineEdit(), Qt.Key.Key_Return)
        case QComboBox():
            other = next(at for at in choices(control) if at != control.currentIndex())
            control.setCurrentIndex(other)
            control.activated.emit(other)
        case QSpinBox():
            qtbot.keyClick(control, Qt.Key.Key_Up if control.value() < control.maximum() else Qt.Key.Key_Down)
        case QLineEdit():
            text = control.text()
            is_number = isinstance(control, RealField)
            control.selectAll()
            qtbot.keyClicks(control, str(float(text or 1) / 2 or 0.5) if is_number else text + "x")
            qtbot.keyClick(control, Qt.Key.Key_Return)


def controls(widget):
    QApplication.processEvents()  # a layout shows what is new in it a moment later
    found = [each for kind in (QCheckBox, QComboBox, QSpinBox, QLineEdit) for each in widget.findChildren(kind)]
    whole = [each for each in found if not isinstance(each.parent(), QSpinBox | QComboBox)]
    return [each for each in whole if each.isEnabled() and each.isVisibleTo(widget) and can_change(each)]


def can_change(control):
    return len(choices(control)) != 1 or control.isEditable()


def choices(control):
    """The places of a list that can be chosen; none for any other control."""
    places = range(control.count()) if isinstance(control, QComboBox) else ()
    return [at for at in places if control.model().item(at).isEnabled()]


def edits(qtbot, session, widget):
    """Change every control below a widget, one after the other; return those that took no change without a word."""
    deaf = []
    for at in range(len(controls(widget))):  # another kind of part brings other controls, and its undo new ones
        control = controls(widget)[at]
        name = control.accessibleName()
        if not is_an_edit(session, partial(enter, qtbot, control)) and not problems(widget):
            deaf.append(name)
    return deaf


def problems(widget):
    labels = widget.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(widget) and label.property("problem")]


def is_an_edit(session, act):
    """Do something; check that it changed nothing, or was one step of undo that leads back exactly and again."""
    stack, before = session.curriculum.undo_stack, session.config
    steps, was_dirty = stack.index(), session.curriculum.is_dirty
    act()
    after = session.config
    if after == before:
        assert stack.index() == steps
        assert session.curriculum.is_dirty == was_dirty
        return False
    assert (stack.index(), stack.count()) == (steps + 1, steps + 1)
    assert stack.undoText()
    assert session.curriculum.is_dirty
    session.curriculum.undo()
    assert session.config == before
    assert session.curriculum.is_dirty == was_dirty
    session.curriculum.redo()
    assert session.config == after
    session.curriculum.undo()
    return True


PARTS = [(section, kind) for section in VARIANTS for kind in VARIANTS[section]]


@pytest.mark.parametrize(("section", "kind"), PARTS, ids=lambda part: getattr(part, "__name__", part))
def test_every_editor_of_a_kind_of_part_edits_and_is_undone_exactly(qtbot, monkeypatch, session, form, section, kind):
    monkeypatch.setattr("agents.config.incompatibility", lambda config: None)  # the parts are tried one by one
    part = kind(source="some/model") if kind is PretrainedConfig else kind()
    session.load(session.config.model_copy(update={section: part}))
    assert len(controls(form._sections[section])) >= len(kind.model_fields) - 1  # all but its name
    assert edits(qtbot, session, form._sections[section]) == []


@pytest.mark.parametrize("section", [section for section in ORDER if section not in VARIANTS])
def test_every_editor_of_the_other_settings_edits_and_is_undone_exactly(qtbot, session, form, section):
    assert controls(form._sections[section])
    assert edits(qtbot, session, form._sections[section]) == []


def test_both_of_a_pair_are_edited_and_undone_exactly(qtbot, session, form):
    pair = BothConfig(first=EWCConfig(strength=7), second=ReplayConfig())
    session.load(session.config.model_copy(update={"strategy": pair}))
    assert edits(qtbot, session, form._sections["strategy"]) == []


@pytest.mark.parametrize("section", LIVE)
def test_in_a_run_an_edit_and_its_undo_are_both_commands(qtbot, session, scripted, form, section):
    run(qtbot, session)
    assert set(LIVE) == set(LIVE_TABLES)
    for at in range(len(controls(form._sections[section]))):
        before, obeyed = session.config, scripted.made[0].obeyed
        assert is_an_edit(session, partial(enter, qtbot, controls(form._sections[section])[at]))
        qtbot.waitUntil(lambda obeyed=obeyed: len(obeyed) >= 3)
        done, undone, again = (command.changes for command in obeyed[:3])
        assert all(isinstance(command, Configure) for command in obeyed)
        assert done == again
        assert before.changed(done) == before.changed(done).changed(undone).changed(again)
        assert not changes_between(before, before.changed(done).changed(undone))
        qtbot.waitUntil(lambda obeyed=obeyed: len(obeyed) == 4)
        obeyed.clear()


def test_a_run_is_not_given_back_what_it_was_begun_with(qtbot, session, scripted):
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    run(qtbot, session)
    session.curriculum.undo()
    assert session.config.seed == 3
    assert session.notices[-1].text == "A run is going on. ‘Seed’ can be undone or redone once it is over."
    session.reset()
    session.curriculum.undo()
    assert session.config.seed == 7
    assert not [command for command in scripted.made[0].obeyed if isinstance(command, Configure)]


def test_settings_and_clips_are_undone_in_the_order_of_the_edits(session):
    session.curriculum.resize("b", 9_000)
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    session.curriculum.rename("Other")
    steps = []
    for _ in range(3):
        session.curriculum.undo()
        steps.append((session.curriculum.title, session.config.seed, session.curriculum.stage("b").steps))
    assert steps == [("Two houses", 3, 9_000), ("Two houses", 7, 9_000), ("Two houses", 7, 2_000)]
    assert not session.curriculum.is_dirty


def test_presses_of_an_arrow_are_one_step_of_undo_until_the_focus_goes(qtbot, session, form):
    box = next(each for each in controls(form._sections[""]) if each.accessibleName() == "Seed")
    for _ in range(3):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    assert session.config.seed > 9
    assert session.curriculum.undo_stack.count() == 1
    session.curriculum.settle()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert session.curriculum.undo_stack.count() == 2
    session.curriculum.undo()
    session.curriculum.undo()
    assert session.config.seed == 7


def test_choices_are_never_merged(session):
    for name in ("ewc", "l2", "naive"):
        session.reconfigure(session.config.changed({"strategy.name": name}), {"strategy.name": name})
    assert session.curriculum.undo_stack.count() == 3


def test_an_arrow_up_and_down_again_leaves_no_step(qtbot, session, form):
    box = next(each for each in controls(form._sections[""]) if each.accessibleName() == "Seed")
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert not session.curriculum.undo_stack.canUndo()
    assert not session.curriculum.is_dirty


@pytest.mark.parametrize("text", ["-5abc99999999999999", "99999999999999", "1.5", "", "x"])
def test_a_seed_that_is_none_changes_nothing_and_is_said(qtbot, session, form, text):
    box = next(each for each in controls(form._sections[""]) if each.accessibleName() == "Seed")
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Backspace)
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    (said,) = problems(form)
    assert said.endswith("Allowed: whole numbers from 0 to 2,147,483,647.")
    assert not text or f"‘{text}’" in said
    assert session.config.seed == 7
    assert not session.curriculum.undo_stack.canUndo()


def test_a_step_of_undo_is_named_in_the_menu(window):
    session, commands = window.session, window.commands
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    assert commands["undo"].text() == "Undo seed"
    assert window.windowTitle().startswith("Two houses •")
    session.curriculum.undo()
    assert (commands["undo"].text(), commands["redo"].text()) == ("Undo", "Redo seed")
    window.header.picker.changed.emit({"strategy.name": "ewc"})
    assert commands["undo"].text() == "Undo strategy"
    window.retranslate()
    assert commands["undo"].text() == "Undo strategy"


def test_a_setting_from_elsewhere_is_no_edit(session):
    session.curriculum.take(session.config.changed({"seed": 5}))
    assert session.config.seed == 5
    assert not session.curriculum.is_dirty
    assert not session.curriculum.undo_stack.canUndo()


def refuse(session, at=-1):
    """Let the run refuse one of the changes that it was asked for."""
    asked = [command for command in session.asked.values() if isinstance(command, Configure)]
    session._tell((CommandRefused(step=1, command=asked[at], reason="no"),))


@pytest.fixture
def held(qtbot, session, scripted, monkeypatch):
    """A session whose run answers nothing by itself."""
    run(qtbot, session)
    monkeypatch.setattr(session.live_run, "put", lambda command: True)
    return session


@pytest.mark.parametrize("section", LIVE)
def test_what_a_run_refuses_is_not_shown_any_more_said_and_no_step_of_undo(qtbot, held, form, section):
    before, number = held.config, len(controls(form._sections[section]))
    shown = {(at, name): editor.value() for at, name, editor in all_editors(form)}
    for at in range(number):
        enter(qtbot, controls(form._sections[section])[at])
        assert held.config != before
        refuse(held)
        assert held.config == before
        assert {(at, name): editor.value() for at, name, editor in all_editors(form)} == shown
        assert held.notices[-1].text == "no"
        assert not held.curriculum.undo_stack.count()
        assert not held.curriculum.is_dirty


def all_editors(form):
    for key, section in form._sections.items():
        inner = section._form
        for table, part in getattr(inner, "_forms", {"": inner}).items():
            yield from ((f"{key}.{table}", name, editor) for name, editor in part._editors.items())


def ask(session, **changes):
    asked = {path.replace("__", "."): value for path, value in changes.items()}
    session.reconfigure(session.config.changed(asked), asked)


def test_a_refused_change_leaves_what_was_asked_after_it(held):
    ask(held, strategy__name="ewc")
    ask(held, learning__rate=0.5)
    refuse(held, 0)
    assert (held.config.strategy.name, held.config.learning.learning_rate) == ("naive", 0.5)
    held.curriculum.undo()
    assert held.config.learning.learning_rate != 0.5
    assert not held.curriculum.undo_stack.canUndo()


def test_a_refused_press_of_an_arrow_leaves_the_presses_before_it(held):
    first = held.config.learning.clip_gradient
    for value in (0.6, 0.7):
        ask(held, learning__clip_gradient=value)
        if value == 0.6:
            held._tell((CommandApplied(step=1, command=list(held.asked.values())[-1]),))
    refuse(held)
    assert held.config.learning.clip_gradient == 0.6
    held.curriculum.undo()
    assert held.config.learning.clip_gradient == first


def test_a_refused_undo_shows_what_still_holds(held):
    ask(held, strategy__name="ewc")
    held._tell((CommandApplied(step=1, command=list(held.asked.values())[-1]),))
    held.curriculum.undo()
    refuse(held)
    assert held.config.strategy.name == "ewc"


def test_what_an_earlier_run_never_answered_is_forgotten(qtbot, held):
    ask(held, strategy__name="ewc")
    held._conclude()
    assert held.asked == {}
