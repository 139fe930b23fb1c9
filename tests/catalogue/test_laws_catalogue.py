"""What must hold of every law, in every combination of parameters it takes."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import special

from cxsim.laws import FORMS, MAKERS, PARAMETERS, make_law, pack_laws, quantile, quantile_of, scaled

PARTS = [
    {"share": 0.25, "law": "constant", "value": 20.0},
    {"share": 0.45, "law": "lognormal", "median": 90.0, "cv": 0.8},
    {
        "share": 0.3,
        "law": "mixture",
        "parts": [
            {"share": 0.5, "law": "empirical", "values": [5.0, 7.0, 300.0]},
            {"share": 0.5, "law": "hyperexponential", "mean": 60.0, "cv": 2.0},
        ],
    },
]
EXAMPLES = [
    ("constant", {"value": 42.0}),
    ("constant", {"value": 0.0}),
    ("constant", {"mean": 42.0}),
    ("exponential", {"mean": 180.0}),
    ("exponential", {"median": 180.0}),
    ("lognormal", {"mean": 480.0, "cv": 1.0}),
    ("lognormal", {"median": 21600.0, "cv": 1.0}),
    ("lognormal", {"mu": 5.0, "sigma": 0.7}),
    ("gamma", {"mean": 480.0, "cv": 0.4}),
    ("gamma", {"mean": 480.0, "cv": 1.0}),
    ("gamma", {"median": 100.0, "cv": 1.7}),
    ("gamma", {"shape": 2.5, "scale": 30.0}),
    ("gamma", {"shape": 0.6, "mean": 30.0}),
    ("erlang", {"phases": 1.0, "mean": 30.0}),
    ("erlang", {"phases": 4.0, "mean": 30.0}),
    ("weibull", {"mean": 300.0, "cv": 0.5}),
    ("weibull", {"median": 300.0, "cv": 1.6}),
    ("weibull", {"shape": 1.3, "scale": 60.0}),
    ("weibull", {"shape": 0.9, "mean": 60.0}),
    ("uniform", {"low": 10.0, "high": 20.0}),
    ("uniform", {"low": 0.0, "high": 0.0}),
    ("triangular", {"low": 10.0, "mode": 15.0, "high": 40.0}),
    ("triangular", {"low": 0.0, "mode": 0.0, "high": 40.0}),
    ("triangular", {"low": 7.0, "mode": 7.0, "high": 7.0}),
    ("pert", {"low": 10.0, "mode": 15.0, "high": 40.0}),
    ("pert", {"low": 0.0, "mode": 40.0, "high": 40.0}),
    ("normal", {"mean": 60.0, "sd": 10.0}),
    ("normal", {"mean": 60.0, "sd": 90.0}),
    ("normal", {"mean": 60.0, "cv": 0.5}),
    ("hyperexponential", {"mean": 60.0, "cv": 2.0}),
    ("hyperexponential", {"shares": [0.2, 0.3, 0.5], "means": [10.0, 60.0, 200.0]}),
    ("empirical", {"values": [30.0, 10.0, 20.0, 20.0]}),
    ("empirical", {"quantiles": {0.1: 20.0, 0.5: 60.0, 0.9: 400.0}}),
    ("empirical", {"quantiles": [(0.0, 5.0), (0.5, 60.0), (1.0, 100.0)]}),
    ("mixture", {"parts": PARTS}),
]
IDS = [f"{name}-{'-'.join(parameters)}-{i}" for i, (name, parameters) in enumerate(EXAMPLES)]
JUMPS = {"empirical", "mixture"}

every_law = pytest.mark.parametrize(("name", "parameters"), EXAMPLES, ids=IDS)


def moments(law):
    """Mean and standard deviation, from the integral of the quantile over u.

    Smooth laws: u = Phi(z) on an even grid of z, exact to many places; with jumps: the middles of equal steps of u.
    """
    z = np.linspace(-8.2, 8.2, 32_801)
    smooth = law.name not in JUMPS
    weights = np.exp(-0.5 * z * z) if smooth else np.ones(500_000)
    x = quantile_of(law, special.ndtr(z) if smooth else (np.arange(500_000) + 0.5) / 500_000)
    mean = np.average(x, weights=weights)
    return mean, math.sqrt(np.average((x - mean) ** 2, weights=weights))


def test_every_combination_of_every_law_has_an_example():
    shown = {(name, tuple(parameters)) for name, parameters in EXAMPLES}
    assert shown == {(name, form) for name, forms in FORMS.items() for form in forms}
    assert FORMS.keys() == MAKERS.keys() == PARAMETERS.keys()


def test_every_law_is_explained_in_a_sentence():
    assert all(maker.__doc__ and maker.__doc__.strip().endswith(".") for maker in MAKERS.values())


def test_every_parameter_has_a_dimension():
    known = {"time", "number", "share", "times", "numbers", "shares", "quantiles", "parts"}
    assert {dimension for parameters in PARAMETERS.values() for dimension in parameters.values()} <= known


@pytest.mark.parametrize(("name", "parameters"), [e for e in EXAMPLES if e[0] != "mixture"])  # its parts overlap
def test_quantile_never_falls(name, parameters):
    x = quantile_of(make_law(name, parameters), np.linspace(0.0, 1.0, 5001)[1:-1])
    assert np.all(np.diff(x) >= 0.0)


@every_law
def test_variates_are_finite_and_never_negative(name, parameters):
    x = quantile_of(make_law(name, parameters), [2.0**-53, 1e-12, 0.5, 1 - 1e-12, 1 - 2.0**-53])
    assert np.all(np.isfinite(x))
    assert np.all(x >= 0.0)


@every_law
def test_mean_and_spread_are_those_of_the_variates(name, parameters):
    law = make_law(name, parameters)
    mean, deviation = moments(law)
    tolerance = 2e-3 if name in JUMPS else 2e-6
    assert mean == pytest.approx(law.mean, rel=tolerance, abs=1e-12)
    assert deviation == pytest.approx(law.cv * law.mean, rel=tolerance, abs=1e-9)


@every_law
def test_stated_moments_are_kept(name, parameters):
    law = make_law(name, parameters)
    if name != "normal":  # its parameters are those of the uncut law
        assert law.mean == pytest.approx(parameters.get("mean", law.mean), rel=1e-12)
        assert law.cv == pytest.approx(parameters.get("cv", law.cv), rel=1e-9)
    if "median" in parameters:
        assert quantile_of(law, 0.5) == pytest.approx(parameters["median"], rel=1e-12)


@every_law
def test_scaled_law_has_scaled_variates(name, parameters):
    law = make_law(name, parameters)
    u = [0.01, 0.3, 0.5, 0.99]
    twice = scaled(law, 2.0)
    assert np.array_equal(quantile_of(twice, u), 2.0 * quantile_of(law, u))
    assert (twice.mean, twice.cv) == (2.0 * law.mean, law.cv)


@every_law
def test_parameter_too_many_is_refused_by_name(name, parameters):
    with pytest.raises(ValueError, match=rf"^pace: unknown; {name} takes "):
        make_law(name, {**parameters, "pace": 1.0})


def test_packed_together_laws_stay_what_they_are():
    laws = [make_law(name, parameters) for name, parameters in EXAMPLES]
    packed = pack_laws(laws)
    for i, law in enumerate(laws):
        for u in (0.001, 0.26, 0.5, 0.72, 0.93):
            assert quantile(packed, i, u) == quantile_of(law, u)


PRINT_VARIATES = f"""
import numpy as np
from cxsim.laws import make_law, pack_laws, quantile
laws = [make_law(name, parameters) for name, parameters in {EXAMPLES!r}]
packed = pack_laws(laws)
for i, law in enumerate(laws):
    variates = [float(quantile(packed, i, (k + 0.5) / 20)).hex() for k in range(20)]
    print(law.name, law.mean.hex(), law.cv.hex(), *variates)
"""


def printed(code, *, uncompiled):
    given = {**os.environ, "NUMBA_DISABLE_JIT": "1" if uncompiled else "0"}
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", code]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout


def test_compiled_and_uncompiled_give_the_same_bits():
    compiled = printed(PRINT_VARIATES, uncompiled=False)
    assert len(compiled.splitlines()) == len(EXAMPLES)
    assert compiled == printed(PRINT_VARIATES, uncompiled=True)
