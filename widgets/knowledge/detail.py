"""The details of a sentence: source, evidence, and the sentence that contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from agents.events import KnowledgeEntry
from widgets.knowledge.text import evidence_text, source_texts, standing_text
from widgets.style.numbers import count, score
from widgets.style.translation import tr
from widgets.views.entry_model import name_of_task


class KnowledgeDetail(QLabel):
    """A wrapped, selectable text with the details of one sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def show_entry(
        self, entry: KnowledgeEntry | None, names: Sequence[str], find: Callable[[int], KnowledgeEntry | None]
    ) -> None:
        """Show a sentence's details; `find` returns the contradicting sentence by its id."""
        if entry is None:
            self.setText(escape(tr("Select a sentence to see where it is from.")))
            return
        rival = None if entry.rival is None else find(entry.rival)
        parts = [escape(entry.sentence), escape(_origin(entry, names)), escape(_weight(entry))]
        if rival is not None:
            text = tr(
                "refuted by “{sentence}”, confidence {score}", sentence=rival.sentence, score=score(rival.confidence)
            )
            parts.append(escape(text))
        self.setText(f"<b>{parts[0]}</b><br>" + "<br>".join(parts[1:]))


def _origin(entry: KnowledgeEntry, names: Sequence[str]) -> str:
    where = tr("step {step}, episode {episode}", step=count(entry.step), episode=count(entry.episode))
    stage = tr("stage {stage}", stage=entry.stage + 1) if entry.stage >= 0 else ""
    parts = (source_texts()[entry.source], name_of_task(entry.task_id, names), stage, where)
    return " · ".join(filter(None, parts))


def _weight(entry: KnowledgeEntry) -> str:
    return tr(
        "confidence {score} · for : against {evidence} · used in {uses} episodes · {state}",
        score=score(entry.confidence),
        evidence=evidence_text(entry),
        uses=count(entry.uses),
        state=standing_text(entry),
    )
