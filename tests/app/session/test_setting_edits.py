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
    panel = SettingsPanel()
    qtbot.addWidget(panel)
    panel.requested.connect(session.execute)
    session.config_changed.connect(panel.show_config)
    session.scene_changed.connect(panel.draw)
    panel.show_config(session.config)
    panel.show_level("expert")
    panel.show()
    return panel


def run(qtbot, session):
    session.play_or_pause()
    qtbot.waitUntil(lambda: session.state == "running", timeout=5_000)


def enter(qtbot, control):
    """Change the value of a control by user input, whatever its type."""
    match control:
        case QCheckBox():
            control.click()
        case QComboBox() if control.isEditable():
            qtbot.keyClicks(control.lineEdit(), "x")
            qtbot.keyClick(control.lineEdit(), Qt.Key.Key_Return)
        case QComboBox():
            index = next(index for index in choices(control) if index != control.currentIndex())
            control.setCurrentIndex(index)
            control.activated.emit(index)
        case QSpinBox():
            qtbot.keyClick(control, Qt.Key.Key_Up if control.value() < control.maximum() else Qt.Key.Key_Down)
        case QLineEdit():
            text = control.text()
            is_number = isinstance(control, RealField)
            control.selectAll()
            qtbot.keyClicks(control, str(float(text or 1) / 2 or 0.5) if is_number else text + "x")
            qtbot.keyClick(control, Qt.Key.Key_Return)


def controls(widget):
    QApplication.processEvents()  # a layout shows new widgets in a later event
    found = [editor for kind in (QCheckBox, QComboBox, QSpinBox, QLineEdit) for editor in widget.findChildren(kind)]
    whole = [editor for editor in found if not isinstance(editor.parent(), QSpinBox | QComboBox)]
    return [editor for editor in whole if editor.isEnabled() and editor.isVisibleTo(widget) and can_change(editor)]


def can_change(control):
    return len(choices(control)) != 1 or control.isEditable()


def choices(control):
    """Return the selectable indices of a combo box; none for any other control."""
    indices = range(control.count()) if isinstance(control, QComboBox) else ()
    return [index for index in indices if control.model().item(index).isEnabled()]


def edits(qtbot, session, widget):
    """Change every control in a widget; return those that did not change and showed no problem."""
    unchanged = []
    for index in range(len(controls(widget))):  # an edit, or its undo, can replace the controls
        control = controls(widget)[index]
        name = control.accessibleName()
        if not is_an_edit(session, partial(enter, qtbot, control)) and not problems(widget):
            unchanged.append(name)
    return unchanged


def problems(widget):
    labels = widget.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(widget) and label.property("problem")]


def is_an_edit(session, act):
    """Call `act`; check that it changed nothing, or that it is one exact step of undo and redo."""
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
    for index in range(len(controls(form._sections[section]))):
        before, obeyed = session.config, scripted.created[0].obeyed
        assert is_an_edit(session, partial(enter, qtbot, controls(form._sections[section])[index]))
        qtbot.waitUntil(lambda obeyed=obeyed: len(obeyed) >= 3)
        done, undone, redone = (command.changes for command in obeyed[:3])
        assert all(isinstance(command, Configure) for command in obeyed)
        assert done == redone
        assert before.changed(done) == before.changed(done).changed(undone).changed(redone)
        assert not changes_between(before, before.changed(done).changed(undone))
        qtbot.waitUntil(lambda obeyed=obeyed: len(obeyed) == 4)
        obeyed.clear()


def test_settings_fixed_at_the_start_of_a_run_are_not_undone_during_it(qtbot, session, scripted):
    session.reconfigure(session.config.changed({"seed": 3}), {"seed": 3})
    run(qtbot, session)
    session.curriculum.undo()
    assert session.config.seed == 3
    assert session.notices[-1].text == "A run is going on. ‘Seed’ can be undone or redone once it is over."
    session.reset()
    session.curriculum.undo()
    assert session.config.seed == 7
    assert not [command for command in scripted.created[0].obeyed if isinstance(command, Configure)]


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
    spin_box = next(editor for editor in controls(form._sections[""]) if editor.accessibleName() == "Seed")
    for _ in range(3):
        qtbot.keyClick(spin_box, Qt.Key.Key_Up)
    assert session.config.seed > 9
    assert session.curriculum.undo_stack.count() == 1
    session.curriculum.settle()
    qtbot.keyClick(spin_box, Qt.Key.Key_Up)
    assert session.curriculum.undo_stack.count() == 2
    session.curriculum.undo()
    session.curriculum.undo()
    assert session.config.seed == 7


def test_choices_are_never_merged(session):
    for name in ("ewc", "l2", "naive"):
        session.reconfigure(session.config.changed({"strategy.name": name}), {"strategy.name": name})
    assert session.curriculum.undo_stack.count() == 3


def test_an_arrow_up_and_down_again_leaves_no_step(qtbot, session, form):
    spin_box = next(editor for editor in controls(form._sections[""]) if editor.accessibleName() == "Seed")
    qtbot.keyClick(spin_box, Qt.Key.Key_Up)
    qtbot.keyClick(spin_box, Qt.Key.Key_Down)
    assert not session.curriculum.undo_stack.canUndo()
    assert not session.curriculum.is_dirty


@pytest.mark.parametrize("text", ["-5abc99999999999999", "99999999999999", "1.5", "", "x"])
def test_an_invalid_seed_changes_nothing_and_shows_a_problem(qtbot, session, form, text):
    spin_box = next(editor for editor in controls(form._sections[""]) if editor.accessibleName() == "Seed")
    spin_box.selectAll()
    qtbot.keyClick(spin_box, Qt.Key.Key_Backspace)
    qtbot.keyClicks(spin_box, text)
    qtbot.keyClick(spin_box, Qt.Key.Key_Return)
    (problem,) = problems(form)
    assert problem.endswith("Allowed: whole numbers from 0 to 2,147,483,647.")
    assert not text or f"‘{text}’" in problem
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


def refuse(session, index=-1):
    """Let the run refuse one of the changes that were sent."""
    sent = [command for command in session.sent_commands.values() if isinstance(command, Configure)]
    session._on_events((CommandRefused(step=1, command=sent[index], reason="no"),))


@pytest.fixture
def silent(qtbot, session, scripted, monkeypatch):
    """A session whose run does not answer commands."""
    run(qtbot, session)
    monkeypatch.setattr(session.live_run, "put", lambda command: True)
    return session


@pytest.mark.parametrize("section", LIVE)
def test_a_refused_change_is_reverted_reported_and_no_step_of_undo(qtbot, silent, form, section):
    before, number = silent.config, len(controls(form._sections[section]))
    shown = {(index, name): editor.value() for index, name, editor in all_editors(form)}
    for index in range(number):
        enter(qtbot, controls(form._sections[section])[index])
        assert silent.config != before
        refuse(silent)
        assert silent.config == before
        assert {(index, name): editor.value() for index, name, editor in all_editors(form)} == shown
        assert silent.notices[-1].text == "no"
        assert not silent.curriculum.undo_stack.count()
        assert not silent.curriculum.is_dirty


def all_editors(form):
    for key, section in form._sections.items():
        inner = section._form
        for table, part in getattr(inner, "_forms", {"": inner}).items():
            yield from ((f"{key}.{table}", name, editor) for name, editor in part._editors.items())


def change(session, **changes):
    sent = {path.replace("__", "."): value for path, value in changes.items()}
    session.reconfigure(session.config.changed(sent), sent)


def test_a_refused_change_keeps_later_changes(silent):
    change(silent, strategy__name="ewc")
    change(silent, learning__learning_rate=0.5)
    refuse(silent, 0)
    assert (silent.config.strategy.name, silent.config.learning.learning_rate) == ("naive", 0.5)
    silent.curriculum.undo()
    assert silent.config.learning.learning_rate != 0.5
    assert not silent.curriculum.undo_stack.canUndo()


def test_a_refused_press_of_an_arrow_leaves_the_presses_before_it(silent):
    first = silent.config.learning.max_grad_norm
    for value in (0.6, 0.7):
        change(silent, learning__max_grad_norm=value)
        if value == 0.6:
            silent._on_events((CommandApplied(step=1, command=list(silent.sent_commands.values())[-1]),))
    refuse(silent)
    assert silent.config.learning.max_grad_norm == 0.6
    silent.curriculum.undo()
    assert silent.config.learning.max_grad_norm == first


def test_a_refused_undo_shows_the_current_value(silent):
    change(silent, strategy__name="ewc")
    silent._on_events((CommandApplied(step=1, command=list(silent.sent_commands.values())[-1]),))
    silent.curriculum.undo()
    refuse(silent)
    assert silent.config.strategy.name == "ewc"


def test_commands_that_a_run_never_answered_are_discarded_at_its_end(qtbot, silent):
    change(silent, strategy__name="ewc")
    silent._on_run_ended()
    assert silent.sent_commands == {}
