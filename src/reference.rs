//! One run, one round at a time, straight from the model: the semantics to read.
//!
//! A round is one transition from a state and *weights* (of each option of each seat, of each
//! event, of each truth value) to the next state. In reality every weight is 0 or 1 and draws are
//! drawn; in an imagined round, the one an actor plays in its head to value an option, weights are
//! probabilities and draws are their means. Both run through the same code:
//!
//! - [`play`]: a run, round after round (steps 1 to 9 of `docs/method.md`);
//! - `round`: steps 4 to 8 for any weights;
//! - `choose`: what a seat can do, and how a rule turns values into a mix (steps 1 and 2);
//! - `reason`: levels, Poisson levels, equilibrium;
//! - `imagine`: what an option is worth;
//! - `scene`: whose eyes a round is seen through, and what formulas read.
//!
//! Nothing here is fast on purpose: it is the definition that the engine is held to, bit by bit.

mod choose;
mod imagine;
mod reason;
mod round;
mod scene;
mod transcript;

use std::cell::RefCell;

use crate::expr::{Expr, Facts, value};
use crate::math;
use crate::model::{Arm, Measure, Model, Reasoning};
use crate::record::{Block, Failure, Layout, OptionRow};
use crate::rng::{Address, Purpose, Seed, Stream};
use reason::{Settled, poisson, settle};
use round::NotFinite;
use scene::{Draws, Scene, View};

pub use transcript::{HazardTold, Moved, OptionTold, RoundTold, RunTold, SeatTold, tell};

/// A scenario, one of its arms, and the seed of its randomness.
#[derive(Debug, Clone, Copy)]
pub struct Game<'a> {
    /// The scenario.
    pub model: &'a Model,
    /// One of its arms.
    pub arm: &'a Arm,
    /// Where its random numbers come from.
    pub seed: Seed,
}

/// Everything that has memory, at the end of a round.
#[derive(Debug, Clone)]
struct World {
    /// How many rounds have been played.
    round: u32,
    /// The value of every state cell.
    cells: Vec<f64>,
    /// The weight of every option in the last round; 0 before the first.
    played: Vec<f64>,
    /// The mix from which it was chosen.
    mixed: Vec<f64>,
    /// The weight of every hazard in the last round; 0 before the first.
    happened: Vec<f64>,
    /// By hazard that happens once: the weight with which it has happened.
    spent: Vec<f64>,
    /// By place in `Model::private`, observer and type.
    beliefs: Vec<Vec<Vec<f64>>>,
    /// The real type by place in `Model::private`.
    truth: Vec<usize>,
}

impl World {
    /// The world after a round that ends as `end` shows.
    fn after(&self, end: &Scene, mixed: &[f64]) -> World {
        World {
            round: self.round + 1,
            cells: end.cells.to_vec(),
            played: end.chosen.to_vec(),
            mixed: mixed.to_vec(),
            happened: end.happened.to_vec(),
            spent: round::spent(end.game, &self.spent, end.happened),
            beliefs: end.beliefs.to_vec(),
            truth: self.truth.clone(),
        }
    }

    /// The real types, with another in the place of one actor's own.
    fn truth_except(&self, game: &Game, actor: usize, kind: usize) -> Vec<usize> {
        let mut kinds = self.truth.clone();
        if let Some(place) = game.model.private_of(actor) {
            kinds[place] = kind;
        }
        kinds
    }
}

/// The value of a formula over parameters alone.
fn of_parameters(expr: &Expr, parameters: &[f64]) -> f64 {
    struct Known<'a>(&'a [f64]);
    impl Facts for Known<'_> {
        fn parameter(&self, cell: usize) -> f64 {
            self.0[cell]
        }
    }
    value(expr, &Known(parameters))
}

/// Everything one real round leaves behind.
struct Played {
    /// The mixes it was chosen from.
    settled: Settled,
    /// By seat, the number of the option chosen, among all options.
    choices: Vec<usize>,
    /// By actor and component.
    payoffs: Vec<Vec<f64>>,
    /// By actor.
    utilities: Vec<f64>,
    /// By outcome, the value of its formula this round.
    measured: Vec<f64>,
    /// By entry of `Model::recorded`.
    derived: Vec<f64>,
    /// By hazard, how likely it was.
    chances: Vec<f64>,
    /// Probabilities that had to be moved into \[0, 1\].
    clamped: u64,
    /// Whether the run ends here.
    over: bool,
}

/// A run while it is played.
struct Run<'a> {
    game: &'a Game<'a>,
    stream: RefCell<Stream>,
    /// The view of reality.
    truth: View,
    /// The Poisson level of each actor; 0 where it reasons otherwise.
    levels: Vec<usize>,
    world: World,
}

impl<'a> Run<'a> {
    /// Round 0: types, levels, initial values.
    fn begin(game: &'a Game<'a>, number: u64) -> Result<Self, Failure> {
        let (model, arm) = (game.model, game.arm);
        let stream = RefCell::new(Stream::new(game.seed, number));
        let first = |purpose, slot: usize| Address {
            round: 0,
            purpose,
            ordinal: 0,
            slot: u32::try_from(slot).unwrap_or(u32::MAX),
        };
        let draw = |purpose, slot| stream.borrow_mut().uniform(first(purpose, slot));
        let kinds: Vec<usize> = (0..model.private.len())
            .map(|place| match arm.truth[place] {
                Some(kind) => kind,
                None => pick(&arm.chances[place], draw(Purpose::Types, place)),
            })
            .collect();
        let levels = (0..model.actor_count())
            .map(|actor| match arm.decisions[actor].reasoning {
                Reasoning::Poisson(mean) => pick(&poisson(mean), draw(Purpose::Levels, actor)),
                _ => 0,
            })
            .collect();
        let mut world = World {
            round: 0,
            cells: vec![0.0; model.cells.len()],
            played: vec![0.0; model.options.len()],
            mixed: vec![0.0; model.options.len()],
            happened: vec![0.0; model.hazards.len()],
            spent: vec![0.0; model.hazards.len()],
            beliefs: arm.priors.clone(),
            truth: kinds.clone(),
        };
        let truth = View::of_types(game, &kinds);
        let mut cells = world.cells.clone();
        let draws = Draws { stream: &stream, round: 0, purpose: Purpose::Initial };
        let scene = Scene::start(game, &truth, &world, &[]).drawing(Some(draws));
        for (number, cell) in model.cells.iter().enumerate() {
            let (lo, hi) = cell.range;
            cells[number] = math::clamp(value(&arm.initial[number], &scene), lo, hi);
            if !cells[number].is_finite() {
                let what = cell.label.clone();
                let place = arm.initial[number].span.start;
                return Err(fail(0, NotFinite { what, place, value: cells[number] }));
            }
        }
        drop(scene);
        world.cells = cells;
        Ok(Run { game, stream, truth, levels, world })
    }

    fn draws(&self, purpose: Purpose) -> Option<Draws<'_>> {
        Some(Draws { stream: &self.stream, round: self.world.round + 1, purpose })
    }

    /// A uniform number of this round.
    fn uniform(&self, purpose: Purpose, slot: usize) -> f64 {
        let slot = u32::try_from(slot).unwrap_or(u32::MAX);
        let at = Address { round: self.world.round + 1, purpose, ordinal: 0, slot };
        self.stream.borrow_mut().uniform(at)
    }

    /// Steps 1 to 3: deliberation, then one option for every seat.
    fn choose(&self, settled: &Settled) -> (Vec<usize>, Vec<f64>, Vec<f64>) {
        let model = self.game.model;
        let mut chosen = vec![0.0; model.options.len()];
        let mut mixed = vec![0.0; model.options.len()];
        let mut choices = Vec::with_capacity(model.seats.len());
        for (number, seat) in model.seats.iter().enumerate() {
            let kind = model.private_of(seat.actor).map_or(0, |p| self.world.truth[p]);
            let mix = &settled.own[number][kind];
            let option = seat.first + pick(mix, self.uniform(Purpose::Choice, number));
            mixed[seat.options()].copy_from_slice(mix);
            chosen[option] = 1.0;
            choices.push(option);
        }
        (choices, chosen, mixed)
    }

    /// Step 7: what everyone believes after seeing what was played.
    fn learn(&self, settled: &Settled, chosen: &[f64]) -> Result<Vec<Vec<Vec<f64>>>, NotFinite> {
        let model = self.game.model;
        let mut beliefs = self.world.beliefs.clone();
        for (place, private) in model.private.iter().enumerate() {
            let likely = imagine::likelihoods(self.game, &settled.play, chosen, private.actor);
            for observer in (0..model.actor_count()).filter(|o| *o != private.actor) {
                let after = round::posterior(&beliefs[place][observer], &likely);
                if let Some(value) = after.iter().find(|b| !b.is_finite()) {
                    let names = &model.names.actors;
                    let what = format!("belief[{},{}]", names[observer], names[private.actor]);
                    return Err(NotFinite { what, place: private.span.start, value: *value });
                }
                beliefs[place][observer] = after;
            }
        }
        Ok(beliefs)
    }

    /// One real round; the world moves on.
    fn round(&mut self) -> Result<Played, Failure> {
        let (game, model) = (self.game, self.game.model);
        let now = self.world.round + 1;
        let failed = |trouble: NotFinite| fail(now, trouble);
        let settled = settle(game, &self.world, u32::MAX, &self.levels)?;
        let (choices, chosen, mixed) = self.choose(&settled);
        let start = Scene::start(game, &self.truth, &self.world, &chosen);
        let (acted, trouble) =
            round::act(&start.at(start.cells).drawing(self.draws(Purpose::Effects)));
        trouble.map_or(Ok(()), |t| Err(failed(t)))?;
        let (drifted, trouble) =
            round::drift(&start.at(&acted).drawing(self.draws(Purpose::Dynamics)));
        trouble.map_or(Ok(()), |t| Err(failed(t)))?;
        let nature = start.at(&drifted);
        let chances = round::chances(&nature);
        chances.trouble.clone().map_or(Ok(()), |t| Err(failed(t)))?;
        let happened =
            round::decide(&chances.weights, |hazard| self.uniform(Purpose::Events, hazard));
        let (struck, trouble) = round::strike(
            &nature.at(&drifted).drawing(self.draws(Purpose::EventEffects)),
            &happened,
        );
        trouble.map_or(Ok(()), |t| Err(failed(t)))?;
        let beliefs = self.learn(&settled, &chosen).map_err(failed)?;
        let end = Scene { happened: &happened, beliefs: &beliefs, ..start.at(&struck) };
        let (mut payoffs, mut utilities) = (Vec::new(), Vec::new());
        for actor in 0..model.actor_count() {
            let (gained, parts) = round::pay(&end, &round::costs(&start, actor), actor);
            payoffs.push(gained);
            utilities.push(round::total(&parts));
        }
        let last = Scene { utilities: &utilities, payoffs: &payoffs, ..end.at(&struck) };
        let measured = model.outcomes.iter().map(|o| value(&o.value, &last)).collect();
        let derived = model.recorded.iter().map(|d| last.derived(*d)).collect();
        let over = !round::holds(round::goes_on(&end));
        let (chances, clamped) = (chances.weights, chances.clamped);
        let next = self.world.after(&end, &mixed);
        self.world = next;
        Ok(Played {
            settled,
            choices,
            payoffs,
            utilities,
            measured,
            derived,
            chances,
            clamped,
            over,
        })
    }
}

/// The first whose cumulative probability exceeds a uniform number; if rounding leaves none, the
/// last of positive probability.
fn pick(mix: &[f64], uniform: f64) -> usize {
    let mut sum = 0.0;
    for (at, p) in mix.iter().enumerate() {
        sum += p;
        if sum > uniform {
            return at;
        }
    }
    mix.iter().rposition(|p| *p > 0.0).unwrap_or(0)
}

fn fail(round: u32, trouble: NotFinite) -> Failure {
    let NotFinite { what, place, value } = trouble;
    Failure { run: 0, round, reason: format!("`{what}` is {value}"), cell: what, place }
}

/// The names and sizes of what runs of a scenario leave behind, for at most `rounds` rounds.
pub fn layout(model: &Model, rounds: u32) -> Layout {
    let names = &model.names;
    let mut variables: Vec<String> = model.cells.iter().map(|c| c.label.clone()).collect();
    variables.extend(model.recorded.iter().map(|d| model.derived[*d].label.clone()));
    variables.extend(names.actors.iter().map(|a| format!("utility[{a}]")));
    for actor in &names.actors {
        variables.extend(names.components.iter().map(|c| format!("payoff[{actor},{c}]")));
    }
    for private in &model.private {
        for (number, observer) in names.actors.iter().enumerate() {
            if number != private.actor {
                let actor = &names.actors[private.actor];
                let kinds = names.types[private.actor].iter();
                variables.extend(kinds.map(|k| format!("belief[{observer},{actor},{k}]")));
            }
        }
    }
    variables.extend(model.hazards.iter().map(|h| {
        let inner = h.label.replace('[', ",").replace(']', "");
        format!("happened[{inner}]")
    }));
    let options = model.options.iter().map(|option| OptionRow {
        seat: option.seat,
        actor: names.actors[model.seats[option.seat].actor].clone(),
        track: model.tracks[model.seats[option.seat].track].clone(),
        action: option.action.map_or("hold".to_string(), |m| names.moves[m].name.clone()),
        target: option.target.map_or(String::new(), |t| names.actors[t].clone()),
    });
    Layout {
        outcomes: model.outcomes.iter().map(|o| o.name.clone()).collect(),
        zero_one: model.outcomes.iter().map(|o| o.measure == Measure::Ever).collect(),
        variables,
        options: options.collect(),
        seats: model.seats.len(),
        rounds: rounds as usize,
    }
}

/// How an outcome grows over the rounds of a run.
fn measure(measure: Measure, before: Option<f64>, now: f64, round: u32) -> f64 {
    match (measure, before) {
        (Measure::Final, _) => now,
        (Measure::Mean | Measure::Total, before) => before.unwrap_or(0.0) + now,
        (Measure::Max, Some(most)) => math::maximum(most, now),
        (Measure::Min, Some(least)) => math::minimum(least, now),
        (Measure::Max | Measure::Min, None) => now,
        (Measure::First, Some(first)) if !first.is_nan() => first,
        (Measure::First, _) => {
            if round::holds(now) {
                f64::from(round)
            } else {
                f64::NAN
            }
        }
        (Measure::Ever, before) => {
            math::maximum(before.unwrap_or(0.0), f64::from(u8::from(round::holds(now))))
        }
    }
}

/// Plays `runs` consecutive runs from number `first` on. A run that fails is recorded as such.
pub fn play(game: &Game, layout: &Layout, first: u64, runs: usize) -> Block {
    let mut block = Block::new(layout, first, runs);
    for column in 0..runs {
        let number = first + column as u64;
        if let Err(failure) = play_one(game, layout, number, column, &mut block) {
            for outcome in 0..layout.outcomes.len() {
                block.outcomes[outcome * runs + column] = f64::NAN;
            }
            block.failures.push(Failure { run: number, ..failure });
        }
    }
    block
}

fn play_one(
    game: &Game,
    layout: &Layout,
    number: u64,
    column: usize,
    block: &mut Block,
) -> Result<(), Failure> {
    let mut run = Run::begin(game, number)?;
    let found = play_outcomes(&mut run, |_, run, played| {
        block.clamped += played.clamped;
        if let Some(residual) = played.settled.residual {
            block.unconverged += 1;
            block.residual = math::maximum(block.residual, residual);
        }
        block.played[column] = run.world.round;
        record(game.model, layout, block, column, &run.world, played);
    })?;
    for (outcome, value) in found.into_iter().enumerate() {
        block.outcomes[outcome * block.runs + column] = value;
    }
    Ok(())
}

/// Plays a run to its end, shows every round (the world before it, the run after it, what was
/// played) and returns its outcomes.
fn play_outcomes(
    run: &mut Run,
    mut show: impl FnMut(&World, &Run, &Played),
) -> Result<Vec<f64>, Failure> {
    let outcomes = &run.game.model.outcomes;
    let mut measured: Vec<Option<f64>> = vec![None; outcomes.len()];
    loop {
        let before = run.world.clone();
        let played = run.round()?;
        let round = run.world.round;
        for (outcome, (so_far, now)) in
            outcomes.iter().zip(measured.iter_mut().zip(&played.measured))
        {
            let matters = outcome.measure != Measure::Final || played.over;
            if matters && !now.is_finite() {
                let what = outcome.name.clone();
                let place = outcome.value.span.start;
                return Err(fail(round, NotFinite { what, place, value: *now }));
            }
            *so_far = Some(measure(outcome.measure, *so_far, *now, round));
        }
        show(&before, run, &played);
        if played.over {
            break;
        }
    }
    let rounds = f64::from(run.world.round);
    let found = outcomes.iter().zip(measured).map(|(outcome, found)| {
        let found = found.unwrap_or(f64::NAN);
        if outcome.measure == Measure::Mean { found / rounds } else { found }
    });
    Ok(found.collect())
}

/// Writes a round into its column of a block.
fn record(
    model: &Model,
    layout: &Layout,
    block: &mut Block,
    column: usize,
    world: &World,
    played: &Played,
) {
    let at = (world.round - 1) as usize;
    let beliefs = model.private.iter().zip(&world.beliefs).flat_map(|(private, rows)| {
        let others = rows.iter().enumerate().filter(|(o, _)| *o != private.actor);
        others.flat_map(|(_, row)| row)
    });
    let values = world
        .cells
        .iter()
        .chain(&played.derived)
        .chain(&played.utilities)
        .chain(played.payoffs.iter().flatten())
        .chain(beliefs)
        .chain(&world.happened);
    for (variable, value) in values.enumerate() {
        block.variables[(at * layout.variables.len() + variable) * block.runs + column] = *value;
    }
    for (seat, option) in played.choices.iter().enumerate() {
        block.choices[(at * layout.seats + seat) * block.runs + column] =
            u16::try_from(*option).unwrap_or(u16::MAX);
    }
}
