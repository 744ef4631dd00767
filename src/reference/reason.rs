//! Step 2: from values to mixes, level by level.

use std::cell::Cell;

use super::imagine::{OptionValue, Thought};
use super::stopped;
use crate::expr::{Parameters, truth, value};
use crate::math;
use crate::model::{ActorId, CONVERGED, HALVING, IndexVec, Model, STEPS, SeatId};
use crate::record::Failure;
use crate::rules::{
    self, Answer, EffectIndex, Perspective, Replies, Start, Table, View, World, markov, state,
};

/// A mix for every seat and every type of its actor.
pub(super) type Play = rules::Play<f64>;

/// What is only known in reality: by actor the Poisson level drawn for this run, and the real type
/// by private id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Real<'a> {
    pub levels: &'a IndexVec<ActorId, usize>,
    pub true_types: &'a [usize],
}

/// What deliberation comes to, with what options were worth where each mix was formed.
pub(super) type Mixes = rules::Strategies<f64, Vec<OptionValue>>;

/// What deliberation comes to in a round.
pub(super) struct Strategies {
    /// The mixes.
    pub mixes: Mixes,
    /// By seat and type, how far each option is available.
    pub open: Play,
    /// The residual of an equilibrium that did not converge.
    pub residual: Option<f64>,
}

impl Strategies {
    /// Takes over what the seats of a later stage come to.
    pub fn add(&mut self, other: Strategies, model: &Model, stage: usize) {
        for seat in model.seats.ids().filter(|seat| model.seats[*seat].stage == stage) {
            let (own, mixes) = (&mut self.mixes, &other.mixes);
            own.expected[seat].clone_from(&mixes.expected[seat]);
            own.realised[seat].clone_from(&mixes.realised[seat]);
            own.kept[seat].clone_from(&mixes.kept[seat]);
            self.open[seat].clone_from(&other.open[seat]);
        }
        let both = self.residual.into_iter().chain(other.residual);
        self.residual = both.reduce(math::maximum);
    }
}

/// What a round of deliberation stands on: a world and how far ahead it may look.
struct Deliberation<'a> {
    table: Table<'a, f64>,
    world: &'a World<f64>,
    /// No seat looks further ahead than this.
    horizon: u32,
    real: Option<Real<'a>>,
    residual: Cell<Option<f64>>,
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
    let (table, residual) = (table(index, world, real), Cell::new(None));
    let deliberation = Deliberation { table, world, horizon, real, residual };
    let mixes = deliberation.settle()?;
    let Deliberation { table, residual, .. } = deliberation;
    Ok(Strategies { mixes, open: table.open, residual: residual.get() })
}

/// Everybody at a world, and how far each option is available.
fn table<'a>(
    index: &'a EffectIndex<'a>,
    world: &'a World<f64>,
    real: Option<Real>,
) -> Table<'a, f64> {
    let Some(Real { true_types, .. }) = real else { return Table::new(index, &(), world, None) };
    let true_start = |perspective: &Perspective<'a, f64>| {
        let mut types = true_types.to_vec();
        if let Some(id) = index.model.private_of(perspective.actor) {
            types[id] = perspective.actor_type;
        }
        Start::new(index, (), world, View::of_types(index, &(), &types))
    };
    Table::new(index, &(), world, Some(&true_start))
}

/// By seat and type of its actor, how far each option is really available at a world.
pub(super) fn open_options(index: &EffectIndex, world: &World<f64>, real: Real) -> Play {
    table(index, world, Some(real)).open
}

impl<'a> Replies<'a, f64> for Deliberation<'a> {
    type Kept = Vec<OptionValue>;
    type Error = Failure;

    fn table(&self) -> &Table<'a, f64> {
        &self.table
    }

    fn reply(
        &self,
        (seat, actor_type): (SeatId, usize),
        play: &Play,
    ) -> Result<(Vec<f64>, Vec<OptionValue>), Failure> {
        if self.table.index.halt.look() {
            return Err(stopped(self.world.round as u32 + 1));
        }
        let decision = self.table.decision(seat);
        let perspective = self.table.perspective(seat, actor_type);
        let open = &self.table.open[seat][actor_type];
        let horizon = decision.foresight.min(self.horizon);
        let unavailable = || OptionValue {
            parts: vec![f64::NAN; self.table.index.model.names.components.len()],
            later: 0.0,
            utility: f64::NAN,
        };
        let mut values = Vec::with_capacity(open.len());
        for (option, worth) in Thought(perspective, self.horizon)
            .values(play, seat, open, horizon)
            .into_iter()
            .enumerate()
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
        Ok((self.table.mix((seat, actor_type), precision, &utilities), values))
    }

    /// In a game without a last round the mixes of its equilibrium, where it was found.
    fn start(&self) -> Play {
        let (index, mut play) = (self.table.index, self.table.level_zero());
        if !index.arm.is_stationary() {
            return play;
        }
        let Ok(found) = markov(index, &|| index.halt.look()) else { return play };
        let Some(at) = found.states.get(state(&found.carried, self.world).as_slice()) else {
            return play;
        };
        for (id, seat) in index.model.seats.enumerate() {
            if self.table.decision(id).deliberates() {
                for mix in &mut play[id] {
                    let own = seat.options().map(|option| found.mixes[*at][option.index()]);
                    *mix = own.collect();
                }
            }
        }
        play
    }

    fn is_real(&self) -> bool {
        self.real.is_some()
    }

    fn level(&self, actor: ActorId, level: usize) -> f64 {
        self.real.map_or(0.0, |real| truth(real.levels[actor] == level))
    }

    fn begin(&self, _levels: usize) -> Box<dyn FnMut() + '_> {
        Box::new(|| ())
    }

    fn equilibrium(
        &self,
        start: &Play,
        answer: &mut Answer<f64, Vec<OptionValue>>,
    ) -> Result<(), Failure> {
        let mut play = start.clone();
        for step in 0..=STEPS {
            answer.0.clone_from(&play);
            self.replies(&play, |_| true, answer)?;
            let residual = distance(&answer.0, &play);
            if residual <= CONVERGED {
                break;
            }
            if step == STEPS {
                self.residual.set(Some(residual));
                break;
            }
            let damping = 0.5 / f64::from(1_u32 << (step / HALVING));
            let mixes = play.iter_mut().flatten().flatten();
            for (mix, target) in mixes.zip(answer.0.iter().flatten().flatten()) {
                *mix += damping * (target - *mix);
            }
        }
        answer.0 = play;
        Ok(())
    }
}

impl Deliberation<'_> {
    fn failure(&self, seat: SeatId, option: usize, value: f64) -> Failure {
        let model = self.table.index.model;
        let seat = &model.seats[seat];
        let actor = &model.names.actors[seat.actor];
        let name = model.option_label(seat.option(option));
        Failure {
            run: 0,
            round: self.world.round as u32,
            cell: format!("utility[{actor}]"),
            offset: model.payoffs[seat.actor].first().map_or(0, |p| p.value.span.start),
            reason: format!("the utility of `{name}` to {actor} is {value}"),
        }
    }
}

/// The greatest difference between two plays.
fn distance(a: &Play, b: &Play) -> f64 {
    let pairs = a.iter().flatten().flatten().zip(b.iter().flatten().flatten());
    pairs.fold(0.0, |most, (x, y)| math::maximum(most, (x - y).abs()))
}
