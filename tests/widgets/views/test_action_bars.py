from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics

from widgets.live.live_view import LiveView
from widgets.style import theme
from widgets.style.panel_style import font
from widgets.views.action_bars import ActionBars


def menu(size, likely):
    """A menu of so many actions, one of them likely."""
    rest = 0.02 / max(size - 1, 1)
    return tuple(f"put the red apple on shelf {at}" for at in range(size)), tuple(
        0.98 if at == likely else rest for at in range(size)
    )


@pytest.fixture
def bars(qtbot):
    bars = ActionBars()
    qtbot.addWidget(bars)
    bars.resize(300, 100)
    return bars


def in_sight(bars):
    """The actions whose rows lie in what can be seen of the bars."""
    seen = bars.visibleRegion().boundingRect()
    rows = [(row * bars._row, (row + 1) * bars._row, index) for row, index in enumerate(bars.drawn)]
    return {index for top, bottom, index in rows if seen.top() <= top and bottom <= seen.bottom() + 1}


def test_before_the_choice_the_likeliest_action_stands_out(bars):
    bars.show_actions(("a", "b", "c"), (0.2, 0.5, 0.3), None)
    assert bars.likeliest == 1
    bars.show_actions(("a", "b", "c"), (0.2, 0.5, 0.3), 0)
    assert bars.likeliest == 0


@pytest.mark.parametrize("height", [200, 290, 340, 700])
def test_what_the_agent_does_is_in_sight_at_any_size(qtbot, frame, height, language, scale):
    panel = LiveView()
    qtbot.addWidget(panel)
    panel.resize(540, height)
    panel.show()
    words = (*frame.text.split(), *(f"thing {at}" for at in range(40)))
    for size in (*range(2, 12), 23, 60):
        for likely in {0, size // 2, size - 1}:
            actions, shares = menu(size, likely)
            chosen = (likely + 1) % size
            shown = replace(frame, actions=actions, probabilities=shares, action=chosen, text=" ".join(words))
            panel.show_frame(replace(shown, attention=tuple((word, 0.0) for word in words), time=size + likely))
            qtbot.wait(1)
            assert {likely, chosen} <= in_sight(panel.mind.bars)
            assert len(panel.mind.bars.drawn) + len(panel.mind.bars.hidden) == size
            assert panel.mind.bars._row >= QFontMetrics(font(theme.BODY)).height()


@pytest.mark.parametrize("size", [2, 4, 7, 25, 60])
def test_what_each_of_two_agents_does_is_in_sight(qtbot, frame, size, language, scale):
    panel = LiveView()
    qtbot.addWidget(panel)
    panel.resize(540, 290)
    panel.show()
    actions, shares = menu(size, size - 1)
    shown = replace(frame, actions=actions, probabilities=shares, action=0)
    panel.show_frame(shown)
    panel.show_compared(shown)
    panel.show_frame(replace(shown, time=1))
    qtbot.wait(1)
    for side in (panel.pair.then, panel.pair.now):
        in_line = {
            index
            for index in (0, size - 1)
            if side.action_line.isVisible() and actions[index] in side.action_line._full_text
        }
        assert {0, size - 1} <= in_sight(side.bars) | in_line


def test_the_last_row_counts_the_others_and_its_tip_lists_them(bars):
    bars.show_actions(tuple("abcdef"), (0.5, 0.0, 0.3, 0.0, 0.2, 0.0), 0)
    bars.fit(80)
    assert [bars._actions[index] for index in bars.drawn] == ["a", "c", "e"]
    assert bars.tooltip_text(3) == "b 0.00, d 0.00, f 0.00"
    assert bars.tooltip_text(0) == ""


def test_the_likeliest_of_the_others_are_listed_first(bars):
    bars.show_actions(tuple("abcdef"), (0.4, 0.01, 0.3, 0.0, 0.2, 0.09), 0)
    bars.fit(80)
    assert bars.tooltip_text(3) == "f 0.09, b 0.01, d 0.00"


def test_a_name_that_is_cut_short_is_whole_in_its_tip(bars):
    bars.show_actions(("x" * 200, "b"), (0.5, 0.5), None)
    assert bars.tooltip_text(0) == "x" * 200


def test_a_name_is_cut_only_where_bars_need_the_room(bars):
    name = "put the red apple away"
    bars.resize(QFontMetrics(font(theme.BODY)).horizontalAdvance(name) + 160, 60)
    bars.show_actions((name, "b"), (0.5, 0.5), None)
    assert bars.tooltip_text(0) == ""


def test_bars_stay_in_their_rows_while_the_agent_moves(bars):
    bars.show_actions(tuple("abcdef"), (0.5, 0.0, 0.3, 0.0, 0.2, 0.0), 0)
    bars.fit(80)
    before = bars.drawn
    bars.show_actions(tuple("abcdef"), (0.1, 0.0, 0.6, 0.0, 0.3, 0.0), 2)
    assert bars.drawn == before
    bars.show_actions(tuple("abcdef"), (0.1, 0.0, 0.6, 0.0, 0.3, 0.0), 5)
    assert [bars._actions[index] for index in bars.drawn] == ["f", "c", "e"]


def test_in_another_menu_the_same_phrase_keeps_its_row(bars):
    bars.show_actions(tuple("abcdef"), (0.5, 0.0, 0.3, 0.0, 0.2, 0.0), 0)
    bars.fit(80)
    bars.show_actions(tuple("xecabyz"), (0.0, 0.3, 0.3, 0.4, 0.0, 0.0, 0.0), 3)
    assert [bars._actions[index] for index in bars.drawn] == ["a", "c", "e"]


def test_where_nobody_limits_the_room_all_actions_are_drawn(bars):
    actions, shares = menu(60, 3)
    bars.show_actions(actions, shares, None)
    assert bars.drawn == tuple(range(60))
    assert bars.minimumHeight() >= 60 * 20
