"""Whatever is typed, kept or missing: one sentence with the next step, what was answered stays, and nothing else is changed."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from local.checks.model import State
from local.setup import command, walk
from local.setup.answering import Answers, SetupError, answers
from local.setup.keeping import begun, keep
from local.setup.questions import known
from local.ship.environments import Environment, read

NAMES = known(walk.regions())
GOOD = """
region = "eu-central-1"
prefix = "cafe"
zone = "Europe/Berlin"
recipients = ["ada@cafe.example"]
mail_from = "posts@cafe.example"
operator = "ops@cafe.example"
sheet = "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMn/edit"
folder = "https://drive.google.com/drive/folders/1FoLdErFoLdEr"
"""


@pytest.fixture(autouse=True)
def nobody_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


def run(tmp_path: Path, text: str, *more: str) -> int:
    (tmp_path / "answers.toml").write_text(text)
    return command.main(
        ["cafe", "--config", str(tmp_path / "samconfig.toml"), "--answers", str(tmp_path / "answers.toml"), *more]
    )


def test_nobody_signed_in_is_told_with_what_to_do_and_everything_else_is_still_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, GOOD) == 1  # the Google key is missing too
    out = capsys.readouterr().out
    assert "nobody is signed in to AWS" in out
    assert "aws sso login" in out
    kept = read((tmp_path / "samconfig.toml").read_text(), "cafe")
    assert kept.parameters["SheetId"] == "1AbCdEfGhIjKlMn"
    assert kept.parameters["DriveFolderId"] == "1FoLdErFoLdEr"
    assert kept.watch == {"OperatorMail": "ops@cafe.example"}


def test_a_profile_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, GOOD + 'profile = "cafe-admin"\n')
    out = capsys.readouterr().out
    assert "cafe-admin" in out
    assert "aws configure list-profiles" in out


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredToken", "has expired"),
        ("InvalidClientTokenId", "does not know this sign-in"),
        ("AccessDenied", "may not do sts:GetCallerIdentity"),
    ],
)
def test_a_sign_in_that_aws_refuses_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, said: str
) -> None:
    def clients(_: Environment) -> Callable[[str], Any]:
        return lambda service: refusing(service, code)

    environment = Environment("cafe", "eu-central-1", "cafe", {"TimeZone": "Europe/Berlin"})
    one = walk.Walk(environment, tmp_path / "samconfig.toml", Answers({}, None), clients)
    assert one._aws() is False
    assert one.found[0].state is State.UNKNOWN
    assert said in one.found[0].said
    assert one.found[0].fix


def refusing(service: str, code: str) -> Any:
    client = boto3.client(
        service,
        "eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 0}),
    )
    stub = Stubber(client)
    stub.add_client_error("get_caller_identity", code, "no")
    stub.activate()
    return client


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"eu-central-1"', '"eu-central"', "there is no AWS region eu-central; write eu-central-1"),
        ("Europe/Berlin", "Europe/Berln", "there is no time zone Europe/Berln; write Europe/Berlin"),
        ("ada@cafe.example", "ada.cafe.example", "“ada.cafe.example” has no @"),
        ('prefix = "cafe"', 'prefix = "Café"', "cannot be the prefix"),
        ("https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMn/edit", "My sheet", "is no sheet's address"),
        ('zone = "Europe/Berlin"', "", "nobody is there to answer; write zone = … into a file"),
        ("zone =", "zones =", "it answers zones, which nobody asks"),
        ("zone =", "zone", "is no TOML"),
    ],
)
def test_an_answer_that_cannot_stand_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    assert before in GOOD
    assert run(tmp_path, GOOD.replace(before, after)) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"installed": {"client_secret": "hush"}}', "is an OAuth client's file (for a desktop app)"),
        ('{"type": "authorized_user", "refresh_token": "hush"}', "a person's own sign-in"),
        ("hush", "is no JSON file"),
        ("-----BEGIN CERTIFICATE-----\nhush\n", "is a certificate or a bare key (PEM), and no JSON file"),
    ],
)
def test_a_key_of_another_kind_is_called_what_it_is_and_never_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    key = tmp_path / "key.json"
    key.write_text(content)
    assert run(tmp_path, GOOD, "--key", str(key)) == 1
    out = capsys.readouterr()
    assert said in out.out
    assert "hush" not in out.out + out.err + (tmp_path / "samconfig.toml").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cafe", "cannot be read"),
        ("[cafe.deploy]\nparameters = 7\n", "take those parts out and answer anew"),
        ('[cafe.deploy.parameters]\nparameter_overrides = "Prefix=cafe"\n', "parameter_overrides is a list"),
        (
            '[cafe.deploy.parameters]\nregion = "eu-central-1"\nparameter_overrides = ["Prefix"]\n',
            "Prefix is no Name=value",
        ),
        ("cafe = 3\n", "answer anew"),
    ],
)
def test_a_samconfig_that_was_edited_into_nonsense_is_told_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(text)
    assert run(tmp_path, GOOD) == 2
    assert said in capsys.readouterr().err
    assert config.read_text() == text


def test_a_wrong_value_in_samconfig_is_asked_for_anew(tmp_path: Path) -> None:
    typed = iter(["Berlin", "Europe/Berlin"])
    environment = Environment("cafe", "eu-central-1", "cafe", {"TimeZone": "Nowhere"})
    settled = Answers({}, lambda question: next(typed)).settle(walk.ZONE, environment)
    assert settled.parameters["TimeZone"] == "Europe/Berlin"


def test_whoever_never_answers_is_left_with_a_way_on() -> None:
    with pytest.raises(SetupError, match="the same command goes on here"):
        Answers({}, lambda question: "").settle(walk.ZONE, Environment("cafe", "eu-central-1", "cafe"))


def test_a_full_disk_leaves_samconfig_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text("# mine\nversion = 0.1\n")

    def full(self: Path, *_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(SetupError, match="No space left on device"):
        keep(config, Environment("cafe", "eu-central-1", "cafe", {"TimeZone": "Europe/Berlin"}))
    assert config.read_text() == "# mine\nversion = 0.1\n"
    assert list(tmp_path.iterdir()) == [config]


def test_a_break_in_the_middle_keeps_what_was_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next run asks only for the rest."""
    typed = iter(["", "eu-central-1", "cafe", "Europe/Berlin"])
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        try:
            return next(typed)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(command, "answers", lambda *_: Answers({}, ask))
    config = tmp_path / "samconfig.toml"
    assert command.main(["cafe", "--config", str(config)]) == 2
    assert "make setup ENV=cafe goes on from there" in capsys.readouterr().err
    assert read(config.read_text(), "cafe").parameters == {"TimeZone": "Europe/Berlin"}
    asked.clear()
    command.main(["cafe", "--config", str(config)])
    assert [one for one in asked if "time zone" in one or "region" in one] == []
    assert any("Who approves" in one for one in asked)


def test_other_businesses_and_comments_stay(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text("# mine\nversion = 0.1\n")
    assert keep(config, Environment("cafe", "eu-central-1", "cafe", {"TimeZone": "Europe/Berlin"}))
    assert keep(config, Environment("bar", "eu-central-1", "bar", {"TimeZone": "Asia/Tokyo"}))
    assert not keep(config, Environment("bar", "eu-central-1", "bar", {"TimeZone": "Asia/Tokyo"}))
    text = config.read_text()
    assert text.startswith("# mine")
    assert begun(config, "cafe").parameters == {"TimeZone": "Europe/Berlin"}


def test_comments_stay_at_their_lines_also_in_the_business_that_is_changed(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    first = Environment(
        "cafe", "eu-central-1", "cafe", {"TimeZone": "Europe/Berlin", "QuietMinutes": "20"}, ("x-main",)
    )
    keep(config, first)
    text = config.read_text().replace('    "TimeZone', '    # where they live\n    "TimeZone')
    text = text.replace("[cafe-watch", "# who hears of it\n[cafe-watch").replace(
        'region = "eu-central-1"\n', 'region = "eu-central-1"  # near\n', 1
    )
    config.write_text(text)
    second = Environment("cafe", "eu-central-1", "cafe", {"TimeZone": "Europe/Vienna", "MailFrom": "a@cafe.example"})
    assert keep(config, second)
    text = config.read_text()
    assert read(text, "cafe") == second
    for comment in ("# where they live", "# who hears of it", "# near"):
        assert comment in text
    assert not keep(config, second)


@pytest.mark.parametrize("name", ["Café", "default", "cafe-watch", "cafe bar", ""])
def test_a_name_that_samconfig_cannot_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="cannot be a business's name"):
        begun(tmp_path / "samconfig.toml", name)


def test_answers_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is the path right"):
        answers(tmp_path / "none.toml", NAMES, {})
