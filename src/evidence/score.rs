//! How surprised a scenario is by a history, and by what.

use super::baselines::{Baselines, Expected};
use super::filter::Look;
use super::origins::{Foresight, Origins, origins};
use super::population::{are_of, beliefs};
use super::{Error, Likelihood, Record, Weigh, What};
use crate::history::History;
use crate::math;
use crate::model::{ActorId, Arm, CellId, HazardId, IndexVec, Model, OptionId, SeatId, Simulation};
use crate::record::{Layout, Quantity};
use crate::reference::{SeatTrace, State, explain};
use crate::rng::{Seed, Sequence};
use crate::stats::{Groups, RESAMPLES, Resamples, Sum};

/// What one arm makes of a history.
#[derive(Debug, Clone)]
pub struct Score {
    /// `base` or the name of the variant.
    pub arm: String,
    /// By case of the history: how likely it is.
    pub cases: Vec<Likelihood>,
    /// Every seat and round of which something is known, by case, round, seat.
    pub rows: Vec<Row>,
    /// By bin of tenths: of all options of seats whose move is known, how likely they were and how
    /// often they were played.
    pub calibration: Vec<Bin>,
    /// The same observations as one number: the sum over options of squared differences between
    /// probability and what was played, as a mean over observations (Brier 1950).
    pub brier: f64,
    /// Records in order of how unlikely they were, the least likely first.
    pub surprises: Vec<Surprise>,
    /// Variables given the records up to each round.
    pub filtered: Vec<Filtered>,
    /// Private types given the records up to each round.
    pub types: Vec<TypeRow>,
    /// Forecasts from earlier rounds, where they are asked for.
    pub foresight: Vec<Foresight>,
}

/// The record of a seat in a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The case, by number.
    pub case: usize,
    /// The round, from 1.
    pub round: u32,
    /// The seat.
    pub seat: SeatId,
    /// By option of the seat, whether it may have been played.
    pub set: Vec<bool>,
    /// How likely the record was before the round was used.
    pub probability: f64,
    /// What else would have been expected: a uniform draw from what can be played, and yardsticks
    /// from the history alone.
    pub uniform: f64,
    /// See [`Expected`].
    pub baseline: Expected,
    /// By option of the seat, how likely it was.
    pub options: Vec<f64>,
}

impl Row {
    /// The likeliest option, within the seat, and how likely it was.
    pub fn likeliest(&self) -> (usize, f64) {
        let options = self.options.iter().copied().enumerate();
        options.fold((0, f64::NEG_INFINITY), |most, this| if this.1 > most.1 { this } else { most })
    }
}

/// Predicted probabilities of options between two tenths.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// How many options.
    pub count: u64,
    /// The sum of their probabilities.
    pub predicted: f64,
    /// How many of them were played.
    pub played: u64,
}

/// A record that was not expected.
#[derive(Debug, Clone)]
pub struct Surprise {
    /// The case, by number.
    pub case: usize,
    /// The round, from 1.
    pub round: u32,
    /// The record.
    pub what: What,
    /// How likely it was.
    pub probability: f64,
    /// Of a seat: what its options were worth at the mean state before the round.
    pub why: Option<SeatTrace>,
}

/// A variable given the records up to a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Filtered {
    /// The case, by number.
    pub case: usize,
    /// The round, from 1.
    pub round: u32,
    /// The variable, by number in the layout.
    pub variable: usize,
    /// Mean and standard deviation over particles.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
    /// The quantiles 0.05, 0.25, 0.5, 0.75, 0.95.
    pub quantiles: [f64; 5],
}

/// A type given the records up to a round.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeRow {
    /// The case, by number.
    pub case: usize,
    /// The round, from 1.
    pub round: u32,
    /// The actor.
    pub actor: ActorId,
    /// The type, by number.
    pub kind: usize,
    /// How likely it is.
    pub probability: f64,
    /// What each observer believes by then, as a mean.
    pub beliefs: Vec<(ActorId, f64)>,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Of what, by what, and how.
    pub weigh: Weigh<'a>,
    /// A history whose counts baselines start from.
    pub before: Option<&'a History>,
    /// How many surprises are kept.
    pub surprises: usize,
    /// From where to forecast, and how far.
    pub origins: Option<&'a Origins>,
}

/// Scores an arm by a history, on the current rayon pool.
///
/// # Errors
/// As [`Weigh::likelihoods`].
pub fn score(question: &Question, arm: &Arm) -> Result<Score, Error> {
    let weigh = &question.weigh;
    let Weigh { model, history, settings, .. } = *weigh;
    let mut found = Score {
        arm: arm.name.clone(),
        cases: Vec::new(),
        rows: Vec::new(),
        calibration: vec![Bin::default(); 10],
        brier: f64::NAN,
        surprises: Vec::new(),
        filtered: Vec::new(),
        types: Vec::new(),
        foresight: Vec::new(),
    };
    let mut baselines = started(model, question.before);
    let mut brier = (Sum::new(), 0_u64);
    for (case, of) in history.cases.iter().enumerate() {
        let record = Record::new(model, of, history.miscoding);
        let arms = [Record::arm(of, arm)];
        let layout = Layout::of(model, &arms);
        let filter = weigh.filter(&arms, &record);
        baselines.restart();
        let mut states = vec![State::begin(model)];
        let each = weigh.each(&record, arm);
        let mut watch = |look: &Look| {
            weigh.watch.advanced(each);
            let first = found.rows.len();
            found.rows.extend(rows(model, case, look, &baselines));
            for row in &found.rows[first..] {
                count(look, row, (&mut found.calibration, &mut brier));
            }
            baselines.add(look.known);
            found.filtered.extend(filtered(&layout, case, look));
            found.types.extend(types(model, &layout, case, look));
            surprises(case, look, &mut found.surprises);
            states.push(state(model, look, states.last()));
        };
        let mut likelihood = filter.run(&mut watch, &mut |_, _| ())?;
        found.surprises.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        found.surprises.truncate(question.surprises);
        for surprise in found.surprises.iter_mut().filter(|s| s.case == case) {
            let What::Seat(seat) = surprise.what else { continue };
            let game = Simulation { model, arm: &arms[0], seed: settings.seed };
            let state = &states[surprise.round as usize - 1];
            surprise.why = explain(&game, state, seat).ok().flatten();
        }
        let possible = likelihood.iter().all(|one| one.blame.is_none());
        if let Some(asked) = question.origins.filter(|_| possible) {
            let seen = started(model, question.before);
            found.foresight.extend(origins(weigh, case, arm, asked, seen)?);
        }
        found.cases.append(&mut likelihood);
    }
    if brier.1 > 0 {
        found.brier = brier.0.value() / brier.1 as f64;
    }
    Ok(found)
}

/// Baselines that have seen another history.
fn started(model: &Model, before: Option<&History>) -> Baselines {
    let mut baselines = Baselines::new(model.seats.iter().map(|seat| seat.options().count()));
    for (history, case) in before.iter().flat_map(|h| h.cases.iter().map(move |case| (h, case))) {
        baselines.restart();
        let record = Record::new(model, case, history.miscoding);
        record.observations.iter().for_each(|known| baselines.add(known));
    }
    baselines
}

/// A mean over particles.
fn mean(values: &[f64], shares: &[f64]) -> f64 {
    let terms = values.iter().zip(shares).filter(|(_, share)| **share > 0.0);
    terms.map(|(value, share)| value * share).collect::<Sum>().value()
}

/// The shares of particles before a stage of a round: those before the round, weighed by what was
/// seen of earlier stages.
fn at_stage(model: &Model, look: &Look, stage: usize) -> Vec<f64> {
    let mut shares = look.before.to_vec();
    for factor in look.factors {
        if let What::Seat(seat) = factor.what
            && model.seats[seat].stage < stage
        {
            shares.iter_mut().zip(&factor.values).for_each(|(share, value)| *share *= value);
        }
    }
    if stage > 0 {
        let all: Sum = shares.iter().copied().collect();
        shares.iter_mut().for_each(|share| *share /= all.value());
    }
    shares
}

fn rows(model: &Model, case: usize, look: &Look, baselines: &Baselines) -> Vec<Row> {
    let known = look.known;
    let blur = |share: f64, set: &[bool]| known.likelihood(set, share);
    let each = look.factors.iter().filter_map(|factor| {
        let What::Seat(seat) = factor.what else { return None };
        let set = known.of_seat(seat)?.to_vec();
        let shares = at_stage(model, look, model.seats[seat].stage);
        let read = |quantity: fn(OptionId) -> Quantity| -> Vec<Vec<f64>> {
            let options = model.seats[seat].options();
            options.map(|option| look.population.read(quantity(option))).collect()
        };
        let (mixes, open) = (read(Quantity::Mix), read(Quantity::Open));
        let uniform = (0..shares.len()).map(|n| {
            let can = |at: &usize| open[*at][n] > 0.0;
            let all = (0..set.len()).filter(can).count();
            let own = (0..set.len()).filter(|at| set[*at]).filter(can).count();
            if all == 0 { 0.0 } else { own as f64 / all as f64 }
        });
        let uniform = mean(&uniform.collect::<Vec<f64>>(), &shares);
        let options = mixes.iter().map(|mix| mean(mix, &shares)).collect();
        let Expected { frequency, frequency_1, persistence } = baselines.expected(seat, &set);
        Some(Row {
            case,
            round: look.round,
            seat,
            probability: mean(&factor.values, &shares),
            uniform: blur(uniform, &set),
            baseline: Expected {
                frequency: blur(frequency, &set),
                frequency_1: blur(frequency_1, &set),
                persistence: blur(persistence, &set),
            },
            set,
            options,
        })
    });
    each.collect()
}

/// Counts the options of a seat whose move is known.
fn count(look: &Look, row: &Row, (bins, brier): (&mut [Bin], &mut (Sum, u64))) {
    // of a set of one the likelihood is that of any option alone
    if row.set.iter().filter(|of| **of).count() != 1 {
        return;
    }
    let mut sum = Sum::new();
    for (option, of) in row.options.iter().zip(&row.set) {
        let p = look.known.likelihood(&row.set, *option);
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        bin.count += 1;
        bin.predicted += p;
        bin.played += u64::from(*of);
        let played = f64::from(u8::from(*of));
        sum.add((p - played) * (p - played));
    }
    brier.0.add(sum.value());
    brier.1 += 1;
}

fn filtered(layout: &Layout, case: usize, look: &Look) -> Vec<Filtered> {
    let variables = 0..layout.variables.len();
    let each = variables.map(|variable| {
        let values = look.population.read(Quantity::Variable(variable));
        let mean = mean(&values, look.after);
        let squares: Vec<f64> = values.iter().map(|x| (x - mean) * (x - mean)).collect();
        let sd = self::mean(&squares, look.after).sqrt();
        let quantiles = quantiles(&values, look.after);
        Filtered { case, round: look.round, variable, mean, sd, quantiles }
    });
    each.collect()
}

/// The least values that so large a share of particles does not exceed.
fn quantiles(values: &[f64], shares: &[f64]) -> [f64; 5] {
    let counted = (0..values.len()).filter(|n| shares[*n] > 0.0);
    let mut order: Vec<(f64, usize)> = counted.map(|n| (values[n], n)).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut sum, mut next) = (Sum::new(), 0);
    [0.05, 0.25, 0.5, 0.75, 0.95].map(|wanted| {
        // what rounding takes from the sum of shares
        while next < order.len() && (next == 0 || sum.value() < wanted - 1e-12) {
            sum.add(shares[order[next].1]);
            next += 1;
        }
        next.checked_sub(1).map_or(f64::NAN, |last| order[last].0)
    })
}

fn types(model: &Model, layout: &Layout, case: usize, look: &Look) -> Vec<TypeRow> {
    let mut found = Vec::new();
    for (private_id, private) in model.private.iter().enumerate() {
        for kind in 0..model.names.types[private.actor].len() {
            let belief = |observer: ActorId| {
                let of = (observer, private.actor, kind);
                let values = beliefs(look.population, &layout.variables, model, of)?;
                Some((observer, mean(&values, look.after)))
            };
            found.push(TypeRow {
                case,
                round: look.round,
                actor: private.actor,
                kind,
                probability: mean(&are_of(look.population, private_id, kind), look.after),
                beliefs: model.actors().filter_map(belief).collect(),
            });
        }
    }
    found
}

fn surprises(case: usize, look: &Look, found: &mut Vec<Surprise>) {
    for factor in look.factors.iter().filter(|factor| !factor.is_log()) {
        let probability = mean(&factor.values, look.before);
        let (round, what) = (look.round, factor.what);
        found.push(Surprise { case, round, what, probability, why: None });
    }
}

/// The mean state after a round.
fn state(model: &Model, look: &Look, before: Option<&State>) -> State {
    let read = |quantity: Quantity| mean(&look.population.read(quantity), look.after);
    let cells: IndexVec<CellId, f64> =
        (0..model.cells.len()).map(|n| read(Quantity::Variable(n))).collect();
    let after_payoffs = model.cells.len() + model.recorded.len();
    let paid = model.names.actors.len() * (1 + model.names.components.len());
    let mut variable = after_payoffs + paid;
    let mut next = || {
        variable += 1;
        read(Quantity::Variable(variable - 1))
    };
    let beliefs = model.private.iter().map(|private| {
        let row = |observer: ActorId| -> Vec<f64> {
            let types = &model.names.types[private.actor];
            match observer == private.actor {
                true => vec![1.0 / types.len() as f64; types.len()],
                false => types.iter().map(|_| next()).collect(),
            }
        };
        model.actors().map(row).collect()
    });
    let beliefs: Vec<IndexVec<ActorId, Vec<f64>>> = beliefs.collect();
    let happened: IndexVec<HazardId, f64> = model.hazards.iter().map(|_| next()).collect();
    let spent = model.hazards.enumerate().map(|(id, hazard)| {
        let earlier = before.map_or(0.0, |before| before.spent[id]);
        let once = model.events[hazard.event].once;
        if once { math::minimum(1.0, earlier + happened[id]) } else { 0.0 }
    });
    let spent = spent.collect();
    let mut played = IndexVec::filled(0.0, model.options.len());
    let mut mixed = IndexVec::filled(0.0, model.options.len());
    for (id, seat) in model.seats.enumerate() {
        let choices = look.population.read(Quantity::Choice(id));
        for (at, option) in seat.options().enumerate() {
            let of = choices.iter().map(|choice| f64::from(u8::from(*choice == at as f64)));
            played[option] = mean(&of.collect::<Vec<f64>>(), look.after);
            mixed[option] = read(Quantity::Mix(option));
        }
    }
    let likeliest = |private_id: usize| {
        let actor = model.private[private_id].actor;
        let share = |kind: usize| mean(&are_of(look.population, private_id, kind), look.after);
        let shares = (0..model.names.types[actor].len()).map(|kind| (kind, share(kind)));
        shares.fold((0, -1.0), |most, this| if this.1 > most.1 { this } else { most }).0
    };
    State {
        round: look.round + 1,
        cells: Some(cells),
        played,
        mixed,
        happened,
        spent,
        beliefs: Some(beliefs),
        true_types: (0..model.private.len()).map(likeliest).collect(),
    }
}

/// The mean log score in bits of some records, and what it gains over each baseline, with a 95 %
/// interval by bootstrap over rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// How many records.
    pub n: u64,
    /// The mean of log₂ of their probabilities.
    pub bits: f64,
    /// Over `uniform`, `frequency`, `frequency_1`, `persistence`: the mean gain in bits, and its
    /// interval; not a number with too few rounds to resample.
    pub gains: [(f64, f64, f64); 4],
}

/// Sums up records, which are in order of case and round.
pub fn total<'a>(rows: impl Iterator<Item = &'a Row> + Clone, seed: Seed) -> Total {
    let bits = |p: f64| math::log(p) / std::f64::consts::LN_2;
    let mut rounds: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        match rounds.last_mut() {
            Some(last) if (last[0].case, last[0].round) == (row.case, row.round) => last.push(row),
            _ => rounds.push(vec![row]),
        }
    }
    let n: usize = rounds.iter().map(Vec::len).sum();
    let all = || rounds.iter().flatten();
    let sum: Sum = all().map(|row| bits(row.probability)).collect();
    let of: [fn(&Row) -> f64; 4] = [
        |row| row.uniform,
        |row| row.baseline.frequency,
        |row| row.baseline.frequency_1,
        |row| row.baseline.persistence,
    ];
    let mut draws = Sequence::new(seed, Sequence::BOOTSTRAP);
    let resamples =
        Resamples::new(rounds.len(), RESAMPLES, |count| draws.below(count as u64) as usize);
    let gains = of.map(|other| {
        let mut groups = Groups::new();
        for round in &rounds {
            let gain = round.iter().map(|row| bits(row.probability) - bits(other(row)));
            groups.push(gain.collect::<Sum>().value(), round.len() as u64);
        }
        let mean = groups.mean();
        let (lo, hi) = match rounds.len() {
            0 | 1 => (f64::NAN, f64::NAN),
            _ => resamples.interval(&groups, mean, 0.05),
        };
        (mean, lo, hi)
    });
    Total { n: n as u64, bits: sum.value() / n as f64, gains }
}

impl State {
    /// The mean state before the first round.
    fn begin(model: &Model) -> State {
        State {
            round: 1,
            cells: None,
            played: IndexVec::filled(0.0, model.options.len()),
            mixed: IndexVec::filled(0.0, model.options.len()),
            happened: IndexVec::filled(0.0, model.hazards.len()),
            spent: IndexVec::filled(0.0, model.hazards.len()),
            beliefs: None,
            true_types: vec![0; model.private.len()],
        }
    }
}
