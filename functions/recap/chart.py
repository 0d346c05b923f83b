"""The month as a picture: a column for each day, of one block for each post where there is room for blocks. PNG, the same bytes each time.

Twice the pixels that a mail shows it in. The labels are figures and English weekdays alone: Pillow's own font has no other scripts, and
the channels' names stand in the table below, with their colours.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from recap.decide import Chart
from recap.palette import FAINT, INK, LINE, PANEL, WEEKEND, colour

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH_PX, HIGHEST_PX = 1_120, 620
_FINER = 2  # drawn so much larger and then reduced: Pillow's shapes have no soft edges of their own
_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 40, 84, 92
_ROUND, _EDGE = 20, 2  # of the panel's corners, and around it: a panel of its own, by day and by night
_FONT_PX = 32
_LARGEST_BLOCK = 56
_SMALLEST_BLOCK = 10  # below it a column is one piece for each channel
_AIR = 3  # between two blocks
_SATURDAY = 5
_STEPS = (1, 2, 5)
_COLOURS = 128


def draw(chart: Chart) -> bytes:
    """Pillow is imported here: who sends a month again from its notes needs it no less, but whoever only imports this does not."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(_FONT_PX * _FINER)
    assert isinstance(font, ImageFont.FreeTypeFont), "this Pillow was built without FreeType"
    scale = _Scale(chart)
    picture = Image.new("RGBA", (WIDTH_PX * _FINER, scale.height_px * _FINER), (0, 0, 0, 0))
    sheet = _Sheet(ImageDraw.Draw(picture), font, chart, scale)
    sheet.box(0, 0, WIDTH_PX, scale.height_px, LINE, _ROUND)
    sheet.box(_EDGE, _EDGE, WIDTH_PX - _EDGE, scale.height_px - _EDGE, PANEL, _ROUND - _EDGE)
    sheet.ground()
    sheet.columns()
    out = io.BytesIO()
    smooth = picture.reduce(_FINER).quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
    smooth.save(out, "PNG", optimize=True)
    return out.getvalue()


@dataclass(frozen=True)
class _Scale:
    """How much of the picture a post and a day take, in the finished picture's pixels. A month of few posts is a low picture."""

    chart: Chart

    @cached_property
    def most(self) -> int:
        return max(self.chart.totals, default=0)

    @cached_property
    def step(self) -> int:
        """Between the lines behind the columns: four of them at most."""
        size = 1
        while not any(one * size * 4 >= self.most for one in _STEPS):
            size *= 10
        return next(one * size for one in _STEPS if one * size * 4 >= self.most)

    @cached_property
    def highest(self) -> int:
        """The number at the uppermost line."""
        return max(1, -(-self.most // self.step)) * self.step

    @cached_property
    def unit(self) -> float:
        """A post's height."""
        return min((HIGHEST_PX - _TOP - _BOTTOM) / self.highest, _LARGEST_BLOCK)

    @cached_property
    def height_px(self) -> int:
        return round(_TOP + self.highest * self.unit + _BOTTOM)

    @cached_property
    def pitch(self) -> float:
        """A day's width."""
        return (WIDTH_PX - _LEFT - _RIGHT) / len(self.chart.days)

    def y(self, count: float) -> float:
        return self.height_px - _BOTTOM - count * self.unit

    def x(self, day: int) -> float:
        return _LEFT + day * self.pitch


@dataclass(frozen=True)
class _Sheet:
    """Coordinates are in the finished picture's pixels."""

    pen: ImageDraw
    font: FreeTypeFont
    chart: Chart
    scale: _Scale

    def box(self, left: float, top: float, right: float, bottom: float, hue: str, radius: float = 0) -> None:
        """Nothing is thinner than a pixel."""
        x0, y0 = round(left * _FINER), round(top * _FINER)
        x1, y1 = max(x0, round(right * _FINER) - 1), max(y0, round(bottom * _FINER) - 1)
        radius = min(radius * _FINER, (x1 - x0) / 2, (y1 - y0) / 2)
        if radius < 1:
            self.pen.rectangle((x0, y0, x1, y1), hue)
        else:
            self.pen.rounded_rectangle((x0, y0, x1, y1), radius, hue)

    def write(self, x: float, y: float, text: str, hue: str, anchor: str) -> None:
        self.pen.text((x * _FINER, y * _FINER), text, hue, self.font, anchor=anchor)

    def ground(self) -> None:
        """Weekends, lines with their numbers, and the Mondays below."""
        for at, day in enumerate(self.chart.days):
            if date.fromisoformat(day).weekday() >= _SATURDAY:
                self.box(
                    self.scale.x(at), self.scale.y(self.scale.highest), self.scale.x(at + 1), self.scale.y(0), WEEKEND
                )
        for count in range(0, self.scale.highest + 1, self.scale.step):
            y, base = self.scale.y(count), count == 0
            self.box(_LEFT, y - 1, WIDTH_PX - _RIGHT, y + 1, FAINT if base else LINE)
            self.write(_LEFT - 16, y, f"{count:,}", FAINT, "rm")
        for at, day in enumerate(self.chart.days):
            if date.fromisoformat(day).weekday() == 0:
                self._under(at, date.fromisoformat(day))

    def _under(self, at: int, day: date) -> None:
        x, y = (self.scale.x(at) + self.scale.x(at + 1)) / 2, self.scale.y(0)
        self.box(x - 1.5, y, x + 1.5, y + 12, FAINT)
        self.write(min(x, WIDTH_PX - _RIGHT - 44), y + 22, f"{day:%a} {day.day}", FAINT, "mt")

    def columns(self) -> None:
        gap = self.scale.pitch * 0.16
        best = self.chart.totals.index(self.scale.most) if self.scale.most else -1
        for at, total in enumerate(self.chart.totals):
            left, right = self.scale.x(at) + gap / 2, self.scale.x(at + 1) - gap / 2
            done = 0
            for series, (_, counts) in enumerate(self.chart.series):
                self._piece(left, right, done, counts[at], colour(series))
                done += counts[at]
            if at == best:
                self.write((left + right) / 2, self.scale.y(total) - 12, f"{total:,}", INK, "mb")

    def _piece(self, left: float, right: float, done: int, count: int, hue: str) -> None:
        """Posts of one channel on top of those below, with a little air around each, or around all of them."""
        each = 1 if self.scale.unit >= _SMALLEST_BLOCK else count
        air = min(_AIR, self.scale.unit * max(each, 1) / 3)
        for low in range(done, done + count, each or 1):
            self.box(left, self.scale.y(low + each) + air / 2, right, self.scale.y(low) - air / 2, hue, 6)
