"""Templates of the AWS FIS experiments of a cell."""

from components.resilience.experiments.experiments import Experiments, ExperimentsArgs
from components.resilience.experiments.targets import Targets

__all__ = ["Experiments", "ExperimentsArgs", "Targets"]
