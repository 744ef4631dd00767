//! The stationary equilibrium of a scenario.

pub use crate::api::{StationaryEquilibrium, StationaryMix, StationaryState};
