"""Orders from files: every row becomes a report by the ordinary way, or stays as a reject with its reason."""
