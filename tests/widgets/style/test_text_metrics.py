"""Custom-painted widgets have enough space for their text at every type size."""

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem

from app.window.settings import SCALES
from widgets.live.recalled_memories import memory_row
from widgets.models.model_list import ModelList
from widgets.proof.proof_list import ProofList
from widgets.remembering.matrix_view import MatrixView
from widgets.scene import Scene
from widgets.style import theme
from widgets.style.panel_style import font
from widgets.style.text_metrics import columns, min_text_width, scaled, set_placeholder
from widgets.timeline.layout import TimelineLayout, content_height, gutter
from widgets.timeline.painting import shorten_name
from widgets.timeline.scale import TimeScale
from widgets.timeline.tracks import tracks
from widgets.views.word_flow import WordFlow


@pytest.fixture(params=SCALES)
def scale(request, qapp):
    before = qapp.font(), qapp.palette(), qapp.styleSheet()
    theme.apply(theme.DARK, request.param)
    yield request.param
    theme.apply(theme.DARK)
    qapp.setFont(before[0])
    qapp.setPalette(before[1])
    qapp.setStyleSheet(before[2])


def high(size):
    """Return the height of a line at the current type size."""
    return QFontMetrics(font(size)).height()


def test_lengths_grow_with_the_type_but_never_shrink(scale):
    assert scaled(100) == pytest.approx(100 * max(scale, 1), abs=4)


def test_the_two_lines_of_a_clip_lie_one_below_the_other_inside_of_it(scale):
    for count in (1, 3):
        layout = TimelineLayout(
            tracks((), Scene(), "ewc") * count, TimeScale(gutter(), 0, 1), 900, content_height(count)
        )
        upper, lower = layout.lines()
        assert upper.height() >= high(theme.BODY)
        assert lower.height() >= high(theme.NORMAL)
        assert layout.lane(0).top() <= upper.top() < upper.bottom() <= lower.top()
        assert lower.bottom() <= layout.lane(0).bottom()
        assert layout.strip().bottom() <= layout.height
        assert all(layout.lane(row).height() >= high(theme.NORMAL) for row in range(count))


def test_the_name_of_a_track_keeps_its_letters(scale):
    assert QFontMetrics(font(theme.NORMAL)).horizontalAdvance("Kitchen, then") < gutter()


@pytest.mark.parametrize("kind", [ProofList, ModelList])
def test_a_row_of_a_list_holds_two_lines(qtbot, scale, kind):
    view = kind()
    qtbot.addWidget(view)
    row = view.itemDelegate().sizeHint(QStyleOptionViewItem(), QModelIndex()).height()
    assert row >= high(theme.BODY) + high(theme.SMALL)


def test_words_and_memories_are_as_high_as_their_type(qtbot, scale):
    words = WordFlow()
    qtbot.addWidget(words)
    words.show_words("go to the ball")
    assert words.heightForWidth(40) >= 4 * high(theme.BODY)
    assert memory_row() > high(theme.NORMAL)


def test_the_header_of_the_matrix_holds_two_lines(qtbot, scale):
    view = MatrixView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.matrix._names = ["Balance the pole with one hand"] * 4
    view._fit()
    assert view.horizontalHeader().height() > 2 * high(theme.SMALL)
    assert view.verticalHeader().defaultSectionSize() > high(theme.NORMAL)


@pytest.mark.parametrize(("text", "width"), [("", 0), ("House 2", 7), ("镜像之家", 8), ("学完 Go", 7)])
def test_a_chinese_character_takes_two_columns(text, width):
    assert columns(text) == width


def test_an_elided_text_can_be_recognised(scale):
    metrics = QFontMetrics(font(theme.NORMAL))
    for text in ("Mirror h…", "镜像之家…"):
        assert metrics.horizontalAdvance(text) <= min_text_width(metrics)


def test_the_tooltip_has_the_placeholder_in_full(qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    set_placeholder(field, "Name on the hub, or a path", "Press Enter")
    assert field.placeholderText() == "Name on the hub, or a path"
    assert field.toolTip() == "Name on the hub, or a path\nPress Enter"


@pytest.mark.parametrize(
    ("name", "shared", "shown"),
    [
        ("Naive · seed 0", {"seed 0"}, "Naive · seed 0"),
        ("Progress · seed 0", {"seed 0"}, "Progress"),
        ("Online EWC · seed 1", {"Online EWC"}, "seed 1"),
        ("the third · Online EWC · seed 1", {"seed 1"}, "Online EWC"),
        ("Online EWC · seed 1", {"Online EWC", "seed 1"}, "seed 1"),
    ],
)
def test_a_shortened_track_name_keeps_the_part_that_distinguishes_it(qapp, name, shared, shown):
    face = theme.font()
    room = QFontMetrics(face).horizontalAdvance("Naive · seed 0") + 1
    assert shorten_name(name, face, room, frozenset(shared)) == shown
