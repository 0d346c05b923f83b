"""Every AWS call that a function makes in any test of this process is held against its role: what that does not allow fails the test.

A call is the function's in whose folder the innermost frame of them all lies (no function calls another, but a test's bus may hand an event
on at once), also where it is made in a thread that the function started. Calls of the tests themselves are nobody's.
"""

from __future__ import annotations

import concurrent.futures
import os
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.client
import botocore.signers
import pytest
from botocore.exceptions import ClientError

from local.privileges.recording import FOLDER, Recording
from local.privileges.roles import mesh_roles

_FUNCTIONS = f"{Path(__file__).resolve().parents[2] / 'functions'}{os.sep}"
_TESTS = f"{Path(__file__).resolve().parents[1]}{os.sep}"
_CANARY = f"{_TESTS}canary{os.sep}"  # it looks on at what every test does, and hands each call on
_NOT_THERE = {"NoSuchKey", "404", "NoSuchVersion"}
_REQUEST = {"generate_presigned_post": "PutObject", "get_object": "GetObject"}


class Caller:
    """Of which function the running code is."""

    def __init__(self) -> None:
        self._here = threading.local()

    def name(self) -> str:
        frame, asking = sys._getframe(1), False
        while frame is not None:
            file = frame.f_code.co_filename
            if found := _function_of(file):
                return found
            if asking and _is_a_tests(file):
                return ""  # what a test does, or looks at, while a function waits for an answer
            asking = asking or frame.f_code.co_name == "_api_call"  # what stands before it only hands the call on
            frame = frame.f_back  # type: ignore[assignment]
        return getattr(self._here, "name", "")

    def carried(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work, for another thread."""
        name = self.name()

        def run(*given: Any, **named: Any) -> Any:
            self._here.name = name
            try:
                return work(*given, **named)
            finally:
                self._here.name = ""

        return run if name else work


@cache
def _function_of(file: str) -> str:
    rest = file.removeprefix(_FUNCTIONS)
    return rest.split(os.sep, 1)[0].replace("_", "-") if rest != file else ""


@cache
def _is_a_tests(file: str) -> bool:
    return file.startswith(_TESTS) and not file.startswith(_CANARY)


class EveryCall:
    """``refused`` has what the running test was refused so far."""

    def __init__(self) -> None:
        self.caller = Caller()
        self.refused: list[str] = []
        self.suite = ""
        self._recording: Recording | None = None

    @property
    def recording(self) -> Recording:
        if self._recording is None:  # read only where there is a call
            self._recording = Recording(mesh_roles())
        return self._recording

    def note(self, service: str, operation: str, call: dict[str, Any], *, missed: bool = False) -> None:
        owner = self.caller.name()
        if owner:
            self.refused += self.recording.call(owner, service, operation, call, self.suite, missed=missed)

    def presigned(self, operation: str, bucket: str, key: str) -> None:
        """Who signs an address is who may do what is done with it."""
        self.note("s3", operation, {"Bucket": bucket, "Key": key})

    def installed(self) -> Iterator[None]:
        every = self
        calling = botocore.client.BaseClient._make_api_call
        submit = concurrent.futures.ThreadPoolExecutor.submit
        signing_post = botocore.signers.generate_presigned_post
        signing_url = botocore.signers.generate_presigned_url

        def noted(client: Any, operation: str, request: dict[str, Any]) -> Any:
            service = client.meta.service_model.service_name
            missed = False
            try:
                return calling(client, operation, request)
            except ClientError as error:
                missed = error.response["Error"]["Code"] in _NOT_THERE
                raise
            finally:
                every.note(service, operation, request, missed=missed)

        def carried(pool: Any, work: Any, /, *given: Any, **named: Any) -> Any:
            return submit(pool, every.caller.carried(work), *given, **named)

        def post(client: Any, bucket: str, key: str, *rest: Any, **named: Any) -> Any:
            every.presigned("PutObject", bucket, key)
            return signing_post(client, bucket, key, *rest, **named)

        def url(client: Any, method: str, params: Any = None, *rest: Any, **named: Any) -> Any:
            given = params or named.get("Params")
            every.presigned(_REQUEST[method], given["Bucket"], given["Key"])
            return signing_url(client, method, *((params,) if params else ()), *rest, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(botocore.client.BaseClient, "_make_api_call", noted)
            patch.setattr(concurrent.futures.ThreadPoolExecutor, "submit", carried)
            patch.setattr(botocore.signers, "generate_presigned_post", post)
            patch.setattr(botocore.signers, "generate_presigned_url", url)
            yield
        if self._recording is not None and FOLDER in os.environ:
            self._recording.write(Path(os.environ[FOLDER]))


EVERY_CALL = EveryCall()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    EVERY_CALL.refused = []
    EVERY_CALL.suite = item.nodeid.split("/")[1] if item.nodeid.count("/") > 1 else "tests"
    result = yield
    if EVERY_CALL.refused and not item.get_closest_marker("beyond_its_role"):
        pytest.fail("AWS would refuse this:\n" + "\n".join(dict.fromkeys(EVERY_CALL.refused)), pytrace=False)
    return result
