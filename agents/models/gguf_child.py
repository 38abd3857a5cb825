"""The subprocess that reads a GGUF file: `python -m agents.models.gguf_child FILE FOLDER BYTES SECONDS`."""

from __future__ import annotations

import sys
from pathlib import Path


def convert(source: Path, target: Path) -> None:
    """Write the model and the tokeniser in `source` into the folder `target`, numbers unpacked to float32."""
    # after the limits are set, so that they hold for what is imported, too
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name, "local_files_only": True}
    model = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
    tied: dict[int, tuple[str, torch.Tensor]] = {}
    for name, weight in model.state_dict().items():
        tied.setdefault(weight.data_ptr(), (name, weight.contiguous()))
    save_file(dict(tied.values()), target / "model.safetensors", metadata={"format": "pt"})
    AutoTokenizer.from_pretrained(**place).save_pretrained(target)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.config.save_pretrained(target)  # last: what has no config is not whole


def limit(memory: int, seconds: int) -> None:
    """Take no more than so many bytes of address space and seconds of computing, where the system can say so."""
    if sys.platform == "win32":
        return
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


if __name__ == "__main__":
    source, target, memory, seconds = sys.argv[1:]
    limit(int(memory), int(seconds))
    convert(Path(source), Path(target))
