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
"""Raise it when panels are added, so that an old layout is not put on a new window."""
_DIRECTIONS = {"down": Qt.Orientation.Vertical, "right": Qt.Orientation.Horizontal}


class DockArea(QMainWindow):
    """Docks without a centre: every part of the window is a card that can be moved.

    Signals:
        requested: a command or a request, from any panel.
        picture_wanted: the panel to be saved as a picture, and str: `png` or `svg`.
        visibility_changed: str, bool: a panel came to sight, or went.
    """

    requested = Signal(object)
    picture_wanted = Signal(object, str)
    visibility_changed = Signal(str, bool)

    def __init__(self, parts: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("DockArea")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setContentsMargins(GAP, GAP, GAP, GAP)
        self.setDockNestingEnabled(True)
        self.setAnimated(False)
        self.cards: dict[str, Card] = {}
        self._scene = Scene()
        self._seen: set[str] = set()
        self._is_arranged = False
        self._stale: set[str] = set()
        self._drawing = QTimer(self, singleShot=True, interval=0)
        self._drawing.timeout.connect(self._draw_next)
        self._sharing = QTimer(self, singleShot=True, interval=0)
        self._sharing.timeout.connect(self._share)
        for spec in PANELS:
            self.cards[spec.key] = self._card(spec, parts)
        self.reset()

    def _card(self, spec: PanelSpec, parts: Mapping[str, Any]) -> Card:
        panel: Panel = resolve_name(spec.widget)(*(parts[name] for name in spec.needs))
        panel.requested.connect(self.requested)
        panel.set_covered(True)
        card = Card(spec.key, spec.title, panel, self)
        theme.apply_theme(card)  # before anything on it is polished: afterwards it would be polished twice
        card.picture_wanted.connect(self.picture_wanted)
        card.visibilityChanged.connect(partial(self._note, spec.key))
        card.dockLocationChanged.connect(self._sharing.start)
        card.topLevelChanged.connect(self._sharing.start)
        return card

    def panel(self, key: str) -> Panel:
        """Return the panel of a row of the table."""
        return self.cards[key].panel

    def show_scene(self, scene: Scene) -> None:
        """Draw `scene` on every panel that can be seen, one after another; the others draw it once they are.

        Between two panels the window is at hand for whoever uses it.
        """
        self._scene = scene
        self._stale = set(self.cards)
        self._draw_next()

    def forget(self) -> None:
        """Let every panel show nothing more of what was in front."""
        for card in self.cards.values():
            card.panel.forget()
            card.reread()

    @property
    def is_drawn(self) -> bool:
        """Whether every panel that can be seen shows the newest scene."""
        return not self._stale & self._seen

    def _draw_next(self) -> None:
        waiting = [key for key in self.cards if key in self._seen and key in self._stale]
        if waiting:
            self._draw(waiting[0])
        if len(waiting) > 1:
            self._drawing.start()

    def card_of(self, widget: QWidget) -> Card | None:
        """Return the card that a widget lies on, if it lies on one."""
        return next((card for card in self.cards.values() if card is widget or card.isAncestorOf(widget)), None)

    def sees(self, *keys: str) -> bool:
        """Return whether one of these panels can be seen."""
        return not self._seen.isdisjoint(keys)

    def hides(self, widget: QWidget) -> bool:
        """Return whether it lies on a card behind another one, or belongs to Qt's own tabs, which have no height."""
        behind = [card for key, card in self.cards.items() if key not in self._seen]
        bars = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return any(part is widget or part.isAncestorOf(widget) for part in (*behind, *bars))

    def bring(self, key: str) -> None:
        """Show a panel and put it on top."""
        self.cards[key].show()
        self.cards[key].raise_()

    def switch(self, key: str) -> None:
        """Put a panel away if it is on top, otherwise bring it and give it the keyboard."""
        if key in self._seen:
            self.cards[key].close()
        else:
            self.bring(key)
            self.cards[key].enter()

    def enter_next(self) -> None:
        """Give the keyboard to the next card, in reading order."""
        self._enter(1)

    def enter_previous(self) -> None:
        """Give the keyboard to the card before."""
        self._enter(-1)

    def _enter(self, by: int) -> None:
        shown = [card for key, card in self.cards.items() if key in self._seen and not card.isFloating()]
        if not shown:
            return
        shown.sort(key=lambda card: (card.y(), card.x()))
        focus = QApplication.focusWidget()
        here = [place for place, card in enumerate(shown) if focus is not None and card is self.card_of(focus)]
        shown[(here[0] + by if here else min(by, 0)) % len(shown)].enter()

    def reset(self) -> None:
        """Lay the cards out as at the first start; the keyboard stays where it is, unless that lies behind now."""
        focus = QApplication.focusWidget()
        for card in self.cards.values():
            self.removeDockWidget(card)
            card.setFloating(False)
        first = self.cards[SPLITS[0][0]]
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first)
        for key, added, direction in SPLITS:
            self.splitDockWidget(self.cards[key], self.cards[added], _DIRECTIONS[direction])
        for spec in PANELS:
            if spec.beside:
                self.tabifyDockWidget(self.cards[spec.beside], self.cards[spec.key])
        for card in self.cards.values():
            card.show()
        for key in {SPLITS[0][0], *(added for _, added, _ in SPLITS)}:
            self.cards[key].raise_()
        self._size()
        self._sharing.start()
        if focus is not None and self.isAncestorOf(focus):
            QTimer.singleShot(0, focus, partial(self._return, focus))  # only then it is known what lies on top

    def _return(self, focus: QWidget) -> None:
        """Give the keyboard back to a widget whose card was laid elsewhere."""
        (self if self.hides(focus) else focus).setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Share out the room again once it is known how much there is, unless it was laid out by hand."""
        super().showEvent(event)
        if not self._is_arranged:
            QTimer.singleShot(0, self, self._size)

    def _size(self) -> None:
        placed = [spec for spec in PANELS if not spec.beside]
        for specs, orientation in ((placed, Qt.Orientation.Horizontal), (placed, Qt.Orientation.Vertical)):
            across = orientation == Qt.Orientation.Horizontal
            named = {"tasks", "now", "remembering"} if across else {"now", "reward", "curriculum"}
            chosen = [spec for spec in specs if spec.key in named]
            sizes = self._shares(chosen) if across else [spec.height for spec in chosen]
            self.resizeDocks([self.cards[spec.key] for spec in chosen], sizes, orientation)

    def _shares(self, specs: Sequence[PanelSpec]) -> list[int]:
        """Return the widths of cards that lie side by side."""
        room = self.width() - GAP * (len(specs) + 1)
        rate = room / sum(spec.width for spec in specs)
        least = [max(spec.least, self.cards[spec.key].minimumSizeHint().width()) for spec in specs]
        sizes = [max(round(spec.width * rate), needed) for spec, needed in zip(specs, least, strict=True)]
        widest = sizes.index(max(sizes))
        sizes[widest] = max(sizes[widest] - sum(sizes) + room, 1)
        return sizes

    def arrangement(self) -> QByteArray:
        """Return the layout, for `arrange`."""
        return self.saveState(LAYOUT_VERSION)

    def arrange(self, state: QByteArray) -> bool:
        """Lay the cards out as they were; return whether `state` was understood."""
        understood = self.restoreState(state, LAYOUT_VERSION)
        self._is_arranged = understood
        self._sharing.start()
        return understood

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            for card in self.cards.values():
                card.retitle()
        super().changeEvent(event)

    def apply_theme(self) -> None:
        """Take the style sheet last applied; cards that lie behind others do so once they come to the front."""
        theme.apply_theme(*(self.cards[key] for key in self._seen))

    def draw_all(self) -> None:
        """Draw at once whatever was put off of the panels that can be seen."""
        for key in self.cards:
            if key in self._seen:
                self._draw(key)

    def _note(self, key: str, visible: bool) -> None:
        (self._seen.add if visible else self._seen.discard)(key)
        self._sharing.start()
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

    def _share(self) -> None:
        order = {card: place for place, card in enumerate(self.cards.values())}
        for card in self.cards.values():
            others = [other for other in self.tabifiedDockWidgets(card) if isinstance(other, Card)]
            card.share(sorted((card, *others), key=order.__getitem__))
