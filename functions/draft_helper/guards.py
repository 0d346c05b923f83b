"""What its owner should look at before a draft is accepted. Pure; every mark says in plain words what and why.

Nothing here judges taste or tone, and no list of words plays at that: what a draft may say is what was said, and what it must and must
not say is what the owner's own documents list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from draft_helper import ads
from draft_helper.answers import Answer, of_wording
from draft_helper.brief import NOTE_CHARACTERS
from draft_helper.fitting import beyond_words, overshoots, stopping
from draft_helper.guard_addresses import Address, addresses_in, without
from draft_helper.guard_names import names_in
from draft_helper.guard_repeats import repeats
from draft_helper.guard_words import find, first_of, fold, found_in, words_in
from draft_helper.known import Known, known_of
from draft_helper.material import Material
from draft_helper.scope import channels_of, folder_pictures, unknown_channels
from mesh.ledger.proposals import Mark, Wording
from mesh.text_figures import figures_in

MOST_MARKS = 30
_QUOTE_CHARACTERS = 80
_LONGEST_PHRASE = 4  # words; a longer entry of "always mention" is an instruction, which nobody can look for
_FIGURES = {
    "number": "a number",
    "price": "an amount",
    "percent": "a percentage",
    "date": "a day",
    "day": "a day",
    "year": "a year",
    "weekday": "a weekday",
    "time": "a time",
    "hour": "a time",
}
_ADDRESSES = {
    "link": "a link",
    "mail": "a mail address",
    "phone": "a telephone number",
    "iban": "a bank account",
    "street": "an address",
}


def marks(material: Material, answer: Answer) -> tuple[Mark, ...]:
    """Those that stop first, then in the order of the guards; each thing once, of a channel's own words only what is not in all."""
    known = known_of(material)
    found = [
        *_of_the_note(material),
        *_beyond_words(material, answer),
        *_ads(material, answer),
        *_always(material, answer),
        *_alts(material, answer),
    ]
    for channel, text in _each_text(material, answer):
        found += _never(material, channel, text)
        found += _said(material, known, channel, text)
    found += [_mark("near-duplicate", message, channel=channel) for channel, message in repeats(material, answer)]
    return _in_order(found)


def recheck(material: Material, wording: Wording) -> tuple[Mark, ...]:
    """The same for words that a person wrote, with what does not fit: there is no other turn that would mend it."""
    answer = of_wording(material, wording)
    return _in_order([*stopping(overshoots(material, answer)), *marks(material, answer)])


def _each_text(material: Material, answer: Answer) -> Iterator[tuple[str, str]]:
    """Words for all channels, each channel's own, and what is said of the pictures."""
    names = [channel.name for channel in channels_of(material)]
    if not names or any(name not in answer.texts for name in names):
        yield "", answer.text
    yield from ((name, answer.texts[name]) for name in names if name in answer.texts)
    yield from (("", alt) for alt in answer.alts if alt and alt not in material.note.alt)


def _of_the_note(material: Material) -> Iterator[Mark]:
    for name in unknown_channels(material):
        yield _mark(
            "channel-unknown", f"The channel “{name}” is not in your rules doc: nothing was written for it.", name
        )
    if len(material.note.text) > NOTE_CHARACTERS:
        size = f"Your note has {len(material.note.text):,} characters; the first {NOTE_CHARACTERS:,} were read"
        yield _mark("note-cut", f"{size}. See that nothing of what follows is missed.")


def _beyond_words(material: Material, answer: Answer) -> Iterator[Mark]:
    for channel, problem in beyond_words(material, answer):
        yield _mark(problem.code, problem.message, channel=channel)


def _never(material: Material, channel: str, text: str) -> Iterator[Mark]:
    for phrase, quote in found_in(material.voice.never_say, text):
        message = f"“{phrase}” is on your voice doc's list of what you never say: take it out."
        yield _mark("never-say", message, quote, channel, stops=True)


def _always(material: Material, answer: Answer) -> Iterator[Mark]:
    for phrase in material.voice.always_say:
        if len(words_in(phrase)) > _LONGEST_PHRASE:
            continue
        for channel in _lacking(material, answer, (phrase,)):
            message = f"Your voice doc says to always mention “{phrase}”; it is not in this text."
            yield _mark("always-say", message, channel=channel)


def _ads(material: Material, answer: Answer) -> Iterator[Mark]:
    words = ads.words(material)
    if not words or not ads.is_ad(material):
        return
    shown = " or ".join(f"“{word}”" for word in words[:4])
    own = bool(ads.own_words(material))
    for channel in _lacking(material, answer, words):
        message = f"Your note says that this is an ad, and nothing in the text does: write {shown}"
        hint = "." if own else ". Which words you use can stand in your rules doc: Ads: #ad, Werbung."
        yield _mark("ad-undisclosed", message + hint, channel=channel, stops=own)


def _lacking(material: Material, answer: Answer, phrases: Iterable[str]) -> list[str]:
    """The channels whose text has none of the phrases; [""] where that is all of them."""
    phrases = tuple(phrases)
    names = [channel.name for channel in channels_of(material)]
    lacking = [name for name in names if not first_of(phrases, answer.on(name))]
    if not names:
        return [] if first_of(phrases, answer.text) else [""]
    return [""] if len(lacking) == len(names) else lacking


def _alts(material: Material, answer: Answer) -> Iterator[Mark]:
    missing = [place for place, alt in enumerate(answer.alts, start=1) if not alt]
    if missing:
        which = "The picture" if len(answer.alts) == 1 else f"Picture {', '.join(map(str, missing))}"
        seen = (
            "" if missing[0] > folder_pictures(material.note) else " (it is in the folder, where nobody looked at it)"
        )
        yield _mark(
            "alt-missing",
            f"{which} has no alt text{seen}: say in a few words what it shows, for people who cannot see it.",
        )


def _said(material: Material, known: Known, channel: str, text: str) -> Iterator[Mark]:
    """What stands in the text and in nothing that the owner wrote."""
    addresses = addresses_in(text)
    for one in addresses:
        yield from _address(material, known, channel, one)
    plain = without(text, addresses)
    figures = list(figures_in(plain))
    for figure in figures:
        if not known.has(figure):
            yield _mark(figure.kind, _not_said(material, figure.quote, _FIGURES[figure.kind]), figure.quote, channel)
    with_words = [figure for figure in figures if figure.kind != "number"]  # "Friday", "12 March": no names
    for name in names_in(without(plain, with_words)):
        if not _is_known(name.core, known):
            yield _mark("name", _not_said(material, name.quote, "a name"), name.quote, channel)


def _not_said(material: Material, quote: str, what: str) -> str:
    shown = f"“{_short(quote)}” is {what} that is not in your note and not in your voice or rules doc"
    if material.files:
        return f"{shown}: if it is from {_the_files(material)}, check that it was read rightly."
    return f"{shown}: check it, or take it out."


def _the_files(material: Material) -> str:
    kinds = {file.upload.kind for file in material.files}
    return "the picture or the PDF" if len(kinds) > 1 else "the picture" if "image" in kinds else "the PDF"


def _address(material: Material, known: Known, channel: str, one: Address) -> Iterator[Mark]:
    """A link has to be the note's or the documents'; what leads to a person has to be in the documents, or its owner is asked."""
    in_note, public = ((one.kind, one.value) in there for there in (known.in_note, known.in_public))
    if public or (in_note and one.kind == "link"):
        return
    what = _ADDRESSES[one.kind]
    if in_note:
        message = (
            f"“{_short(one.quote)}” is {what} from your note that your rules doc does not name: may everybody read it?"
        )
        yield _mark("personal-data", message, one.quote, channel)
    else:
        code = "link" if one.kind == "link" else "personal-data"
        yield _mark(code, _not_said(material, one.quote, what), one.quote, channel)


def _is_known(name: str, known: Known) -> bool:
    if name.startswith("@"):
        return fold(name) in known.folded
    return all(
        word.folded in known.words or find(word.folded.removesuffix("'s"), known.text) for word in words_in(name)
    )


def _mark(code: str, message: str, quote: str = "", channel: str = "", *, stops: bool = False) -> Mark:
    return Mark(code=code, message=message, quote=_short(quote), channel=channel, stops=stops)


def _short(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= _QUOTE_CHARACTERS else f"{quote[: _QUOTE_CHARACTERS - 1]}…"


def _in_order(found: Iterable[Mark]) -> tuple[Mark, ...]:
    """Each once; beyond ``MOST_MARKS`` the last says how many more there are."""
    once: dict[Mark, None] = {}
    for mark in found:
        if mark.channel and mark.model_copy(update={"channel": ""}) in once:
            continue
        once.setdefault(mark)
    ordered = sorted(once, key=lambda mark: not mark.stops)
    if len(ordered) <= MOST_MARKS:
        return tuple(ordered)
    kept, more = ordered[: MOST_MARKS - 1], ordered[MOST_MARKS - 1 :]
    stops = any(mark.stops for mark in more)
    return (*kept, _mark("more", f"And {len(more)} more of this kind: read the whole text.", stops=stops))
