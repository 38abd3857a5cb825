import re
from collections import Counter
from operator import attrgetter

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QScrollBar,
    QWidget,
)

from agents.config import config_file
from agents.config.config_file import save
from agents.infer.watcher import Watcher
from app.diagnostics.machine_load import MachineLoad
from app.window.actions import ACTIONS, MENUS
from app.window.panels import PANELS
from envs.requests import UNCHECKED
from envs.task import Task
from widgets.shell.card import CardTab
from widgets.style import theme
from widgets.style.catalogue import Catalogue

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView)


def run(qtbot, window):
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)


def test_every_panel_of_the_table_has_a_card_and_a_menu_entry(window):
    assert list(window.docks.cards) == [spec.key for spec in PANELS]
    panels = window.menus.submenus["panels"]
    panels.aboutToShow.emit()
    assert [action.text() for action in panels.actions()] == [spec.title for spec in PANELS]


def test_the_menu_shows_a_hidden_panel_and_closes_a_visible_one(qtbot, window):
    panels = window.menus.submenus["panels"]
    panels.aboutToShow.emit()
    offers = dict(zip(window.docks.cards, panels.actions(), strict=True))
    assert (offers["now"].isChecked(), offers["proof"].isChecked()) == (True, False)
    offers["proof"].trigger()
    qtbot.waitUntil(lambda: window.docks.is_any_visible("proof") and not window.docks.is_any_visible("now"))
    window.docks.switch("proof")
    assert window.docks.cards["proof"].isHidden()


class Windows(QObject):
    """Records every widget that is shown as a window."""

    def __init__(self):
        super().__init__()
        self.shown = []

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{watched}")
        return False


def test_no_part_of_a_panel_appears_as_a_window(qtbot, window):
    windows = Windows()
    QApplication.instance().installEventFilter(windows)
    for key in window.docks.cards:
        window.docks.show_panel(key)
        qtbot.wait(50)
        window.commands["language"].trigger()
        qtbot.wait(50)
    QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []


def test_the_tab_key_reaches_every_visible_control_and_nothing_else(qtbot, window):
    window.activateWindow()
    stops = []
    while (here := window.focusWidget()) not in stops:
        stops.append(here)
        qtbot.keyClick(here or window, Qt.Key.Key_Tab)
    assert not [stop for stop in stops if window.docks.is_hidden(stop) or stop.visibleRegion().isEmpty()]
    missed = [
        widget.accessibleName()
        for widget in controls(window)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not window.docks.is_hidden(widget)
        and widget not in stops
    ]
    assert missed == []
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)
    assert window.focusWidget() in stops


def test_every_table_and_list_is_one_stop_of_the_tab_key(window):
    views = window.findChildren(QAbstractItemView)
    assert views
    assert [f"{view}" for view in views if view.tabKeyNavigation()] == []


def test_one_key_focuses_the_cards_in_turn_and_the_arrows_choose_a_panel(qtbot, window):
    window.activateWindow()
    visited = []
    for _ in range(6):
        window.docks.enter_next()
        here = window.focusWidget()
        visited.append(next(key for key, card in window.docks.cards.items() if card.isAncestorOf(here)))
    assert visited == ["tasks", "now", "remembering", "reward", "curriculum", "tasks"]
    window.docks.enter_previous()
    window.docks.enter_previous()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    key = next(spec.key for spec in PANELS if spec.beside == "reward")
    beside = window.docks.cards[key]
    qtbot.waitUntil(lambda: window.docks.is_any_visible(key) and beside.row.has_focus())
    assert window.session.state == "idle"
    window.docks.switch("runs")
    qtbot.waitUntil(lambda: window.docks.is_any_visible("runs"))
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.docks.cards["runs"].isAncestorOf(window.focusWidget())


def test_an_action_focuses_the_field_for_instructions(qtbot, window):
    view = window.docks.panel("now")
    window.docks.show_panel("settings")
    window.commands["instruct"].trigger()
    assert window.docks.is_any_visible("now")
    assert window.notice_bar.text.text() == UNCHECKED
    watcher = Watcher(size=32)
    watcher.show(Task(key="household/store"), 0)
    view.show_frame(watcher.frame(1.0))
    window.activateWindow()
    window.commands["instruct"].trigger()
    qtbot.waitUntil(view.box.field.hasFocus)
    view.box.field.completer().popup().hide()


class Recorder:
    """Replaces the window, and records which of its methods are called."""

    def __init__(self, called, path=""):
        self.called, self.path = called, path

    def __getattr__(self, name):
        return Recorder(self.called, f"{self.path}.{name}".removeprefix("."))

    def __call__(self, *arguments, **options):
        self.called.append(self.path)


def test_every_action_calls_one_method_that_the_window_has_and_no_other_action_calls(window):
    called = []
    for count, spec in enumerate(ACTIONS.values(), start=1):
        spec.handler(Recorder(called))
        assert len(called) == count, spec
    assert len(set(called)) == len(ACTIONS)
    assert all(callable(attrgetter(path)(window)) for path in called)


def test_every_action_is_in_a_menu_and_has_its_own_shortcut(window):
    listed = [key for _, keys in MENUS for key in keys]
    assert set(ACTIONS) <= {*listed, "language"}
    shortcuts = [keys.toString() for action in window.commands.values() for keys in action.shortcuts()]
    assert len(shortcuts) == len(set(shortcuts))
    assert all(shortcuts)
    assert "(Space)" in window.commands["play"].toolTip()


def controls(window):
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar) and not is_internal(widget)
    ]


def is_internal(widget):
    """Whether a widget is part of one of Qt's widgets, which provides its name and its focus."""
    owner = widget.parentWidget()
    name = widget.objectName()
    return name.startswith("qt_") or isinstance(owner, QAbstractSpinBox | QComboBox | QAbstractItemView | QLineEdit)


def test_every_control_has_an_accessible_name(window):
    named = {widget: widget.accessibleName() or getattr(widget, "text", str)() for widget in controls(window)}
    visible = [widget for widget, name in named.items() if not name and widget.isVisible()]
    assert [f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}" for widget in visible] == []


def test_every_control_can_be_reached_by_keyboard(window):
    unreachable = [
        f"{type(widget).__name__} {widget.accessibleName()}"
        for widget in controls(window)
        if widget.isVisible()
        and widget.isEnabled()
        and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget is not window.header.title  # F2 leads there
        and not isinstance(widget, CardTab)  # the arrow keys go from one to the next
    ]
    assert unreachable == []


def texts(window):
    for widget in window.findChildren(QWidget):
        if widget.objectName().startswith("qt_") or type(widget).__module__.startswith("pyqtgraph"):
            continue  # hidden parts of Qt's docks and of the plots
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        yield from (widget.toolTip(), widget.accessibleName(), widget.windowTitle())
    for action in window.commands.values():
        yield from (action.text(), action.toolTip())
    yield from (menu.title() for menu in window.header.menus.findChildren(QMenu))


def show_each_panel(window):
    """Show every panel once: hidden ones follow the language and the theme only when they are shown."""
    for key in window.docks.cards:
        window.docks.show_panel(key)
        QApplication.processEvents()


def without_elided(texts):
    """Leave out shortened texts, since their length depends on the layout."""
    return {text for text in texts if not text.endswith("…")}


def test_switched_to_chinese_no_text_stays_english_and_back(qtbot, window):
    window.monitor.measured.disconnect()  # a reading that comes in between would be a new text
    window.status.show_load(MachineLoad(processor=50.0, memory=1e9))
    show_each_panel(window)
    qtbot.waitUntil(lambda: "Architecture" in texts(window))  # the models are examined in the background
    before = without_elided(texts(window))
    window.appearance.choose_language("zh_CN")
    show_each_panel(window)
    english = {text for text, chinese in Catalogue("zh_CN").translations.items() if chinese != text and "{" not in text}
    untranslated = {re.sub(r"  \(.*\)$", "", text) for text in texts(window)} & english
    assert untranslated == set()
    window.appearance.choose_language("en")
    show_each_panel(window)
    assert without_elided(texts(window)) == before


def test_the_theme_is_switched_while_the_window_is_open(qtbot, window):
    for name, ground in (("light", theme.LIGHT.card), ("dark", theme.DARK.card)):
        window.appearance.choose_theme(name)
        qtbot.wait(50)
        card = window.docks.cards["tasks"]
        corner = card.grab().toImage().pixelColor(card.width() // 2, card.height() - 4)
        assert corner == QColor(ground)


class Polished(QObject):
    """Counts how often a style sheet is applied to each of some widgets."""

    def __init__(self, *widgets):
        super().__init__()
        self.count = Counter()
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.StyleChange:
            self.count[watched] += 1
        return False


def deepest(card):
    def ancestors(widget):
        return 0 if widget is card else 1 + ancestors(widget.parentWidget())

    return max(card.panel.findChildren(QLabel), key=ancestors)


def test_a_change_of_the_theme_polishes_nothing_more_than_twice_and_nothing_behind_a_card(window):
    seen, behind = deepest(window.docks.cards["now"]), deepest(window.docks.cards["models"])
    polished = Polished(seen, behind)
    for change in (window.appearance.toggle_theme, window.appearance.enlarge):
        change()
    # Qt polishes a child once for its parent and once for itself
    assert polished.count == {seen: 4}
    window.docks.show_panel("models")
    assert 0 < polished.count[behind] <= 2


class PaintRecorder(QObject):
    """Records the geometry and font size of all widgets each time that the window is about to be painted."""

    def __init__(self, window):
        super().__init__()
        self.window, self.snapshots = window, []
        window.installEventFilter(self)

    def take_snapshot(self):
        shown = [widget for widget in self.window.findChildren(QLabel) + controls(self.window) if widget.isVisible()]
        return {widget: (widget.geometry(), widget.font().pixelSize()) for widget in shown}

    def eventFilter(self, watched, event):  # noqa: N802
        if event.type() == QEvent.Type.UpdateRequest and self.window.updatesEnabled():
            self.snapshots.append(self.take_snapshot())
        return False


@pytest.mark.parametrize("change", ["toggle_theme", "next_language", "enlarge", "shrink"])
def test_a_change_of_appearance_is_complete_in_the_first_paint(qtbot, window, change):
    window.monitor.measured.disconnect()  # its readings move the widgets beside them
    qtbot.wait(100)
    pictures = PaintRecorder(window)
    getattr(window.appearance, change)()
    assert pictures.snapshots == []
    qtbot.waitUntil(lambda: bool(pictures.snapshots), timeout=30_000)
    window.removeEventFilter(pictures)
    qtbot.wait(300)
    assert pictures.snapshots[0] == pictures.take_snapshot()


def test_the_type_can_be_made_larger_and_normal_again(window):
    label = window.header.seed
    label.ensurePolished()
    normal = label.font().pixelSize()
    window.appearance.enlarge()
    assert label.font().pixelSize() > normal
    window.appearance.normal_size()
    assert label.font().pixelSize() == normal


def test_space_plays_and_a_focused_button_keeps_its_space(qtbot, window):
    window.activateWindow()
    window.docks.setFocus()
    qtbot.keyClick(window.docks, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    button = window.docks.cards["reward"].row.findChild(QAbstractButton)
    button.setFocus()
    override = key_event(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space)
    QApplication.sendEvent(button, override)
    assert override.isAccepted()


def key_event(kind, key):
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    return event


def test_the_transport_offers_what_can_be_done(qtbot, window):
    assert usable(window) == {"play", "step"}
    run(qtbot, window)
    assert usable(window) == {"play", "step", "stop", "reset"}
    assert window.commands["play"].text() == "Pause"


def usable(window):
    return {key for key in ("play", "step", "stop", "reset") if window.commands[key].isEnabled()}


def test_panels_that_share_a_place_are_named_in_one_row(qtbot, window):
    qtbot.wait(50)
    row = window.docks.cards["reward"].row
    tabs = [tab for tab in row.findChildren(QAbstractButton) if tab.objectName() == "CardTab" and tab.text()]
    sharing = [spec for spec in PANELS if "reward" in (spec.key, spec.beside)]
    assert [tab.text() for tab in tabs] == [spec.title for spec in sharing]
    qtbot.mouseClick(tabs[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.docks.cards[sharing[1].key].visibleRegion().isEmpty())
    assert window.docks.cards["reward"].visibleRegion().isEmpty()


def test_only_visible_panels_are_drawn_and_the_others_once_they_are_shown(qtbot, window, monkeypatch):
    drawn = []
    for key, card in window.docks.cards.items():
        monkeypatch.setattr(type(card.panel), "draw", lambda self, scene, key=key: drawn.append(key))
    qtbot.wait(150)
    drawn.clear()
    window.session.touch()
    qtbot.waitUntil(lambda: bool(drawn) and window.docks.is_drawn)  # one panel after another, between other events
    assert set(drawn) == {spec.key for spec in PANELS if not spec.beside}
    drawn.clear()
    window.docks.show_panel("memory")
    qtbot.waitUntil(lambda: "memory" in drawn)


def test_the_layout_is_kept_and_can_be_reset(qtbot, window):
    window.docks.cards["log"].hide()
    state = window.docks.arrangement()
    window.docks.reset()
    assert not window.docks.cards["log"].isHidden()
    assert window.docks.arrange(state)
    assert window.docks.cards["log"].isHidden()


def test_nothing_is_cut_off_in_a_small_window_or_a_large_one(qtbot, window):
    for size in ((1280, 800), (2560, 1440)):
        window.resize(*size)
        qtbot.wait(100)
        assert (window.width(), window.height()) == size
        for card in window.docks.cards.values():
            if not card.visibleRegion().isEmpty():
                assert card.width() >= card.minimumSizeHint().width(), card.key
                assert window.docks.rect().contains(card.geometry()), card.key


def test_a_run_fills_the_header_and_the_status_line(qtbot, window):
    run(qtbot, window)
    qtbot.waitUntil(lambda: "Learning…" in status_text(window) and "3 weights" in status_text(window), timeout=3_000)
    assert window.header.seed.text() == "seed 7"


def status_text(window):
    return " ".join(label.text() for label in window.status.findChildren(QLabel))


@pytest.mark.parametrize(("answer", "closes"), [("Stop it and close", True), ("Keep it running", False)])
def test_closing_while_a_run_is_active_asks(qtbot, window, monkeypatch, answer, closes):
    run(qtbot, window)
    questions = []

    def reply(box):
        questions.append(box.text())
        box._clicked = next(button for button in box.buttons() if button.text() == answer)

    monkeypatch.setattr(QMessageBox, "exec", reply)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box._clicked)
    assert window.close() == closes
    assert questions == ["A run is active. What it has learned so far is stored."]


def test_a_curriculum_that_is_dropped_on_the_window_is_opened(window, tmp_path, config):
    path = tmp_path / "mine.toml"
    save(path, config.model_copy(update={"name": "Dropped"}))
    window.documents.open_path(path)
    assert window.session.curriculum.title == "Dropped"
    assert "Dropped" in window.windowTitle()
    assert window.header.title.text() == "Dropped"
    assert window.settings.recent == (path,)


def test_the_title_is_changed_in_the_header_and_can_be_taken_back(qtbot, window):
    window.header.title.setFocus()
    window.header.title.setText("Three houses")
    qtbot.keyClick(window.header.title, Qt.Key.Key_Return)
    assert window.session.curriculum.title == "Three houses"
    assert not window.commands["redo"].isEnabled()
    window.commands["undo"].trigger()
    assert window.commands["redo"].isEnabled()
    assert window.header.title.text() == "Two houses"


def test_every_shipped_curriculum_is_offered_and_opens(window):
    menu = window.menus.submenus["examples"]
    menu.aboutToShow.emit()
    for action in menu.actions():
        action.trigger()
        assert window.session.curriculum.title == action.text()


def test_decisions_are_explained_only_while_why_is_visible(qtbot, window, monkeypatch):
    explained, suspended = [], []
    monkeypatch.setattr(window.session.watching, "explain", lambda *, wanted: explained.append(wanted))
    monkeypatch.setattr(window.session.watching, "suspend", suspended.append)
    window.docks.show_panel("why")
    qtbot.waitUntil(lambda: explained == [True])
    window.docks.show_panel("settings")  # hides the live view, but the agent is not suspended while Why is visible
    qtbot.wait(50)
    assert True not in suspended
    window.docks.show_panel("memory")
    qtbot.waitUntil(lambda: explained == [True, False] and suspended[-1:] == [True])


def test_the_title_of_a_shipped_curriculum_is_translated(qtbot, window):
    shipped = config_file.load(config_file.curricula()["demo"])
    window.session.load(shipped)
    window.appearance.choose_language("zh_CN")
    chinese = window.header.title.text()
    assert chinese != shipped.name
    assert window.windowTitle().startswith(chinese)
    examples = window.menus.submenus["examples"]
    examples.aboutToShow.emit()
    window.menus.retranslate()
    window.header.title.editingFinished.emit()  # focusing it without an edit renames nothing
    assert window.session.curriculum.title == shipped.name
    assert not window.documents.is_dirty
    window.appearance.choose_language("en")
    assert window.header.title.text() == shipped.name


def test_the_users_own_title_is_never_translated(window):
    window.appearance.choose_language("zh_CN")
    window.rename("Runs")  # a text of the interface, too
    assert window.header.title.text() == "Runs"


@pytest.mark.parametrize("chosen_in", ["settings", "curriculum"])
def test_settings_and_the_options_of_a_clip_share_the_level_of_detail(window, chosen_in):
    panels = [window.docks.panel(key) for key in ("settings", "curriculum")]
    window.docks.panel(chosen_in).level_chosen.emit("full")
    if chosen_in == "settings":
        panels[0].show_level("full")
    else:
        panels[1].show_level("full")
    assert [panel._level for panel in panels] == ["full", "full"]
    assert window.settings.detail == "full"
