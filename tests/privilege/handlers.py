"""What CloudFormation calls with the deployer's rights, by resource type: the published handlers, as cfn-lint carries them.

A handler's list names whatever any of a type's properties could need. What ours do not need is named here by the property that none of
ours has; what the role may not have by design, by its reason.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from translated import all_made

_REGION = "eu-central-1"
_PHASES = ("create", "read", "update")

# By type: what only a property needs that no resource of ours has.
_ONLY_FOR: dict[str, dict[str, str]] = {
    "AWS::DynamoDB::Table": {
        "dynamodb:*Import*": "ImportSourceSpecification",
        "logs:*": "ImportSourceSpecification",
        "s3:*": "ImportSourceSpecification",
        "dynamodb:UpdateKinesisStreamingDestination": "KinesisStreamSpecification",
        "dynamodb:*ableKinesisStreamingDestination": "KinesisStreamSpecification",
        "kinesis:*": "KinesisStreamSpecification",
        "dynamodb:UpdateContributorInsights": "ContributorInsightsSpecification",
        "dynamodb:PutResourcePolicy": "ResourcePolicy",
        "dynamodb:DeleteResourcePolicy": "ResourcePolicy",
        "kms:*": "SSESpecification",
        # Of copies in other regions, which a table of this type has only once it was made a global one.
        "dynamodb:*TableReplica": "Replicas",
        "dynamodb:*Item": "Replicas",
        "dynamodb:Scan": "Replicas",
        "dynamodb:Query": "Replicas",
        "iam:CreateServiceLinkedRole": "Replicas",
    },
    "AWS::IAM::Role": {
        "iam:AttachRolePolicy": "ManagedPolicyArns",
        "iam:DetachRolePolicy": "ManagedPolicyArns",
        "iam:UpdateRole": "MaxSessionDuration",
        "iam:UpdateRoleDescription": "Description",
    },
    "AWS::Lambda::Function": {
        "ec2:*": "VpcConfig",
        "elasticfilesystem:*": "FileSystemConfigs",
        "s3files:*": "FileSystemConfigs",
        "kms:*": "KmsKeyArn",
        "s3:GetObjectVersion": "Code.S3ObjectVersion",
        "lambda:GetCodeSigningConfig": "CodeSigningConfigArn",
        "lambda:DeleteFunctionCodeSigningConfig": "CodeSigningConfigArn",
        "lambda:PutFunctionCodeSigningConfig": "CodeSigningConfigArn",
        "lambda:PutRuntimeManagementConfig": "RuntimeManagementConfig",
        "lambda:AssociateRuntimeAlias": "RuntimeManagementConfig",
        "lambda:PutFunctionRecursionConfig": "RecursiveLoop",
        "lambda:PutFunctionScalingConfig": "FunctionScalingConfig",
        "lambda:PassCapacityProvider": "CapacityProviderConfig",
        "lambda:PublishVersion": "PublishToLatestPublished",
    },
    "AWS::Lambda::LayerVersion": {"s3:GetObjectVersion": "Content.S3ObjectVersion"},
    "AWS::Logs::LogGroup": {
        "logs:PutDataProtectionPolicy": "DataProtectionPolicy",
        "logs:CreateLogDelivery": "DataProtectionPolicy",
        "s3:*": "DataProtectionPolicy",
        "firehose:*": "DataProtectionPolicy",
        "logs:PutResourcePolicy": "ResourcePolicyDocument",
        "logs:DeleteResourcePolicy": "ResourcePolicyDocument",
        "logs:PutIndexPolicy": "FieldIndexPolicies",
        "logs:DeleteIndexPolicy": "FieldIndexPolicies",
        "logs:PutBearerTokenAuthentication": "BearerTokenAuthenticationEnabled",
        "logs:PutLogGroupDeletionProtection": "DeletionProtectionEnabled",
        "logs:*ssociateKmsKey": "KmsKeyId",
    },
    "AWS::S3::Bucket": {
        "s3:PutBucketAbac": "AbacStatus",
        "s3:*BucketAcl": "AccessControl",
        "s3:PutObjectAcl": "AccessControl",
        "s3:PutAnalyticsConfiguration": "AnalyticsConfigurations",
        "s3:PutInventoryConfiguration": "InventoryConfigurations",
        "s3:PutMetricsConfiguration": "MetricsConfigurations",
        "s3:PutBucketNotification": "NotificationConfiguration",
        "s3:Put*Replication*": "ReplicationConfiguration",
        "s3:DeleteObject": "ReplicationConfiguration",
        "iam:PassRole": "ReplicationConfiguration",
        "s3:*BucketWebsite": "WebsiteConfiguration",
        "s3:PutAccelerateConfiguration": "AccelerateConfiguration",
        "s3:Put*ObjectLockConfiguration": "ObjectLockConfiguration",
        "s3:PutBucketLogging": "LoggingConfiguration",
        "s3:PutBucketOwnershipControls": "OwnershipControls",
        "s3:PutIntelligentTieringConfiguration": "IntelligentTieringConfigurations",
        "s3:*Metadata*Table*": "MetadataTableConfiguration",
        "s3tables:*": "MetadataTableConfiguration",
        "s3:*Bucket*TableConfiguration": "MetadataConfiguration",
    },
    "AWS::SES::ConfigurationSet": {
        "ses:PutConfigurationSetTrackingOptions": "TrackingOptions",
        "ses:PutConfigurationSetDeliveryOptions": "DeliveryOptions",
        "ses:PutConfigurationSetSendingOptions": "SendingOptions",
        "ses:PutConfigurationSetVdmOptions": "VdmOptions",
        "ses:PutConfigurationSetArchivingOptions": "ArchivingOptions",
    },
    "AWS::SNS::Subscription": {"iam:*": "SubscriptionRoleArn"},
    "AWS::SNS::Topic": {
        "iam:*": "DeliveryStatusLogging",
        "sns:PutDataProtectionPolicy": "DataProtectionPolicy",
        "sns:*ubscribe": "Subscription",
    },
    "AWS::SecretsManager::Secret": {"secretsmanager:Re*Region*": "ReplicaRegions"},
    "AWS::StepFunctions::StateMachine": {
        "kms:*": "EncryptionConfiguration",
        "s3:GetObjectVersion": "DefinitionS3Location.Version",
    },
}

# By type: what a person deploys, or what would undo a setting that every one of ours has.
_BY_DESIGN: dict[str, dict[str, str]] = {
    "AWS::IAM::Role": {
        "iam:UpdateAssumeRolePolicy": "who may take a role on is a person's to change",
        "iam:DeleteRolePermissionsBoundary": "no role loses its boundary",
    },
    "AWS::Logs::LogGroup": {"logs:DeleteRetentionPolicy": "each keeps its retention"},
    "AWS::S3::Bucket": {
        "s3:DeleteBucket*": "a setting that protects a bucket is not taken away by a workflow",
    },
    "AWS::S3::BucketPolicy": {"s3:PutBucketPolicy": "who is let into a bucket is a person's to change"},
    "AWS::SES::EmailIdentity": {"ses:*": "in whose name mails go out is a person's to change"},
    "AWS::SNS::Subscription": {
        "sns:*ubscri*": "where alarms go is a person's to change: these take no resource, so they would reach every topic's"
    },
    "AWS::SecretsManager::Secret": {"secretsmanager:GetSecretValue": "it reads no secret"},
}


@cache
def handlers(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Actions by phase: create, read, update, delete; ``tags`` are those for tags. KeyError for a type that is not published."""
    data = files("cfnlint") / "data" / "schemas"
    index = json.loads((data / "providers" / f"{_REGION}.json").read_text())
    schema = json.loads((data / "resources" / f"{index[kind]}.json").read_text())
    found = {phase: tuple(one["permissions"]) for phase, one in schema["handlers"].items()}
    return {**found, "tags": tuple(schema.get("tagging", {}).get("permissions", ()))}


def wanted(kind: str) -> Iterator[tuple[str, str]]:
    """Phase and action that the role needs for this type, each action once."""
    seen: set[str] = set()
    for phase in (*_PHASES, "tags"):
        for action in handlers(kind).get(phase, ()):
            if action not in seen and not why_not(kind, action):
                seen.add(action)
                yield phase, action


def why_not(kind: str, action: str) -> str:
    """The property or the reason for which the role goes without it; "" where it needs it."""
    for table in (_ONLY_FOR, _BY_DESIGN):
        for pattern, reason in table.get(kind, {}).items():
            if fnmatch.fnmatchcase(action, pattern):
                return reason
    return ""


def properties_that_nothing_has() -> Iterator[tuple[str, str]]:
    """Type and property of everything that is left out for the lack of one."""
    for kind, reasons in _ONLY_FOR.items():
        for path in {*reasons.values()}:
            yield kind, path


def has(kind: str, path: str) -> list[str]:
    """The logical ids of ours that have something at this property; an empty list or text is nothing."""
    return [name for name, one in all_made().items() if one["Type"] == kind and _at(one["Properties"], path)]


def excuses() -> Iterator[tuple[str, str]]:
    """Type and pattern of everything that is left out."""
    for table in (_ONLY_FOR, _BY_DESIGN):
        for kind, reasons in table.items():
            for pattern in reasons:
                yield kind, pattern


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
