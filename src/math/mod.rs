//! One deterministic definition of every transcendental function.
//!
//! The standard library hands `exp`, `ln`, `powf`, `sin` and their kin to the platform, whose last
//! bits differ between systems. Everything here is built from correctly rounded operations (add,
//! subtract, multiply, divide, square root) in a fixed order without fused multiply-add, so one
//! input gives one output on every machine and at every vector width. `sin`, `cos` and general
//! powers come from the crate `libm`, which is plain Rust under the same rule.
//!
//! The elementary functions choose between their cases by selecting among computed values, not by
//! jumping, and are always inlined, so that a plain loop over a slice turns into vector code (of
//! whatever width its caller was compiled for) with the same results.
//!
//! NaN goes in and comes out everywhere; which NaN (sign, payload) is left open. Nothing panics.

mod beta;
mod elementary;
mod gamma;
mod order;
mod power;
mod quantile;
mod student;

#[cfg(test)]
mod tests;

pub use beta::{beta_cdf, beta_quantile};
pub use elementary::{exp, exps, log, logistic, tanh};
pub use gamma::ln_gamma;
pub use order::{clamp, floor, maximum, minimum, modulo, round_to, sign};
pub use power::{cos, pow, sin};
pub use quantile::{is_central, normal_centre, normal_quantile, normal_tail, triangular_quantile};
pub use student::{normal_cdf, student_quantile};
