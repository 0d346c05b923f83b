"""A browser's file by a signed address, as draft-helper gives it out: the local bucket is as strict as S3 about what was signed."""

from __future__ import annotations

import hashlib

import httpx
import pytest
from local_aws import LocalAws

from draft_helper import uploads
from mesh.uploads import md5_in

BUCKET = "uploads-of-notes"
ORIGIN = "http://127.0.0.1:9"
RULES = {"CORSRules": [{"AllowedMethods": ["POST"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]}


@pytest.mark.beyond_its_role  # a bucket of the test's own
def test_a_file_is_put_where_it_was_signed_for_and_nowhere_else(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=RULES)
    ticket = uploads.ticket(s3, BUCKET, "menu.pdf", "application/pdf", "100")

    def put(content: bytes, **other: str) -> httpx.Response:
        fields = {**ticket.fields, **{name.replace("_", "-"): value for name, value in other.items()}}
        files = {"file": ("menu.pdf", content)}
        return httpx.post(ticket.url, data=fields, files=files, headers={"origin": ORIGIN}, trust_env=False)

    asked = httpx.options(
        ticket.url, headers={"origin": ORIGIN, "access-control-request-method": "POST"}, trust_env=False
    )
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, "*")
    assert put(b"x" * (uploads.PDF_LIMIT_BYTES + 1)).status_code == 400
    assert put(b"x", key="uploads/another").status_code == 403
    assert put(b"x", Content_Type="text/html").status_code == 403
    taken = put(b"%PDF-1.7")
    assert (taken.status_code, taken.headers["access-control-allow-origin"]) == (204, "*")
    found = s3.head_object(Bucket=BUCKET, Key=f"uploads/{ticket.upload_id}")
    assert found["ContentType"] == "application/pdf"
    assert md5_in(found["ETag"]) == hashlib.md5(b"%PDF-1.7", usedforsecurity=False).hexdigest()
