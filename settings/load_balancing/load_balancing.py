"""`ha-eks:loadBalancing`: the load balancer in front of the exposed apps."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_WEB_ACL = re.compile(
    r"arn:aws[a-z-]*:wafv2:(?P<region>[a-z0-9-]+):[0-9]{12}:regional/webacl/[\w-]{1,128}/[0-9a-f-]{36}"
)
_CERTIFICATE = re.compile(
    r"arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):[0-9]{12}:certificate/[0-9A-Za-z-]+"
)


def _certificate(value: str) -> str:
    if not _CERTIFICATE.fullmatch(value):
        raise refuse(
            "the ARN of an ACM certificate: arn:aws:acm:us-east-1:123456789012:certificate/…"
        )
    return value


def _web_acl(value: str) -> str:
    if not _WEB_ACL.fullmatch(value):
        raise refuse(
            "the ARN of a regional web ACL: arn:aws:wafv2:us-east-1:123456789012:regional/webacl/…"
        )
    return value


class Waf(Section):
    """A web application firewall before the load balancer; when it does not answer, requests pass.
    Without `webAcl` one is made, of AWS's managed rules for common attacks, known bad inputs and
    addresses of ill repute."""

    web_acl: Annotated[str, AfterValidator(_web_acl)] | None = None
    """A web ACL that is there, in the cell's region; default: one of the cell's own."""
    requests_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] | None = None
    """Of one address, after which it is blocked until it asks less, 10 to 2,000,000,000; not with
    `webAcl`; default: no bound."""

    @property
    def region(self) -> str | None:
        """Region of the web ACL that is there."""
        match = _WEB_ACL.fullmatch(self.web_acl or "")
        return match["region"] if match else None


class LoadBalancing(Section):
    """An internet-facing Application Load Balancer over all zones."""

    certificate: Annotated[str, AfterValidator(_certificate)] | None = None
    """ACM certificate, in the cell's region; default: one is made for `traffic.domain`, validated
    by DNS. With either HTTPS, and HTTP leads there; without a domain HTTP only."""

    idle_timeout_seconds: Annotated[int, Field(ge=2, le=3599)] = 50
    """How long a silent connection stays open: longer than the longest request, shorter than
    the apps' keep-alive."""

    deletion_protection: bool = True
    """Whether AWS refuses to delete the load balancer until this is turned off."""

    access_log_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """How long the access logs are kept, in a bucket of the cell's own, 0 to 3650 days; 0: there
    are none."""

    waf: Waf | None = None
    """A firewall before it; default: none."""

    @property
    def certificate_region(self) -> str | None:
        """Region of the certificate."""
        match = _CERTIFICATE.fullmatch(self.certificate or "")
        return match["region"] if match else None
