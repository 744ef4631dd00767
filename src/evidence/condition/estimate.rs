//! How likely a history is at places of the unit cube.

use rayon::prelude::*;

use super::{Sampler, Standing};
use crate::evidence::filter::Look;
use crate::evidence::population::{are_of, beliefs};
use crate::evidence::{Error, Record, Settings, Weigh, lanes};
use crate::model::Arm;
use crate::record::Layout;
use crate::rng::Seed;
use crate::stats::Sum;

/// So many arms are weighed together where that is exact, so that they share a plan.
const TOGETHER: usize = 64;

/// What filters find at a place.
#[derive(Debug, Clone)]
pub(super) struct Estimate {
    pub loglik: f64,
    /// By [`Standing`].
    pub types: Vec<f64>,
}

impl Sampler<'_> {
    /// The arm at a place of the cube; nothing where the scenario does not allow its values.
    pub(super) fn arm(&self, place: &[f64]) -> Option<Arm> {
        self.space.arm(&self.space.at(place), self.variant).ok()
    }

    /// Whose types, and whose beliefs of them, are followed: by case of the history, in file order.
    pub fn slots(&self) -> Vec<Standing> {
        let Weigh { model, history, .. } = self.weigh;
        let mut slots = Vec::new();
        for case in 0..history.cases.len() {
            for (private, of) in model.private.iter().enumerate() {
                let actor = of.actor;
                for kind in 0..model.names.types[actor].len() {
                    let all = std::iter::once(None).chain(model.actors().map(Some));
                    let observers = all.filter(|observer| *observer != Some(actor));
                    slots.extend(observers.map(|observer| Standing {
                        case,
                        private,
                        actor,
                        kind,
                        observer,
                        probability: f64::NAN,
                    }));
                }
            }
        }
        slots
    }

    /// What filters of so many particles find at places, each with streams of its own seed; nothing
    /// where there is no place, or no arm at it.
    pub(super) fn estimates(
        &self,
        places: &[Option<&[f64]>],
        particles: usize,
        seeds: &(dyn Fn(usize) -> Seed + Sync),
    ) -> Result<Vec<Option<Estimate>>, Error> {
        let arms: Vec<(usize, Arm)> = places
            .par_iter()
            .enumerate()
            .filter_map(|(n, place)| Some((n, self.arm((*place)?)?)))
            .collect();
        if let Some((_, arm)) = arms.first() {
            let settings = Settings { particles, filters: 1, ..*self.weigh.settings };
            let each = Weigh { settings: &settings, ..self.weigh }.work(arm);
            self.watch.expects(each.saturating_mul(arms.len() as u64));
        }
        let slots = self.slots();
        let room = self.weigh.room / rayon::current_num_threads().max(1) as u64;
        let weigh = |pairs: &[(usize, Arm)]| -> Result<Vec<(usize, Estimate)>, Error> {
            let own: Vec<Arm> = pairs.iter().map(|(_, arm)| arm.clone()).collect();
            let at = |n: usize| {
                let seed = seeds(n);
                let settings = Settings { particles, filters: 1, seed, ..*self.weigh.settings };
                (settings, room)
            };
            if own.len() > 1 && self.is_exact(&own) {
                match self.found(&own, at(pairs[0].0), &slots) {
                    Err(Error::Unlike) => {}
                    found => return Ok(pairs.iter().map(|(n, _)| *n).zip(found?).collect()),
                }
            }
            let one = |(n, arm): &(usize, Arm)| {
                let mut found = self.found(std::slice::from_ref(arm), at(*n), &slots)?;
                Ok((*n, found.remove(0)))
            };
            pairs.par_iter().with_max_len(1).map(one).collect()
        };
        let parts: Vec<Vec<(usize, Estimate)>> =
            arms.par_chunks(TOGETHER).with_max_len(1).map(weigh).collect::<Result<_, Error>>()?;
        let mut found: Vec<Option<Estimate>> = places.iter().map(|_| None).collect();
        for (n, estimate) in parts.into_iter().flatten() {
            found[n] = Some(estimate);
        }
        Ok(found)
    }

    /// Whether no random number matters in any of some arms.
    fn is_exact(&self, arms: &[Arm]) -> bool {
        let Weigh { model, history, .. } = self.weigh;
        history.cases.iter().all(|case| {
            let record = Record::new(model, case, history.miscoding);
            let own: Vec<Arm> = arms.iter().map(|arm| Record::arm(case, arm)).collect();
            !record.empty && lanes::is_exact(model, &own, &record)
        })
    }

    /// Weighs arms by all cases, by arm.
    fn found(
        &self,
        arms: &[Arm],
        (settings, room): (Settings, u64),
        slots: &[Standing],
    ) -> Result<Vec<Estimate>, Error> {
        let Weigh { model, history, .. } = self.weigh;
        let weigh = Weigh { settings: &settings, room, ..self.weigh };
        let nothing = Estimate { loglik: 0.0, types: vec![f64::NAN; slots.len()] };
        let mut found = vec![nothing; arms.len()];
        for (number, case) in history.cases.iter().enumerate() {
            let record = Record::new(model, case, history.miscoding);
            let own: Vec<Arm> = arms.iter().map(|arm| Record::arm(case, arm)).collect();
            let variables = match model.private.is_empty() {
                true => Vec::new(),
                false => Layout::of(model, &own).variables,
            };
            let sizes: Vec<usize> = match own.len() {
                1 => vec![usize::MAX],
                _ => own.iter().map(|arm| lanes::combinations(model, arm).0.len()).collect(),
            };
            let mut watch = |look: &Look| {
                self.watch.advanced(look.after.len() as u64);
                if look.round as usize == record.observations.len() {
                    for (at, slot) in slots.iter().enumerate().filter(|(_, s)| s.case == number) {
                        let means = means(look.after, &self.values(look, slot, &variables), &sizes);
                        found.iter_mut().zip(means).for_each(|(f, mean)| f.types[at] = mean);
                    }
                }
            };
            let filter = weigh.filter(&own, &record);
            let likelihoods = filter.run(&mut watch, &mut |_, _| {})?;
            found.iter_mut().zip(&likelihoods).for_each(|(f, like)| f.loglik += like.loglik());
        }
        Ok(found)
    }

    /// By particle, whether it has a type, or what an observer believes of it.
    fn values(&self, look: &Look, slot: &Standing, variables: &[String]) -> Vec<f64> {
        let Some(observer) = slot.observer else {
            return are_of(look.population, slot.private, slot.kind);
        };
        let of = (observer, slot.actor, slot.kind);
        beliefs(look.population, variables, self.weigh.model, of)
            .unwrap_or_else(|| vec![f64::NAN; look.after.len()])
    }
}

/// By arm, the mean over its particles, of which each arm has so many.
fn means(shares: &[f64], values: &[f64], sizes: &[usize]) -> Vec<f64> {
    let mut own = shares.iter().zip(values);
    let mean = |size: &usize| {
        let terms = own.by_ref().take(*size).filter(|(share, _)| **share > 0.0);
        terms.map(|(share, value)| share * value).collect::<Sum>().value()
    };
    sizes.iter().map(mean).collect()
}
