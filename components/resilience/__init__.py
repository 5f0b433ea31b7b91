"""Practice of failures in AWS: a component with one file per section of `ha-eks:resilience`."""

from components.resilience.resilience import Resilience, ResilienceArgs

__all__ = ["Resilience", "ResilienceArgs"]
