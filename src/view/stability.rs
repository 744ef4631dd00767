//! A graph model and where its states are stable.

pub use crate::api::{GraphModel, StateCell};
pub use crate::solve::stability::{Graph, Stability};

/// What is shown of a graph model.
#[derive(Debug)]
pub struct Page<'g> {
    /// States, moves, preferences.
    pub model: &'g GraphModel,
    /// By state and player.
    pub stability: &'g [Vec<Stability>],
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Page<'_> {
    /// Where a state is stable for every player.
    pub fn equilibrium(&self, state: usize) -> Stability {
        let all = Stability { nash: true, gmr: true, smr: true, seq: true };
        self.stability[state].iter().copied().fold(all, Stability::and)
    }
}
