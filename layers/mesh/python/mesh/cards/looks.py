"""How what a card shows looks, by class: one list for pages and for mails, in the colours of ``mesh.cards.style``.

A page has it as a style sheet over its own variables; a mail gets it put into its tags, and once more below a media query for the dark.
No side of a box is left to a ``div``: Outlook's padding holds in a table's cell alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from mesh.cards.style import FAINT, FONT, GO, INK, LINE, PAPER, SHEET, STOP

LIGHT = {"ink": INK, "faint": FAINT, "line": LINE, "paper": PAPER, "sheet": SHEET, "go": GO, "stop": STOP}
DARK = {
    "ink": "#e9eeeb",
    "faint": "#9fb0ab",
    "line": "#33413e",
    "paper": "#141b1a",
    "sheet": "#1d2725",
    "go": "#4fbf97",
    "stop": "#e58a68",
}
# Ours, not the networks': a hue to know them apart by, each at least 4.5:1 with white letters.
HUES = {
    "x": "#3a4446",
    "instagram": "#a8326a",
    "facebook": "#2f5aa8",
    "threads": "#4b4a57",
    "linkedin": "#1f6287",
    "bluesky": "#1a69c4",
    "mastodon": "#5a4fc0",
    "other": "#5b6b69",
}
_WRAPPED = "overflow-wrap:anywhere;word-break:break-word"  # a long address must not make a phone scroll sideways
_UNSEEN = "position:absolute;overflow:hidden;clip:rect(0 0 0 0);white-space:nowrap;font-size:0;mso-hide:all"

# What previews and changes are made of.
_SHOWN = {
    "pv-head": "color:{faint};font-size:16px;font-weight:400;line-height:24px;margin:0 0 8px",
    "pv-name": "color:{ink};font-weight:600",
    "pv-dot": "display:inline-block;width:24px;line-height:24px;border-radius:12px;color:#fff;font-size:13px;font-weight:600;"
    "text-align:center;margin:0 7px 0 0",
    "pv-text": "color:{ink};font-size:16px;line-height:1.5;white-space:pre-wrap",
    "pv-mark": "color:{go}",
    "pv-fold": "display:block;border-top:1px dashed {line};color:{faint};margin:6px 0;padding:3px 0 0",
    "pv-rest": "color:{faint}",
    "pv-grid": "width:100%;table-layout:fixed;margin:10px 0 0",
    "pv-cell": "padding:2px;vertical-align:top",
    "pv-image": "display:block;width:100%;height:auto;border-radius:6px;margin:0",
    "pv-photo": "max-width:440px;margin:10px 0 0",
    "pv-thumb": "margin:0 0 6px",
    "pv-notes": "color:{faint};margin:6px 0 10px",
    "pv-note": "display:block;color:{faint}",
    "pv-link": "display:block;color:{faint}",
    "pv-wide": "width:100%;table-layout:fixed;border-collapse:separate;margin:10px 0 12px",
    "pv-card": "border:1px solid {line};border-radius:8px;padding:10px 12px;font-size:16px;color:{ink};text-align:start",
    "pv-title": "font-weight:600",
    "pv-count": "color:{faint};margin:8px 0 0",
    "pv-out": f"border:1px solid {{stop}};border-radius:8px;padding:10px 12px;font-size:16px;color:{{ink}};text-align:start;{_WRAPPED}",
    "pv-list": "color:{faint};margin:0 0 12px;padding:0 0 0 18px",
    "ch-box": "border:1px solid {line};border-left:4px solid {go};border-radius:8px;padding:10px 12px;font-size:16px;color:{ink};text-align:start;"
    + _WRAPPED,
    "ch-title": "color:{ink};font-weight:600;margin:0 0 6px",
    "ch-list": "color:{ink};margin:0 0 8px;padding:0 0 0 18px",
    "ch-names": "color:{faint};margin:8px 0 0",
    "ch-text": "color:{ink};white-space:pre-wrap",
    "ch-gone": "color:{stop};text-decoration:line-through;margin:0 3px 0 0",
    "ch-new": "color:{go};text-decoration:underline;font-weight:600",
    "ch-skipped": "color:{faint}",
    "ch-said": _UNSEEN,
    "ch-side": "color:{faint};margin:6px 0 0",
    "ch-row": "margin:4px 0 0",
    "ch-image": "display:inline-block;width:120px;height:auto;border-radius:6px;margin:0 4px 4px 0;vertical-align:top",
    **{f"pv-{network}": f"background:{hue}" for network, hue in HUES.items()},
}
# A mail's frame, and what stands in it beside previews. Headings, paragraphs and lists may have margins in every program.
_MAIL = {
    "paper": "background-color:{paper}",
    "frame": "padding:24px 12px",
    "letter": "width:100%;max-width:560px;table-layout:fixed",
    "ink": "color:{ink}",
    "body": f"font-family:{FONT};font-size:16px;line-height:1.5;color:{{ink}};text-align:left;{_WRAPPED}",
    "ahead": "display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:{paper};mso-hide:all",
    "h1": "font-size:22px;line-height:1.3;margin:0 0 12px;color:{ink}",
    "h2": "font-size:18px;line-height:1.35;margin:24px 0 8px;color:{ink}",
    "p": "margin:0 0 12px;color:{ink}",
    "faint": "margin:0 0 12px;color:{faint}",
    "box": "width:100%;table-layout:fixed;border-collapse:separate;margin:0 0 12px",
    "sheet": "background-color:{sheet};border:1px solid {line};border-radius:10px;padding:14px 16px",
    "banner": "background-color:{sheet};border:2px solid {stop};border-radius:10px;padding:14px 16px;color:{ink}",
    "rule": "border-top:1px solid {line};padding:20px 0 0",
    "push": "margin:4px 0 12px",
    "go": "background-color:#0f6b4f;border-radius:8px;mso-padding-alt:13px 26px",
    "halt": "background-color:#9a3b1f;border-radius:8px;mso-padding-alt:13px 26px",
    "label": "display:inline-block;padding:13px 26px;color:#ffffff;font-weight:600;text-decoration:none",
    "ways": "margin:0 0 8px;color:{faint}",
    "way": "display:inline-block;margin:0 18px 0 0;padding:8px 0;color:{ink}",
    "stop": "display:inline-block;margin:0 18px 0 0;padding:8px 0;color:{stop}",
    "link": "color:{go}",
    "foot": "margin:28px 0 0;padding:0;line-height:1.5;color:{faint}",
    "quiet": "color:{faint}",
    # The digest's: a small picture beside what is said, and a day's posts a line each.
    "dg-sheet": "background-color:{sheet};border:1px solid {line};border-radius:10px;padding:14px 16px 2px",
    "dg-both": "width:100%;table-layout:fixed",
    "dg-picture": "width:96px;vertical-align:top;padding:4px 0 0",
    "dg-image": "display:block;border-radius:6px",
    "dg-said": "vertical-align:top;padding:0 0 0 14px;text-align:left",
    "dg-title": "margin:0 0 4px;font-weight:600;color:{ink}",
    "dg-words": "margin:0 0 6px;color:{ink}",
    "dg-faint": "margin:0 0 6px;color:{faint}",
    "dg-day": "margin:12px 0 2px;font-weight:600;color:{ink}",
    "dg-line": "margin:0 0 6px;color:{ink}",
}


def _rules(styles: Mapping[str, str], colours: Mapping[str, str], *befores: str) -> str:
    return "\n".join(
        f"{','.join(f'{before}.{kind}' for before in befores)}{{{declarations.format(**colours)}}}"
        for kind, declarations in styles.items()
    )


def _turned(styles: Mapping[str, str]) -> dict[str, str]:
    """The declarations that have another colour in the dark, made to win over those inside the tags."""
    found = {}
    for kind, declarations in styles.items():
        turned = [f"{one} !important" for one in declarations.split(";") if "{" in one]
        if turned:
            found[kind] = ";".join(turned)
    return found


# ``article`` and ``img`` have rules of their own on a page; a class before them keeps ours the stronger ones.
PAGE_SHOWN_CSS = _rules(_SHOWN, {name: f"var(--{name})" for name in LIGHT}, "article ", "")
MAIL_CSS = _rules({**_MAIL, **_SHOWN}, LIGHT, "")
# Outlook's apps know no media query: they mark what they darken, text and grounds, by attributes of their own.
_IN_THE_DARK = _turned({**_MAIL, **_SHOWN})
MAIL_DARK_CSS = (
    f"@media (prefers-color-scheme:dark){{\n{_rules(_IN_THE_DARK, DARK, '')}\n}}\n"
    f"{_rules(_IN_THE_DARK, DARK, '[data-ogsc] ', '[data-ogsb] ')}"
)
