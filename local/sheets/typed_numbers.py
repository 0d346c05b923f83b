"""Reading a typed number as a sheet of a locale does: 1,234.50 in the USA, 1.234,50 in Germany and Brazil."""

from __future__ import annotations

import re

from local.sheets.locales import locale_of
from local.sheets.serials import Typed

_NUMBER = re.compile(
    r"([+-]?)(R\$|[$€£¥￥])?\s?(\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(\.\d*)?(?:[eE]([+-]?\d+))?(%|\s?€)?\Z"
)


def typed_number(text: str, locale: str) -> Typed | None:
    """Value, number-format type and pattern (both empty for a plain number); None for what is no number there.

    Grouping in threes only: 9.00 is 9 in the USA and text in Germany, where the point stands between thousands.
    """
    rules = locale_of(locale)
    if rules.decimal == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    found = _NUMBER.match(text)
    if not found:
        return None
    sign, currency, whole, fraction, exponent, after = found.groups()
    symbol = currency or (after or "").strip().removesuffix("%")
    if symbol and symbol not in rules.currencies:
        return None
    number = float(f"{sign}{whole.replace(',', '') or '0'}{fraction or ''}e{exponent or 0}")
    decimals = max(len(fraction or "") - 1, 0)
    zeros = "0." + "0" * decimals if decimals else "0"
    if after == "%":
        return number / 100, "PERCENT", f"{zeros}%"
    if symbol:
        return number, "CURRENCY", f'"{symbol}"#,##{zeros}'
    if "," in whole:
        return number, "NUMBER", f"#,##{zeros}"
    if exponent:
        return number, "SCIENTIFIC", "0.00E+00"
    return number, "", ""
