"""The power system: solved before the economy, which takes prices and emissions from it as data."""
