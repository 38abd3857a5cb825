"""Every refuted sentence is shown beside the one that is believed, with the reason."""

import pytest

from agents.knowledge.contradictions import contradictions


@pytest.mark.parametrize(
    ("pinned", "heard", "ground"), [(True, 3, "pinned"), (False, 3, "evidence"), (False, 0, "later")]
)
def test_the_reason_is_the_first_that_holds(base, rule, pinned, heard, ground):
    known = base()
    drawer, basket = (known.add_fact(rule("apple", place, passing=False), 0) for place in ("drawer", "basket"))
    known.pin([basket], pinned=pinned)
    for _ in range(heard):
        known.add_fact(rule("apple", "basket", passing=False), 0)
    (pair,) = contradictions(known.entries())
    assert (pair.believed.id, pair.refuted.id, pair.id, pair.ground) == (basket, drawer, drawer, ground)


def test_what_agrees_is_no_contradiction(base, rule):
    known = base()
    for thing, place in (("apple", "drawer"), ("cup", "basket")):
        known.add_fact(rule(thing, place, passing=False), 0)
    assert contradictions(known.entries()) == []
