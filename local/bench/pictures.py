"""The pictures' figures: a photo for all networks beside one bare decode and resize, the same from the cache, and the peak memory.

``python -m local.bench.pictures FOLDER`` renders what lies there for every network and prints the peak: a process of its own, so that
nothing else is in it.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import ROOT
from local.bench import shipped
from local.bench.figure import Figure
from local.bench.measuring import Beside
from local.peak import peak_mb
from local.stack import PREFIX

if TYPE_CHECKING:
    from local.bench.rows import Bench

TURNS = 5
CORPUS = ROOT / "tests" / "unit" / "renderer" / "renderer_corpus.py"
_PATHS = [str(ROOT / part) for part in ("functions", "layers/mesh/python", "layers/networks/python")]


def figures(bench: Bench) -> Iterator[Figure]:
    bucket = f"{PREFIX}-render-cache-000000000000"
    sys.path[:0] = [path for path in _PATHS if path not in sys.path]
    photo = _photo()
    yield _beside_bare(photo)
    yield _from_the_cache(photo, bench.stack.client("s3"), bucket)
    yield _peak()


def _photo() -> bytes:
    """12 megapixels of light and grain, as a phone writes them."""
    from PIL import Image

    size = (4_000, 3_000)
    grain = Image.frombytes("RGB", (2_000, 1_500), random.Random(7).randbytes(9_000_000)).resize(size)
    light = Image.merge("RGB", [Image.linear_gradient("L").rotate(turn).resize(size) for turn in (0, 90, 180)])
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 1, "A phone"
    out = io.BytesIO()
    Image.blend(light, grain, 0.12).save(out, format="JPEG", quality=92, exif=exif)
    return out.getvalue()


def _beside_bare(photo: bytes) -> Figure:
    """Taken in turns, so that what slows this computer down slows both."""
    from PIL import Image

    import networks
    from renderer.fitting import fit
    from renderer.reading import read_picture
    from renderer.recipe import Recipe

    def bare() -> None:
        Image.open(io.BytesIO(photo)).resize((2_000, 1_500), Image.Resampling.LANCZOS).save(io.BytesIO(), format="JPEG")

    def ours() -> None:
        picture = read_picture("photo.jpg", photo)
        for name in networks.NAMES:
            fit(picture, Recipe.of(networks.composer(name).declared))

    found = Beside.of([(_seconds(ours) * 1_000, _seconds(bare) * 1_000) for _ in range(TURNS)])
    detail = f"a JPEG of {len(photo) / 1e6:.1f} MB; the floor decodes, resizes and saves it once"
    name = "a 12 MP photo for seven networks"
    return Figure(name, found.ours, "ms", found.floor, 3.0, detail, max(found.noise, 0.1))


def _from_the_cache(photo: bytes, s3: Any, bucket: str) -> Figure:
    from networks import NAMES, composer
    from renderer.cache import RenderCache
    from renderer.fitting import fit
    from renderer.reading import read_picture
    from renderer.recipe import Recipe

    cache, md5 = RenderCache(s3, bucket), hashlib.md5(photo, usedforsecurity=False).hexdigest()
    recipes = list(dict.fromkeys(Recipe.of(composer(name).declared) for name in NAMES))

    def first() -> None:
        picture = read_picture("photo.jpg", photo)
        for recipe in recipes:
            cache.put(md5, recipe.key, fit(picture, recipe))

    def again() -> None:
        if any(cache.get(md5, recipe.key) is None for recipe in recipes):
            raise LookupError("what was put into the cache is not there")

    first_seconds, again_seconds = _seconds(first), statistics.median(_seconds(again) for _ in range(TURNS))
    detail = f"{len(recipes)} reads, nothing decoded; the floor is the first time"
    return Figure("the same from the cache", again_seconds * 1_000, "ms", first_seconds * 1_000, None, detail, 0.3)


def _peak() -> Figure:
    renderer = next(one for one in shipped.functions() if one.name == "renderer")
    environment = {
        **os.environ,
        **renderer.environment,
        "PYTHONPATH": os.pathsep.join([*_PATHS, str(CORPUS.parent)]),
    }
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        subprocess.run([sys.executable, str(CORPUS), folder], check=True, env=environment)
        command = [sys.executable, "-m", "local.bench.pictures", folder]
        told = subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True, text=True).stdout
        count = len(list(Path(folder).iterdir()))
    megabytes, _, heaviest = told.strip().partition(" ")
    detail = f"{count} pictures, heaviest {heaviest}"
    return Figure("peak memory over hostile pictures", int(megabytes), "MB", aim=350, detail=detail, noise=0.05)


def _render_all(folder: Path) -> str:
    """The peak in megabytes, and the picture that drove it there."""
    import networks
    from renderer.fitting import fit
    from renderer.images import ImageRefused
    from renderer.reading import read_picture
    from renderer.recipe import Recipe

    recipes = [Recipe.of(networks.composer(name).declared) for name in networks.NAMES]
    peak, heaviest = 0, ""
    for file in sorted(folder.iterdir()):
        try:
            picture = read_picture(file.name, file.read_bytes())
        except ImageRefused:
            continue
        for recipe in recipes:
            try:
                fit(picture, recipe)
            except ImageRefused:
                continue
        now = peak_mb()
        if now > peak:
            peak, heaviest = now, file.name
    return f"{peak} {heaviest}"


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(_render_all(Path(sys.argv[1])))
