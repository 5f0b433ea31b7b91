"""Names and times of the failover latch, which keeps a primary cell out of service."""

from dataclasses import dataclass, replace

from core.facts.metrics import Metric, log_metric
from core.load_balancers import INTERNAL_SUFFIX
from core.short_names import rule_prefix

FAILED_MINUTES = 3
"""Minutes of `MINUTES` in which a health check must fail before the latch is set: a failover needs
150 seconds until the last client has moved. After a shorter failure, the cell serves again as
soon as its health checks pass."""

MINUTES = 15
"""Latest minutes that the alarms of the latch evaluate, so that a cell that fails again and again
sets the latch too."""


@dataclass(frozen=True, kw_only=True)
class LatchNames:
    """Names of the parts of a failover latch."""

    cell: str
    """Name of the cell."""
    internal: bool
    """True: the latch of the records of the internal load balancer."""

    @property
    def alarm(self) -> str:
        """Name of the alarm that is in state ALARM while the latch is set."""
        return f"{self.cell}/failed-over{self._suffix}"

    def setting_alarm(self, app: str) -> str:
        """Returns the name of the alarm that sets the latch when an app fails."""
        return f"{self.setting_prefix}{app}"

    @property
    def setting_prefix(self) -> str:
        """Beginning of the names of all alarms that set the latch, and of no others."""
        return f"{self.cell}/failover{self._suffix}/"

    @property
    def metric(self) -> Metric:
        """Metric of the latch: 1 for each failover, 0 for a failback."""
        name = "FailedOverInternal" if self.internal else "FailedOver"
        return replace(log_metric(self.cell, name), only_with="a failover")

    @property
    def log_group(self) -> str:
        """Name of the log group of the failovers."""
        return f"/aws/events/{self.cell}/failover{self._suffix}"

    @property
    def event_rule(self) -> str:
        """Name of the EventBridge rule."""
        return f"{rule_prefix(self.cell)}-failover{self._suffix}"

    @property
    def _suffix(self) -> str:
        return INTERNAL_SUFFIX if self.internal else ""
