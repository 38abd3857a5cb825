"""The subprocess that reads a GGUF file: `python -m agents.models.gguf_child FILE FOLDER BYTES SECONDS`."""

from __future__ import annotations

import sys
from pathlib import Path


def convert(source: Path, target: Path) -> None:
    """Convert the GGUF file `source` to safetensors in float32 and a tokeniser, in the folder `target`."""
    # imported after the limits are set, so that they apply to the imports, too
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    location = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name, "local_files_only": True}
    model = AutoModelForCausalLM.from_pretrained(**location, dtype=torch.float32)
    by_storage: dict[int, tuple[str, torch.Tensor]] = {}
    for name, weight in model.state_dict().items():
        # tied weights share their storage, and safetensors refuses shared storage: write one of them
        by_storage.setdefault(weight.data_ptr(), (name, weight.contiguous()))
    save_file(dict(by_storage.values()), target / "model.safetensors", metadata={"format": "pt"})
    AutoTokenizer.from_pretrained(**location).save_pretrained(target)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.config.save_pretrained(target)  # last: a folder without config.json is incomplete


def set_limits(memory: int, seconds: int) -> None:
    """Limit this process's address space, in bytes, and CPU time; on Windows there is no such limit."""
    if sys.platform == "win32":
        return
    import resource  # does not exist on Windows

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


if __name__ == "__main__":
    source, target, memory, seconds = sys.argv[1:]
    set_limits(int(memory), int(seconds))
    convert(Path(source), Path(target))
