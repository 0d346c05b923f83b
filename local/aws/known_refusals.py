"""What MiniStack's own judge of roles refuses though AWS would allow it, by name and with its reason. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """``action`` and ``resource`` are patterns of the whole text; ``why`` says what the emulator does not look at, in its ``where``."""

    action: str
    resource: str
    why: str
    where: str

    def is_meant(self, action: str, resource: str) -> bool:
        return bool(re.fullmatch(self.action, action) and re.fullmatch(self.resource, resource))


KNOWN = (
    Known(
        "events:PutEvents",
        r"arn:aws:events:[^:]*:[^:]*:event-bus/default",
        "it evaluates no condition on events:source or events:detail-type: of the body it hands the evaluator the buses alone",
        "app.py, where enforce is called for events; iam_evaluator._resolve_condition_key",
    ),
    Known(
        "secretsmanager:GetSecretValue",
        r"arn:aws:secretsmanager:[^:]*:[^:]*:secret:[^:]*/(drive/sa|approval/signing-secret|compose/signing-secret)-\w{6}",
        "the grant is for !Ref of the secret, which is its ARN on AWS and its bare name here",
        "services/cloudformation, Ref of AWS::SecretsManager::Secret",
    ),
    Known(
        "scheduler:(Create|Update|Delete|Get)Schedule",
        r"arn:aws:scheduler:[^:]*:[^:]*:schedule/default/.+",
        "it takes every schedule to be in the group default, whatever group the call names",
        "iam_actions.extract_resource_arn, where service is scheduler",
    ),
    Known(
        "scheduler:ListSchedules",
        r"\*",
        "it asks for the call on *, where AWS asks for schedule/*/*",
        "iam_actions.extract_resource_arn",
    ),
    Known(
        "ses:SendEmail",
        r"\*",
        "it asks for the call on *, where AWS asks for the sender's identity and the configuration set, on ses:FromAddress",
        "iam_actions.extract_resource_arn; app._enforce_ses_v2",
    ),
)
