"""The measures: each a function from the context to the values of one round."""
