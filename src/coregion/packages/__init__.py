"""Packages of measures and the governments that take them: games, decompositions, transfers."""
