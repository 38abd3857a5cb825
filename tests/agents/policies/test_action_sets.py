import torch

from agents.policies.action_sets import ActionSets

CPU = torch.device("cpu")


def test_the_tables_have_each_tasks_actions_and_their_first_tokens():
    action_sets = ActionSets.of({0: [(7,), (5,)], 2: [(5, 9), (8,), (7,)]}, CPU)
    assert action_sets.offered.tolist() == [[True, True, False], [False] * 3, [True] * 3]
    assert action_sets.tokens[action_sets.first_tokens][action_sets.offered].tolist() == [7, 5, 5, 8, 7]


def test_decisions_are_single_token_if_all_phrases_of_their_tasks_are():
    action_sets = ActionSets.of({0: [(7,), (5,)], 1: [(5, 9), (8,)]}, CPU)
    assert action_sets.are_single_token(torch.tensor([0, 0]))
    assert not action_sets.are_single_token(torch.tensor([0, 1]))


def test_there_may_be_no_task_yet():
    assert ActionSets.of({}, CPU).all_single_token
