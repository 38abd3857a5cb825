"""The legend of overlaid runs: a row of names above a plot; a click on a name hides or shows its run."""

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
"""Heights of a chip in pixels, large enough for touch or for the mouse, and the height of a plot for the former."""
_SAMPLE, _GAP, _NARROWEST, _WIDEST = 26, 6, 44, 220


class RunChip(QAbstractButton):
    """A button with a sample of a run's line and its elided name; checked while the run is shown."""

    def __init__(self, index: int, name: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index, self.name = index, name
        self.about: str = about
        """Further text for the tooltip."""
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.setAccessibleName(self.name)
        self.setToolTip(
            "\n".join(filter(None, (self.name, retranslate(self.about), tr("Click to hide or show this run"))))
        )

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size for the whole name, up to a maximum width."""
        text_width = QFontMetricsF(font(theme.SMALL)).horizontalAdvance(self.name)
        return QSize(min(ceil(text_width) + 1 + _SAMPLE + 3 * _GAP, _WIDEST), LOW)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the width of the line and a letter or two."""
        return QSize(_NARROWEST, LOW)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the line and the name, both faint while the run is hidden."""
        colours, middle = theme.current(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QColor(colours.quiet if self.hasFocus() else colours.line))
            painter.drawRoundedRect(QRectF(0.5, middle - LOW / 2 + 0.5, self.width() - 1, LOW - 1), 6, 6)
        pen = sample_pen(self.index)
        if not self.isChecked():
            pen.setColor(QColor(colours.faint))
        painter.setPen(pen)
        painter.drawLine(QPointF(_GAP, middle), QPointF(_GAP + _SAMPLE, middle))
        face = font(theme.SMALL)
        painter.setPen(QColor(colours.text if self.isChecked() else colours.faint))
        painter.setFont(face)
        text_box = QRectF(_SAMPLE + 2 * _GAP, 0, self.width() - _SAMPLE - 3 * _GAP, self.height())
        # elided in the middle, because names of runs differ at their ends
        text = QFontMetricsF(face).elidedText(self.name, Qt.TextElideMode.ElideMiddle, text_box.width())
        painter.drawText(text_box, Qt.AlignmentFlag.AlignVCenter, text)


class RunLegend(QWidget):
    """A row of chips, hidden while no run is overlaid.

    Signals:
        changed: a run was hidden or shown.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[RunChip] = []
        self._plot_height = 0
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(GAP, 0, 0, 0)
        self._layout.setSpacing(GAP)
        self._layout.addStretch(1)
        # long names must not make the plot wider
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_runs(self, runs: Sequence[str], about: Sequence[str] = ()) -> None:
        """Show a chip for every overlaid run, with further text for its tooltip; hidden runs stay hidden."""
        if list(runs) == [chip.name for chip in self.chips]:
            return
        hidden = {chip.name for chip in self.chips if not chip.isChecked()}
        for chip in self.chips:
            self._layout.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        texts = zip_longest(runs, about, fillvalue="")
        self.chips = [RunChip(index, run, more, self) for index, (run, more) in enumerate(texts)]
        for chip in self.chips:
            chip.setChecked(chip.name not in hidden)
            chip.toggled.connect(self.changed)
            self._layout.insertWidget(chip.index, chip)
        self.setVisible(bool(self.chips))
        self._distribute_width()
        self.fit_height(self._plot_height)

    def fit_height(self, plot_height: int) -> None:
        """Set the chips' height according to the plot's height, in pixels."""
        self._plot_height = plot_height
        for chip in self.chips:
            chip.setFixedHeight(TALL if plot_height >= ENOUGH else LOW)

    def is_shown(self, index: int) -> bool:
        """Return whether an overlaid run is shown."""
        return self.chips[index].isChecked()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Distribute the width again."""
        super().resizeEvent(event)
        self._distribute_width()

    def _distribute_width(self) -> None:
        """Give short names the width they need, and divide the rest among the long ones."""
        available, remaining = self.width() - GAP * (len(self.chips) + 1), len(self.chips)
        for chip in sorted(self.chips, key=lambda chip: chip.sizeHint().width()):
            width = max(min(chip.sizeHint().width(), available // remaining), _NARROWEST)
            chip.setFixedWidth(width)
            available, remaining = available - width, remaining - 1

    def restyle(self) -> None:
        """Adapt to the type size."""
        self._distribute_width()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        for chip in self.chips:
            chip.retranslate()
