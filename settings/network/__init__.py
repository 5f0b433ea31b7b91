"""The key ha-eks:network: models, rules and cautions."""
