//! The values of a statistic over runs, as sums over bundles of runs.

use super::bootstrap::Stop;
use super::program::{Bound, Kind};
use crate::expr::{Arithmetic, Bounds, Expr, Facts, Interval, Node, bounds, value};
use crate::math::{clamp, floor};
use crate::model::{CellId, Measured, Statistic};
use crate::record::Block;
use crate::stats::{self, BUNDLES, Groups, Resamples, Series, Sum, dot};
use crate::summary::Foreknown;

/// A spread this small beside what it is the difference of is rounding.
const ROUNDING: f64 = 1e-13;

/// Sums over bundles: how many runs take part, x, x², y, y², xy; x and y are counted from the
/// value of the first run, so that equal values have sums of exactly 0 and squares do not cancel.
const SUMS: usize = 6;

/// How many sums a statistic needs.
fn width(measured: Measured) -> usize {
    match measured {
        Measured::Mean | Measured::Probability => 2,
        Measured::Sd => 3,
        Measured::Correlation => SUMS,
        Measured::Quantile(_) => 1,
    }
}

/// The values of one statistic, run after run.
#[derive(Debug, Clone)]
pub(super) struct Column {
    measured: Measured,
    kind: Kind,
    /// The values of the first formula.
    series: Series,
    /// Their bundles, once all runs are there.
    groups: Groups,
    /// Between which ends values lie, where that is known.
    pub range: Option<(f64, f64)>,
    /// Whether no draw can reach the statistic.
    pub exact: bool,
    /// Equal in two columns that take the same values in every run; empty where that is not known.
    pub identity: String,
    size: u64,
    /// How many sums this statistic needs.
    width: usize,
    centre: Option<[f64; 2]>,
    open: [Sum; SUMS],
    runs: u64,
    /// By sum, then bundle.
    done: [Vec<f64>; SUMS],
    /// Values with their bundles, sorted by [`Column::settle`]; for quantiles only.
    values: Vec<(f64, u32)>,
    /// Whether all values are the same.
    pub constant: bool,
}

/// The inputs of a statistic in one run, which its formulas read as state.
struct Run<'a>(&'a [f64]);

impl Facts for Run<'_> {
    fn home(&self) {}
    fn parameter(&self, _: usize) -> f64 {
        f64::NAN
    }

    fn state(&self, cell: CellId) -> f64 {
        self.0[cell.index()]
    }
}

/// Between which ends the inputs of a statistic lie.
struct Ranges<'a>(&'a [Foreknown]);

impl Bounds for Ranges<'_> {
    fn parameter(&self, _: usize) -> Interval {
        Interval::ALL
    }

    fn state(&self, cell: CellId) -> Interval {
        self.0[cell.index()].range.map_or(Interval::ALL, |(lo, hi)| Interval { lo, hi })
    }

    fn derived(&self, _: usize) -> Option<&Expr> {
        None
    }

    fn rounds(&self) -> f64 {
        f64::NAN
    }
}

/// Whether a statistic is the difference of one outcome between two arms that compute it from the
/// same draws by the same operations.
fn same(bound: &Bound, known: &[Foreknown]) -> bool {
    let state = |value: &Expr| match value.node {
        Node::State(cell) => Some(cell.index()),
        _ => None,
    };
    let pair = match (bound.less, bound.statistic.values.first().map(|value| &value.node)) {
        (Some(less), _) => {
            let own = bound.statistic.inputs.len();
            let second = less.values.first().and_then(state).map(|cell| cell + own);
            bound.statistic.values.first().and_then(state).zip(second)
        }
        (None, Some(Node::Binary(Arithmetic::Subtract, a, b))) => state(a).zip(state(b)),
        _ => None,
    };
    let signature = |cell: usize| known.get(cell).and_then(|input| input.signature);
    pair.is_some_and(|(a, b)| signature(a).is_some() && signature(a) == signature(b))
}

/// The values of a mean by run, `last` where an outcome is empty; not a number in runs that failed.
/// `blocks` are by arm.
pub(super) fn observed(bound: &Bound, blocks: &[Block], last: f64) -> Vec<f64> {
    let own = bound.statistic.inputs.len();
    let less = bound.less.iter().flat_map(|less| &less.inputs);
    let inputs = bound.statistic.inputs.iter().chain(less);
    let sources: Vec<(&Block, &[f64])> = inputs
        .zip(&bound.arm_specs)
        .map(|(input, arm)| (&blocks[*arm], blocks[*arm].outcome(input.outcome)))
        .collect();
    let runs = blocks.first().map_or(0, |block| block.runs);
    let first =
        |s: &Statistic, facts: &Run<'_>| s.values.first().map_or(f64::NAN, |e| value(e, facts));
    let one = |run: usize| {
        let at = |(block, values): &(&Block, &[f64])| match values[run] {
            x if x.is_nan() && !block.failed(run) => last,
            x => x,
        };
        let row: Vec<f64> = sources.iter().map(at).collect();
        if row.iter().any(|x| x.is_nan()) {
            return f64::NAN;
        }
        let x = first(bound.statistic, &Run(&row[..own]));
        bound.less.map_or(x, |less| x - first(less, &Run(&row[own..])))
    };
    (0..runs).map(one).collect()
}

impl Column {
    /// About how much memory a column of so many runs takes.
    pub fn bytes(measured: Measured, runs: u64) -> u64 {
        const OWN: u64 = 900;
        let bundles = BUNDLES.min(runs);
        let values = if let Measured::Quantile(_) = measured { 16 * runs } else { 0 };
        // a series, its bundles once more, and sums
        OWN + (32 + 16 + 16 * width(measured) as u64) * bundles + values
    }

    pub fn new(measured: Measured, kind: Kind, size: u64) -> Column {
        // values of all runs have their room at once, lest it grow by copies
        let room = if let Measured::Quantile(_) = measured { size * BUNDLES } else { 0 };
        Column {
            measured,
            kind,
            series: Series::new(size),
            groups: Groups::new(),
            range: None,
            exact: false,
            identity: String::new(),
            size,
            width: width(measured),
            centre: None,
            open: [Sum::new(); SUMS],
            runs: 0,
            done: std::array::from_fn(|_| Vec::new()),
            values: Vec::with_capacity(usize::try_from(room).unwrap_or(0)),
            constant: true,
        }
    }

    /// Takes over what is known of what it reads, by arm, then outcome.
    pub fn learn(&mut self, bound: &Bound, known: &[Vec<Foreknown>]) {
        let own = bound.statistic.inputs.len();
        let less = bound.less.map_or(&[][..], |less| &less.inputs);
        let inputs = bound.statistic.inputs.iter().chain(less).zip(&bound.arm_specs);
        let known: Vec<Foreknown> =
            inputs.map(|(input, arm_spec)| known[*arm_spec][input.outcome]).collect();
        let range = |statistic: &Statistic, known: &[Foreknown]| {
            let Interval { lo, hi } = bounds(statistic.values.first()?, &Ranges(known));
            (lo.is_finite() && hi.is_finite()).then_some((lo, hi))
        };
        let first = range(bound.statistic, &known[..own]);
        self.range = match bound.less {
            None => first,
            Some(less) => {
                let second = range(less, &known[own..]);
                first.zip(second).map(|(a, b)| (a.0 - b.1, a.1 - b.0))
            }
        };
        if self.kind == Kind::Share && self.range.is_none() {
            self.range = Some((0.0, 1.0));
        }
        let point = self.is_mean() && self.range.is_some_and(|(lo, hi)| lo == hi);
        self.exact = point || !known.iter().any(|input| input.drawn) || same(bound, &known);
        let signatures: Option<Vec<_>> = known.iter().map(|input| input.signature).collect();
        if let Some(signatures) = signatures {
            self.identity = format!(
                "{:p} {:?} {signatures:?}",
                bound.statistic,
                bound.less.map(|l| l as *const Statistic)
            );
        }
    }

    /// Adds the next runs: `blocks` by arm, all of the same runs.
    pub fn add(&mut self, bound: &Bound, blocks: &[&Block], row: &mut Vec<f64>) {
        let statistic = bound.statistic;
        let own = statistic.inputs.len();
        let inputs = statistic.inputs.iter().chain(bound.less.iter().flat_map(|l| &l.inputs));
        let runs = bound.arm_specs.first().and_then(|s| blocks.get(*s)).map_or(0, |b| b.runs);
        let sources: Vec<&[f64]> = inputs
            .zip(&bound.arm_specs)
            .map(|(input, arm_spec)| blocks[*arm_spec].outcome(input.outcome))
            .collect();
        for run in 0..runs {
            row.clear();
            row.extend(sources.iter().map(|values| values[run]));
            if row.iter().all(|x| x.is_finite()) {
                let facts = Run(&row[..own]);
                let met = statistic.condition.as_ref().is_none_or(|c| value(c, &facts) == 1.0);
                if met {
                    let first = |s: &Statistic, facts: &Run<'_>| {
                        s.values.first().map_or(f64::NAN, |e| value(e, facts))
                    };
                    let x = first(statistic, &facts);
                    let x = bound.less.map_or(x, |less| x - first(less, &Run(&row[own..])));
                    let y = statistic.values.get(1).map_or(0.0, |e| value(e, &facts));
                    self.take(x, y);
                } else {
                    self.series.skip();
                }
            } else {
                self.series.add(f64::NAN);
            }
            self.next_run();
        }
    }

    fn take(&mut self, x: f64, y: f64) {
        if !(x.is_finite() && y.is_finite()) {
            self.series.add(f64::NAN);
            return;
        }
        self.series.add(x);
        let [cx, cy] = *self.centre.get_or_insert([x, y]);
        let (dx, dy) = (x - cx, y - cy);
        self.constant &= dx == 0.0 && dy == 0.0;
        let terms = [1.0, dx, dx * dx, dy, dy * dy, dx * dy];
        for (sum, term) in self.open.iter_mut().zip(terms).take(self.width) {
            sum.add(term);
        }
        if let Measured::Quantile(_) = self.measured {
            let bundle = u32::try_from(self.done[0].len()).unwrap_or(u32::MAX);
            self.values.push((x + 0.0, bundle));
        }
    }

    fn next_run(&mut self) {
        self.runs += 1;
        if self.runs == self.size {
            self.close();
        }
    }

    fn close(&mut self) {
        for (sum, done) in self.open.iter_mut().zip(&mut self.done).take(self.width) {
            done.push(sum.value());
            *sum = Sum::new();
        }
        self.runs = 0;
    }

    /// To be called when all runs are there.
    pub fn settle(&mut self) {
        if self.runs > 0 {
            self.close();
        }
        self.values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.groups = self.series.bundles();
    }

    /// How many runs take part.
    pub fn n(&self) -> u64 {
        self.series.n()
    }

    /// How many runs there are in which an outcome is empty.
    pub fn left_out(&self) -> u64 {
        self.series.left_out()
    }

    /// How many bundles there are.
    pub fn bundles(&self) -> usize {
        self.groups.len()
    }

    /// Whether it is a mean.
    pub fn is_mean(&self) -> bool {
        matches!(self.measured, Measured::Mean | Measured::Probability)
    }

    /// Whether few values differ from the commonest.
    pub fn is_sparse(&self) -> bool {
        self.series.tally().is_sparse()
    }

    /// The standard error of a mean.
    pub fn standard_error(&self) -> f64 {
        self.series.moments().standard_error()
    }

    /// The interval of the statistic by itself; none for deviations and correlations, whose
    /// intervals are made of resamples.
    pub fn interval(&self, resamples: &Resamples, alpha: f64) -> Option<stats::Interval> {
        let (series, range) = (&self.series, self.range);
        Some(match self.kind {
            _ if self.exact && self.constant => stats::Interval::exact(self.estimate()),
            Kind::Share => stats::Interval::share(series.ones(), series.n(), alpha),
            Kind::ShareDifference => stats::Interval::share_difference(
                series.ones(),
                series.minus_ones(),
                series.n(),
                alpha,
            ),
            Kind::Values => stats::Interval::mean(series, range, alpha),
            Kind::Differences => stats::Interval::difference(series, range, resamples, alpha),
            Kind::Quantile(q) => stats::Interval::quantile(q, series.n(), range, alpha, |rank| {
                self.values.get(rank as usize).map_or(f64::NAN, |(value, _)| *value)
            }),
            Kind::Other => return None,
        })
    }

    /// The mean over each bundle; not a number where none of its runs takes part, and for what is
    /// no mean.
    pub fn bundle_means(&self) -> Vec<f64> {
        let whole = if self.is_mean() { self.bundles() } else { 0 };
        (0..whole).map(|bundle| self.groups.mean_of(bundle)).collect()
    }

    /// The statistic without each bundle, until told to stop.
    pub fn without(&self, stop: &Stop) -> Vec<f64> {
        if self.is_mean() {
            return self.groups.means_without();
        }
        let mut times = vec![1.0; self.bundles()];
        let one = |bundle: usize| {
            if stop() {
                return f64::NAN;
            }
            times[bundle] = 0.0;
            let found = self.under(&times);
            times[bundle] = 1.0;
            found
        };
        (0..self.bundles()).map(one).collect()
    }

    /// The statistic over all runs; not a number where it has no value.
    pub fn estimate(&self) -> f64 {
        if self.is_mean() {
            return self.series.moments().mean();
        }
        let total = |k: usize| self.done[k].iter().copied().collect::<Sum>().value();
        self.statistic(
            &std::array::from_fn(|k| if k < self.width { total(k) } else { 0.0 }),
            &|_| 1.0,
        )
    }

    /// The statistic where each bundle is taken as often as `times` says.
    pub fn under(&self, times: &[f64]) -> f64 {
        if self.is_mean() {
            return self.groups.mean_under(times);
        }
        let weighted = |k: usize| dot(&self.done[k], times);
        let sums = std::array::from_fn(|k| if k < self.width { weighted(k) } else { 0.0 });
        self.statistic(&sums, &|bundle| times.get(bundle).copied().unwrap_or(0.0))
    }

    fn statistic(&self, sums: &[f64; SUMS], times: &dyn Fn(usize) -> f64) -> f64 {
        let [n, x, xx, y, yy, xy] = *sums;
        if n == 0.0 {
            return f64::NAN;
        }
        match self.measured {
            Measured::Mean | Measured::Probability => f64::NAN,
            Measured::Sd if n < 2.0 => f64::NAN,
            Measured::Sd => (spread(xx, x, n) / (n - 1.0)).sqrt(),
            Measured::Correlation => {
                let (a, b) = (spread(xx, x, n), spread(yy, y, n));
                let found = (xy - x * y / n) / (a.sqrt() * b.sqrt());
                if a > 0.0 && b > 0.0 { clamp(found, -1.0, 1.0) } else { f64::NAN }
            }
            Measured::Quantile(q) => self.quantile(q, n, times),
        }
    }

    /// The type 7 quantile (Hyndman and Fan 1996) of the values, each as often as its bundle.
    fn quantile(&self, q: f64, n: f64, times: &dyn Fn(usize) -> f64) -> f64 {
        let position = (n - 1.0) * q;
        let below = floor(position);
        let (mut count, mut low) = (0.0, f64::NAN);
        for (x, bundle) in &self.values {
            count += times(*bundle as usize);
            if low.is_nan() && count > below {
                low = *x;
                if position == below {
                    return low;
                }
            }
            if count > below + 1.0 {
                return low + (position - below) * (x - low);
            }
        }
        low
    }
}

/// Σ (x − mean)², from the sums of squares and of values; rounding counts as 0.
fn spread(squares: f64, sum: f64, n: f64) -> f64 {
    let found = squares - sum * sum / n;
    if found <= ROUNDING * squares { 0.0 } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(measured: Measured, size: u64, values: &[(f64, f64)]) -> Column {
        let mut column = Column::new(measured, Kind::Values, size);
        for (x, y) in values {
            column.take(*x, *y);
            column.next_run();
        }
        column.settle();
        column
    }

    #[test]
    fn statistics_of_few_numbers() {
        let values = [(1e6 + 1.0, 2.0), (1e6 + 2.0, 1.0), (1e6 + 4.0, 4.0), (1e6 + 5.0, 3.0)];
        for size in [1, 3, 10] {
            let of = |measured| column(measured, size, &values).estimate();
            assert_eq!(of(Measured::Mean), 1e6 + 3.0);
            assert!((of(Measured::Sd) - (10.0_f64 / 3.0).sqrt()).abs() < 1e-12);
            assert_eq!(of(Measured::Quantile(0.5)), 1e6 + 3.0);
            assert_eq!(of(Measured::Quantile(0.0)), 1e6 + 1.0);
            assert_eq!(of(Measured::Quantile(1.0)), 1e6 + 5.0);
            assert_eq!(of(Measured::Quantile(0.9)), 1e6 + 4.0 + 0.7);
            // covariance (-2, -1, 1, 2)·(-.5, -1.5, 1.5, .5) = 5, spreads 10 and 5
            assert!((of(Measured::Correlation) - 5.0 / 50.0_f64.sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn weights_are_repetitions() {
        let values = [(3.0, 1.0), (1.0, 5.0), (2.0, 2.0), (7.0, 0.5)];
        let twice = [(3.0, 1.0), (1.0, 5.0), (1.0, 5.0), (7.0, 0.5), (7.0, 0.5), (7.0, 0.5)];
        let q = Measured::Quantile;
        for measured in
            [Measured::Mean, Measured::Sd, Measured::Correlation, q(0.3), q(0.5), q(1.0)]
        {
            let weighted = column(measured, 1, &values).under(&[1.0, 2.0, 0.0, 3.0]);
            let plain = column(measured, 1, &twice).estimate();
            assert!((weighted - plain).abs() < 1e-12, "{measured:?} {weighted} {plain}");
        }
    }

    #[test]
    fn equal_values_have_no_spread() {
        let same = [(0.1, 0.3); 7];
        assert_eq!(column(Measured::Mean, 2, &same).under(&[2.0, 0.0, 1.0, 1.0]), 0.1);
        assert_eq!(column(Measured::Sd, 2, &same).estimate(), 0.0);
        assert!(column(Measured::Correlation, 2, &same).estimate().is_nan());
        assert!(column(Measured::Mean, 2, &[]).estimate().is_nan());
        assert!(column(Measured::Sd, 1, &same[..1]).estimate().is_nan());
        let gaps = column(Measured::Mean, 2, &[(f64::NAN, 0.0), (2.0, 0.0)]);
        assert_eq!((gaps.estimate(), gaps.n(), gaps.left_out()), (2.0, 1, 1));
    }
}
