"""The AWS provider of the cell.

The default provider is disabled: it would use the region and credentials of the environment.
"""

import pulumi_aws as aws

from core.tags import CELL
from settings.aws import Aws


def aws_provider(cell: str, settings: Aws) -> aws.Provider:
    """Creates the provider of all AWS resources of the cell, which also tags them."""
    return aws.Provider(
        "aws",
        aws.ProviderArgs(
            region=settings.region,
            profile=settings.profile,
            allowed_account_ids=list(settings.allowed_account_ids) or None,
            assume_roles=[
                aws.ProviderAssumeRoleArgs(
                    role_arn=role.role_arn,
                    session_name=role.session_name,
                    external_id=role.external_id,
                )
                for role in settings.assume_roles
            ]
            or None,
            default_tags=aws.ProviderDefaultTagsArgs(
                tags={**settings.default_tags.tags, CELL: cell}
            ),
        ),
    )
