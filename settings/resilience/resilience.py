"""`ha-eks:resilience`: zonal autoshift, experiments and backups of the cell by AWS."""

from settings.reading.section import Section
from settings.resilience.autoshift import Autoshift
from settings.resilience.backup import Backup
from settings.resilience.experiments import Experiments


class Resilience(Section):
    """Zonal autoshift with practice runs, fault-injection experiments and backups, by AWS."""

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
        """True if the cell has zonal autoshift or backups."""
        return self.autoshift is not None or self.backup is not None

    @property
    def stopped_by_alarms(self) -> bool:
        """True if an alarm must stop a practice run or an experiment."""
        return self.autoshift is not None or bool(self.experiments.enabled)
