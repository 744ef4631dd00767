//! Results as tables: what every file of a run holds.

use std::ops::Range;
use std::sync::Arc;

use super::Summary;
use super::results::{OutcomeResult, OutcomeScale, Results};
use super::survival::survival_schema;
use crate::calendar::Calendar;
use crate::record::{Block, Layout, NONE};
use crate::stats::{Interval, MeanIntervals, Z95, wilson};
use crate::table::{Cells, Field, Schema, Table, TableError};

/// The tables of a run or sweep. The methods give rows of one point of a sweep (0 outside sweeps)
/// or of some blocks; rows of several points make one file.
#[derive(Clone, Debug)]
pub struct Schemas {
    /// One row per arm, point and run.
    pub outcomes: Arc<Schema>,
    /// One row per arm, point and outcome.
    pub summary: Arc<Schema>,
    /// One row per arm, point, outcome and bin.
    pub histogram: Arc<Schema>,
    /// One row per arm after the first, point and outcome.
    pub differences: Arc<Schema>,
    /// One row per arm, point, round and variable.
    pub trajectory: Arc<Schema>,
    /// One row per arm, point, round and option.
    pub moves: Arc<Schema>,
    /// One row per arm, point, round and `first` outcome.
    pub survival: Arc<Schema>,
    /// One row per failed run.
    pub failures: Arc<Schema>,
    /// By actor of [`Layout::types`], the names of its types.
    kinds: Vec<Vec<String>>,
    /// The dates of rounds, if they have any.
    pub(super) calendar: Option<Calendar>,
    /// How many columns of `outcomes` come before those of outcomes.
    before: usize,
}

pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// `arm` and `point`, then the given columns.
pub(super) fn keyed(more: Vec<Field>) -> Vec<Field> {
    let mut fields = vec![
        Field::text("arm", "`base`, or the name of the variant"),
        Field::integer("point", "the point of the sweep; 0 outside sweeps"),
    ];
    fields.extend(more);
    fields
}

fn quantile_fields() -> [Field; 5] {
    [("q05", "5 %"), ("q25", "25 %"), ("median", "50 %"), ("q75", "75 %"), ("q95", "95 %")].map(
        |(name, share)| {
            let meaning = format!("the value that {share} of the runs do not exceed (type 7)");
            Field::number(name, meaning)
        },
    )
}

pub(super) fn run_field() -> Field {
    Field::integer("run", "the number of the run, from 0; arms share their random numbers by run")
}

/// `round`, and `date` where rounds have dates, then the given columns.
pub(super) fn by_round(layout: &Layout, more: Vec<Field>) -> Vec<Field> {
    let mut fields = vec![Field::integer("round", "the round, from 1").with_unit("rounds")];
    fields.extend(layout.calendar.map(|_| date_field()));
    fields.extend(more);
    fields
}

fn date_field() -> Field {
    Field::text("date", "the first day of the round (ISO 8601)")
}

fn outcome_field() -> Field {
    Field::text(
        "outcome",
        "the name of the outcome in the scenario; of a `first` outcome `x` also `x:ever`, 1 if it \
         has a value in the run and else 0, and `x:restricted`, its value or the last round where \
         it has none: both lose no run but those that failed",
    )
}

fn n_field(meaning: &str) -> Field {
    Field::integer("n", meaning).with_unit("runs")
}

fn left_out_field(meaning: &str) -> Field {
    Field::integer("n_left_out", meaning).with_unit("runs")
}

fn outcomes_schema(layout: &Layout) -> Result<Arc<Schema>, TableError> {
    let mut fields = vec![
        run_field(),
        Field::integer("rounds_played", "how many rounds were played to their end")
            .with_unit("rounds"),
    ];
    fields.extend(layout.types.iter().map(|(actor, _)| {
        let meaning = "the real type of the actor; empty where the run was never begun";
        Field::text(format!("type[{actor}]"), meaning)
    }));
    fields.extend(layout.levels.iter().map(|(_, actor)| {
        let meaning = "the level of reasoning that the actor drew; empty where none is drawn";
        Field::number(format!("level[{actor}]"), meaning)
    }));
    fields.extend(layout.outcomes.iter().zip(&layout.zero_one).map(|(name, zero_one)| {
        let range = if *zero_one { ", 0 or 1" } else { "" };
        Field::number(
            name.as_str(),
            format!("the outcome `{name}`{range}; empty where it has no value or the run failed"),
        )
    }));
    Schema::new("outcomes", "The outcomes of every run: one row per arm, point and run.", {
        keyed(fields)
    })
}

fn summary_schema() -> Result<Arc<Schema>, TableError> {
    let mut fields = vec![
        outcome_field(),
        n_field("how many runs have a value"),
        Field::number("mean", "the mean over these runs; of 0/1 outcomes the share of ones"),
        Field::number("se", "the standard error of the mean"),
        Field::number("sd", "the standard deviation over runs (divisor n - 1)"),
        Field::number("min", "the least value"),
    ];
    fields.extend(quantile_fields());
    fields.extend([
        Field::number("max", "the greatest value"),
        Field::number("lo", "the lower end of the 95 % interval of the mean"),
        Field::number("hi", "the upper end of the 95 % interval of the mean"),
        Field::text("interval", INTERVAL),
        sparse_field(),
        left_out_field("how many runs have no value: failed, or the outcome is empty"),
    ]);
    let text = "Estimates over runs: one row per arm, point and outcome.";
    Schema::new("summary", text, keyed(fields))
}

/// How intervals were made, for the descriptions of columns.
const INTERVAL: &str = "how lo and hi were made: `exact` (no draw reaches the number), `wilson` (a \
    share of runs), `tango` (the difference of two shares, paired), `t` (mean plus and minus t \
    standard errors), `bca` (bootstrap over runs), `none` (too few values, or all equal without a \
    known range)";

fn sparse_field() -> Field {
    Field::truth(
        "sparse",
        "whether fewer than 20 values, and fewer than half, differ from the commonest, so that lo \
         and hi were widened by 3.7 / n of the range",
    )
}

fn histogram_schema() -> Result<Arc<Schema>, TableError> {
    let fields = vec![
        outcome_field(),
        Field::number("bin_lo", "the lower edge of the bin, inclusive"),
        Field::number("bin_hi", "the upper edge of the bin, inclusive in the last bin only"),
        Field::integer("count", "how many runs lie in the bin").with_unit("runs"),
    ];
    let text = "Histograms over runs: one row per arm, point, outcome and bin; the bins of an \
                outcome are the same for all arms of a point.";
    Schema::new("histogram", text, keyed(fields))
}

fn differences_schema() -> Result<Arc<Schema>, TableError> {
    let fields = vec![
        outcome_field(),
        n_field("how many pairs of runs have a value in both arms"),
        Field::text("versus", "the arm that is subtracted"),
        Field::number("mean", "the mean of the paired differences, this arm minus that"),
        Field::number("se", "the standard error of the mean; empty below two pairs"),
        Field::number("sd", "the standard deviation of the differences (divisor n - 1)"),
        Field::number("lo", "the lower end of the 95 % interval of the mean"),
        Field::number("hi", "the upper end of the 95 % interval of the mean"),
        Field::text("interval", INTERVAL),
        sparse_field(),
        Field::integer("discordant", "in how many pairs the two arms differ").with_unit("runs"),
        left_out_field("how many pairs have a side without a value"),
    ];
    let text = "Differences to one of the arms, run by run: one row per other arm, point and \
                outcome. The bootstrap takes 2,000 resamples of at most 1,024 bundles of \
                consecutive runs.";
    Schema::new("differences", text, keyed(fields))
}

fn trajectory_schema(layout: &Layout) -> Result<Arc<Schema>, TableError> {
    let mut fields = vec![
        Field::text(
            "variable",
            "what is recorded after the round: `x[A,B]` a state or derived quantity, \
             `utility[A]`, `payoff[A,k]` a component, `belief[o,A,type]`, `happened[e,i,j]` an \
             event",
        ),
        n_field("how many runs played the round (and have a finite value)"),
        Field::number("mean", "the mean over these runs, in the unit of the variable"),
        Field::number("sd", "the standard deviation over these runs (divisor n - 1)"),
        Field::number(
            "lo",
            "the lower end of the 95 % interval of the mean: Wilson's where formulas can make the \
             variable 0 or 1 only (events, most flags), else mean minus t standard errors",
        ),
        Field::number("hi", "the upper end of the 95 % interval of the mean"),
    ];
    fields.extend(quantile_fields());
    let text = "Variables over time: one row per arm, point, round and variable. Variables of one \
                and the same value in all runs, rounds and arms are listed as `constant` of this \
                resource instead. Quantiles are those of the first 65,536 runs that played the \
                round.";
    Schema::new("trajectory", text, keyed(by_round(layout, fields)))
}

fn moves_schema(layout: &Layout) -> Result<Arc<Schema>, TableError> {
    let fields = vec![
        Field::text("actor", "who moves"),
        Field::text("track", "on which track; `main` where the scenario names none"),
        Field::text("move", "the move, or `hold`"),
        Field::text("target", "toward whom; empty without a target"),
        n_field("how many runs played the round"),
        Field::integer("available", "in how many of these runs the option could be chosen")
            .with_unit("runs"),
        Field::number("share", "the share of the n runs in which the option was chosen"),
        Field::number("lo", "the lower end of the 95 % interval of the share (Wilson)"),
        Field::number("hi", "the upper end of the 95 % interval of the share"),
    ];
    let text = "What was chosen: one row per arm, point, round, actor, track and option.";
    Schema::new("moves", text, keyed(by_round(layout, fields)))
}

fn failures_schema(layout: &Layout) -> Result<Arc<Schema>, TableError> {
    let mut fields = vec![
        run_field(),
        Field::integer("round", "the round, from 1; 0 while initial values are drawn"),
    ];
    fields.extend(layout.calendar.map(|_| date_field()));
    fields.extend([
        Field::text("cell", "what was not finite"),
        Field::text("place", "where its formula begins in the scenario: line:column, from 1"),
        Field::text("reason", "what happened"),
    ]);
    let text = "Runs that stopped on a number that is not finite: one row per failed run.";
    Schema::new("failures", text, keyed(fields))
}

/// The column `round` and, where rounds have dates, the column `date`; round 0 has none.
pub(super) fn round_columns(
    calendar: Option<Calendar>,
    all: impl Iterator<Item = u32> + Clone,
) -> Vec<Cells> {
    let date = |calendar: Calendar, round: u32| match round {
        0 => String::new(),
        round => calendar.date(round).to_string(),
    };
    let dates = calendar.map(|c| Cells::Text(all.clone().map(|round| date(c, round)).collect()));
    let mut columns = vec![Cells::Integer(all.map(i64::from).collect())];
    columns.extend(dates);
    columns
}

impl Schemas {
    /// The tables of a scenario.
    ///
    /// # Errors
    /// [`TableError::RepeatedColumn`] if an outcome is called `arm`, `point` or `run`, or two
    /// share a name.
    pub fn new(layout: &Layout) -> Result<Schemas, TableError> {
        Ok(Schemas {
            outcomes: outcomes_schema(layout)?,
            summary: summary_schema()?,
            histogram: histogram_schema()?,
            differences: differences_schema()?,
            trajectory: trajectory_schema(layout)?,
            moves: moves_schema(layout)?,
            survival: survival_schema(layout)?,
            failures: failures_schema(layout)?,
            calendar: layout.calendar,
            kinds: layout.types.iter().map(|(_, kinds)| kinds.clone()).collect(),
            before: 4 + layout.types.len() + layout.levels.len(),
        })
    }

    /// Rows of `outcomes` for the blocks of all arms (named in `arms`) over the same runs: by run,
    /// then arm.
    ///
    /// # Errors
    /// [`TableError`] if the blocks have another layout than the tables.
    pub fn outcomes(
        &self,
        arms: &[String],
        point: u64,
        blocks: &[Block],
    ) -> Result<Table, TableError> {
        let runs = blocks.first().map_or(0, |block| block.runs);
        let count = self.outcomes.fields().len() - self.before;
        let rows = || (0..runs).flat_map(|run| blocks.iter().zip(arms).map(move |b| (run, b)));
        let mut columns = vec![
            Cells::Text(rows().map(|(_, (_, arm))| arm.clone()).collect()),
            Cells::Integer(rows().map(|_| integer(point)).collect()),
            Cells::Integer(rows().map(|(run, (b, _))| integer(b.first + run as u64)).collect()),
        ];
        columns.push(Cells::Integer(rows().map(|(run, (b, _))| b.played[run].into()).collect()));
        columns.extend(self.kinds.iter().enumerate().map(|(place, names)| {
            let kind = |block: &Block, run: usize| usize::from(block.types[place * runs + run]);
            let name = |(run, (b, _)): (usize, (&Block, _))| names.get(kind(b, run)).cloned();
            Cells::Text(rows().map(|row| name(row).unwrap_or_default()).collect())
        }));
        columns.extend((0..self.before - 4 - self.kinds.len()).map(|place| {
            let level = |block: &Block, run: usize| match block.levels[place * runs + run] {
                NONE => f64::NAN,
                level => f64::from(level),
            };
            Cells::Number(rows().map(|(run, (block, _))| level(block, run)).collect())
        }));
        columns.extend((0..count).map(|outcome| {
            let value = |block: &Block, run: usize| {
                block.outcomes.get(outcome * runs + run).copied().unwrap_or(f64::NAN)
            };
            Cells::Number(rows().map(|(run, (block, _))| value(block, run)).collect())
        }));
        Table::new(&self.outcomes, columns)
    }

    /// Rows of `failures` for the blocks of all arms over the same runs, by run, then arm. `place`
    /// turns a byte of the scenario into words.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn failures(
        &self,
        arms: &[String],
        point: u64,
        blocks: &[Block],
        place: &dyn Fn(usize) -> String,
    ) -> Result<Table, TableError> {
        let mut all: Vec<_> = blocks
            .iter()
            .zip(arms)
            .flat_map(|(block, arm)| block.failures.iter().map(move |f| (f, arm)))
            .collect();
        all.sort_by_key(|(failure, _)| failure.run);
        let mut columns = vec![
            Cells::Text(all.iter().map(|(_, arm)| (*arm).clone()).collect()),
            Cells::Integer(all.iter().map(|_| integer(point)).collect()),
            Cells::Integer(all.iter().map(|(f, _)| integer(f.run)).collect()),
        ];
        columns.extend(round_columns(self.calendar, all.iter().map(|(f, _)| f.round)));
        columns.extend([
            Cells::Text(all.iter().map(|(f, _)| f.cell.clone()).collect()),
            Cells::Text(all.iter().map(|(f, _)| place(f.offset)).collect()),
            Cells::Text(all.iter().map(|(f, _)| f.reason.clone()).collect()),
        ]);
        Table::new(&self.failures, columns)
    }

    /// Rows of `summary`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn summary(&self, results: &Results, point: u64) -> Result<Table, TableError> {
        type Of = fn(&OutcomeResult) -> f64;
        let rows = || cells(results).map(|(_, _, row)| row);
        let number = |of: Of| Cells::Number(rows().map(of).collect());
        let mut columns = keys(results, point);
        columns.push(Cells::Integer(rows().map(|r| integer(r.n)).collect()));
        let numbers: [Of; 12] = [
            |r| r.mean,
            |r| r.se,
            |r| r.sd,
            |r| r.min,
            |r| r.q05,
            |r| r.q25,
            |r| r.median,
            |r| r.q75,
            |r| r.q95,
            |r| r.max,
            |r| r.interval.lo,
            |r| r.interval.hi,
        ];
        columns.extend(numbers.map(number));
        columns.extend(interval_kinds(rows().map(|r| r.interval)));
        columns.push(Cells::Integer(rows().map(|r| integer(r.left_out)).collect()));
        Table::new(&self.summary, columns)
    }

    /// Rows of `histogram`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn histogram(&self, results: &Results, point: u64) -> Result<Table, TableError> {
        let rows = || {
            cells(results).flat_map(|(arm, scale, row)| {
                let bins = scale.bins.edges().windows(2).zip(&row.histogram);
                bins.map(move |(edges, count)| (arm, scale, edges[0], edges[1], *count))
            })
        };
        let columns = vec![
            Cells::Text(rows().map(|r| r.0.to_string()).collect()),
            Cells::Integer(rows().map(|_| integer(point)).collect()),
            Cells::Text(rows().map(|r| r.1.name.clone()).collect()),
            Cells::Number(rows().map(|r| r.2).collect()),
            Cells::Number(rows().map(|r| r.3).collect()),
            Cells::Integer(rows().map(|r| integer(r.4)).collect()),
        ];
        Table::new(&self.histogram, columns)
    }

    /// Rows of `differences`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn differences(&self, results: &Results, point: u64) -> Result<Table, TableError> {
        let versus = results.arms.get(results.versus).map_or(String::new(), |arm| arm.name.clone());
        let rows =
            || cells(results).filter_map(|(arm, scale, row)| Some((arm, scale, row.difference?)));
        let mut columns = vec![
            Cells::Text(rows().map(|r| r.0.to_string()).collect()),
            Cells::Integer(rows().map(|_| integer(point)).collect()),
            Cells::Text(rows().map(|r| r.1.name.clone()).collect()),
            Cells::Integer(rows().map(|r| integer(r.2.n)).collect()),
            Cells::Text(rows().map(|_| versus.clone()).collect()),
            Cells::Number(rows().map(|r| r.2.mean).collect()),
            Cells::Number(rows().map(|r| r.2.se).collect()),
            Cells::Number(rows().map(|r| r.2.sd).collect()),
            Cells::Number(rows().map(|r| r.2.interval.lo).collect()),
            Cells::Number(rows().map(|r| r.2.interval.hi).collect()),
        ];
        columns.extend(interval_kinds(rows().map(|r| r.2.interval)));
        columns.push(Cells::Integer(rows().map(|r| integer(r.2.discordant)).collect()));
        columns.push(Cells::Integer(rows().map(|r| integer(r.2.left_out)).collect()));
        Table::new(&self.differences, columns)
    }

    /// Rows of `trajectory` of these variables ([`Summary::moving`]) in some rounds (from 0) of an
    /// arm, by number: see [`Summary::stretches`]. A round that nobody played has rows without
    /// values.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn trajectory(
        &self,
        summary: &Summary,
        variables: &[usize],
        arm: usize,
        rounds: Range<usize>,
        point: u64,
    ) -> Result<Table, TableError> {
        let (layout, arm) = (&summary.layout, &summary.arms[arm]);
        let rows = || {
            rounds.clone().flat_map(move |round| {
                let points = arm.round(layout, round);
                let row = move |v: &usize| (&arm.name, round, &layout.variables[*v], &points[*v]);
                variables.iter().map(row)
            })
        };
        let binary = variables.iter().map(|v| layout.binary.get(*v) == Some(&true)).cycle();
        let mut intervals = MeanIntervals::default();
        let ends = rows().zip(binary).map(|(row, binary)| row.3.interval(binary, &mut intervals));
        let (lo, hi): (Vec<f64>, Vec<f64>) = ends.unzip();
        let quantile = |q: f64| Cells::Number(rows().map(|r| r.3.digest.quantile(q)).collect());
        let mut columns = vec![
            Cells::Text(rows().map(|r| r.0.clone()).collect()),
            Cells::Integer(rows().map(|_| integer(point)).collect()),
        ];
        columns.extend(round_columns(self.calendar, rows().map(|r| r.1 as u32 + 1)));
        columns.extend([
            Cells::Text(rows().map(|r| r.2.clone()).collect()),
            Cells::Integer(rows().map(|r| integer(r.3.moments.n())).collect()),
            Cells::Number(rows().map(|r| r.3.moments.mean()).collect()),
            Cells::Number(rows().map(|r| r.3.moments.sd()).collect()),
            Cells::Number(lo),
            Cells::Number(hi),
        ]);
        columns.extend([0.05, 0.25, 0.5, 0.75, 0.95].map(quantile));
        Table::new(&self.trajectory, columns)
    }

    /// Rows of `moves` for some rounds (from 0) of an arm, by number: every option in every round;
    /// no share in a round that nobody played.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn moves(
        &self,
        summary: &Summary,
        arm: usize,
        rounds: Range<usize>,
        point: u64,
    ) -> Result<Table, TableError> {
        let (layout, arm) = (&summary.layout, &summary.arms[arm]);
        let rows = || {
            rounds.clone().flat_map(move |round| {
                let chosen = arm.chosen.iter().zip(&arm.available);
                let chosen = chosen.skip(round * layout.options.len());
                let options = layout.options.iter().zip(chosen);
                options.map(move |(option, (n, open))| (arm, round, option, *n, *open))
            })
        };
        let share = |n: u64, of: u64| if of == 0 { f64::NAN } else { n as f64 / of as f64 };
        let interval = |n: u64, of: u64| match of {
            0 => (f64::NAN, f64::NAN),
            _ => wilson(n, of, Z95),
        };
        let (lo, hi) = rows().map(|r| interval(r.3, r.0.played[r.1])).unzip();
        let mut columns = vec![
            Cells::Text(rows().map(|r| r.0.name.clone()).collect()),
            Cells::Integer(rows().map(|_| integer(point)).collect()),
        ];
        columns.extend(round_columns(self.calendar, rows().map(|r| r.1 as u32 + 1)));
        columns.extend([
            Cells::Text(rows().map(|r| r.2.actor.clone()).collect()),
            Cells::Text(rows().map(|r| r.2.track.clone()).collect()),
            Cells::Text(rows().map(|r| r.2.action.clone()).collect()),
            Cells::Text(rows().map(|r| r.2.target.clone()).collect()),
            Cells::Integer(rows().map(|r| integer(r.0.played[r.1])).collect()),
            Cells::Integer(rows().map(|r| integer(r.4)).collect()),
            Cells::Number(rows().map(|r| share(r.3, r.0.played[r.1])).collect()),
            Cells::Number(lo),
            Cells::Number(hi),
        ]);
        Table::new(&self.moves, columns)
    }
}

/// The columns `interval` and `sparse`.
fn interval_kinds(intervals: impl Iterator<Item = Interval>) -> [Cells; 2] {
    let (words, sparse) = intervals.map(|i| (i.method.word().to_string(), Some(i.sparse))).unzip();
    [Cells::Text(words), Cells::Truth(sparse)]
}

/// Every arm's outcomes, in order.
fn cells(results: &Results) -> impl Iterator<Item = (&str, &OutcomeScale, &OutcomeResult)> {
    results.arms.iter().flat_map(|arm| {
        let all = results.outcomes.iter().zip(&arm.outcomes);
        all.map(|(scale, row)| (arm.name.as_str(), scale, row))
    })
}

/// The columns `arm`, `point` and `outcome`.
fn keys(results: &Results, point: u64) -> Vec<Cells> {
    vec![
        Cells::Text(cells(results).map(|r| r.0.to_string()).collect()),
        Cells::Integer(cells(results).map(|_| integer(point)).collect()),
        Cells::Text(cells(results).map(|r| r.1.name.clone()).collect()),
    ]
}
