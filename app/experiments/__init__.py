"""Who sees what, by lot, and whether it made a difference: experiments with a holdout."""
