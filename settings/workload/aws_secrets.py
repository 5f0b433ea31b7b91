"""`awsSecrets`: secrets of AWS Secrets Manager and parameters of Parameter Store as files."""

import re
from typing import Annotated

from pydantic import AfterValidator

from settings.reading.section import refuse

_SECRET = re.compile(
    r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
)
_PARAMETER = re.compile(r"arn:aws:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]{1,1011}")
_KEY = re.compile(r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}")


def _secret(value: str) -> str:
    if not (_SECRET.fullmatch(value) or _PARAMETER.fullmatch(value)):
        raise refuse(
            "must be the ARN of a secret, with its six random characters, such as "
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf, or of a parameter, "
            "such as arn:aws:ssm:us-east-1:123456789012:parameter/db"
        )
    return value


def _key(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise refuse(
            "must be the ARN of a KMS key such as arn:aws:kms:us-east-1:123456789012:key/1234abcd"
        )
    return value


AwsSecret = Annotated[str, AfterValidator(_secret)]
"""ARN of a secret of Secrets Manager or of a parameter of Parameter Store."""
KmsKey = Annotated[str, AfterValidator(_key)]
"""ARN of a KMS key."""


def service_of(arn: str) -> str:
    """Returns the service of an ARN: secretsmanager or ssm."""
    return arn.split(":")[2]


def region_of(arn: str) -> str:
    """Returns the region of an ARN."""
    return arn.split(":")[3]


def directory_of(path: str) -> str:
    """Returns the directory of a file; empty for a file in the root directory."""
    return path.rpartition("/")[0]
