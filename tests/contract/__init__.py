"""Contract with existing stacks: URNs, inputs and order of every resource of the shipped stacks."""
