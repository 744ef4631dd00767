//! Which assumption matters, and where a condition holds.

pub use crate::api::{FoundIndices as Found, Sensitivities};
pub use crate::sensitivity::{Estimate, Factor};
