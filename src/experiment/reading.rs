//! Which of the things that vary the formulas that lead to an outcome read.

use super::space::{Space, Value};
use crate::model::{Arm, Model};
use crate::plan::{Budget, Plan, Reach};

/// So many things are left open in one plan; more could not be told apart.
const TOGETHER: usize = 48;
/// Where things stand that do not vary, as a coordinate: unlikely to be a round number.
const HERE: f64 = 0.37;
/// Where each stands that varies.
const THERE: f64 = 0.83;

/// By axis of a space and outcome of a variant, whether the axis can matter to it: plans that leave
/// numbers open have signatures that differ where a number is read that differs. Nothing where
/// that cannot be found out, or `stop` says so.
pub fn reads(
    model: &Model,
    space: &Space,
    variant: Option<&str>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<Vec<bool>>> {
    let axes = space.axes().len();
    let arm = |values: &[Value]| space.arm_with(values, variant, &[]).ok();
    let here = space.at(&vec![HERE; axes]);
    let base = arm(&here)?;
    let mut all = Vec::with_capacity(axes);
    for first in (0..axes).step_by(TOGETHER) {
        let moved = first..axes.min(first + TOGETHER);
        let arms: Option<Vec<Arm>> = moved
            .map(|axis| {
                let mut there = vec![HERE; axes];
                there[axis] = THERE;
                arm(&space.at(&there))
            })
            .collect();
        let mut arms = arms?;
        arms.insert(0, base.clone());
        let budget = Budget { stop, ..Budget::default() };
        let plan = Plan::varying_with_reach(model, &arms, budget).ok()??;
        let at = |arm: &Arm| -> Option<Vec<Reach>> { Some(plan.reach_at(&plan.point(arm)?)) };
        let base = at(&base)?;
        for arm in &arms[1..] {
            let pairs = base.iter().zip(at(arm)?);
            all.push(pairs.map(|(a, b)| a.signature != b.signature).collect());
        }
    }
    Some(all)
}
