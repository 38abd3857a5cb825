"""Names and shapes of the weights of the built-in language policy, without importing Torch."""

from __future__ import annotations

from collections.abc import Mapping

from agents.config.agent import ModelConfig

Shapes = Mapping[str, tuple[int, ...]]


def policy_shapes(config: ModelConfig, positions: int, vocabulary: int) -> Shapes:
    """Return the name and shape of every weight of the language policy: transformer and value head."""
    width = config.width
    block = _block_shapes(width)
    return {
        "model.positions": (positions, width),
        "model.tokens": (vocabulary, width),
        **{f"model.blocks.{layer}.{name}": shape for layer in range(config.layers) for name, shape in block.items()},
        "model.final.weight": (width,),
        "model.final.bias": (width,),
        "value.weight": (1, width),
        "value.bias": (1,),
    }


def _block_shapes(width: int) -> Shapes:
    """Return the weights of one `agents.language.block.Block`, named as its layers are."""
    return {
        "attention_norm.weight": (width,),
        "attention_norm.bias": (width,),
        "qkv.weight": (3 * width, width),
        "attention_out.weight": (width, width),
        "attention_out.bias": (width,),
        "mlp_norm.weight": (width,),
        "mlp_norm.bias": (width,),
        "mlp_in.weight": (4 * width, width),
        "mlp_in.bias": (4 * width,),
        "mlp_out.weight": (width, 4 * width),
        "mlp_out.bias": (width,),
    }
