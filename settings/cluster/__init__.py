"""The key ha-eks:cluster: models, rules and cautions."""
