"""The knowledge sentences that a decision used, and the decision without them."""

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
    """Shows one row per sentence with a button that repeats the decision without it; hidden without sentences.

    Signals:
        left_out: tuple[int, ...], ids of the sentences to decide without.
    """

    left_out = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[KnowledgeEntry, ...] = ()
        self._reconsidered: Reconsidered | None = None
        self._is_over = False
        self._heading, self.result, self.bars = quiet_label(), quiet_label(wraps=True), ActionBars()
        self.result.setTextFormat(Qt.TextFormat.RichText)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GAP)
        self.buttons: list[QPushButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2 * GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self._heading)
        layout.addLayout(self._rows)
        layout.addWidget(self.result)
        layout.addWidget(self.bars)
        self._show_result()
        self.hide()

    def show_entries(self, entries: tuple[KnowledgeEntry, ...]) -> None:
        """Show the sentences of a decision; the result of an earlier comparison stays until the next one."""
        # compared with their text: ids are reassigned when the watched agent starts a new episode
        if _keys(entries) != _keys(self._entries):
            self._entries = entries
            self._rebuild()
        self.setVisible(bool(entries) or self._reconsidered is not None)

    def show_reconsidered(self, reconsidered: Reconsidered | None) -> None:
        """Show a decision with and without sentences; None: its frame is no longer available."""
        self._reconsidered, self._is_over = reconsidered, reconsidered is None
        self._show_result()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._heading.setText(tr("What it knew"))
        self._heading.setToolTip(tr("Sentences of its knowledge that stand before what it reads"))
        self.bars.setAccessibleName(tr("What it would have done without"))
        self.bars.setToolTip(tr("Thick: knowing all of it. Thin, below: without the sentence that was left out"))
        self._rebuild()
        self._show_result()

    def restyle(self) -> None:
        """Apply the theme's colours."""
        self._show_result()

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
        button.setToolTip(tr("Repeat this decision without it"))
        button.clicked.connect(partial(self.left_out.emit, ids))
        self.buttons.append(button)
        return button

    def _show_result(self) -> None:
        reconsidered = self._reconsidered
        self.result.setVisible(reconsidered is not None or self._is_over)
        self.bars.setVisible(reconsidered is not None)
        self.result.setToolTip("" if reconsidered is None else _divergence_text(reconsidered))
        if reconsidered is None:
            self.result.setText(tr("That decision is no longer available: try the next one.") if self._is_over else "")
            return
        self.bars.show_actions(reconsidered.actions, reconsidered.probabilities, None)
        self.bars.show_ghosts((reconsidered.without,))
        self.result.setText(f"<span style='color:{ghost_shades()[0].name()}'>▬</span> {_result_text(reconsidered)}")


def _keys(entries: Sequence[KnowledgeEntry]) -> list[tuple[int, str]]:
    return [(entry.id, entry.sentence) for entry in entries]


def _result_text(reconsidered: Reconsidered) -> str:
    episode, time = reconsidered.frame_id
    sentences: Sequence[str] = [f"“{entry.sentence}”" for entry in reconsidered.entries]
    return tr(
        "Episode {episode}, step {time}: without {sentences} it decides {alike}, value {before} → {after}",
        episode=count(episode),
        time=count(time),
        sentences=", ".join(sentences),
        alike=divergence_text(reconsidered.nats),
        before=score(reconsidered.values[0]),
        after=score(reconsidered.values[1]),
    )


def _divergence_text(reconsidered: Reconsidered) -> str:
    formula = tr("KL(with ‖ without) = Σ p · ln(p / q) over the actions: 0 if it makes no difference")
    return f"{in_nats(reconsidered.nats)}\n{formula}"


def _discard(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()  # deleteLater leaves it visible beside the new one until the next event loop
        widget.deleteLater()
