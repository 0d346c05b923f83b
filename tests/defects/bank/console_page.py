"""The console's page: what its modules do in a browser."""

from __future__ import annotations

from .model import Defect

PAGE = "local/console/page"
BROWSER = "tests/browser"
AWAY = f"{BROWSER}/test_console_away.py"
OUTBOX = f"{BROWSER}/test_console_outbox.py"
TOUR = f"{BROWSER}/test_console_tour.py"

DEFECTS: tuple[Defect, ...] = (
    # the console: what is written
    Defect(
        "an edit that no server took is given up",
        f"{PAGE}/grid/acts.js",
        "      if (!error.away) throw error;\n",
        "      throw error;\n",
        (f"{AWAY}::test_what_is_written_while_the_console_is_gone_is_kept_and_saved_when_it_is_back",),
    ),
    Defect(
        "what somebody else wrote into the same cell is not told",
        f"{PAGE}/grid/acts.js",
        "    tellOthers(act.edits);\n",
        "",
        (f"{AWAY}::test_the_later_writer_of_a_cell_is_told_what_was_there_and_can_have_either",),
    ),
    Defect(
        "an edit that is refused is given up before it is said",
        f"{PAGE}/grid/acts.js",
        "  keepWaiting(edits, true); // Until it is said",
        "  keepWaiting(edits, false); // Until it is said",
        (f"{AWAY}::test_what_another_life_refuses_before_the_page_knows_of_it_is_kept",),
    ),
    Defect(
        "words without a row are offered once",
        f"{PAGE}/grid/acts.js",
        "  if (await add()) return;",
        "  await add(); if (words) return;",
        (f"{AWAY}::test_what_has_no_row_any_more_is_offered_until_it_has_one",),
    ),
    Defect(
        "the page begins anew without what was being written",
        f"{PAGE}/main.js",
        '  guarded("sheet", sheet.keepWritten);\n',
        "",
        (f"{AWAY}::test_another_life_of_the_stack_is_not_mixed_with_the_first",),
    ),
    Defect(
        "a row that came in the place of a deleted one takes over what was written there",
        f"{PAGE}/grid/rows.js",
        "    if (there && free.has(there) && !there.id) give(place, there);",
        "    if (there && free.has(there)) give(place, there);",
        (f"{AWAY}::test_what_is_written_in_a_row_is_not_put_into_one_that_took_its_place",),
    ),
    # the console: what is read
    Defect(
        "a text is shown as HTML",
        f"{PAGE}/feeds/post.js",
        '  return mark ? element("span", { class: "mark", textContent: text }) : text;',
        '  return element("span", { class: mark ? "mark" : "", innerHTML: text });',
        (f"{BROWSER}/test_console_feeds.py::test_each_channel_has_a_feed_in_its_networks_manner",),
    ),
    Defect(
        "days are the browser's and not the owner's",
        f"{PAGE}/times.js",
        'new Intl.DateTimeFormat("sv-SE", { timeZone: zone })',
        'new Intl.DateTimeFormat("sv-SE")',
        (f"{BROWSER}/test_console_month.py::test_a_day_is_the_owners_wherever_the_browser_is",),
    ),
    Defect(
        "the new card that is offered is the one that is open",
        f"{PAGE}/outbox/stale.js",
        "findCard(one.newer, id)",
        "findCard(card.round, id)",
        (f"{OUTBOX}::test_a_row_edited_while_its_card_is_open_is_said_and_leads_to_the_new_card",),
    ),
    Defect(
        "a card's message in Slack is any of its kind",
        f"{PAGE}/outbox/channel.js",
        "const place = ({ kind, round }) => `${kind} ${round}`;",
        "const place = ({ kind }) => kind;",
        (f"{OUTBOX}::test_a_row_edited_while_its_card_is_open_is_said_and_leads_to_the_new_card",),
    ),
    Defect(
        "a fault that somebody else ordered is not on the banner",
        f"{PAGE}/faults/faults.js",
        "  ...told.elsewhere.map((order)",
        "  ...told.elsewhere.filter((order) => order.name).map((order)",
        (f"{BROWSER}/test_console_faults.py::test_what_was_ordered_elsewhere_is_seen_and_switched_off",),
    ),
    # the tour
    Defect(
        "a post that stands twice is ticked as recovered",
        f"{PAGE}/tour/steps.js",
        "    recover: step(Boolean(found) && allOut && standsOnce,",
        "    recover: step(Boolean(found) && allOut,",
        (TOUR,),
    ),
    Defect(
        "the first approval ticks the one after the edit",
        f"{PAGE}/tour/steps.js",
        '  const again = fell && of("ss.approved").find((event) => event.seq > fell.seq);',
        '  const again = fell && of("ss.approved").at(-1);',
        (TOUR,),
    ),
)
