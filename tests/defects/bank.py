"""Seeded defects: each is one plausible mistake in the real code, and the tests that have to notice it.

A defect is a patch by its text: ``before`` stands exactly once in the file, and ``after`` takes its place. Where the code has moved on, the
patch no longer fits and ``make defects`` says so: it has to be seeded anew.
"""

from __future__ import annotations

from dataclasses import dataclass

MESH = "layers/mesh/python/mesh"
NETWORKS = "layers/networks/python/networks"
SENDER = ("tests/unit/sender", "tests/integration/sender")
SCHEDULER = ("tests/unit/scheduler", "tests/integration/scheduler")
MOVES = (
    "tests/unit/scheduler",
    "tests/integration/scheduler/test_moves_carried_out.py",
    "tests/integration/scheduler/test_edits_at_every_stage.py",
)
DOOR = ("tests/unit/approve_handler", "tests/integration/approve_handler")
SYNC = ("tests/unit/drive_sync", "tests/integration/drive_sync")
HANDS = ("tests/explore/test_sheet_rows.py", "tests/explore/test_owner_at_the_sheet.py")
LEDGER = ("tests/integration/test_ledger.py",)
PACKAGES = ("tests/unit/mesh", "tests/unit/renderer", "tests/integration/renderer")
TIME = ("tests/unit/mesh",)
SLACK = ("tests/integration/slack",)
NEWS = ("tests/unit/notifier", "tests/integration/notifier")
WIRE = ("tests/unit/networks", "tests/contract/networks")


@dataclass(frozen=True)
class Defect:
    """``looks_at`` are the tests that are run against it, the fastest first."""

    name: str
    file: str
    before: str
    after: str
    looks_at: tuple[str, ...]


BANK: tuple[Defect, ...] = (
    # the claim
    Defect(
        "the claim has no condition",
        f"{MESH}/ledger/book.py",
        '        writes = [Write("Put", self.names.sends, _plain(after), **guard), self._audit(row)]',
        '        writes = [Write("Put", self.names.sends, _plain(after)), self._audit(row)]',
        LEDGER,
    ),
    Defect(
        "the gate is read before the claim only",
        "functions/sender/send.py",
        "    checks = ledger.claim_checks(post.status, event.channel)",
        "    checks = []",
        SENDER,
    ),
    Defect(
        "the claim does not look at the hold",
        f"{MESH}/ledger/book.py",
        '"attribute_not_exists(#held) AND attribute_not_exists(#gone_at) AND #approval',
        '"attribute_not_exists(#gone_at) AND #approval',
        (*LEDGER, *SENDER),
    ),
    Defect(
        "the claim does not look at holds on everything and pauses",
        f"{MESH}/ledger/book.py",
        "                for key in (HOLD_EVERYTHING, pause_key(channel))\n            ),\n        ]",
        "                for key in ()\n            ),\n        ]",
        (*LEDGER, *SENDER),
    ),
    Defect(
        "an expired lease is sent again",
        "functions/sender/decide.py",
        'return Next(Step.EXPIRE, "the sender before was lost on the way")',
        'return Next(Step.SEND, "the sender before was lost on the way")',
        SENDER,
    ),
    Defect(
        "a delivery for another version is taken",
        "functions/sender/decide.py",
        '    if head.revision != event.revision:\n        return Next(Step.REST, "the event is for another version")\n',
        "",
        SENDER,
    ),
    Defect(
        "an event for an attempt long made sends again",
        "functions/sender/decide.py",
        '    if event.attempt != head.attempts + 1:\n        return Next(Step.REST, "the event is not for the next attempt")\n',
        "",
        SENDER,
    ),
    Defect(
        "sent is not the end",
        "functions/scheduler/channels.py",
        "    if head is not None and head.state is HeadState.SENT:\n        return Move(Kind.REST, because(Code.SENT))\n",
        "",
        SCHEDULER,
    ),
    Defect(
        "a new approval makes an unknown head ready",
        "functions/scheduler/channels.py",
        "    if head is not None and head.state in {HeadState.OPEN, HeadState.UNKNOWN}:\n        return _look_move(status, head, now)\n",
        "",
        SCHEDULER,
    ),
    # bookings and the sweep
    Defect(
        "what is said again begins to be late anew",
        "functions/scheduler/decide.py",
        "    return booked or now.isoformat()",
        "    return now.isoformat()",
        SCHEDULER,
    ),
    Defect(
        "what goes at once does not keep the next post away",
        "functions/scheduler/decide.py",
        "            if book.at is not None or not _looked_after(book.before):",
        "            if book.at is not None:",
        (*SCHEDULER, "tests/explore/test_paused_channel.py"),
    ),
    Defect(
        "a post behind another is pulled forward once that one is out",
        "functions/scheduler/channels.py",
        "    if given is not None and given > effective.at:",
        "    if False and given:",
        (*SCHEDULER, "tests/explore/test_paused_channel.py"),
    ),
    Defect(
        "what is delivered an hour late is sent beside the others",
        "functions/sender/decide.py",
        "datetime.fromisoformat(head.booking.at) + OVERDUE <= now:",
        "datetime.fromisoformat(head.booking.at) + 99 * OVERDUE <= now:",
        ("tests/unit/sender",),
    ),
    Defect(
        "an update that finds its booking gone gives up",
        f"{MESH}/booking.py",
        "                operation = _CREATE\n            except (Throttled",
        "                break\n            except (Throttled",
        ("tests/unit/mesh/test_booking_trouble.py",),
    ),
    Defect(
        "whatever no head of an open post names is an orphan",
        "functions/scheduler/tidying.py",
        "    if head is None or head.booking is None or head.booking.name != name:\n        return True\n    return status is None",
        "    return True or status is None",
        ("tests/unit/scheduler/test_scheduler_tidying.py",),
    ),
    Defect(
        "a row that disagrees is told at the first look",
        "functions/sender/ahead.py",
        "        return False\n\n    def _note(",
        "        return True\n\n    def _note(",
        ("tests/integration/sender/test_sender_ahead.py",),
    ),
    Defect(
        "a card that was lost is missed for half an hour",
        "functions/scheduler/rounds.py",
        "CARD_OVERDUE = timedelta(minutes=7)",
        "CARD_OVERDUE = timedelta(minutes=30)",
        ("tests/contract/test_sweep_bounds.py", "tests/explore/test_lost_events.py"),
    ),
    # outcomes
    Defect(
        "a timeout is taken for a failure",
        "functions/sender/decide.py",
        "    if outcome.result is Result.UNKNOWN or (tried",
        "    if (tried",
        SENDER,
    ),
    Defect(
        "what is absent is sent again, whatever the network",
        "functions/sender/decide.py",
        '    if declared.after_unknown is not AfterUnknown.REPEAT_SAME or last.result == "fail":\n        return AfterLook.ASK\n',
        "",
        SENDER,
    ),
    Defect(
        "a repetition past the network's memory",
        "functions/sender/decide.py",
        "    if ends_at is not None and now + timedelta(seconds=declared.publish_timeout_seconds) >= ends_at:\n        return AfterLook.ASK\n",
        "",
        SENDER,
    ),
    Defect(
        "a refused repetition fails what may be out",
        "functions/sender/decide.py",
        "    if tried.repeats_unknown:\n        return _unknown(tried.head, attempt, outcome.detail, look_at)\n",
        "",
        SENDER,
    ),
    Defect(
        "no settle time before the look",
        "functions/sender/decide.py",
        "    look_at = max(now + declared.settle, outcome.retry_at or now)",
        "    look_at = now",
        SENDER,
    ),
    Defect(
        "every attempt has a key of its own",
        "functions/sender/decide.py",
        '    identity = f"{head.post_channel}#{head.revision}"',
        '    identity = f"{head.post_channel}#{head.revision}#{head.attempts}"',
        SENDER,
    ),
    Defect(
        "the record is given up at the first conflict",
        "functions/sender/publish.py",
        "_TRIES = 40",
        "_TRIES = 1",
        SENDER,
    ),
    Defect(
        "an answer counts for every try",
        f"{MESH}/ledger/items.py",
        "if (one.channel, one.revision, one.attempt) == tried), None)",
        "if (one.channel, one.revision) == tried[:2]), None)",
        LEDGER,
    ),
    Defect(
        "no last look before the owner's answer",
        "functions/sender/decide.py",
        "    if finding.presence is Presence.PRESENT:\n        return found(head, attempt, finding, now)\n    action = ",
        "    action = ",
        SENDER,
    ),
    Defect(
        "a publish with too little time left",
        "functions/sender/decide.py",
        "    return remaining_seconds >= declared.publish_timeout_seconds + SPARE_SECONDS",
        "    return True",
        SENDER,
    ),
    # the gate
    Defect(
        "any approval will do",
        f"{MESH}/ledger/items.py",
        "        return self.approval is not None and self.approval.revision == self.current_revision",
        "        return self.approval is not None",
        (*SCHEDULER, *DOOR),
    ),
    Defect(
        "the row is not compared with what was approved",
        "functions/sender/gate.py",
        '        return _final("the post was edited after it was approved")\n    return OPEN\n\n\ndef live_verdict',
        "        return OPEN\n    return OPEN\n\n\ndef live_verdict",
        SENDER,
    ),
    Defect(
        "the stamp is not read",
        "functions/sender/gate.py",
        '    if found.row.stamp != stamp(asked.post_id, asked.revision):\n        return _final("“approved for” names another version")\n',
        "",
        SENDER,
    ),
    Defect(
        "the account is not compared with the secret's",
        "functions/sender/gate.py",
        "        if told != stored:\n",
        "        if told != stored and not stored:\n",
        SENDER,
    ),
    Defect(
        "the package's bytes are taken on trust",
        f"{MESH}/packages.py",
        "        if hashlib.sha256(data).hexdigest() != revision:\n",
        "        if not data:\n",
        (*SENDER, *PACKAGES),
    ),
    Defect(
        "the gate is not read again after the uploads",
        f"{NETWORKS}/bluesky.py",
        "        if handles and (why := confirm()):\n            return outcomes.closed(why)\n",
        "",
        SENDER,
    ),
    Defect(
        "an image's bytes are not part of what is approved",
        f"{MESH}/posts.py",
        '            "images": [(name, row.images.get(name, "")) for name in row.image_names],',
        '            "images": list(row.image_names),',
        (*TIME, *SENDER),
    ),
    Defect(
        "the alt text is not part of what is approved",
        f"{MESH}/posts.py",
        '            "alt": row.alt,\n',
        "",
        (*TIME, *SENDER),
    ),
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
        "functions/approve_handler/request.py",
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
        "functions/approve_handler/devices.py",
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
        'salt=f"{stack}/{purpose}/v1"',
        'salt=f"{purpose}/v1"',
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
    # the sheet
    Defect(
        "what was misplaced is written back as TRUE",
        "functions/drive_sync/rows.py",
        '    cells = {name: "" for name in write.cells if name not in {"approved", "approved for"}}',
        '    cells = {name: True if name == "approved" else "" for name in write.cells}',
        SYNC,
    ),
    Defect(
        "a copied row keeps its approval",
        "functions/drive_sync/rows.py",
        'replace(row, post_id=new_id(), approved=False, stamp="")',
        "replace(row, post_id=new_id())",
        SYNC,
    ),
    Defect(
        "a row read before the tick was written counts as unticked",
        "functions/drive_sync/decide.py",
        "datetime.fromisoformat(flag.at) < read_at if noted",
        "True if noted",
        SYNC,
    ),
    Defect(
        "a write that missed its row is not noticed",
        "functions/drive_sync/rows.py",
        "    right = after.content == write.content if write.gives_id else after.post_id == write.post_id",
        "    right = True",
        SYNC,
    ),
    Defect(
        "Drive's page token is kept before the work is done",
        "functions/drive_sync/syncing.py",
        "        if folder.changed or unshown",
        "        self._p.runtime.put(STATE_KEY, state.item())\n        if folder.changed or unshown",
        SYNC,
    ),
    Defect(
        "an approved row that lost its tick to a stray write is not looked at again",
        "functions/drive_sync/reading.py",
        "or (known.cleared and not (row.approved and row.stamp))",
        "or False",
        HANDS,
    ),
    Defect(
        "a column that moved under a write is not noticed",
        "functions/drive_sync/writing.py",
        "if answer.header != table.header:",
        "if False:",
        HANDS,
    ),
    Defect(
        "an untick of an edited row holds nothing",
        "functions/drive_sync/decide.py",
        "return FlagStep.HOLD if _unticked_before(row, status, read_at) else FlagStep.CLEAR",
        "return FlagStep.CLEAR",
        HANDS,
    ),
    Defect(
        "an id that a stray write put into another row is taken for that row's own",
        "functions/drive_sync/rows.py",
        "if not row.blank and row.post_id in keeper and strange and row.content in lost:",
        "if False:",
        HANDS,
    ),
    Defect(
        "a renamed column empties its rows",
        "functions/drive_sync/reading.py",
        "for was, is_now in renamed(header, table.header):",
        "for was, is_now in ():",
        SYNC,
    ),
    Defect(
        "an insertion without an answer is made again at once",
        "functions/drive_sync/inserting.py",
        "on_its_way = wanted.tried_at and",
        "on_its_way = False and",
        (*SYNC, *HANDS),
    ),
    # tables, bookings, channels
    Defect(
        "the audit row is written outside the transaction",
        f"{MESH}/ledger/book.py",
        "        self._tables.transact([put, self._audit(row), *extra])\n        return after",
        "        self._tables.transact([put, *extra])\n        self._tables.transact([self._audit(row)])\n        return after",
        (*LEDGER, *DOOR),
    ),
    Defect(
        "a booking's name says nothing of its revision",
        f"{MESH}/booking.py",
        '    identity = f"{event.post_id}#{event.channel}#{event.revision}#{event.attempt}"',
        '    identity = f"{event.post_id}#{event.channel}#{event.attempt}"',
        (*TIME, *SCHEDULER),
    ),
    Defect(
        "a booking in the past",
        "functions/scheduler/channels.py",
        "    if effective.at - now < SEND_AT_ONCE:\n        return Move(Kind.RETRY if retries else Kind.SEND",
        "    if effective.at < now - SEND_AT_ONCE:\n        return Move(Kind.RETRY if retries else Kind.SEND",
        SCHEDULER,
    ),
    Defect(
        "a late post is sent without asking",
        f"{MESH}/schedule_time.py",
        "    if allowed + rulebook.late < now:\n        return Effective(None, _PASSED, late=True)\n",
        "",
        (*TIME, *SCHEDULER),
    ),
    Defect(
        "the second of two such hours is meant",
        f"{MESH}/schedule_time.py",
        "clock.replace(fold=0)",
        "clock.replace(fold=1)",
        TIME,
    ),
    Defect(
        "a refreshed token is used before it is stored",
        "functions/sender/channels.py",
        "            if fresh is not None:\n                self._surroundings.keep(channel, fresh)\n",
        "",
        SENDER,
    ),
    Defect(
        "a receipt is noted as sent before it is",
        "functions/notifier/post_office.py",
        "            try:\n                self.mailer.send(compose(recipient))\n",
        "            try:\n                self.runtime.done(marker, now + said_for)\n                self.mailer.send(compose(recipient))\n",
        NEWS,
    ),
    Defect(
        "a request that creates is sent twice",
        f"{NETWORKS}/mastodon.py",
        "        except LineTrouble as trouble:\n            return outcomes.lost(LABEL, trouble.kind)\n        if answer.status == 200:\n            return _posted",
        '        except LineTrouble:\n            answer = ask(http, "POST", f"{origin}/api/v1/statuses", timeout_seconds=9, token=token, json=body)\n        if answer.status == 200:\n            return _posted',
        WIRE,
    ),
    Defect(
        "a redirect takes the token elsewhere",
        f"{NETWORKS}/http.py",
        "auth=None, follow_redirects=False)",
        "auth=None, follow_redirects=True)",
        WIRE,
    ),
    Defect(
        "a reserved character is handed to LinkedIn bare",
        f"{NETWORKS}/linkedin.py",
        'RESERVED = frozenset("\\\\|{}@[]()<>#*_~")',
        'RESERVED = frozenset("\\\\|{}@[]<>#*_~")',
        WIRE,
    ),
    # who is asked when
    Defect(
        "a reminder rings at night",
        "functions/scheduler/rounds.py",
        " and not _at_night(now, rulebook.zone)\n",
        "\n",
        SCHEDULER,
    ),
    Defect(
        "a reminder follows a card of an hour ago",
        "functions/scheduler/rounds.py",
        "        if last < fresh_from and",
        "        if last < moment and",
        SCHEDULER,
    ),
    Defect(
        "what nobody saw is what a changed post is compared with",
        "functions/scheduler/rounds.py",
        "    earlier = asked.revision if _was_shown(status) else asked.instead_of",
        "    earlier = asked.revision",
        SCHEDULER,
    ),
    Defect(
        "a post that goes out before the next common card waits for it",
        "functions/scheduler/rounds.py",
        "    return None if goes_at < moment + TO_CLICK else moment",
        "    return moment",
        SCHEDULER,
    ),
    Defect(
        "a release without an approval that stands asks nobody",
        "functions/scheduler/rounds.py",
        "    if status.released_at is not None and (asked is None",
        "    if status.released_at is not None and False and (asked is None",
        SCHEDULER,
    ),
    Defect(
        "a chain that was cut counts as whole",
        f"{MESH}/ledger/verify.py",
        "        elif end.seq > last:\n",
        "        elif end.seq > last + 10:\n",
        ("tests/unit/mesh/test_ledger_verify.py",),
    ),
    Defect(
        "a calendar that was cut is read as far as it goes",
        f"{MESH}/posts_csv.py",
        '    if layout.sealed:\n        raise Damaged("it ends in the middle")',
        "    return",
        ("tests/unit/mesh/test_posts_csv_seal.py", "tests/integration/scheduler/test_scheduler_looking.py"),
    ),
    Defect(
        "a sweep counts a mirror as seen before it has followed all of its rows",
        "functions/scheduler/looking.py",
        "        if read.picked is not None and read.complete:",
        "        if read.picked is not None:",
        ("tests/integration/scheduler/test_scheduler_looking.py",),
    ),
    Defect(
        "rows whose deletion was told by a lost event alone stay",
        "functions/scheduler/looking.py",
        "        gone = sorted(set(was or ()) - opened.keys())",
        "        gone: list[str] = []",
        ("tests/integration/scheduler/test_scheduler_looking.py",),
    ),
    Defect(
        "what a machine's wrong clock says is believed",
        "functions/scheduler/looking.py",
        "        if answered_at is not None and abs(ahead) > CLOCKS_APART:",
        "        if answered_at is not None and abs(ahead) > timedelta.max:",
        ("tests/integration/scheduler/test_scheduler_looking.py",),
    ),
    Defect(
        "a channel that the package leaves out is booked all the same",
        "functions/scheduler/decide.py",
        "    for channel in status.going:\n        head = heads.get(channel)\n",
        "    for channel in status.channels:\n        head = heads.get(channel)\n",
        SCHEDULER,
    ),
    Defect(
        "one post's failure stops the others",
        "functions/scheduler/carrying.py",
        "        except Exception as error:  # noqa: BLE001 - raised by ``finish``, after the others had their turn\n",
        "        except KeyError as error:\n",
        MOVES,
    ),
    Defect(
        "a further try is made before the network allows it",
        "functions/scheduler/channels.py",
        "    return floor if floor == moment else floor + _MINUTE",
        "    return floor",
        MOVES,
    ),
    Defect(
        "a post that its window moved is late by its planned time",
        "functions/scheduler/channels.py",
        "    if head.due is not None:\n        return datetime.fromisoformat(head.due)\n    planned = _planned(status)\n",
        "    planned = _planned(status)\n    return planned\n",
        MOVES,
    ),
    Defect(
        "a post far ahead that left the open index never comes back by itself",
        f"{MESH}/ledger/items.py",
        '{"open": None, **item}',
        "item",
        MOVES,
    ),
    Defect(
        "an edited row keeps its booking",
        "functions/scheduler/decide.py",
        "        if head is not None and (step.step is not Step.BOOK or move.kind is Kind.ASK) and _is_booked(head):\n",
        "        if head is not None and move.kind is Kind.ASK and _is_booked(head):\n",
        MOVES,
    ),
    Defect(
        "a package of an earlier format gets another revision when it is read",
        f"{MESH}/packages.py",
        "        return self._stored or hashlib",
        "        return hashlib",
        PACKAGES,
    ),
    Defect(
        "a cached variant is taken without a look at its bytes",
        "functions/renderer/cache.py",
        'return variant if variant.sha256 == facts.get("sha256") else None',
        "return variant",
        PACKAGES,
    ),
    Defect(
        "one public address makes a name public",
        "functions/renderer/web.py",
        "        if not all(is_public(found)",
        "        if not any(is_public(found)",
        PACKAGES,
    ),
    Defect(
        "an emoji counts as one character on X",
        f"{NETWORKS}/x_text.py",
        "    return (2 if shown else 0)",
        "    return (1 if shown else 0)",
        WIRE,
    ),
    Defect(
        "what an outage held back goes out at once",
        f"{MESH}/schedule_time.py",
        "            apart = max(rulebook.minimum_gap, APART) if held_back else rulebook.minimum_gap",
        "            apart = rulebook.minimum_gap",
        (*TIME, *SCHEDULER),
    ),
    Defect(
        "what has just been sent does not count for the gap",
        "functions/scheduler/spacing.py",
        "_OUT = {HeadState.OPEN, HeadState.UNKNOWN, HeadState.SENT}",
        "_OUT = {HeadState.OPEN, HeadState.UNKNOWN}",
        SCHEDULER,
    ),
    Defect(
        "a window's opening that the clocks skip passes over the minutes behind it",
        f"{MESH}/schedule_time.py",
        "            nxt = _forward(moment, day, opening, rulebook.zone)",
        "            nxt = planned_moment(day, opening, rulebook.zone).at",
        TIME,
    ),
    Defect(
        "a public holiday is a day like any other",
        f"{MESH}/rulebook/model.py",
        "        return holiday_on(self.holidays, day)",
        '        return ""',
        TIME,
    ),
    Defect(
        "by rules without a zone the default zone plans",
        f"{MESH}/rulebook/reading.py",
        "    if fatal := fatal_in(problems):",
        "    if (fatal := fatal_in(problems)) and not rulebook.time_zone:",
        SCHEDULER,
    ),
    Defect(
        "a post to which the rules leave no minute is asked about as a late one",
        "functions/scheduler/never.py",
        "    if effective.at is not None or effective.late:",
        "    if effective.at is None or effective.late:",
        SCHEDULER,
    ),
)
