"""The look of mails and pages: one palette, one type scale."""

from __future__ import annotations

INK = "#1d2b2a"
FAINT = "#5b6b69"
LINE = "#d9e0dc"
PAPER = "#f6f4ee"
SHEET = "#ffffff"
GO = "#0f6b4f"
STOP = "#9a3b1f"
FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

BASE_CSS = f"""
:root{{color-scheme:light dark;--ink:{INK};--faint:{FAINT};--line:{LINE};--paper:{PAPER};--sheet:{SHEET};--go:{GO};--stop:{STOP};--on:#fff}}
@media (prefers-color-scheme:dark){{:root{{--ink:#e9eeeb;--faint:#9fb0ab;--line:#33413e;--paper:#141b1a;--sheet:#1d2725;--go:#4fbf97;--stop:#e58a68;--on:#10201b}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--paper);color:var(--ink);font:17px/1.5 {FONT}}}
main{{max-width:40rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:anywhere;word-break:break-word}}
h1{{font-size:1.55rem;line-height:1.25;margin:.5rem 0 .25rem;text-wrap:balance}}
p{{margin:.5rem 0}}
@media (min-width:40rem){{main{{padding-top:3rem}}}}
""".strip()
"""What a page of a heading and sentences needs."""

PAGE_CSS = f"""{BASE_CSS}
.faint{{color:var(--faint)}} .small{{font-size:.9rem}}
.when{{font-size:1.1rem;margin:.25rem 0 1rem}}
article{{overflow-wrap:anywhere;word-break:break-word;background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:1rem 1.1rem;margin:1rem 0}}
article h2{{font-size:.85rem;font-weight:600;color:var(--faint);margin:0 0 .5rem}}
.text{{white-space:pre-wrap;overflow-wrap:anywhere}}
img{{display:block;max-width:100%;height:auto;border-radius:8px;margin:.75rem 0 .25rem}}
form{{margin:1.25rem 0}}
button{{font:inherit;font-weight:600;border:0;border-radius:10px;padding:.85rem 1.4rem;min-height:48px;width:100%;cursor:pointer;background:var(--go);color:var(--on)}}
button.stop{{background:var(--stop)}} button.quiet{{background:none;color:var(--ink);border:1px solid var(--line);font-weight:500}}
button:focus-visible,a:focus-visible{{outline:3px solid var(--ink);outline-offset:2px}}
@media (min-width:40rem){{button{{width:auto;min-width:14rem}}}}
ul{{padding-left:1.2rem}}
form+form{{margin-top:-.5rem}}
label{{display:block;font-weight:600;margin:1rem 0 .25rem}}
input[type=text]{{font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--faint);border-radius:10px;padding:.7rem .9rem;min-height:48px;width:100%;margin-bottom:.5rem}}
input:focus-visible{{outline:3px solid var(--ink);outline-offset:2px}}
.held{{border:1px solid var(--stop);border-radius:10px;padding:.25rem 1rem;margin:0 0 1rem;overflow-wrap:anywhere}}
.held a{{display:block;color:var(--ink);padding:.75rem 0;min-height:48px}}
section{{border-top:1px solid var(--line);margin-top:2.5rem;padding-top:.75rem}}
section h2{{font-size:1rem;margin:.25rem 0}}
@media print{{form,section,.held a{{display:none}} body,article{{background:none}} article{{break-inside:avoid}}}}
""".strip()
