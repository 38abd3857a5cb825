"""Which line is which run: a row of names over a plot, each of which hides its run and shows it retranslate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from widgets.plots.run_styles import sample_pen
from widgets.style import theme
from widgets.style.panel_style import GAP, font
from widgets.style.translation import retranslate, tr

TALL, LOW, ENOUGH = 44, 24, 200
"""Pixels of a chip: as a finger needs them where the plot is at least so high, else as a mouse does."""
_SAMPLE, _GAP, _NARROWEST, _WIDEST = 26, 6, 44, 220


class RunChip(QAbstractButton):
    """A piece of a run's line, and its name as far as there is room; checked while the run is shown."""

    def __init__(self, place: int, name: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self.name = place, name
        self.about: str = about
        """What else the tooltip says of the run."""
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def retranslate(self) -> None:
        """Write every text retranslate."""
        self.setAccessibleName(self.name)
        self.setToolTip(
            "\n".join(filter(None, (self.name, retranslate(self.about), tr("Click to hide or show this run"))))
        )

    def sizeHint(self) -> QSize:  # noqa: N802
        """Prefer room for the whole name."""
        written = QFontMetricsF(font(theme.SMALL)).horizontalAdvance(self.name)
        return QSize(min(ceil(written) + 1 + _SAMPLE + 3 * _GAP, _WIDEST), LOW)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need room for the line and a letter or two."""
        return QSize(_NARROWEST, LOW)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the line and the name; both faint while the run is hidden."""
        colours, middle = theme.current(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QColor(colours.quiet if self.hasFocus() else colours.line))
            painter.drawRoundedRect(QRectF(0.5, middle - LOW / 2 + 0.5, self.width() - 1, LOW - 1), 6, 6)
        pen = sample_pen(self.place)
        if not self.isChecked():
            pen.setColor(QColor(colours.faint))
        painter.setPen(pen)
        painter.drawLine(QPointF(_GAP, middle), QPointF(_GAP + _SAMPLE, middle))
        face = font(theme.SMALL)
        painter.setPen(QColor(colours.text if self.isChecked() else colours.faint))
        painter.setFont(face)
        room = QRectF(_SAMPLE + 2 * _GAP, 0, self.width() - _SAMPLE - 3 * _GAP, self.height())
        # names of runs differ at their ends
        text = QFontMetricsF(face).elidedText(self.name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class RunLegend(QWidget):
    """Takes no room while no run is laid over.

    Signals:
        changed: a run was hidden, or is shown retranslate.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[RunChip] = []
        self._room = 0
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(GAP, 0, 0, 0)
        self._layout.setSpacing(GAP)
        self._layout.addStretch(1)
        # names must not make a plot wider than its place
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def name(self, runs: Sequence[str], about: Sequence[str] = ()) -> None:
        """Name the runs that are laid over, in their order, and say more of each; who stays is hidden as before."""
        if list(runs) == [chip.name for chip in self.chips]:
            return
        hidden = {chip.name for chip in self.chips if not chip.isChecked()}
        for chip in self.chips:
            self._layout.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        told = zip_longest(runs, about, fillvalue="")
        self.chips = [RunChip(place, run, more, self) for place, (run, more) in enumerate(told)]
        for chip in self.chips:
            chip.setChecked(chip.name not in hidden)
            chip.toggled.connect(self.changed)
            self._layout.insertWidget(chip.place, chip)
        self.setVisible(bool(self.chips))
        self._share()
        self.suit(self._room)

    def suit(self, room: int) -> None:
        """Be as high as `room` allows, the height of what it stands in."""
        self._room = room
        for chip in self.chips:
            chip.setFixedHeight(TALL if room >= ENOUGH else LOW)

    def is_shown(self, place: int) -> bool:
        """Return whether the run at `place` is to be drawn."""
        return self.chips[place].isChecked()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room out retranslate."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        """Give short names what they need, and the rest to the long ones."""
        room, left = self.width() - GAP * (len(self.chips) + 1), len(self.chips)
        for chip in sorted(self.chips, key=lambda chip: chip.sizeHint().width()):
            width = max(min(chip.sizeHint().width(), room // left), _NARROWEST)
            chip.setFixedWidth(width)
            room, left = room - width, left - 1

    def restyle(self) -> None:
        """Follow the size of type."""
        self._share()

    def retranslate(self) -> None:
        """Write every text retranslate."""
        for chip in self.chips:
            chip.retranslate()
