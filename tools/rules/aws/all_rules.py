"""All rules over AWS resources."""

from collections.abc import Sequence

from tools.rules.aws import cluster, egress, nodes
from tools.rules.resources import Resources
from tools.rules.rule import Rule

AWS_RULES: Sequence[Rule[Resources]] = (*egress.RULES, *nodes.RULES, *cluster.RULES)
"""All rules over AWS resources, by id."""
