"""Whether a post is an ad, and by which words it is to say so. Pure.

An ad is what its note calls one; nobody guesses it from how a post sounds.
"""

from __future__ import annotations

import re

from draft_helper.guard_words import exactly, first_of, fold
from draft_helper.material import Material

SIGNS = (
    "ad",
    "ads",
    "advert",
    "advertisement",
    "sponsored",
    "paid partnership",
    "paid post",
    "anzeige",
    "werbung",
    "werbepost",
    "gesponsert",
    "gesponserte",
    "gesponserter",
    "bezahlte partnerschaft",
    "bezahlte kooperation",
    "reklame",
)
USUAL_WORDS = ("#ad", "ad", "sponsored", "paid partnership", "Anzeige", "Werbung")
"""What counts as a disclosure where the rules doc names no words of its own."""
_NO_AD = re.compile(
    r"\b(?:no|not an?|isn't an?|without(?: any)?|keine?|nicht|ohne)\s(?:paid\s|bezahlte\s)?"
    r"(?:ads?|adverts?|advertisement|sponsored|anzeigen?|werbung|reklame|gesponsert)\b"
)


def is_ad(material: Material) -> bool:
    """The note says so, in words of its own or with one of those that mark an ad here."""
    said = _NO_AD.sub(" ", " ".join(fold(material.note.text).split()))
    return any(exactly(sign, said) for sign in SIGNS) or bool(first_of(own_words(material), said))


def own_words(material: Material) -> tuple[str, ...]:
    return material.rulebook.ads.words if material.rulebook.ads is not None else ()


def words(material: Material) -> tuple[str, ...]:
    """One of which has to stand in every text that is an ad; () where the rules doc says that none has to."""
    return own_words(material) if material.rulebook.ads is not None else USUAL_WORDS
