"""Room that each zone holds for the pods of a lost one."""

from components.overprovisioner.overprovisioner import Overprovisioner, OverprovisionerArgs
from components.overprovisioner.pause_pods import NAMESPACE

__all__ = ["NAMESPACE", "Overprovisioner", "OverprovisionerArgs"]
