import pytest

from agents.runtime.iteration import Iteration, drain


def counting(closed):
    try:
        yield 1
        yield 2
    except GeneratorExit:
        closed.append(True)
        raise
    return "done"


def test_an_iteration_yields_every_step_and_stores_the_result():
    iteration = Iteration(counting([]))
    assert list(iteration) == [1, 2]
    assert iteration.result == "done"
    assert drain(counting([])) == "done"


def test_closing_an_iteration_closes_the_generator_and_leaves_no_result():
    closed = []
    iteration = Iteration(counting(closed))
    for _ in iteration:
        iteration.close()
        break
    assert closed == [True]
    with pytest.raises(AttributeError):
        _ = iteration.result
