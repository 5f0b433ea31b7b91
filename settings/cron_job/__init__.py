"""The key ha-eks:cronJobs: models, rules and cautions."""
