"""`ha-eks:loadBalancing`: the load balancer in front of the exposed apps."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.section import Section, refuse

_CERTIFICATE = re.compile(
    r"arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):[0-9]{12}:certificate/[0-9A-Za-z-]+"
)


def _certificate(value: str) -> str:
    if not _CERTIFICATE.fullmatch(value):
        raise refuse(
            "the ARN of an ACM certificate: arn:aws:acm:us-east-1:123456789012:certificate/…"
        )
    return value


class LoadBalancing(Section):
    """An internet-facing Application Load Balancer over all zones."""

    certificate: Annotated[str, AfterValidator(_certificate)] | None = None
    """ACM certificate, in the cell's region. With it HTTPS, and HTTP leads there; without it
    HTTP only."""

    idle_timeout_seconds: Annotated[int, Field(ge=2, le=3599)] = 50
    """How long a silent connection stays open: longer than the longest request, shorter than
    the apps' keep-alive."""

    deletion_protection: bool = True
    """Whether AWS refuses to delete the load balancer until this is turned off."""

    @property
    def certificate_region(self) -> str | None:
        """Region of the certificate."""
        match = _CERTIFICATE.fullmatch(self.certificate or "")
        return match["region"] if match else None
