"""Scenes of pipes and plants at night, infrared: valve room, substation, tank farm, manhole."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from console.node.cameras.scenes.canvas import (
    HEIGHT,
    WIDTH,
    Ground,
    Mode,
    Rain,
    Rng,
    Vapour,
    Walker,
    Water,
    glow,
    lamp,
    shine,
    stand,
)


class ValveRoom:
    """G-117: two pipes, four hand wheels, a leaking flange."""

    mode: Mode = "L"
    grain = 4.5

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, 235), [(0, 46), (0.5, 84), (1, 66)])
        for x in range(-20, WIDTH, 64):
            for row, y in enumerate(range(-8, 235, 32)):
                g.line([(x + 32 * (row % 2), y), (x + 32 * (row % 2), y + 32)], 58, 0.8)
        for y in range(-8, 235, 32):
            g.line([(0, y), (WIDTH, y)], 56, 0.8)
        g.fade((0, 235, WIDTH, HEIGHT), [(0, 38), (0.2, 66), (1, 92)])
        for k in range(-9, 10):
            g.line([(320 + k * 34, 235), (320 + k * 92, HEIGHT)], 54, 0.8)
        for y in (246, 262, 286, 322):
            g.line([(0, y), (WIDTH, y)], 56, 0.8)
        g.roughen(rng, 0.22, 90)
        g.box(70, 20, 84, 250, 52)
        g.box(556, 20, 570, 250, 52)
        g.blur(0.6)
        for y0, y1, bright in ((118, 150, 196), (192, 232, 214)):
            g.fade((0, y1, WIDTH, y1 + 14), [(0, 26), (1, 58)])
            g.pipe(0, y0, WIDTH, y1, bright)
            for x in (40, 268, 372, 604):
                g.pipe(x, y0 - 7, x + 13, y1 + 7, bright * 0.82)
                for bolt in range(4):
                    g.oval(x + 6.5, y0 - 3 + bolt * (y1 - y0 + 6) / 3, 2, 2, 40)
        for x, y, scale in ((168, 118, 1.0), (468, 118, 1.0), (118, 192, 1.25), (520, 192, 1.25)):
            self._valve(g, x, y, scale)
        g.oval(330, 84, 23, 23, 150, 60, 3)
        g.oval(330, 84, 18, 18, 226)
        for k in range(9):
            a = math.radians(135 + k * 33.75)
            g.line(
                [(330 + 14 * math.cos(a), 84 + 14 * math.sin(a)), (330 + 17 * math.cos(a), 84 + 17 * math.sin(a))], 40
            )
        g.line([(330, 107), (330, 120)], 120, 5)
        g.box(596, 60, 634, 104, 60)
        g.box(599, 63, 631, 101, 96)
        g.text(615, 76, "G-117", 9, 210)
        g.text(615, 90, "DN300", 8, 190)
        self._ground = g.done((0.5, 0.45), 0.75)
        self._leak = Vapour(rng, 378, 196, 18, (-60, -150), 62, 6)
        self._mist = Vapour(rng, 372, 226, 8, (70, -20), 74, 3)
        self._lamp = lamp(14)

    @staticmethod
    def _valve(g: Ground, x: float, y: float, s: float) -> None:
        g.poly([(x - 24 * s, y + 2), (x + 24 * s, y + 2), (x + 17 * s, y - 16 * s), (x - 17 * s, y - 16 * s)], 128)
        g.pipe(x - 15 * s, y - 36 * s, x + 15 * s, y - 12 * s, 170)
        g.pipe(x - 4 * s, y - 62 * s, x + 4 * s, y - 34 * s, 190)
        g.oval(x, y - 64 * s, 33 * s, 10 * s, None, 58, 6.5 * s)
        g.oval(x, y - 65 * s, 33 * s, 10 * s, None, 206, 3.4 * s)
        for dx in (-32, 0, 32):
            g.line([(x, y - 65 * s), (x + dx * s, y - 65 * s + (0 if dx else 9 * s))], 170, 2.6 * s)
        g.oval(x, y - 65 * s, 5 * s, 3 * s, 222)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        pen = ImageDraw.Draw(image)
        a = math.radians(135 + 40 + 7 * math.sin(2 * math.pi * 9 * u) + 5 * math.sin(2 * math.pi * 4 * u))
        pen.line((330, 84, 330 + 14 * math.cos(a), 84 + 14 * math.sin(a)), fill=20, width=2)
        self._mist.draw(image, u, 190, 0.22)
        self._leak.draw(image, u, 232, 0.62)
        if (u * 20) % 1 < 0.5:
            shine(image, self._lamp, 615, 116, 200)
        return image


class Substation:
    """A transformer between two pylons, its fans turning, in light rain."""

    mode: Mode = "L"
    grain = 5.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, 250), [(0, 30), (1, 62)])
        g.roughen(rng, 0.25, 200)
        g.poly([(0, 214), (90, 198), (210, 206), (380, 192), (520, 204), (640, 196), (640, 252), (0, 252)], 36)
        g.blur(1.6)
        for x, lean in ((78, 1), (566, -1)):
            self._pylon(g, x, lean)
        for k, y in enumerate((34, 60, 86)):
            g.line([(0, y - 8), (78, y), (210 + k * 22, y + 40), (262 + k * 55, 118)], 70, 1)
            g.line([(640, y - 12), (566, y), (440, y + 34), (262 + k * 55, 118)], 66, 1)
        g.fade((0, 250, WIDTH, HEIGHT), [(0, 54), (1, 104)])
        for k in range(-12, 13):
            g.line([(320 + k * 30, 250), (320 + k * 110, HEIGHT)], 66, 0.7)
        g.poly([(170, 262), (480, 262), (512, 286), (142, 286)], 90)
        g.poly([(142, 286), (512, 286), (512, 296), (142, 296)], 56)
        g.fade((196, 150, 452, 264), [(0, 120), (0.3, 150), (1, 84)])
        g.box(190, 144, 458, 154, 164)
        for x in range(206, 446, 14):
            g.pipe(x, 164, x + 9, 258, 158)
        for x in (262, 317, 372):
            for k in range(7):
                g.oval(x, 142 - k * 7, 11 - k * 0.7, 4, 176 - 6 * (k % 2))
            g.line([(x, 96), (x, 86)], 190, 3)
        g.pipe(400, 108, 452, 130, 150)
        g.box(404, 128, 410, 146, 120)
        g.box(442, 128, 448, 146, 120)
        for x in (22, 132, 520, 624):
            g.line([(x, 240), (x, 318)], 110, 2)
        for y in (252, 272, 292):
            g.line([(0, y + 18), (142, y)], 84, 1)
            g.line([(512, y), (640, y + 18)], 84, 1)
        g.box(466, 196, 500, 262, 112)
        g.box(470, 202, 496, 222, 70)
        g.text(483, 212, "2#", 10, 220)
        g.roughen(rng, 0.12, 30)
        self._ground = g.done((0.5, 0.6), 0.8)
        self._rain = Rain(rng, 90)
        self._heat = Vapour(rng, 420, 108, 6, (40, -70), 34, 3)
        self._lamp = lamp(10)

    @staticmethod
    def _pylon(g: Ground, x: float, lean: int) -> None:
        for side in (-1, 1):
            g.line([(x + side * 34, 262), (x + side * 8, 40), (x, 8)], 96, 2)
        for k in range(7):
            y, w = 250 - k * 32, 33 - k * 3.6
            g.line([(x - w, y), (x + w - 4, y - 32)], 82, 1.2)
            g.line([(x + w, y), (x - w + 4, y - 32)], 82, 1.2)
        for y, w in ((34, 40), (60, 48), (86, 40)):
            g.line([(x - w, y), (x + w, y)], 100, 2)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        pen = ImageDraw.Draw(image)
        for k, x in enumerate((232, 292, 352, 412)):
            pen.ellipse((x - 16, 216, x + 16, 248), fill=58, outline=150)
            for blade in range(3):
                a = 2 * math.pi * (u * (38 + 6 * k) + blade / 3)
                pen.line((x, 232, x + 13 * math.cos(a), 232 + 13 * math.sin(a)), fill=168, width=4)
            pen.ellipse((x - 3, 229, x + 3, 235), fill=190)
        self._heat.draw(image, u, 150, 0.25)
        if (u * 20) % 1 < 0.5:
            shine(image, self._lamp, 483, 232, 230)
        self._rain.draw(image, u)
        return image


class TankFarm:
    """Four tanks, a pipe rack, a flare far behind and a guard on his round."""

    mode: Mode = "L"
    grain = 4.5

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, 210), [(0, 22), (1, 58)])
        g.roughen(rng, 0.3, 160)
        for x, h in ((30, 96), (60, 130), (118, 80), (520, 120), (548, 150), (600, 96)):
            g.box(x, 210 - h * 0.6, x + 12, 212, 44)
        g.line([(330, 208), (330, 66)], 60, 3)
        g.blur(1.4)
        g.fade((0, 208, WIDTH, HEIGHT), [(0, 52), (0.5, 84), (1, 108)])
        for x, top, w, bottom in ((40, 128, 118, 226), (214, 134, 108, 222), (470, 118, 132, 230)):
            self._tank(g, x, top, w, bottom)
        self._tank(g, 312, 96, 172, 252)
        for k, y in enumerate((262, 272, 282)):
            g.pipe(0, y, WIDTH, y + 6, 170 - 12 * k)
        for x in range(20, WIDTH, 88):
            g.box(x, 256, x + 6, 306, 96)
        g.poly([(0, 310), (WIDTH, 300), (WIDTH, HEIGHT), (0, HEIGHT)], 92)
        g.line([(0, 310), (WIDTH, 300)], 136, 2)
        g.roughen(rng, 0.14, 26)
        self._ground = g.done((0.55, 0.6), 0.8)
        self._flame = [lamp(r, 1.8) for r in (16, 19, 22)]
        self._steam = Vapour(rng, 112, 262, 9, (46, -90), 40, 4)
        self._guard = Walker(rng, 120, False)
        self._torch = lamp(34, 2.6)

    @staticmethod
    def _tank(g: Ground, x: float, top: float, w: float, bottom: float) -> None:
        g.pipe(x, top, x + w, top + 1, 10)
        g.fade((x, top, x + w, bottom), [(0, 46), (0.22, 150), (0.4, 172), (0.75, 92), (1, 44)], across=True)
        g.oval(x + w / 2, bottom, w / 2, 8, 40)
        g.fade((x, top + 8, x + w, bottom - 1), [(0, 50), (0.22, 156), (0.4, 178), (0.75, 96), (1, 48)], across=True)
        g.oval(x + w / 2, top + 6, w / 2, 12, 148)
        for k in range(1, 4):
            y = top + (bottom - top) * k / 4
            g.line([(x, y), (x + w * 0.25, y + 3), (x + w * 0.75, y + 3), (x + w, y)], 78, 0.7)
        for k in range(14):
            s = k / 14
            g.line(
                [
                    (x + w * (0.15 + 0.7 * s), bottom - (bottom - top) * s),
                    (x + w * (0.2 + 0.7 * s), bottom - (bottom - top) * s),
                ],
                200,
                1.4,
            )
        g.line([(x, top + 1), (x + w * 0.2, top - 9), (x + w * 0.8, top - 9), (x + w, top + 1)], 120, 1)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        flick = math.sin(2 * math.pi * 31 * u) + math.sin(2 * math.pi * 47 * u)
        shine(image, self._flame[int(1.5 + flick * 0.74)], 332 + 4 * math.sin(2 * math.pi * 13 * u), 58, 255)
        self._steam.draw(image, u, 200, 0.4)
        there = 2 * u if u < 0.5 else 2 - 2 * u
        x = 60 + 500 * there
        stand(image, self._guard.at(62, u * 22), x, 344)
        ahead = 40 if u < 0.5 else -40
        shine(image, self._torch, x + ahead, 340, 150)
        return image


class Manhole:
    """A street from above at night: a manhole that overflows, two cones, headlights that sweep past."""

    mode: Mode = "L"
    grain = 5.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("L")
        g.fade((0, 0, WIDTH, HEIGHT), [(0, 44), (1, 92)])
        g.roughen(rng, 0.3, 60)
        g.roughen(rng, 0.2, 6)
        g.poly([(0, 36), (WIDTH, 12), (WIDTH, 0), (0, 0)], 76)
        g.line([(0, 38), (WIDTH, 14)], 130, 4)
        for k in range(5):
            x = 20 + k * 150
            g.poly([(x, 110), (x + 80, 107), (x + 82, 114), (x, 117)], 168)
        g.oval(330, 226, 88, 48, 46)
        g.oval(330, 226, 82, 44, 110)
        g.oval(330, 226, 70, 37, 58)
        for k in range(-3, 4):
            for j in range(-2, 3):
                if (k / 3.6) ** 2 + (j / 2.6) ** 2 < 1:
                    g.box(330 + k * 20 - 6, 226 + j * 14 - 3, 330 + k * 20 + 6, 226 + j * 14 + 3, 94)
        self._ground = g.done((0.5, 0.6), 0.85)
        self._water = Water(rng, 150, HEIGHT, 88, 62, 1)
        self._edge = glow(250, 0.55).resize((560, 260))
        self._boil = Vapour(rng, 330, 228, 12, (0, -6), 30, 14)
        self._rain = Rain(rng, 110, 0.06)
        self._drops = [(int(rng.integers(0, WIDTH)), int(rng.integers(120, HEIGHT)), rng.random()) for _ in range(60)]
        self._lamp = lamp(150, 1.6)

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        wet = image.copy()
        self._water.draw(wet, u)
        spread = 1.0 + 0.06 * math.sin(2 * math.pi * u)
        edge = self._edge.resize((int(560 * spread), int(260 * spread))).point([min(255, i * 2) for i in range(256)])
        where = (330 - edge.width // 2, 250 - edge.height // 2)
        image.paste(wet.crop((*where, where[0] + edge.width, where[1] + edge.height)), where, edge)
        pen = ImageDraw.Draw(image)
        for k in range(4):
            age = (u * 14 + k / 4) % 1
            grey = int(150 * (1 - age) + 70)
            pen.ellipse(
                (330 - 150 * age - 20, 226 - 70 * age - 10, 330 + 150 * age + 20, 226 + 70 * age + 10), outline=grey
            )
        self._boil.draw(image, u, 224, 0.6)
        for x, y, phase in self._drops:
            age = (phase + u * 25) % 1
            if age < 0.3:
                pen.ellipse((x - 14 * age, y - 6 * age, x + 14 * age, y + 6 * age), outline=150)
        for x, y in ((176, 262), (498, 258)):
            pen.polygon([(x - 15, y + 40), (x + 15, y + 40), (x + 4, y - 6), (x - 4, y - 6)], fill=150)
            pen.polygon([(x - 10, y + 22), (x + 10, y + 22), (x + 7, y + 10), (x - 7, y + 10)], fill=238)
            pen.rectangle((x - 19, y + 38, x + 19, y + 43), fill=110)
        sweep = (u * 2) % 1
        if sweep < 0.4:
            shine(image, self._lamp, -150 + 940 * sweep / 0.4, 74, int(120 * math.sin(math.pi * sweep / 0.4)))
        self._rain.draw(image, u)
        return image
