//! Particles, whoever plays them.

use crate::engine;
use crate::model::ActorId;
use crate::record::{Observation, Quantity, Snapshot};
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
