"""The key ha-eks:loadBalancing: models, rules and cautions."""
