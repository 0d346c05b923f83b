"""Adding a network is one file and its name: rules doc, package, lint, preview and the page of limits follow by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

import networks
from local.limits_page import limits_page
from local.networks.serve import SERVERS
from mesh.cards.looks import HUES
from mesh.cards.previews import PAGE, Preview, preview_html
from mesh.fitting import composer_of
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import parse_rules
from networks.model import Of
from renderer.decide import Told, make_package

ROOT = Path(__file__).resolve().parents[3]
RULES = """Channels
- bluesky-main: bluesky, account did:plc:cafe
- new-main: eighth, account 7
Limits
- eighth text: 90
"""
ROW = Row(post_id="p_1", date="2027-03-26", time="09:00", text="Cake " * 19, channels="bluesky-main, new-main")


@pytest.fixture
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(networks._MODULES, "eighth", "tests.unit.networks.eighth")
    names = (*networks.NAMES, "eighth")
    for place in ("networks.NAMES", "mesh.cards.previews.NAMES"):
        monkeypatch.setattr(place, names)


@pytest.mark.usefixtures("_named")
def test_everything_follows_from_its_file_and_its_name() -> None:
    book, problems = parse_rules(RULES, default_zone="UTC")
    assert problems == ()
    assert book.channels["new-main"].host == "https://eighth.example"
    assert book.limits == {"eighth": {Of.TEXT: 90}}
    plan = plan_row(ROW, book)
    assert isinstance(plan, Plan)
    told = {channel.name: Told(composer_of(channel, book)) for channel in plan.channels}
    package = make_package(plan, "UTC", told, {})
    assert not isinstance(package, tuple)
    assert [one.message for one in package.left_out] == [
        "4 characters too long for Eighth: 94 of 90.",
    ]
    assert "Eighth</span>" in preview_html(Preview("new-main", "eighth", "Cake"), "new-main", lambda image: "", PAGE)
    assert "## Eighth\n\nCode points." in limits_page()


def test_without_its_name_nobody_knows_it() -> None:
    assert "is no network I know" in parse_rules(RULES, default_zone="UTC")[1][0].message


@pytest.mark.parametrize("name", networks.NAMES)
def test_a_network_has_its_colour_and_its_name_where_posts_are_shown_and_a_page_about_its_server(name: str) -> None:
    assert name in HUES
    shown = (ROOT / "local" / "console" / "page" / "feeds" / "post.js").read_text("utf-8")
    assert f'{name}: "{networks.composer(name).declared.label}"' in shown
    assert (ROOT / "docs" / "local-networks" / f"{name}.md").is_file()
    assert name in {server.name for server in SERVERS}
