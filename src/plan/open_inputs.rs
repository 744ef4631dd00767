//! Several arms in one plan: what differs between them is left open.

use std::collections::BTreeSet;

use crate::expr::{Expr, Node};
use crate::model::{ActorId, Arm, CellId, Decision, Prior};

/// A number of an arm that a plan can leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum OpenNumber {
    /// A parameter cell.
    Parameter(usize),
    /// A parameter cell that depends on types: number in [`Arm::typed`], combination.
    Typed(usize, usize),
    /// The precision of an actor, where it is a number.
    Precision(ActorId),
    /// The discount factor of an actor, where it is a number.
    Discount(ActorId),
    /// The initial value of a state cell, where it is a number.
    Initial(CellId),
}

impl OpenNumber {
    fn of(self, arm: &Arm) -> Option<f64> {
        let number = |formula: &Expr| match formula.node {
            Node::Number(value) => Some(value),
            _ => None,
        };
        match self {
            OpenNumber::Parameter(cell) => arm.parameters.get(cell).copied(),
            OpenNumber::Typed(typed, at) => arm.typed.get(typed)?.values.get(at).copied(),
            OpenNumber::Precision(actor) => {
                arm.decisions.get(actor)?.precision.as_ref().and_then(number)
            }
            OpenNumber::Discount(actor) => {
                arm.decisions.get(actor)?.discount.as_ref().and_then(number)
            }
            OpenNumber::Initial(cell) => arm.initial.get(cell).and_then(number),
        }
    }
}

/// Which numbers of its arms a plan leaves open.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenInputs {
    numbers: Vec<OpenNumber>,
    /// Whether the plan serves several arms, so that how likely types are and what is believed
    /// before the first round are open as well.
    pub several: bool,
    /// Whether the plan is asked what can reach its outcomes.
    pub reach: bool,
    /// Whether the plan says how likely events are.
    pub chances: bool,
}

impl OpenInputs {
    /// What differs between arms; `None` if that is more than numbers.
    pub fn between(arms: &[Arm]) -> Option<OpenInputs> {
        // what is found without end is found for one arm
        if arms.len() > 1 && arms.iter().any(Arm::is_stationary) {
            return None;
        }
        let (first, others) = arms.split_first()?;
        let mut found = BTreeSet::new();
        for other in others {
            differences(first, other, &mut |number| {
                found.insert(number);
            })?;
        }
        let numbers = found.into_iter().collect();
        Some(OpenInputs { numbers, several: true, ..OpenInputs::default() })
    }

    /// The same for a plan that is asked, or not, what can reach its outcomes.
    pub fn asked(self, reach: bool) -> OpenInputs {
        OpenInputs { reach, ..self }
    }

    /// The same for a plan that says how likely events are.
    pub fn with_chances(self) -> OpenInputs {
        OpenInputs { chances: true, ..self }
    }

    /// How many numbers are open.
    pub fn count(&self) -> usize {
        self.numbers.len()
    }

    /// An open number as words: the same in all plans of a model, wherever it stands.
    pub fn words(&self, slot: u32) -> [u64; 3] {
        match self.numbers.get(slot as usize) {
            Some(OpenNumber::Parameter(cell)) => [0, *cell as u64, 0],
            Some(OpenNumber::Typed(typed, at)) => [1, *typed as u64, *at as u64],
            Some(OpenNumber::Precision(actor)) => [2, actor.index() as u64, 0],
            Some(OpenNumber::Discount(actor)) => [3, actor.index() as u64, 0],
            Some(OpenNumber::Initial(cell)) => [4, cell.index() as u64, 0],
            None => [5, slot.into(), 0],
        }
    }

    fn slot(&self, number: OpenNumber) -> Option<u32> {
        self.numbers.binary_search(&number).ok().map(|at| at as u32)
    }

    /// The slot of a parameter cell among the open numbers, if it is open.
    pub fn parameter(&self, cell: usize) -> Option<u32> {
        self.slot(OpenNumber::Parameter(cell))
    }

    /// The same for a combination of types of a cell in [`Arm::typed`].
    pub fn typed(&self, typed: usize, at: usize) -> Option<u32> {
        self.slot(OpenNumber::Typed(typed, at))
    }

    /// The same for the precision of an actor.
    pub fn precision(&self, actor: ActorId) -> Option<u32> {
        self.slot(OpenNumber::Precision(actor))
    }

    /// The same for the discount factor of an actor.
    pub fn discount(&self, actor: ActorId) -> Option<u32> {
        self.slot(OpenNumber::Discount(actor))
    }

    /// The same for an initial value.
    pub fn initial(&self, cell: CellId) -> Option<u32> {
        self.slot(OpenNumber::Initial(cell))
    }

    /// The open numbers of an arm that differs from `base` in them alone; else `None`.
    pub fn point(&self, base: &Arm, arm: &Arm) -> Option<Point> {
        let mut all_open = true;
        differences(base, arm, &mut |number| all_open &= self.slot(number).is_some())?;
        let numbers: Option<Vec<f64>> = self.numbers.iter().map(|number| number.of(arm)).collect();
        let numbers = numbers.filter(|_| all_open)?;
        Some(Point { numbers, chances: arm.chances.clone(), priors: arm.priors.clone() })
    }
}

/// An arm as a plan for several sees it: [`super::Plan::point`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Point {
    /// What the plan leaves open.
    pub numbers: Vec<f64>,
    /// By private id and type: how likely nature makes it real.
    pub chances: Vec<Vec<f64>>,
    /// By private id, observer and type: what is believed before the first round.
    pub priors: Vec<Prior>,
}

impl Point {
    /// An open number; not a number if there is no such slot.
    pub fn number(&self, at: usize) -> f64 {
        self.numbers.get(at).copied().unwrap_or(f64::NAN)
    }

    /// How likely nature makes a type real; not a number if there is no such slot.
    pub fn chance(&self, private_id: usize, actor_type: usize) -> f64 {
        let found = self.chances.get(private_id).and_then(|row| row.get(actor_type));
        found.copied().unwrap_or(f64::NAN)
    }

    /// What an observer believes before the first round; not a number if there is no such
    /// slot.
    pub fn prior(&self, private_id: usize, observer: ActorId, actor_type: usize) -> f64 {
        let row = self.priors.get(private_id).and_then(|rows| rows.get(observer));
        row.and_then(|row| row.get(actor_type)).copied().unwrap_or(f64::NAN)
    }
}

/// In how many numbers two arms of a model differ that one plan can leave open; `None` if they
/// differ in more.
pub fn numbers_apart(a: &Arm, b: &Arm) -> Option<usize> {
    let mut count = 0;
    let alone = a.is_stationary() || b.is_stationary();
    differences(a, b, &mut |_| count += 1).filter(|()| !alone).map(|()| count)
}

/// Shows every number in which two arms of a model differ; `None` if they differ in more.
fn differences(a: &Arm, b: &Arm, show: &mut dyn FnMut(OpenNumber)) -> Option<()> {
    let shape = |arm: &Arm| (arm.rounds, arm.parameters.len(), arm.typed.len());
    let alike = shape(a) == shape(b)
        && a.true_types == b.true_types
        && a.disabled_options == b.disabled_options
        && a.disabled_hazards == b.disabled_hazards
        && a.decisions.len() == b.decisions.len()
        && a.initial.len() == b.initial.len();
    alike.then_some(())?;
    let differ = |x: f64, y: f64| x.to_bits() != y.to_bits();
    for (cell, (x, y)) in a.parameters.iter().zip(&b.parameters).enumerate() {
        if differ(*x, *y) {
            show(OpenNumber::Parameter(cell));
        }
    }
    for (typed, (x, y)) in a.typed.iter().zip(&b.typed).enumerate() {
        let alike = (x.cell, &x.on, x.values.len()) == (y.cell, &y.on, y.values.len());
        alike.then_some(())?;
        for (at, (x, y)) in x.values.iter().zip(&y.values).enumerate() {
            if differ(*x, *y) {
                show(OpenNumber::Typed(typed, at));
            }
        }
    }
    let mut formula = |x: Option<&Expr>, y: Option<&Expr>, number: OpenNumber| {
        match (x.map(|x| &x.node), y.map(|y| &y.node)) {
            (x, y) if x == y => {}
            (Some(Node::Number(_)), Some(Node::Number(_))) => show(number),
            _ => return None,
        }
        Some(())
    };
    for ((actor, x), y) in a.decisions.enumerate().zip(&b.decisions) {
        (rules(x) == rules(y)).then_some(())?;
        formula(x.precision.as_ref(), y.precision.as_ref(), OpenNumber::Precision(actor))?;
        formula(x.discount.as_ref(), y.discount.as_ref(), OpenNumber::Discount(actor))?;
    }
    for ((cell, x), y) in a.initial.enumerate().zip(&b.initial) {
        formula(Some(x), Some(y), OpenNumber::Initial(cell))?;
    }
    Some(())
}

/// How an actor chooses, numbers apart.
fn rules(d: &Decision) -> impl PartialEq {
    let how = (d.rule, d.reasoning, d.level0, d.anticipation);
    (how, d.nests, d.dissimilarity.clone(), d.foresight, d.hold, d.policy)
}
