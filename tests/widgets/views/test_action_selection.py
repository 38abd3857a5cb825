import numpy as np
import pytest

from widgets.views.action_selection import MIN_ROWS, TOLERANCE, select_rows


def menus():
    """Menus of 2 to 60 actions, how likely each is, and which one was taken."""
    random = np.random.default_rng(0)
    for size in range(2, 61):
        for peak in (0.1, 1.0, 20.0):
            shares = random.dirichlet(np.full(size, 1 / peak))
            yield tuple(map(float, shares)), int(random.integers(size)) if size % 3 else None


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 7, 20])
def test_the_chosen_and_the_likeliest_action_are_always_drawn(rows):
    before = ()
    for shares, chosen in menus():
        drawn = select_rows(shares, chosen, rows, [index if index < len(shares) else None for index in before])
        assert len(set(drawn)) == len(drawn) == min(len(shares), max(rows, MIN_ROWS) - (len(shares) > max(rows, 3)))
        assert max(range(len(shares)), key=shares.__getitem__) in drawn
        assert chosen is None or chosen in drawn
        before = drawn


@pytest.mark.parametrize("rows", [3, 4, 7])
def test_no_hidden_action_is_clearly_likelier_than_a_drawn_one(rows):
    for shares, chosen in menus():
        drawn = select_rows(shares, chosen, rows, tuple(range(min(rows - 1, len(shares)))))
        hidden = set(range(len(shares))).difference(drawn)
        least = min((shares[index] for index in drawn if index != chosen), default=1.0)
        assert all(shares[index] <= least + TOLERANCE for index in hidden)


def test_a_menu_that_fits_keeps_its_order():
    assert select_rows((0.1, 0.8, 0.1), 1, 3, (2, 1)) == (0, 1, 2)


def test_at_first_drawn_actions_keep_the_order_of_the_menu():
    assert select_rows((0.0, 0.5, 0.1, 0.0, 0.4), None, 4) == (1, 2, 4)


def test_an_action_stays_in_its_row_while_it_is_drawn():
    before = select_rows((0.0, 0.5, 0.1, 0.0, 0.4), None, 4)
    after = select_rows((0.6, 0.2, 0.0, 0.0, 0.2), None, 4, before)
    assert after == (1, 0, 4)  # the first action took the row of the least likely one, and nothing else moved


def test_small_changes_move_nothing():
    before = select_rows((0.30, 0.29, 0.21, 0.20), None, 3)
    assert select_rows((0.28, 0.25, 0.25, 0.22), None, 3, before) == before


def test_a_row_that_has_become_free_is_given_to_the_likeliest_hidden_action():
    assert select_rows((0.2, 0.2, 0.22, 0.38), None, 3, (0, None)) == (0, 3)
