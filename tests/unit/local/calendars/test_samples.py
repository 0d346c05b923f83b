"""Each sample business: its rows fit the networks by the product's own lint, its rules and pictures are whole, and `make run` finds it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import regex
from PIL import Image

from local import run
from local.calendars.model import Calendar
from local.calendars.sample import fill, load_sample
from local.samples import SAMPLES, business_of
from local.samples.draw import draw_all
from local.samples.draw_bookshop import PICTURES
from mesh.fitting import alt_texts, composer_of, problems_of
from mesh.rulebook import Rulebook, parse_rules

TODAY = date(2026, 11, 21)
MISTAKE = "Meant to show a mistake"


def loaded(sample: str) -> tuple[Calendar, Rulebook]:
    calendar = load_sample(sample, TODAY, ZoneInfo(SAMPLES[sample].zone))
    names = re.findall(r"\{(\w+_(?:account|host))\}", calendar.rules or "")
    values = {name: "http://127.0.0.1:9" if name.endswith("_host") else "did:plc:one" for name in names}
    rulebook, problems = parse_rules(fill(calendar.rules or "", values), default_zone="UTC")
    assert problems == ()
    return calendar, rulebook


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_network_refuses_a_row_but_those_that_are_meant_to_show_a_mistake(sample: str) -> None:
    calendar, rulebook = loaded(sample)
    assert rulebook.time_zone == SAMPLES[sample].zone
    refused = set()
    for row in calendar.rows:
        images = [name for name in row.get("image", "").split(", ") if name]
        assert set(images) <= set(calendar.images)
        for channel in row["channels"].split(", "):
            composer = composer_of(rulebook.channels[channel], rulebook)
            alts = alt_texts(row.get("alt text", ""), len(images))
            if problems_of(composer, row["text"], row.get("link", ""), alts):
                refused.add((row.get("note", ""), channel))
    assert all(note.startswith(MISTAKE) for note, _ in refused)
    assert {channel for _, channel in refused} == ({"x-main"} if sample == "bookshop" else set())


@pytest.mark.parametrize("sample", ["", *SAMPLES])
def test_the_row_that_the_tour_offers_fits_before_and_after_its_word_is_changed(sample: str) -> None:
    offer = business_of(sample).offer
    _, rulebook = loaded(sample or "cafe")
    composer = composer_of(rulebook.channels[offer.channels], rulebook)
    for text in (offer.text, offer.edited):
        assert problems_of(composer, f"{text} (12)", "", ()) == ()


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_comes_again_fits_too(sample: str) -> None:
    _, rulebook = loaded(sample)
    for template in (one for one in rulebook.templates if not one.drafted):
        for name in template.channels:
            assert problems_of(composer_of(rulebook.channels[name], rulebook), template.text, "", ()) == ()


def test_the_bookshop_is_written_in_japanese_with_what_is_hard_in_it() -> None:
    calendar, rulebook = loaded("bookshop")
    texts = [row["text"] for row in calendar.rows]
    assert all(regex.search(r"[\p{Hiragana}\p{Katakana}]", text) for text in texts)
    assert any("\u3000" in text for text in texts)  # a full-width space
    assert any("\n" in text for text in texts)
    assert any("\u200d" in text for text in texts)
    assert not regex.search(r"[A-Za-z]{3,}", " ".join(texts).replace("POP", ""))
    assert all(regex.search(r"\p{Han}", row["alt text"]) for row in calendar.rows if row.get("alt text"))
    assert [template.name for template in rulebook.templates] == ["土曜の朗読会", "定休日のおしらせ"]
    wednesdays = [row for row in calendar.rows if date.fromisoformat(row["date"]).weekday() == 2]
    assert wednesdays == []  # its day off


def test_the_bookshops_days_off_are_those_of_its_rules() -> None:
    _, rulebook = loaded("bookshop")
    assert {date(2026, 12, 31), date(2027, 1, 3), date(2026, 12, 11)} <= set(rulebook.blackout_days)


def test_an_unknown_sample_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--sample", "../cafe"]) == 2
    assert "no sample named ../cafe; there are bookshop and cafe" in capsys.readouterr().err


@pytest.mark.slow  # it draws them all
def test_the_bookshops_pictures_are_the_ones_the_script_draws(tmp_path: Path) -> None:
    images = load_sample("bookshop", TODAY, ZoneInfo("Asia/Tokyo")).images
    drawn = draw_all(tmp_path, PICTURES)
    assert {path.name for path in drawn} >= set(images)
    for path in drawn:
        kept = Path(run.ROOT) / "local/samples/bookshop/images" / path.name
        assert path.read_bytes() == kept.read_bytes()
        with Image.open(kept) as picture:
            assert all(600 <= side_px <= 1200 for side_px in picture.size)
