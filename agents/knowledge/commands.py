"""Apply a person's commands to a knowledge base."""

from __future__ import annotations

from agents.commands import AddKnowledge, EditKnowledge, EraseKnowledge, KnowledgeCommand, PinKnowledge
from agents.knowledge.knowledge_base import KnowledgeBase


def obey(knowledge: KnowledgeBase, command: KnowledgeCommand) -> None:
    """Change what is known as `command` asks; ids that are gone are passed over."""
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
