"""All packages of some measures of the bundled study: in blocks against one at a time, in one warm process.

python benchmarks/packages.py [MEASURES] [SAMPLE]: the first MEASURES of the study (10: 1,024 packages), all in blocks;
SAMPLE of the same packages (64), evenly spread, by the single solver. Neither way with the rows of the tables, which
are the same for both and told apart; each also in processor seconds, which neighbours on the machine move less. Then
the gradient of welfare by every measure against one solution. Prints what it finds; ends with 1 if a goal is missed.
"""

from __future__ import annotations

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from coregion.all_packages import OutcomeReader, PackageRows
from coregion.equilibrium import outcome_function
from coregion.measures.package import prepare
from coregion.packages.batch import compiled_shock, one_at_a_time, steered, steering
from coregion.packages.lattice import by_measure, guess, plan
from coregion.solve.equilibrium import Options, solve
from coregion.study import load_study

GOAL_RATIO, GOAL_SECONDS = 4.0, 120.0


def main(measures: int, sample: int) -> int:
    """Seconds, ratios, and whether both ways agree."""
    study = load_study("jingjinji")
    baseline = study.baseline()
    lattice = by_measure(study.measures[:measures])
    amounts = lattice.intensities
    begun = time.perf_counter()
    prepared = prepare(baseline, lattice.measures, amounts)
    print(f"{len(amounts)} packages of {measures} measures; travel times {time.perf_counter() - begun:.1f} s")
    reader = OutcomeReader(baseline.economy, jnp.asarray(baseline.minutes["commuting"]))
    rows = PackageRows.of(baseline, lattice)
    chosen = np.unique(np.linspace(0, len(amounts) - 1, min(sample, len(amounts))).astype(int))
    blocks = plan(lattice, prepared)
    options = Options()

    one_at_a_time(prepared, amounts[chosen[:1]], reader, options)
    guess(lattice, prepared, steering(prepared, amounts[-1] / 2, options), options)
    begun = _now()
    inverse = steering(prepared, amounts[-1] / 2, options)
    starts = guess(lattice, prepared, inverse, options)
    steer = _now() - begun
    size = max(len(block) for block in blocks.blocks)

    def solved(block):
        padded = np.pad(block, (0, size - len(block)), mode="edge")
        begin = starts.of(lattice.sets.members[padded])
        return steered(prepared, amounts[padded], inverse, blocks.alike, reader, options, begin).first(len(block))

    begun = time.perf_counter()
    solved(blocks.blocks[0])
    first = time.perf_counter() - begun
    print(f"inverse Jacobian, measures alone and two by two {steer[0]:.1f} s; first block, compiled, {first:.1f} s")

    singles, alone, together, told, answers = [], np.zeros(2), np.zeros(2), np.zeros(2), {}
    pieces = np.array_split(chosen, min(8, len(chosen)))
    groups = np.array_split(np.arange(len(blocks.blocks)), len(pieces))
    for piece, group in zip(pieces, groups, strict=True):
        begun = _now()
        singles.append(one_at_a_time(prepared, amounts[piece], reader, options))
        alone += _now() - begun
        for number in group:
            begun = _now()
            found = solved(blocks.blocks[number])
            together += _now() - begun
            begun = _now()
            rows(blocks.blocks[number], found)
            told += _now() - begun
            answers |= {int(c): (found, i) for i, c in enumerate(blocks.blocks[number])}
    missed = _told(amounts, chosen, singles, answers, alone / len(chosen), together, steer, told)
    return missed | _gradient(baseline, prepared, amounts[-1], options)


def _now() -> np.ndarray:
    """Seconds by the clock and of the processors."""
    return np.array([time.perf_counter(), time.process_time()])


def _told(amounts, chosen, singles, answers, alone, together, steer, told) -> int:
    each, total = together / len(amounts), together + steer
    for kind, place in (("clock", 0), ("processor", 1)):
        print(
            f"by the {kind}: one at a time {1e3 * alone[place]:.1f} ms a package over {len(chosen)}, in blocks "
            f"{1e3 * each[place]:.1f}, ratio {alone[place] / each[place]:.2f}; what all share "
            f"{steer[place]:.1f} s once, ratio with it {alone[place] * len(amounts) / total[place]:.2f}"
        )
    steps = [float(found.steps[i]) for found, i in answers.values()]
    failed = sum(not found.converged[i] for found, i in answers.values())
    print(f"steps {np.mean(steps):.1f} on average, at most {max(steps):.0f}; {failed} packages without an equilibrium")
    apart, position = 0.0, 0
    for piece in singles:
        for row in range(len(piece)):
            found, i = answers[int(chosen[position])]
            mine, other = found.told["residents"][i], piece.told["residents"][row]
            apart = max(apart, float(np.abs(mine / other - 1).max()))
            position += 1
    print(f"largest relative difference of residents between the two ways {apart:.1e}")
    ratio = alone[0] * len(amounts) / total[0]
    print(f"ratio {ratio:.2f} (goal {GOAL_RATIO:g})")
    whole = total[0] + told[0]
    print(f"all {len(amounts)} in {whole:.1f} s, {told[0]:.1f} of it their rows (goal {GOAL_SECONDS:g} for 1,024)")
    return int(len(amounts) >= 1024 and (ratio < GOAL_RATIO or whole * 1024 / len(amounts) > GOAL_SECONDS))


def _gradient(baseline, prepared, amounts, options) -> int:
    """Seconds of one solution, and of the adjoint's gradient of welfare by every measure from there on."""
    welfare, economy = outcome_function(baseline, "welfare[all]"), baseline.economy
    point = jnp.asarray(amounts)
    shock = compiled_shock(prepared, point)
    solution = solve(economy, shock, options)

    @jax.jit
    def slope(at):
        def value(intensities):
            moved = prepared.shock(intensities)
            return welfare(moved, solve(economy, moved, options, solution.unknowns))

        return jax.grad(value)(at)

    jax.block_until_ready(slope(point))
    solving, deriving = [], []
    for _ in range(3):
        begun = time.perf_counter()
        jax.block_until_ready(solve(economy, compiled_shock(prepared, point), options).error)
        solving.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        jax.block_until_ready(slope(point))
        deriving.append(time.perf_counter() - begun)
    ratio = float(np.median(deriving) / np.median(solving))
    print(f"gradient of welfare by {len(amounts)} measures {ratio:.2f} of one solution (goal 1)")
    return int(ratio > 1)


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(arguments + [10, 64][len(arguments) :])))
