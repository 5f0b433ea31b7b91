"""Overprovisioner: holds headroom in each zone for the pods of a failed zone.

Overprovisioning means that nodes have more capacity than the pods need. Depending on
`headroom.mode` of the stack file, pause pods or CapacityBuffers reserve this capacity (headroom).
"""

from components.overprovisioner.overprovisioner import Overprovisioner, OverprovisionerArgs
from components.overprovisioner.pause_pods import NAMESPACE

__all__ = ["NAMESPACE", "Overprovisioner", "OverprovisionerArgs"]
