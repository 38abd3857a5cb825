"""The dock area: all panels, their layout, and which of them have to be redrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pkgutil import resolve_name
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTabBar, QWidget

from app.window.panels import PANELS, SPLITS, PanelSpec
from widgets.panel import Panel
from widgets.scene import Scene
from widgets.shell.card import Card
from widgets.style import theme

GAP = 12
LAYOUT_VERSION = 5
"""Increase it when panels are added, so that stored layouts without them are not restored."""
_DIRECTIONS = {"down": Qt.Orientation.Vertical, "right": Qt.Orientation.Horizontal}


class DockArea(QMainWindow):
    """All panels as movable docks, without a central widget.

    Signals:
        requested: a command or a request, from any panel.
        picture_wanted: the panel to save as a picture, and str: `png` or `svg`.
        visibility_changed: str, bool: a panel's key, and whether it is visible now.
    """

    requested = Signal(object)
    picture_wanted = Signal(object, str)
    visibility_changed = Signal(str, bool)

    def __init__(self, session_parts: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("DockArea")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setContentsMargins(GAP, GAP, GAP, GAP)
        self.setDockNestingEnabled(True)
        self.setAnimated(False)
        self.cards: dict[str, Card] = {}
        self._scene = Scene()
        self._visible: set[str] = set()
        self._is_restored = False
        self._stale: set[str] = set()
        self._draw_timer = QTimer(self, singleShot=True, interval=0)
        self._draw_timer.timeout.connect(self._draw_next)
        self._tab_timer = QTimer(self, singleShot=True, interval=0)
        self._tab_timer.timeout.connect(self._update_tabs)
        for spec in PANELS:
            self.cards[spec.key] = self._card(spec, session_parts)
        self.reset()

    def _card(self, spec: PanelSpec, session_parts: Mapping[str, Any]) -> Card:
        panel: Panel = resolve_name(spec.widget)(*(session_parts[name] for name in spec.needs))
        panel.requested.connect(self.requested)
        panel.set_covered(True)
        card = Card(spec.key, spec.title, panel, self)
        theme.apply_theme(card)  # before its widgets are polished, since they would be polished twice otherwise
        card.picture_wanted.connect(self.picture_wanted)
        card.visibilityChanged.connect(partial(self._on_visibility_changed, spec.key))
        card.dockLocationChanged.connect(self._tab_timer.start)
        card.topLevelChanged.connect(self._tab_timer.start)
        return card

    def panel(self, key: str) -> Panel:
        """Return a panel by its key in the PANELS table."""
        return self.cards[key].panel

    def show_scene(self, scene: Scene) -> None:
        """Draw `scene` on every visible panel, one after another; the others draw it once they are visible.

        Between two panels the event loop handles user input.
        """
        self._scene = scene
        self._stale = set(self.cards)
        self._draw_next()

    def clear(self) -> None:
        """Clear every panel, because another run will be displayed."""
        for card in self.cards.values():
            card.panel.clear()
            card.reread()

    @property
    def is_drawn(self) -> bool:
        """Whether every visible panel shows the newest scene."""
        return not self._stale & self._visible

    def _draw_next(self) -> None:
        pending = [key for key in self.cards if key in self._visible and key in self._stale]
        if pending:
            self._draw(pending[0])
        if len(pending) > 1:
            self._draw_timer.start()

    def card_of(self, widget: QWidget) -> Card | None:
        """Return the card that contains a widget; None if no card does."""
        return next((card for card in self.cards.values() if card is widget or card.isAncestorOf(widget)), None)

    def is_any_visible(self, *keys: str) -> bool:
        """Return whether at least one of these panels is visible."""
        return not self._visible.isdisjoint(keys)

    def is_hidden(self, widget: QWidget) -> bool:
        """Return whether a widget is on a card behind another one, or in Qt's own tab bars, which have no height."""
        behind = [card for key, card in self.cards.items() if key not in self._visible]
        bars = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return any(part is widget or part.isAncestorOf(widget) for part in (*behind, *bars))

    def show_panel(self, key: str) -> None:
        """Show a panel, and raise it above those it is tabbed with."""
        self.cards[key].show()
        self.cards[key].raise_()

    def switch(self, key: str) -> None:
        """Close a panel if it is visible, otherwise show and focus it."""
        if key in self._visible:
            self.cards[key].close()
        else:
            self.show_panel(key)
            self.cards[key].enter()

    def enter_next(self) -> None:
        """Focus the next card, in reading order."""
        self._enter(1)

    def enter_previous(self) -> None:
        """Focus the previous card, in reading order."""
        self._enter(-1)

    def _enter(self, by: int) -> None:
        shown = [card for key, card in self.cards.items() if key in self._visible and not card.isFloating()]
        if not shown:
            return
        shown.sort(key=lambda card: (card.y(), card.x()))
        focus = QApplication.focusWidget()
        current = [index for index, card in enumerate(shown) if focus is not None and card is self.card_of(focus)]
        shown[(current[0] + by if current else min(by, 0)) % len(shown)].enter()

    def reset(self) -> None:
        """Restore the default layout; the focus stays, unless its card is now behind another one."""
        focus = QApplication.focusWidget()
        for card in self.cards.values():
            self.removeDockWidget(card)
            card.setFloating(False)
        first = self.cards[SPLITS[0][0]]
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first)
        for key, other, direction in SPLITS:
            self.splitDockWidget(self.cards[key], self.cards[other], _DIRECTIONS[direction])
        for spec in PANELS:
            if spec.beside:
                self.tabifyDockWidget(self.cards[spec.beside], self.cards[spec.key])
        for card in self.cards.values():
            card.show()
        for key in {SPLITS[0][0], *(other for _, other, _ in SPLITS)}:
            self.cards[key].raise_()
        self._resize_docks()
        self._tab_timer.start()
        if focus is not None and self.isAncestorOf(focus):
            QTimer.singleShot(0, focus, partial(self._restore_focus, focus))  # later: Qt has not raised the cards yet

    def _restore_focus(self, focus: QWidget) -> None:
        """Focus a widget again whose card was moved, or the dock area if the widget is hidden now."""
        (self if self.is_hidden(focus) else focus).setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Resize the docks once the window's size is known, unless a stored layout was restored."""
        super().showEvent(event)
        if not self._is_restored:
            QTimer.singleShot(0, self, self._resize_docks)

    def _resize_docks(self) -> None:
        placed = [spec for spec in PANELS if not spec.beside]
        for specs, orientation in ((placed, Qt.Orientation.Horizontal), (placed, Qt.Orientation.Vertical)):
            across = orientation == Qt.Orientation.Horizontal
            named = {"tasks", "now", "remembering"} if across else {"now", "reward", "curriculum"}
            chosen = [spec for spec in specs if spec.key in named]
            sizes = self._widths(chosen) if across else [spec.height for spec in chosen]
            self.resizeDocks([self.cards[spec.key] for spec in chosen], sizes, orientation)

    def _widths(self, specs: Sequence[PanelSpec]) -> list[int]:
        """Return the widths in pixels of cards that are side by side."""
        available = self.width() - GAP * (len(specs) + 1)
        factor = available / sum(spec.width for spec in specs)
        min_widths = [max(spec.min_width, self.cards[spec.key].minimumSizeHint().width()) for spec in specs]
        sizes = [max(round(spec.width * factor), needed) for spec, needed in zip(specs, min_widths, strict=True)]
        widest = sizes.index(max(sizes))
        sizes[widest] = max(sizes[widest] - sum(sizes) + available, 1)
        return sizes

    def arrangement(self) -> QByteArray:
        """Return the layout, for `arrange`."""
        return self.saveState(LAYOUT_VERSION)

    def arrange(self, state: QByteArray) -> bool:
        """Restore a layout; return whether `state` is valid."""
        is_valid = self.restoreState(state, LAYOUT_VERSION)
        self._is_restored = is_valid
        self._tab_timer.start()
        return is_valid

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Update the titles after a change of language."""
        if event.type() == QEvent.Type.LanguageChange:
            for card in self.cards.values():
                card.retitle()
        super().changeEvent(event)

    def apply_theme(self) -> None:
        """Apply the current style sheet to the visible cards; the others apply it once they are visible."""
        theme.apply_theme(*(self.cards[key] for key in self._visible))

    def draw_all(self) -> None:
        """Draw every visible panel that does not show the newest scene yet, at once."""
        for key in self.cards:
            if key in self._visible:
                self._draw(key)

    def _on_visibility_changed(self, key: str, visible: bool) -> None:
        (self._visible.add if visible else self._visible.discard)(key)
        self._tab_timer.start()
        self.cards[key].panel.set_covered(not visible)
        if visible:
            theme.apply_theme(self.cards[key])
            self._draw(key)
        self.visibility_changed.emit(key, visible)

    def _draw(self, key: str) -> None:
        if key in self._stale:
            self._stale.discard(key)
            card = self.cards[key]
            card.panel.draw(self._scene)
            card.reread()

    def _update_tabs(self) -> None:
        order = {card: index for index, card in enumerate(self.cards.values())}
        for card in self.cards.values():
            others = [other for other in self.tabifiedDockWidgets(card) if isinstance(other, Card)]
            card.set_stack(sorted((card, *others), key=order.__getitem__))
