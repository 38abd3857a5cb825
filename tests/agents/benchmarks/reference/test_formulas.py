import pytest

from agents.analysis.definitions import FAMILIES
from agents.benchmarks.reference.formulas import BY_HAND, CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_a_formula_equals_its_independent_computation_and_a_mistaken_one_does_not(name):
    check = CHECKS[name]()
    assert check.difference <= check.tolerance
    assert check.mistaken > 1e-3


def test_every_definition_is_worked_out_by_hand():
    assert {family.key: {row.key for row in family.rows} for family in FAMILIES} == {
        family: set(numbers) for family, numbers in BY_HAND.items()
    }
