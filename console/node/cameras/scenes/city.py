"""Scenes with people and cars in their true colours: avenue, arrivals hall, metro gate, square."""

from __future__ import annotations

import math
from functools import partial

from PIL import Image, ImageDraw

from console.node.cameras.scenes.canvas import (
    HEIGHT,
    WIDTH,
    Ground,
    Ladder,
    Mode,
    Rain,
    Rng,
    Walker,
    car_sprite,
    lamp,
    shine,
    stand,
)


class Avenue:
    """Six lanes in the wet night under sodium lamps; headlights come, tail lights go."""

    mode: Mode = "RGB"
    grain = 4.0
    _HORIZON = 104.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("RGB")
        g.fade((0, 0, WIDTH, 110), [(0, (16, 18, 24)), (1, (48, 44, 42))])
        g.roughen(rng, 0.25, 200)
        for x in range(-10, WIDTH, 46):
            near = abs(x - 320) / 320
            h = 24 + near * 86 * (0.6 + 0.5 * rng.random())
            g.box(x, 112 - h, x + 44, 116, (28 + int(8 * near), 29, 33))
            for wy in range(int(112 - h) + 5, 108, 8):
                for wx in range(x + 4, x + 40, 8):
                    if rng.random() < 0.22:
                        g.box(wx, wy, wx + 4, wy + 4, (116, 100, 70) if rng.random() < 0.7 else (98, 108, 116))
        g.blur(0.7)
        g.fade((0, 104, WIDTH, HEIGHT), [(0, (44, 43, 42)), (1, (58, 56, 54))])
        g.poly([(300, 104), (340, 104), (780, HEIGHT), (-140, HEIGHT)], (50, 49, 49))
        g.poly([(318, 104), (322, 104), (344, HEIGHT), (296, HEIGHT)], (54, 60, 52))
        for lane in (-2, -1, 1, 2):
            for k in range(14):
                z0, z1 = 1.0 + k * 0.9, 1.3 + k * 0.9
                self._mark(g, lane * 52.0, z0, z1)
        for side in (-1, 1):
            g.line([(320 + side * 20, 104), (320 + side * 460, HEIGHT)], (128, 124, 116), 2)
        g.roughen(rng, 0.16, 30)
        self._lamps = []
        for k in range(7):
            z = 1.1 + k * 0.95
            for side in (-1, 1):
                foot, top = 320 + side * 270 / z, self._y(z) - 210 / z
                arm = (foot - side * 34 / z, top - 6 / z)
                g.line([(foot, self._y(z)), (foot, top), arm], (70, 70, 72), max(0.6, 3 / z))
                self._lamps.append((foot - side * 34 / z, top - 4 / z, z))
        self._ground = g.done((0.5, 0.55), 0.55)
        halos = {round(z, 2): lamp(max(4, int(46 / z)), 2.4) for _, _, z in self._lamps}
        pool = lamp(120, 1.8).sized(150, 240)
        for at, above, z in self._lamps:
            shine(self._ground, halos[round(z, 2)], at, above, (255, 186, 104))
            mask = pool.sized(150 / z, 200 / z)
            shine(self._ground, mask, at, self._y(z) + 30 / z, (66, 46, 24))
        paints = [
            (130, (1, 1, 1.02)),
            (70, (1.1, 0.9, 0.86)),
            (96, (0.82, 0.92, 1.2)),
            (160, (1, 1, 1)),
            (60, (0.9, 1, 0.95)),
        ]
        self._fronts = [Ladder(partial(car_sprite, grey=v, tint=t, rear=False)) for v, t in paints]
        self._rears = [Ladder(partial(car_sprite, grey=v * 0.8, tint=t, rear=True)) for v, t in paints]
        self._cars = [
            (rng.random(), int(rng.integers(3, 6)), lane, k % 5)
            for lane in (-2.5, -1.5, -0.55, 0.55, 1.5, 2.5)
            for k in range(4)
        ]
        self._halo = [lamp(r, 2.2) for r in (3, 5, 8, 12, 18, 26, 36)]
        self._wet = lamp(60, 2.0).sized(26, 150)
        self._rain = Rain(rng, 80)

    def _y(self, z: float) -> float:
        return self._HORIZON + 250 / z

    def _mark(self, g: Ground, x: float, z0: float, z1: float) -> None:
        a, b = self._y(z0), self._y(z1)
        w = 3.0
        g.poly(
            [
                (320 + (2.9 * x - w) / z0, a),
                (320 + (2.9 * x + w) / z0, a),
                (320 + (2.9 * x + w) / z1, b),
                (320 + (2.9 * x - w) / z1, b),
            ],
            (150, 148, 142),
        )

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        seen = []
        for phase, laps, lane, kind in self._cars:
            s = (phase + u * laps) % 1.0
            oncoming = lane < 0
            z = 0.78 + 11 * ((1 - s) if oncoming else s) ** 1.5
            seen.append((z, lane, kind, oncoming))
        for z, lane, kind, oncoming in sorted(seen, reverse=True):
            x, y, tall = 320 + 150 * lane / z, self._y(z), 92 / z
            sprite = (self._fronts if oncoming else self._rears)[kind].at(tall)
            stand(image, sprite, x, y)
            halo = self._halo[min(6, int(9 / z))]
            colour = (255, 244, 214) if oncoming else (214, 30, 22)
            for side in (-0.42, 0.42):
                shine(image, halo, x + side * tall, y - tall * 0.42, colour)
                if tall > 8:
                    wet = self._wet.sized(20 / z, 4 * round(33 / z))
                    shine(image, wet, x + side * tall, y + 46 / z, (90, 84, 68) if oncoming else (84, 12, 10))
        self._rain.draw(image, u)
        return image


class Arrivals:
    """An arrivals hall: people with luggage crossing a polished floor under a flight board."""

    mode: Mode = "RGB"
    grain = 3.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("RGB")
        g.fade((0, 0, WIDTH, 96), [(0, (104, 108, 112)), (1, (146, 148, 150))])
        for k in range(-8, 9):
            g.line([(320 + k * 30, 96), (320 + k * 110, 0)], (126, 130, 134), 1)
        for k in range(5):
            y = 8 + k * 19
            g.poly(
                [(60 + y * 1.6, y), (WIDTH - 60 - y * 1.6, y), (WIDTH - 64 - y * 1.6, y + 4), (64 + y * 1.6, y + 4)],
                (232, 236, 236),
            )
        g.fade((0, 96, WIDTH, 190), [(0, (120, 126, 130)), (1, (92, 96, 98))])
        for x in range(0, WIDTH, 58):
            g.box(x, 100, x + 54, 186, (136, 148, 154) if (x // 58) % 3 else (112, 118, 120))
            g.box(x + 54, 96, x + 58, 190, (70, 74, 76))
        g.box(0, 180, WIDTH, 192, (78, 80, 80))
        g.fade((0, 190, WIDTH, HEIGHT), [(0, (126, 126, 122)), (1, (168, 164, 156))])
        for k in range(-14, 15):
            g.line([(320 + k * 34, 190), (320 + k * 104, HEIGHT)], (142, 140, 134), 0.8)
        for k in range(8):
            y = 190 + 170 * (k / 8) ** 1.6
            g.line([(0, y), (WIDTH, y)], (142, 140, 134), 0.8)
        for x in (92, 226, 414, 548):
            g.fade((x - 14, 192, x + 14, 300), [(0, (190, 190, 186)), (1, (152, 150, 144))])
            g.pipe(x - 11, 0, x + 11, 200, 176)
        g.roughen(rng, 0.05, 80)
        g.box(196, 22, 444, 84, (26, 30, 34))
        g.text(320, 33, "ARRIVALS", 11, (222, 206, 120))
        g.box(30, 60, 168, 84, (34, 62, 92))
        g.text(99, 72, "EXIT  5 6 7", 11, (220, 226, 230))
        g.box(476, 60, 610, 84, (34, 62, 92))
        g.text(543, 72, "BAGGAGE 3", 11, (220, 226, 230))
        self._ground = g.done((0.5, 0.55), 0.45)
        self._people = []
        for _ in range(26):
            depth, phase, laps = 0.02 + rng.random() * 0.98, rng.random(), int(rng.choice([-2, -1, 1, 2]))
            self._people.append((depth, phase, laps, Walker(rng, 92, True, rng.random() < 0.55)))
        self._people.sort(key=lambda row: row[0])
        self._flights = [
            (f"{a}{int(rng.integers(100, 999))}", f"{int(rng.integers(3, 6)):02d}:{int(rng.integers(0, 60)):02d}")
            for a in ("MU", "CA", "CZ", "HU", "3U", "ZH", "FM")
        ]
        self._small = ImageDraw.Draw(self._ground).getfont()

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        pen = ImageDraw.Draw(image)
        turn = u * 7
        for row in range(3):
            code, when = self._flights[(int(turn) + row) % 7]
            y = 46 + row * 13
            for x, words in (
                (208, code),
                (290, when),
                (360, "LANDED" if row == 0 else "DELAYED" if row == 1 else "ON TIME"),
            ):
                pen.text((x, y), words, fill=(210, 196, 120), font=self._small)
        for depth, phase, laps, walker in self._people:
            tall = 52 + 118 * depth
            foot = 214 + 140 * depth
            s = (phase + u * abs(laps)) % 1
            s = s if laps > 0 else 1 - s
            across = -80 + s * (WIDTH + 160)
            sprite = walker.at(tall, phase + round(abs(laps) * 820 / tall) * u)
            if laps < 0:
                sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            ghost = sprite.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            faint = ghost.getchannel("A").point([i // 7 for i in range(256)])
            image.paste(ghost.convert("RGB"), (round(across - ghost.width / 2), round(foot - 2)), faint)
            stand(image, sprite, across, foot)
        return image


class MetroGate:
    """A row of ticket gates; people pass through them towards and away from the camera."""

    mode: Mode = "RGB"
    grain = 3.5
    _LANES = (118.0, 218.0, 318.0, 418.0, 518.0)

    def __init__(self, rng: Rng) -> None:
        g = Ground("RGB")
        g.fade((0, 0, WIDTH, 80), [(0, (66, 70, 72)), (1, (104, 106, 106))])
        for x in (90, 250, 410, 570):
            g.poly([(x - 40, 12), (x + 40, 12), (x + 28, 30), (x - 28, 30)], (236, 238, 232))
        g.fade((0, 80, WIDTH, 178), [(0, (120, 120, 114)), (1, (92, 92, 88))])
        for x in range(0, WIDTH, 80):
            g.line([(x, 80), (x, 178)], (84, 84, 82), 1)
        g.poly([(250, 96), (390, 96), (402, 178), (238, 178)], (44, 46, 48))
        for k in range(9):
            y = 104 + k * 8.4
            g.line([(248 - k * 1.1, y), (392 + k * 1.1, y)], (96, 98, 96), 1.4)
        g.fade((0, 178, WIDTH, HEIGHT), [(0, (104, 102, 98)), (1, (146, 142, 134))])
        for k in range(-14, 15):
            g.line([(320 + k * 32, 178), (320 + k * 100, HEIGHT)], (122, 119, 112), 0.8)
        for k in range(8):
            y = 178 + 182 * (k / 8) ** 1.6
            g.line([(0, y), (WIDTH, y)], (122, 119, 112), 0.8)
        g.poly([(306, 178), (334, 178), (372, HEIGHT), (268, HEIGHT)], (150, 142, 104))
        g.roughen(rng, 0.06, 60)
        g.box(238, 44, 402, 72, (24, 52, 96))
        g.text(320, 58, "SHANGLIN RD.   EXIT A", 10, (228, 232, 236))
        self._ground = g.done((0.5, 0.5), 0.5)
        self._gates = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
        self._draw_gates()
        self._people = [
            (
                rng.random(),
                int(rng.choice([1, 2])),
                int(k % 5),
                bool(rng.integers(0, 2)),
                Walker(rng, 84, True, rng.random() < 0.25),
            )
            for k in range(20)
        ]
        self._lamp = lamp(9)

    def _draw_gates(self) -> None:
        pen = ImageDraw.Draw(self._gates)
        for x in (68, 168, 268, 368, 468, 568):
            pen.polygon([(x - 13, 214), (x + 13, 214), (x + 19, 296), (x - 19, 296)], fill=(96, 100, 104, 255))
            pen.polygon([(x - 13, 214), (x - 4, 214), (x - 6, 296), (x - 19, 296)], fill=(132, 136, 140, 255))
            pen.polygon([(x - 13, 206), (x + 13, 206), (x + 13, 216), (x - 13, 216)], fill=(168, 172, 174, 255))
            pen.rectangle((x - 8, 228, x + 8, 242), fill=(24, 26, 28, 255))

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        behind: list[tuple[float, float, Image.Image]] = []
        front: list[tuple[float, float, Image.Image]] = []
        busy = set()
        for phase, laps, lane, away, walker in self._people:
            s = (phase + u * laps) % 1
            s = 1 - s if away else s
            foot = 184 + 250 * s**1.4
            tall = 62 + 0.62 * (foot - 184)
            x = 320 + (self._LANES[lane] - 318) * (0.55 + 0.45 * min(1.0, (foot - 184) / 100)) + 8 * math.sin(9 * phase)
            (behind if foot < 290 else front).append((foot, x, walker.at(tall, phase + u * laps * 17)))
            if abs(foot - 268) < 40:
                busy.add(lane)
        for foot, x, sprite in sorted(behind, key=lambda row: row[0]):
            stand(image, sprite, x, foot)
        image.paste(self._gates.convert("RGB"), (0, 0), self._gates.getchannel("A"))
        pen = ImageDraw.Draw(image)
        for lane, x in enumerate(self._LANES):
            if lane not in busy:
                for side in (-1, 1):
                    pen.polygon(
                        [(x + side * 34, 236), (x + side * 6, 240), (x + side * 6, 280), (x + side * 35, 284)],
                        fill=(150, 106, 92),
                    )
            shine(image, self._lamp, x - 50, 211, (70, 190, 110) if lane in busy else (190, 200, 204))
        for foot, x, sprite in sorted(front, key=lambda row: row[0]):
            stand(image, sprite, x, foot)
        return image


class Square:
    """A square from above in the evening: a crowd in slow streams, lamps, a big screen."""

    mode: Mode = "RGB"
    grain = 4.0

    def __init__(self, rng: Rng) -> None:
        g = Ground("RGB")
        g.fade((0, 0, WIDTH, 92), [(0, (24, 28, 40)), (1, (66, 66, 74))])
        for x in range(-10, WIDTH, 74):
            h = 26 + rng.random() * 46
            g.box(x, 92 - h, x + 70, 94, (42, 44, 50))
            for wy in range(int(92 - h) + 5, 88, 8):
                for wx in range(x + 5, x + 64, 9):
                    if rng.random() < 0.4:
                        g.box(wx, wy, wx + 5, wy + 4, (150, 132, 92) if rng.random() < 0.6 else (118, 128, 138))
        g.blur(0.7)
        g.fade((0, 92, WIDTH, HEIGHT), [(0, (78, 76, 74)), (1, (112, 108, 102))])
        for k in range(-16, 17):
            g.line([(320 + k * 26, 92), (320 + k * 88, HEIGHT)], (90, 87, 83), 0.8)
        for k in range(10):
            y = 92 + 268 * (k / 10) ** 1.5
            g.line([(0, y), (WIDTH, y)], (90, 87, 83), 0.8)
        g.oval(320, 190, 150, 40, (96, 94, 92))
        g.oval(320, 188, 128, 33, (70, 86, 92))
        g.oval(320, 186, 22, 7, (118, 120, 120))
        g.box(246, 20, 394, 84, (20, 22, 26))
        g.roughen(rng, 0.08, 40)
        self._ground = g.done((0.5, 0.55), 0.5)
        halo, pool = lamp(26, 2.2), lamp(90, 1.8).sized(180, 70)
        for x, y, s in ((96, 132, 0.6), (544, 132, 0.6), (44, 250, 1.0), (596, 250, 1.0)):
            ImageDraw.Draw(self._ground).line((x, y, x, y - 92 * s), fill=(60, 60, 62), width=max(1, int(3 * s)))
            shine(self._ground, halo, x, y - 92 * s, (255, 224, 172))
            shine(self._ground, pool, x, y, (60, 50, 34))
        self._people = []
        for _ in range(130):
            depth = rng.random() ** 1.3
            laps = int(rng.choice([-1, 0, 0, 1]))
            self._people.append((depth, rng.random(), laps, rng.random(), Walker(rng, 70 + 40 * rng.random(), True)))
        self._people.sort(key=lambda row: row[0])
        self._jet = lamp(16, 1.6)
        self._bars = [rng.random() for _ in range(8)]

    def draw(self, u: float) -> Image.Image:
        """The picture at phase u."""
        image = self._ground.copy()
        pen = ImageDraw.Draw(image)
        for k, phase in enumerate(self._bars):
            v = 0.5 + 0.5 * math.sin(2 * math.pi * (u * (k % 3 + 2) + phase))
            pen.rectangle(
                (250 + k * 18, 78 - 50 * v, 264 + k * 18, 80), fill=(96 + int(40 * v), 112, 132 - int(20 * v))
            )
        for k in range(12):
            age = (u * 24 + k / 12) % 1
            y = 184 - 66 * math.sin(math.pi * age)
            shine(image, self._jet, 320 + (k % 3 - 1) * 24 * age, y, int_grey(120 * (1 - 0.5 * age)))
        for depth, phase, laps, where, walker in self._people:
            foot = 112 + 236 * depth
            tall = 20 + 62 * depth
            spread = WIDTH + 80
            if laps:
                s = (phase + u * laps) % 1
                x, step = -40 + s * spread, phase + round(900 / tall) * u
            else:
                x, step = -10 + where * (WIDTH + 20) + 5 * math.sin(2 * math.pi * (2 * u + phase)), phase * 0.1
                if abs(x - 320) < 150 and 150 < foot < 226:
                    continue
            sprite = walker.at(tall, step)
            stand(image, sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if laps < 0 else sprite, x, foot)
        return image


def int_grey(level: float) -> tuple[int, int, int]:
    """A neutral colour."""
    value = int(level)
    return value, value, value
