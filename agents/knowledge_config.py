"""What an agent may know in sentences, beside what its weights know."""

from __future__ import annotations

from pydantic import Field

from envs.options import Frozen


class KnowledgeConfig(Frozen):
    """A knowledge base: sentences that were told or found out, read again where they matter."""

    entries: int = Field(0, ge=0, le=1_000_000)
    """Sentences that are kept; 0: the agent has no knowledge base."""
    recalled: int = Field(2, ge=0, le=16)
    """Sentences that are put before what the agent reads, at most."""
    words: int = Field(24, ge=0, le=1_024)
    """Words that they may take together; what is longer is left out."""
    closeness: float = Field(0.1, ge=0, le=1)
    """How alike a sentence and the request must be for it to be recalled: the cosine of their embeddings."""
