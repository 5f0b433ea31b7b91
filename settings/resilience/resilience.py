"""`ha-eks:resilience`: how AWS practices failures of the cell, and answers them."""

from settings.reading.section import Section
from settings.resilience.autoshift import Autoshift
from settings.resilience.experiments import Experiments


class Resilience(Section):
    """Practice of failures in AWS, and the answers of AWS to them."""

    autoshift: Autoshift | None = None
    """Zonal autoshift of the cluster and the load balancers, with practice runs; `{}` selects the
    defaults. Default: no autoshift."""

    experiments: Experiments = Experiments()
    """Experiments of AWS Fault Injection Service. Default: none."""

    @property
    def enabled(self) -> bool:
        """True if AWS itself practices failures of the cell."""
        return self.autoshift is not None

    @property
    def stopped_by_alarms(self) -> bool:
        """True if an alarm must stop a practice run or an experiment."""
        return self.autoshift is not None or bool(self.experiments.enabled)
