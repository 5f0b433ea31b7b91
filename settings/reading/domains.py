"""Types of domain names in the stack file."""

import re
from collections.abc import Collection, Iterable
from typing import Annotated

from pydantic import AfterValidator

from core.listener_rules import MAX_LABELS
from settings.reading.section import refuse

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z]{{2,63}}")
_HOSTED_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")

_MAX_HOST = 128
"""Maximum length of a host name in a listener rule.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"""


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value) or len(value) > 253:
        raise refuse("must be a domain name in lowercase, such as app.example.com")
    return value


def _is_host(value: str) -> bool:
    return bool(_HOST.fullmatch(value)) and len(value) <= _MAX_HOST


def _host(value: str) -> str:
    if not _is_host(value):
        raise refuse(
            "must be a host name in lowercase, such as www.example.com, at most "
            f"{_MAX_HOST} characters"
        )
    return value


def _host_pattern(value: str) -> str:
    labels = value.removeprefix("*.").count(".") + 1
    if not _is_host(value.removeprefix("*.")) or (value[0] == "*" and labels > MAX_LABELS):
        raise refuse(
            "must be a host name in lowercase such as www.example.com, or a wildcard such as "
            f"*.example.com with at most {MAX_LABELS} labels after the *, at most {_MAX_HOST} "
            "characters"
        )
    return value


def _hosted_zone(value: str) -> str:
    if not _HOSTED_ZONE.fullmatch(value):
        raise refuse("must be the ID of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ")
    return value


Domain = Annotated[str, AfterValidator(_domain)]
"""Domain name in lowercase."""
Host = Annotated[str, AfterValidator(_host)]
"""Host name of a request, in lowercase."""
HostPattern = Annotated[str, AfterValidator(_host_pattern)]
"""Host name, or wildcard for all names below a domain."""
HostedZoneId = Annotated[str, AfterValidator(_hosted_zone)]
"""ID of a Route 53 hosted zone."""


def uncovered(hosts: Iterable[str], names: Collection[str]) -> list[str]:
    """Returns the hosts that no name of a certificate covers."""
    return [host for host in hosts if not any(covers(name, host) for name in names)]


def covers(pattern: str, host: str) -> bool:
    """Returns True if a name of a certificate covers a host: the wildcard stands for one label.

    https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
    """
    return pattern == host or (pattern[0] == "*" and host.partition(".")[2] == pattern[2:])
