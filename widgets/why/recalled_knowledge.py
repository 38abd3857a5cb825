"""What the agent knew when it decided, and what it would have done without."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from agents.events import KnowledgeEntry
from agents.infer.explanation_data import Reconsidered
from widgets.style.numbers import count, score
from widgets.style.panel_style import GAP, quiet_label, row
from widgets.style.translation import tr
from widgets.views.action_bars import ActionBars, ghost_shades
from widgets.views.divergence_text import divergence_text, in_nats


class RecalledSection(QWidget):
    """A row a sentence with a button that takes the decision again without it; hidden while nothing is recalled.

    Signals:
        left_out: tuple[int, ...], the sentences to decide without.
    """

    left_out = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[KnowledgeEntry, ...] = ()
        self._again: Reconsidered | None = None
        self._is_over = False
        self._heading, self.told, self.bars = quiet_label(), quiet_label(wraps=True), ActionBars()
        self.told.setTextFormat(Qt.TextFormat.RichText)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GAP)
        self.buttons: list[QPushButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2 * GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self._heading)
        layout.addLayout(self._rows)
        layout.addWidget(self.told)
        layout.addWidget(self.bars)
        self._show_again()
        self.hide()

    def show_entries(self, entries: tuple[KnowledgeEntry, ...]) -> None:
        """Show what stood before the text of a decision; what was asked of an earlier one stays until asked anew."""
        # the watched agent learns aside, and begins each episode anew: a number alone may mean another sentence
        if _named(entries) != _named(self._entries):
            self._entries = entries
            self._rebuild()
        self.setVisible(bool(entries) or self._again is not None)

    def show_reconsidered(self, again: Reconsidered | None) -> None:
        """Show a decision taken twice; None: its moment is over."""
        self._again, self._is_over = again, again is None
        self._show_again()

    def retranslate(self) -> None:
        """Write every text again."""
        self._heading.setText(tr("What it knew"))
        self._heading.setToolTip(tr("Sentences of its knowledge that stand before what it reads"))
        self.bars.setAccessibleName(tr("What it would have done without"))
        self.bars.setToolTip(tr("Thick: knowing all of it. Thin, below: without the sentence that was left out"))
        self._rebuild()
        self._show_again()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self._show_again()

    def _rebuild(self) -> None:
        while (old := self._rows.takeAt(0)) is not None:
            _discard(old.widget())
        self.buttons = []
        for entry in self._entries:
            self._rows.addWidget(self._row(entry))
        if len(self._entries) > 1:
            everything = self._button(tuple(entry.id for entry in self._entries), tr("Without any of it"))
            self._rows.addWidget(everything, 0, Qt.AlignmentFlag.AlignRight)

    def _row(self, entry: KnowledgeEntry) -> QWidget:
        line, sentence = QWidget(), QLabel(entry.sentence, wordWrap=True)
        sentence.setToolTip(tr("confidence {score}", score=score(entry.confidence)))
        beside = row(sentence, self._button((entry.id,), tr("Without this")))
        beside.setStretchFactor(sentence, 1)
        line.setLayout(beside)
        return line

    def _button(self, ids: tuple[int, ...], text: str) -> QPushButton:
        button = QPushButton(text)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.setToolTip(tr("Take this decision again, not knowing it"))
        button.clicked.connect(partial(self.left_out.emit, ids))
        self.buttons.append(button)
        return button

    def _show_again(self) -> None:
        again = self._again
        self.told.setVisible(again is not None or self._is_over)
        self.bars.setVisible(again is not None)
        self.told.setToolTip("" if again is None else _measured(again))
        if again is None:
            self.told.setText(tr("That moment is over: try it with the next one.") if self._is_over else "")
            return
        self.bars.show_actions(again.actions, again.probabilities, None)
        self.bars.show_ghosts((again.without,))
        self.told.setText(f"<span style='color:{ghost_shades()[0].name()}'>▬</span> {_said(again)}")


def _named(entries: Sequence[KnowledgeEntry]) -> list[tuple[int, str]]:
    return [(entry.id, entry.sentence) for entry in entries]


def _said(again: Reconsidered) -> str:
    episode, time = again.frame_id
    sentences: Sequence[str] = [f"“{entry.sentence}”" for entry in again.entries]
    return tr(
        "Episode {episode}, step {time}: without {sentences} it decides {alike}, value {before} → {after}",
        episode=count(episode),
        time=count(time),
        sentences=", ".join(sentences),
        alike=divergence_text(again.nats),
        before=score(again.values[0]),
        after=score(again.values[1]),
    )


def _measured(again: Reconsidered) -> str:
    formula = tr("KL(with ‖ without) = Σ p · ln(p / q) over the actions: 0 if it makes no difference")
    return f"{in_nats(again.nats)}\n{formula}"


def _discard(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()  # at once: what is deleted later would stand beside the new one until then
        widget.deleteLater()
