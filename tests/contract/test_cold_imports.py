"""What each handler imports of others before there is anything to do: exactly this. What comes to it makes every cold start longer.

Google, Pillow, the holidays, PDFs and HEIC are imported where they are needed at that moment, by nobody before.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.bench import imports_child, shipped

EVERY = {
    *("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"),  # the AWS clients
    *("annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"),
    "aws_lambda_powertools",
    "certifi",  # botocore's, where it is at hand
}
TABLE = {
    "drive-sync": {"httpx", "idna"},
    "draft-helper": set[str](),
    "template-sync": set[str](),
    "renderer": {"anyio", "h11", "httpcore", "httpx", "idna", "regex"},  # it reads the pages behind links
    "scheduler": set[str](),
    "notifier": {"css_inline", "itsdangerous"},
    "approve-handler": {"itsdangerous"},
    "sender": {"httpx", "idna"},
    "digest": {"css_inline", "itsdangerous"},
    "recap": {"css_inline", "itsdangerous"},
}
"""Beside ``EVERY``."""
LATER = {"google", "gspread", "requests", "cryptography", "PIL", "pi_heif", "pypdf", "holidays"}
OURS = {"mesh", "networks"}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """By function, from its own layers alone."""
    folder = tmp_path_factory.mktemp("shipped")
    shipped.lay_out(folder)
    functions = shipped.functions()
    paths = {function.package: shipped.path(folder, function) for function in functions}
    done = subprocess.run(
        [sys.executable, "-S", "-P", imports_child.__file__],
        input=json.dumps(paths),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    hidden = {"__main__"} | {name for names in found.values() for name in names if name.startswith("_sysconfigdata")}
    return {function.name: set(found[function.package]) - hidden - {function.package} - OURS for function in functions}


def test_each_handler_imports_what_the_table_says_and_nothing_else(imported: dict[str, set[str]]) -> None:
    assert imported == {name: EVERY | own for name, own in TABLE.items()}


def test_nothing_large_is_imported_before_it_is_needed(imported: dict[str, set[str]]) -> None:
    assert {name: sorted(found & LATER) for name, found in imported.items() if found & LATER} == {}


def test_no_function_finds_a_package_twice_or_one_that_the_runtime_has() -> None:
    from local.bench.packages import twice

    assert {function.name: twice(function) for function in shipped.functions() if twice(function)} == {}


def test_own_code_and_layers_are_below_their_sizes() -> None:
    from local.bench.packages import LAYERS_MB, OWN_CODE_KB, layer_bytes, own_code_bytes

    functions = shipped.functions()
    assert len(functions) == 10
    assert {
        one.name: own_code_bytes(one, None) for one in functions if own_code_bytes(one, None) > OWN_CODE_KB * 1_000
    } == {}
    sizes = {layer: layer_bytes(layer, None) / 1_000_000 for layer in LAYERS_MB}
    assert {layer: size for layer, size in sizes.items() if not 1 < size <= LAYERS_MB[layer]} == {}


def test_bytecode_is_shipped_where_lambdas_python_is_at_hand_and_holds_whatever_an_archive_makes_of_the_times(
    tmp_path: Path,
) -> None:
    """Python runs it without a look at the source, so that it is what the source says: both from one build."""
    with_it, without = tmp_path / "with", tmp_path / "without"
    for folder, python in ((with_it, sys.executable), (without, "no-such-python")):
        folder.mkdir()
        made = ["make", "-s", "-C", str(shipped.ROOT / "functions"), "build-TemplateSync", f"ARTIFACTS_DIR={folder}"]
        subprocess.run([*made, f"LAMBDA_PYTHON={python}"], check=True, capture_output=True)
    sources = sorted(file.relative_to(without) for file in without.rglob("*") if file.is_file())
    assert {file.suffix for file in sources} == {".py"}
    compiled = sorted(with_it.rglob("*.pyc"))
    assert len(compiled) == len(sources)
    flags = {int.from_bytes(file.read_bytes()[4:8], "little") for file in compiled}
    assert flags == {0b01}  # PEP 552: by hash, unchecked
    assert (
        b"/var/task/template_sync/handler.py" in next(file for file in compiled if "handler" in file.name).read_bytes()
    )


def test_each_function_begins_without_the_search_for_cycles() -> None:
    """Before whatever else it imports: a search each seven hundred objects is an eighth of a cold start."""
    begin = "from mesh.start import search_for_cycles_later\nsearch_for_cycles_later()"
    packages = {one.package: shipped.ROOT / "functions" / one.package / "__init__.py" for one in shipped.functions()}
    lines = {name: ast.parse(file.read_text("utf-8")).body[1:] for name, file in packages.items()}
    assert {name: "\n".join(map(ast.unparse, told)) for name, told in lines.items()} == dict.fromkeys(packages, begin)
