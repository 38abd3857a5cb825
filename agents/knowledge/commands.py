"""Apply the user's commands to a knowledge base."""

from __future__ import annotations

from agents.commands import AddKnowledge, EditKnowledge, EraseKnowledge, KnowledgeCommand, PinKnowledge
from agents.knowledge.knowledge_base import KnowledgeBase


def apply_knowledge_command(knowledge: KnowledgeBase, command: KnowledgeCommand) -> None:
    """Apply `command` to the knowledge base; ids that no longer exist are ignored."""
    match command:
        case AddKnowledge(sentence=sentence):
            knowledge.add_sentence(sentence)
        case EditKnowledge(entry=id_, sentence=sentence):
            if knowledge.known([id_]):
                knowledge.edit(id_, sentence)
        case EraseKnowledge(ids=ids):
            knowledge.erase(ids)
        case PinKnowledge(ids=ids, pinned=pinned):
            knowledge.pin(ids, pinned)
