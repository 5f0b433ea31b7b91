import json

from components.log_groups import LogKey, LogKeyArgs, log_group
from tests.components.deploy import Deployed, context, deploy, with_aws


def logs() -> Deployed:
    def build() -> None:
        key = LogKey("logs", LogKeyArgs(context=context()), with_aws())
        log_group("flow", "/vpc/prod", 14, key.key_arn, key)

    return deploy(build)


def test_a_log_group_has_a_retention_and_the_key_of_the_cell() -> None:
    cell = logs()
    group = cell.one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert group["name"] == "/vpc/prod"
    assert group["retentionInDays"] == 14
    assert group["kmsKeyId"].endswith(cell.id_of(cell.one("aws:kms/key:Key")))


def test_cloudwatch_can_use_the_key_for_log_groups_of_this_account_only() -> None:
    key = logs().one("aws:kms/key:Key").inputs
    assert key["enableKeyRotation"] is True
    account, service = json.loads(key["policy"])["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert service["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert service["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:log-group:*"
        }
    }


def test_the_alias_of_the_key_contains_the_cell() -> None:
    assert logs().one("aws:kms/alias:Alias").inputs["name"] == "alias/eks/prod/logs"
