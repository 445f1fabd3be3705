"""The published models as settings of the one model, each with its published table."""
