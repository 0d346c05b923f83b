"""A loopback door before the local AWS side that passes everything on and notes what was asked: the SAM CLI's calls, and ours."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from deployer import OURS

from local.privileges.asked import REGION, Asked, arn, secret_arn, table_arn

_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_OBJECTS = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject"}
_TRANSFORMS = ("Serverless-2016-10-31", "LanguageExtensions")


@dataclass
class Watched:
    """``endpoint`` is where to call; ``asked`` what was, in order."""

    endpoint: str = ""
    asked: list[Asked] = field(default_factory=list)

    def taken(self) -> list[Asked]:
        """What was asked since the last time, each once."""
        found, self.asked = self.asked, []
        return list(dict.fromkeys(found))


@contextmanager
def watched(behind: str) -> Iterator[Watched]:
    """``behind`` is the endpoint that everything is passed on to."""
    seen, host = Watched(), urlsplit(behind).netloc

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
            seen.asked += list(_asked(self.command, self.path, headers, body))
            connection = HTTPConnection(host, timeout=120)
            try:
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                    self.send_header(name, value)
            length = answer.getheader("content-length") if self.command == "HEAD" else None
            self.send_header("content-length", length or str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    seen.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def _asked(method: str, address: str, headers: dict[str, str], body: bytes) -> Iterator[Asked]:
    """What IAM is asked for one call; one that is not known here is asked for on "?", which nothing allows."""
    lower = {name.lower(): value for name, value in headers.items()}
    found = _SERVICE.search(lower.get("authorization", ""))
    service = found[1] if found else ""
    parts, target = urlsplit(address), lower.get("x-amz-target", "").rpartition(".")[2]
    form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()} if not target else {}
    match service, target or form.get("Action", ""):
        case "sts", _:
            return  # whoever is signed in may ask who that is
        case "cloudformation", action:
            yield from _of_a_stack(action, form)
        case "s3", _:
            bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
            if key:
                yield Asked(_OBJECTS.get(method, f"s3:{method}"), f"arn:aws:s3:::{bucket}/{key}", OURS)
            else:
                yield Asked(
                    "s3:ListBucket" if method == "HEAD" else f"s3:{method} {parts.query}", f"arn:aws:s3:::{bucket}"
                )
        case "dynamodb", "DescribeTable":
            yield Asked("dynamodb:DescribeTable", table_arn(json.loads(body)["TableName"]))
        case "secretsmanager", "DescribeSecret":
            yield Asked("secretsmanager:DescribeSecret", secret_arn(json.loads(body)["SecretId"]))
        case "logs", "DescribeLogGroups":
            yield Asked("logs:DescribeLogGroups", "*")
        case "lambda", _ if parts.path.endswith("/configuration"):
            yield Asked("lambda:GetFunctionConfiguration", arn("lambda", f"function:{parts.path.split('/')[-2]}"))
        case _, action:
            yield Asked(f"{service}:{action or method + ' ' + parts.path}", "?")


def _of_a_stack(action: str, form: dict[str, str]) -> Iterator[Asked]:
    """By its name, though it may not be there yet; a question that names none is asked for on all."""
    named = form.get("StackName") or form.get("ChangeSetName", "")
    name = named.split("/")[1] if named.startswith("arn:") else named
    yield Asked(f"cloudformation:{action}", arn("cloudformation", f"stack/{name}/1") if name else "*")
    if action == "CreateChangeSet":
        for transform in _TRANSFORMS:
            yield Asked(f"cloudformation:{action}", f"arn:aws:cloudformation:{REGION}:aws:transform/{transform}")
