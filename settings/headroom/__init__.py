"""The key ha-eks:headroom: models, rules and cautions."""
