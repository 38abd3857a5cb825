import torch

from agents.policies.action_sets import ActionSets

CPU = torch.device("cpu")


def test_a_menu_says_what_each_task_offers_and_how_its_actions_begin():
    action_sets = ActionSets.of({0: [(7,), (5,)], 2: [(5, 9), (8,), (7,)]}, CPU)
    assert action_sets.offered.tolist() == [[True, True, False], [False] * 3, [True] * 3]
    assert action_sets.tokens[action_sets.places][action_sets.offered].tolist() == [7, 5, 5, 8, 7]


def test_only_decisions_among_single_tokens_are_read_at_once():
    action_sets = ActionSets.of({0: [(7,), (5,)], 1: [(5, 9), (8,)]}, CPU)
    assert action_sets.read_at_once(torch.tensor([0, 0]))
    assert not action_sets.read_at_once(torch.tensor([0, 1]))


def test_there_may_be_no_task_yet():
    assert ActionSets.of({}, CPU).all_short
