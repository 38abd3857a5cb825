"""Tokenisers of every kind, made on the spot: a prompt is open at its end, and the same on every day."""

import json
from datetime import datetime, timedelta

import pytest

pytest.importorskip("transformers", reason="the extra llm is not installed")

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

from agents.config.agent import PretrainedConfig
from agents.language.hf_tokenizer import HFTokenizer

TEXT = ["house . go to the apple . it is left of you .", "north south east west", "take the milk"]
SPECIAL = ["<s>", "</s>", "<unk>"]


def byte_level():
    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return made, trainers.BpeTrainer(
        vocab_size=320, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )


def sentence_piece():
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    made.decoder = decoders.Metaspace()
    return made, trainers.UnigramTrainer(vocab_size=60, special_tokens=SPECIAL, unk_token="<unk>")


def word_piece():
    made = Tokenizer(models.WordPiece(unk_token="<unk>"))
    made.pre_tokenizer, made.decoder = pre_tokenizers.BertPreTokenizer(), decoders.WordPiece()
    return made, trainers.WordPieceTrainer(vocab_size=120, special_tokens=SPECIAL)


KINDS = {"byte level": byte_level, "sentence piece": sentence_piece, "word piece": word_piece}
AROUND = {"nothing": "$A", "end": "$A </s>", "begin": "<s> $A", "begin and end": "<s> $A </s>", "twice": "$A </s> </s>"}


def tokeniser(kind, around="$A", **more):
    made, trainer = KINDS[kind]()
    trainer.show_progress = False
    made.train_from_iterator(TEXT, trainer)
    template = processors.TemplateProcessing(single=around, special_tokens=[("<s>", 0), ("</s>", 1)])
    if kind == "byte level":
        template = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    made.post_processor = template
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>", **more)


def wording(folder, made, **settings):
    made.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    return HFTokenizer(folder, PretrainedConfig(**{"source": str(folder), "context": 64, **settings}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("around", AROUND)
def test_no_end_stands_between_a_sentence_and_its_answer(kind, around, tmp_path):
    written = tokeniser(kind, AROUND[around])
    begin = (0,) if AROUND[around].startswith("<s>") else ()
    made = wording(tmp_path, written)
    assert made.prompt(TEXT[0]) == (*begin, *written(TEXT[0], add_special_tokens=False).input_ids)
    assert 1 not in made.phrase("north")
    assert made.decode(made.prompt("go to the apple")) == "go to the apple"


def test_a_chat_that_closes_what_the_user_says_is_open_for_the_answer(tmp_path):
    template = "{% for m in messages %}{{ m['content'] }}{{ eos_token }}{% endfor %}"
    made = wording(tmp_path, tokeniser("byte level", chat_template=template))
    assert made.prompt("take the milk") == wording(tmp_path, tokeniser("byte level")).prompt("take the milk")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("around", ["nothing", "begin and end"])
def test_the_first_clause_of_a_long_sentence_stays(kind, around, tmp_path):
    made = wording(tmp_path, tokeniser(kind, AROUND[around]), context=16)
    text = "house . " + "it is left of you . " * 20 + "go to the apple ."
    said = made.decode(made.prompt(text)).replace(" ", "")
    assert len(made.prompt(text)) <= 16
    assert said.startswith("house.")
    assert said.endswith("theapple.")
    assert made.limit.longest == made.length(text) > 100


def test_a_chat_around_a_long_sentence_stays_whole(tmp_path):
    template = "{% for m in messages %}<s>go to {{ m['content'] }} take{% endfor %}"
    made = wording(tmp_path, tokeniser("byte level", chat_template=template), context=24)
    said = made.decode(made.prompt("house . " + "milk and milk " * 30 + "apple ."))
    assert said.startswith("go to house .")
    assert said.endswith("apple . take")


def test_a_chat_that_leaves_no_room_is_refused_with_both_numbers(tmp_path):
    template = "{{ 'the apple ' * 40 }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(ValueError, match=r"model\.context: 64 tokens, and what stands around each sentence has 8\d"):
        wording(tmp_path, tokeniser("byte level", chat_template=template))


DATED = {
    "day": "{{ strftime_now('%d %b %Y') }} ",
    "words": "{{ strftime_now('%A, %B %d, %Y, %H:%M %p') }} ",
    "as Llama 3": "{% if strftime_now is defined %}{% set date = strftime_now('%d %b %Y') %}{% endif %}{{ date }} ",
}
SAID = {"day": "01 Feb 2026", "words": "Sunday, February 01, 2026, 00:00 AM", "as Llama 3": "01 Feb 2026"}


@pytest.mark.parametrize("form", DATED)
def test_a_template_that_writes_the_date_writes_the_one_of_the_run(form, tmp_path):
    template = DATED[form] + "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    made = wording(tmp_path, tokeniser("byte level", chat_template=template), today="2026-02-01")
    assert made.decode(made.prompt("milk")) == f"{SAID[form]} milk"
    assert made.chat.fingerprint.endswith(", written on 2026-02-01")
    undated = wording(tmp_path, tokeniser("byte level", chat_template="{{ messages[0]['content'] }}"))
    assert "," not in undated.chat.fingerprint


def test_prompts_are_the_same_on_every_day(tmp_path, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=40)

    made = wording(tmp_path, tokeniser("byte level", chat_template=DATED["day"] + "{{ messages[0]['content'] }}"))
    before, known = made.prompt("take the milk"), made.chat.fingerprint
    monkeypatch.setattr(chat_template_utils, "datetime", Later)
    again = HFTokenizer(tmp_path, PretrainedConfig(source=str(tmp_path), context=64))
    assert (again.prompt("take the milk"), again.chat.fingerprint) == (before, known)


def test_no_other_tokeniser_with_the_same_template_changes_the_date(tmp_path):
    made = tokeniser("byte level", chat_template=DATED["day"] + "{{ messages[0]['content'] }}")
    first, second = (wording(tmp_path, made, today=today) for today in ("2026-02-01", "2030-05-06"))
    assert first.decode(first.prompt("milk")) == "01 Feb 2026 milk"
    assert second.decode(second.prompt("milk")) == "06 May 2030 milk"


def test_a_date_that_is_none_is_refused():
    with pytest.raises(ValueError, match="must be a date such as 2026-01-31, got 'tomorrow'"):
        PretrainedConfig(today="tomorrow")
