"""The public door: links, presses, codes, Slack."""

from __future__ import annotations

from .model import DOOR, MESH, SLACK, TIME, Defect

DEFECTS: tuple[Defect, ...] = (
    # the public door
    Defect(
        "the nonce is not burned",
        "functions/approve_handler/commit.py",
        '                extra=[self.ledger.nonce(f"{token.nonce}-{number}", token.expires_at)],',
        "                extra=[],",
        DOOR,
    ),
    Defect(
        "opening a link presses its button",
        "functions/approve_handler/handler.py",
        '    if request.method in {"GET", "HEAD"}:\n',
        '    if request.method == "HEAD":\n',
        DOOR,
    ),
    Defect(
        "a press may come from anywhere",
        "functions/approve_handler/handler.py",
        "    if not (sent_by_our_page if opened else came_from_our_page)(request, wiring.settings.approve_url):",
        "    if not request.token:",
        DOOR,
    ),
    Defect(
        "a script with a gesture passes for a hand",
        "layers/mesh/python/mesh/door/request.py",
        ' and "script" not in form_values(request, "by")',
        "",
        DOOR,
    ),
    Defect(
        "any six digits are the code",
        "functions/approve_handler/handler.py",
        "    if not given or not coding.right(wiring.coder, token, kept, given, desk, now):",
        "    if not given:",
        DOOR,
    ),
    Defect(
        "whoever knows the address is Slack",
        "functions/approve_handler/slack.py",
        "    if not signed_by_slack(door.slack.signing_secret, headers, body, now):",
        "    if not headers:",
        SLACK,
    ),
    Defect(
        "any member of Slack decides",
        "functions/approve_handler/slack.py",
        "    recipient = door.settings.one_of_us(slack.address_of(click.user.id))",
        '    recipient = door.settings.recipients.split(",")[0]',
        SLACK,
    ),
    Defect(
        "a page's script counts on any device",
        "functions/approve_handler/handler.py",
        "    if opened and not acts_at_once(frame, desk.stand(token, found)):",
        "    if opened and not found:",
        DOOR,
    ),
    Defect(
        "another recipient's device counts as one's own",
        "layers/mesh/python/mesh/door/devices.py",
        "    mine = {claim.device_id for claim in claims if person(claim.recipient) == person(recipient)}\n    return next((one for one in devices_in(kept_items.get(devices_key(recipient))) if one.id in mine), None)",
        '    return next((Device(claim.device_id, "", "") for claim in claims), None)',
        DOOR,
    ),
    Defect(
        "opening a link lifts a hold",
        "functions/approve_handler/views.py",
        "entry.standing.verdict is Verdict.OPEN and not entry.standing.sentence for entry",
        "entry.standing.verdict is Verdict.OPEN for entry",
        DOOR,
    ),
    Defect(
        "whoever left the list still decides",
        "functions/approve_handler/handler.py",
        "    if not wiring.settings.one_of_us(token.recipient):\n",
        "    if not token.recipient:\n",
        DOOR,
    ),
    Defect(
        "another stack's links are good here",
        f"{MESH}/approvals.py",
        'self._salt = f"{stack}/{purpose}/v1"',
        'self._salt = f"{purpose}/v1"',
        (*TIME, *DOOR),
    ),
    Defect(
        "a link never ends",
        f"{MESH}/approvals.py",
        "        if token.expires_at <= aware(now).timestamp():\n            raise Expired(token)\n",
        "",
        (*TIME, *DOOR),
    ),
    Defect(
        "an approval lifts a hold nobody saw",
        "functions/approve_handler/decide.py",
        "            if before.held is not None and lift(before.post_id, before.held) not in lifts:\n                return None\n",
        "",
        DOOR,
    ),
)
