import torch

from agents.language.phrase_tree import PhraseTree

CPU = torch.device("cpu")
GO, OPEN, NORTH, SOUTH, DOOR, NOW = range(10, 16)


def test_tokens_that_phrases_share_are_one_node():
    tree = PhraseTree.build([(GO, NORTH), (GO, SOUTH, NOW), (OPEN, DOOR), (NOW,)], CPU)
    assert tree.tokens.tolist() == [GO, SOUTH, OPEN]
    assert tree.depths.tolist() == [1, 2, 1]


def test_a_node_attends_to_its_ancestors_and_itself_only():
    tree = PhraseTree.build([(GO, SOUTH, NOW), (OPEN, DOOR)], CPU)
    assert tree.visible.tolist() == [[True, False, False], [True, True, False], [False, False, True]]


def test_each_token_is_predicted_by_the_query_at_the_end_of_its_prefix():
    tree = PhraseTree.build([(GO, SOUTH, NOW), (OPEN, DOOR), (NOW,)], CPU)
    assert tree.queries.tolist() == [[0, 1, 2], [0, 3, 0], [0, 0, 0]]
    assert tree.targets.tolist() == [[GO, SOUTH, NOW], [OPEN, DOOR, 0], [NOW, 0, 0]]
    assert tree.real.tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 0]]


def test_phrases_of_one_token_need_no_node():
    assert len(PhraseTree.build([(GO,), (NOW,)], CPU).tokens) == 0
