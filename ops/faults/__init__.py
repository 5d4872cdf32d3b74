"""Real faults against a private stack, and the check that nothing was lost, doubled or left unexplained."""
