"""Randomness as a function of who and why, and elementary functions that give the same bits on every machine.

A draw has an address instead of a place in a sequence: seed, replication, entity (a case, a person, an agent, a day)
and, within the entity, contact, touch and purpose. No state is kept, so nothing that is added elsewhere moves a draw.
Above 300 lines because draws and the functions that shape them are frozen together: one file holds the bits of a seed.

Addresses are packed into whole numbers. An entity is its kind in bits 56 and up and a number below:

========  =======================================  ================================================================
kind      number                                   made by
========  =======================================  ================================================================
CASE      type * 2**40 + day * 2**24 + n           `case_number`: the n-th case of a contact type on a day
PERSON    the customer's number
AGENT     group * 2**24 + agent                    `agent_number`
DAY       lane * 2**24 + day                       `day_number`: lane 0 is shared by all contact types, type + 1 its own
========  =======================================  ================================================================

Draws of an agent that differ from day to day (absence) have the day in the place of the contact; draws of a day that
differ from interval to interval (busyness) have the interval there.

Source
------
Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators (the finaliser of SplitMix64).
`log` and `exp`: the reductions and coefficients of Sun Microsystems' fdlibm (e_log.c, e_exp.c; error below 1 ulp).
`normal_quantile`: Wichura (1988), Algorithm AS 241: the percentage points of the normal distribution (PPND16).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxsim.compiled import COMPILED, njit, njit_into

# Purposes: append only. A number, once given, is part of the meaning of every seed.
ARRIVAL = 0
ENTRY = 1
CUSTOMER = 2
SEGMENT = 3
PATIENCE = 4
PATIENCE_AT_ONCE = 5
TALK = 6
AFTER_CALL = 7
HOLD = 8
RESOLUTION = 9
FALSE_RESOLUTION = 10
EXIT = 11
DELAY = 12
SPEED = 13
QUALITY = 14
ABSENCE = 15
BUSYNESS = 16
DURATION = 17  # of an automated touchpoint
STYLE = 18
BRAND = 19
CHURN = 20
HALO = 21
ITEM_SATISFACTION = 22
ITEM_EASE = 23
ITEM_RECOMMENDATION = 24
ITEM_INTENTION = 25
INVITATION = 26
RESPONSE = 27
COMMENT = 28
THEME = 29
REFERENCE = 30
BALK = 31
CALLBACK = 32
CALLBACK_ANSWER = 33
CHASER = 34
RING = 35
UNAVAILABLE = 36
UNAVAILABLE_FOR = 37
LATE = 38
LATE_BY = 39
TENURE = 40
BATCH = 41
CHOICE = 42
POLARITY = 43  # of a comment
SENTENCE = 44
SUBSAMPLE = 45  # who stands for all where many sets of parameters are tried
REACHED = 46
PREVIEW = 47
DIAL = 48  # until somebody picks up, or nobody does
N_PURPOSES = 64

# Kinds of entities; PERSON is a customer of the population (CUSTOMER is the purpose of choosing one).
CASE = 0
PERSON = 1
AGENT = 2
DAY = 3

N_TOUCHES = 256
SEED_LIMIT = 2**63

ENTITY_STRIDE = np.uint64(0x9E3779B97F4A7C15)
DRAW_STRIDE = np.uint64(0xD1342543DE82EF95)
MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)


if COMPILED:

    @njit
    def mixed(key: Any, number: Any, stride: Any) -> Any:
        """Key + number * stride modulo 2**64 through the finaliser of SplitMix64 [uint64]."""
        x = np.uint64(key) + np.uint64(number) * np.uint64(stride)
        x = (x ^ (x >> np.uint64(30))) * MULTIPLIER_1
        x = (x ^ (x >> np.uint64(27))) * MULTIPLIER_2
        return x ^ (x >> np.uint64(31))

    @njit
    def signed(x: Any) -> Any:
        """The same 64 bits as int64."""
        return np.int64(x)

else:
    # NumPy warns when a scalar runs over 2**64, so the same steps in Python's whole numbers.
    def mixed(key: Any, number: Any, stride: Any) -> Any:
        """Key + number * stride modulo 2**64 through the finaliser of SplitMix64 [uint64]."""
        x = (int(key) + int(number) * int(stride)) % 2**64
        x = (x ^ (x >> 30)) * int(MULTIPLIER_1) % 2**64
        x = (x ^ (x >> 27)) * int(MULTIPLIER_2) % 2**64
        return np.uint64(x ^ (x >> 31))

    def signed(x: Any) -> Any:
        """The same 64 bits as int64."""
        return x.astype(np.int64)


def replication_key(seed: int, replication: int) -> int:
    """The key of one replication, from which all its draws follow.

    Keys are 64 bits read as int64: the one type that a Python int keeps on its way into compiled code and back.

    Parameters
    ----------
    seed, replication : int
        0 or more, below 2**63; seed 0 is a seed like any other.

    Raises
    ------
    ValueError
        A number out of that range.
    """
    for name, value in (("seed", seed), ("replication", replication)):
        if not 0 <= value < SEED_LIMIT:
            raise ValueError(f"{name}: {value}; a whole number from 0 to 2**63 - 1 is allowed")
    return int(next_key(next_key(int(seed), 1), int(replication)))


@njit
def next_key(key: Any, number: Any) -> Any:
    """The key of the part of that number within what has this key [int64]."""
    return signed(mixed(key, number, ENTITY_STRIDE))


@njit
def case_number(contact_type: Any, day: Any, n: Any) -> Any:
    """The number of the n-th case of a contact type on a day (day below 2**16, n below 2**24)."""
    return (contact_type << 40) + (day << 24) + n


@njit
def agent_number(group: Any, agent: Any) -> Any:
    """The number of an agent of a group (agent below 2**24)."""
    return (group << 24) + agent


@njit
def day_number(lane: Any, day: Any) -> Any:
    """The number of a day: lane 0 for what all contact types share, lane type + 1 for what is one type's own."""
    return (lane << 24) + day


@njit
def entity_key(replication_key: Any, kind: Any, number: Any) -> Any:
    """The key of one entity in one replication [int64]; kind below 128, number from 0 to 2**56 - 1."""
    return next_key(replication_key, (kind << 56) + number)


@njit
def address(contact: Any, touch: Any, purpose: Any) -> Any:
    """The place of a draw within its entity: contact from 0, touch below 256, one of the 64 purposes."""
    return (contact * N_TOUCHES + touch) * N_PURPOSES + purpose


@njit
def uniform(entity_key: Any, address: Any) -> Any:
    """The uniform number of an address, strictly between 0 and 1 and symmetric: 1 - u is exact, its antithetic."""
    x = mixed(entity_key, address, DRAW_STRIDE)
    return (np.float64(x >> np.uint64(12)) + 0.5) * 2.0**-52


@njit
def fill_uniforms(out: Any, replication_key: Any, kind: Any, numbers: Any, address: Any) -> None:
    """Write the uniform number of one address for each entity of a kind to `out`; compiled twin of `uniforms`."""
    for i in range(len(numbers)):
        out[i] = uniform(entity_key(replication_key, kind, numbers[i]), address)


def uniforms(replication_key: Any, kind: int, numbers: ArrayLike, address: int) -> NDArray[np.float64]:
    """The uniform numbers of one address for many entities of one kind.

    Parameters
    ----------
    replication_key : int
        From `replication_key`.
    kind : int
        CASE, PERSON, AGENT or DAY.
    numbers : array of int, shape (n,)
        The entities, each 0 or more.
    address : int
        From `address`.

    Returns
    -------
    array of float64, shape (n,)

    Raises
    ------
    ValueError
        A kind, number or address below 0.
    """
    which = np.ascontiguousarray(numbers, dtype=np.int64)
    if kind < 0 or address < 0 or (which.size and which.min() < 0):
        raise ValueError("uniforms: a number below 0; kinds, entities and addresses count from 0")
    out = np.empty(len(which))
    fill_uniforms(out, int(replication_key), kind, which, address)
    return out


@njit
def power_of_two(k: Any) -> Any:
    """2**k, put together from its bits, for k from -1022 to 1023."""
    return np.int64((np.int64(k) + 1023) << 52).view(np.float64)


@njit_into
def log_of_normal(x: Any, k: Any) -> Any:
    """Logarithm of x * 2**k, for x neither subnormal nor infinite, above 0."""
    # Offset so that the fraction m = x / 2**k lies between sqrt(1/2) and sqrt(2).
    bits = np.float64(x).view(np.int64)
    shifted = bits + np.int64(0x3FF0000000000000 - 0x3FE6A09E00000000)
    k += np.float64((shifted >> np.int64(52)) - np.int64(1023))
    fraction = (shifted & np.int64(0x000FFFFFFFFFFFFF)) + np.int64(0x3FE6A09E00000000)
    f = np.int64(fraction).view(np.float64) - 1.0
    half_square = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = 1.818357216161805012e-01 + w * 1.479819860511658591e-01
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * odd))
    rest = s * (half_square + (odd + even)) + k * 1.90821492927058770002e-10
    return rest - half_square + f + k * 6.93147180369123816490e-01


@njit
def log(x: Any) -> Any:
    """Natural logarithm, less than 1 ulp off; -inf at 0, NaN below."""
    if not 0.0 < x < np.inf:
        return -np.inf if x == 0.0 else (np.inf if x > 0.0 else np.nan)
    if x < 2.2250738585072014e-308:  # subnormal
        return log_of_normal(x * 18014398509481984.0, -54.0)
    return log_of_normal(x, 0.0)


@njit_into
def exp_inside(x: Any) -> Any:
    """`exp` for x in the range in which it is neither 0 nor infinite."""
    k = math.floor(1.44269504088896338700 * x + 0.5)
    high = x - k * 6.93147180369123816490e-01
    low = k * 1.90821492927058770002e-10
    r = high - low
    t = r * r
    c = -1.65339022054652515390e-06 + t * 4.13813679705723846039e-08
    c = 1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (6.61375632143793436117e-05 + t * c))
    c = r - t * c
    y = 1.0 + (r * c / (2.0 - c) - low + high)
    # Two steps: 2**k itself may lie outside the range of normal numbers.
    half = k >> 1
    return y * power_of_two(half) * power_of_two(k - half)


@njit
def exp(x: Any) -> Any:
    """Exponential function, less than 1 ulp off; inf above 709.78, 0 below -745.13."""
    if not -745.13321910194110842 <= x <= 709.782712893383973096:
        return np.inf if x > 0.0 else (0.0 if x < 0.0 else np.nan)
    return exp_inside(x)


@njit_into
def normal_middle(q: Any) -> Any:
    """`normal_quantile` of 1/2 + q, for q from -0.425 to 0.425."""
    r = 0.180625 - q * q
    above = 33430.575583588128105 + r * 2509.0809287301226727
    above = 45921.953931549871457 + r * (67265.770927008700853 + r * above)
    above = 133.14166789178437745 + r * (1971.5909503065514427 + r * (13731.693765509461125 + r * above))
    below = 28729.085735721942674 + r * 5226.495278852545925
    below = 21213.794301586595867 + r * (39307.89580009271061 + r * below)
    below = 42.313330701600911252 + r * (687.1870074920579083 + r * (5394.1960214247511077 + r * below))
    return q * (3.387132872796366608 + r * above) / (1.0 + r * below)


@njit_into
def normal_tail(r: Any) -> Any:
    """Size of the normal variate of a share exp(-r * r) in a tail, for r up to 5 outside of `normal_middle`."""
    r -= 1.6
    above = 0.0227238449892691845833 + r * 7.7454501427834140764e-4
    above = 1.27045825245236838258 + r * (0.24178072517745061177 + r * above)
    above = 4.6303378461565452959 + r * (5.7694972214606914055 + r * (3.64784832476320460504 + r * above))
    above = 1.42343711074968357734 + r * above
    below = 5.475938084995344946e-4 + r * 1.05075007164441684324e-9
    below = 0.14810397642748007459 + r * (0.0151986665636164571966 + r * below)
    below = 2.05319162663775882187 + r * (1.6763848301838038494 + r * (0.68976733498510000455 + r * below))
    return above / (1.0 + r * below)


@njit
def normal_quantile(u: Any) -> Any:
    """The standard normal variate below which the share u lies (relative error about 1e-15); infinite at 0 and 1.

    Odd about 1/2 to the last bit wherever 1 - u is exact, as it is for every `uniform`.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        return normal_middle(q)
    tail = u if q < 0.0 else 1.0 - u
    if not tail > 0.0:
        return (-np.inf if q < 0.0 else np.inf) if tail == 0.0 else np.nan
    r = math.sqrt(-log(tail))
    if r <= 5.0:
        value = normal_tail(r)
        return -value if q < 0.0 else value
    r -= 5.0
    above = 2.71155556874348757815e-5 + r * 2.01033439929228813265e-7
    above = 0.026532189526576123093 + r * (0.0012426609473880784386 + r * above)
    above = 5.4637849111641143699 + r * (1.7848265399172913358 + r * (0.29656057182850489123 + r * above))
    above = 6.6579046435011037772 + r * above
    below = 1.4215117583164458887e-7 + r * 2.04426310338993978564e-15
    below = 7.868691311456132591e-4 + r * (1.8463183175100546818e-5 + r * below)
    below = 0.59983220655588793769 + r * (0.13692988092273580531 + r * (0.0148753612908506148525 + r * below))
    value = above / (1.0 + r * below)
    return -value if q < 0.0 else value


@njit
def fill_logs(out: Any, x: Any) -> None:
    """Write the logarithm of each element of `x` to `out`."""
    for i in range(len(x)):
        out[i] = log(x[i])


@njit
def fill_exps(out: Any, x: Any) -> None:
    """Write the exponential of each element of `x` to `out`."""
    for i in range(len(x)):
        out[i] = exp(x[i])


@njit
def fill_normals(out: Any, u: Any) -> None:
    """Write the standard normal variate of each share of `u` to `out`."""
    for i in range(len(u)):
        out[i] = normal_quantile(u[i])


def elementwise(fill: Any, x: ArrayLike) -> NDArray[np.float64]:
    """A new array of the shape of `x`, filled element by element by a compiled loop."""
    given = np.ascontiguousarray(x, dtype=np.float64)
    out = np.empty(given.size)
    fill(out, given.ravel())
    return out.reshape(given.shape)


def logs(x: ArrayLike) -> NDArray[np.float64]:
    """`log` of each element of an array of any shape."""
    return elementwise(fill_logs, x)


def exps(x: ArrayLike) -> NDArray[np.float64]:
    """`exp` of each element of an array of any shape."""
    return elementwise(fill_exps, x)


def normals(u: ArrayLike) -> NDArray[np.float64]:
    """`normal_quantile` of each element of an array of any shape."""
    return elementwise(fill_normals, u)
