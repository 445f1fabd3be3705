"""Measures: what governments can do, what it changes in the model, what it costs and who pays."""
