"""The Why panel: explains a decision by word attributions, phrase probabilities and earlier agents' decisions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.analysis.collapse import Collapse, collapse
from agents.infer.explanation_data import Divergence, Reasons, Reconsidered, Words
from widgets.panel import Panel
from widgets.requests import DecideWithout
from widgets.scene import Scene
from widgets.shell.card import Elided
from widgets.shell.empty_note import EmptyNote
from widgets.style.icons import icon
from widgets.style.numbers import count, score
from widgets.style.panel_style import GAP, MARGIN, flat_combo, quiet_label, relabel, reparent, row
from widgets.style.scroll_areas import fit_to_content, horizontal_scroll_area, vertical_scroll_area
from widgets.style.task_names import task_names
from widgets.style.translation import tr
from widgets.views.action_bars import ActionBars, ghost_shades
from widgets.views.divergence_text import divergence_text, in_nats
from widgets.views.word_flow import WordFlow
from widgets.why.collapse_text import collapse_rule, collapse_text
from widgets.why.phrase_tree import PhraseBranches
from widgets.why.recalled_knowledge import RecalledSection

_MAX_WORDS = 3
"""Maximum number of words that are listed beside the heading."""
_MIN_WEIGHT = 0.0005
"""Minimum weight of a listed word."""
_ICON = 16
_SOURCES: tuple[Callable[[Reasons], Words], ...] = (
    lambda reasons: reasons.for_choice,
    lambda reasons: reasons.for_value,
    lambda reasons: reasons.frame.attention,
)
"""The word weights that can be selected, in the order of the combo box."""


class WhyPanel(Panel):
    """Explains the newest decision of the watched agent; it gets decisions only while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._reasons: Reasons | None = None
        self._alarm: Collapse | None = None
        self.by = flat_combo()
        self.by.addItems(["", "", ""])
        self.by.currentIndexChanged.connect(self._weigh)
        self.alarm, self._sign = QLabel(wordWrap=True), QLabel()
        self.words, self.tree, self.bars = WordFlow(), PhraseBranches(), ActionBars()
        self._tree_area = horizontal_scroll_area(self.tree)
        self.recalled = RecalledSection()
        self.recalled.left_out.connect(self._leave_out)
        self._mattered, self._adds_up, self._before = quiet_label(), quiet_label(), quiet_label()
        self._heaviest, self.origins, self._no_tree = Elided(), quiet_label(wraps=True), quiet_label(wraps=True)
        self._heaviest.setProperty("small", True)
        self._heaviest.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.origins.setTextFormat(Qt.TextFormat.RichText)
        self.area = vertical_scroll_area(self._sections())
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(MARGIN, 0, GAP, MARGIN - GAP)
        layout.addLayout(self._warning())
        layout.addWidget(self.area, 1)
        self._note = EmptyNote(content, self)
        reparent(self.header_widgets(), self)
        self.restyle()
        self.retranslate()
        self._show_alarm(None)

    def _warning(self) -> QVBoxLayout:
        warning = row(self._sign, self.alarm)
        warning.setAlignment(self._sign, Qt.AlignmentFlag.AlignTop)
        warning.setStretchFactor(self.alarm, 1)
        layout = QVBoxLayout()
        layout.addLayout(warning)
        return layout

    def _sections(self) -> QWidget:
        sections = QWidget()
        layout = QVBoxLayout(sections)
        layout.setContentsMargins(0, 0, MARGIN - GAP, 0)
        layout.setSpacing(GAP)
        heading = row(self._mattered, self._heaviest)
        heading.setStretchFactor(self._heaviest, 1)
        layout.addLayout(heading)
        layout.addWidget(self.words)
        layout.addSpacing(2 * GAP)
        layout.addWidget(self.recalled)
        layout.addWidget(self._adds_up)
        layout.addWidget(self._tree_area)
        layout.addWidget(self._no_tree)
        layout.addSpacing(2 * GAP)
        layout.addWidget(self._before)
        layout.addWidget(self.origins)
        layout.addWidget(self.bars)
        layout.addStretch(1)
        return sections

    def header_widgets(self) -> list[QWidget]:
        """Return the combo box that selects the word weights."""
        return [self.by]

    def subtitle(self) -> str:
        """Return the action and its probability."""
        if (reasons := self._reasons) is None:
            return ""
        share = score(reasons.frame.probabilities[reasons.action])
        return tr("“{action}”, {share}", action=reasons.frame.actions[reasons.action], share=share)

    def draw(self, scene: Scene) -> None:
        """Check whether the policy has collapsed at the playhead."""
        self._scene = scene
        found = None if scene.story is None else collapse(scene.story.until(scene.playhead))
        if found != self._alarm:
            self._show_alarm(found)

    def clear(self) -> None:
        """Clear the explanation until the next decision."""
        self._reasons = None
        self._note.reveal(content=False)

    def show_reasons(self, reasons: Reasons) -> None:
        """Explain a decision."""
        self._reasons = reasons
        frame = reasons.frame
        self._note.reveal(content=True)
        self._weigh()
        self.recalled.show_entries(frame.recalled)
        has_tree = bool(reasons.tree)
        self._tree_area.setVisible(has_tree)
        self._no_tree.setVisible(not has_tree)
        if has_tree:
            self.tree.show_reasons(reasons)
            fit_to_content(self._tree_area, self.tree)
        self.bars.show_actions(frame.actions, frame.probabilities, reasons.action)
        self.bars.show_ghosts(tuple(divergence.probabilities for divergence in reasons.divergences))
        self._compare()

    def show_reconsidered(self, again: Reconsidered | None) -> None:
        """Show a decision with and without sentences; None: its frame is no longer available."""
        self.recalled.show_reconsidered(again)

    def _leave_out(self, ids: tuple[int, ...]) -> None:
        if self._reasons is not None:
            frame = self._reasons.frame
            self.requested.emit(DecideWithout(ids, (frame.episode, frame.time)))

    def _weigh(self) -> None:
        """Shade the words by the selected weights."""
        if (reasons := self._reasons) is None:
            return
        weights = _SOURCES[self.by.currentIndex()](reasons)
        self.words.show_words(reasons.frame.text, weights)
        placeholder = tr("no word mattered much") if weights else tr("This agent has no gradient to follow.")
        self._heaviest.set_full_text(heaviest_words(weights) or placeholder)

    def _compare(self) -> None:
        """Show how earlier agents would decide: in words, and the exact divergences in the tooltip."""
        self.origins.setText(self._comparison())
        formula = tr("KL(now ‖ then) = Σ p · ln(p / q) over the actions: 0 where both would do the same")
        divergences = () if self._reasons is None else self._reasons.divergences
        self.origins.setToolTip("\n".join((*map(_exact_text, divergences), formula)))

    def _comparison(self) -> str:
        assert self._reasons is not None  # only called with a decision
        if not self._reasons.divergences:
            return tr("Nothing to compare with: no earlier weights of this run are stored.")
        shades = [shade.name() for shade in ghost_shades()]
        pairs = zip(shades, self._reasons.divergences, strict=False)
        return "<br>".join(f"<span style='color:{shade}'>▬</span> {_origin(divergence)}" for shade, divergence in pairs)

    def _show_alarm(self, found: Collapse | None) -> None:
        self._alarm = found
        self.alarm.setVisible(found is not None)
        self._sign.setVisible(found is not None)
        if found is not None:
            self._note.reveal(content=True)
            names = task_names(self._scene.story.tasks) if self._scene.story is not None else []
            self.alarm.setText(collapse_text(found, names[found.task_id] if found.task_id < len(names) else ""))

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._note.set_text(tr("Here you will see why the agent decides as it does, as soon as one is watched."))
        self._mattered.setText(tr("Words that mattered"))
        self._adds_up.setText(tr("How its phrases add up"))
        self._before.setText(tr("What it would have done before"))
        self._no_tree.setText(tr("This agent chooses without words: it has no phrases to add up."))
        relabel(self.by, [tr("for the choice"), tr("for the value"), tr("attention")])
        self.by.setAccessibleName(tr("What words are weighed by"))
        self.by.setToolTip(
            tr("Gradient × input of the choice's log-probability or of the value; or attention of the last layer")
        )
        self.words.setAccessibleName(self._mattered.text())
        self.words.setToolTip(tr("Filled: the word speaks for it. Outlined: against it. The stronger, the more."))
        for part in (self.tree, self._tree_area):
            part.setAccessibleName(self._adds_up.text())
        self.tree.setToolTip(
            tr(
                "Beside each word its log-probability after the words before it; “sum” adds them up, “share” is what"
                " the policy makes of all sums. Phrases that begin alike share their first words"
            )
        )
        self.bars.setAccessibleName(self._before.text())
        self.bars.setToolTip(tr("Thick: the agent on show. Thin, below: the agents of earlier, reading the same words"))
        self.area.setAccessibleName(tr("Why"))
        self.recalled.retranslate()
        self.alarm.setToolTip(collapse_rule())
        if self._reasons is not None:
            self.show_reasons(self._reasons)
        self._show_alarm(self._alarm)

    def restyle(self) -> None:
        """Apply the theme to what is not in the style sheet."""
        self._sign.setPixmap(icon("ph.warning-circle").pixmap(QSize(_ICON, _ICON)))
        self.recalled.restyle()
        if self._reasons is not None:
            self._compare()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Wrap the words again, and fit the tree's scroll area."""
        super().resizeEvent(event)
        self.words.updateGeometry()
        fit_to_content(self._tree_area, self.tree)


def heaviest_words(weights: Words) -> str:
    """Return the words of the largest weights, with their weights."""
    listed = sorted((pair for pair in weights if abs(pair[1]) >= _MIN_WEIGHT), key=lambda pair: -abs(pair[1]))[
        :_MAX_WORDS
    ]
    return ", ".join(f"{word} {value:+.3f}".replace("-", "−") for word, value in listed)


def _origin(divergence: Divergence) -> str:
    texts = {
        "untrained": tr("untrained: would decide {alike}"),
        "before": tr("end of the stage before, step {step}: would decide {alike}"),
    }
    return texts[divergence.milestone.origin].format(
        step=count(divergence.milestone.step), alike=divergence_text(divergence.nats)
    )


def _exact_text(divergence: Divergence) -> str:
    texts = {
        "untrained": tr("untrained: {figure}"),
        "before": tr("end of the stage before, step {step}: {figure}"),
    }
    return texts[divergence.milestone.origin].format(
        step=count(divergence.milestone.step), figure=in_nats(divergence.nats)
    )
