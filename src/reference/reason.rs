//! Step 2: from values to mixes, level by level.

use super::imagine::{OptionValue, Thought};
use super::stopped;
use crate::expr::{Parameters, value};
use crate::math;
use crate::model::{CONVERGED, Decision, HALVING, Reasoning, STEPS, poisson_levels};
use crate::record::Failure;
use crate::rules::{self, EffectIndex, Perspective, Start, View, World, reply, without_thought};

/// A mix for every seat and every type of its actor.
pub(super) type Play = rules::Play<f64>;

/// What is only known in reality: by actor the Poisson level drawn for this run, and the real type
/// by private id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Real<'a> {
    pub levels: &'a [usize],
    pub true_types: &'a [usize],
}

/// What deliberation comes to.
#[derive(Debug, Clone)]
pub(super) struct Strategies {
    /// By seat and type, the mix that others expect and learn from: for Poisson reasoning the
    /// average over levels.
    pub expected: Play,
    /// By seat and type, the mix at the level its actor reasons at in this run.
    pub realised: Play,
    /// By seat and type, what the options were worth where that mix was formed.
    pub values: Vec<Vec<Vec<OptionValue>>>,
    /// By seat and type, how far each option is available.
    pub open: Vec<Vec<Vec<f64>>>,
    /// The residual of an equilibrium that did not converge.
    pub residual: Option<f64>,
}

/// What a round of deliberation stands on: a world and how far ahead it may look.
struct Deliberation<'a> {
    index: &'a EffectIndex<'a>,
    world: &'a World<f64>,
    /// No seat looks further ahead than this.
    horizon: u32,
    /// By actor and type: who thinks.
    perspectives: Vec<Vec<Perspective<'a, f64>>>,
    /// By seat and type of its actor: how far each option is available.
    open: Vec<Vec<Vec<f64>>>,
}

/// The mixes of all seats at a world, looking at most `horizon` rounds ahead. In imagined rounds
/// nothing is real: levels are not known, and their average stands for them.
///
/// # Errors
/// A utility of an available option that is not finite.
pub(super) fn settle(
    index: &EffectIndex,
    world: &World<f64>,
    horizon: u32,
    real: Option<Real>,
) -> Result<Strategies, Failure> {
    if index.halt.look() {
        return Err(stopped(world.round as u32 + 1));
    }
    let perspectives = Perspective::all(index, &(), world);
    let open = open(index, world, &perspectives, real);
    let deliberation = Deliberation { index, world, horizon, perspectives, open };
    let start = deliberation.level_zero();
    let mut strategies = Strategies {
        realised: start.clone(),
        values: start.iter().map(|s| vec![Vec::new(); s.len()]).collect(),
        expected: start.clone(),
        open: Vec::new(),
        residual: None,
    };
    deliberation.fixed_levels(&start, &mut strategies)?;
    deliberation.poisson_levels(&start, real.map_or(&[], |r| r.levels), &mut strategies)?;
    deliberation.equilibrium(&start, &mut strategies)?;
    strategies.open = deliberation.open;
    Ok(strategies)
}

/// By seat and type of its actor, the availability of its options.
fn open<'a>(
    index: &'a EffectIndex<'a>,
    world: &'a World<f64>,
    perspectives: &[Vec<Perspective<'a, f64>>],
    real: Option<Real>,
) -> Vec<Vec<Vec<f64>>> {
    let Some(Real { true_types, .. }) = real else {
        return rules::open_options(perspectives, None, index.model);
    };
    let true_start = |perspective: &Perspective<'a, f64>| {
        let mut types = true_types.to_vec();
        if let Some(id) = index.model.private_of(perspective.actor) {
            types[id] = perspective.kind;
        }
        Start::new(index, (), world, View::of_types(index, &(), &types))
    };
    rules::open_options(perspectives, Some(&true_start), index.model)
}

/// By seat and type of its actor, how far each option is really available at a world.
pub(super) fn open_options(
    index: &EffectIndex,
    world: &World<f64>,
    real: Real,
) -> Vec<Vec<Vec<f64>>> {
    open(index, world, &Perspective::all(index, &(), world), Some(real))
}

impl Deliberation<'_> {
    fn level_zero(&self) -> Play {
        let seats = self.open.iter().enumerate();
        seats
            .map(|(seat, kinds)| {
                let actor = self.index.model.seats[seat].actor;
                let mixes = kinds.iter().zip(&self.perspectives[actor]);
                mixes
                    .map(|(open, perspective)| without_thought(&perspective.start, seat, open))
                    .collect()
            })
            .collect()
    }

    fn decision(&self, seat: usize) -> &Decision {
        &self.index.arm.decisions[self.index.model.seats[seat].actor]
    }

    /// A seat's reply, as one type, to what everyone is predicted to play.
    fn reply(
        &self,
        seat: usize,
        kind: usize,
        play: &Play,
    ) -> Result<(Vec<f64>, Vec<OptionValue>), Failure> {
        if self.index.halt.look() {
            return Err(stopped(self.world.round as u32 + 1));
        }
        let decision = self.decision(seat);
        let perspective = &self.perspectives[self.index.model.seats[seat].actor][kind];
        let open = &self.open[seat][kind];
        let horizon = decision.foresight.min(self.horizon);
        let unavailable = || OptionValue {
            parts: vec![f64::NAN; self.index.model.names.components.len()],
            later: 0.0,
            utility: f64::NAN,
        };
        let mut values = Vec::with_capacity(open.len());
        for (option, worth) in
            Thought(perspective).values(play, seat, open, horizon).into_iter().enumerate()
        {
            match worth {
                Some(worth) if !worth.utility.is_finite() => {
                    return Err(self.failure(seat, option, worth.utility));
                }
                worth => values.push(worth.unwrap_or_else(unavailable)),
            }
        }
        let precision = decision
            .precision
            .as_ref()
            .map_or(1.0, |p| value(p, &Parameters(&perspective.start.view.parameters)));
        let utilities: Vec<f64> = values.iter().map(|w| w.utility).collect();
        Ok((reply((), decision, precision, &utilities, open), values))
    }

    fn failure(&self, seat: usize, option: usize, value: f64) -> Failure {
        let model = self.index.model;
        let seat = &model.seats[seat];
        let actor = &model.names.actors[seat.actor];
        let name = model.option_label(seat.first + option);
        Failure {
            run: 0,
            round: self.world.round as u32,
            cell: format!("utility[{actor}]"),
            offset: model.payoffs[seat.actor].first().map_or(0, |p| p.value.span.start),
            reason: format!("the utility of `{name}` to {actor} is {value}"),
        }
    }

    /// The replies of some seats to a play; the others keep what they have.
    fn replies(
        &self,
        play: &Play,
        wanted: impl Fn(usize) -> bool,
        mut keep: impl FnMut(usize, usize, Vec<f64>, Vec<OptionValue>),
    ) -> Result<(), Failure> {
        for seat in 0..self.open.len() {
            if !self.decision(seat).deliberates() || !wanted(seat) {
                continue;
            }
            for kind in 0..self.open[seat].len() {
                let (mix, values) = self.reply(seat, kind, play)?;
                keep(seat, kind, mix, values);
            }
        }
        Ok(())
    }

    /// Level k replies to level k − 1; every seat is followed up to the highest level anyone
    /// reasons at, for all of them predict all others.
    fn fixed_levels(&self, start: &Play, strategies: &mut Strategies) -> Result<(), Failure> {
        let level_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Level(level) => Some(level),
            _ => None,
        };
        let Some(top) = (0..self.open.len()).filter_map(level_of).max() else { return Ok(()) };
        let mut below = start.clone();
        for level in 1..=top {
            let mut next = below.clone();
            // at the top only those that reason so far need a reply
            let wanted = |seat| level < top || level_of(seat) == Some(level);
            self.replies(&below, wanted, |seat, kind, mix, values| {
                if level_of(seat) == Some(level) {
                    strategies.realised[seat][kind].clone_from(&mix);
                    strategies.expected[seat][kind].clone_from(&mix);
                    strategies.values[seat][kind] = values;
                }
                next[seat][kind] = mix;
            })?;
            below = next;
        }
        Ok(())
    }

    /// Every actor's level is drawn once a run; level k replies to the mixture of lower levels in
    /// proportion to their probability (Camerer, Ho and Chong 2004).
    fn poisson_levels(
        &self,
        start: &Play,
        levels: &[usize],
        strategies: &mut Strategies,
    ) -> Result<(), Failure> {
        let mean_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Poisson(mean) => Some(mean),
            _ => None,
        };
        let mut means: Vec<f64> = Vec::new();
        for mean in (0..self.open.len()).filter_map(mean_of) {
            if !means.contains(&mean) {
                means.push(mean);
            }
        }
        for mean in means {
            let shares = poisson_levels(mean);
            let mut all = vec![(start.clone(), strategies.values.clone())];
            for level in 1..shares.len() {
                let mixture = mixture(&all, &shares[..level]);
                let (mut next, mut worth) = (start.clone(), strategies.values.clone());
                self.replies(
                    &mixture,
                    |_| true,
                    |seat, kind, mix, values| {
                        next[seat][kind] = mix;
                        worth[seat][kind] = values;
                    },
                )?;
                all.push((next, worth));
            }
            let average = mixture(&all, &shares);
            for seat in (0..self.open.len()).filter(|s| mean_of(*s) == Some(mean)) {
                strategies.expected[seat].clone_from(&average[seat]);
                match levels.get(self.index.model.seats[seat].actor) {
                    Some(level) => {
                        let (mixes, values) = &all[(*level).min(all.len() - 1)];
                        strategies.realised[seat].clone_from(&mixes[seat]);
                        strategies.values[seat].clone_from(&values[seat]);
                    }
                    None => strategies.realised[seat].clone_from(&average[seat]),
                }
            }
        }
        Ok(())
    }

    /// Mutual replies by damped iteration from level 0.
    fn equilibrium(&self, start: &Play, strategies: &mut Strategies) -> Result<(), Failure> {
        let seeks = |seat: usize| self.decision(seat).reasoning == Reasoning::Equilibrium;
        if !(0..self.open.len()).any(seeks) {
            return Ok(());
        }
        let mut play = start.clone();
        let mut values = strategies.values.clone();
        for step in 0..=STEPS {
            let mut answer = play.clone();
            self.replies(
                &play,
                |_| true,
                |seat, kind, mix, worth| {
                    answer[seat][kind] = mix;
                    values[seat][kind] = worth;
                },
            )?;
            let residual = distance(&answer, &play);
            if residual <= CONVERGED {
                break;
            }
            if step == STEPS {
                strategies.residual = Some(residual);
                break;
            }
            let damping = 0.5 / f64::from(1_u32 << (step / HALVING));
            for (mix, target) in flat(&mut play).zip(answer.iter().flatten().flatten()) {
                *mix += damping * (target - *mix);
            }
        }
        for seat in (0..self.open.len()).filter(|s| seeks(*s)) {
            strategies.expected[seat].clone_from(&play[seat]);
            strategies.realised[seat].clone_from(&play[seat]);
            strategies.values[seat].clone_from(&values[seat]);
        }
        Ok(())
    }
}

fn flat(play: &mut Play) -> impl Iterator<Item = &mut f64> {
    play.iter_mut().flatten().flatten()
}

/// The greatest difference between two plays.
fn distance(a: &Play, b: &Play) -> f64 {
    let pairs = a.iter().flatten().flatten().zip(b.iter().flatten().flatten());
    pairs.fold(0.0, |most, (x, y)| math::maximum(most, (x - y).abs()))
}

/// Levels mixed in proportion to their shares.
fn mixture(levels: &[(Play, Vec<Vec<Vec<OptionValue>>>)], shares: &[f64]) -> Play {
    let mut sum = 0.0;
    for share in shares {
        sum += share;
    }
    let mut mixed = levels[0].0.clone();
    for share in flat(&mut mixed) {
        *share = 0.0;
    }
    for ((play, _), share) in levels.iter().zip(shares) {
        for (total, p) in flat(&mut mixed).zip(play.iter().flatten().flatten()) {
            *total += share / sum * p;
        }
    }
    mixed
}
