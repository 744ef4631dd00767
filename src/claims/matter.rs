//! Which of the things that vary can matter to an outcome.

use std::collections::BTreeMap;

use super::program::Bound;
use super::{Audience, Spec};
use crate::experiment::{Space, Value};
use crate::model::{Arm, Input};
use crate::plan::{Budget, MEMORY, Plan, Reach};

/// So many things are left open in one plan; more could not be told apart.
const TOGETHER: usize = 48;
/// Where things stand that do not vary, as a coordinate: unlikely to be a round number.
const HERE: f64 = 0.37;
/// Where each stands that varies.
const THERE: f64 = 0.83;

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
                    let found = self.find(*variant);
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

    /// By axis and outcome of a variant. Plans that leave numbers open have signatures that differ
    /// where a number is read that differs.
    fn find(&self, variant: Option<usize>) -> Option<Vec<Vec<bool>>> {
        let name = variant.and_then(|v| self.spec.model.variants.get(v)).map(|v| v.name.as_str());
        let axes = self.space.axes().len();
        let arm = |values: &[Value]| self.space.arm_with(values, name, &[]).ok();
        let here = self.space.at(&vec![HERE; axes]);
        let base = arm(&here)?;
        let mut all = Vec::with_capacity(axes);
        for first in (0..axes).step_by(TOGETHER) {
            let moved = first..axes.min(first + TOGETHER);
            let arms: Option<Vec<Arm>> = moved
                .map(|axis| {
                    let mut there = vec![HERE; axes];
                    there[axis] = THERE;
                    arm(&self.space.at(&there))
                })
                .collect();
            let mut arms = arms?;
            arms.insert(0, base.clone());
            let budget = Budget { bytes: MEMORY, stop: &|| self.watch.stop() };
            let plan = Plan::varying_with_reach(self.spec.model, &arms, budget).ok()??;
            let at = |arm: &Arm| -> Option<Vec<Reach>> { Some(plan.reach_at(&plan.point(arm)?)) };
            let base = at(&base)?;
            for arm in &arms[1..] {
                let pairs = base.iter().zip(at(arm)?);
                all.push(pairs.map(|(a, b)| a.signature != b.signature).collect());
            }
        }
        Some(all)
    }
}
