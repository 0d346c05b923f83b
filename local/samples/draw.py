"""Draws the sample café's pictures: ``python -m local.samples.draw [FOLDER]``.

Flat shapes in one palette, drawn at three times the size and scaled down, so that edges are smooth. No fonts, no chance
without a fixed seed: the same Pillow draws the same bytes. Sizes are in px of the finished picture.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SCALE = 3

PAPER = "#f6efe2"
CREAM = "#fbf7ee"
INK = "#2b3340"
SEA = "#2f6f79"
SKY = "#bcd9dc"
SAND = "#e9c98f"
CRUST = "#c9853e"
BROWN = "#6b4229"
DARK = "#3d2619"
CORAL = "#e2694f"
ROSE = "#f0b7a0"
NIGHT = "#1f2a44"
GOLD = "#f4c556"

Point = tuple[float, float]


class Sheet:
    """A drawing surface in px of the finished picture; each shape scales itself."""

    def __init__(self, width_px: int, height_px: int, background: str) -> None:
        self.size = (width_px, height_px)
        self.image = Image.new("RGB", (width_px * SCALE, height_px * SCALE), background)
        self._draw = ImageDraw.Draw(self.image)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        self._draw.ellipse(_scaled(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def circle(self, x: float, y: float, r: float, fill: str) -> None:
        self.ellipse(x, y, r, r, fill)

    def ring(self, x: float, y: float, rx: float, ry: float, colour: str, width: float) -> None:
        self._draw.ellipse(_scaled(x - rx, y - ry, x + rx, y + ry), outline=colour, width=round(width * SCALE))

    def box(self, x: float, y: float, width: float, height: float, fill: str, radius: float = 0) -> None:
        self._draw.rounded_rectangle(_scaled(x, y, x + width, y + height), radius=radius * SCALE, fill=fill)

    def polygon(self, points: Iterable[Point], fill: str) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points: Iterable[Point], colour: str, width: float) -> None:
        """A line with round ends and joints."""
        dots = list(points)
        self._draw.line(
            [(x * SCALE, y * SCALE) for x, y in dots], fill=colour, width=round(width * SCALE), joint="curve"
        )
        for x, y in dots:
            self.circle(x, y, width / 2 - 0.4, colour)

    def turned(self, x: float, y: float, rx: float, ry: float, degrees: float, fill: str) -> None:
        """An ellipse turned around its middle."""
        self.polygon(_turned(x, y, rx, ry, degrees), fill)

    def glow(self, x: float, y: float, r: float, colour: str, strength: float) -> None:
        """A soft light: a blurred disc laid over what is there, ``strength`` 0 to 1."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).ellipse(_scaled(x - r, y - r, x + r, y + r), fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(r * SCALE * 0.45))
        self.image.paste(Image.new("RGB", self.image.size, colour), (0, 0), mask)
        self._draw = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        return self.image.resize(self.size, Image.Resampling.LANCZOS)


def _scaled(*numbers: float) -> list[float]:
    return [number * SCALE for number in numbers]


def _turned(x: float, y: float, rx: float, ry: float, degrees: float) -> list[Point]:
    angle = math.radians(degrees)
    steps = [math.tau * n / 72 for n in range(72)]
    return [
        (
            x + rx * math.cos(t) * math.cos(angle) - ry * math.sin(t) * math.sin(angle),
            y + rx * math.cos(t) * math.sin(angle) + ry * math.sin(t) * math.cos(angle),
        )
        for t in steps
    ]


def curve(start: Point, bend: Point, end: Point, steps: int = 40) -> list[Point]:
    """A quadratic Bézier curve as points."""
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * (1 - t) * t * bend[0] + t**2 * end[0],
            (1 - t) ** 2 * start[1] + 2 * (1 - t) * t * bend[1] + t**2 * end[1],
        )
        for t in (n / steps for n in range(steps + 1))
    ]


def cappuccino() -> Image.Image:
    sheet = Sheet(1000, 750, SAND)
    sheet.circle(515, 395, 305, "#d8b474")
    sheet.circle(500, 375, 300, CREAM)
    sheet.circle(500, 375, 262, "#f1e8d8")
    sheet.polygon([(686, 232), (800, 142), (842, 190), (722, 282)], "#e4d8c3")
    sheet.circle(818, 168, 34, "#e4d8c3")
    sheet.circle(500, 375, 212, "#ffffff")
    sheet.circle(500, 375, 188, BROWN)
    sheet.circle(500, 375, 176, "#a8703f")
    for level, width in enumerate((118, 106, 88, 66, 40)):
        y = 458 - level * 46
        sheet.polygon(
            [*curve((500, y + 34), (500 - width * 1.25, y + 4), (500 - width * 0.55, y - 44)), (500, y - 10)], CREAM
        )
        sheet.polygon(
            [*curve((500, y + 34), (500 + width * 1.25, y + 4), (500 + width * 0.55, y - 44)), (500, y - 10)], CREAM
        )
    sheet.line(curve((500, 530), (506, 400), (500, 236)), "#a8703f", 7)
    sheet.line([(150, 590), (330, 690)], "#b9bdc4", 16)
    sheet.turned(128, 578, 50, 28, 29, "#b9bdc4")
    sheet.turned(126, 575, 38, 18, 29, "#d5d9de")
    return sheet.finished()


def croissant() -> Image.Image:
    sheet = Sheet(1000, 750, ROSE)
    sheet.ellipse(508, 432, 410, 262, "#dc9d86")
    sheet.ellipse(500, 410, 410, 262, SEA)
    sheet.ellipse(500, 402, 344, 208, "#3f8792")
    # Seven rolls on an arc, thick in the middle; each one a darker edge under a lighter body.
    for n in (-3, 3, -2, 2, -1, 1, 0):
        angle = math.radians(n * 25)
        x, y = 500 + 262 * math.sin(angle), 560 - 236 * math.cos(angle)
        rx, ry = 94 - abs(n) * 13, 112 - abs(n) * 21
        sheet.turned(x, y + 9, rx, ry, n * 27, "#8f5524")
        sheet.turned(x, y, rx, ry, n * 27, CRUST)
        sheet.turned(x - 9, y - 13, rx * 0.66, ry * 0.68, n * 27, "#dba057")
        sheet.turned(x - 15, y - 27, rx * 0.3, ry * 0.36, n * 27, "#ecc183")
    for x, y, r in ((300, 590, 6), (352, 570, 4), (690, 580, 6), (640, 562, 4), (668, 604, 3), (500, 560, 4)):
        sheet.circle(x, y, r, "#ecc183")
    return sheet.finished()


def bicycle() -> Image.Image:
    sheet = Sheet(1000, 750, GOLD)
    for row in range(5):
        for column in range(9):
            if (row * 5 + column * 3) % 7 < 2:
                sheet.box(column * 124 - (row % 2) * 60, row * 104 + 40, 104, 40, "#f0bd45", 5)
    sheet.box(0, 600, 1000, 150, "#7f8c8d")
    sheet.box(0, 600, 1000, 14, "#95a2a2")
    back, front, crank = (290.0, 510.0), (720.0, 510.0), (470.0, 510.0)
    for x, y in (back, front):
        sheet.ellipse(x, y + 130, 130, 10, "#6f7b7c")
        for n in range(12):
            angle = math.tau * n / 24
            dx, dy = 116 * math.cos(angle), 116 * math.sin(angle)
            sheet.line([(x - dx, y - dy), (x + dx, y + dy)], "#d9a93a" if y + dy < 600 else "#a7b0af", 2)
        sheet.ring(x, y, 130, 130, INK, 15)
        sheet.circle(x, y, 14, INK)
    seat, head = (420.0, 300.0), (650.0, 290.0)
    for a, b in ((back, crank), (back, (432, 345)), (crank, seat), (crank, (660, 330)), ((432, 345), (652, 312))):
        sheet.line([a, b], CORAL, 17)
    sheet.line([(640, 245), head, front], CORAL, 17)
    sheet.line([(640, 246), (622, 222), (580, 226)], INK, 14)
    sheet.box(368, 280, 108, 26, DARK, 13)
    sheet.circle(*crank, 32, INK)
    sheet.circle(*crank, 18, "#8d99a6")
    sheet.line([crank, (512, 566)], INK, 11)
    sheet.box(490, 560, 54, 15, INK, 7)
    for n, lean in enumerate((-16, -4, 10)):
        sheet.line([(716 + n * 40, 330), (716 + n * 40 + lean * 3, 178 + abs(lean) * 2)], CRUST, 34)
        for step in (0.3, 0.55, 0.8):
            x, y = 716 + n * 40.0 + lean * 3 * step, 330 - (152 - abs(lean) * 2) * step
            sheet.line([(x - 8, y + 5), (x + 8, y - 5)], "#ecc183", 5)
    sheet.polygon([(668, 282), (856, 282), (832, 402), (692, 402)], BROWN)
    for n in range(4):
        sheet.line([(674 + n * 5, 304 + n * 26), (850 - n * 5, 304 + n * 26)], "#8a5a38", 6)
    sheet.box(658, 268, 208, 22, "#8a5a38", 11)
    return sheet.finished()


def sunrise() -> Image.Image:
    sheet = Sheet(1000, 750, "#f7d9b0")
    for n, colour in enumerate(("#f8ddb6", "#f7cfa3", "#f5c093", "#f2ae84", "#ee9c78")):
        sheet.box(0, n * 92, 1000, 110, colour)
    sheet.circle(500, 400, 205, "#f8cf8c")
    sheet.circle(500, 400, 150, "#fbe2a0")
    sheet.circle(500, 400, 108, "#fff1c4")
    far, near = "#c9807a", "#7b5568"
    heights = (60, 96, 74, 110, 66, 84, 120, 70, 92, 60, 104, 78)
    for n, height in enumerate(heights):
        sheet.polygon([(n * 88, 480), (n * 88, 470 - height), (n * 88 + 44, 440 - height), (n * 88 + 88, 470 - height),
                       (n * 88 + 88, 480)], far)  # fmt: skip
    for x, height in ((170, 300), (790, 340)):
        sheet.box(x - 26, 480 - height + 90, 52, height - 90, near)
        sheet.polygon([(x - 32, 480 - height + 92), (x, 480 - height - 40), (x + 32, 480 - height + 92)], near)
        sheet.circle(x, 480 - height + 122, 11, "#f8cf8c")
    for n, height in enumerate((70, 48, 84, 56, 40, 44, 38, 60, 76, 52, 66)):
        sheet.box(n * 94 - 10, 480 - height, 84, height, near)
        for window in range(2):
            sheet.box(n * 94 + 8 + window * 32, 480 - height + 16, 12, 16, "#f8cf8c" if (n + window) % 3 else "#96697a")
    sheet.box(0, 478, 1000, 272, SEA)
    sheet.polygon([(0, 490), (1000, 490), (1000, 514), (0, 514)], "#38808a")
    for n in range(9):
        width = 210 - n * 15
        sheet.box(500 - width / 2 + (-1) ** n * 16, 502 + n * 27, width, 9, "#f8cf8c", 4)
    for x, y, width in ((90, 560, 120), (190, 640, 90), (760, 560, 150), (850, 660, 100), (80, 706, 70)):
        sheet.box(x, y, width, 7, "#4f95a0", 4)
    return sheet.finished()


def apple_cake() -> Image.Image:
    sheet = Sheet(1000, 750, SKY)
    sheet.box(0, 540, 1000, 210, "#d9b98c")
    sheet.box(0, 540, 1000, 10, "#e6cda6")
    sheet.ellipse(500, 620, 380, 66, "#c2a173")
    sheet.ellipse(500, 596, 380, 70, "#ffffff")
    sheet.ellipse(500, 588, 300, 48, "#eef0ef")
    sheet.polygon([(240, 585), (240, 400), (700, 330), (760, 345), (760, 560), (700, 606)], "#b4743a")
    sheet.polygon([(240, 400), (240, 590), (700, 610), (700, 380)], "#eecb8f")
    sheet.polygon([(240, 552), (240, 590), (700, 610), (700, 566)], CRUST)
    sheet.polygon([(240, 400), (700, 380), (762, 340), (690, 322)], "#f6dfae")
    for x, y, r in ((312, 480, 34), (420, 470, 40), (530, 486, 38), (632, 462, 40), (366, 524, 26), (586, 530, 26)):
        sheet.turned(x, y, r, r * 0.62, -14, CORAL)
        sheet.turned(x + 2, y - 4, r * 0.84, r * 0.46, -14, "#f7e6b5")
    for n in range(7):
        sheet.turned(330 + n * 60, 380 - n * 7, 26, 11, -12, "#e9b96b" if n % 2 else CORAL)
    random_ = random.Random(14)
    for _ in range(70):
        crumb = random_.uniform(262, 720)
        sheet.circle(crumb, 396 - (crumb - 240) * 0.12 + random_.uniform(-20, 5), random_.uniform(2, 4), "#ffffff")
    sheet.line([(852, 700), (884, 470)], "#8d99a6", 16)
    for n in range(3):
        sheet.line([(868 + n * 18, 476), (872 + n * 18, 392)], "#8d99a6", 8)
    sheet.box(862, 456, 50, 26, "#8d99a6", 13)
    return sheet.finished()


def rain() -> Image.Image:
    sheet = Sheet(1000, 750, "#8a5a48")
    sheet.box(120, 50, 760, 560, CREAM, 8)
    sheet.box(150, 80, 700, 500, "#7f9fae")
    for x, height, colour in ((150, 230, "#6d8d9d"), (290, 290, "#64838f"), (430, 200, "#6d8d9d"),
                              (560, 320, "#5d7a88"), (710, 250, "#6d8d9d")):  # fmt: skip
        sheet.box(x, 580 - height, 142, height, colour)
        for n in range(3):
            for m in range(2):
                lit = (x + n * 3 + m) % 4 == 0
                sheet.box(x + 28 + m * 52, 580 - height + 28 + n * 56, 26, 32, GOLD if lit else "#54717e", 3)
    random_ = random.Random(30)
    for _ in range(120):
        left, top, length = random_.uniform(160, 830), random_.uniform(86, 540), random_.uniform(14, 34)
        sheet.line([(left, top), (left - length * 0.22, top + length)], "#a9c4cf", 3)
    for _ in range(46):
        left, top, r = random_.uniform(166, 834), random_.uniform(96, 560), random_.uniform(4, 9)
        sheet.polygon(_turned(left, top, r, r * 1.15, 0), "#d6e6ec")
        sheet.polygon(
            [(left - r * 0.7, top - r * 0.6), (left, top - r * 2.5), (left + r * 0.7, top - r * 0.6)], "#d6e6ec"
        )
    sheet.box(490, 80, 20, 500, CREAM)
    sheet.box(150, 300, 700, 18, CREAM)
    sheet.box(70, 590, 860, 46, "#f1e8d8", 6)
    sheet.box(70, 630, 860, 14, "#c9b79d")
    sheet.ring(760, 512, 46, 42, CORAL, 18)
    sheet.polygon([(596, 448), (752, 448), (736, 590), (612, 590)], CORAL)
    sheet.ellipse(674, 448, 78, 17, "#f0907a")
    sheet.ellipse(674, 450, 64, 11, BROWN)
    for x in (640, 676, 712):
        curl = curve((x, 424), (x - 28, 396), (x, 366)) + curve((x, 366), (x + 26, 338), (x + 2, 306))
        sheet.line(curl, "#e7eff2", 9)
    sheet.box(236, 520, 128, 72, SEA, 8)
    for n in range(7):
        angle = math.radians(-60 + n * 20)
        sheet.turned(300 + 62 * math.sin(angle), 512 - 70 * math.cos(angle), 15, 52, n * 20 - 60, "#5b8c5a")
    return sheet.finished()


def lights() -> Image.Image:
    sheet = Sheet(1000, 750, NIGHT)
    random_ = random.Random(7)
    for _ in range(60):
        sheet.circle(random_.uniform(0, 1000), random_.uniform(0, 380), random_.uniform(1, 2.4), "#7e8bb0")
    sheet.circle(640, 130, 52, "#f3e9cf")
    sheet.circle(664, 116, 46, NIGHT)
    for x, width, height, colour in ((0, 240, 640, "#2d3350"), (780, 220, 690, "#2a3049"), (210, 96, 470, "#252d49")):
        sheet.box(x, 750 - height, width, height, colour)
    for x in (36, 142):
        for n in range(4):
            sheet.box(x, 170 + n * 138, 62, 84, GOLD if (x + n) % 3 == 0 else "#3b4265", 31)
    for x in (826, 918):
        for n in range(4):
            sheet.box(x, 130 + n * 138, 56, 84, GOLD if (x + n) % 3 == 1 else "#3b4265", 28)
    sheet.box(0, 640, 1000, 110, "#171f35")
    strings = [
        curve((236, y1), (510, dip), (784, y2)) for y1, dip, y2 in ((210, 420, 170), (330, 520, 300), (440, 620, 440))
    ]
    bulbs = [points[n] for points in strings for n in range(3, 40, 5)]
    for bulb in bulbs:
        sheet.glow(bulb[0], bulb[1] + 20, 34, GOLD, 0.5)
    for points in strings:
        sheet.line(points, "#0f1626", 4)
    for left, top in bulbs:
        sheet.box(left - 6, top, 12, 13, "#0f1626", 3)
        sheet.ellipse(left, top + 24, 12, 15, "#ffe6a3")
    for x in (380, 620):
        sheet.ellipse(x, 616, 74, 15, "#8a5a38")
        sheet.line([(x, 622), (x, 694)], "#5e3c25", 11)
        sheet.line([(x - 38, 700), (x, 684), (x + 38, 700)], "#5e3c25", 9)
        sheet.ellipse(x - 14, 603, 11, 6, "#ffe6a3")
        sheet.box(x + 8, 570, 16, 36, "#b95c48", 4)
    return sheet.finished()


def beans() -> Image.Image:
    sheet = Sheet(1000, 750, PAPER)
    random_ = random.Random(1998)
    for n in range(26):
        sheet.line([(n * 42 - 20, 0), (n * 42 - 20, 750)], "#f1e7d4", 4)
        sheet.line([(0, n * 42 - 14), (1000, n * 42 - 14)], "#f1e7d4", 4)
    placed: list[Point] = []
    for _ in range(4000):
        x, y = random_.uniform(-10, 1010), random_.uniform(-10, 760)
        if len(placed) >= 46 or any(math.dist((x, y), other) < 104 for other in placed):
            continue
        placed.append((x, y))
        degrees, shade = random_.uniform(0, 180), random_.choice((BROWN, "#573420", "#7b4e30"))
        sheet.turned(x + 6, y + 9, 54, 37, degrees, "#dfd0b5")
        sheet.turned(x, y, 54, 37, degrees, shade)
        sheet.turned(x - 5, y - 6, 36, 20, degrees, "#8f6140" if shade != BROWN else "#80543a")
        angle = math.radians(degrees)
        along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
        seam = [
            (
                x + along[0] * t * 50 + across[0] * 9 * math.sin(t * 3),
                y + along[1] * t * 50 + across[1] * 9 * math.sin(t * 3),
            )
            for t in (step / 12 - 1 for step in range(25))
        ]
        sheet.line(seam, DARK, 7)
    return sheet.finished()


def gull() -> Image.Image:
    sheet = Sheet(900, 900, "#cfe3e4")
    sheet.circle(690, 210, 96, "#f7e3b0")
    for x, y, width in ((90, 190, 200), (170, 160, 130), (560, 330, 240), (640, 300, 120)):
        sheet.box(x, y, width, 44, "#e6f1f1", 22)
    sheet.box(0, 640, 900, 260, SEA)
    for n, (x, y, width) in enumerate(((60, 700, 150), (620, 690, 200), (180, 780, 120), (560, 800, 170),
                                       (60, 850, 210), (740, 860, 120))):  # fmt: skip
        sheet.box(x, y, width, 9, "#4f95a0" if n % 2 else "#3f8792", 4)
    sheet.box(392, 640, 112, 260, "#7a5238", 6)
    sheet.box(392, 640, 34, 260, "#8d6244", 6)
    sheet.ellipse(448, 640, 64, 18, "#a17a5b")
    for x in (424, 472):
        sheet.line([(x, 560), (x, 634)], "#e59a3c", 11)
        sheet.line([(x - 20, 640), (x, 632), (x + 18, 640)], "#e59a3c", 9)
    sheet.polygon([(232, 470), (96, 560), (142, 572), (118, 604), (320, 560)], INK)
    sheet.turned(420, 470, 208, 128, -14, "#ffffff")
    sheet.turned(566, 330, 96, 150, 22, "#ffffff")
    sheet.circle(600, 250, 88, "#ffffff")
    sheet.turned(350, 462, 176, 84, -20, "#a9b8c0")
    sheet.turned(332, 474, 150, 62, -20, "#96a7b1")
    sheet.polygon([(160, 500), (110, 588), (330, 546), (300, 500)], INK)
    sheet.circle(126, 578, 8, "#ffffff")
    sheet.polygon([(668, 226), (788, 256), (776, 286), (672, 284)], "#f0b43c")
    sheet.polygon([(748, 270), (778, 268), (774, 288), (744, 286)], CORAL)
    sheet.line([(676, 256), (770, 268)], "#c98a22", 4)
    sheet.circle(622, 232, 15, "#f0b43c")
    sheet.circle(622, 232, 9, INK)
    sheet.circle(625, 229, 3, "#ffffff")
    return sheet.finished()


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "apple-cake.jpg": apple_cake,
    "beans.jpg": beans,
    "bicycle.png": bicycle,
    "cappuccino.jpg": cappuccino,
    "croissant.jpg": croissant,
    "gull.png": gull,
    "lights.jpg": lights,
    "rain.png": rain,
    "sunrise.jpg": sunrise,
}


def draw_all(folder: Path, pictures: Mapping[str, Callable[[], Image.Image]] = PICTURES) -> list[Path]:
    """Draws every picture into ``folder``, the café's where no other are given; answers their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, draw in pictures.items():
        path = folder / name
        picture = draw()
        if path.suffix == ".png":
            picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
        else:
            picture.save(path, quality=86, optimize=True)
        drawn.append(path)
    return drawn


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "cafe" / "images"
    for drawn_path in draw_all(target):
        print(f"{drawn_path}  {drawn_path.stat().st_size:,} bytes")
