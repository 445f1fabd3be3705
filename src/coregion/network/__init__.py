"""The transport network: its record, its files, the minutes it takes, and the changes that measures make to it."""
