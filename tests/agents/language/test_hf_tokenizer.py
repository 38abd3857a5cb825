"""Tokenisers of every kind, trained here: a prompt has no end token, and does not depend on the date."""

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
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return tokenizer, trainers.BpeTrainer(
        vocab_size=320, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )


def sentence_piece():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer, trainers.UnigramTrainer(vocab_size=60, special_tokens=SPECIAL, unk_token="<unk>")


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.BertPreTokenizer(), decoders.WordPiece()
    return tokenizer, trainers.WordPieceTrainer(vocab_size=120, special_tokens=SPECIAL)


KINDS = {"byte level": byte_level, "sentence piece": sentence_piece, "word piece": word_piece}
TEMPLATES = {
    "nothing": "$A",
    "end": "$A </s>",
    "begin": "<s> $A",
    "begin and end": "<s> $A </s>",
    "twice": "$A </s> </s>",
}


def tokeniser(kind, single="$A", **more):
    tokenizer, trainer = KINDS[kind]()
    trainer.show_progress = False
    tokenizer.train_from_iterator(TEXT, trainer)
    template = processors.TemplateProcessing(single=single, special_tokens=[("<s>", 0), ("</s>", 1)])
    if kind == "byte level":
        template = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    tokenizer.post_processor = template
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", **more
    )


def saved_tokenizer(folder, tokenizer, **settings):
    tokenizer.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    return HFTokenizer(folder, PretrainedConfig(**{"source": str(folder), "context": 64, **settings}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("template_name", TEMPLATES)
def test_a_prompt_has_no_end_token_before_the_answer(kind, template_name, tmp_path):
    written = tokeniser(kind, TEMPLATES[template_name])
    begin = (0,) if TEMPLATES[template_name].startswith("<s>") else ()
    tokenizer = saved_tokenizer(tmp_path, written)
    assert tokenizer.prompt(TEXT[0]) == (*begin, *written(TEXT[0], add_special_tokens=False).input_ids)
    assert 1 not in tokenizer.phrase("north")
    assert tokenizer.decode(tokenizer.prompt("go to the apple")) == "go to the apple"


def test_the_end_token_behind_a_users_turn_is_removed(tmp_path):
    template = "{% for m in messages %}{{ m['content'] }}{{ eos_token }}{% endfor %}"
    tokenizer = saved_tokenizer(tmp_path, tokeniser("byte level", chat_template=template))
    assert tokenizer.prompt("take the milk") == saved_tokenizer(tmp_path, tokeniser("byte level")).prompt(
        "take the milk"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("template_name", ["nothing", "begin and end"])
def test_the_first_clause_of_a_long_sentence_stays(kind, template_name, tmp_path):
    tokenizer = saved_tokenizer(tmp_path, tokeniser(kind, TEMPLATES[template_name]), context=16)
    text = "house . " + "it is left of you . " * 20 + "go to the apple ."
    decoded = tokenizer.decode(tokenizer.prompt(text)).replace(" ", "")
    assert len(tokenizer.prompt(text)) <= 16
    assert decoded.startswith("house.")
    assert decoded.endswith("theapple.")
    assert tokenizer.limit.longest == tokenizer.length(text) > 100


def test_the_chat_template_around_a_long_sentence_is_not_shortened(tmp_path):
    template = "{% for m in messages %}<s>go to {{ m['content'] }} take{% endfor %}"
    tokenizer = saved_tokenizer(tmp_path, tokeniser("byte level", chat_template=template), context=24)
    decoded = tokenizer.decode(tokenizer.prompt("house . " + "milk and milk " * 30 + "apple ."))
    assert decoded.startswith("go to house .")
    assert decoded.endswith("apple . take")


def test_a_chat_that_leaves_no_room_is_refused_with_both_numbers(tmp_path):
    template = "{{ 'the apple ' * 40 }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(ValueError, match=r"model\.context: 64 tokens, and what stands around each sentence has 8\d"):
        saved_tokenizer(tmp_path, tokeniser("byte level", chat_template=template))


DATED = {
    "day": "{{ strftime_now('%d %b %Y') }} ",
    "words": "{{ strftime_now('%A, %B %d, %Y, %H:%M %p') }} ",
    "as Llama 3": "{% if strftime_now is defined %}{% set date = strftime_now('%d %b %Y') %}{% endif %}{{ date }} ",
}
WRITTEN = {"day": "01 Feb 2026", "words": "Sunday, February 01, 2026, 00:00 AM", "as Llama 3": "01 Feb 2026"}


@pytest.mark.parametrize("form", DATED)
def test_a_template_that_writes_the_date_writes_the_one_of_the_run(form, tmp_path):
    template = DATED[form] + "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    tokenizer = saved_tokenizer(tmp_path, tokeniser("byte level", chat_template=template), today="2026-02-01")
    assert tokenizer.decode(tokenizer.prompt("milk")) == f"{WRITTEN[form]} milk"
    assert tokenizer.chat.fingerprint.endswith(", written on 2026-02-01")
    undated = saved_tokenizer(tmp_path, tokeniser("byte level", chat_template="{{ messages[0]['content'] }}"))
    assert "," not in undated.chat.fingerprint


def test_prompts_are_the_same_on_every_day(tmp_path, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=40)

    tokenizer = saved_tokenizer(
        tmp_path, tokeniser("byte level", chat_template=DATED["day"] + "{{ messages[0]['content'] }}")
    )
    before, fingerprint = tokenizer.prompt("take the milk"), tokenizer.chat.fingerprint
    monkeypatch.setattr(chat_template_utils, "datetime", Later)
    restarted = HFTokenizer(tmp_path, PretrainedConfig(source=str(tmp_path), context=64))
    assert (restarted.prompt("take the milk"), restarted.chat.fingerprint) == (before, fingerprint)


def test_no_other_tokeniser_with_the_same_template_changes_the_date(tmp_path):
    tokenizer = tokeniser("byte level", chat_template=DATED["day"] + "{{ messages[0]['content'] }}")
    first, second = (saved_tokenizer(tmp_path, tokenizer, today=today) for today in ("2026-02-01", "2030-05-06"))
    assert first.decode(first.prompt("milk")) == "01 Feb 2026 milk"
    assert second.decode(second.prompt("milk")) == "06 May 2030 milk"


def test_an_invalid_date_is_refused():
    with pytest.raises(ValueError, match="must be a date such as 2026-01-31, got 'tomorrow'"):
        PretrainedConfig(today="tomorrow")
