//! What a history teaches: parameters and private types given the record.
//!
//! Sequential Monte Carlo with tempered likelihoods (Del Moral, Doucet and Jasra 2006). Draws from
//! the prior, which is uniform on the unit cube of a [`Space`], are led to the posterior through
//! targets prior × likelihood^t: at each stage t grows until the effective sample size halves, the
//! draws are resampled, and particle marginal Metropolis moves (Andrieu, Doucet and Holenstein
//! 2010) part those that are equal. A likelihood that a filter estimates is a part of the draw,
//! kept with it and never estimated again, so that at t = 1 the target is exact whatever the number
//! of particles; where the likelihood itself is exact nothing else changes.
//!
//! Draws are in [`GROUPS`] groups that resample within themselves and share temperatures and
//! proposals. Each group's estimate of the evidence is unbiased given these, and the spread of the
//! groups is the Monte Carlo error.
//!
//! - `draws`: draws, groups and temperatures, and what one stage does to them;
//! - `estimate`: how likely the history is at a place of the cube;
//! - `moves`: proposals;
//! - `posterior`: what the draws say;
//! - `tables`: the same as tables, and the state in which the work stands.

mod draws;
mod estimate;
mod moves;
mod posterior;
mod tables;

use super::{Error, Settings, Weigh};
use crate::design::Design;
use crate::experiment::{Audience, Space};
use crate::math;
use crate::rng::Seed;
use crate::stats::Moments;

pub use draws::{Draw, Stage, State};
pub use posterior::{Evidence, Parameter, Posterior, Spread, Standing};
pub use tables::{restored, stored, tables};

/// The draws of a posterior where no number is given.
pub const DRAWS: usize = 512;
/// The fewest and the most draws.
pub const MOST_DRAWS: std::ops::RangeInclusive<usize> = 64..=1_000_000;
/// The particles of a filter where no number is given.
pub const PARTICLES: usize = 256;
/// Draws are in so many groups, and their number is a multiple of it.
pub const GROUPS: usize = 8;
/// At most so many moves are made at one temperature.
pub const MOST_MOVES: u32 = 50;
/// Moves are made until the mean rank correlation with where the draws started is below this.
pub const RENEWED: f64 = 0.5;
/// The standard deviation of a filter's log likelihood that is borne (Pitt, Silva, Giordani and
/// Kohn 2012 find 0.92 best for one long chain, and little lost up to here).
pub const BEARABLE: f64 = 1.5;
/// Filters that measure it.
const PILOTS: usize = 20;
/// The number of particles is doubled so many times at most.
const DOUBLINGS: u32 = 6;

/// Draws from the posterior of one arm.
#[derive(Clone, Copy)]
pub struct Sampler<'a> {
    /// By what, of what, and how filters work; each likelihood takes one filter.
    pub weigh: Weigh<'a>,
    /// Who looks on.
    pub watch: &'a dyn Audience,
    /// The parameters: the prior is uniform on its unit cube.
    pub space: &'a Space<'a>,
    /// The variant; the scenario as it is if absent.
    pub variant: Option<&'a str>,
    /// How many draws there are; made a multiple of [`GROUPS`].
    pub draws: usize,
}

impl Sampler<'_> {
    /// Goes on from a state, or from the beginning, to the end, on the current rayon pool. `keep`
    /// is shown the state after every step and says whether to go on.
    ///
    /// # Errors
    /// [`Error::Plan`], [`Error::Memory`]; [`Error::Stopped`] if the watch or `keep` says so.
    pub fn run(
        &self,
        state: Option<State>,
        keep: &mut dyn FnMut(&State) -> bool,
    ) -> Result<State, Error> {
        let kept = |state: State, keep: &mut dyn FnMut(&State) -> bool| match keep(&state) {
            true => Ok(state),
            false => Err(Error::Stopped),
        };
        let mut state = match state {
            Some(state) => state,
            None => kept(self.begin(self.weigh.settings.particles, 0)?, keep)?,
        };
        while !state.is_finished() {
            state = kept(self.step(state)?, keep)?;
        }
        Ok(state)
    }

    /// Draws from the prior: Sobol' points, scrambled anew in each group. Filters have as many
    /// particles as the middle of the cube takes, from `particles` on, which were doubled `doubled`
    /// times before.
    fn begin(&self, mut particles: usize, mut doubled: u32) -> Result<State, Error> {
        let dimensions = self.space.axes().len();
        let middle = vec![0.5; dimensions];
        let (mut spread, mut exact) = self.spread(&middle, particles)?;
        while spread > BEARABLE && doubled < DOUBLINGS {
            // where memory ends, so does doubling
            match self.spread(&middle, particles * 2) {
                Err(Error::Memory { .. }) => break,
                found => (spread, exact) = found?,
            }
            (particles, doubled) = (particles * 2, doubled + 1);
        }
        let seed = self.seed(particles);
        let each = self.draws.div_ceil(GROUPS).max(1);
        let mut places = Vec::with_capacity(each * GROUPS);
        for group in 0..GROUPS as u64 {
            let scramble = Some(seed.for_point(0).for_point(group));
            let points = 0..each as u64;
            match Design::sobol(dimensions, each as u64, scramble) {
                Ok(design) => places.extend(points.map(|point| design.point(point))),
                // more dimensions than the sequence has
                Err(_) => {
                    let seed = seed.for_point(0).for_point(group);
                    if let Ok(design) = Design::random(dimensions, each as u64, seed) {
                        places.extend(points.map(|point| design.point(point)));
                    }
                }
            }
        }
        let seeds = |draw: usize| seed.for_point(1).for_point(draw as u64);
        let wanted: Vec<Option<&[f64]>> = places.iter().map(|place| Some(&**place)).collect();
        let found = self.estimates(&wanted, particles, &seeds)?;
        let slots = self.slots().len();
        let draws = places.into_iter().zip(found).map(|(place, found)| {
            let start = place.clone();
            match found {
                Some(found) => Draw { place, start, loglik: found.loglik, types: found.types },
                None => {
                    let (loglik, types) = (f64::NEG_INFINITY, vec![f64::NAN; slots]);
                    Draw { place, start, loglik, types }
                }
            }
        });
        Ok(State {
            particles,
            doubled,
            exact,
            spread,
            settled: true,
            scale: 2.38 / (dimensions.max(1) as f64).sqrt(),
            groups: vec![0.0; GROUPS],
            draws: draws.collect(),
            stages: Vec::new(),
        })
    }

    /// A new temperature, or a move.
    fn step(&self, mut state: State) -> Result<State, Error> {
        if !state.settled {
            self.move_all(&mut state)?;
            return Ok(state);
        }
        let number = state.stages.len() as u64;
        state.temper(self.seed(state.particles).for_point(2).for_point(number));
        if state.temperature() < 1.0 || state.exact || state.settled {
            return Ok(state);
        }
        // at the posterior mean filters may find it harder than in the middle of the prior
        let (spread, _) = self.spread(&state.mean(), state.particles)?;
        if spread > BEARABLE && state.doubled < DOUBLINGS {
            match self.begin(state.particles * 2, state.doubled + 1) {
                Err(Error::Memory { .. }) => {}
                again => return again,
            }
        }
        state.spread = spread;
        Ok(state)
    }

    /// Where all random numbers come from while filters have so many particles.
    fn seed(&self, particles: usize) -> Seed {
        self.weigh.settings.seed.for_point(particles as u64)
    }

    /// The standard deviation of the log likelihood that filters of so many particles find at a
    /// place: infinite where one finds it impossible, 0 where it is exact (and whether it is). A
    /// place without an arm says nothing.
    fn spread(&self, place: &[f64], particles: usize) -> Result<(f64, bool), Error> {
        let Some(arm) = self.arm(place) else { return Ok((0.0, false)) };
        let seed = self.seed(particles).for_point(3);
        let settings = Settings { particles, filters: PILOTS, seed, ..*self.weigh.settings };
        let weigh = Weigh { settings: &settings, ..self.weigh };
        let work = weigh.work(&arm);
        self.watch.expects(work);
        let cases = weigh.likelihoods(std::slice::from_ref(&arm))?.remove(0);
        self.watch.advanced(work);
        if cases.iter().all(|found| found.exact) {
            return Ok((0.0, true));
        }
        let mut moments = Moments::new();
        for filter in 0..PILOTS {
            let of = |found: &super::Likelihood| {
                let filters = found.rounds.last().map(|turn| &turn.filters);
                filters.map_or(0.0, |all| all.get(filter).or(all.first()).map_or(0.0, |log| *log))
            };
            moments.add(cases.iter().map(of).sum());
        }
        let spread = moments.sd();
        Ok((if spread.is_nan() { f64::INFINITY } else { spread }, false))
    }
}

/// A coordinate of the cube on the whole line.
fn logit(u: f64) -> f64 {
    math::log(u) - math::log(1.0 - u)
}
