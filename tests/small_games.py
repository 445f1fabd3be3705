"""Small games whose answers are known, and games at random."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

CLOSE = {"rtol": 0, "atol": 1e-10}
PUBLIC_BAD = np.array([0, 2.5, 2.5, 6, 2.5, 6, 6, 13.5])
AIRPORT_COSTS = np.array([0, 1, 2, 2, 3, 3, 3, 3.0])
GLOVES = np.array([0, 0, 0, 1, 0, 1, 0, 1.0])
MAJORITY = np.array([0, 0, 0, 1, 0, 1, 1, 1.0])
ONE_TO_FIVE = st.integers(1, 5)


def games(players=ONE_TO_FIVE):
    numbers = st.integers(-1000, 1000).map(lambda whole: whole / 8)
    return players.flatmap(lambda n: hnp.arrays(float, 1 << n, elements=numbers))
