"""`ha-eks:observability`: logs and metrics of nodes and applications."""

from settings.retention import RetentionDays
from settings.section import Section


class Observability(Section):
    """Container Insights and the logs of nodes and pods, in CloudWatch."""

    log_retention_days: RetentionDays = 30
    """How long they are kept."""
