"""What is marked of a draft, and what is not: every guard, with what it has to let through."""

from __future__ import annotations

import pytest
from draft_material import CHANNELS, VOICE, book, marked, material, row, said, upload
from hypothesis import given, settings
from hypothesis import strategies as st

from draft_helper.answers import Answer
from draft_helper.guards import MOST_MARKS, marks, recheck
from mesh.ledger.proposals import Wording

PLAIN = "Plum cake is here."


def codes(note: str, text: str, **changes: object) -> list[tuple[str, str]]:
    return [(mark.code, mark.quote) for mark in marked(material(note, **changes), text)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("Five slices left, 3,50 €.", "5 slices left at €3.50."),
        ("5 slices for 3.50 EUR", "Five slices, 3,50 Euro."),
        ("1.200 guests", "1,200 guests, that is 1200."),
        ("20 percent off", "20% off."),
        ("open 7-9 pm", "From 7pm to 9 pm, that is 19:00 to 21 Uhr."),
        ("ab 18h30", "From 18:30."),
        ("at noon", "At 12:00."),
        ("on 12 March", "On 12.3., a Friday, March 12th, 2027-03-12 and 12/3."),
        ("am 12. März 2027", "On Friday, 12 March 2027."),
        ("٣ قطع", "3 قطع"),
        ("cake", "Open 9:00 to 18:00, Tuesday to Sunday."),  # the rules doc says so
        ("cake", "1️⃣ Plum 2️⃣ Apple"),
        ("buy two, pay one", "Buy 2."),
        ("from 09.00-18.00 on 01.03.2027", "From 09.00-18.00 on 01.03.2027."),
        ("1/2 price, 24/7", "24/7 at 1/2 price."),
    ],
)
def test_a_figure_that_was_said_is_not_marked_however_it_is_written(note: str, text: str) -> None:
    assert codes(note, text) == []


@pytest.mark.parametrize(
    ("note", "text", "code", "quote"),
    [
        ("some cake", "Five slices left.", "number", "Five"),
        ("some cake", "Only 12 left.", "number", "12"),
        ("5 cakes", "See you at 5pm.", "time", "5pm"),
        ("5 Kuchen", "Um 5 Uhr.", "time", "5 Uhr"),
        ("3,50 €", "Only $3.50.", "price", "$3.50"),
        ("3,50 €", "3,90 € each.", "price", "3,90 €"),
        ("cheap cake", "50% off.", "percent", "50%"),
        ("on 12 March", "On 13 March.", "date", "13 March"),
        ("on 12 March", "On Thursday.", "weekday", "Thursday"),
        ("am Samstag", "Am Sonntag gibt es Kuchen.", "weekday", "Sonntag"),
        ("soon", "Tomorrow it is here.", "day", "Tomorrow"),
        ("open late", "Open until 22:30.", "time", "22:30"),
        ("geöffnet", "Bis 22 Uhr.", "time", "22 Uhr"),
        ("٣ قطع", "٥ قطع", "number", "٥"),
        ("in 2027", "Since 1987.", "number", "1987"),
    ],
)
def test_a_figure_that_nobody_said_is_marked(note: str, text: str, code: str, quote: str) -> None:
    assert (code, quote) in codes(note, text, rules=book_without_hours())


def book_without_hours() -> object:
    return book("").__class__(
        "Europe/Berlin", channels={name: one for name, one in book("").channels.items() if name in ("sky", "toot")}
    )


def test_the_notes_own_day_and_time_are_known() -> None:
    found = material("Cake", date="2027-03-06", time="09:30")
    assert marked(found, "On Saturday, 6 March, from 9.30 Uhr.") == ()
    assert said(marked(found, "On Friday.")) != []


def test_what_may_be_from_a_file_says_so() -> None:
    (mark,) = marked(material("Cake", uploads=(upload(),)), "Cake for 9,99 €.", alts=("Cake",))
    assert "if it is from the picture, check that it was read rightly" in mark.message
    (mark,) = marked(material("Cake", uploads=(upload(1, "pdf"),)), "Cake for 9,99 €.")
    assert "from the PDF" in mark.message
    (mark,) = marked(material("Cake"), "Cake for 9,99 €.")
    assert (
        mark.message
        == "“9,99 €” is an amount that is not in your note and not in your voice or rules doc: check it, or take it out."
    )


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("Maria baked", "Today Maria's cake is here, ask Maria."),
        ("cake", "We at Café Möwe have cake. I think you'll like it. See you in March? Closed."),
        ("cake", "Every Cake Today Fresh Again"),
        ("Kuchen", "Heute gibt es den Kuchen mit Sahne und Zimt für alle Gäste."),
        ("cake", "So good. “Nice,” said the gull. — Then it flew. 🍰 Cake! • Bread"),
        ("cake", "Fresh #PlumCake by the canal in Berlin."),
        ("ask @cafe.moewe", "Ask @Cafe.Moewe."),
        ("cake", "كعكة جديدة"),
    ],
)
def test_a_name_that_was_said_and_a_word_that_is_none_are_not_marked(note: str, text: str) -> None:
    assert codes(note, text) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Baked today by Maria Lopez.", "Maria Lopez"),
        ("Maria Lopez baked.", "Maria Lopez"),
        ("Better than at Starbucks.", "Starbucks"),
        ("With love from @someone.", "@someone"),
        ("Der Kuchen ist von Maria Lopez und schmeckt.", "Maria Lopez"),
        ("Der Kuchen ist von Frau Lopez.", "Lopez"),
    ],
)
def test_a_name_that_nobody_said_is_marked(text: str, quote: str) -> None:
    assert ("name", quote) in codes("cake", text)


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("see https://cafe.example/Cake", "See www.cafe.example/Cake/ or cafe.example/Cake."),
        ("cake", "Call +49 30 1234567 or (030) 123-4567, or write to Hello@Cafe.example."),
    ],
)
def test_an_address_that_is_public_anyway_is_not_marked(note: str, text: str) -> None:
    assert codes(note, text) == []


def test_the_notes_link_is_known() -> None:
    assert codes("cake", "See https://cafe.example/cake.", link="https://cafe.example/cake") == []


@pytest.mark.parametrize(
    ("note", "text", "code", "quote"),
    [
        ("cake", "See https://evil.example/cake?a=1 now.", "link", "https://evil.example/cake?a=1"),
        ("cake", "See evil.com/cake", "link", "evil.com/cake"),
        ("https://cafe.example/a", "https://cafe.example/b", "link", "https://cafe.example/b"),
        ("cake", "Write to ada@home.example.", "personal-data", "ada@home.example"),
        ("mail ada@home.example", "Write to ada@home.example.", "personal-data", "ada@home.example"),
        ("cake", "Call 0170 5551234.", "personal-data", "0170 5551234"),
        ("cake", "DE89 3704 0044 0532 0130 00", "personal-data", "DE89 3704 0044 0532 0130 00"),
        ("cake", "Come to Lindenstraße 14a.", "personal-data", "Lindenstraße 14a"),
        ("cake", "Come to 221 Baker Street.", "personal-data", "221 Baker Street"),
        ("cake", "Au 12 rue de la Paix", "personal-data", "12 rue de la Paix"),
    ],
)
def test_an_address_that_the_documents_do_not_name_is_marked(note: str, text: str, code: str, quote: str) -> None:
    assert (code, quote) in codes(note, text)


def test_a_number_from_the_note_that_is_not_public_is_asked_about_and_not_called_invented() -> None:
    (mark,) = marked(material("Call Ada 0170 5551234"), "Call Ada 0170 5551234.")
    assert "from your note that your rules doc does not name: may everybody read it?" in mark.message
    assert not mark.stops


def test_a_long_number_that_is_no_bank_account_is_none() -> None:
    assert ("personal-data", "DE89 3704 0044 0532 0130 01") not in codes("cake", "DE89 3704 0044 0532 0130 01")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("So yummy!", "yummy"),
        ("YUMMIER than ever", "YUMMIER"),
        ("Indulging in cake", "Indulging"),
        ("ｉｎｄｕｌｇｅ", "ｉｎｄｕｌｇｅ"),
        ("billigsten Kuchen", "billigsten"),
        ("Treat  yourself.", "Treat yourself"),
        ("treating yourself", "treating yourself"),
        ("#yummy", "yummy"),
    ],
)
def test_what_is_never_said_stops_a_draft_in_any_form(text: str, quote: str) -> None:
    (mark,) = [mark for mark in marked(material("cake"), text) if mark.code == "never-say"]
    assert mark.stops
    assert mark.quote == quote


@pytest.mark.parametrize(
    ("never", "text", "hit"),
    [
        ("ass", "First class, let us assist.", False),
        ("ass", "What an ass.", True),
        ("new", "Good news.", False),
        ("free", "Freedom!", False),
        ("schön", "schon da", False),
        ("schön", "SCHÖNER Tag", True),
        ("délicieux", "Délicieuses? délicieux!", True),
        ("رخيص", "الرخيص", True),
        ("لذيذ", "لَذِيذ", True),
        ("激安", "本日激安セール", True),
        ("激安", "本日の花", False),
        ("treat yourself", "a treat for yourself", False),
        ("we're excited", "We’re excited!", True),
        ("sale", "Salem", False),
        ("!!!", "Cake!!!", True),
    ],
)
def test_words_are_found_whole_and_in_any_language(never: str, text: str, hit: bool) -> None:
    found = marked(material("cake", voice=f"Plain.\nNever say: {never}"), text)
    assert ("never-say" in {mark.code for mark in found}) == hit


def test_what_is_never_said_is_looked_for_in_each_channels_words_and_in_alt_texts() -> None:
    found = material("cake", channels=("sky", "insta"), uploads=(upload(),))
    given_texts = marked(found, PLAIN, {"sky": "So yummy."}, ("A yummy cake",))
    assert [(mark.code, mark.channel) for mark in given_texts] == [("never-say", "sky"), ("never-say", "")]


def test_words_to_be_always_said_are_missed_and_instructions_are_not_looked_for() -> None:
    voice = "Plain.\nAlways mention: Café Möwe, the opening hours where a post invites people"
    found = material("cake", channels=("sky", "toot"), voice=voice)
    assert [(mark.code, mark.channel, mark.stops) for mark in marked(found, PLAIN)] == [("always-say", "", False)]
    assert marked(found, "Cake at CAFÉ MÖWE.") == ()
    assert [mark.channel for mark in marked(found, "Cake at Café Möwe.", {"toot": PLAIN})] == ["toot"]


@pytest.mark.parametrize(
    "note",
    [
        "Sponsored by the mill: new bread.",
        "AD for the mill",
        "Bezahlte Partnerschaft mit der Mühle",
        "Das ist Werbung für die Mühle",
        "#ad the mill",
        "Paid partnership with the mill",
    ],
)
def test_an_ad_that_does_not_say_so_stops(note: str) -> None:
    found = material(note, rules=book("Ads: #ad, Werbung"))
    (mark,) = [mark for mark in marked(found, "New bread.") if mark.code == "ad-undisclosed"]
    assert mark.stops
    assert "“#ad” or “Werbung”" in mark.message
    assert [one.code for one in marked(found, "Werbung: new bread.")] == []
    assert "ad-undisclosed" in {one.code for one in marked(found, "A bad road, an ad.")}  # not #ad


@pytest.mark.parametrize(
    "note",
    [
        "Add sugar, bad weather, radish",
        "Preise anzeigen",
        "We sponsor the team",
        "This is no ad",
        "Keine Werbung, nur Kuchen",
        "Heads up",
    ],
)
def test_what_is_no_ad_need_not_say_that_it_is(note: str) -> None:
    assert "ad-undisclosed" not in {mark.code for mark in marked(material(note, rules=book("Ads: #ad")), PLAIN)}


def test_without_the_rule_an_ad_is_only_pointed_out_and_with_none_it_is_not() -> None:
    (mark,) = marked(material("Sponsored: new bread."), "New bread.")
    assert (mark.code, mark.stops) == ("ad-undisclosed", False)
    assert "Ads: #ad, Werbung" in mark.message
    assert marked(material("Sponsored: new bread.", rules=book("Ads: none")), "New bread.") == ()


SAME = "The plum cake is out of the oven and the first slices go to those who come early today"


@pytest.mark.parametrize(
    ("day", "tense"),
    [("2027-01-10", "was posted on Sunday 10 January 2027"), ("2027-03-20", "is planned for Saturday 20 March 2027")],
)
def test_what_says_nearly_the_same_as_another_post_is_told_with_its_day(day: str, tense: str) -> None:
    found = material("cake", rows=(row(day, f"{SAME}!", channels="Sky, toot"),))
    (mark,) = marked(found, SAME)
    assert (mark.code, mark.channel, mark.stops) == ("near-duplicate", "", False)
    assert mark.message.startswith(f"This is nearly the post that {tense}: “The plum cake is out")


@pytest.mark.parametrize(
    ("day", "channels"), [("2026-11-01", "sky"), ("2027-02-01", "insta"), ("", "sky"), ("2027-02-01", "")]
)
def test_posts_of_long_ago_and_of_other_channels_do_not_count(day: str, channels: str) -> None:
    assert marked(material("cake", rows=(row(day, SAME, channels=channels),)), SAME) == ()


def test_only_the_channel_where_it_repeats_itself_is_named() -> None:
    (mark,) = marked(material("cake", rows=(row("2027-02-01", SAME),)), SAME)
    assert mark.channel == "sky"


def test_a_picture_without_an_alt_text_is_told() -> None:
    assert said(marked(material("cake", uploads=(upload(),)), PLAIN, alts=("A cake",))) == []
    (mark,) = marked(material("cake", uploads=(upload(),)), PLAIN)
    assert mark.code == "alt-missing"
    (mark,) = marked(material("cake", image="cake.jpg"), PLAIN)
    assert "in the folder, where nobody looked at it" in mark.message


def test_a_channel_that_takes_no_post_without_a_picture_is_told() -> None:
    (mark,) = marked(material("cake", channels=("sky", "insta")), PLAIN)
    assert (mark.code, mark.channel) == ("image-needed", "insta")


def test_an_unknown_channel_is_dropped_and_told() -> None:
    found = material("cake", channels=("sky", "myspace"))
    (mark,) = marked(found, PLAIN, {"myspace": "x"})
    assert (mark.code, mark.quote) == ("channel-unknown", "myspace")
    assert "nothing was written for it" in mark.message


def test_a_note_that_was_cut_is_told_with_the_numbers() -> None:
    (mark,) = marked(material("cake " * 10_000), PLAIN)
    assert mark.message.startswith("Your note has 50,000 characters; the first 6,000 were read.")


def test_what_stands_in_all_channels_words_is_told_once() -> None:
    found = marked(material("cake"), "Only 12.", {"toot": "Only 12, and 13."})
    assert said(found) == [("number", "sky", "12")] or said(found) == [("number", "", "12"), ("number", "toot", "13")]


def test_marks_that_stop_come_first_and_there_are_not_too_many() -> None:
    found = marked(material("cake"), f"{', '.join(map(str, range(100, 200)))} yummy")
    assert len(found) == MOST_MARKS
    assert found[0].code == "never-say"
    assert found[-1].message.startswith("And 72 more")


def test_an_edit_is_looked_at_again_with_its_length() -> None:
    wording = Wording(text=f"So yummy. {'x' * 300}", by="ada@cafe.example", at="2027-03-01T09:00:00+00:00")
    found = recheck(material("cake", channels=("sky",)), wording)
    assert [(mark.code, mark.stops) for mark in found] == [("too-long", True), ("never-say", True)]
    assert recheck(material("cake"), wording.model_copy(update={"text": PLAIN})) == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=200))
def test_whatever_is_written_is_marked_or_not_and_nothing_raises(text: str, note: str) -> None:
    found = marks(material(note, channels=CHANNELS, voice=VOICE), Answer(text or "x"))
    assert all(mark.message for mark in found)


WORDS = "Plum cake 3,50€ Maria Lopez @x #y 12.3. 9:00 to 9 pm five 20 % . , see a.com/b on Friday 1.200,50 $5"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split(" "))))
def test_a_note_that_is_posted_as_it_is_has_nothing_foreign(words: list[str]) -> None:
    text = " ".join(words)
    found = {mark.code for mark in marks(material(text), Answer(text or "x"))}
    assert not found & {"number", "price", "percent", "date", "time", "weekday", "name", "link"}


@pytest.mark.parametrize(
    "text", ["1." * 20_000, "9-" * 20_000, "A " * 20_000, "a." * 20_000, "@a" * 20_000, "+49 " * 10_000]
)
def test_long_texts_take_no_long_time(text: str) -> None:
    marks(material(text[:6_000]), Answer(text[:10_000]))
