"""How long the games of Ossa (2014) take: seven regions, 1,386 tariffs, one adjoint a gradient.

python benchmarks/games.py
"""

import time

import numpy as np

from coregion.literature import caliendo_parro, ossa
from coregion.literature.check import reference_folder
from coregion.packages.game import Agreement, NashEquilibrium


def timed(what, work):
    begun = time.perf_counter()
    result = work()
    print(f"{what:<58}{time.perf_counter() - begun:9.3f} s", flush=True)
    return result


def main() -> None:
    folder = reference_folder()
    if folder is None:
        raise SystemExit("No reference data: name their folder by COREGION_REFERENCE.")
    nafta = caliendo_parro.load(folder)
    timed("Caliendo & Parro, NAFTA, compiling", lambda: caliendo_parro.nafta(nafta))
    timed("Caliendo & Parro, NAFTA, compiled (goal 3 s)", lambda: caliendo_parro.nafta(nafta))
    data = timed("Ossa, reading and removing imbalances", lambda: ossa.load(folder))
    actions, weights = np.full(data.game.owner.size, 0.4), np.eye(data.game.players)[0]
    timed("Ossa, payoff and gradient, compiling", lambda: data.game.value_and_gradient(weights, actions))
    timed("Ossa, payoff and gradient by one adjoint", lambda: data.game.value_and_gradient(weights, actions))
    timed("Ossa, optimal tariffs of one region", lambda: ossa.optimal_tariffs(data, "USA"))
    war = timed("Ossa, Nash with its certificate (goal 120 s)", lambda: ossa.nash(data))
    assert isinstance(war.found, NashEquilibrium)
    print("  welfare [%]:", np.round(war.welfare, 3), "stability:", round(war.found.stability, 3))
    talks = timed("Ossa, cooperation", lambda: ossa.cooperative(data, threat=war.welfare / 100 + 1))
    assert isinstance(talks.found, Agreement)
    print("  gain over Nash [%]:", np.round(100 * talks.found.gain, 4))


if __name__ == "__main__":
    main()
