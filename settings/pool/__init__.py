"""The key ha-eks:pools: models, rules and cautions."""
