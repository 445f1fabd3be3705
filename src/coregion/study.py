"""A study: load it, check it, calibrate it once, solve any package of its measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import jax.numpy as jnp

from coregion.air import NO_AIR, Air, collect_air
from coregion.calibrate.baseline import Baseline
from coregion.calibrate.calibrate import calibrate
from coregion.data.boundaries import boundary_mistakes
from coregion.data.settings import Settings, collect_settings
from coregion.data.study_files import missing_files, study_folder
from coregion.energy.outcome import NO_POWER, Power
from coregion.energy.stored import collect_power
from coregion.equilibrium import Equilibrium
from coregion.errors import CoregionError, InputMistakes, Mistake, raise_together
from coregion.measures.network_states import NetworkStates
from coregion.measures.package import prepare
from coregion.measures.places import place_codes
from coregion.measures.power import unknown_projects
from coregion.measures.read import collect_measures, in_file
from coregion.measures.record import Measure
from coregion.measures.select import chosen
from coregion.network.read import collect_network
from coregion.network.record import Network
from coregion.public_services import NO_PUBLIC_SERVICES, PublicServices, collect_public_services
from coregion.region import Region, collect_region, readable_codes
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, solve


@dataclass(frozen=True)
class Study:
    """A region with its network and measures, read and checked. folder: where its files lie."""

    folder: Path
    settings: Settings
    region: Region
    network: Network
    measures: tuple[Measure, ...]
    air: Air = NO_AIR
    public: PublicServices = NO_PUBLIC_SERVICES
    power: Power = NO_POWER

    @cached_property
    def _calibrated(self) -> Baseline:
        return replace(calibrate(self.region, self.network, self.air, self.public), power=self.power)

    def baseline(self) -> Baseline:
        """The calibrated baseline; made once. Raises CoregionError or NotConverged where the figures allow none."""
        return self._calibrated

    def with_measures(self, measures: Sequence[Measure]) -> Study:
        """The same study with other measures; a baseline that is calibrated already is kept."""
        other = replace(self, measures=tuple(measures))
        if "_calibrated" in self.__dict__:
            other.__dict__["_calibrated"] = self._calibrated
        return other

    def solve(
        self,
        measures: Sequence[str] | str | None = None,
        intensity: Mapping[str, float] | None = None,
        options: Options = Options(),  # noqa: B008
        known: NetworkStates | None = None,
    ) -> Equilibrium:
        """The equilibrium under some measures (all by default), at their own intensities or others.

        measures: their names, or one text that has them comma-separated, as on the command line.
        Raises InputMistakes for an unknown measure or an intensity out of bounds, NotConverged where no equilibrium
        was reached, with the market, the place and what to try.
        """
        baseline = self.baseline()
        names = [name.strip() for name in measures.split(",")] if isinstance(measures, str) else measures
        package = chosen(self.measures, names, intensity)
        amounts = [measure.intensity for measure in package]
        prepared = prepare(baseline, package, [amounts], known)
        shock = prepared.shock(jnp.asarray(amounts))
        solution = solve(baseline.economy, shock, options)
        region = self.region
        checked(baseline.economy, shock, solution, options, region.code, region.sectors)
        return Equilibrium(baseline, package, prepared, shock, solution)


def load_study(name_or_path: str | Path) -> Study:
    """A bundled study by name, or a folder of the same form; raises InputMistakes with every mistake in its files."""
    study, mistakes = collect_study(name_or_path)
    raise_together(mistakes)
    assert study is not None
    return study


def collect_study(name_or_path: str | Path) -> tuple[Study | None, list[Mistake]]:
    """A study and every mistake of its input; None where there are any.

    A mistake in one file does not hide those of the others: what follows is checked against what can be read.
    """
    folder = study_folder(name_or_path)
    settings, mistakes = collect_settings(folder)
    if settings is None:
        return None, mistakes
    missing = missing_files(folder, settings.tables.named)
    if missing:
        return None, [*mistakes, *missing]
    region, found = collect_region(folder, settings)
    mistakes += found
    inside, outside = readable_codes(folder, settings)
    codes = (*inside, *outside)
    network, found = collect_network(folder, settings, codes) if codes else (None, [])
    mistakes += found
    air, found = collect_air(folder, settings, region) if region is not None else (NO_AIR, [])
    mistakes += found
    public, found = (
        collect_public_services(folder, settings, region) if region is not None else (NO_PUBLIC_SERVICES, [])
    )
    mistakes += found
    power, found = collect_power(folder, settings.tables.power, place_codes(region) if region is not None else ())
    mistakes += found
    solved = not found
    measures, found = collect_measures(folder, settings, region, network)
    mistakes += found + boundary_mistakes(inside, settings)
    for measure in measures if solved else ():
        mistakes += in_file(folder, settings, measure, unknown_projects([measure], power))
    if mistakes or region is None or network is None:
        return None, mistakes
    return Study(folder, settings, region, network, measures, air, public, power), mistakes


def mistakes_at_the_baseline(study: Study) -> list[Mistake]:
    """What only the calibration finds: figures that no baseline fits, measures that it does not allow."""
    try:
        baseline = study.baseline()
    except InputMistakes as error:
        return list(error.mistakes)
    except CoregionError as error:
        found, _, expected = str(error).removeprefix("found ").rstrip(".").partition("; expected ")
        return [Mistake(found, expected or "figures that a baseline fits")]
    return [
        mistake
        for measure in study.measures
        for mistake in in_file(study.folder, study.settings, measure, measure.impossible(baseline))
    ]
