"""All rules over several cells."""

from tools.rules.cells import capacity, independence, traffic

CELL_RULES = (*traffic.RULES, *independence.RULES, *capacity.RULES)
