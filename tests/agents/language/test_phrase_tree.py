import torch

from agents.language.phrase_tree import PhraseTree

CPU = torch.device("cpu")
GO, OPEN, NORTH, SOUTH, DOOR, NOW = range(10, 16)


def test_words_that_phrases_share_are_read_once():
    tree = PhraseTree.grow([(GO, NORTH), (GO, SOUTH, NOW), (OPEN, DOOR), (NOW,)], CPU)
    assert tree.tokens.tolist() == [GO, SOUTH, OPEN]
    assert tree.depths.tolist() == [1, 2, 1]


def test_a_node_sees_its_ancestors_and_itself_only():
    tree = PhraseTree.grow([(GO, SOUTH, NOW), (OPEN, DOOR)], CPU)
    assert tree.visible.tolist() == [[True, False, False], [True, True, False], [False, False, True]]


def test_each_token_is_predicted_where_its_beginning_ends():
    tree = PhraseTree.grow([(GO, SOUTH, NOW), (OPEN, DOOR), (NOW,)], CPU)
    assert tree.places.tolist() == [[0, 1, 2], [0, 3, 0], [0, 0, 0]]
    assert tree.targets.tolist() == [[GO, SOUTH, NOW], [OPEN, DOOR, 0], [NOW, 0, 0]]
    assert tree.real.tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 0]]


def test_a_menu_of_single_words_needs_no_reading():
    assert len(PhraseTree.grow([(GO,), (NOW,)], CPU).tokens) == 0
