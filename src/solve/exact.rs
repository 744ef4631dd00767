//! Certificates without rounding.
//!
//! Payoffs and probabilities are floating-point numbers, that is whole multiples of powers of two,
//! so sums and products of them are whole numbers once each is counted in a small enough power.
//! Regret is a ratio of such sums in which the powers cancel; it is rounded once, upwards, when it
//! is known. What a solver did to find a profile does not matter to what is said of it here.

use num_bigint::{BigInt, BigUint, Sign};

use super::correlated::Obedience;
use super::{Game, Mixed};

/// What is known of a profile.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Certificate {
    /// Expected payoff by player, to the last digit or the one before.
    pub payoffs: Vec<f64>,
    /// See [`Game::regret`].
    pub regret: f64,
    /// The most that a player could gain by deviating, in its own payoffs, rounded up.
    pub gain: f64,
}

/// Numbers as multiples of one power of two.
struct Unit(i64);

impl Unit {
    /// The largest in which all these numbers are whole.
    fn of<'a>(numbers: impl Iterator<Item = &'a f64>) -> Unit {
        let exponents = numbers.filter(|x| **x != 0.0).map(|x| parts(*x).1);
        Unit(exponents.min().unwrap_or(0))
    }

    fn whole(&self, x: f64) -> BigInt {
        let (mantissa, exponent) = parts(x);
        if mantissa == 0 { BigInt::ZERO } else { BigInt::from(mantissa) << (exponent - self.0) }
    }
}

/// A finite number as an odd whole number times a power of two.
fn parts(x: f64) -> (i64, i64) {
    let bits = x.to_bits();
    let (field, fraction) = ((bits >> 52 & 0x7ff) as i64, (bits & ((1 << 52) - 1)) as i64);
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    if mantissa == 0 {
        return (0, 0);
    }
    let zeros = i64::from(mantissa.trailing_zeros());
    let odd = mantissa >> zeros;
    (if x < 0.0 { -odd } else { odd }, exponent + zeros)
}

/// How a quotient that is no floating-point number becomes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Nearest,
    Up,
}

/// `above / below * 2^power`; `below` is positive.
fn quotient(above: &BigInt, below: &BigUint, power: i64, rounding: Rounding) -> f64 {
    let (sign, size) = (above.sign(), above.magnitude());
    if sign == Sign::NoSign {
        return 0.0;
    }
    // A quotient of 54 or 55 bits, to be rounded to 53.
    let shift = 54 + below.bits() as i64 - size.bits() as i64;
    let scaled = if shift >= 0 { (size << shift) / below } else { size / (below << -shift) };
    let remains = match shift >= 0 {
        true => &scaled * below != size << shift,
        false => &scaled * (below << -shift) != *size,
    };
    let digits = u64::try_from(&scaled).unwrap_or(u64::MAX);
    // The lowest bits stand for all that follow, which decides ties.
    let sticky = digits << 2 | u64::from(remains);
    let near = sticky as f64;
    let up = rounding == Rounding::Up && sign == Sign::Plus;
    let rounded = if up && (near as u64) < sticky { near.next_up() } else { near };
    let value = scaled_by(rounded, power - shift - 2);
    match sign {
        Sign::Minus => -value,
        // Below the normal numbers digits are lost; the smallest of those is a bound.
        _ if up => value.max(f64::MIN_POSITIVE),
        _ => value,
    }
}

/// `x 2^power`, in steps that are numbers.
pub(super) fn scaled_by(mut x: f64, mut power: i64) -> f64 {
    const STEP: i64 = 1000;
    let two = |power: i64| f64::from_bits(((1023 + power) as u64) << 52);
    while power > STEP && x != 0.0 && x.is_finite() {
        (x, power) = (x * two(STEP), power - STEP);
    }
    while power < -STEP && x != 0.0 {
        (x, power) = (x * two(-STEP), power + STEP);
    }
    if power.abs() <= STEP { x * two(power) } else { x }
}

/// The strategies that are played, with probabilities as whole numbers, and their sums; none where
/// these are no probabilities.
struct Played {
    mixes: Vec<Vec<(usize, BigInt)>>,
    sums: Vec<BigInt>,
}

impl Played {
    fn new(mixed: &Mixed) -> Option<Played> {
        if mixed.iter().flatten().any(|p| !(p.is_finite() && *p >= 0.0)) {
            return None;
        }
        let of = |mix: &Vec<f64>| {
            let unit = Unit::of(mix.iter());
            let played = mix.iter().enumerate().filter(|(_, p)| **p > 0.0);
            played.map(|(s, p)| (s, unit.whole(*p))).collect()
        };
        let mixes: Vec<Vec<(usize, BigInt)>> = mixed.iter().map(of).collect();
        let sums: Vec<BigInt> = mixes.iter().map(|mix| mix.iter().map(|(_, p)| p).sum()).collect();
        sums.iter().all(|sum| *sum != BigInt::ZERO).then_some(Played { mixes, sums })
    }
}

/// What one player gets from each strategy against what the others play.
struct Values {
    /// The payoffs' unit.
    unit: Unit,
    /// By strategy, times the sums of the others' probabilities.
    values: Vec<BigInt>,
    /// The product of those sums.
    weight: BigInt,
}

impl Values {
    fn new(game: &Game, player: usize, played: &Played) -> Values {
        let (payoffs, sizes) = (game.payoffs_of(player), game.sizes());
        let unit = Unit::of(payoffs.iter());
        let mut strides = vec![1];
        for size in &sizes {
            strides.push(strides[strides.len() - 1] * size);
        }
        let sums = Sums { payoffs, unit: &unit, player, strides: &strides, played };
        let values = (0..sizes[player]).map(|s| sums.of(s * strides[player], sizes.len()));
        let values = values.collect();
        let others = played.sums.iter().enumerate().filter(|(other, _)| *other != player);
        let weight = others.map(|(_, sum)| sum).product();
        Values { unit, values, weight }
    }

    fn best(&self) -> BigInt {
        self.values.iter().max().cloned().unwrap_or_default()
    }

    /// The payoff of a mix, times all sums of probabilities.
    fn mean(&self, mix: &[(usize, BigInt)]) -> BigInt {
        mix.iter().map(|(s, p)| p * &self.values[*s]).sum()
    }
}

/// Sums over the strategies of other players.
struct Sums<'a> {
    payoffs: &'a [f64],
    unit: &'a Unit,
    player: usize,
    strides: &'a [usize],
    played: &'a Played,
}

impl Sums<'_> {
    /// Over the players before `count`, from the profile that `at` has of the others.
    fn of(&self, at: usize, count: usize) -> BigInt {
        let Some(other) = count.checked_sub(1) else { return self.unit.whole(self.payoffs[at]) };
        if other == self.player {
            return self.of(at, other);
        }
        let mix = self.played.mixes[other].iter();
        mix.map(|(s, p)| p * self.of(at + s * self.strides[other], other)).sum()
    }
}

/// The largest payoff less the smallest, in a unit.
fn range(payoffs: &[f64], unit: &Unit) -> BigInt {
    let most = payoffs.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let least = payoffs.iter().fold(f64::INFINITY, |a, b| a.min(*b));
    unit.whole(most) - unit.whole(least)
}

/// Payoffs and regret of a profile of independent mixes.
pub(super) fn certificate(game: &Game, mixed: &Mixed) -> Certificate {
    let players = game.players().len();
    let Some(played) = Played::new(mixed) else {
        return Certificate {
            payoffs: vec![f64::NAN; players],
            regret: f64::INFINITY,
            gain: f64::INFINITY,
        };
    };
    let mut found = Certificate { payoffs: Vec::new(), regret: 0.0, gain: 0.0 };
    for player in 0..players {
        let values = Values::new(game, player, &played);
        let mean = values.mean(&played.mixes[player]);
        let weight = &values.weight * &played.sums[player];
        let power = values.unit.0;
        let payoff = quotient(&mean, weight.magnitude(), power, Rounding::Nearest);
        found.payoffs.push(payoff);
        let range = range(game.payoffs_of(player), &values.unit);
        if range != BigInt::ZERO {
            let gain = values.best() * &played.sums[player] - mean;
            let most = quotient(&gain, weight.magnitude(), power, Rounding::Up);
            found.gain = found.gain.max(most);
            let whole = weight * range;
            let share = quotient(&gain, whole.magnitude(), 0, Rounding::Up);
            found.regret = found.regret.max(share);
        }
    }
    found
}

/// By player and strategy what it gains over the best strategy against the mixes of the others, at
/// most 0, as a multiple of the largest range of any player; to the last digit or the one before.
pub(super) fn gains(game: &Game, mixed: &Mixed) -> Option<Vec<Vec<f64>>> {
    let played = Played::new(mixed)?;
    let of = |player: usize| range(game.payoffs_of(player), &Unit(-1074));
    let widest = (0..game.players().len()).map(of).max().unwrap_or_default();
    let of = |player: usize| {
        let values = Values::new(game, player, &played);
        let best = values.best();
        let below = &values.weight * &widest;
        let gain = |value: &BigInt| match below.sign() {
            Sign::Plus => {
                let power = values.unit.0 + 1074;
                quotient(&(value - &best), below.magnitude(), power, Rounding::Nearest)
            }
            _ => 0.0,
        };
        values.values.iter().map(gain).collect()
    };
    Some((0..game.players().len()).map(of).collect())
}

/// These numbers as whole multiples of one unit, all shifted alike so that the least is 1.
pub(super) fn above_zero(numbers: &[Vec<f64>]) -> Vec<Vec<BigInt>> {
    let unit = Unit::of(numbers.iter().flatten());
    let least = numbers.iter().flatten().fold(f64::INFINITY, |a, b| a.min(*b));
    let lift = if least.is_finite() { BigInt::from(1) - unit.whole(least) } else { BigInt::ZERO };
    numbers.iter().map(|row| row.iter().map(|x| unit.whole(*x) + &lift).collect()).collect()
}

/// The ratio of two whole numbers of any length, to the last digit or the one before; none where
/// they are none, or the second is 0.
pub(super) fn ratio(above: &str, below: &str) -> Option<f64> {
    let [above, below]: [BigInt; 2] = [above.parse().ok()?, below.parse().ok()?];
    let above = if below.sign() == Sign::Minus { -above } else { above };
    let some = below != BigInt::ZERO;
    some.then(|| quotient(&above, below.magnitude(), 0, Rounding::Nearest))
}

/// Numbers that are not negative, divided by their sum, which is not 0.
pub(super) fn shares(weights: &[BigInt]) -> Vec<f64> {
    let sum: BigInt = weights.iter().sum();
    weights.iter().map(|w| quotient(w, sum.magnitude(), 0, Rounding::Nearest)).collect()
}

/// The mean of finite numbers weighted by these weights, which are not negative.
pub(super) fn mean(numbers: &[f64], weights: &[f64]) -> f64 {
    let (unit, weighed) = (Unit::of(numbers.iter()), Unit::of(weights.iter()));
    let pairs = numbers.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    let sum: BigInt = pairs.map(|(x, w)| unit.whole(*x) * weighed.whole(*w)).sum();
    let whole: BigInt = weights.iter().map(|w| weighed.whole(*w)).sum();
    match whole.sign() {
        Sign::Plus => quotient(&sum, whole.magnitude(), unit.0, Rounding::Nearest),
        _ => f64::NAN,
    }
}

/// The most that anybody gains by disobeying a joint distribution; see
/// [`super::correlated::residual`].
pub(super) fn disobedience(game: &Game, obedience: Obedience, distribution: &[f64]) -> f64 {
    if distribution.iter().any(|p| !(p.is_finite() && *p >= 0.0)) {
        return f64::INFINITY;
    }
    let weighed = Unit::of(distribution.iter());
    let likely = distribution.iter().enumerate().filter(|(_, p)| **p > 0.0);
    let likely: Vec<(usize, BigInt)> = likely.map(|(k, p)| (k, weighed.whole(*p))).collect();
    let whole: BigInt = likely.iter().map(|(_, p)| p).sum();
    if whole == BigInt::ZERO {
        return f64::INFINITY;
    }
    let mut most: f64 = 0.0;
    let mut stride = 1;
    for (player, size) in game.sizes().into_iter().enumerate() {
        let payoffs = game.payoffs_of(player);
        let unit = Unit::of(payoffs.iter());
        let range = range(payoffs, &unit);
        if range != BigInt::ZERO {
            let own = Own { payoffs, unit: &unit, stride, size };
            let gain = match obedience {
                Obedience::Correlated => own.by_told(&likely),
                Obedience::Coarse => own.refusing(&likely),
            };
            let below = &whole * range;
            most = most.max(quotient(&gain, below.magnitude(), 0, Rounding::Up));
        }
        stride *= size;
    }
    most
}

/// The payoffs of one player, whose strategies are `stride` profiles apart.
struct Own<'a> {
    payoffs: &'a [f64],
    unit: &'a Unit,
    stride: usize,
    size: usize,
}

impl Own<'_> {
    fn told(&self, profile: usize) -> usize {
        profile / self.stride % self.size
    }

    /// Everything that is told answered by the best deviation.
    fn by_told(&self, likely: &[(usize, BigInt)]) -> BigInt {
        let mut gains = vec![vec![BigInt::ZERO; self.size]; self.size];
        for (profile, p) in likely {
            let told = self.told(*profile);
            let first = profile - told * self.stride;
            let now = self.unit.whole(self.payoffs[*profile]);
            for (other, gain) in gains[told].iter_mut().enumerate() {
                let payoff = self.payoffs[first + other * self.stride];
                if payoff != self.payoffs[*profile] {
                    *gain += p * (self.unit.whole(payoff) - &now);
                }
            }
        }
        gains.into_iter().map(|row| row.into_iter().max().unwrap_or_default()).sum()
    }

    /// One strategy played whatever would have been told.
    fn refusing(&self, likely: &[(usize, BigInt)]) -> BigInt {
        let mut obeying = BigInt::ZERO;
        let mut others = vec![BigInt::ZERO; self.payoffs.len() / self.size];
        for (profile, p) in likely {
            obeying += p * self.unit.whole(self.payoffs[*profile]);
            let block = profile / (self.stride * self.size);
            others[block * self.stride + profile % self.stride] += p;
        }
        let playing = |own: usize| -> BigInt {
            let rest = others.iter().enumerate().filter(|(_, p)| **p != BigInt::ZERO);
            let at = |rest: usize| {
                rest / self.stride * self.stride * self.size
                    + own * self.stride
                    + rest % self.stride
            };
            rest.map(|(rest, p)| p * self.unit.whole(self.payoffs[at(rest)])).sum()
        };
        let best = (0..self.size).map(playing).max().unwrap_or_default();
        (best - obeying).max(BigInt::ZERO)
    }
}
