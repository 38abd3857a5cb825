"""Folders of small language models with random weights, for tests that work offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast
from transformers.utils import logging

FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "llama": {"num_key_value_heads": 2},
    "gpt_neox": {},
    "gpt2": {},
    "qwen2": {"num_key_value_heads": 2},
    "gemma3_text": {"num_key_value_heads": 1, "head_dim": 16, "sliding_window": 16},
}
"""Architectures, and their config values beyond the common sizes."""
TEXT = (
    "go to the apple . it is left of you .",
    "take the milk and put it into the basket",
    "you see a cup . move up , move down , move right",
)
"""Training text of the tokeniser."""
CHAT = "{% for m in messages %}<u>{{ m['content'] }}</u>{% endfor %}{% if add_generation_prompt %}<a>{% endif %}"


def draw_model(
    folder: Path,
    family: str = "llama",
    seed: int = 0,
    chat: str | None = None,
    size: Mapping[str, int] | None = None,
) -> Path:
    """Write a model of this family and a tokeniser into `folder`; return `folder`."""
    logging.disable_progress_bar()
    tokeniser = _tokeniser(TEXT)
    tokeniser.chat_template = chat
    tokeniser.save_pretrained(folder)
    shape = {
        "vocab_size": len(tokeniser),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 512,
        "eos_token_id": tokeniser.eos_token_id,
        "bos_token_id": tokeniser.eos_token_id,
    }
    config = AutoConfig.for_model(family, **{**shape, **FAMILIES[family], **(size or {})})
    with torch.random.fork_rng(devices=()):  # transformers draws from the global generator only
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config)
    for weight in model.parameters():  # the initial weights are so small that every token would be equally likely
        weight.data.mul_(4.0 if weight.dim() > 1 else 1.0)
    model.save_pretrained(folder)
    return folder


def _tokeniser(texts: Sequence[str]) -> Any:
    tokeniser = Tokenizer(models.BPE())
    tokeniser.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokeniser.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=360, special_tokens=["<end>"], initial_alphabet=letters, show_progress=False
    )
    tokeniser.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokeniser, eos_token="<end>")
