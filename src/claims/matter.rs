//! Which of the things that vary can matter to an outcome.

use std::collections::BTreeMap;

use super::program::Bound;
use super::{Audience, Spec};
use crate::experiment::{Space, reads};
use crate::model::Input;

/// By variant and outcome, which axes of a space the formulas that lead to the outcome read.
pub(super) struct Matter<'a> {
    spec: &'a Spec<'a>,
    space: &'a Space<'a>,
    watch: &'a dyn Audience,
    known: BTreeMap<Option<usize>, Option<Vec<Vec<bool>>>>,
}

impl<'a> Matter<'a> {
    pub fn new(spec: &'a Spec<'a>, space: &'a Space<'a>, watch: &'a dyn Audience) -> Matter<'a> {
        Matter { spec, space, watch, known: BTreeMap::new() }
    }

    /// Which axes can matter to some statistics; all of them where that cannot be found out.
    pub fn of<'b>(&mut self, statistics: impl Iterator<Item = &'b Bound<'b>>) -> Vec<bool> {
        let mut all = vec![false; self.space.axes().len()];
        for bound in statistics {
            let less = bound.less.iter().flat_map(|less| &less.inputs);
            for Input { variant, outcome } in bound.statistic.inputs.iter().chain(less) {
                if !self.known.contains_key(variant) {
                    let name = variant.and_then(|v| self.spec.model.variants.get(v));
                    let name = name.map(|variant| variant.name.as_str());
                    let stop = || self.watch.stop();
                    let found = reads(self.spec.model, self.space, name, &stop);
                    self.known.insert(*variant, found);
                }
                match self.known.get(variant).and_then(Option::as_ref) {
                    None => all.fill(true),
                    Some(found) => {
                        all.iter_mut().zip(found).for_each(|(all, axis)| *all |= axis[*outcome]);
                    }
                }
            }
        }
        all
    }
}
