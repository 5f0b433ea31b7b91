"""Room that each zone holds for the pods of a lost one."""

from components.autoscaling.headroom.headroom import Headroom, HeadroomArgs
from components.autoscaling.headroom.pod import NAMESPACE

__all__ = ["NAMESPACE", "Headroom", "HeadroomArgs"]
