"""From observed figures to the baseline: the model's equations with knowns and unknowns exchanged."""
