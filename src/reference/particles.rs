//! Particles, one at a time: what `engine::Particles` is held to.

use std::cell::RefCell;

use super::known::with_parameters;
use super::{Drawn, Played, Run, play_round};
use crate::model::{ActorId, IndexVec, Measure, Simulation};
use crate::record::{Beginning, NONE, Observation, Quantity, Snapshot};
use crate::rng::Stream;
use crate::rules::{EffectIndex, Halt};

/// A run that is held to what is known of its rounds.
struct Particle<'a> {
    /// Nothing where initial values failed.
    run: Option<Run<'a>>,
    measured: Vec<Option<f64>>,
    last: Option<Played>,
    rounds: u32,
    failed: Option<u32>,
    alive: bool,
}

/// Particles of some arms of a scenario: see `engine::Particles`, which gives the same to the last
/// bit.
pub struct Particles<'a> {
    all: Vec<Particle<'a>>,
    halt: &'a dyn Fn() -> bool,
}

/// Plays particles of some arms, each with its own beginning, as `with` says. `stop` is asked many
/// times a second and ends everything.
pub fn with_particles<T>(
    games: &[Simulation],
    beginnings: &[Beginning],
    stop: &dyn Fn() -> bool,
    with: impl FnOnce(&mut Particles) -> T,
) -> T {
    let models: Vec<_> = games.iter().map(|game| with_parameters(game.model, game.arm)).collect();
    let indices: Vec<EffectIndex> = games
        .iter()
        .zip(&models)
        .map(|(game, model)| {
            let mut index = EffectIndex::new(model, game.arm).with_reach();
            index.halt = Halt::new(stop);
            index
        })
        .collect();
    let begin = |beginning: &Beginning| {
        let index = &indices[beginning.point];
        let stream = RefCell::new(Stream::new(games[beginning.point].seed, beginning.run));
        let mut drawn = Drawn::new(index, &stream);
        let given = drawn.types.iter_mut().zip(&beginning.types);
        given.for_each(|(own, given)| *own = given.unwrap_or(*own));
        let given = drawn.levels.iter_mut().zip(&beginning.levels);
        given.for_each(|(own, given)| *own = given.or(*own));
        let run = Run::start(index, stream, drawn).ok();
        let failed = run.is_none().then_some(0);
        let measured = vec![None; index.model.outcomes.len()];
        let alive = run.is_some();
        Particle { run, measured, last: None, rounds: 0, failed, alive }
    };
    with(&mut Particles { all: beginnings.iter().map(begin).collect(), halt: stop })
}

impl Particles<'_> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Plays a round. Particles that have failed or ended stay as they are. False if told to stop:
    /// then nothing is to be used.
    pub fn advance(&mut self, known: Option<&Observation>) -> bool {
        for particle in self.all.iter_mut().filter(|particle| particle.alive) {
            let Some(run) = &mut particle.run else { continue };
            match play_round(run, known, &mut particle.measured) {
                Ok(played) => {
                    particle.rounds = run.played();
                    particle.alive = !played.over;
                    particle.last = Some(played);
                }
                Err(failure) => {
                    particle.failed = Some(failure.round);
                    particle.alive = false;
                    particle.last = None;
                }
            }
            if (self.halt)() {
                return false;
            }
        }
        true
    }

    /// Lets every particle go on from the state of another, keeping its own random numbers.
    pub fn resample(&mut self, from: &[usize]) {
        let states: Vec<_> = self
            .all
            .iter()
            .map(|particle| {
                let run = particle.run.as_ref();
                let state = run.map(|run| {
                    let world = run.world.clone();
                    (run.true_types.clone(), run.truth.clone(), run.levels.clone(), world)
                });
                let Particle { measured, rounds, failed, alive, .. } = particle;
                (state, measured.clone(), *rounds, *failed, *alive)
            })
            .collect();
        for (particle, from) in self.all.iter_mut().zip(from) {
            let (state, measured, rounds, failed, alive) = &states[*from];
            if let (Some(run), Some((types, truth, levels, world))) = (&mut particle.run, state) {
                run.true_types.clone_from(types);
                run.truth = truth.clone();
                run.levels.clone_from(levels);
                run.world = world.clone();
            }
            particle.measured.clone_from(measured);
            (particle.rounds, particle.failed, particle.alive) = (*rounds, *failed, *alive);
        }
    }

    fn each<T>(&self, of: impl Fn(&Particle) -> T) -> Vec<T> {
        self.all.iter().map(of).collect()
    }

    /// A quantity of the last round, by particle; without meaning for those that did not play it
    /// to its end.
    pub fn read(&self, quantity: Quantity) -> Vec<f64> {
        self.each(|particle| {
            let (Some(run), Some(played)) = (&particle.run, &particle.last) else {
                return f64::NAN;
            };
            run.read(played, quantity)
        })
    }

    /// How many rounds each has played to their end.
    pub fn rounds(&self) -> Vec<u32> {
        self.each(|particle| particle.rounds)
    }

    /// Which have neither failed nor ended.
    pub fn alive(&self) -> Vec<bool> {
        self.each(|particle| particle.alive)
    }

    /// The rounds in which particles failed; 0: while initial values were drawn.
    pub fn failed(&self) -> Vec<Option<u32>> {
        self.each(|particle| particle.failed)
    }

    /// By particle, the number of the real type of a private id.
    pub fn types(&self, private_id: usize) -> Vec<u16> {
        let of = |run: &Run| u16::try_from(run.true_types[private_id]).unwrap_or(NONE);
        self.each(|particle| particle.run.as_ref().map_or(NONE, of))
    }

    /// By particle, the Poisson level of an actor; [`NONE`] where it reasons otherwise.
    pub fn levels(&self, actor: ActorId) -> Vec<u16> {
        let of = |run: &Run| {
            let drawn = run.index.arm.decisions[actor].reasoning;
            match drawn {
                crate::model::Reasoning::Poisson(_) => {
                    u16::try_from(run.levels[actor]).unwrap_or(NONE)
                }
                _ => NONE,
            }
        };
        self.each(|particle| particle.run.as_ref().map_or(NONE, of))
    }

    /// What each particle takes along.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let types = self.all.iter().find_map(|particle| particle.run.as_ref());
        let (private, actors) = types.map_or((0, Vec::new()), |run| {
            (run.true_types.len(), run.index.model.actors().collect::<Vec<ActorId>>())
        });
        let types: Vec<Vec<u16>> = (0..private).map(|id| self.types(id)).collect();
        let levels: Vec<Vec<u16>> = actors.iter().map(|actor| self.levels(*actor)).collect();
        let each = self.all.iter().enumerate().map(|(n, particle)| {
            let world = particle.run.as_ref().map(|run| &run.world);
            Snapshot {
                cells: world.map_or_else(IndexVec::new, |world| world.cells.clone()),
                played: world.map_or_else(IndexVec::new, |world| world.played.clone()),
                mixed: world.map_or_else(IndexVec::new, |world| world.mixed.clone()),
                happened: world.map_or_else(IndexVec::new, |world| world.happened.clone()),
                spent: world.map_or_else(IndexVec::new, |world| world.spent.clone()),
                beliefs: world.map_or_else(Vec::new, |world| world.beliefs.clone()),
                types: types.iter().map(|of| of[n]).collect(),
                levels: levels.iter().map(|of| of[n]).collect(),
                measured: particle.measured.iter().map(|x| x.unwrap_or(f64::NAN)).collect(),
                rounds: particle.rounds,
                failed: particle.failed,
                alive: particle.alive,
            }
        });
        each.collect()
    }

    /// Puts every particle into the state of a snapshot, in order; types and levels stay as they
    /// began.
    pub fn restore(&mut self, snapshots: &[Snapshot]) {
        for (particle, kept) in self.all.iter_mut().zip(snapshots) {
            if let Some(run) = particle.run.as_mut().filter(|_| kept.failed.is_none()) {
                let world = &mut run.world;
                world.round = f64::from(kept.rounds) + 1.0;
                world.cells.clone_from(&kept.cells);
                world.played.clone_from(&kept.played);
                world.mixed.clone_from(&kept.mixed);
                world.happened.clone_from(&kept.happened);
                world.spent.clone_from(&kept.spent);
                world.beliefs.clone_from(&kept.beliefs);
            }
            let measures = kept.measured.iter().map(|value| match value.is_nan() {
                true if kept.rounds == 0 => None,
                _ => Some(*value),
            });
            particle.measured = measures.collect();
            (particle.rounds, particle.failed, particle.alive) =
                (kept.rounds, kept.failed, kept.alive);
        }
    }

    /// An outcome over the rounds so far; not a number where a particle failed.
    pub fn outcome(&self, outcome: usize) -> Vec<f64> {
        self.each(|particle| {
            let value = particle.measured[outcome].unwrap_or(f64::NAN);
            let Some(run) = &particle.run else { return f64::NAN };
            match run.index.model.outcomes[outcome].measure {
                _ if particle.failed.is_some() => f64::NAN,
                Measure::Mean => value / f64::from(particle.rounds),
                _ => value,
            }
        })
    }
}

impl Run<'_> {
    /// A quantity of the round that was just played.
    fn read(&self, played: &Played, quantity: Quantity) -> f64 {
        let model = self.index.model;
        let mix = |seat: crate::model::SeatId| self.true_type(model.seats[seat].actor);
        let found = match quantity {
            Quantity::Variable(number) => self.recorded(played).nth(number),
            Quantity::Mix(option) => {
                let seat = model.options[option].seat;
                let own = &played.strategies.mixes.realised[seat][mix(seat)];
                own.get(option.index() - model.seats[seat].first.index()).copied()
            }
            Quantity::Open(option) => {
                let seat = model.options[option].seat;
                let own = &played.strategies.open[seat][mix(seat)];
                own.get(option.index() - model.seats[seat].first.index()).copied()
            }
            Quantity::Choice(seat) => {
                let first = model.seats[seat].first.index();
                Some((played.choices[seat].index() - first) as f64)
            }
            Quantity::Chance(hazard) => played.chances.get(hazard).copied(),
            Quantity::Clamped => Some(played.clamped as f64),
            Quantity::Residual => Some(played.strategies.residual.unwrap_or(0.0)),
        };
        found.unwrap_or(f64::NAN)
    }
}
