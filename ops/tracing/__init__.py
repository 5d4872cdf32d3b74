"""A receiver of traces that shares nothing with the fleet, and what judges the traces that it has received."""
