"""What the agent knows in sentences: look into it, tell it, pin it, erase it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from agents.commands import EditKnowledge, EraseKnowledge, PinKnowledge, TellKnowledge
from agents.config import RunConfig
from agents.events import KnowledgeEntry
from agents.knowledge.contradictions import contradictions
from agents.knowledge.embedding_map import Meanings
from agents.knowledge.ngram_encoder import HashedNgrams
from agents.story import Story
from widgets.forms.error_text import fault_words
from widgets.knowledge.detail import KnowledgeDetail
from widgets.knowledge.editor import KnowledgeTeller
from widgets.knowledge.sentence_filter import KnowledgeFilter
from widgets.knowledge.views import KnowledgeViews
from widgets.panel import Panel
from widgets.requests import ConfigChanged
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.numbers import count
from widgets.style.panel_style import GAP, MARGIN
from widgets.style.task_names import TaskName, task_names
from widgets.style.translation import tr

_REFRESH_MS = 1_000
_SHARE = 20
"""Refreshing takes at most one twentieth of the time."""
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
        self._scene, self._config = Scene(), RunConfig()
        self._held: tuple[Story | None, int] = (None, 0)
        self._entries: dict[int, KnowledgeEntry] = {}
        self._names: list[TaskName] = []
        self._meanings = Meanings(HashedNgrams())
        self.filter, self.views = KnowledgeFilter(), KnowledgeViews()
        self.table, self.detail, self.teller = self.views.table, KnowledgeDetail(), KnowledgeTeller()
        self.offer = QPushButton()
        self.filter.beside.addLayout(self.views.switch)
        self._refreshing = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._placing = QTimer(self, singleShot=True, interval=0)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(MARGIN, 0, MARGIN, MARGIN - GAP)
        layout.setSpacing(GAP)
        for part in (self.filter, self.views, self.detail, self.teller):
            layout.addWidget(part, int(part is self.views))
        self._note = EmptyNote(content, self, self.offer)
        self._connect()
        self.restyle()
        self.retranslate()

    def _connect(self) -> None:
        self._refreshing.timeout.connect(self._refresh)
        self._placing.timeout.connect(self._place)
        self.filter.changed.connect(self._look)
        self.views.turned.connect(self._look)
        for table in (self.table, self.views.pairs):
            table.picked.connect(self._picked)
            table.erase_pressed.connect(self._erase)
        self.views.map.picked.connect(self.table.choose)
        self.teller.told.connect(self._tell)
        self.teller.replaced.connect(self._replace)
        self.teller.pin_pressed.connect(self._pin)
        self.teller.erase_pressed.connect(self._erase)
        self.offer.clicked.connect(self._turn_on)

    def subtitle(self) -> str:
        """How much is known."""
        held, shown = self.table.sentences.held, self.table.sentences.rowCount()
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
        before, self._scene = self._scene, scene
        if (before.state, before.playhead) != (scene.state, scene.playhead):
            self._picked()
        story = scene.story
        is_on = story is not None and (story.config.knowledge.entries > 0 or bool(len(story.knowledge.counts)))
        self._note.reveal(content=is_on)
        if story is None or not is_on:
            self._offer()
            return
        view = story.until(scene.playhead)
        if (story, view.knowledge_version) == self._held and before.playhead == scene.playhead:
            return
        if story is not self._held[0] or scene.state != "running" or scene.playhead is not None:
            self._refresh()
        elif not self._refreshing.isActive():
            self._refreshing.start()

    def forget(self) -> None:
        """Know no sentences until a run tells some."""
        self._entries, self._held = {}, (None, 0)
        self._look()

    def _refresh(self) -> None:
        if (story := self._scene.story) is None:
            return
        began = time.perf_counter()
        view = story.until(self._scene.playhead)
        self._held = (story, view.knowledge_version)
        self._names = task_names(view.tasks, self._scene.colours)
        self._entries = {entry.id: entry for entry in view.knowledge()}
        self._look()
        spent = (time.perf_counter() - began) * 1_000
        self._refreshing.setInterval(max(_REFRESH_MS, round(_SHARE * spent)))

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
        if choice.meaning and self._scene.story is not None:
            closeness = self._scene.story.config.knowledge.closeness
            choice = replace(choice, near=self._meanings.nearest(choice.meaning, _NEAREST, closeness))
        self.table.show_sentences(entries, self._names, choice)
        if is_placed:
            self._fill(entries)
        self._picked()
        self.narrowed.emit()

    def _fill(self, entries: Sequence[KnowledgeEntry]) -> None:
        """Fill the view that is in sight, unless it is the table, which is always filled."""
        views, scene = self.views, self._scene
        if views.key == "map":
            places = dict(zip(self._meanings.ids, map(tuple, self._meanings.plane().tolist()), strict=True))
            views.map.show_sentences(self.table.sentences.shown, places, self._names)
        elif views.key == "pairs":
            views.pairs.show_pairs(contradictions(entries))
        elif views.key == "curves" and scene.story is not None:
            view = scene.story.until(scene.playhead)
            views.curves.show_counts(scene.story.knowledge, view.step, is_past=view.step < scene.story.step)

    @property
    def chosen(self) -> list[KnowledgeEntry]:
        """The sentences that are selected: of a contradiction, the refuted one."""
        if self.views.key == "pairs":
            return [pair.refuted for pair in self.views.pairs.chosen]
        return self.table.chosen

    @property
    def current(self) -> KnowledgeEntry | None:
        """The sentence that is told of in full."""
        if self.views.key != "pairs":
            return self.table.current
        pair = self.views.pairs.current
        return None if pair is None else pair.refuted

    def _picked(self) -> None:
        current = self.current
        self.detail.show_entry(current, self._names, self._entries.get)
        self.views.map.choose(None if current is None else current.id)
        self.teller.allow(self._objection(), self.chosen, current)

    def _objection(self) -> str:
        """Return why what is known can't be changed now; empty if it can."""
        if self._scene.state not in ("running", "paused"):
            return tr("Only a run that goes on can be told")
        if self._scene.playhead is not None:
            return tr("The past can't be told: go back to now")
        return ""

    def _tell(self, sentence: str) -> None:
        self.requested.emit(TellKnowledge(sentence=sentence))

    def _replace(self, id_: int, sentence: str) -> None:
        self.requested.emit(EditKnowledge(entry=id_, sentence=sentence))

    def _erase(self) -> None:
        if not self._objection() and self.chosen:
            self.requested.emit(EraseKnowledge(ids=tuple(entry.id for entry in self.chosen)))

    def _pin(self) -> None:
        if not self._objection() and (chosen := self.chosen):
            unpins = all(entry.pinned for entry in chosen)
            self.requested.emit(PinKnowledge(ids=tuple(entry.id for entry in chosen), pinned=not unpins))

    def _turn_on(self) -> None:
        changes = {"knowledge.entries": OFFERED}
        try:
            config = self._config.changed(changes)
        except ValidationError as error:
            self._note.say(fault_words(error))
            return
        self.requested.emit(ConfigChanged(config, changes))

    def _offer(self) -> None:
        """Say what a knowledge base is, and offer to turn it on."""
        kept = self._config.knowledge.entries
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
        self.offer.setToolTip(tr("Sets knowledge.entries to {number}", number=count(OFFERED)))
        for part in (self.filter, self.views, self.teller):
            part.retranslate()
        self._offer()
        self._held = (None, 0)
        self.draw(self._scene)
        self._picked()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.views.restyle()
        self.teller.restyle()
