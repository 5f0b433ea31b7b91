"""Checks that records of public hosted zones can be changed while us-east-1 is unavailable."""

from collections.abc import Iterator

from settings import Settings
from tools.deploy.aws_cli import Ask, AwsError, why

_ENABLED = {"ENABLED", "ENABLING", "ENABLING_HOSTED_ZONE_LOCKED"}
"""States in which accelerated recovery is enabled, or soon is."""


def accelerated_recovery_cautions(ask: Ask, settings: Settings) -> Iterator[str]:
    """Yields a caution for each public hosted zone of the cell without accelerated recovery.

    AWS supports it for public hosted zones only.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneFeatures.html
    """
    balancer = settings.load_balancer("public")
    for zone in sorted(balancer.names.zone_ids(balancer.hosts)) if balancer.names else ():
        try:
            found = ask("route53", "get-hosted-zone", "--id", zone)["HostedZone"]
            state = found.get("Features", {}).get("AcceleratedRecoveryStatus", "DISABLED")
        except (AwsError, LookupError, TypeError) as error:
            yield f"hosted zone {zone}: accelerated recovery cannot be read: {why(error)}"
            continue
        if state not in _ENABLED:
            yield (
                f"hosted zone {zone}: accelerated recovery is {state}, so that its records cannot "
                "be changed while us-east-1 is unavailable; run aws route53 "
                f"update-hosted-zone-features --hosted-zone-id {zone} "
                "--enable-accelerated-recovery"
            )
