import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language.tokenizer import FIRST_WORD, START, Tokenizer
from envs.words import split


def test_texts_are_split_into_words_and_punctuation_in_lower_case():
    assert split("Go to the Fridge, NOW!") == ["go", "to", "the", "fridge", ",", "now", "!"]


def test_each_chinese_character_is_a_word():
    assert split("打开 fridge。") == ["打", "开", "fridge", "。"]


def test_a_known_word_is_one_token_and_an_unknown_one_is_spelled():
    tokenizer = Tokenizer(["apple"])
    assert tokenizer.encode("apple") == (FIRST_WORD,)
    assert len(tokenizer.encode("pear")) == len("pear") + 1


def test_ids_never_change_while_the_vocabulary_grows():
    tokenizer = Tokenizer(["north", "east"])
    before = tokenizer.encode("east north")
    assert tokenizer.learn(["south north", "west"]) == ["south", "west"]
    assert tokenizer.encode("east north") == before


def test_a_word_that_was_spelled_becomes_one_token_once_it_is_learned():
    tokenizer = Tokenizer()
    assert len(tokenizer.encode("cup")) > 1
    tokenizer.learn(["cup"])
    assert len(tokenizer.encode("cup")) == 1


def test_an_empty_text_still_has_a_token():
    assert Tokenizer().encode("") == (START,)


@given(st.text(max_size=40))
def test_decoding_inverts_encoding(text):
    tokenizer = Tokenizer(["go", "to", "."])
    assert split(tokenizer.decode(tokenizer.encode(text))) == split(text)


@given(st.text(max_size=40))
def test_pieces_account_for_every_token_of_a_text(text):
    tokenizer = Tokenizer(["go"])
    tokens = tokenizer.encode(text)
    pieces = tokenizer.pieces(tokens)
    assert [word for word, _ in pieces] == split(text)
    assert sum(size for _, size in pieces) == (len(tokens) if pieces else 0)


def test_a_vocabulary_is_restored_from_json():
    tokenizer = Tokenizer(["open", "the", "fridge"])
    restored = Tokenizer.from_state(json.loads(json.dumps(tokenizer.state())))
    assert restored.encode("open the old fridge") == tokenizer.encode("open the old fridge")


@pytest.mark.parametrize(("text", "expected"), [("go to the cup .", "go to the cup."), ("is it ?", "is it?")])
def test_decoding_puts_no_space_before_punctuation(text, expected):
    tokenizer = Tokenizer()
    assert tokenizer.decode(tokenizer.encode(text)) == expected
