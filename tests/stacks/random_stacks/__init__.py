"""Hypothesis strategies for stack files that use every key: valid ones, and ones with errors."""

from tests.stacks.random_stacks.accelerators import accelerate
from tests.stacks.random_stacks.broken import broken_stacks
from tests.stacks.random_stacks.drawing import Config
from tests.stacks.random_stacks.network import existing, in_existing_vpc
from tests.stacks.random_stacks.stack import stacks

__all__ = ["Config", "accelerate", "broken_stacks", "existing", "in_existing_vpc", "stacks"]
