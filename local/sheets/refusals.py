"""How Google words the refusals that a client meets through no fault in its request.

Sources: the sample bodies of Drive's guide "Resolve errors"; the Sheets guide "Usage limits"; bodies of 429 and of a
switched-off API as users of both APIs reported them.
"""

from __future__ import annotations

from local.sheets.wire import GoogleError, Json, is_drive

PROJECT_NUMBER = "100000000000"
REASONS = (
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "insufficientFilePermissions",
    "accessNotConfigured",
    "forbidden",
    "notFound",
    "backendError",
)
_RATE_REASONS = ("rateLimitExceeded", "userRateLimitExceeded")
_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_HELP = "type.googleapis.com/google.rpc.Help"
_PLAIN = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials. Expected OAuth 2 access token.",
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    408: "The request timed out.",
    409: "The operation was aborted.",
    500: "Internal error encountered.",
    502: "Bad Gateway",
    503: "The service is currently unavailable.",
    504: "Deadline exceeded.",
}


def refusal(status: int, reason: str | None, path: str) -> GoogleError:
    """What the API at this path says with that status; `reason` is Drive's short word, which Sheets puts its own way."""
    if reason == "accessNotConfigured":
        return _switched_off(status, path)
    if is_drive(path):
        return _by_drive(status, reason, path)
    if status == 429 or reason in _RATE_REASONS:
        said = over_quota("Read", per_user=True, limit=60)
        return GoogleError(status, said.message, details=said.details)
    return GoogleError(status, _PLAIN.get(status, "Unknown Error."))


def over_quota(kind: str, *, per_user: bool, limit: int) -> GoogleError:
    """Sheets' 429; `kind` is Read or Write. It names no time to come back: the quota is filled up every minute."""
    whose = " per user" if per_user else ""
    name = f"{kind}RequestsPerMinutePer" + ("User" if per_user else "Project")
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute{whose}' "
        f"of service 'sheets.googleapis.com' for consumer 'project_number:{PROJECT_NUMBER}'."
    )
    facts = {
        "consumer": f"projects/{PROJECT_NUMBER}",
        "quota_limit": name,
        "quota_limit_value": str(limit),
        "quota_location": "global",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "quota_unit": "1/min/{project}/{user}" if per_user else "1/min/{project}",
        "service": "sheets.googleapis.com",
    }
    info: Json = {"@type": _INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": facts}
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
    }
    return GoogleError(429, message, details=[info, {"@type": _HELP, "links": [link]}])


def _by_drive(status: int, reason: str | None, path: str) -> GoogleError:
    if reason in _RATE_REASONS or (reason is None and status == 429):
        message = "User Rate Limit Exceeded" if reason == "userRateLimitExceeded" else "Rate Limit Exceeded"
        return GoogleError(status, message, reason=reason or "rateLimitExceeded")
    file_id = path.removeprefix("/drive/v3/files/").partition("/")[0] if "/files/" in path else ""
    if reason == "insufficientFilePermissions":
        return GoogleError(status, f"The user does not have sufficient permissions for file {file_id}.", reason=reason)
    if status == 404:
        return GoogleError(404, f"File not found: {file_id}.", reason=reason or "notFound")
    return GoogleError(status, _PLAIN.get(status, "Unknown Error."), reason=reason)


def _switched_off(status: int, path: str) -> GoogleError:
    name, service = ("Google Drive", "drive") if is_drive(path) else ("Google Sheets", "sheets")
    where = f"https://console.developers.google.com/apis/api/{service}.googleapis.com/overview?project={PROJECT_NUMBER}"
    message = (
        f"{name} API has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it by visiting "
        f"{where} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our "
        "systems and retry."
    )
    facts = {"consumer": f"projects/{PROJECT_NUMBER}", "service": f"{service}.googleapis.com"}
    info: Json = {"@type": _INFO, "reason": "SERVICE_DISABLED", "domain": "googleapis.com", "metadata": facts}
    link = {"description": "Google developers console API activation", "url": where}
    details = [info, {"@type": _HELP, "links": [link]}]
    return GoogleError(status, message, reason="accessNotConfigured", details=details)


def front_end_page(status: int) -> str:
    """What stands before the APIs answers in HTML when it cannot reach them."""
    return (
        f"<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error {status} (Server Error)!!1</title>\n"
        f"<p><b>{status}.</b> <ins>That\u2019s an error.</ins>\n<p>The server could not complete your request.\n"
    )
