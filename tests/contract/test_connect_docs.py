"""docs/connect.md says what the command does: its networks, its redirect address, its options, and the same figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.connect import portal
from local.connect.browser import PATH, TIME_LIMIT_SECONDS
from local.connect.command import _options
from local.connect.flows import FLOWS
from local.connect.terminal import ID_VARIABLE, SECRET_VARIABLE
from networks import composer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connect.md").read_text(encoding="utf-8")


def section(network: str) -> str:
    label = composer(network).declared.label
    (found,) = re.findall(rf"^### {label}[^\n]*\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("network", FLOWS)
def test_each_network_has_its_section_with_the_figures_that_the_command_says(network: str) -> None:
    documented = [line for line in portal.BEFORE[network] if not line.startswith("Reported:")]
    figures = {figure for line in documented for figure in re.findall(r"\$?\d[\d.]*\d|\d", line)}
    assert figures <= set(re.findall(r"\$?\d[\d.]*\d|\d", section(network)))


@pytest.mark.parametrize("network", FLOWS)
def test_what_is_only_reported_is_marked_on_the_page_too(network: str) -> None:
    if network == "instagram":  # "As for Facebook"
        assert "*Reported:*" in section("facebook")
    assert ("*Reported:*" in section(network)) == any(line.startswith("Reported:") for line in portal.BEFORE[network])


def test_the_redirect_address_and_the_time_limit_are_the_commands() -> None:
    ports = {flow.port for flow in FLOWS.values() if flow.port}
    assert {f"http://127.0.0.1:{port}{PATH}" for port in ports} == {"http://127.0.0.1:8407/connected"}
    assert "`http://127.0.0.1:8407/connected`" in PAGE
    assert TIME_LIMIT_SECONDS == 600
    assert "ten minutes" in PAGE
    assert ID_VARIABLE in PAGE
    assert SECRET_VARIABLE in PAGE


def test_every_option_that_the_page_names_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _options(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert set(re.findall(r"--[a-z-]+", PAGE)) <= known
    assert not {option for option in known if "secret" in option} - {"--secret-file"}
