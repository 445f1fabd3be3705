"""The report of a run: one page that works with the network cut, and the same tables as a workbook.

Reads results; computes no equilibrium.
"""
