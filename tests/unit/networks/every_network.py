"""What every network is held to, and the texts that have broken counters before. A new network joins by its name in ``networks.NAMES``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from networks.model import Composer, Declared, Draft, Image, Of, Problem, Rendition

FAMILY = "👨‍👩‍👧‍👦"


def image_for(declared: Declared, alt: str = "A slice of apple cake") -> Image:
    """One that this network takes."""
    return Image("ab" * 32, declared.image_mimes[0], 100_000, 1_080, 1_080, alt)


def draft_for(composer: Composer, text: str, link: str = "") -> Draft:
    """With an image where the network takes none without."""
    images = (image_for(composer.declared),) if composer.declared.needs_image else ()
    return Draft(text, link, images)


def problems(composer: Composer, draft: Draft) -> dict[str, Problem]:
    composed = composer.compose(draft)
    assert not isinstance(composed, Rendition), "it was accepted"
    return {problem.code: problem for problem in composed}


def accepted(composer: Composer, draft: Draft) -> Rendition:
    composed = composer.compose(draft)
    assert isinstance(composed, Rendition), composed
    return composed


texts = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from([*"aé日ß#@$.:/\\|{}()<>_*~ \n", "👍🏽", FAMILY, "🇩🇪", "1️⃣", "\u0301", "\u202e"]),
        st.sampled_from(["https://cafe.example/menu ", "#kuchen ", "cafe.com", "@cafe.example", "x" * 90]),
    ),
    max_size=80,
).map("".join)


@st.composite
def images(draw: st.DrawFn, declared: Declared) -> tuple[Image, ...]:
    def one() -> Image:
        return Image(
            sha256="ab" * 32,
            mime=draw(st.sampled_from(["image/jpeg", "image/png", "image/webp", "image/gif"])),
            size_bytes=draw(st.integers(1, 20_000_000)),
            width_px=draw(st.integers(1, 9_000)),
            height_px=draw(st.integers(1, 9_000)),
            alt=draw(st.text(max_size=20)) * draw(st.sampled_from([1, 300])),
        )

    likely = image_for(declared)
    return tuple(one() if draw(st.booleans()) else likely for _ in range(draw(st.integers(0, 22))))


# Texts that nobody should have to think of twice: what is said of each, on any network.
HOSTILE: dict[str, tuple[str, str]] = {
    "empty": ("", "empty"),
    "only blanks": (" \n\t ", "empty"),
    "only combining marks": ("\u0301\u0302\u0303", "empty"),
    "only directions": ("\u200f\u202b\u202c", "empty"),
    "only zero widths": ("\u200b\u200d\ufeff", "empty"),
    "only a variation selector": ("\ufe0f", "empty"),
    "half an emoji": ("Kuchen \ud83c", "unsendable-character"),
    "the other half": ("\udf70 Kuchen", "unsendable-character"),
    "a null": ("Ku\x00chen", "unsendable-character"),
    "an escape": ("Ku\x1b[31mchen", "unsendable-character"),
    "10,000 characters": ("x" * 10_000, "too-long"),
    "10,000 families": (FAMILY * 10_000, "too-long"),
    "one letter with 4,000 marks": ("a" + "\u0301" * 4_000, "too-long"),
    "a word of 600 letters": ("Donau" * 120, ""),
    "Hebrew": ("עוגת תפוחים היום", ""),
    "Arabic with marks": ("كَعْكَة التُّفَّاح", ""),
    "an override of direction": ("abc \u202egnp.exe", ""),
    "Thai": ("เค้กแอปเปิล", ""),
    "Devanagari": ("सेब का केक", ""),
    "Korean in parts": ("\u1112\u1161\u11ab\u1100\u1173\u11af", ""),
    "all of Zalgo": ("K" + "\u0300\u0301\u0302" * 20 + "uchen", ""),
    "flags that touch": ("🇩🇪🇫🇷🇮🇹", ""),
    "a flag and a half": ("🇩🇪🇫", ""),
    "keycaps": ("1️⃣2️⃣#️⃣", ""),
    "a chain of ten figures": ("‍".join(["👩"] * 10), ""),
    "skin tones": ("👍🏻👍🏼👍🏽👍🏾👍🏿", ""),
    "Windows newlines": ("one\r\ntwo\rthree", ""),
    "separators of lines": ("one\u2028two\u2029three", ""),
    "no-break spaces": ("10\u00a0%\u202foff", ""),
    "a formula": ("=HYPERLINK(1)", ""),
    "HTML": ("<b>Cake</b> &amp; <script>alert(1)</script>", ""),
    "a bracket that opens": ("Cake (with apples", ""),
    "reserved letters": ("\\|{}@[]()<>#*_~", ""),
    "an address with brackets": ("https://de.wikipedia.example/wiki/Kuchen_(Gebäck)", ""),
    "an address that never ends": ("https://cafe.example/" + "a" * 230, ""),
    "many dots": ("." * 200, ""),
    "many schemes": ("https://" * 30, ""),
    "many at signs": ("@" * 100, ""),
    "many hashes": ("#" * 100, ""),
    "a tag of digits": ("#2027 #1", ""),
    "two tags that touch": ("#one#two", ""),
    "a mail address": ("hello@cafe.example", ""),
    "private letters": ("\ue000\uf8ff", "empty"),
    "no characters": ("\ufffe\uffff", "empty"),
    "the replacement character": ("Caf\ufffd", ""),
}


def most(composer: Composer, of: Of) -> int:
    found = composer.declared.most(of)
    assert found is not None
    return found


def within(declared: Declared, shown: tuple[Image, ...]) -> bool:
    """Whether images are within every limit: written apart from the code that refuses them."""
    few = len(shown) <= (declared.most(Of.IMAGES) or 99)
    return few and all(_fits(declared, image) for image in shown)


def _fits(declared: Declared, image: Image) -> bool:
    ratio = Fraction(image.width_px, image.height_px)
    slack = Fraction(1, 400)
    narrowest, widest = declared.ratio(Of.RATIO_NARROWEST), declared.ratio(Of.RATIO_WIDEST)
    return (
        image.mime in declared.image_mimes
        and image.size_bytes <= (declared.most(Of.IMAGE_BYTES) or image.size_bytes)
        and image.width_px * image.height_px <= (declared.most(Of.IMAGE_PIXELS) or 10**12)
        and image.width_px <= (declared.most(Of.IMAGE_WIDTH) or 10**9)
        and image.width_px >= (declared.most(Of.IMAGE_WIDTH_LEAST) or 0)
        and (narrowest is None or ratio >= narrowest * (1 - slack))
        and (widest is None or ratio <= widest * (1 + slack))
        and 0 < len(image.alt.strip()) <= (declared.most(Of.ALT) or 10**9)
    )


__all__ = [
    "FAMILY",
    "HOSTILE",
    "accepted",
    "draft_for",
    "image_for",
    "images",
    "most",
    "problems",
    "replace",
    "texts",
    "within",
]
