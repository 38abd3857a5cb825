"""The mouse wheel over a control scrolls the page, until the control was clicked."""

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QScrollArea,
    QScrollBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from agents.config import RunConfig
from agents.config.strategies import ReplayConfig
from agents.registry import STRATEGIES, names
from app.window.panels import PANELS
from envs.curriculum import Stage
from envs.task import library
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.forms.number_fields import RealField
from widgets.runs.fork_dialog import ForkDialog, Parting
from widgets.settings.config_section import VARIANTS
from widgets.settings.settings_panel import SettingsPanel
from widgets.settings.strategy_button import StrategyPopup
from widgets.style import theme
from widgets.style.wheel_controls import ComboBox, Slider, SpinBox
from widgets.timeline.stage_form import StageForm

ROOT = Path(__file__).parents[3]
EDITORS = (QAbstractSpinBox, QComboBox, QAbstractSlider)
QT_CLASSES = {
    *("QSpinBox", "QDoubleSpinBox", "QComboBox", "QFontComboBox", "QSlider", "QDial"),
    *("QDateTimeEdit", "QDateEdit", "QTimeEdit"),
}


def editors(widget):
    candidates = (editor for editor in widget.findChildren(QWidget) if isinstance(editor, EDITORS))
    return [editor for editor in candidates if not isinstance(editor, QScrollBar)]


def value_of(editor):
    match editor:
        case QComboBox():
            return editor.currentIndex()
        case QAbstractSlider():
            return editor.value()
    return editor.text()


def turn(widget, notches=-1):
    position = QPointF(widget.rect().center())
    global_position = QPointF(widget.mapToGlobal(position.toPoint()))
    state = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        widget, QWheelEvent(position, global_position, QPoint(), QPoint(0, 120 * notches), *state, False)
    )


def turn_over_all(widget):
    """Turn the wheel both ways over every editor of `widget`; return the names of those that changed."""
    inputs = editors(widget)
    before, focus = [value_of(editor) for editor in inputs], QApplication.focusWidget()
    for editor in inputs:
        turn(editor)
        turn(editor, 1)
        turn(editor)
    return [
        f"{type(editor).__name__} {editor.accessibleName()}"
        for editor, value in zip(inputs, before, strict=True)
        if value_of(editor) != value or (editor.hasFocus() and editor is not focus)
    ]


@pytest.fixture(params=["idle", "running"])
def session_window(request, qtbot, window):
    if request.param == "running":
        window.session.play_or_pause()
        qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    return window


def test_the_wheel_changes_nothing_in_any_panel(session_window):
    config, stages = session_window.session.config, session_window.session.curriculum.stages
    for spec in PANELS:
        session_window.docks.show_panel(spec.key)
        QApplication.processEvents()
        assert turn_over_all(session_window.docks.cards[spec.key]) == [], spec.key
    assert turn_over_all(session_window) == []
    assert len(editors(session_window)) > 30
    assert (session_window.session.config, session_window.session.curriculum.stages) == (config, stages)


@pytest.mark.parametrize("section", VARIANTS)
def test_the_wheel_changes_no_setting_of_any_kind(qtbot, section):
    form = SettingsPanel()
    qtbot.addWidget(form)
    form.resize(400, 600)
    form.show()
    for kind in names(VARIANTS[section]).values():
        form.show_config(RunConfig.model_construct(**{**dict(RunConfig()), section: kind()}))
        QApplication.processEvents()
        assert turn_over_all(form) == [], kind
    assert form.findChild(QScrollArea).verticalScrollBar().value() > 0


@pytest.mark.parametrize("spec", library(), ids=lambda spec: spec.key)
def test_the_wheel_changes_no_option_of_a_clip(qtbot, spec):
    parent, model = QWidget(), CurriculumModel()
    qtbot.addWidget(parent)
    model.load([Stage(id="x", task=spec.key)], "One")
    form = StageForm(model, "x", ReplayConfig(), parent)
    form.open_above(QPoint(300, 500))
    assert turn_over_all(form) == []
    form.close()


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_the_wheel_changes_nothing_in_the_dialogs_about_strategies(qtbot, strategy):
    parent, config = QWidget(), RunConfig(strategy=names(STRATEGIES)[strategy]())
    qtbot.addWidget(parent)
    popup = StrategyPopup(config, parent)
    popup.open_below(parent)
    dialog = ForkDialog(Parting("mother", 20, 40, config), parent)
    dialog.show()
    for widget in (popup, dialog):
        assert turn_over_all(widget) == []
        widget.close()


def test_a_number_is_placed_as_in_qts_spin_box(style_sheet, qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    layout, our_box, qt_box = QVBoxLayout(page), SpinBox(page), QSpinBox(page)
    for box in (our_box, qt_box):
        layout.addWidget(box)
    page.show()
    assert our_box.lineEdit().geometry() == qt_box.lineEdit().geometry()
    assert our_box.lineEdit().textMargins().left() == 7  # the padding of the other fields, also in a dialog


@pytest.fixture
def style_sheet(qapp):
    style = qapp.styleSheet()
    theme.apply(theme.named("dark"))
    yield
    qapp.setStyleSheet(style)


@pytest.fixture(params=[SpinBox, ComboBox, Slider])
def control(request, qtbot):
    """A control on a page that scrolls, with a neighbour to focus by Tab."""
    page = QWidget()
    page.setMinimumSize(200, 2_000)
    layout = QVBoxLayout(page)
    widget, neighbour = request.param(page), SpinBox(page)
    if isinstance(widget, ComboBox):
        widget.addItems(["one", "two", "three"])
    for editor in (widget, neighbour):
        layout.addWidget(editor)
    area = QScrollArea()
    area.setWidget(page)
    area.resize(300, 300)
    qtbot.addWidget(area)
    with qtbot.waitExposed(area):
        area.show()
    area.activateWindow()
    widget.area, widget.neighbour = area, neighbour
    return widget


def test_the_page_scrolls_instead(control):
    control.neighbour.setFocus()
    turn(control)
    assert control.area.verticalScrollBar().value() > 0
    assert not control.hasFocus()


def press(qtbot, control):
    if isinstance(control, ComboBox):
        qtbot.mouseClick(control, Qt.MouseButton.LeftButton)
        control.hidePopup()
    else:
        target = control.lineEdit() if isinstance(control, SpinBox) else control
        qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(target.width() // 2, target.height() // 2))


@pytest.mark.parametrize("comes_by_tab", [False, True])
def test_a_clicked_control_follows_the_wheel_until_it_loses_the_focus(qtbot, control, comes_by_tab):
    by = -1 if isinstance(control, ComboBox) else 1
    if comes_by_tab:
        control.setFocus(Qt.FocusReason.TabFocusReason)
        before = value_of(control)
        turn(control, by)
        assert value_of(control) == before
    press(qtbot, control)
    qtbot.waitUntil(control.hasFocus)
    before = value_of(control)
    turn(control, by)
    assert value_of(control) != before
    control.neighbour.setFocus(Qt.FocusReason.TabFocusReason)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    before = value_of(control)
    turn(control, by)
    turn(control, -by)
    turn(control, by)
    assert value_of(control) == before


@pytest.mark.parametrize(
    "path", [*(ROOT / "widgets").rglob("*.py"), *(ROOT / "app").rglob("*.py")], ids=lambda path: path.stem
)
def test_no_unprotected_qt_control_is_created(path):
    if path.name == "wheel_controls.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        widget = [node.func] if isinstance(node, ast.Call) else node.bases if isinstance(node, ast.ClassDef) else []
        named = {editor.id for editor in widget if isinstance(editor, ast.Name)}
        assert not named & QT_CLASSES, "use the class of widgets.style.wheel_controls instead"


def test_number_fields_below_the_header_have_the_usual_height(style_sheet, qtbot):
    header, page = QWidget(objectName="Header"), QWidget()
    for part in (header, page):
        qtbot.addWidget(part)
        theme.apply_theme(part)
    heights = []
    for parent in (header, page):
        popup = StrategyPopup(RunConfig(strategy=ReplayConfig()), parent)
        popup.open_below(parent)
        heights.append({field.height() for field in popup.findChildren(RealField)})
        popup.close()
    assert heights[0] == heights[1]
