"""What the agent knows in sentences: look into it, tell it, pin it, erase it."""

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
from widgets.forms.error_text import fault_words
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
from widgets.views.entry_inspector import ButtonWords, EntryInspector, EntryKind, EntryParts, EntryWords

_AT_ONCE = 400
"""Sentences that get their place on the map in one go: ten milliseconds."""
_NEAREST = 200
"""Sentences that a search by meaning finds at most."""
OFFERED = 1_000
"""Sentences that the next run keeps if a person turns knowledge on here."""


class KnowledgeInspector(Panel):
    """Searched by words and by meaning; in a table, on a map, in contradictions, and over time.

    Signals:
        narrowed: more or fewer sentences are shown.
    """

    narrowed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = RunConfig()
        self._entries: dict[int, KnowledgeEntry] = {}
        self._meanings = EmbeddingMap(HashedNgrams())
        self.filter, self.views = KnowledgeFilter(), KnowledgeViews()
        self.table, self.detail, self.teller = self.views.table, KnowledgeDetail(), KnowledgeEditor()
        self.offer = QPushButton()
        self.filter.beside.addLayout(self.views.switch)
        parts: EntryParts[KnowledgeEntry] = EntryParts(
            filter=self.filter,
            view=self.views,
            selection=self.views,
            detail=self.detail,
            pin=self.teller.pin,
            erase=self.teller.erase,
            below=self.teller,
        )
        self.inspector = EntryInspector(KIND, parts)
        self._note = EmptyNote(self.inspector, self, self.offer)
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._connect()
        self.restyle()
        self.retranslate()

    def _connect(self) -> None:
        self._placing.timeout.connect(self._place)
        self.filter.changed.connect(self._look)
        self.views.turned.connect(self._look)
        self.inspector.refreshed.connect(self._hold)
        self.inspector.picked.connect(self._tell_of_current)
        self.inspector.allowed.connect(self._allow)
        self.inspector.requested.connect(self.requested)
        self.teller.told.connect(self._tell)
        self.teller.replaced.connect(self._replace)
        self.offer.clicked.connect(self._turn_on)

    def subtitle(self) -> str:
        """How much is known."""
        held, shown = self.table.sentences.total, self.table.sentences.rowCount()
        if not held:
            return ""
        if shown < held:
            return tr("{shown} of {number} sentences", shown=count(shown), number=count(held))
        return tr("{number} sentences", number=count(held))

    def show_config(self, config: RunConfig) -> None:
        """Know what the next run is to be like."""
        self._config = config
        self._offer()

    def draw(self, scene: Scene) -> None:
        """Show what is known at the moment looked at; a live run is followed once a second."""
        story = scene.story
        is_on = story is not None and (story.config.knowledge.max_entries > 0 or bool(len(story.knowledge.counts)))
        self._note.reveal(content=is_on)
        if not is_on:
            self._offer()
        self.inspector.draw(scene if is_on else replace(scene, story=None))

    def forget(self) -> None:
        """Know no sentences until a run tells some."""
        self._entries = {}
        self.inspector.forget()
        self._look()

    def _hold(self, view: View) -> None:
        self._entries = {entry.id: entry for entry in view.knowledge()}
        self._look()

    def _place(self) -> None:
        """Give some sentences their place in the space of meanings; look once all have theirs."""
        if self._meanings.hold(tuple(self._entries.values()), _AT_ONCE):
            self._look()
        else:
            self._placing.start()

    def _look(self) -> None:
        """Show what is looked for in the view that is in sight."""
        entries, choice = list(self._entries.values()), self.filter.choice
        needs_places = bool(choice.meaning) or self.views.key == "map"
        is_placed = not needs_places or self._meanings.hold(entries, _AT_ONCE)
        if not is_placed:
            self._placing.start()
        if choice.meaning and (story := self.inspector.scene.story) is not None:
            closeness = story.config.knowledge.min_similarity
            choice = replace(choice, near=self._meanings.nearest(choice.meaning, _NEAREST, closeness))
        self.table.show_sentences(entries, self.inspector.names, choice)
        if is_placed:
            self._fill(entries)
        self.inspector.pick()
        self.narrowed.emit()

    def _fill(self, entries: Sequence[KnowledgeEntry]) -> None:
        """Fill the view that is in sight, unless it is the table, which is always filled."""
        views, scene = self.views, self.inspector.scene
        if views.key == "map":
            places = dict(zip(self._meanings.ids, map(tuple, self._meanings.plane().tolist()), strict=True))
            views.map.show_sentences(self.table.sentences.shown, places, self.inspector.names)
        elif views.key == "pairs":
            views.pairs.show_pairs(contradictions(entries))
        elif views.key == "curves" and scene.story is not None:
            view = scene.story.until(scene.playhead)
            views.curves.show_counts(scene.story.knowledge, view.step, is_past=view.step < scene.story.step)

    def _tell_of_current(self) -> None:
        """Show the current sentence in full, and on the map."""
        current = self.views.current
        self.detail.show_entry(current, self.inspector.names, self._entries.get)
        self.views.map.choose(None if current is None else current.id)

    def _allow(self) -> None:
        self.teller.allow(self.inspector.objection, self.views.current)

    def _tell(self, sentence: str) -> None:
        self.requested.emit(AddKnowledge(sentence=sentence))

    def _replace(self, id_: int, sentence: str) -> None:
        self.requested.emit(EditKnowledge(entry=id_, sentence=sentence))

    def _turn_on(self) -> None:
        changes = {"knowledge.max_entries": OFFERED}
        try:
            config = self._config.changed(changes)
        except ValidationError as error:
            self._note.say(fault_words(error))
            return
        self.requested.emit(ConfigChanged(config, changes))

    def _offer(self) -> None:
        """Say what a knowledge base is, and offer to turn it on."""
        kept = self._config.knowledge.max_entries
        about = tr(
            "This agent keeps no sentences. With knowledge, it writes down what worlds tell it and what it finds out, "
            "and reads what matters before it decides."
        )
        next_ = tr("The next run keeps up to {number} sentences. Press Space to start.", number=count(kept))
        self._note.say(f"{about}\n\n{next_}" if kept else about)
        self.offer.setVisible(not kept)

    def retranslate(self) -> None:
        """Write every text again."""
        self.offer.setText(tr("Keep sentences in the next run"))
        self.offer.setToolTip(tr("Sets knowledge.max_entries to {number}", number=count(OFFERED)))
        for part in (self.filter, self.views, self.teller):
            part.retranslate()
        self._offer()
        self.inspector.retranslate()
        self.inspector.pick()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for part in (self.views, self.teller, self.inspector):
            part.restyle()


def _words(unpins: bool, number: int) -> EntryWords:
    pin = (
        tr("Let the selected sentences be replaced again")
        if unpins
        else tr("Keep and believe the selected sentences whatever comes")
    )
    erase = tr("Let the agent no longer know the selected sentences")
    return EntryWords(
        pin=ButtonWords(name=pin, tip=pin),
        erase=ButtonWords(name=erase, tip=erase),
        ended=tr("Only a run that goes on can be told"),
        past=tr("The past can't be told: go back to now"),
        unselected=tr("Select sentences first"),
    )


KIND: EntryKind[KnowledgeEntry] = EntryKind(
    version=lambda view, playhead: (view.knowledge_version, playhead),  # the curves mark the moment looked at
    is_pinned=lambda entry: entry.pinned,
    pin=lambda ids, pinned: PinKnowledge(ids=ids, pinned=pinned),
    erase=lambda ids: EraseKnowledge(ids=ids),
    words=_words,
)
