"""Brushes of the scenes: grounds, glows, rain, vapour, people, cars, grain; knows no scene.

A scene draws its still ground once at twice the size and then what moves on a copy of it, picture by picture. All
motion is a function of the loop's phase u in [0, 1) that returns to its start, so that the clip loops without a seam.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

WIDTH: Final = 640
HEIGHT: Final = 360
SUPER: Final = 2
Mode = Literal["L", "RGB"]
Ink = int | tuple[int, int, int]
Field = npt.NDArray[np.float32]
Rng = np.random.Generator


def ink(mode: Mode, grey: float, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Ink:
    """A colour of a brightness: itself in grey pictures, tinted in coloured ones."""
    if mode == "L":
        return int(grey)
    red, green, blue = (max(0, min(255, int(grey * t))) for t in tint)
    return red, green, blue


def cloud(rng: Rng, width: int, height: int, cell: int, octaves: int = 4) -> Field:
    """Fractal noise in −1…1, (height, width); `cell` is the size of its largest lumps in px."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        size = max(2, cell >> octave)
        small = rng.random((height // size + 2, width // size + 2), np.float32) * 2 - 1
        grown = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(grown, np.float32) / 2**octave
    return total / 2.0


def tile_cloud(rng: Rng, width: int, height: int, cell_x: int, cell_y: int) -> Field:
    """Noise in −1…1 that repeats sideways without a seam."""
    small = rng.random((height // cell_y + 2, width // cell_x), np.float32) * 2 - 1
    wide = np.concatenate([small[:, -2:], small, small[:, :2]], axis=1)
    scale = width / small.shape[1]
    grown = Image.fromarray(wide).resize((width + int(4 * scale), height), Image.Resampling.BICUBIC)
    start = int(2 * scale)
    return np.asarray(grown, np.float32)[:, start : start + width].copy()


class Ground:
    """The still part of a scene, drawn at twice the size; coordinates are those of the picture.

    `mode` "L" is a night (infrared) picture in grey.
    """

    def __init__(self, mode: Mode, grey: float = 0.0) -> None:
        self.mode: Mode = mode
        self.image = Image.new(mode, (WIDTH * SUPER, HEIGHT * SUPER), ink(mode, grey))
        self.pen = ImageDraw.Draw(self.image)

    def fade(
        self, box: tuple[float, float, float, float], stops: Sequence[tuple[float, Ink]], across: bool = False
    ) -> None:
        """Fill a box with a gradient downwards (or `across`); stops are (share, ink)."""
        x0, y0, x1, y1 = (round(v * SUPER) for v in box)
        steps = max(1, (x1 - x0) if across else (y1 - y0))
        at = np.linspace(0, 1, steps, dtype=np.float32)
        shares = [s for s, _ in stops]
        channels = [
            np.interp(at, shares, [c if isinstance(c, int) else c[k] for _, c in stops])
            for k in range(1 if self.mode == "L" else 3)
        ]
        line = np.stack(channels, axis=-1).astype(np.uint8)
        row = line[None, :, :] if across else line[:, None, :]
        block = np.broadcast_to(row, (y1 - y0, x1 - x0, line.shape[-1]))
        self.image.paste(
            Image.fromarray(np.ascontiguousarray(block.squeeze(-1) if self.mode == "L" else block)), (x0, y0)
        )

    def poly(self, points: Sequence[tuple[float, float]], fill: Ink) -> None:
        """A filled polygon."""
        self.pen.polygon([(x * SUPER, y * SUPER) for x, y in points], fill=fill)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Ink) -> None:
        """A filled box."""
        self.pen.rectangle((x0 * SUPER, y0 * SUPER, x1 * SUPER - 1, y1 * SUPER - 1), fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Ink, width: float = 1.0) -> None:
        """A polyline."""
        self.pen.line(
            [(x * SUPER, y * SUPER) for x, y in points], fill=fill, width=max(1, round(width * SUPER)), joint="curve"
        )

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: Ink | None = None,
        rim: Ink | None = None,
        width: float = 1,
    ) -> None:
        """An ellipse, filled or as a ring."""
        where = ((x - rx) * SUPER, (y - ry) * SUPER, (x + rx) * SUPER, (y + ry) * SUPER)
        self.pen.ellipse(where, fill=fill, outline=rim, width=max(1, round(width * SUPER)))

    def text(self, x: float, y: float, words: str, px: float, fill: Ink) -> None:
        """Latin text, its middle at (x, y)."""
        self.pen.text((x * SUPER, y * SUPER), words, fill=fill, font=ImageFont.load_default(px * SUPER), anchor="mm")

    def pipe(
        self, x0: float, y0: float, x1: float, y1: float, bright: float, tint: tuple[float, float, float] = (1, 1, 1)
    ) -> None:
        """A straight pipe filling a box, lit from above (lying) or from the left (standing)."""
        across = (y1 - y0) > (x1 - x0)
        profile = [(0, 0.25), (0.18, 0.8), (0.32, 1.0), (0.6, 0.55), (0.85, 0.25), (1, 0.15)]
        self.fade((x0, y0, x1, y1), [(s, ink(self.mode, bright * v, tint)) for s, v in profile], across)

    def blur(self, px: float, box: tuple[int, int, int, int] | None = None) -> None:
        """Soften all, or a box: what is out of focus."""
        if box is None:
            self.image = self.image.filter(ImageFilter.GaussianBlur(px * SUPER))
        else:
            scaled = tuple(v * SUPER for v in box)
            part = self.image.crop((scaled[0], scaled[1], scaled[2], scaled[3]))
            self.image.paste(part.filter(ImageFilter.GaussianBlur(px * SUPER)), (scaled[0], scaled[1]))
        self.pen = ImageDraw.Draw(self.image)

    def roughen(self, rng: Rng, strength: float, cell: int = 48) -> None:
        """Stains and grain of real surfaces: multiply with noise of ±strength."""
        field = 1 + strength * cloud(rng, WIDTH * SUPER, HEIGHT * SUPER, cell * SUPER)
        pixels = np.asarray(self.image, np.float32)
        pixels = pixels * (field if self.mode == "L" else field[..., None])
        self.image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        self.pen = ImageDraw.Draw(self.image)

    def done(self, lamp: tuple[float, float] = (0.5, 0.5), vignette: float = 0.55) -> Image.Image:
        """The ground at its true size, brightest at `lamp` (shares of the picture) and darker towards the corners."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        far = np.hypot((x / WIDTH - lamp[0]) * 1.25, y / HEIGHT - lamp[1])
        shade = 1 - vignette * np.clip(far, 0, 1) ** 1.6
        pixels = np.asarray(small, np.float32) * (shade if self.mode == "L" else shade[..., None])
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


# ---------------------------------------------------------------- light


def lamp(radius: int, power: float = 2.2) -> Lamp:
    """A round light."""
    return Lamp(glow(radius, power))


def glow(radius: int, power: float = 2.2) -> Image.Image:
    """A round glow as a mask, 255 in its middle."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32) / max(1, radius)
    return Image.fromarray((255 * np.clip(1 - np.hypot(x, y), 0, 1) ** power).astype(np.uint8))


@cache
def _light(mask: Lamp, colour: Ink, gain: float) -> Image.Image:
    levels = (colour,) if isinstance(colour, int) else colour
    bands = [mask.image.point([min(255, int(i * level * gain / 255)) for i in range(256)]) for level in levels]
    return bands[0] if len(bands) == 1 else Image.merge("RGB", bands)


class Lamp:
    """A mask of light that remembers its colours; compared by identity."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self._sizes: dict[tuple[int, int], Lamp] = {}

    def sized(self, width: float, height: float) -> Lamp:
        """The same light at another size."""
        size = (max(2, round(width)), max(2, round(height)))
        if size not in self._sizes:
            self._sizes[size] = Lamp(self.image.resize(size))
        return self._sizes[size]


def shine(image: Image.Image, mask: Lamp, x: float, y: float, colour: Ink, gain: float = 1.0) -> None:
    """Add light: a lamp centred on (x, y), in a colour."""
    light = _light(mask, colour, gain)
    left, top = round(x - light.width / 2), round(y - light.height / 2)
    box = (max(0, left), max(0, top), min(image.width, left + light.width), min(image.height, top + light.height))
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    part = light.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    image.paste(ImageChops.add(image.crop(box), part), box)


def veil(image: Image.Image, mask: Image.Image, x: float, y: float, colour: Ink, share: float) -> None:
    """Cover softly: a mask centred on (x, y) at `share` of its strength."""
    if share > 0.01:
        thin = mask.point([int(i * min(1.0, share)) for i in range(256)])
        image.paste(colour, (round(x - mask.width / 2), round(y - mask.height / 2)), thin)


class Rain:
    """Streaks that fall `wraps` whole heights a loop: no seam."""

    def __init__(self, rng: Rng, count: int, slant: float = 0.12, bright: float = 1.0) -> None:
        self._slant = slant
        self._rows = []
        for _ in range(count):
            x, phase, wraps = rng.random() * (WIDTH + 80) - 40, rng.random(), int(rng.integers(22, 40))
            self._rows.append((x, phase, wraps, 8 + rng.random() * 16, bright * (38 + rng.random() * 60)))

    def draw(self, image: Image.Image, u: float) -> None:
        """Draw all streaks at phase u."""
        pen = ImageDraw.Draw(image)
        mode: Mode = "L" if image.mode == "L" else "RGB"
        for x, phase, wraps, length, grey in self._rows:
            y = ((phase + u * wraps) % 1.0) * (HEIGHT + 60) - 30
            shift = self._slant * y
            pen.line(
                (x - shift, y, x - shift - self._slant * length, y + length), fill=ink(mode, grey, (0.95, 1, 1.05))
            )


class Vapour:
    """A plume: puffs that rise, grow and fade; each lives a whole part of the loop."""

    def __init__(
        self, rng: Rng, x: float, y: float, count: int, rise: tuple[float, float], size: int, lives: int = 5
    ) -> None:
        self._at, self._rise, self._lives = (x, y), rise, lives
        base = glow(size, 1.6)
        rough = 0.65 + 0.35 * cloud(rng, base.width, base.height, max(8, size // 2))
        soft = Image.fromarray(np.clip(np.asarray(base, np.float32) * rough, 0, 255).astype(np.uint8))
        self._sizes = [soft.resize((max(4, int(soft.width * s)),) * 2) for s in np.linspace(0.25, 1.0, 16)]
        self._puffs = [(k / count, rng.normal(0, 1), rng.normal(0, 1), 0.5 + rng.random()) for k in range(count)]

    def draw(self, image: Image.Image, u: float, colour: Ink, share: float) -> None:
        """Draw all puffs at phase u."""
        for phase, dx, dy, weight in self._puffs:
            age = (phase + u * self._lives) % 1.0
            x = self._at[0] + self._rise[0] * age + dx * 22 * age
            y = self._at[1] + self._rise[1] * age + dy * 10 * age
            mask = self._sizes[min(15, int(age * 16))]
            veil(image, mask, x, y, colour, share * weight * math.sin(math.pi * age) ** 1.3)


class Water:
    """A surface in perspective from `top` to `bottom` px: two textures that drift against each other, nearer faster."""

    def __init__(self, rng: Rng, top: int, bottom: int, grey: float, contrast: float, wraps: int = 2) -> None:
        self.top, self.bottom = top, bottom
        height = bottom - top
        self._grey, self._contrast, self._wraps = grey, contrast, wraps
        fine, coarse = tile_cloud(rng, WIDTH, 256, 16, 3), tile_cloud(rng, WIDTH, 256, 40, 6)
        depth = np.linspace(0.02, 1, height, dtype=np.float32)
        rows = np.clip(np.sqrt(depth) * 255, 0, 255).astype(np.intp)
        self._fine, self._coarse = fine[rows], coarse[rows]
        self._speed = np.ones(height)
        self._shade = (0.55 + 0.6 * depth)[:, None]
        self._columns = np.arange(WIDTH)

    def grey(self, u: float) -> npt.NDArray[np.float32]:
        """Brightness of the surface at phase u, (bottom − top, WIDTH)."""
        shift = int(u * self._wraps * WIDTH) % WIDTH
        waves = np.roll(self._fine, shift, axis=1) + np.roll(self._coarse, -shift, axis=1)
        wide = np.maximum(waves, -0.4)
        surface: npt.NDArray[np.float32] = (self._grey + self._contrast * wide) * self._shade
        return surface

    def draw(
        self, image: Image.Image, u: float, below: int | None = None, tint: tuple[float, float, float] = (1, 1, 1)
    ) -> None:
        """Paint the surface, only from row `below` on where given."""
        from_row = max(self.top, below if below is not None else self.top)
        pixels = np.clip(self.grey(u)[from_row - self.top :], 0, 255)
        if image.mode == "RGB":
            coloured = np.clip(pixels[..., None] * np.array(tint, np.float32), 0, 255).astype(np.uint8)
            image.paste(Image.fromarray(coloured), (0, from_row))
        else:
            image.paste(Image.fromarray(pixels.astype(np.uint8)), (0, from_row))


# ---------------------------------------------------------------- people and cars


class Ladder:
    """One drawing at every size: `draw(height_px)` is asked once a size."""

    def __init__(self, draw: Callable[[int], Image.Image]) -> None:
        self._draw = draw
        self._sizes: dict[int, Image.Image] = {}

    def at(self, height: float) -> Image.Image:
        """The drawing at a height, RGBA or LA."""
        # steps of a few per cent: what comes nearer would else be drawn anew in every picture
        step = 1 if height < 24 else 2 if height < 56 else 4
        size = max(3, round(height / step) * step)
        if size not in self._sizes:
            self._sizes[size] = self._draw(size)
        return self._sizes[size]


def stand(image: Image.Image, sprite: Image.Image, x: float, foot: float) -> None:
    """Paste a sprite with its own mask, its foot's middle at (x, foot)."""
    image.paste(
        sprite.convert(image.mode), (round(x - sprite.width / 2), round(foot - sprite.height)), sprite.getchannel("A")
    )


PHASES: Final = 8


class Walker:
    """A person seen from the side or the front, walking in eight phases, at any size."""

    def __init__(self, rng: Rng, grey: float, coloured: bool, luggage: bool = False) -> None:
        hue = rng.uniform(0.88, 1.12, 3) if coloured else np.ones(3)
        self._coat = _shade(grey * rng.uniform(0.6, 1.3), hue)
        self._legs = _shade(grey * rng.uniform(0.35, 0.7), np.ones(3))
        self._skin = _shade(grey * 1.5 + 30, np.array([1.1, 0.95, 0.85]) if coloured else np.ones(3))
        self._luggage = _shade(grey * rng.uniform(0.4, 1.0), rng.uniform(0.85, 1.12, 3)) if luggage else None
        self._ladders = [Ladder(partial(self._draw, phase=k)) for k in range(PHASES)]

    def at(self, height: float, step: float) -> Image.Image:
        """The person at a height in phase `step` (any number, its fraction counts)."""
        return self._ladders[int(step * PHASES) % PHASES].at(height)

    def _draw(self, size: int, phase: int) -> Image.Image:
        k = 4
        h, w = size * k, int(size * k * 0.62)
        sprite = Image.new("RGBA", (w, h), (0, 0, 0, 0))
        pen = ImageDraw.Draw(sprite)
        swing = math.sin(phase / PHASES * 2 * math.pi) * 0.13 * w
        cx, hip, foot = w * 0.42, h * 0.56, h * 0.97
        thick = max(2, int(w * 0.13))
        pen.line(
            [(cx, hip), (cx + swing, h * 0.78), (cx + swing * 1.5, foot)], fill=self._legs, width=thick, joint="curve"
        )
        pen.line(
            [(cx, hip), (cx - swing, h * 0.78), (cx - swing * 1.5, foot)], fill=self._legs, width=thick, joint="curve"
        )
        pen.rounded_rectangle((cx - w * 0.18, h * 0.19, cx + w * 0.18, h * 0.62), radius=w * 0.12, fill=self._coat)
        sleeve = (*(int(c * 0.75) for c in self._coat[:3]), 255)
        arm = (cx - swing * 1.2, h * 0.52)
        pen.line([(cx, h * 0.25), arm], fill=sleeve, width=thick)
        pen.ellipse((cx - w * 0.1, h * 0.03, cx + w * 0.1, h * 0.18), fill=self._skin)
        pen.chord((cx - w * 0.105, h * 0.02, cx + w * 0.105, h * 0.18), 180, 360, fill=self._legs)
        if self._luggage is not None:
            pen.rounded_rectangle((w * 0.68, h * 0.66, w * 0.92, h * 0.95), radius=w * 0.04, fill=self._luggage)
            pen.line([(w * 0.7, h * 0.66), (cx - swing, h * 0.52)], fill=self._legs, width=max(1, thick // 3))
        return sprite.resize((max(1, w // k), size), Image.Resampling.LANCZOS)


def _shade(grey: float, tint: npt.NDArray[np.float64]) -> tuple[int, int, int, int]:
    red, green, blue = (int(max(0, min(255, grey * t))) for t in tint)
    return red, green, blue, 255


def car_sprite(size: int, grey: float, tint: tuple[float, float, float], rear: bool) -> Image.Image:
    """A car from the front or the rear, `size` px high, wheels and windows included, lights left out."""
    k = 4
    h, w = size * k, int(size * k * 1.28)
    sprite = Image.new("RGBA", (w, h), (0, 0, 0, 0))
    pen = ImageDraw.Draw(sprite)
    body = tuple(int(max(0, min(255, grey * t))) for t in tint)
    dark = tuple(int(c * 0.45) for c in body)
    glass = (18, 20, 24) if not rear else (26, 28, 32)
    pen.rectangle((w * 0.1, h * 0.72, w * 0.26, h * 0.99), fill=(6, 6, 7, 255))
    pen.rectangle((w * 0.74, h * 0.72, w * 0.9, h * 0.99), fill=(6, 6, 7, 255))
    pen.polygon(
        [(w * 0.22, h * 0.42), (w * 0.3, h * 0.05), (w * 0.7, h * 0.05), (w * 0.78, h * 0.42)], fill=(*body, 255)
    )
    pen.polygon(
        [(w * 0.27, h * 0.4), (w * 0.33, h * 0.11), (w * 0.67, h * 0.11), (w * 0.73, h * 0.4)], fill=(*glass, 255)
    )
    pen.rounded_rectangle((w * 0.05, h * 0.38, w * 0.95, h * 0.86), radius=w * 0.07, fill=(*body, 255))
    pen.rectangle((w * 0.08, h * 0.68, w * 0.92, h * 0.86), fill=(*dark, 255))
    pen.rectangle((w * 0.36, h * 0.58, w * 0.64, h * 0.67), fill=(*dark, 255))
    return sprite.resize((max(2, w // k), size), Image.Resampling.LANCZOS)


# ---------------------------------------------------------------- the camera itself


class Sensor:
    """What the camera adds: grain, and the loop's clock with a picture counter, lower right."""

    def __init__(self, rng: Rng, grain: float, fps: int) -> None:
        self._fps = fps
        self._noise = [
            (rng.standard_normal((HEIGHT + 40, WIDTH + 40), np.float32) * grain).astype(np.int16) for _ in range(4)
        ]
        self._offsets = rng.integers(0, 40, (997, 2))
        self._font = ImageFont.load_default(12)

    def take(self, image: Image.Image, number: int) -> npt.NDArray[np.uint8]:
        """The finished picture as an array, (HEIGHT, WIDTH) or (HEIGHT, WIDTH, 3)."""
        seconds = number / self._fps
        clock = f"{int(seconds) // 3600:02d}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}  {number:04d}"
        pen = ImageDraw.Draw(image)
        mode: Mode = "L" if image.mode == "L" else "RGB"
        pen.text((WIDTH - 9, HEIGHT - 21), clock, fill=ink(mode, 0), font=self._font, anchor="rs")
        pen.text((WIDTH - 10, HEIGHT - 22), clock, fill=ink(mode, 172), font=self._font, anchor="rs")
        oy, ox = self._offsets[number % 997]
        noise = self._noise[number % 4][oy : oy + HEIGHT, ox : ox + WIDTH]
        pixels = np.asarray(image).astype(np.int16)
        pixels += noise if image.mode == "L" else noise[..., None]
        return np.clip(pixels, 0, 255).astype(np.uint8)
