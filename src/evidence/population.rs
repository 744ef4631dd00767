//! Particles, whoever plays them.

use super::{Error, Settings, Weigh};
use crate::engine::{self, Vectors};
use crate::model::{ActorId, Arm, Model, Simulation};
use crate::plan::{Budget, Plan, Point};
use crate::record::{Beginning, Observation, Quantity, Snapshot};
use crate::reference;

/// What a filter asks of particles. Both kinds answer the same, to the last bit.
pub(super) trait Population {
    /// Plays a round; false if told to stop.
    fn advance(&mut self, round: u32, known: Option<&Observation>) -> bool;
    /// Lets every particle go on from the state of another.
    fn resample(&mut self, from: &[usize]);
    /// A quantity of the last round, by particle.
    fn read(&self, quantity: Quantity) -> Vec<f64>;
    /// How many rounds each has played to their end.
    fn rounds(&self) -> Vec<u32>;
    /// Which have neither failed nor ended.
    fn alive(&self) -> Vec<bool>;
    /// The rounds in which particles failed.
    fn failed(&self) -> Vec<Option<u32>>;
    /// By particle, the number of the real type of a private id.
    fn types(&self, private_id: usize) -> Vec<u16>;
    /// By particle, the Poisson level of an actor.
    fn levels(&self, actor: ActorId) -> Vec<u16>;
    /// An outcome over the rounds so far.
    fn outcome(&self, outcome: usize) -> Vec<f64>;
    /// What each takes along to the next round.
    fn snapshots(&self) -> Vec<Snapshot>;
    /// Puts each into the state of a snapshot.
    fn restore(&mut self, snapshots: &[Snapshot]);
}

macro_rules! population {
    ($of:ty, |$particles:ident, $round:ident, $known:ident| $advance:expr) => {
        impl Population for $of {
            fn advance(&mut self, $round: u32, $known: Option<&Observation>) -> bool {
                let $particles = self;
                $advance
            }

            fn resample(&mut self, from: &[usize]) {
                <$of>::resample(self, from);
            }

            fn read(&self, quantity: Quantity) -> Vec<f64> {
                <$of>::read(self, quantity)
            }

            fn rounds(&self) -> Vec<u32> {
                <$of>::rounds(self)
            }

            fn alive(&self) -> Vec<bool> {
                <$of>::alive(self)
            }

            fn failed(&self) -> Vec<Option<u32>> {
                <$of>::failed(self)
            }

            fn types(&self, private_id: usize) -> Vec<u16> {
                <$of>::types(self, private_id)
            }

            fn levels(&self, actor: ActorId) -> Vec<u16> {
                <$of>::levels(self, actor)
            }

            fn outcome(&self, outcome: usize) -> Vec<f64> {
                <$of>::outcome(self, outcome)
            }

            fn snapshots(&self) -> Vec<Snapshot> {
                <$of>::snapshots(self)
            }

            fn restore(&mut self, snapshots: &[Snapshot]) {
                <$of>::restore(self, snapshots);
            }
        }
    };
}

population!(engine::Particles<'_>, |particles, round, known| particles.advance(round, known));
population!(reference::Particles<'_>, |particles, _round, known| particles.advance(known));

/// By particle, 1 if an actor with private information is of a type, else 0.
pub(super) fn are_of(population: &dyn Population, private_id: usize, kind: usize) -> Vec<f64> {
    let real = population.types(private_id);
    real.iter().map(|real| f64::from(u8::from(usize::from(*real) == kind))).collect()
}

/// By particle, what an observer believes of a type of an actor; `None` of an actor of itself.
/// `variables` are those of the layout.
pub(super) fn beliefs(
    population: &dyn Population,
    variables: &[String],
    model: &Model,
    (observer, actor, kind): (ActorId, ActorId, usize),
) -> Option<Vec<f64>> {
    let names = &model.names;
    let kind = &names.types[actor][kind];
    let label = format!("belief[{},{},{kind}]", names.actors[observer], names.actors[actor]);
    let variable = variables.iter().position(|known| *known == label)?;
    Some(population.read(Quantity::Variable(variable)))
}

impl Weigh<'_> {
    /// Plays particles of some arms of a model, that of the scenario or one like it, as `with`
    /// says: in the engine, or in the interpreter where that is asked for.
    ///
    /// # Errors
    /// Those of `with`; [`Error::Plan`], [`Error::Memory`], [`Error::Unlike`].
    pub(super) fn particles<T>(
        &self,
        model: &Model,
        arms: &[Arm],
        beginnings: &[Beginning],
        with: impl FnOnce(&mut dyn Population) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Settings { seed, plain, vectors, .. } = *self.settings;
        let stop = || self.watch.stop();
        if plain {
            let games = arms.iter().map(|arm| Simulation { model, arm, seed });
            let games: Vec<Simulation> = games.collect();
            return reference::with_particles(&games, beginnings, &stop, |particles| {
                with(particles)
            });
        }
        let budget = Budget { bytes: self.room, stop: &stop };
        let plan = Plan::under_observation(model, arms, budget)?.ok_or(Error::Unlike)?;
        let points: Option<Vec<Point>> = arms.iter().map(|arm| plan.point(arm)).collect();
        let points = points.ok_or(Error::Unlike)?;
        let need = engine::Particles::bytes(&plan, beginnings.len());
        let room = self.room.saturating_sub(plan.bytes);
        if need > room {
            return Err(Error::Memory { need, room });
        }
        let how = (vectors.unwrap_or_else(Vectors::best), seed);
        with(&mut engine::Particles::begin(&plan, how, &points, beginnings, &stop))
    }
}
