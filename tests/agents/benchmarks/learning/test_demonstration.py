import re

import pytest

from agents.benchmarks.learning import demonstration
from agents.benchmarks.learning.demonstration import METRICS, README, STRATEGIES, Claim, claims, measure
from agents.errors import BadInput

TABLE = """
| of 1 | without a strategy | with replay |
|---|---|---|
| Learned | 0.99 ± 0.05 | 0.96 ± 0.10 |
| Forgetting | 0.95 ± 0.06 | -0.01 ± 0.05 |

| Learned | another table | of something else |
"""


def test_every_number_of_the_table_is_a_claim():
    assert claims(TABLE) == (
        Claim("naive", "learned", 0.99, 0.05),
        Claim("replay", "learned", 0.96, 0.10),
        Claim("naive", "forgetting", 0.95, 0.06),
        Claim("replay", "forgetting", -0.01, 0.05),
    )


def test_the_readme_states_every_metric_of_both_strategies():
    stated = claims(README.read_text(encoding="utf-8"))
    assert {(claim.strategy, claim.metric) for claim in stated} == {
        (strategy, metric) for strategy in STRATEGIES.values() for metric in METRICS.values()
    }
    assert all(0 < claim.tolerance <= 0.15 for claim in stated)


@pytest.mark.parametrize(
    ("measured", "holds"), [(0.95, True), (0.90, True), (1.0, True), (0.89, False), (1.01, False), (None, False)]
)
def test_a_claim_holds_within_its_tolerance(measured, holds):
    assert Claim("naive", "learned", 0.95, 0.05).holds(measured) is holds


@pytest.mark.parametrize(
    ("text", "message"),
    [("no table at all", "no table of what to expect"), (TABLE.replace("Forgetting", "Joy"), "'Joy'")],
)
def test_a_readme_without_known_numbers_is_refused_in_one_line(text, message):
    with pytest.raises(BadInput, match=re.escape(message)) as refused:
        claims(text)
    assert "\n" not in str(refused.value)


def test_without_the_readme_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(demonstration, "README", tmp_path / "README.md")
    with pytest.raises(BadInput, match="run this from a checkout"):
        measure()


@pytest.fixture(scope="module")
def quick():
    return measure(quick=True)


def test_a_quick_run_has_a_figure_for_every_number(quick):
    assert len(quick) == len(STRATEGIES) * len(METRICS)


@pytest.mark.parametrize("metric", ["learned", "forgetting"])
def test_two_short_stages_are_learned_and_forgotten_as_the_readme_says(quick, metric):
    (stated,) = [c for c in claims(README.read_text(encoding="utf-8")) if (c.strategy, c.metric) == ("naive", metric)]
    (figure,) = [figure for figure in quick if figure.name == f"naive: {metric}, seed 0"]
    assert stated.holds(figure.value)
