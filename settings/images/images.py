"""`ha-eks:images`: the registries that nodes pull images from."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_REGISTRY = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[1-9][0-9]{1,4})?(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*"
)
_SECRET = re.compile(
    r"arn:aws:secretsmanager:(?P<region>[a-z0-9-]+):[0-9]{12}:"
    r"secret:ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{1,490}"
)


def _registry(value: str) -> str:
    if not _REGISTRY.fullmatch(value):
        raise refuse(
            "must be a registry without scheme and tag, such as "
            "123456789012.dkr.ecr.us-east-1.amazonaws.com"
        )
    return value


def _secret(value: str) -> str:
    if not _SECRET.fullmatch(value):
        raise refuse(
            "must be the ARN of a Secrets Manager secret whose name begins with "
            "ecr-pullthroughcache/, which ECR requires"
        )
    return value


Secret = Annotated[str, AfterValidator(_secret)]
"""ARN of a Secrets Manager secret whose name begins with `ecr-pullthroughcache/`."""

Source = Literal["pullThrough", "copies", "upstream"]


class Images(Section):
    """The registries that nodes pull images from.

    Images in ECR of the cell's region are always pulled from there. `source` applies to all other
    images.
    """

    source: Source = "pullThrough"
    """`pullThrough`: nodes pull from ECR, which caches the images of the registries that ECR
    supports; nodes pull images of other registries from there. `copies`: nodes pull from
    `registry`, to which you copy the images. `upstream`: nodes pull from the registry of each
    image, so that every new node depends on that registry. Default: `pullThrough`.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html"""
    registry: Annotated[str, AfterValidator(_registry)] | None = None
    """Registry that has the copies, with an optional path and without a scheme, such as
    `123456789012.dkr.ecr.us-east-1.amazonaws.com/copies`. Each copy has the full name of its
    image: REGISTRY/registry.k8s.io/pause. Required with `source: copies`, refused otherwise."""
    credentials: dict[str, Secret] = Field(default_factory=dict[str, str])
    """Credentials of upstream registries that require them, such as `docker.io` and `ghcr.io`: for
    each registry the ARN of a secret with `username` and `accessToken`. The secret must be in the
    region and account of the cell, have a name that begins with `ecr-pullthroughcache/`, and be
    encrypted with the key `aws/secretsmanager`, because ECR supports no other. Only with
    `source: pullThrough`. Default: none.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html"""

    @staticmethod
    def region_of(secret: str) -> str | None:
        """Returns the region in the ARN of a secret, or None if the text is not such an ARN."""
        match = _SECRET.fullmatch(secret)
        return match["region"] if match else None
