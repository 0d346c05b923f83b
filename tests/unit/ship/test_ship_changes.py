"""A change set in words, and what nobody meant."""

from __future__ import annotations

from typing import Any

from local.ship.changes import read, refused, told

TABLE, SECRET, FUNCTION = "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Lambda::Function"


def change(action: str, logical_id: str, kind: str, **others: Any) -> dict[str, Any]:
    return {
        "Type": "Resource",
        "ResourceChange": {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind, **others},
    }


def details(*names: str) -> list[dict[str, Any]]:
    return [{"Target": {"Attribute": "Properties", "Name": name}} for name in names]


def test_each_change_is_a_line_and_what_is_lost_stands_in_capitals() -> None:
    lines = list(
        told(
            read(
                [
                    change("Add", "Sender", FUNCTION),
                    change("Add", "Digest", FUNCTION),
                    change("Import", "StatusTable", TABLE),
                    change("Modify", "Recap", FUNCTION, Replacement="False", Details=details("Code", "Timeout")),
                    change(
                        "Modify",
                        "AuditTable",
                        TABLE,
                        Replacement="True",
                        PolicyAction="ReplaceAndRetain",
                        Details=details("KeySchema"),
                    ),
                    change("Remove", "ChannelX", SECRET, PolicyAction="Retain"),
                    change("Remove", "Old", "AWS::Events::Rule", PolicyAction="Delete"),
                ]
            )
        )
    )
    assert lines == [
        "adopted: table StatusTable",
        "added: function Digest, Sender",
        "changed: function Recap (Code, Timeout)",
        "REPLACED: table AuditTable (KeySchema); the one that is there stays beside it, out of use",
        "REMOVED: secret ChannelX; what it holds stays in the account",
        "REMOVED: event rule Old",
    ]


def test_many_of_a_kind_that_holds_nothing_are_counted() -> None:
    roles = [change("Add", f"Role{n}", "AWS::IAM::Role") for n in range(7)]
    tables = [change("Add", f"Table{n}", TABLE) for n in range(7)]
    assert list(told(read(roles))) == ["added: role Role0, Role1 and 5 more"]
    assert list(told(read(tables))) == ["added: table Table0, Table1, Table2, Table3, Table4, Table5, Table6"]


def test_a_lost_table_bucket_or_secret_is_refused_unless_it_was_named() -> None:
    found = read(
        [
            change("Modify", "AuditTable", TABLE, Replacement="True"),
            change("Modify", "SendsTable", TABLE, Replacement="Conditional"),
            change("Modify", "StatusTable", TABLE, Replacement="False"),
            change("Remove", "ChannelX", SECRET, PolicyAction="Retain"),
            change("Modify", "Poll", "AWS::Scheduler::Schedule", Replacement="True"),
            change("Remove", "Sender", FUNCTION),
        ]
    )
    assert [one.logical_id for one in refused(found, ())] == ["AuditTable", "SendsTable", "ChannelX"]
    assert [one.logical_id for one in refused(found, ("ChannelX", "AuditTable"))] == ["SendsTable"]
