"""Room that each zone holds for the pods of a lost one."""

from components.autoscaling.headroom.headroom import Headroom, HeadroomArgs

__all__ = ["Headroom", "HeadroomArgs"]
