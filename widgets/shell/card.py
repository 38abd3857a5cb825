"""A card: a dock widget with one panel, rounded corners and its own title row."""

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
"""Width of a combo box beside its text, in pixels."""


class Elided(QLabel):
    """A label in secondary text that is shortened to fit, part by part; the tooltip then has the full text.

    It is empty if the shortened text would be too short to be recognised.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full_text = self._meaning = ""
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_full_text(self, text: str) -> None:
        """Set the text to show, as far as it fits."""
        if text != self._full_text:
            self._full_text = text
            self._fit()

    def set_explanation(self, meaning: str) -> None:
        """Set an explanation of the text for the tooltip."""
        self._meaning = meaning
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Shorten the text again for a new type size."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Shorten the text for the new width."""
        self._fit()

    def _fit(self) -> None:
        beside = max(self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text()), 0)
        shown = shorten(self._full_text, self.fontMetrics(), self.width() - beside)
        if shown != self._full_text and shown.endswith("…") and columns(shown) <= RECOGNISABLE:
            shown = ""  # too short to be recognised
        self.setText(shown)
        self.setToolTip("\n".join(filter(None, (self._full_text if shown != self._full_text else "", self._meaning))))


class CardTab(QToolButton):
    """The tab of a card in a stack of cards; the arrow keys move to the next tab."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("CardTab")
        self.setCheckable(True)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of the name with little padding, because a title row holds many tabs."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + _BESIDE, super().sizeHint().height())


class TitleRow(QWidget):
    """The title row of a card: tabs of all cards in its stack, the subtitle, and the panel's controls.

    Tabs that do not fit are in a menu after the others; the tab of the card on top is always visible.

    Signals:
        chosen: int, the index of the tab that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, controls: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self.subtitle, self._controls = Elided(self), controls
        self._titles: Sequence[str] = ()
        self._min_size: QSize | None = None
        """Cached minimum size."""
        self._revalidating = QTimer(self, singleShot=True, interval=0)
        self._revalidating.timeout.connect(self._revalidate)
        self._tabs = QButtonGroup(self)
        self._tabs.idClicked.connect(self.chosen)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(INSET - 5, 0, INSET - 4, 0)
        self._row.setSpacing(6)
        self._names = QHBoxLayout()
        self._names.setSpacing(0)
        self._row.addLayout(self._names)
        self._add_tab()  # before the controls, so that the Tab key reaches it first
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

    def set_titles(self, titles: Sequence[str], active: int) -> None:
        """Show a tab for every card in the stack; the card at index `active` is on top."""
        self._titles = titles
        while len(self._tabs.buttons()) < len(titles):
            self._add_tab()
        for index, tab in enumerate(self._tabs.buttons()):
            title = titles[index] if index < len(titles) else ""
            tab.setVisible(bool(title))
            tab.setText(title)
            tab.setAccessibleName(title)
            tab.setChecked(index == active)
            tab.setToolTip("" if index == active else tr("Show {title}", title=title))
        # a single tab has nothing to switch to
        self._tabs.button(active).setFocusPolicy(Qt.FocusPolicy.TabFocus if len(titles) > 1 else Qt.FocusPolicy.NoFocus)
        self._more.setAccessibleName(tr("More panels"))
        self._more.setToolTip(tr("More panels"))
        self.fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the minimum size: room for the controls and the tab of the card on top."""
        if self._min_size is None:  # cached: the docks call this some thousand times per layout of the window
            self._min_size = self._needed()
            self._revalidating.start()
        return self._min_size

    def _needed(self) -> QSize:
        on_top = self._tabs.button(max(self._tabs.checkedId(), 0)).sizeHint().width()
        return QSize(self._fixed_width() + on_top + (self._menu_width() if len(self._titles) > 1 else 0), TARGET)

    def _revalidate(self) -> None:
        """Clear the cached size, and update the geometry if a control has changed since."""
        before, self._min_size = self._min_size, None
        if before is not None and before != self._needed():
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show the tabs that fit into the new width."""
        super().resizeEvent(event)
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show the tabs that fit, once the width is known."""
        super().showEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Show the tabs that fit at the new type size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()

    def _fixed_width(self, *, recognised: bool = False) -> int:
        """Return the width of everything but the tabs; `recognised`: with combo boxes wide enough to be read."""
        margins, shown = self._row.contentsMargins(), [part for part in self._controls if not part.isHidden()]
        needed = [max(part.minimumWidth(), part.minimumSizeHint().width()) for part in shown]
        if recognised:
            needed = [max(width, _readable(part)) for width, part in zip(needed, shown, strict=True)]
        return margins.left() + margins.right() + self._row.spacing() * (1 + len(shown)) + sum(needed)

    def _menu_width(self) -> int:
        """Return the width of the menu button for the tabs that do not fit."""
        return self._more.sizeHint().width() + self._row.spacing()

    def fit(self) -> None:
        """Show as many tabs as fit, that of the top card first; also called when controls were shown or hidden."""
        self._min_size = None
        if not self._titles or not self.isVisible():
            return
        tabs = self._tabs.buttons()[: len(self._titles)]
        widths = [tab.sizeHint().width() for tab in tabs]
        available, on_top = self.width() - self._fixed_width(recognised=True), max(self._tabs.checkedId(), 0)
        if sum(widths) > available:
            available -= self._menu_width()
        shown, used = {on_top}, widths[on_top]
        for index in (index for index in range(len(tabs)) if index != on_top):
            used += widths[index]
            if used > available:
                break
            shown.add(index)
        for index, tab in enumerate(tabs):
            tab.setVisible(index in shown)
        self._more.setVisible(len(shown) < len(tabs))

    def _list(self) -> None:
        """Fill the menu with the tabs that do not fit."""
        menu = self._more.menu()
        menu.clear()
        for index, title in enumerate(self._titles):
            if self._tabs.button(index).isHidden():
                menu.addAction(title, partial(self.chosen.emit, index))

    def has_focus(self) -> bool:
        """Return whether one of the tabs has the focus."""
        return any(tab.hasFocus() for tab in self._tabs.buttons())

    def take_focus(self) -> None:
        """Set the focus to the top card's tab."""
        self._tabs.button(max(self._tabs.checkedId(), 0)).setFocus(Qt.FocusReason.TabFocusReason)

    def _add_tab(self) -> None:
        others = self._tabs.buttons()
        tab = CardTab(self)
        self._tabs.addButton(tab, len(others))
        self._names.addWidget(tab)
        if others:
            _set_tab_order(others[-1], tab)


def _readable(control: QWidget) -> int:
    """Return the width at which a combo box's text can be read; 0 for other controls, whose width is fixed."""
    if not isinstance(control, QComboBox):
        return 0
    metrics = control.fontMetrics()
    return min(metrics.horizontalAdvance(control.currentText()), min_text_width(metrics)) + _ARROW


def _set_tab_order(first: QWidget, second: QWidget) -> None:
    """Put `second` after `first` in the Tab order; Qt does so only for widgets that accept the focus at that time."""
    policy = first.focusPolicy()
    first.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    QWidget.setTabOrder(first, second)
    first.setFocusPolicy(policy)


class Card(QDockWidget):
    """A dock widget with one panel; its title row moves it by dragging and has a context menu.

    Signals:
        picture_wanted: save this panel as a picture; str: `png` or `svg`.
    """

    picture_wanted = Signal(object, str)

    def __init__(self, key: str, title: str, panel: Panel, parent: QWidget) -> None:
        super().__init__(parent)
        self.key, self.panel = key, panel
        self._english = title
        self._stack: list[Card] = [self]
        """All cards that are tabbed together with this one, and itself."""
        self.setObjectName(key)
        # painted by the style sheet: a paintEvent in Python would be called whenever something on the card changes
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = TitleRow(panel.header_widgets(), self)
        self.row.chosen.connect(self._choose)
        self.setTitleBarWidget(self.row)
        self.setWidget(panel)
        self.retitle()

    @property
    def title(self) -> str:
        """The panel's title, in the current language."""
        return tr(self._english)

    def set_stack(self, cards: Sequence[Card]) -> None:
        """Set the cards that are tabbed together with this one, including itself."""
        self._stack = list(cards)
        self.row.set_titles([card.title for card in cards], self._stack.index(self))

    def retitle(self) -> None:
        """Set the title again, in the current language."""
        self.setWindowTitle(self.title)
        self.panel.setAccessibleName(self.title)
        self.set_stack(self._stack)
        self.reread()

    def reread(self) -> None:
        """Update the subtitle and the tabs after the panel was drawn, which may show or hide controls."""
        self.row.fit()
        self.row.subtitle.set_full_text(self.panel.subtitle())

    def enter(self) -> None:
        """Set the focus to the tabs or, without other cards in the stack, to the panel."""
        if len(self._stack) > 1:
            self.row.take_focus()
        else:
            self.panel.setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self, index: int) -> None:
        by_keyboard = self.row.has_focus()
        self.set_stack(self._stack)
        if index >= len(self._stack):  # the card was closed while its tab was pressed
            return
        chosen = self._stack[index]
        if chosen is self:
            return
        chosen.raise_()
        if by_keyboard:
            # deferred, because Qt sets the focus to the clicked tab after this handler
            QTimer.singleShot(0, chosen.row, chosen.row.take_focus)
        else:
            chosen.panel.setFocus(Qt.FocusReason.TabFocusReason)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Show the menu to dock, float, hide or save the card."""
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
