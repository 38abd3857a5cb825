#!/usr/bin/env bash
# pyqtgraph 0.14.0 with PySide6-Essentials 6.11.3: the newest points of a long curve are not drawn
#
# What happens: with downsampling by "peak", the mode that is recommended because it loses no extreme, points are
# put into bins of equal count, and what is left behind the last full bin is dropped. Of 999,999 points in a plot 400
# pixels wide the last several hundred are in no bin: a spike among the newest values is not in what is drawn, while the
# same spike anywhere else is. "mean" drops them too; "subsample" keeps one of them at most. How many are left out goes
# up and down with the length, so that the end of a live curve jumps as values arrive.
#
# Why it surprises: "peak" is documented to draw minimum and maximum, the data set holds the value, the axes leave room
# for it, and a monitor is watched for just its newest values.
#
# What to do: append the remainder as a bin of its own (np.minimum.reduceat and np.maximum.reduceat over the starts of
# the bins do), or draw it as a second, short curve that is not downsampled.
#
# Exits 0 while the release behaves as told here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pyqtgraph==0.14.0 PySide6-Essentials==6.11.3 shiboken6==6.11.3 numpy==2.4.6
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'PY'
import numpy as np
import PySide6
import pyqtgraph as pg

print("pyqtgraph", pg.__version__, "PySide6", PySide6.__version__)
application = pg.mkQApp()
LENGTH = 999_999


def drawn(place, mode):
    """Return the highest value, and the last x, of what is drawn of a flat curve with one spike."""
    values = np.zeros(LENGTH)
    values[place] = 1.0
    widget = pg.PlotWidget()
    widget.resize(400, 300)
    curve = widget.plot(np.arange(LENGTH), values)
    curve.setDownsampling(auto=True, method=mode)
    widget.show()
    application.processEvents()
    x, y = curve.getData()
    assert len(x) < LENGTH / 10, "nothing was downsampled"
    return float(y.max()), int(x[-1])


middle, _ = drawn(LENGTH // 2, "peak")
newest, last = drawn(LENGTH - 1, "peak")
print("peak: a spike in the middle is drawn as", middle)
print("peak: a spike that is the newest value is drawn as", newest, "; drawing ends", LENGTH - 1 - last, "points before")
mean, _ = drawn(LENGTH - 1, "mean")
print("mean: the newest value counts for", mean)
assert middle == 1.0 and newest == 0.0 and mean == 0.0, "the release behaves differently now"
PY
echo "as told"
