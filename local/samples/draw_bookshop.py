"""Draws the sample bookshop's pictures, in the manner of ``draw``: ``python -m local.samples.draw_bookshop [FOLDER]``."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from local.samples.draw import Sheet, curve, draw_all

SUMI = "#2a2d34"
AI = "#27476e"
WASHI = "#f4eee0"
MATCHA = "#8ba06a"
SHU = "#cf4b32"
KAKI = "#e08a3c"
SAKURA = "#efc4c0"
KIN = "#e6bb55"
WOOD = "#a9794d"
DARK_WOOD = "#7c5433"


def lighthouse() -> Image.Image:
    sheet = Sheet(1000, 1000, "#1d2c4a")
    random_ = random.Random(11)
    for _ in range(90):
        sheet.circle(random_.uniform(0, 1000), random_.uniform(0, 560), random_.uniform(1.2, 2.8), "#8fa0c4")
    sheet.polygon([(560, 262), (1000, 90), (1000, 330)], "#3d4a63")
    sheet.polygon([(560, 270), (1000, 150), (1000, 290)], "#6d6f6b")
    sheet.polygon([(440, 270), (0, 170), (0, 300)], "#2f3d58")
    sheet.box(0, 690, 1000, 310, AI)
    for n in range(22):
        x, y = random_.uniform(-40, 980), 712 + n * 13
        sheet.box(x, y, random_.uniform(60, 190), 6, "#34598a" if n % 2 else "#416a9d", 3)
    sheet.polygon([(230, 760), (330, 672), (480, 648), (650, 662), (800, 764), (860, 830), (180, 830)], "#171c29")
    sheet.polygon([(424, 330), (576, 330), (616, 700), (384, 700)], WASHI)
    sheet.polygon([(500, 330), (576, 330), (616, 700), (520, 700)], "#dcd3bf")
    sheet.polygon([(414, 420), (586, 420), (594, 500), (406, 500)], SHU)
    sheet.polygon([(397, 580), (603, 580), (611, 660), (389, 660)], SHU)
    sheet.box(404, 318, 192, 20, SUMI, 6)
    sheet.box(446, 218, 108, 102, KIN, 8)
    sheet.glow(500, 268, 150, "#ffe9a8", 0.75)
    sheet.box(466, 234, 68, 76, "#fff3cd", 10)
    sheet.line([(500, 220), (500, 318)], SUMI, 5)
    sheet.polygon([(430, 222), (570, 222), (500, 150)], SUMI)
    sheet.circle(500, 146, 10, SUMI)
    sheet.box(478, 632, 44, 68, SUMI, 20)
    return sheet.finished()


def cat() -> Image.Image:
    sheet = Sheet(1000, 750, "#e9dcc3")
    for n in range(9):
        sheet.box(0, 520 + n * 28, 1000, 3, "#d9c8a8")
    sheet.ellipse(500, 640, 440, 46, "#d3c09c")
    sheet.polygon([(80, 600), (498, 646), (498, 522), (110, 480)], "#fffaf0")
    sheet.polygon([(920, 600), (502, 646), (502, 522), (890, 480)], "#fbf3e2")
    sheet.line([(80, 606), (498, 654), (920, 606)], SHU, 12)
    for n in range(4):
        sheet.line([(140, 512 + n * 22), (300, 530 + n * 22)], "#cbbfa8", 4)
        sheet.line([(860, 512 + n * 22), (700, 530 + n * 22)], "#cbbfa8", 4)
    sheet.ellipse(500, 440, 262, 150, "#ffffff")
    sheet.turned(622, 392, 140, 92, -18, KAKI)
    sheet.turned(470, 356, 110, 58, 10, SUMI)
    sheet.ellipse(500, 512, 240, 72, "#ffffff")
    sheet.line(curve((744, 470), (760, 600), (500, 574)), KAKI, 44)
    sheet.line(curve((560, 582), (520, 580), (470, 566)), SUMI, 42)
    sheet.circle(318, 430, 110, "#ffffff")
    sheet.polygon([(226, 380), (232, 286), (304, 334)], SUMI)
    sheet.polygon([(338, 330), (412, 290), (414, 388)], KAKI)
    sheet.polygon([(238, 366), (242, 316), (282, 342)], SAKURA)
    sheet.polygon([(356, 342), (398, 318), (400, 372)], SAKURA)
    sheet.turned(262, 372, 52, 34, -38, SUMI)
    sheet.turned(378, 378, 50, 34, 42, KAKI)
    sheet.line(curve((258, 440), (280, 458), (302, 440)), SUMI, 6)
    sheet.line(curve((334, 440), (356, 458), (378, 440)), SUMI, 6)
    sheet.polygon([(308, 470), (328, 470), (318, 482)], SAKURA)
    sheet.line(curve((318, 482), (306, 498), (292, 490)), SUMI, 4)
    sheet.line(curve((318, 482), (330, 498), (344, 490)), SUMI, 4)
    for y in (470, 486):
        sheet.line([(250, y), (196, y + (y - 478))], "#b9b1a3", 3)
        sheet.line([(386, y), (440, y + (y - 478))], "#b9b1a3", 3)
    return sheet.finished()


def shelf() -> Image.Image:
    sheet = Sheet(1000, 750, WOOD)
    random_ = random.Random(2011)
    colours = (AI, SHU, MATCHA, WASHI, KAKI, SAKURA, SUMI, KIN, "#5b7f8f", "#b8a58a")
    for top in (40, 280, 520):
        sheet.box(36, top, 928, 196, DARK_WOOD, 4)
        x = 48.0
        while x < 905:
            width, height = random_.uniform(22, 52), random_.uniform(128, 180)
            if x + width > 950:
                break
            colour = random_.choice(colours)
            if random_.random() < 0.08:
                sheet.polygon(
                    [(x + 26, top + 196), (x + 66, top + 40), (x + 98, top + 48), (x + 58, top + 196)], colour
                )
                x += 104
                continue
            sheet.box(x, top + 196 - height, width, height, colour, 3)
            band = WASHI if colour != WASHI else SHU
            sheet.box(x + 5, top + 196 - height + 24, width - 10, random_.choice((7, 30, 46)), band, 2)
            x += width + 3
        sheet.box(24, top + 196, 952, 22, "#c3946a", 3)
        sheet.box(24, top + 212, 952, 8, "#8d623d", 3)
    return sheet.finished()


def stack() -> Image.Image:
    sheet = Sheet(900, 900, "#d9e2d0")
    sheet.circle(640, 290, 190, "#eef2e4")
    sheet.box(0, 720, 900, 180, WOOD)
    sheet.box(0, 720, 900, 14, "#c3946a")
    books = (
        (210, 640, 500, 84, AI),
        (250, 566, 440, 74, WASHI),
        (190, 478, 520, 88, SHU),
        (270, 410, 400, 68, MATCHA),
        (232, 330, 450, 80, SUMI),
    )
    for left, top, width, height, colour in books:
        sheet.box(left, top, width, height, colour, 10)
        sheet.box(left + width - 96, top + 10, 96, height - 20, "#fffaf0", 4)
        for n in range(3):
            y = top + 22 + n * (height - 44) / 2
            sheet.line([(left + width - 88, y), (left + width - 8, y)], "#d8cdb8", 3)
        sheet.box(left + 40, top + height / 2 - 7, 150, 14, KIN if colour != WASHI else SHU, 5)
    sheet.polygon([(540, 318), (610, 318), (610, 392), (575, 366), (540, 392)], SHU)
    sheet.box(540, 286, 70, 40, SHU, 6)
    sheet.circle(575, 306, 7, WASHI)
    return sheet.finished()


def rain() -> Image.Image:
    sheet = Sheet(900, 900, "#9fb0b8")
    for left, top, width, colour in ((0, 120, 250, "#6f7f88"), (660, 60, 240, "#66767f"), (230, 220, 120, "#83939b")):
        sheet.box(left, top, width, 640, colour)
    for x, y in ((60, 220), (150, 220), (60, 380), (150, 380), (720, 180), (800, 180), (720, 340), (800, 340)):
        sheet.box(x, y, 52, 84, KIN if (x + y) % 4 == 0 else "#57656d", 6)
    sheet.polygon([(250, 900), (660, 900), (520, 560), (390, 560)], "#7b8991")
    sheet.box(0, 740, 250, 160, "#5d6b73")
    sheet.box(660, 740, 240, 160, "#55636b")
    sheet.line([(454, 440), (454, 660)], SUMI, 7)
    sheet.polygon([(404, 560), (500, 560), (530, 760), (380, 760)], AI)
    sheet.circle(452, 536, 36, "#f0d5bd")
    sheet.polygon([(418, 530), (486, 530), (480, 498), (452, 488), (424, 498)], SUMI)
    sheet.box(412, 756, 28, 66, SUMI, 10)
    sheet.box(466, 756, 28, 66, SUMI, 10)
    west, east = curve((270, 486), (300, 330), (454, 318)), curve((454, 318), (608, 330), (638, 486))
    sheet.polygon([*west, *east], SHU)
    for x in (331, 454, 577):
        sheet.ellipse(x, 488, 62, 22, "#9fb0b8" if x != 454 else "#7b8991")
    for end in (331, 392, 516, 577):
        sheet.line(curve((454, 320), ((454 + end) / 2, 352), (end, 478)), "#a93a25", 4)
    sheet.line([(454, 300), (454, 326)], SUMI, 6)
    random_ = random.Random(6)
    for _ in range(130):
        drop = random_.uniform(0, 900), random_.uniform(-20, 860)
        if 290 < drop[0] < 620 and 330 < drop[1] < 780:
            continue
        sheet.line([drop, (drop[0] - 9, drop[1] + 40)], "#d4dfe4", 3)
    for x, y, r in ((300, 862, 50), (600, 850, 64), (460, 838, 44)):
        sheet.ring(x, y, r, r / 4, "#c8d3d8", 3)
    return sheet.finished()


def tea() -> Image.Image:
    sheet = Sheet(1000, 750, "#c7b38c")
    for n in range(14):
        sheet.box(0, n * 56, 1000, 3, "#bba679")
    sheet.box(330, 170, 600, 430, "#b49d70", 14)
    sheet.polygon([(320, 160), (622, 178), (622, 584), (320, 566)], "#fffaf0")
    sheet.polygon([(924, 160), (622, 178), (622, 584), (924, 566)], "#f7efdd")
    sheet.line([(622, 178), (622, 584)], "#d9cdb4", 6)
    for n in range(8):
        for left in (356, 664):
            sheet.line([(left + n * 30, 216), (left + n * 30, 520 - (n * 53) % 120)], "#b6aa94", 5)
    sheet.polygon([(770, 164), (808, 162), (808, 300), (789, 282), (770, 300)], SHU)
    sheet.circle(196, 448, 150, "#a8926a")
    sheet.circle(186, 436, 146, "#566b5a")
    sheet.circle(186, 436, 124, "#6f8771")
    sheet.circle(186, 436, 108, "#9aa64f")
    sheet.circle(186, 436, 92, "#aab75c")
    sheet.glow(160, 410, 46, "#dfe8a0", 0.6)
    for x in (140, 190, 240):
        sheet.line(curve((x, 260), (x + 44, 200), (x, 150)), "#e4d8ba", 8)
        sheet.line(curve((x, 150), (x - 36, 110), (x, 66)), "#e4d8ba", 8)
    return sheet.finished()


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "cat.png": cat,
    "lighthouse.png": lighthouse,
    "rain.png": rain,
    "shelf.jpg": shelf,
    "stack.jpg": stack,
    "tea.jpg": tea,
}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "bookshop" / "images"
    for drawn_path in draw_all(target, PICTURES):
        print(f"{drawn_path}  {drawn_path.stat().st_size:,} bytes")
