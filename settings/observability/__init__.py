"""The key ha-eks:observability: models, rules and cautions."""
