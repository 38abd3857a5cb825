"""A panel on a card: a dock with rounded corners and a title row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from widgets.panel import Panel
from widgets.style.panel_style import shorten
from widgets.style.text_metrics import RECOGNISABLE, columns, min_text_width
from widgets.style.translation import tr

INSET, TARGET, _BESIDE = 14, 44, 14
_ARROW = 32
"""Pixels of a list beside its text."""


class Elided(QLabel):
    """Quiet text that gives way when space is short, a statement after another, and then is whole in its tooltip.

    It is empty where what is left would not be recognised.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = self._meaning = ""
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_full_text(self, text: str) -> None:
        """Show `text`."""
        if text != self._whole:
            self._whole = text
            self._fit()

    def set_explanation(self, meaning: str) -> None:
        """Say in the tooltip what the text means."""
        self._meaning = meaning
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Fit again when the type changes its size."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit into the new width."""
        self._fit()

    def _fit(self) -> None:
        beside = max(self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text()), 0)
        shown = shorten(self._whole, self.fontMetrics(), self.width() - beside)
        if shown != self._whole and shown.endswith("…") and columns(shown) <= RECOGNISABLE:
            shown = ""  # a stump says nothing: an empty place is better
        self.setText(shown)
        self.setToolTip("\n".join(filter(None, (self._whole if shown != self._whole else "", self._meaning))))


class CardTab(QToolButton):
    """The name of a card that shares this place; the arrow keys go to the next one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("CardTab")
        self.setCheckable(True)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Need the room of the name and little more: a title row holds many."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + _BESIDE, super().sizeHint().height())


class TitleRow(QWidget):
    """The names of the cards that share this place, a quiet subtitle, and the panel's own controls.

    Names that have no room are in a menu after the others; the name of the card on top is always there.

    Signals:
        chosen: int, the place of the name that was pressed.
    """

    chosen = Signal(int)

    def __init__(self, controls: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self.subtitle, self._controls = Elided(self), controls
        self._titles: Sequence[str] = ()
        self._least: QSize | None = None
        self._doubting = QTimer(self, singleShot=True, interval=0)
        self._doubting.timeout.connect(self._doubt)
        self._tabs = QButtonGroup(self)
        self._tabs.idClicked.connect(self.chosen)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(INSET - 5, 0, INSET - 4, 0)
        self._row.setSpacing(6)
        self._names = QHBoxLayout()
        self._names.setSpacing(0)
        self._row.addLayout(self._names)
        self._add_tab()  # before the controls: what is first in the row is first by the Tab key, too
        self._more = QToolButton(self)
        self._more.setText("…")
        self._more.hide()
        self._more.setProperty("flat", True)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(QMenu(self._more))
        self._more.menu().aboutToShow.connect(self._list)
        self._row.addWidget(self._more)
        self._row.addWidget(self.subtitle, 1)
        for control in controls:
            self._row.addWidget(control)
        self.setMinimumHeight(TARGET)

    def name(self, titles: Sequence[str], active: int) -> None:
        """Write the names of all cards that share this place; the one at `active` is on top."""
        self._titles = titles
        while len(self._tabs.buttons()) < len(titles):
            self._add_tab()
        for place, tab in enumerate(self._tabs.buttons()):
            title = titles[place] if place < len(titles) else ""
            tab.setVisible(bool(title))
            tab.setText(title)
            tab.setAccessibleName(title)
            tab.setChecked(place == active)
            tab.setToolTip("" if place == active else tr("Show {title}", title=title))
        # a name without neighbours does nothing
        self._tabs.button(active).setFocusPolicy(Qt.FocusPolicy.TabFocus if len(titles) > 1 else Qt.FocusPolicy.NoFocus)
        self._more.setAccessibleName(tr("More panels in this place"))
        self._more.setToolTip(tr("More panels in this place"))
        self.fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need room for the controls and the name on top: cards must not push each other out of the window."""
        if self._least is None:  # the docks ask some thousand times when the window is laid out anew
            self._least = self._needed()
            self._doubting.start()
        return self._least

    def _needed(self) -> QSize:
        on_top = self._tabs.button(max(self._tabs.checkedId(), 0)).sizeHint().width()
        return QSize(self._taken() + on_top + (self._beyond() if len(self._titles) > 1 else 0), TARGET)

    def _doubt(self) -> None:
        """Measure again next time, and at once if a control has changed since it was measured."""
        before, self._least = self._least, None
        if before is not None and before != self._needed():
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the new room out among the names."""
        super().resizeEvent(event)
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Share the room out among the names, once there is any."""
        super().showEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Fit again when the type changes its size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()

    def _taken(self, *, recognised: bool = False) -> int:
        """Return the pixels that everything but the names needs, perhaps so many that texts are recognised."""
        margins, shown = self._row.contentsMargins(), [part for part in self._controls if not part.isHidden()]
        needed = [max(part.minimumWidth(), part.minimumSizeHint().width()) for part in shown]
        if recognised:
            needed = [max(least, _readable(part)) for least, part in zip(needed, shown, strict=True)]
        return margins.left() + margins.right() + self._row.spacing() * (1 + len(shown)) + sum(needed)

    def _beyond(self) -> int:
        """Return the pixels that the menu of names needs."""
        return self._more.sizeHint().width() + self._row.spacing()

    def fit(self) -> None:
        """Show as many names as there is room for, the one on top first; call it when a control came or went."""
        self._least = None
        if not self._titles or not self.isVisible():
            return
        tabs = self._tabs.buttons()[: len(self._titles)]
        widths = [tab.sizeHint().width() for tab in tabs]
        room, on_top = self.width() - self._taken(recognised=True), max(self._tabs.checkedId(), 0)
        if sum(widths) > room:
            room -= self._beyond()
        shown, used = {on_top}, widths[on_top]
        for place in (place for place in range(len(tabs)) if place != on_top):
            used += widths[place]
            if used > room:
                break
            shown.add(place)
        for place, tab in enumerate(tabs):
            tab.setVisible(place in shown)
        self._more.setVisible(len(shown) < len(tabs))

    def _list(self) -> None:
        """Offer the names that have no room."""
        menu = self._more.menu()
        menu.clear()
        for place, title in enumerate(self._titles):
            if self._tabs.button(place).isHidden():
                menu.addAction(title, partial(self.chosen.emit, place))

    def has_focus(self) -> bool:
        """Whether one of the names has the keyboard."""
        return any(tab.hasFocus() for tab in self._tabs.buttons())

    def take_focus(self) -> None:
        """Give the keyboard to the name on top."""
        self._tabs.button(max(self._tabs.checkedId(), 0)).setFocus(Qt.FocusReason.TabFocusReason)

    def _add_tab(self) -> None:
        others = self._tabs.buttons()
        tab = CardTab(self)
        self._tabs.addButton(tab, len(others))
        self._names.addWidget(tab)
        if others:
            _follow(others[-1], tab)


def _readable(control: QWidget) -> int:
    """Return the pixels in which the text of a list is recognised; other controls do not give way."""
    if not isinstance(control, QComboBox):
        return 0
    metrics = control.fontMetrics()
    return min(metrics.horizontalAdvance(control.currentText()), min_text_width(metrics)) + _ARROW


def _follow(first: QWidget, second: QWidget) -> None:
    """Put `second` after `first` by the Tab key; Qt does so only with what takes the focus just now."""
    policy = first.focusPolicy()
    first.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    QWidget.setTabOrder(first, second)
    first.setFocusPolicy(policy)


class Card(QDockWidget):
    """Holds one panel. Drag its title row to move it; a right click on it hides, floats or pictures it.

    Signals:
        picture_wanted: the panel, to be saved as a picture, and str: `png` or `svg`.
    """

    picture_wanted = Signal(object, str)

    def __init__(self, key: str, title: str, panel: Panel, parent: QWidget) -> None:
        super().__init__(parent)
        self.key, self.panel = key, panel
        self._english = title
        self._sharing: list[Card] = [self]
        self.setObjectName(key)
        # the style sheet paints the card: Python would be asked each time that something on it moves
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = TitleRow(panel.header_widgets(), self)
        self.row.chosen.connect(self._choose)
        self.setTitleBarWidget(self.row)
        self.setWidget(panel)
        self.retitle()

    @property
    def title(self) -> str:
        """The panel's name, in the language of the interface."""
        return tr(self._english)

    def share(self, cards: Sequence[Card]) -> None:
        """Say which cards lie in this place, this one among them."""
        self._sharing = list(cards)
        self.row.name([card.title for card in cards], self._sharing.index(self))

    def retitle(self) -> None:
        """Write the title again, after the language changed."""
        self.setWindowTitle(self.title)
        self.panel.setAccessibleName(self.title)
        self.share(self._sharing)
        self.reread()

    def reread(self) -> None:
        """Write the subtitle again; a panel that was drawn may show more controls, or fewer."""
        self.row.fit()
        self.row.subtitle.set_full_text(self.panel.subtitle())

    def enter(self) -> None:
        """Give the keyboard to the names of those that share this place; a card that is alone, to its panel."""
        if len(self._sharing) > 1:
            self.row.take_focus()
        else:
            self.panel.setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self, place: int) -> None:
        by_keyboard = self.row.has_focus()
        self.share(self._sharing)
        if place >= len(self._sharing):  # its card has gone while the name was pressed
            return
        chosen = self._sharing[place]
        if chosen is self:
            return
        chosen.raise_()
        if by_keyboard:
            # Qt gives the keyboard to the name that was pressed, after this
            QTimer.singleShot(0, chosen.row, chosen.row.take_focus)
        else:
            chosen.panel.setFocus(Qt.FocusReason.TabFocusReason)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer what can be done with the card as a whole."""
        if not self.row.geometry().contains(event.pos()):
            return
        menu = QMenu(self)
        menu.addAction(tr("Dock") if self.isFloating() else tr("Float"), self._float)
        menu.addAction(tr("Hide"), self.close)
        menu.addAction(tr("Save as a picture…"), partial(self._picture, "png"))
        menu.addAction(tr("Save as SVG…"), partial(self._picture, "svg"))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def _float(self) -> None:
        self.setFloating(not self.isFloating())

    def _picture(self, kind: str) -> None:
        self.picture_wanted.emit(self.panel, kind)
