"""Who the sample businesses are: what their page is headed with, whose clock they live by, and the row that the tour offers to add."""

from __future__ import annotations

from dataclasses import dataclass, replace

from local.calendars.model import CalendarError


@dataclass(frozen=True)
class Offer:
    """The tour's row; ``edited`` is its text with a word changed."""

    text: str
    edited: str
    channels: str = "x-main"


@dataclass(frozen=True)
class Business:
    """``zone`` is a tzdata key; ``handle`` the name of its accounts, ``second_handle`` that of ``bluesky-second``."""

    title: str
    zone: str
    owner: str
    mail_from: str
    handle: str
    second_handle: str
    offer: Offer


SAMPLES = {
    "cafe": Business(
        title="Café Möwe",
        zone="Europe/Berlin",
        owner="owner@cafe-moewe.example",
        mail_from="scheduler@cafe-moewe.example",
        handle="moewe",
        second_handle="backstube",
        offer=Offer(
            "The table by the window is free this morning. Whoever comes first has the sun, and the gull, to themselves.",
            "The table by the window is free this evening. Whoever comes first has the sun, and the gull, to themselves.",
        ),
    ),
    "bookshop": Business(
        title="書店 栞と灯台",
        zone="Asia/Tokyo",
        owner="mashiba@shiori-to-todai.example",
        mail_from="scheduler@shiori-to-todai.example",
        handle="shiori",
        second_handle="shiori-nikai",
        offer=Offer(
            "今朝は窓ぎわの席があいています。コーヒーと、読みかけの本をどうぞ。",
            "今夜は窓ぎわの席があいています。コーヒーと、読みかけの本をどうぞ。",
        ),
    ),
}

_OWN = replace(
    SAMPLES["cafe"],
    title="Social Scheduler",
    offer=Offer(
        "Our first post from a sheet: written by a person, approved by a person.",
        "Our first post from a sheet: planned by a person, approved by a person.",
    ),
)


def business_of(sample: str) -> Business:
    """The sample business of that name; "" is whoever brings a calendar of their own. CalendarError names those there are."""
    if not sample:
        return _OWN
    if sample not in SAMPLES:
        there = " and ".join(sorted(SAMPLES))
        raise CalendarError(f"there is no sample named {sample}; there are {there}")
    return SAMPLES[sample]
