"""Outside files become checked tables; the only place that converts units."""
