"""The knowledge panel: the sentences an agent knows, with search, map, contradictions and editing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from agents.commands import AddKnowledge, EditKnowledge, EraseKnowledge, PinKnowledge
from agents.config import RunConfig
from agents.events import KnowledgeEntry
from agents.knowledge.contradictions import contradictions
from agents.knowledge.embedding_map import EmbeddingMap
from agents.knowledge.ngram_encoder import HashedNgrams
from agents.story import View
from widgets.forms.error_text import validation_error_text
from widgets.knowledge.detail import KnowledgeDetail
from widgets.knowledge.editor import KnowledgeEditor
from widgets.knowledge.sentence_filter import KnowledgeFilter
from widgets.knowledge.views import KnowledgeViews
from widgets.panel import Panel
from widgets.requests import ConfigChanged
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.numbers import count
from widgets.style.translation import tr
from widgets.views.entry_inspector import ButtonTexts, EntryInspector, EntryKind, EntryParts, EntryTexts

_BATCH = 400
"""Sentences that are embedded at once: ten milliseconds."""
_MAX_NEAREST = 200
"""Maximum number of sentences that a search by meaning finds."""
OFFERED = 1_000
"""The value of `knowledge.max_entries` that the button sets."""


class KnowledgeInspector(Panel):
    """Shows the agent's sentences, searched by words or by meaning, in four views.

    Signals:
        narrowed: the set of sentences shown has changed.
    """

    narrowed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = RunConfig()
        self._entries: dict[int, KnowledgeEntry] = {}
        self._embeddings = EmbeddingMap(HashedNgrams())
        self.filter, self.views = KnowledgeFilter(), KnowledgeViews()
        self.table, self.detail, self.editor = self.views.table, KnowledgeDetail(), KnowledgeEditor()
        self.offer = QPushButton()
        self.filter.beside.addLayout(self.views.switch)
        parts: EntryParts[KnowledgeEntry] = EntryParts(
            filter=self.filter,
            view=self.views,
            selection=self.views,
            detail=self.detail,
            pin=self.editor.pin,
            erase=self.editor.erase,
            below=self.editor,
        )
        self.inspector = EntryInspector(KIND, parts)
        self._note = EmptyNote(self.inspector, self, self.offer)
        self._embedding = QTimer(self, singleShot=True, interval=0)
        self._connect()
        self.restyle()
        self.retranslate()

    def _connect(self) -> None:
        self._embedding.timeout.connect(self._embed)
        self.filter.changed.connect(self._update)
        self.views.turned.connect(self._update)
        self.inspector.refreshed.connect(self._take_entries)
        self.inspector.picked.connect(self._show_current)
        self.inspector.allowed.connect(self._update_editor)
        self.inspector.requested.connect(self.requested)
        self.editor.added.connect(self._add)
        self.editor.replaced.connect(self._replace)
        self.offer.clicked.connect(self._turn_on)

    def subtitle(self) -> str:
        """Return the number of sentences."""
        total, shown = self.table.sentences.total, self.table.sentences.rowCount()
        if not total:
            return ""
        if shown < total:
            return tr("{shown} of {number} sentences", shown=count(shown), number=count(total))
        return tr("{number} sentences", number=count(total))

    def show_config(self, config: RunConfig) -> None:
        """Take the next run's settings."""
        self._config = config
        self._offer()

    def draw(self, scene: Scene) -> None:
        """Show the sentences known at the playhead; those of a running run are refreshed once a second."""
        story = scene.story
        is_on = story is not None and (story.config.knowledge.max_entries > 0 or bool(len(story.knowledge.counts)))
        self._note.reveal(content=is_on)
        if not is_on:
            self._offer()
        self.inspector.draw(scene if is_on else replace(scene, story=None))

    def clear(self) -> None:
        """Clear the sentences."""
        self._entries = {}
        self.inspector.invalidate()
        self._update()

    def _take_entries(self, view: View) -> None:
        self._entries = {entry.id: entry for entry in view.knowledge()}
        self._update()

    def _embed(self) -> None:
        """Embed one batch of sentences; update the view once all are embedded."""
        if self._embeddings.update(tuple(self._entries.values()), _BATCH):
            self._update()
        else:
            self._embedding.start()

    def _update(self) -> None:
        """Search, and fill the visible view with the sentences found."""
        entries, choice = list(self._entries.values()), self.filter.choice
        needs_embeddings = bool(choice.meaning) or self.views.key == "map"
        is_embedded = not needs_embeddings or self._embeddings.update(entries, _BATCH)
        if not is_embedded:
            self._embedding.start()
        if choice.meaning and (story := self.inspector.scene.story) is not None:
            min_similarity = story.config.knowledge.min_similarity
            choice = replace(choice, near=self._embeddings.nearest(choice.meaning, _MAX_NEAREST, min_similarity))
        self.table.show_sentences(entries, self.inspector.names, choice)
        if is_embedded:
            self._fill(entries)
        self.inspector.pick()
        self.narrowed.emit()

    def _fill(self, entries: Sequence[KnowledgeEntry]) -> None:
        """Fill the visible view, unless it is the table, which is always filled."""
        views, scene = self.views, self.inspector.scene
        if views.key == "map":
            positions = dict(zip(self._embeddings.ids, map(tuple, self._embeddings.plane().tolist()), strict=True))
            views.map.show_sentences(self.table.sentences.shown, positions, self.inspector.names)
        elif views.key == "pairs":
            views.pairs.show_pairs(contradictions(entries))
        elif views.key == "curves" and scene.story is not None:
            view = scene.story.until(scene.playhead)
            views.curves.show_counts(scene.story.knowledge, view.step, is_past=view.step < scene.story.step)

    def _show_current(self) -> None:
        """Show the current sentence's details, and mark it on the map."""
        current = self.views.current
        self.detail.show_entry(current, self.inspector.names, self._entries.get)
        self.views.map.choose(None if current is None else current.id)

    def _update_editor(self) -> None:
        self.editor.update_controls(self.inspector.objection, self.views.current)

    def _add(self, sentence: str) -> None:
        self.requested.emit(AddKnowledge(sentence=sentence))

    def _replace(self, id_: int, sentence: str) -> None:
        self.requested.emit(EditKnowledge(entry=id_, sentence=sentence))

    def _turn_on(self) -> None:
        changes = {"knowledge.max_entries": OFFERED}
        try:
            config = self._config.changed(changes)
        except ValidationError as error:
            self._note.set_text(validation_error_text(error))
            return
        self.requested.emit(ConfigChanged(config, changes))

    def _offer(self) -> None:
        """Explain what knowledge is, and show the button that turns it on."""
        limit = self._config.knowledge.max_entries
        about = tr(
            "This agent keeps no sentences. With knowledge, it writes down what worlds tell it and what it finds out, "
            "and reads what matters before it decides."
        )
        next_ = tr("The next run keeps up to {number} sentences. Press Space to start.", number=count(limit))
        self._note.set_text(f"{about}\n\n{next_}" if limit else about)
        self.offer.setVisible(not limit)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.offer.setText(tr("Keep sentences in the next run"))
        self.offer.setToolTip(tr("Sets knowledge.max_entries to {number}", number=count(OFFERED)))
        for part in (self.filter, self.views, self.editor):
            part.retranslate()
        self._offer()
        self.inspector.retranslate()
        self.inspector.pick()

    def restyle(self) -> None:
        """Apply the theme's colours."""
        for part in (self.views, self.editor, self.inspector):
            part.restyle()


def _texts(unpins: bool, number: int) -> EntryTexts:
    pin = tr("Unpin the selected sentences") if unpins else tr("Pin the selected sentences: they stay and are believed")
    erase = tr("Erase the selected sentences")
    return EntryTexts(
        pin=ButtonTexts(name=pin, tip=pin),
        erase=ButtonTexts(name=erase, tip=erase),
        ended=tr("Only an active run's knowledge can be changed"),
        past=tr("The past can't be changed: go back to now"),
        unselected=tr("Select sentences first"),
    )


KIND: EntryKind[KnowledgeEntry] = EntryKind(
    version=lambda view, playhead: (view.knowledge_version, playhead),  # with the playhead, because the curves mark it
    is_pinned=lambda entry: entry.pinned,
    pin=lambda ids, pinned: PinKnowledge(ids=ids, pinned=pinned),
    erase=lambda ids: EraseKnowledge(ids=ids),
    texts=_texts,
)
