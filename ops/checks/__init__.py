"""The house rules that `ops/check` holds the repository against."""
