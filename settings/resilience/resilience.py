"""`ha-eks:resilience`: how AWS practices failures of the cell, and answers them."""

from settings.reading.section import Section
from settings.resilience.autoshift import Autoshift
from settings.resilience.backup import Backup
from settings.resilience.experiments import Experiments


class Resilience(Section):
    """Practice of failures in AWS, and the answers of AWS to them."""

    autoshift: Autoshift | None = None
    """Zonal autoshift of the cluster and the load balancers, with practice runs; `{}` selects the
    defaults. Default: no autoshift."""

    experiments: Experiments = Experiments()
    """Experiments of AWS Fault Injection Service. Default: none."""

    backup: Backup | None = None
    """Backups of the cluster and its volumes by AWS Backup; `{}` selects the defaults. Default: no
    backups."""

    @property
    def enabled(self) -> bool:
        """True if AWS practices failures of the cell, or backs up the cell."""
        return self.autoshift is not None or self.backup is not None

    @property
    def stopped_by_alarms(self) -> bool:
        """True if an alarm must stop a practice run or an experiment."""
        return self.autoshift is not None or bool(self.experiments.enabled)
