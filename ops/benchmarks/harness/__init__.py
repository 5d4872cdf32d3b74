"""The benchmark: this fleet and its peers, the same work on the same servers, round by round."""
