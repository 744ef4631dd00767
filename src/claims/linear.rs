//! How far claims lie from their thresholds, run by run.

use super::column::observed;
use super::program::{Form, Program, Question, Tree};
use crate::diagnostic::Diagnostic;
use crate::expr::{Arithmetic, Comparison};
use crate::model::{Arm, Measured, Model, Override};
use crate::record::Block;

/// Claims whose distance from the threshold is a mean over runs: sums of multiples of means and
/// shares. A quotient A / B against c counts as A − c B.
#[derive(Debug, Clone)]
pub struct Linear<'m> {
    program: Program<'m>,
    /// By claim: its number in the model, statistics with their factors, and a number.
    claims: Vec<(usize, Terms, f64)>,
    refused: Vec<(usize, &'static str)>,
}

/// Statistics, by number, with their factors.
type Terms = Vec<(usize, f64)>;

/// Makes the arm of a variant with some overrides.
pub type ArmMaker<'a> = dyn Fn(Option<&str>, &[Override]) -> Result<Arm, Vec<Diagnostic>> + 'a;

impl<'m> Linear<'m> {
    /// Those of these claims, by number in the model, that are of this kind. Comparative statics
    /// are taken between the ends of their range.
    pub fn new(model: &'m Model, claims: &[usize]) -> Linear<'m> {
        let mut program = Program::at_ends(model, claims);
        let (mut found, mut refused) = (Vec::new(), Vec::new());
        for (claim, question) in &program.claims {
            match question.as_ref().map(|question| distance(&program, question)) {
                None => refused.push((*claim, "it has no test")),
                Some(Err(why)) => refused.push((*claim, why)),
                Some(Ok((list, number))) => found.push((*claim, list, number)),
            }
        }
        if found.is_empty() {
            // nothing is played for claims that are refused
            program.arm_specs.clear();
        }
        Linear { program, claims: found, refused }
    }

    /// The claims, by number in the model.
    pub fn claims(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.claims.iter().map(|(claim, ..)| *claim)
    }

    /// Claims that are not of this kind, by number in the model, and why.
    pub fn refused(&self) -> &[(usize, &'static str)] {
        &self.refused
    }

    /// The arms that are played.
    ///
    /// # Errors
    /// Those of `arm`.
    pub fn arms(&self, arm: &ArmMaker<'_>) -> Result<Vec<Arm>, Vec<Diagnostic>> {
        self.program.arms(arm)
    }

    /// How far a claim, by its place in [`Linear::claims`], lies on its side of the threshold, by
    /// run; `blocks` are those of [`Linear::arms`], in order, and `last` is what an outcome that is
    /// empty counts as. Not a number in runs that failed.
    pub fn distances(&self, claim: usize, blocks: &[Block], last: f64) -> Vec<f64> {
        let (_, list, number) = &self.claims[claim];
        let runs = blocks.first().map_or(0, |block| block.runs);
        let mut all = vec![*number; runs];
        for (statistic, times) in list {
            let values = observed(&self.program.statistics[*statistic], blocks, last);
            all.iter_mut().zip(values).for_each(|(sum, value)| *sum += times * value);
        }
        all
    }

    /// What a claim reads: variants, by number in the model, and outcomes.
    pub fn inputs(&self, claim: usize) -> Vec<(Option<usize>, usize)> {
        let of = |(statistic, _): &(usize, f64)| {
            let bound = &self.program.statistics[*statistic];
            let less = bound.less.iter().flat_map(|less| &less.inputs);
            let all = bound.statistic.inputs.iter().chain(less);
            all.map(|input| (input.variant, input.outcome)).collect::<Vec<_>>()
        };
        self.claims[claim].1.iter().flat_map(of).collect()
    }
}

/// Multiples of statistics and a number.
type Sum = (Vec<(usize, f64)>, f64);

/// The signed distance of a question as a sum.
fn distance(program: &Program, question: &Question) -> Result<Sum, &'static str> {
    let Form::Value(tree) = &question.form else {
        return Err("it compares more than two values of a parameter");
    };
    let (list, number) = match (tree.multiples(), tree) {
        (Some((list, number)), _) => (list, number - question.threshold),
        (None, Tree::Binary(Arithmetic::Divide, a, b)) => {
            let parts = a.multiples().zip(b.multiples());
            let ((mut list, number), (below, rest)) =
                parts.ok_or("it is no sum of means, and no quotient of such")?;
            list.extend(below.into_iter().map(|(k, times)| (k, -question.threshold * times)));
            (list, number - question.threshold * rest)
        }
        (None, _) => return Err("it is no sum of means, and no quotient of such"),
    };
    for (k, _) in &list {
        let statistic = program.statistics[*k].statistic;
        if !matches!(statistic.measured, Measured::Mean | Measured::Probability) {
            return Err("it is about a quantile, a deviation or a correlation");
        }
        if statistic.condition.is_some() {
            return Err("its statistics are of the runs that meet a condition");
        }
    }
    let sign = match question.how {
        Comparison::Less | Comparison::AtMost => -1.0,
        _ => 1.0,
    };
    Ok((list.into_iter().map(|(k, times)| (k, sign * times)).collect(), sign * number))
}
