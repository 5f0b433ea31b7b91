"""`ha-eks:loadBalancing`: the load balancers of the exposed apps."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.domains import Host, HostPattern
from settings.reading.section import Section, Unique, refuse
from settings.reading.source_ranges import SourceRange

_WEB_ACL = re.compile(
    r"arn:aws:wafv2:(?P<region>[a-z0-9-]+):[0-9]{12}:regional/webacl/[\w-]{1,128}/[0-9a-f-]{36}"
)
_CERTIFICATE = re.compile(r"arn:aws:acm:(?P<region>[a-z0-9-]+):[0-9]{12}:certificate/[0-9A-Za-z-]+")

_PREFIX_LIST = re.compile(r"pl-(?:[0-9a-f]{8}|[0-9a-f]{17})|com\.amazonaws\.[a-z0-9.-]+")


def _certificate(value: str) -> str:
    if not _CERTIFICATE.fullmatch(value):
        raise refuse(
            "must be the ARN of an ACM certificate, such as "
            "arn:aws:acm:us-east-1:123456789012:certificate/…"
        )
    return value


def _web_acl(value: str) -> str:
    if not _WEB_ACL.fullmatch(value):
        raise refuse(
            "must be the ARN of a regional web ACL, such as "
            "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/…"
        )
    return value


def _prefix_list(value: str) -> str:
    if not _PREFIX_LIST.fullmatch(value):
        raise refuse(
            "must be the ID of a prefix list, such as pl-0123456789abcdef0, or the name of a list "
            "that AWS manages, such as com.amazonaws.global.cloudfront.origin-facing"
        )
    return value


class Waf(Section):
    """An AWS WAF web ACL in front of the load balancer.

    Requests pass if AWS WAF does not respond (fail open). Without `webAcl`, the program creates a
    web ACL with AWS managed rules for common attacks, known bad inputs and the Amazon IP reputation
    list.
    """

    web_acl: Annotated[str, AfterValidator(_web_acl)] | None = None
    """ARN of an existing regional web ACL in the region of the cell. Default: the program creates a
    web ACL."""
    requests_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] | None = None
    """Maximum number of requests of one client address in 5 minutes, 10 to 2000000000. AWS WAF
    blocks an address above this rate until its rate drops. Not with `webAcl`. Default: no limit."""

    @property
    def region(self) -> str | None:
        """Region of the existing web ACL, or None without one."""
        match = _WEB_ACL.fullmatch(self.web_acl or "")
        return match["region"] if match else None


class BalancerSettings(Section):
    """An Application Load Balancer, which has a subnet in every zone."""

    ip_address_type: Literal["ipv4", "dualstack"] = "ipv4"
    """`ipv4`: clients connect over IPv4. `dualstack`: clients connect over IPv4 and IPv6. The VPC
    and the subnets of the load balancer get IPv6 networks from Amazon; an existing VPC must have
    them. Pods have IPv4 addresses only. Default: `ipv4`."""

    certificate: Annotated[str, AfterValidator(_certificate)] | None = None
    """ARN of an ACM certificate in the region of the cell. With a certificate, the load balancer
    serves HTTPS and redirects HTTP to HTTPS. Default: with `traffic.domain`, the program creates a
    certificate of the domain for the public load balancer, which is validated through DNS; without
    a domain, and for the internal load balancer, HTTP only."""

    certificates: dict[HostPattern, Annotated[str, AfterValidator(_certificate)]] = Field(
        default_factory=dict[str, str]
    )
    """ARNs of further ACM certificates in the region of the cell, by host, or by a wildcard that
    the certificate covers, such as `{"*.example.org": arn:…}`. The load balancer selects the
    certificate by the host name that the client sends (SNI). Default: each host in `expose.routes`
    and `redirects` has a certificate like that of the domain."""

    redirects: dict[HostPattern, Host] = Field(default_factory=dict[str, str])
    """Hosts whose requests are redirected to another host with status 301, such as
    `{www.example.com: example.com}`. Path and query stay the same. Routes with the same host and a
    path are not redirected. Default: none."""

    source_ranges: Annotated[tuple[SourceRange, ...], Field(min_length=1), Unique] | None = None
    """Networks from which the load balancer accepts connections, for all apps; others receive no
    answer. The health checkers of Route 53 are always accepted. `expose.sourceRanges` limits a
    single app. Default: all addresses; with `sourcePrefixLists`, only those."""

    source_prefix_lists: Annotated[
        tuple[Annotated[str, AfterValidator(_prefix_list)], ...], Unique
    ] = ()
    """Prefix lists from whose networks the load balancer accepts connections, beside
    `sourceRanges`: IDs, or names of lists that AWS manages, such as
    `com.amazonaws.global.cloudfront.origin-facing` for CloudFront. With a certificate, they reach
    HTTPS only. Default: none.
    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html"""

    idle_timeout_seconds: Annotated[int, Field(ge=2, le=3599)] | None = None
    """Seconds after which the load balancer closes a connection without data, 2 to 3599. Must be
    longer than the longest request and shorter than `keepAliveSeconds` of the exposed apps.
    Default: 50, or 5 more than the highest `longestRequestSeconds` of the exposed apps if that is
    more."""

    minimum_capacity_units: Annotated[int, Field(ge=1)] | None = None
    """Capacity units (LCU) below which AWS does not scale the load balancer down, so that a
    secondary cell receives the requests of the primary at once. AWS bills reserved units, and the
    quota of a new account is 0. Write the maximum of the metric `PeakLCUs` of the primary cell.
    Default: none, so that the load balancer scales as its requests grow.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/capacity-unit-reservation.html"""

    access_log_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """Retention of the access logs in an S3 bucket of the cell in days, 0 to 3650. With 0 there are
    no access logs. Default: 30."""

    health_check_logs: bool = False
    """True: the load balancer stores the result of each health check, with the reason of a failure,
    in the bucket of the access logs, for `accessLogDays`. They show why a pod was unhealthy after
    the pod is gone. AWS charges for the storage only. Default: false.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-health-check-logs.html"""

    waf: Waf | None = None
    """AWS WAF in front of the load balancer; `{}` selects the defaults. Default: no AWS WAF."""

    @property
    def dualstack(self) -> bool:
        """True if clients connect over IPv6 too."""
        return self.ip_address_type == "dualstack"

    @property
    def accepts_all(self) -> bool:
        """True if the load balancer accepts connections from all addresses."""
        return self.source_ranges is None and not self.source_prefix_lists

    @property
    def certificate_regions(self) -> dict[str, str]:
        """Region of each existing certificate, by key of the certificate."""
        arns = {"certificate": self.certificate or ""}
        arns |= {f"certificates.{name}": arn for name, arn in self.certificates.items()}
        found = {key: _CERTIFICATE.fullmatch(arn) for key, arn in arns.items()}
        return {key: match["region"] for key, match in found.items() if match}


class LoadBalancing(BalancerSettings):
    """The load balancers of the cell: a public one for routes to which clients on the internet have
    access, and an internal one for routes with `internal: true`. Each exists if it has a route."""

    internal: BalancerSettings = BalancerSettings()
    """The internal load balancer: the same keys as above, which apply to the public one. It has
    private addresses only; clients reach it from the VPC and from networks that are connected to
    the VPC. Default: the defaults of these keys."""
