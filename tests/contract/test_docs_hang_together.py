"""No dead link in the docs, nothing that cannot be found from the README, and words that their reader knows."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from local.reference.commands import targets

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "functions").glob("*/README.md")),
]
OWNERS = ROOT / "docs" / "guide-owner.md"
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# What somebody who plans posts in a spreadsheet need never have heard of.
FOREIGN = re.compile(
    r"\b(aws|amazon|lambda|dynamo\w*|s3|buckets?|arn|iam|ses|sqs|sns|event\s?bridge|cloud\w*|stacks?|functions?|schedulers?|secrets?"
    r"|deploy\w*|bedrock|api|json|tokens?|queues?|events?|dead.letters?|regions?|parameters?)\b",
    re.IGNORECASE,
)

# And what no page that the README lists for them has, also where it tells more than one must know.
CLOUD = re.compile(
    r"\b(aws|amazon|lambdas?|dynamo\w*|s3|arns?|iam|ses|sqs|sns|event\s?bridge|cloud(?:formation|watch)|bedrock|(?:the|our) stack(?:'s)?"
    r"|buckets?|dead.letters?|samconfig|state machines?|ss[-.]\w+)\b",
    re.IGNORECASE,
)


@cache
def text_of(page: Path) -> str:
    return FENCED.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[tuple[Path, str]]:
    """Files of ours that the page links to, and the anchor, "" for none."""
    found = re.findall(r"\]\(<?([^)>\s]+)>?\)", re.sub(r"`[^`\n]*`", "", text_of(page)))
    ours = [link.partition("#") for link in found if not re.match(r"[a-z]+:", link)]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in ours]


@cache
def anchors(page: Path) -> frozenset[str]:
    """As GitHub makes them of the headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return frozenset(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [str(path) for path, _ in links(page) if not path.exists()] == []
    wrong = [f"{path.name}#{anchor}" for path, anchor in links(page) if anchor and anchor not in anchors(path)]
    assert wrong == []


def test_every_page_is_two_clicks_from_the_readme() -> None:
    once = {path for path, _ in links(README)}
    twice = {path for page in once if page.suffix == ".md" and page.is_file() for path, _ in links(page)}
    seen = once | twice
    folders = {path for path in seen if path.is_dir()}
    lost = [page for page in PAGES if page != README and page not in seen and page.parent not in folders]
    assert [str(page.relative_to(ROOT)) for page in lost if "functions" not in page.parts] == []


def test_the_owners_guide_needs_no_word_of_whoever_runs_it() -> None:
    text = re.sub(r"\]\([^)]*\)", "]", text_of(OWNERS))
    assert FOREIGN.findall(text) == []


@cache
def owners_pages() -> tuple[Path, ...]:
    """Those that the README lists for somebody who plans posts."""
    (part,) = re.findall(r"^## You plan posts.*?(?=^## )", text_of(README), re.MULTILINE | re.DOTALL)
    return tuple(ROOT / path for path in re.findall(r"\((docs/[^)#]+\.md)\)", part))


@pytest.mark.parametrize("page", owners_pages(), ids=lambda page: str(page.name))
def test_no_page_for_the_owner_has_a_word_of_the_cloud(page: Path) -> None:
    text = re.sub(r"\]\([^)]*\)", "]", page.read_text("utf-8"))
    assert CLOUD.findall(text) == []


def test_the_readme_lists_pages_for_the_owner_and_the_guide_is_the_first() -> None:
    assert owners_pages()[0] == OWNERS
    assert len(owners_pages()) == len(set(owners_pages())) >= 15


def test_the_owners_guide_leads_only_to_pages_that_an_owner_reads() -> None:
    """Nothing of how it is built, deployed or operated is needed for a post."""
    names = {path.stem for path, _ in links(OWNERS)}
    assert names.isdisjoint(
        {"architecture", "operating", "deploying", "watch", "proof", "cost", "decisions", "runbooks"}
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_command_that_a_page_names_is_there(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # tells of what was
    known = targets((ROOT / "Makefile").read_text("utf-8"))
    named = re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text("utf-8"), re.MULTILINE)
    assert set(named) - set(known) == set()
