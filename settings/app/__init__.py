"""The key ha-eks:apps: models, rules and cautions."""
