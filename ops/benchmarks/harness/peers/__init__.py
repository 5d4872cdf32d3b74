"""The peers' programs: the same no-op task in each of them."""
