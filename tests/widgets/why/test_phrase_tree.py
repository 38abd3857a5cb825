import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from agents.events import Frame
from agents.infer.explanation_data import PhraseBranch, Reasons
from envs.task import Task
from widgets.why.phrase_tree import ROW, PhraseBranches, format_log_prob, lay_out

ACTIONS = ("go north", "go south", "wait", "wait here")
TREE = (
    PhraseBranch("go", 0, -0.1, -0.1, is_chosen=True),
    PhraseBranch("north", 1, -0.5, -0.6, action=0, is_chosen=True),
    PhraseBranch("south", 1, -1.0, -1.1, action=1),
    PhraseBranch("wait", 0, -2.0, -2.0, action=2),
    PhraseBranch("here", 1, -0.25, -2.25, action=3),
)


@pytest.fixture
def reasons():
    """Of a decision among phrases, two pairs of which begin alike."""
    frame = Frame(
        task_id=0,
        task=Task(key="household/go-to"),
        picture=None,
        text="house .",
        goal="",
        actions=ACTIONS,
        probabilities=(0.6, 0.3, 0.06, 0.04),
        value=0.5,
        action=0,
    )
    return Reasons(frame, 0, tree=TREE)


def test_every_action_has_a_row_of_its_own_and_shared_words_stand_once():
    placed = lay_out(TREE)
    assert [node.row for node in placed] == [0, 0, 1, 2, 3]
    assert [node.parent for node in placed] == [None, 0, 0, None, 2]
    ends = [node.row for node in placed if node.branch.action is not None]
    assert len(set(ends)) == len(ACTIONS)


@pytest.mark.parametrize(("value", "text"), [(-0.004, "0.00"), (0.0, "0.00"), (-1.234, "−1.23"), (1e-8, "0.00")])
def test_log_probabilities_have_a_true_minus_sign(value, text):
    assert format_log_prob(value) == text


def test_it_is_as_high_as_its_rows_and_describes_the_sums(qtbot, dressed, reasons):
    shown = PhraseBranches()
    qtbot.addWidget(shown)
    shown.show_reasons(reasons)
    assert shown.minimumHeight() == ROW * (1 + len(ACTIONS))
    assert "go north −0.60" in shown.accessibleDescription()
    shown.resize(shown.sizeHint())
    image = QImage(shown.size(), QImage.Format.Format_RGB32)
    image.fill(0)
    shown.render(image, QPoint())
    assert len({image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(image.height())}) > 5


def test_without_a_tree_there_is_nothing_to_paint(qtbot):
    shown = PhraseBranches()
    qtbot.addWidget(shown)
    assert shown.rows == 0
    shown.grab()
