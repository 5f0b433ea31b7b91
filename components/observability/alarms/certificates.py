"""Redundancy alarms on certificates that ACM has not renewed in time.

No other alarm shows an expired certificate: clients send no requests, and health checks of Route 53
do not verify certificates.
"""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm
from components.observability.metric_sources import MetricSources

_DAYS = 30
"""Days until the end of a certificate at which ACM should have renewed it. ACM begins 60 days
before. https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html"""


def certificate_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields the alarm of each certificate."""
    for host in sources.certificates:
        yield Alarm(
            key=f"certificate/{host}",
            kind="redundancy",
            description=f"Certificate {host} expires in less than {_DAYS} days, and ACM has "
            "not renewed it. Users are not affected yet. From the day on which it expires, clients "
            "refuse to connect, and Route 53 does not fail over.",
            first_check="aws acm list-certificates --query "
            "'CertificateSummaryList[].[DomainName,NotAfter,CertificateArn]' "
            f"--output table --region {sources.region}",
            page="runbooks/certificate.md",
            section="what-to-do",
            value=sources.certificate_series(host),
            comparison="<",
            threshold=_DAYS,
            periods=1,
            # A new certificate has no data on its first day, and an expired one has none any more.
            missing_data="notBreaching",
        )
