"""Bringing it up: what a deployment may lose, who may do what, what a leak looks like, what setup says."""

from __future__ import annotations

from .model import Defect

_SHIP = ("tests/unit/ship",)
_ROLES = ("tests/contract/test_template.py", "tests/privilege")
_DEPLOYER = ("tests/contract/test_deploy_role.py", "tests/privilege/test_deploying_rights.py")
_CHECKS = ("tests/unit/local/checks", "tests/unit/local/setup")

_OPERATED = ("tests/integration/local/test_operator_books.py",)

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "a business of samconfig.toml is taken for the make run",
        "local/operator/which.py",
        "        options.prefix, options.region = found.prefix, options.region or found.region\n        options.profile = options.profile or found.profile or None\n",
        "        return False\n",
        _OPERATED,
    ),
    Defect(
        "a bucket that perhaps is replaced counts as kept",
        "local/ship/changes.py",
        'self.action == "Remove" or self.replaced != "False"',
        'self.action == "Remove" or self.replaced == "True"',
        _SHIP,
    ),
    Defect(
        "a table that leaves its stack is no loss",
        "local/ship/changes.py",
        '(self.action == "Remove" or self.replaced != "False")',
        'self.replaced != "False"',
        _SHIP,
    ),
    Defect(
        "a plan is carried out over somebody else's",
        "local/ship/stacks.py",
        "        if mark and self.mark(name) != mark:\n            raise _overtaken(name)\n",
        "",
        _SHIP,
    ),
    Defect(
        "only the first page of a change set is shown",
        "local/ship/stacks.py",
        '            if not answer.get("NextToken"):\n',
        "            if answer:\n",
        _SHIP,
    ),
    Defect(
        "a stack that ended in its way back counts as deployed",
        "local/ship/stacks.py",
        '("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")',
        '("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")',
        _SHIP,
    ),
    Defect(
        "a stack that could not be made is updated",
        "local/ship/states.py",
        '    "ROLLBACK_COMPLETE": Then.REMOVE_FIRST,\n',
        "",
        _SHIP,
    ),
    Defect(
        "only the longest name is measured, not the one with the least room",
        "local/ship/parameters.py",
        "key=lambda one: len(one.name) - one.longest",
        "key=lambda one: len(one.name)",
        _SHIP,
    ),
    Defect(
        "comments are lost with a change of their block",
        "local/ship/environments.py",
        "        elif key in there and isinstance(value, list) and isinstance(there[key], list):\n",
        "        elif key not in wanted:\n",
        _CHECKS,
    ),
    Defect(
        "the sender may read every secret of the account",
        "template.yaml",
        'Resource: !Sub "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Prefix}/channels/*"',
        'Resource: "*"',
        _ROLES,
    ),
    Defect(
        "the renderer may put any event",
        "template.yaml",
        'Condition: {StringEquals: {"events:source": !Ref Prefix, "events:detail-type": [ss.package.ready]}}',
        'Condition: {StringEquals: {"events:source": !Ref Prefix}}',
        _ROLES,
    ),
    Defect(
        "the renderer may say that a post was approved",
        "template.yaml",
        '"events:detail-type": [ss.package.ready]',
        '"events:detail-type": [ss.package.ready, ss.approved]',
        _ROLES,
    ),
    Defect(
        "a workflow makes roles without a boundary",
        "stacks/deploy-role.yaml",
        '            Condition: {StringEquals: {"iam:PermissionsBoundary": !Ref Boundary}}\n',
        "",
        _DEPLOYER,
    ),
    Defect(
        "any branch of the repository deploys",
        "stacks/deploy-role.yaml",
        '!Sub "repo:${Repository}:environment:${GitHubEnvironment}"',
        '!Sub "repo:${Repository}:*"',
        _DEPLOYER,
    ),
    Defect(
        "a condition that is not met allows all the same",
        "local/privileges/policy.py",
        '    "StringEquals": lambda given, wanted: given in wanted,\n',
        '    "StringEquals": lambda given, wanted: given is None or given in wanted,\n',
        ("tests/privilege",),
    ),
    Defect(
        "a Deny is outvoted",
        "local/privileges/policy.py",
        "    return bool(verdicts) and all(verdicts)\n",
        "    return any(verdicts)\n",
        ("tests/privilege",),
    ),
    Defect(
        "a secret read behind a watcher is nobody's call",
        "tests/privilege/every_call.py",
        " and not file.startswith(_WATCHERS)",
        "",
        ("tests/privilege",),
    ),
    Defect(
        "a sandbox with somebody unverified is only a doubt",
        "local/checks/mail_judged.py",
        '        return Finding("SES sandbox", State.BAD, said, fix)\n',
        '        return Finding("SES sandbox", State.DOUBTFUL, said, fix)\n',
        _CHECKS,
    ),
    Defect(
        "a Slack secret that does not work replaces one that does",
        "local/setup/after.py",
        "    if any(one.state is State.BAD for one in judged):\n        return judged\n",
        "",
        (*_CHECKS, "tests/contract/slack/test_slack_checked.py"),
    ),
)
