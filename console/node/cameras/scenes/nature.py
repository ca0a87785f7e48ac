"""Scenes of water and ground at night: river gauge, underpass, bridge, slope."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from console.node.cameras.scenes.canvas import (
    HEIGHT,
    WIDTH,
    Ground,
    Mode,
    Rain,
    Rng,
    Water,
    car_sprite,
    lamp,
    shine,
    stand,
)


def _trees(g: Ground, rng: Rng, foot: float, grey: int, tall: float) -> None:
    for x in range(-10, WIDTH + 20, 9):
        h = tall * (0.5 + rng.random())
        g.oval(x + rng.normal(0, 3), foot - h * 0.5, 6 + rng.random() * 8, h * 0.6, grey + int(rng.normal(0, 3)))


class RiverGauge:
    """A staff gauge in a rising river, an embankment to the right, rain."""

    mode: Mode = "L"
    grain = 5.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, 130), [(0, 34), (1, 66)])
        g.roughen(rng, 0.3, 180)
        _trees(g, rng, 124, 38, 40)
        g.box(0, 116, WIDTH, 150, 34)
        g.blur(2.2)
        g.fade((0, 132, WIDTH, HEIGHT), [(0, 58), (1, 96)])
        slope = [(430, 132), (WIDTH, 132), (WIDTH, HEIGHT), (300, HEIGHT)]
        g.poly(slope, 92)
        for k in range(14):
            s = (k / 14) ** 1.6
            y = 132 + s * 228
            g.line([(430 - 130 * s, y), (WIDTH, y)], 74, 1)
        for k in range(9):
            g.line([(430 + k * 26, 132), (300 + k * 62, HEIGHT)], 76, 1)
        g.roughen(rng, 0.18, 34)
        g.line([(436, 132), (312, HEIGHT)], 150, 3)
        self._gauge(g)
        self._ground = g.done((0.42, 0.6), 0.75)
        self._water = Water(rng, 132, HEIGHT, 70, 46, 3)
        self._bank = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(self._bank).polygon([(432, 132), (-2, 132), (-2, HEIGHT), (302, HEIGHT)], fill=255)
        self._rain = Rain(rng, 170)
        self._drift = [
            (rng.random(), 170 + rng.random() * 130, int(rng.integers(1, 3)), 5 + rng.random() * 12) for _ in range(9)
        ]

    @staticmethod
    def _gauge(g: Ground) -> None:
        g.box(214, 34, 250, 330, 108)
        g.box(217, 36, 247, 330, 232)
        for k in range(19):
            y = 40 + k * 15
            if k % 2 == 0:
                g.box(217, y, 233, y + 15, 20)
                for e in range(3):
                    g.box(233, y + e * 6, 243, y + 3 + e * 6, 20)
            if k % 4 == 2:
                g.text(240, y + 8, str(392 - k // 2), 8, 20)
        g.box(208, 26, 256, 34, 150)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        wet = image.copy()
        self._water.draw(wet, u)
        pen = ImageDraw.Draw(wet)
        for phase, y, wraps, size in self._drift:
            x = ((phase + u * wraps) % 1) * (WIDTH + 80) - 40
            pen.ellipse((x - size, y - size * 0.22, x + size, y + size * 0.25), fill=34)
        level = 236 - 12 * math.sin(2 * math.pi * u) + 1.6 * math.sin(2 * math.pi * 17 * u)
        # the staff mirrored in what it stands in, and dimmed below the surface
        staff = image.crop((205, 100, 260, int(level)))
        mirror = staff.transpose(Image.Transpose.FLIP_TOP_BOTTOM).point([int(i * 0.4) for i in range(256)])
        for row in range(0, min(mirror.height, HEIGHT - int(level)), 2):
            shift = int(3 * math.sin(row * 0.5 + 2 * math.pi * 12 * u))
            strip = mirror.crop((0, row, 55, row + 2))
            wet.paste(
                Image.blend(wet.crop((205 + shift, int(level) + row, 260 + shift, int(level) + row + 2)), strip, 0.5),
                (205 + shift, int(level) + row),
            )
        image.paste(wet, (0, 0), self._bank)
        staff_above = self._ground.crop((205, 20, 260, int(level)))
        image.paste(staff_above, (205, 20))
        pen = ImageDraw.Draw(image)
        swell = 5 * math.sin(2 * math.pi * 8 * u)
        pen.arc((196 - swell, level - 5, 268 + swell, level + 7), 0, 180, fill=190)
        self._rain.draw(image, u)
        return image


class Underpass:
    """A flooded underpass with a stuck car, its lights blinking, and its height board."""

    mode: Mode = "L"
    grain = 5.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, 120), [(0, 40), (1, 74)])
        g.roughen(rng, 0.25, 160)
        g.poly([(0, 60), (132, 76), (132, 250), (0, HEIGHT)], 84)
        g.poly([(WIDTH, 60), (508, 76), (508, 250), (WIDTH, HEIGHT)], 80)
        for k in range(1, 6):
            g.line([(0, 60 + k * 52), (132, 76 + k * 30)], 66, 1)
            g.line([(WIDTH, 60 + k * 52), (508, 76 + k * 30)], 62, 1)
        g.fade((132, 66, 508, 106), [(0, 132), (0.3, 150), (1, 104)])
        g.box(132, 104, 508, 252, 10)
        g.fade((166, 106, 474, 252), [(0, 14), (1, 30)])
        g.poly([(132, 104), (166, 112), (166, 252), (132, 252)], 44)
        g.poly([(508, 104), (474, 112), (474, 252), (508, 252)], 40)
        for x in (220, 320, 420):
            g.box(x - 14, 114, x + 14, 117, 120)
        g.box(286, 76, 354, 98, 206)
        g.box(288, 78, 352, 96, 228)
        g.text(320, 87, "4.5 m", 13, 16)
        g.poly([(132, 252), (508, 252), (WIDTH, HEIGHT), (0, HEIGHT)], 70)
        for k in range(6):
            s = (k / 6) ** 1.7
            g.poly(
                [
                    (316 - 4 * s, 254 + 106 * s),
                    (324 + 4 * s, 254 + 106 * s),
                    (324 + 6 * s, 262 + 116 * s),
                    (316 - 6 * s, 262 + 116 * s),
                ],
                150,
            )
        g.roughen(rng, 0.2, 40)
        for k in range(7):
            y = 150 + k * 20
            g.box(486, y, 500, y + 10, 210 if k % 2 else 40)
        self._ground = g.done((0.5, 0.55), 0.8)
        self._water = Water(rng, 236, HEIGHT, 78, 52, 1)
        self._pool = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(self._pool).polygon([(134, 240), (506, 240), (WIDTH - 36, HEIGHT), (36, HEIGHT)], fill=255)
        self._car = car_sprite(86, 128, (1, 1, 1), False)
        self._head, self._beam = lamp(40, 2.0), lamp(120, 2.4).sized(110, 240)
        self._rain = Rain(rng, 150)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        bob = 1.5 * math.sin(2 * math.pi * 6 * u)
        stand(image, self._car, 322, 262 + bob)
        wet = image.copy()
        self._water.draw(wet, u)
        mirror = self._car.transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("L").point([i // 3 for i in range(256)])
        wet.paste(
            mirror,
            (322 - mirror.width // 2, 246),
            self._car.transpose(Image.Transpose.FLIP_TOP_BOTTOM).getchannel("A").point([i // 3 for i in range(256)]),
        )
        pool = self._pool.copy()
        image.paste(wet, (0, 0), pool.crop((0, 0, WIDTH, HEIGHT)) if bob > 9 else self._below(pool, 240 + bob))
        flick = 0.85 + 0.15 * math.sin(2 * math.pi * 53 * u)
        blink = (u * 24) % 1 < 0.5
        for x in (290, 354):
            shine(image, self._head, x, 228 + bob, int(235 * flick))
            shine(image, self._beam, x + (x - 322) * 0.5, 306, int(90 * flick))
        if blink:
            for x in (280, 364):
                shine(image, self._head, x, 236 + bob, 200)
        self._rain.draw(image, u)
        return image

    @staticmethod
    def _below(pool: Image.Image, level: float) -> Image.Image:
        ImageDraw.Draw(pool).rectangle((0, 0, WIDTH, level), fill=0)
        return pool


class Bridge:
    """A cable-stayed bridge over a dark river, cars as pearls of light, beacons blinking; in its true cool colours."""

    mode: Mode = "RGB"
    grain = 4.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("RGB")
        g.fade((0, 0, WIDTH, 190), [(0, (14, 18, 26)), (1, (44, 50, 60))])
        g.roughen(rng, 0.3, 200)
        for x in range(0, WIDTH, 22):
            h = rng.random() * 26 + 6
            g.box(x, 186 - h, x + 18, 192, (26, 29, 34))
            for _ in range(4):
                wx, wy = x + rng.random() * 14, 190 - rng.random() * h
                g.box(wx, wy, wx + 1.5, wy + 1.5, (120, 104, 76))
        g.blur(1.0)
        g.fade((0, 190, WIDTH, HEIGHT), [(0, (26, 32, 40)), (1, (50, 56, 64))])
        for x, scale in ((150, 1.0), (486, 0.82)):
            self._tower(g, x, scale)
        g.poly([(-10, 246), (650, 176), (650, 184), (-10, 264)], (92, 96, 102))
        g.poly([(-10, 264), (650, 184), (650, 190), (-10, 276)], (38, 42, 48))
        for k in range(30):
            x = k * 22
            y = 246 - 70 * x / 640
            g.line([(x, y), (x, y - 10)], (110, 112, 114), 0.8)
        g.line([(-10, 236), (650, 167)], (120, 122, 124), 0.8)
        self._ground = g.done((0.5, 0.6), 0.6)
        self._water = Water(rng, 200, HEIGHT, 44, 30, 1)
        self._mask = Image.new("L", (WIDTH, HEIGHT), 0)
        pen = ImageDraw.Draw(self._mask)
        pen.polygon([(0, 276), (WIDTH, 192), (WIDTH, HEIGHT), (0, HEIGHT)], fill=255)
        for x, s in ((150, 1.0), (486, 0.82)):
            pen.rectangle((x - 13 * s, 180, x + 13 * s, 300 * s + (1 - s) * 200), fill=0)
        self._light, self._small = lamp(9), lamp(5)
        self._streak = lamp(60, 1.8).sized(14, 130)
        self._cars = [(rng.random(), int(rng.integers(2, 5)), bool(rng.integers(0, 2))) for _ in range(22)]
        self._rain = Rain(rng, 60)

    @staticmethod
    def _tower(g: Ground, x: float, s: float) -> None:
        deck = 246 - 70 * x / 640
        top = deck - 176 * s
        for k in range(1, 11):
            reach = k * 23 * s
            for side in (-1, 1):
                end = x + side * reach
                g.line([(x, top + k * 8 * s), (end, 246 - 70 * end / 640)], (104, 108, 114), 0.7)
        g.poly(
            [(x - 12 * s, deck + 60 * s), (x - 4 * s, top), (x + 4 * s, top), (x + 12 * s, deck + 60 * s)],
            (126, 130, 136),
        )
        g.poly([(x, deck + 60 * s), (x, top), (x + 4 * s, top), (x + 12 * s, deck + 60 * s)], (84, 88, 94))

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        wet = image.copy()
        self._water.draw(wet, u, 200, (0.86, 0.98, 1.14))
        image.paste(wet, (0, 0), self._mask)
        for k in range(16):
            x = 20 + k * 41
            rail = 232 - 70 * x / 640
            shine(image, self._small, x, rail, (255, 214, 150))
            shine(image, self._streak, x + 2 * math.sin(2 * math.pi * (5 * u + k / 5)), rail + 110, (52, 44, 30))
        for phase, wraps, away in self._cars:
            s = (phase + u * wraps) % 1
            across = WIDTH * (1 - s if away else s) + (20 if away else -20)
            deck = 246 - 70 * across / 640 + (6 if away else 11)
            shine(image, self._light, across, deck, (220, 40, 30) if away else (255, 246, 224))
        if (u * 10) % 1 < 0.3:
            shine(image, self._light, 150, 52, (255, 60, 50))
            shine(image, self._light, 486, 47, (255, 60, 50))
        self._rain.draw(image, u)
        return image


class Slope:
    """A cut slope with its grid, survey prisms, trickling stones and trees in the wind."""

    mode: Mode = "L"
    grain = 5.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, HEIGHT), [(0, 26), (0.4, 54), (1, 84)])
        _trees(g, rng, 86, 34, 54)
        g.blur(1.6, (0, 0, WIDTH, 90))
        g.poly([(0, 92), (240, 62), (470, 76), (WIDTH, 54), (WIDTH, HEIGHT), (0, HEIGHT)], 86)
        g.roughen(rng, 0.4, 70)
        g.roughen(rng, 0.3, 9)
        for k in range(-6, 14):
            g.line([(k * 62, 330), (k * 62 + 150, 70)], 140, 5)
            g.line([(k * 62 + 150, 330), (k * 62, 70)], 134, 5)
        for k in range(-6, 14):
            g.line([(k * 62, 329), (k * 62 + 150, 69)], 176, 1.4)
        g.poly([(250, 110), (330, 100), (390, 330), (236, 330)], 96)
        g.roughen(rng, 0.22, 16)
        g.line([(262, 118), (270, 160), (258, 200), (282, 250), (274, 318)], 26, 3)
        g.fade((0, 322, WIDTH, HEIGHT), [(0, 70), (1, 104)])
        g.box(0, 316, WIDTH, 324, 150)
        for x in range(8, WIDTH, 72):
            g.box(x, 300, x + 5, 340, 128)
        self._targets = ((120, 150), (224, 214), (352, 178), (470, 132), (566, 226), (416, 262))
        for x, y in self._targets:
            g.line([(x, y), (x, y + 26)], 160, 2)
            g.box(x - 6, y - 8, x + 6, y + 4, 220)
            g.box(x - 3, y - 5, x + 3, y + 1, 30)
        self._ground = g.done((0.5, 0.5), 0.75)
        self._top = self._ground.crop((0, 0, WIDTH, 72))
        self._rain = Rain(rng, 160, 0.2)
        self._stones = [
            (rng.random(), 258 + rng.random() * 90, 2 + rng.random() * 3, int(rng.integers(2, 5))) for _ in range(16)
        ]
        self._spark = lamp(12)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        rows = np.asarray(self._top)
        sway = 3.0 * math.sin(2 * math.pi * 4 * u) + 1.5 * math.sin(2 * math.pi * 9 * u)
        moved = np.stack([np.roll(rows[y], round(sway * (1 - y / 72))) for y in range(72)])
        image.paste(Image.fromarray(moved), (0, 0))
        pen = ImageDraw.Draw(image)
        for phase, x, size, lives in self._stones:
            age = (phase + u * lives) % 1
            fall = age * age
            px, py = x + 26 * age + 5 * math.sin(age * 19 + x), 110 + 212 * fall
            pen.ellipse((px - size, py - size, px + size, py + size), fill=150, outline=50)
        for k, (x, y) in enumerate(self._targets):
            if (u * 10 + k / 6) % 1 < 0.12:
                shine(image, self._spark, x, y - 2, 230)
        self._rain.draw(image, u)
        return image
