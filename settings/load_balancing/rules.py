"""Rules for ha-eks:loadBalancing: the certificate and the web ACL."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:loadBalancing"


def _certificate_region(settings: Settings) -> Iterator[Problem]:
    found, region = settings.load_balancing.certificate_region, settings.aws.region
    if found not in (None, region):
        yield Problem(
            key=f"{_KEY}.certificate",
            message=f"the certificate is in {found}, but the load balancer is in {region}; write "
            f"the ARN of a certificate in {region}",
        )


def _web_acl(settings: Settings) -> Iterator[Problem]:
    waf, region = settings.load_balancing.waf, settings.aws.region
    if waf is None or waf.web_acl is None:
        return
    if waf.region != region:
        yield Problem(
            key=f"{_KEY}.waf.webAcl",
            message=f"the web ACL is in {waf.region}, but the load balancer is in {region}; write "
            f"the ARN of a web ACL in {region}",
        )
    if waf.requests_per_five_minutes is not None:
        yield Problem(
            key=f"{_KEY}.waf.requestsPerFiveMinutes",
            message="the program does not change the rules of an existing web ACL; remove "
            "requestsPerFiveMinutes or webAcl",
        )


RULES = (_certificate_region, _web_acl)
