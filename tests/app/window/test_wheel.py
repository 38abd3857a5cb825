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
MADE_BY_QT = {
    *("QSpinBox", "QDoubleSpinBox", "QComboBox", "QFontComboBox", "QSlider", "QDial"),
    *("QDateTimeEdit", "QDateEdit", "QTimeEdit"),
}


def editors(widget):
    found = (each for each in widget.findChildren(QWidget) if isinstance(each, EDITORS))
    return [each for each in found if not isinstance(each, QScrollBar)]


def entered(editor):
    match editor:
        case QComboBox():
            return editor.currentIndex()
        case QAbstractSlider():
            return editor.value()
    return editor.text()


def turn(widget, notches=-1):
    spot = QPointF(widget.rect().center())
    place = QPointF(widget.mapToGlobal(spot.toPoint()))
    held = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(widget, QWheelEvent(spot, place, QPoint(), QPoint(0, 120 * notches), *held, False))


def turn_over_all(widget):
    """Turn the wheel both ways over every editor of `widget`; return the names of those that changed."""
    found = editors(widget)
    before, focus = [entered(each) for each in found], QApplication.focusWidget()
    for each in found:
        turn(each)
        turn(each, 1)
        turn(each)
    return [
        f"{type(each).__name__} {each.accessibleName()}"
        for each, was in zip(found, before, strict=True)
        if entered(each) != was or (each.hasFocus() and each is not focus)
    ]


@pytest.fixture(params=["idle", "running"])
def lab(request, qtbot, window):
    if request.param == "running":
        window.session.play_or_pause()
        qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    return window


def test_the_wheel_changes_nothing_in_any_panel(lab):
    config, stages = lab.session.config, lab.session.curriculum.stages
    for spec in PANELS:
        lab.docks.bring(spec.key)
        QApplication.processEvents()
        assert turn_over_all(lab.docks.cards[spec.key]) == [], spec.key
    assert turn_over_all(lab) == []
    assert len(editors(lab)) > 30
    assert (lab.session.config, lab.session.curriculum.stages) == (config, stages)


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
    for made in (popup, dialog):
        assert turn_over_all(made) == []
        made.close()


def test_a_number_stands_where_qt_puts_it(dressed_like_the_lab, qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    task_id, ours, theirs = QVBoxLayout(page), SpinBox(page), QSpinBox(page)
    for box in (ours, theirs):
        task_id.addWidget(box)
    page.show()
    assert ours.lineEdit().geometry() == theirs.lineEdit().geometry()
    assert ours.lineEdit().textMargins().left() == 7  # after the padding of the fields beside it, also in a dialog


@pytest.fixture
def dressed_like_the_lab(qapp):
    style = qapp.styleSheet()
    theme.apply(theme.named("dark"))
    yield
    qapp.setStyleSheet(style)


@pytest.fixture(params=[SpinBox, ComboBox, Slider])
def control(request, qtbot):
    """One control on a page that scrolls, with a neighbour to go to by Tab."""
    page = QWidget()
    page.setMinimumSize(200, 2_000)
    task_id = QVBoxLayout(page)
    made, other = request.param(page), SpinBox(page)
    if isinstance(made, ComboBox):
        made.addItems(["one", "two", "three"])
    for each in (made, other):
        task_id.addWidget(each)
    area = QScrollArea()
    area.setWidget(page)
    area.resize(300, 300)
    qtbot.addWidget(area)
    with qtbot.waitExposed(area):
        area.show()
    area.activateWindow()
    made.area, made.other = area, other
    return made


def test_the_page_scrolls_instead(control):
    control.other.setFocus()
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
def test_what_was_clicked_follows_the_wheel_until_the_focus_leaves_it(qtbot, control, comes_by_tab):
    by = -1 if isinstance(control, ComboBox) else 1
    if comes_by_tab:
        control.setFocus(Qt.FocusReason.TabFocusReason)
        before = entered(control)
        turn(control, by)
        assert entered(control) == before
    press(qtbot, control)
    qtbot.waitUntil(control.hasFocus)
    before = entered(control)
    turn(control, by)
    assert entered(control) != before
    control.other.setFocus(Qt.FocusReason.TabFocusReason)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    before = entered(control)
    turn(control, by)
    turn(control, -by)
    turn(control, by)
    assert entered(control) == before


@pytest.mark.parametrize(
    "path", [*(ROOT / "widgets").rglob("*.py"), *(ROOT / "app").rglob("*.py")], ids=lambda path: path.stem
)
def test_no_control_is_made_that_the_wheel_changes(path):
    if path.name == "wheel_controls.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        made = [node.func] if isinstance(node, ast.Call) else node.bases if isinstance(node, ast.ClassDef) else []
        named = {each.id for each in made if isinstance(each, ast.Name)}
        assert not named & MADE_BY_QT, "take its like from widgets.style.wheel_controls"


def test_numbers_below_the_header_are_as_tall_as_anywhere_else(dressed_like_the_lab, qtbot):
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
