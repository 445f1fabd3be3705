"""coregion beside gegravity (Herman 2021): the same countries, the same agreement, in one run.

gegravity lives in an environment of its own, since it pins other things: make one with ``python -m venv DIR`` and
``DIR/bin/pip install gegravity``. Run: ``python benchmarks/gravity.py DIR/bin/python``. It prints JSON: the answers of
both, with the shares held and with income feedback, and the seconds of each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np

from coregion.literature import dekle_eaton_kortum as dek
from coregion.literature.gravity_sample import CANADA_CHINA, COEFFICIENTS, GravitySample, pairs, sample

REPEATS = 20

THEIRS = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
import gegravity as ge

given = json.load(sys.stdin)
rows = pd.DataFrame(given["rows"])
names = list(given["coefficients"])
table = pd.DataFrame([{"var": name, "coeff": given["coefficients"][name], "ste": 0.1} for name in names])
costs = ge.CostCoeffs(estimates=table, identifier_col="var", coeff_col="coeff", stderr_col="ste")
baseline = ge.BaselineData(rows, imp_var_name="importer", exp_var_name="exporter", year_var_name="year",
                           trade_var_name="trade", expend_var_name="E", output_var_name="Y")
model = ge.OneSectorGE(baseline, year="2006", cost_coeff_values=costs, cost_variables=names,
                       reference_importer="DEU", sigma=given["sigma"], quiet=True)
start = time.perf_counter()
model.build_baseline(omr_rescale=10, mr_tolerance=1e-13)
built = time.perf_counter() - start
after = model.baseline_data.copy()
after["agreement"] = model.baseline_data.merge(
    pd.DataFrame(given["after"]), on=["exporter", "importer"], how="left")["after"].values
start = time.perf_counter()
model.define_experiment(after)
model.simulate(ge_tolerance=1e-13)
solved = time.perf_counter() - start
table = model.country_results
country = {code: [model.country_set[code].experiment_factory_price,
                  model.country_set[code].experiment_imr / model.country_set[code].baseline_imr]
           for code in table.index}
json.dump({"country": country, "built": built, "solved": solved}, sys.stdout)
"""


def theirs(python: str, data: GravitySample) -> dict:
    """gegravity's factory gate prices and price indices, after over before, by country, and its seconds."""
    after = np.maximum(data.agreement, pairs(CANADA_CHINA))
    marks = {"distance": data.log_distance, "bordering": data.bordering, "agreement": data.agreement}
    marks |= {"language": data.language, "border": 1 - np.eye(len(data.codes))}
    spending = data.spending * data.output.sum() / data.spending.sum()
    order = [(n, i) for n in range(len(data.codes)) for i in range(len(data.codes))]
    where = [{"importer": data.codes[n], "exporter": data.codes[i]} for n, i in order]
    rows = [
        place
        | {"year": "2006", "trade": 1.0, "Y": data.output[i], "E": spending[n]}
        | {name: float(values[n, i]) for name, values in marks.items()}
        for place, (n, i) in zip(where, order, strict=True)
    ]
    changed = [place | {"after": float(after[n, i])} for place, (n, i) in zip(where, order, strict=True)]
    given = {"rows": rows, "after": changed, "coefficients": COEFFICIENTS, "sigma": data.elasticity + 1}
    done = subprocess.run([python, "-c", THEIRS], input=json.dumps(given), capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SystemExit(f"gegravity failed: {done.stderr[-800:]}")
    return json.loads(done.stdout[done.stdout.index("{") :])


def seconds(run) -> float:
    """Seconds of one run once compiled, the median of ``REPEATS``."""
    run()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def main(python: str) -> None:
    """Print both answers and the ratio of their times."""
    data = sample()
    peer = theirs(python, data)
    economy = dek.from_costs(data.cost_weight(data.agreement), data.output, data.spending, data.elasticity)
    hat = data.cost_hat(CANADA_CHINA)
    held, full = dek.shares_held(economy, hat), dek.counterfactual(economy, hat)
    real = np.asarray([peer["country"][code][0] / peer["country"][code][1] for code in data.codes])
    spent = seconds(lambda: dek.counterfactual(economy, hat))
    print(
        json.dumps(
            {
                "real income, gegravity, %": dict(zip(data.codes, 100 * (real - 1), strict=True)),
                "real income, shares held, %": dict(zip(data.codes, 100 * (held.real_wage_hat - 1), strict=True)),
                "real wage, income follows, %": dict(zip(data.codes, 100 * (full.real_wage_hat - 1), strict=True)),
                "largest difference, gegravity less shares held": float(np.abs(real - held.real_wage_hat).max()),
                "seconds, gegravity, shares held": peer["solved"],
                "seconds, coregion, income follows, once compiled": spent,
                "times faster": peer["solved"] / spent,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
