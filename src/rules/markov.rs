//! Games without a last round: the stationary logit Markov equilibrium on the states that can be
//! reached, found from values of 0 by damped steps of all states at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::choose::{Sharpness, availability, reply, without_thought};
use super::nested::Nested;
use super::{EffectIndex, Phase, Round, Start, View, World, one_hot, total};
use crate::expr::{Number, Parameters, value};
use crate::model::{
    ActorId, CONVERGED, Carried, HazardId, IndexVec, MARKOV_STATES, MARKOV_STEPS, MARKOV_WAYS,
    Markov, MarkovError, OptionId, Rule, SeatId, carried, dissimilarity,
};

/// After so many steps the step of the mixes is halved.
const HALVING: u32 = 2_500;

/// The equilibrium of an arm, found when it is first asked for.
///
/// # Errors
/// [`MarkovError`].
pub fn markov(index: &EffectIndex, stop: &dyn Fn() -> bool) -> Result<Arc<Markov>, MarkovError> {
    if let Some(known) = index.arm.markov.get() {
        return known.clone();
    }
    let found = solve(index, stop).map(Arc::new);
    if found != Err(MarkovError::Stopped) {
        // whoever is first: all find the same
        let _ = index.arm.markov.set(found.clone());
    }
    found
}

/// What the state is at a world.
pub fn state(carried: &Carried, world: &World<f64>) -> Vec<u64> {
    let cells = carried.cells.iter().map(|cell| world.cells[*cell]);
    let played = carried.played.iter().map(|option| world.played[*option]);
    let happened = carried.happened.iter().map(|hazard| world.happened[*hazard]);
    let spent = carried.spent.iter().map(|hazard| world.spent[*hazard]);
    cells.chain(played).chain(happened).chain(spent).map(f64::to_bits).collect()
}

/// One way in which a round may go at a state.
struct Way {
    /// By seat, the number of the option.
    options: Vec<u16>,
    /// How likely events come out so, given the options.
    chance: f64,
    /// By actor, what it earns.
    utilities: Vec<f64>,
    /// How likely the run goes on, and where.
    on: f64,
    next: usize,
}

impl Way {
    /// What it brings an actor now and later.
    fn worth(&self, actor: ActorId, discount: f64, values: &[Vec<f64>]) -> f64 {
        let earned = self.utilities[actor.index()];
        match self.on == 0.0 {
            true => earned,
            false => earned + discount * self.on * values[self.next][actor.index()],
        }
    }
}

/// What there is at a state.
struct Place {
    /// By seat, how far each option is available.
    open: Vec<Vec<f64>>,
    /// By seat, its mix without thought.
    start: Vec<Vec<f64>>,
    ways: Vec<Way>,
}

struct Search<'a> {
    index: &'a EffectIndex<'a>,
    carried: Carried,
    /// Where runs begin.
    first: World<f64>,
    /// The numbers of states, by their keys.
    states: BTreeMap<Box<[u64]>, usize>,
    keys: Vec<Box<[u64]>>,
    ways: usize,
}

fn solve(index: &EffectIndex, stop: &dyn Fn() -> bool) -> Result<Markov, MarkovError> {
    let (carried, _) = carried(index.model, index.arm);
    let (first, states, keys) = (beginning(index), BTreeMap::new(), Vec::new());
    let mut search = Search { index, carried, first, states, keys, ways: 0 };
    search.number(&search.first.clone())?;
    let mut places = Vec::new();
    while places.len() < search.keys.len() {
        if stop() {
            return Err(MarkovError::Stopped);
        }
        places.push(search.place(places.len())?);
    }
    let mut found = iterate(index, &places, stop)?;
    let next = places.iter().zip(&found.mixes).map(|(place, mix)| {
        let mut ways: BTreeMap<usize, f64> = BTreeMap::new();
        for way in place.ways.iter().filter(|way| way.on != 0.0) {
            let weight = way.on * way.chance * played(index, mix, way, None);
            *ways.entry(way.next).or_default() += weight;
        }
        ways.into_iter().collect()
    });
    found.next = next.collect();
    let numbers = |key: &[u64]| key.iter().map(|bits| f64::from_bits(*bits)).collect();
    found.numbers = search.keys.iter().map(|key| numbers(key)).collect();
    (found.carried, found.states) = (search.carried, search.states);
    Ok(found)
}

/// The world where runs begin.
fn beginning(index: &EffectIndex) -> World<f64> {
    let model = index.model;
    let mut world = World::first(model, Vec::new());
    let start = Start::new(index, (), &world, View::of_types(index, &(), &[]));
    let cells = model.cells.iter().zip(&index.arm.initial);
    let cells = cells.map(|(cell, formula)| value(formula, &start).clamp_to(cell.range));
    let cells = cells.collect();
    drop(start);
    world.cells = cells;
    world
}

impl Search<'_> {
    /// The number of the state of a world, a new one if it is met for the first time.
    fn number(&mut self, world: &World<f64>) -> Result<usize, MarkovError> {
        let key = state(&self.carried, world);
        if let Some(known) = self.states.get(key.as_slice()) {
            return Ok(*known);
        }
        if key.iter().any(|bits| !f64::from_bits(*bits).is_finite()) {
            return Err(MarkovError::NotFinite);
        }
        if self.keys.len() >= MARKOV_STATES {
            return Err(MarkovError::States);
        }
        let (number, key) = (self.keys.len(), key.into_boxed_slice());
        self.states.insert(key.clone(), number);
        self.keys.push(key);
        Ok(number)
    }

    /// A world at a state. What is not carried is as in the beginning: nobody reads it.
    fn world(&self, at: usize) -> World<f64> {
        let mut world = self.first.clone();
        let mut numbers = self.keys[at].iter().map(|bits| f64::from_bits(*bits));
        let Carried { cells, played, happened, spent } = &self.carried;
        cells.iter().zip(&mut numbers).for_each(|(id, x)| world.cells[*id] = x);
        played.iter().zip(&mut numbers).for_each(|(id, x)| world.played[*id] = x);
        happened.iter().zip(&mut numbers).for_each(|(id, x)| world.happened[*id] = x);
        spent.iter().zip(&mut numbers).for_each(|(id, x)| world.spent[*id] = x);
        world
    }

    /// What there is at a state, and where it leads.
    fn place(&mut self, at: usize) -> Result<Place, MarkovError> {
        let index = self.index;
        let world = self.world(at);
        let start = Start::new(index, (), &world, View::of_types(index, &(), &[]));
        let seats = index.model.seats.ids();
        let open: Vec<Vec<f64>> = seats.clone().map(|seat| availability(&start, seat)).collect();
        if open.iter().flatten().any(|p| *p != 0.0 && *p != 1.0) {
            return Err(MarkovError::Fraction);
        }
        let zero = seats.zip(&open).map(|(seat, open)| without_thought(&start, seat, open));
        let zero = zero.collect();
        let mut ways = Vec::new();
        let mut options = vec![0_u16; open.len()];
        self.choices(&start, &open, 0, &mut options, &mut ways)?;
        Ok(Place { open, start: zero, ways })
    }

    /// Every joint option.
    fn choices(
        &mut self,
        start: &Start<f64>,
        open: &[Vec<f64>],
        seat: usize,
        options: &mut Vec<u16>,
        ways: &mut Vec<Way>,
    ) -> Result<(), MarkovError> {
        let Some(row) = open.get(seat) else { return self.nature(start, options, ways) };
        for option in (0..row.len()).filter(|option| row[*option] != 0.0) {
            options[seat] = option as u16;
            self.choices(start, open, seat + 1, options, ways)?;
        }
        Ok(())
    }

    /// Every joint outcome of events after these options.
    fn nature(
        &mut self,
        start: &Start<f64>,
        options: &[u16],
        ways: &mut Vec<Way>,
    ) -> Result<(), MarkovError> {
        let model = self.index.model;
        let mut chosen = IndexVec::filled(0.0, model.options.len());
        for (seat, option) in model.seats.iter().zip(options) {
            let own = chosen.slice_mut(seat.range());
            own.copy_from_slice(&one_hot((), own.len(), usize::from(*option)));
        }
        let learn = |_: &IndexVec<OptionId, f64>, _, _| Vec::new();
        let round = Round::new(start, chosen.clone(), &learn);
        let chances: Vec<f64> = model.hazards.ids().map(|h| round.chance(h)).collect();
        let mut outcomes: Vec<(f64, Vec<f64>)> = vec![(1.0, Vec::new())];
        for chance in chances {
            let longer = outcomes.into_iter().flat_map(|(weight, happened)| {
                let with = |truth: f64, share: f64| {
                    let mut all = happened.clone();
                    all.push(truth);
                    (share != 0.0).then_some((weight * share, all))
                };
                [with(1.0, chance), with(0.0, 1.0 - chance)].into_iter().flatten()
            });
            outcomes = longer.collect();
            if outcomes.len() > MARKOV_WAYS {
                return Err(MarkovError::Ways);
            }
        }
        for (chance, happened) in outcomes {
            let mut round = Round::new(start, chosen.clone(), &learn);
            round.decided = Some(happened.into_iter().collect::<IndexVec<HazardId, f64>>());
            let earned = |actor: ActorId| total((), &round.pay(actor).1);
            let utilities: Vec<f64> = model.actors().map(earned).collect();
            let on = round.not_ended();
            if !on.is_finite() || !chance.is_finite() || utilities.iter().any(|u| !u.is_finite()) {
                return Err(MarkovError::NotFinite);
            }
            let next = if on == 0.0 { 0 } else { self.number(&self.after(&round, &chosen))? };
            self.ways += 1;
            if self.ways > MARKOV_WAYS {
                return Err(MarkovError::Ways);
            }
            ways.push(Way { options: options.to_vec(), chance, utilities, on, next });
        }
        Ok(())
    }

    /// The world after a round, as far as the future depends on it.
    fn after(&self, round: &Round<f64>, chosen: &IndexVec<OptionId, f64>) -> World<f64> {
        let before = round.start.world;
        let mut world = World { round: 1.0, ..before.clone() };
        for cell in &self.carried.cells {
            world.cells[*cell] = round.cell(Phase::End, *cell);
        }
        world.played.clone_from(chosen);
        for hazard in self.index.model.hazards.ids() {
            world.happened[hazard] = round.happened(hazard);
        }
        for hazard in &self.carried.spent {
            world.spent[*hazard] = before.spent[*hazard] + round.happened(*hazard);
        }
        world
    }
}

/// How likely the options of a way are, but for one seat's.
fn played(index: &EffectIndex, mix: &[f64], way: &Way, but: Option<SeatId>) -> f64 {
    let seats = index.model.seats.enumerate().zip(&way.options);
    let others = seats.filter(|((id, _), _)| Some(*id) != but);
    others.fold(1.0, |weight, ((_, seat), option)| {
        weight * mix[seat.option(usize::from(*option)).index()]
    })
}

/// The nests of a seat with how unlike their options are; none where its rule has none.
fn nests(index: &EffectIndex, seat: SeatId) -> Vec<Nested<f64>> {
    let (model, arm) = (index.model, index.arm);
    let decision = &arm.decisions[model.seats[seat].actor];
    if decision.rule != Rule::NestedLogit {
        return Vec::new();
    }
    let nests = model.nests(seat, decision.nests).into_iter().map(|(nest, options)| {
        let formula = dissimilarity(&decision.dissimilarity, &nest);
        let formula = formula.filter(|_| options.len() > 1);
        let dissimilarity = formula.map_or(1.0, |f| value(f, &Parameters(&arm.parameters)));
        Nested { options, dissimilarity }
    });
    nests.collect()
}

/// What steps towards an equilibrium read: what there is at every state, and how each actor weighs.
struct Steps<'a> {
    index: &'a EffectIndex<'a>,
    places: &'a [Place],
    /// By actor.
    discount: Vec<f64>,
    precision: Vec<f64>,
    nests: IndexVec<SeatId, Vec<Nested<f64>>>,
}

/// By state, the probability of every option and the value of every actor.
#[derive(Clone)]
struct Found {
    mixes: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
}

impl Steps<'_> {
    /// The reply of a seat to what is found at a state.
    fn reply(&self, at: usize, id: SeatId, found: &Found) -> Vec<f64> {
        let (place, seat) = (&self.places[at], &self.index.model.seats[id]);
        let actor = seat.actor.index();
        let mut utilities = vec![0.0; seat.options().len()];
        for way in &place.ways {
            let weight = way.chance * played(self.index, &found.mixes[at], way, Some(id));
            let worth = way.worth(seat.actor, self.discount[actor], &found.values);
            utilities[usize::from(way.options[id.index()])] += weight * worth;
        }
        let precision = self.precision[actor];
        let sharpness = Sharpness { precision, nests: &self.nests[id] };
        let decision = &self.index.arm.decisions[seat.actor];
        reply((), decision, &sharpness, &utilities, &place.open[id.index()])
    }

    /// What is left to an actor at a state by what is found.
    fn worth(&self, at: usize, actor: ActorId, found: &Found) -> f64 {
        let discount = self.discount[actor.index()];
        self.places[at].ways.iter().fold(0.0, |sum, way| {
            let weight = way.chance * played(self.index, &found.mixes[at], way, None);
            sum + weight * way.worth(actor, discount, &found.values)
        })
    }

    /// Moves the mixes of a state towards replies and its values to what they are worth. Returns
    /// the greatest change that either would have undamped.
    fn step(&self, at: usize, damping: f64, found: &Found, moved: &mut Found) -> f64 {
        let (model, arm) = (self.index.model, self.index.arm);
        let mut residual = 0.0_f64;
        for (id, seat) in model.seats.enumerate() {
            if !arm.decisions[seat.actor].deliberates() {
                continue;
            }
            for (option, share) in seat.options().zip(self.reply(at, id, found)) {
                let difference = share - found.mixes[at][option.index()];
                residual = worse(residual, difference);
                moved.mixes[at][option.index()] += damping * difference;
            }
        }
        // who has no choice and a discount of 1 is worth nothing to itself
        let looks = |a: &ActorId| arm.decisions[*a].deliberates() && self.discount[a.index()] < 1.0;
        for actor in model.actors().filter(looks) {
            let worth = self.worth(at, actor, found);
            residual = worse(residual, worth - found.values[at][actor.index()]);
            moved.values[at][actor.index()] = worth;
        }
        residual
    }
}

/// The greater change; not a number where either is not.
fn worse(residual: f64, difference: f64) -> f64 {
    if residual >= difference.abs() || residual.is_nan() { residual } else { difference.abs() }
}

fn iterate(
    index: &EffectIndex,
    places: &[Place],
    stop: &dyn Fn() -> bool,
) -> Result<Markov, MarkovError> {
    let (model, arm) = (index.model, index.arm);
    let of = |formula: &Option<crate::expr::Expr>| {
        formula.as_ref().map_or(1.0, |f| value(f, &Parameters(&arm.parameters)))
    };
    let steps = Steps {
        index,
        places,
        discount: arm.decisions.iter().map(|d| of(&d.discount)).collect(),
        precision: arm.decisions.iter().map(|d| of(&d.precision)).collect(),
        nests: model.seats.ids().map(|seat| nests(index, seat)).collect(),
    };
    let mut found = Found {
        mixes: places.iter().map(|place| place.start.concat()).collect(),
        values: vec![vec![0.0; model.actor_count()]; places.len()],
    };
    let mut residual = 0.0;
    for step in 0..=MARKOV_STEPS {
        let damping = 0.5 / f64::from(1_u32 << (step / HALVING));
        let mut moved = found.clone();
        residual = 0.0;
        for at in 0..places.len() {
            if stop() {
                return Err(MarkovError::Stopped);
            }
            residual = worse(residual, steps.step(at, damping, &found, &mut moved));
        }
        if residual.is_nan() || residual == f64::INFINITY {
            return Err(MarkovError::NotFinite);
        }
        if residual <= CONVERGED {
            let Found { mixes, values } = found;
            return Ok(Markov { mixes, values, residual, steps: step, ..Markov::default() });
        }
        found = moved;
    }
    Err(MarkovError::Residual(residual.to_bits()))
}
