import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.timeline.scale import TICK_GAP, TimeScale, nice, short

SCALES = st.builds(
    TimeScale,
    left=st.floats(0, 500),
    first=st.floats(0, 1e6),
    rate=st.floats(1e-5, 2),
)


@given(SCALES, st.floats(0, 1e6))
def test_a_step_is_found_again_at_its_pixel(scale, step):
    assert scale.step(scale.x(step)) == pytest.approx(step, abs=1e-3 / scale.rate)


@given(SCALES)
def test_labels_of_the_ruler_have_room_and_stay_in_view(scale):
    right = scale.left + 1_000
    ticks = scale.ticks(right)
    assert ticks.step * scale.rate >= TICK_GAP * (1 - 1e-9)
    assert all(scale.left - 1e-6 <= scale.x(step) <= right + 1e-6 for step in ticks[:50])


@given(SCALES, st.floats(-1e6, 1e6))
def test_a_dragged_edge_never_comes_to_nothing(scale, steps):
    assert scale.snap(steps) >= 1


@pytest.mark.parametrize(
    ("steps", "rounded"), [(0.2, 1), (1, 1), (1.1, 2), (3, 5), (7, 10), (10, 10), (730, 1_000), (2_000, 2_000)]
)
def test_gaps_are_one_two_or_five(steps, rounded):
    assert nice(steps) == rounded


@pytest.mark.parametrize(
    ("steps", "text"),
    [(0, "0"), (999, "999"), (1_000, "1k"), (1_500, "1.5k"), (17_408, "17.4k"), (2_000_000, "2M"), (10**9, "1G")],
)
def test_steps_are_written_shortly(steps, text):
    assert short(steps) == text
