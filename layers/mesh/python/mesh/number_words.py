"""Numbers as people write them out, in English and German. Pure."""

from __future__ import annotations

NUMBER_WORDS = {
    word: number
    for number, words in {
        2: "two zwei",
        3: "three drei",
        4: "four vier",
        5: "five fünf",
        6: "six sechs",
        7: "seven sieben",
        8: "eight acht",
        9: "nine neun",
        10: "ten zehn",
        11: "eleven elf",
        12: "twelve dozen zwölf dutzend",
        13: "thirteen dreizehn",
        14: "fourteen vierzehn",
        15: "fifteen fünfzehn",
        16: "sixteen sechzehn",
        20: "twenty zwanzig",
        30: "thirty dreißig dreissig",
        40: "forty vierzig",
        50: "fifty fünfzig",
        100: "hundred hundert",
        1000: "thousand tausend",
    }.items()
    for word in words.split()
}
