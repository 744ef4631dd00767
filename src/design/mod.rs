//! Designs of experiments: points of the unit cube, each found by its index alone.
//!
//! A [`Design`] says which points there are and in which order they are worked on. What a
//! coordinate means is not its concern: whoever plays a sweep turns coordinates into settings by
//! inverse distribution functions.
//!
//! Random access is what shards need: any process finds its points without making those of others.
//! And **every prefix is balanced**, so that a sweep which is stopped has seen the whole space
//! evenly, not a corner of it:
//!
//! * The first m points of a **grid** have every level of every factor equally often, give or take
//!   one.
//! * The first m rows of a **list** are the first m rows: their order is the user's.
//! * **Random** points are independent and uniform, however many there are.
//! * In a **Latin hypercube** of N points the first m = 2^k have one in each of m intervals of
//!   every coordinate, equally long to within one of the N strata. Between two powers come, besides
//!   these, a random part of the next. All N have one in each of the N strata.
//! * The first m = 2^k points of the **Sobol'** sequence are a digital net: one in each of m equal
//!   intervals of every coordinate, and evenly spread in several together.
//!
//! Points of the random and the Sobol' design do not depend on N: more points may be added later.
//!
//! **Invariant.** Coordinates lie strictly between 0 and 1, the unscrambled Sobol' sequence aside,
//! which begins at 0.

mod grid;
mod latin;
mod sobol;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::rng::{Scatter, Scattered, Seed, unit};
use grid::Grid;
use latin::Latin;
pub use sobol::DIMENSIONS;
use sobol::Sobol;

/// The largest number of points of a design.
pub const MAX_POINTS: u64 = 1 << 32;

/// The largest number of levels of a factor of a grid.
pub const MAX_LEVELS: u64 = 1 << 22;

/// Points of the unit cube in the order in which they are worked on.
#[derive(Clone, Debug)]
pub struct Design {
    shape: Shape,
    dimensions: usize,
    points: u64,
}

#[derive(Clone, Debug)]
enum Shape {
    Grid(Grid),
    /// With so many rows, of which the first are points.
    List(u64),
    Random(Vec<Scatter>),
    Latin(Latin),
    Sobol(Sobol),
}

/// Why there is no such design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesignError {
    /// It would have no point, or a factor without levels.
    Empty,
    /// It would have more than [`MAX_POINTS`] points.
    TooManyPoints,
    /// The Sobol' sequence has [`DIMENSIONS`] dimensions; this many were asked for.
    TooManyDimensions(usize),
}

impl fmt::Display for DesignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DesignError::Empty => f.write_str("the design has no points"),
            DesignError::TooManyPoints => {
                write!(f, "a design has at most {MAX_POINTS} points; use fewer levels or points")
            }
            DesignError::TooManyDimensions(count) => write!(
                f,
                "{count} things vary and the Sobol' sequence has {DIMENSIONS} dimensions; use the \
                 design lhs or random"
            ),
        }
    }
}

impl std::error::Error for DesignError {}

impl Design {
    fn new(shape: Shape, dimensions: usize, points: u64) -> Result<Design, DesignError> {
        match points {
            0 => Err(DesignError::Empty),
            n if n > MAX_POINTS => Err(DesignError::TooManyPoints),
            _ => Ok(Design { shape, dimensions, points }),
        }
    }

    /// All combinations of levels, `levels[k]` of factor `k`, at most [`MAX_LEVELS`]; level `l` of
    /// `n` has the coordinate (l + ½) / n. Without factors it has one point.
    ///
    /// # Errors
    /// [`DesignError::Empty`] or [`DesignError::TooManyPoints`].
    pub fn grid(levels: &[u64], seed: Seed) -> Result<Design, DesignError> {
        if levels.contains(&0) {
            return Err(DesignError::Empty);
        }
        let product = levels.iter().try_fold(1_u64, |all, n| all.checked_mul(*n));
        let points = product.filter(|n| *n <= MAX_POINTS).ok_or(DesignError::TooManyPoints)?;
        if levels.iter().any(|n| *n > MAX_LEVELS) {
            return Err(DesignError::TooManyPoints);
        }
        Design::new(Shape::Grid(Grid::new(levels, seed)), levels.len(), points)
    }

    /// Rows that somebody else keeps: all coordinates of point `i` of `n` are (i + ½) / n, level
    /// `i` of factors whose levels are the rows.
    ///
    /// # Errors
    /// [`DesignError::Empty`] or [`DesignError::TooManyPoints`].
    pub fn list(dimensions: usize, rows: u64) -> Result<Design, DesignError> {
        Design::new(Shape::List(rows), dimensions, rows)
    }

    /// Independent uniform points.
    ///
    /// # Errors
    /// [`DesignError::Empty`] or [`DesignError::TooManyPoints`].
    pub fn random(dimensions: usize, points: u64, seed: Seed) -> Result<Design, DesignError> {
        let keys = (0..dimensions as u64).map(|k| Scatter::new(seed, Scattered::Random, k));
        Design::new(Shape::Random(keys.collect()), dimensions, points)
    }

    /// A Latin hypercube (McKay, Beckman and Conover 1979): in every coordinate one point in each
    /// of as many equal strata as there are points.
    ///
    /// # Errors
    /// [`DesignError::Empty`] or [`DesignError::TooManyPoints`].
    pub fn latin(dimensions: usize, points: u64, seed: Seed) -> Result<Design, DesignError> {
        Design::new(Shape::Latin(Latin::new(dimensions, points, seed)), dimensions, points)
    }

    /// The Sobol' sequence with the direction numbers of Joe and Kuo (2008) in Gray code order,
    /// scrambled as Owen (1995) does under a seed, or not at all.
    ///
    /// # Errors
    /// [`DesignError::TooManyDimensions`], [`DesignError::Empty`] or
    /// [`DesignError::TooManyPoints`].
    pub fn sobol(
        dimensions: usize,
        points: u64,
        scramble: Option<Seed>,
    ) -> Result<Design, DesignError> {
        if dimensions > DIMENSIONS {
            return Err(DesignError::TooManyDimensions(dimensions));
        }
        Design::new(Shape::Sobol(Sobol::new(dimensions, scramble)), dimensions, points)
    }

    /// The first `points` points of it, or all if it has no more.
    #[must_use]
    pub fn first(self, points: u64) -> Design {
        Design { points: self.points.min(points.max(1)), ..self }
    }

    /// How many points there are.
    pub fn points(&self) -> u64 {
        self.points
    }

    /// The coordinates of a point, by its index from 0; the index is taken modulo
    /// [`Design::points`].
    pub fn point(&self, index: u64) -> Vec<f64> {
        let index = index % self.points;
        match &self.shape {
            Shape::Grid(grid) => grid.point(index),
            Shape::List(rows) => {
                vec![(index as f64 + 0.5) / *rows as f64; self.dimensions]
            }
            Shape::Random(keys) => keys.iter().map(|key| unit(key.at(index))).collect(),
            Shape::Latin(latin) => latin.point(index),
            Shape::Sobol(sobol) => sobol.point(index),
        }
    }
}

/// A place in the tree of halves: the cells of level l are numbered from 0 to 2^l - 1.
fn node(level: u32, cell: u64) -> u64 {
    1 << level | cell
}
