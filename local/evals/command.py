"""``python -m local eval [--bedrock real|URL] [--model ID] [--only WORD]``: every note of the set through brief, model, fitting and guards.

Without ``--bedrock`` the stand-in answers, which shows that all of it works and costs nothing; a model is judged with ``real``, by the
credentials and the region of the environment. The table goes to the screen, everything to ``build/eval.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local import ROOT

STAND_IN = "stand-in"
REAL = "real"
_MODEL = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
_REGION = "ap-southeast-1"

Cost = Callable[[int, int], int | None]


def main(argv: list[str]) -> int:
    """0 when every note got an answer that fits; 1 otherwise, with which did not."""
    if str(ROOT / "functions") not in sys.path:  # it is the function's own brief and guards that are judged
        sys.path.insert(0, str(ROOT / "functions"))
    from mesh.converse.prices import cost_micro_usd

    options = _options(argv)
    with _model(options.bedrock, options.model) as ask:
        return run(ask, lambda sent, got: cost_micro_usd(options.model, sent, got), options)


def run(ask: Any, cost: Cost, options: argparse.Namespace) -> int:
    """Judges and tells; ``ask`` answers a request, ``cost`` is in millionths of a dollar, None where nobody knows it."""
    from local.evals.judging import cases, judge

    verdicts = [judge(case, ask) for case in cases() if options.only.lower() in case.name.lower()]
    if not verdicts:
        print(f"eval: no note is called like “{options.only}”", file=sys.stderr)
        return 1
    lines = [{**asdict(one), "marks": [mark.model_dump() for mark in one.marks]} for one in verdicts]
    for line in lines:
        line["micro_usd"] = cost(line["tokens_in"], line["tokens_out"])
    summary = _summary(lines)
    _print(lines, summary, f"{options.model} ({options.bedrock})")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    written = {"bedrock": options.bedrock, "model": options.model, "summary": summary, "notes": lines}
    options.out.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if summary["fit"] == len(lines) else 1


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local eval", description="Judges prompts and models on a small set of notes."
    )
    parser.add_argument(
        "--bedrock", default=STAND_IN, help="real, the address of a stand-in, or nothing for one of its own"
    )
    parser.add_argument("--model", default=_MODEL, help=f"as Bedrock calls it ({_MODEL})")
    parser.add_argument("--only", default="", help="notes whose name holds this word")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "eval.json", help="where the figures go")
    return parser.parse_args(argv)


@contextmanager
def _model(bedrock: str, name: str) -> Iterator[Any]:
    """The very code that asks in the function, before real Bedrock or a stand-in."""
    import boto3

    from mesh.converse.model import CONFIG, Model

    if bedrock == REAL:
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION
        yield Model(boto3.client("bedrock-runtime", region_name=region, config=CONFIG), name).ask
        return
    with _standing_in(bedrock) as origin:
        client = boto3.client(
            "bedrock-runtime",
            endpoint_url=origin,
            region_name=_REGION,
            aws_access_key_id="stand-in",
            aws_secret_access_key="stand-in",
            config=CONFIG,
        )
        yield Model(client, name).ask


@contextmanager
def _standing_in(bedrock: str) -> Iterator[str]:
    if bedrock != STAND_IN:
        yield bedrock
        return
    from local.bedrock.serve import LocalBedrock

    server = LocalBedrock()
    server.start()
    try:
        yield server.origin
    finally:
        server.stop()


def _summary(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    costs = [line["micro_usd"] for line in lines]
    return {
        "notes": len(lines),
        "fit_first": sum(line["fit_first"] for line in lines),
        "fit": sum(line["fit"] for line in lines),
        "marked": sum(bool(line["marks"]) for line in lines),
        "stopped": sum(any(mark["stops"] for mark in line["marks"]) for line in lines),
        "lost_facts": sum(len(line["lost"]) for line in lines),
        "errors": sum(bool(line["error"]) for line in lines),
        "calls": sum(line["calls"] for line in lines),
        "tokens_in": sum(line["tokens_in"] for line in lines),
        "tokens_out": sum(line["tokens_out"] for line in lines),
        "micro_usd": None if None in costs else sum(costs),
    }


def _print(lines: Sequence[dict[str, Any]], summary: dict[str, Any], asked: str) -> None:
    print(f"{'note':<34} {'fits':<10} {'marks':<38} {'tokens':>12} {'US$':>9}")
    for line in lines:
        fits = (
            "error" if line["error"] else "at once" if line["fit_first"] else "repaired" if line["fit"] else "too long"
        )
        marks = ", ".join(dict.fromkeys(mark["code"] + ("!" if mark["stops"] else "") for mark in line["marks"])) or "-"
        lost = f" lost: {', '.join(line['lost'])}" if line["lost"] else ""
        print(
            f"{line['name'][:34]:<34} {fits:<10} {(marks + lost)[:38]:<38} {_tokens(line):>12} {_usd(line['micro_usd']):>9}"
        )
        if line["error"]:
            print(f"  {line['error']}")
    count = summary["notes"]
    print()
    print(f"{asked}: {count} notes, {summary['calls']} calls")
    print(f"fit at first try {_share(summary['fit_first'], count)}, after repair {_share(summary['fit'], count)}")
    told = {"stopped": "stopped", "lost_facts": "facts lost", "errors": "errors"}
    print(
        f"marked {_share(summary['marked'], count)}, {', '.join(f'{words} {summary[key]}' for key, words in told.items())}"
    )
    each = None if summary["micro_usd"] is None else summary["micro_usd"] / count
    print(f"tokens {_tokens(summary)}, US$ {_usd(summary['micro_usd'])} in all, {_usd(each)} a draft")


def _tokens(line: dict[str, Any]) -> str:
    return f"{line['tokens_in']:,}+{line['tokens_out']:,}"


def _usd(micro: float | None) -> str:
    return "unknown" if micro is None else f"{micro / 1_000_000:.5f}"


def _share(found: int, count: int) -> str:
    return f"{found} of {count} ({100 * found // count} %)"
