//! What has to be played and measured so that claims can be judged.

use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{Arithmetic, Comparison, Expr, Node, arithmetic};
use crate::model::{
    Arm, Claim, ClaimTest, Measure, Measured, Model, Override, Side, Statics, Statistic, is_truth,
};

/// Comparative statics are played at so many values of the parameter, evenly spaced over its range.
pub const STEPS: usize = 5;

/// An arm that claims read: a variant, or the file itself, perhaps with a parameter set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ArmSpec {
    /// The variant, by number.
    pub variant: Option<usize>,
    /// Parameter cells and the value they all have.
    pub set: Option<(Vec<usize>, f64)>,
}

/// A statistic whose inputs are found in arms.
#[derive(Debug, Clone)]
pub(super) struct Bound<'m> {
    pub statistic: &'m Statistic,
    /// A mean that is subtracted run by run; its inputs follow those of `statistic`.
    pub less: Option<&'m Statistic>,
    /// By input its arm.
    pub arm_specs: Vec<usize>,
    /// What kind of values it takes.
    pub kind: Kind,
}

/// What kind of values a statistic takes, by its form: it decides how its interval is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// The mean of what is 0 or 1.
    Share,
    /// The mean of the difference of two such, paired.
    ShareDifference,
    /// The mean of other values of one arm.
    Values,
    /// The mean of what is compared between arms, paired.
    Differences,
    /// A quantile.
    Quantile(f64),
    /// A deviation or a correlation.
    Other,
}

impl Kind {
    fn of(model: &Model, bound: &Bound<'_>) -> Kind {
        let truth = |statistic: &Statistic, value: &Expr| {
            let input = |k: usize| statistic.inputs.get(k).map(|i| &model.outcomes[i.outcome]);
            is_truth(value, &|_| None, &|k| input(k.index()).is_some_and(|o| model.is_share(o)))
        };
        let share = |statistic: &Statistic| {
            statistic.measured == Measured::Probability
                || statistic.values.first().is_some_and(|value| truth(statistic, value))
        };
        let statistic = bound.statistic;
        match (statistic.measured, bound.less) {
            (Measured::Quantile(q), _) => return Kind::Quantile(q),
            (Measured::Sd | Measured::Correlation, _) => return Kind::Other,
            (_, Some(less)) if share(statistic) && share(less) => return Kind::ShareDifference,
            (_, Some(_)) => return Kind::Differences,
            (_, None) if share(statistic) => return Kind::Share,
            _ => {}
        }
        if let Some(Node::Binary(Arithmetic::Subtract, a, b)) =
            statistic.values.first().map(|value| &value.node)
            && truth(statistic, a)
            && truth(statistic, b)
        {
            return Kind::ShareDifference;
        }
        let one = bound.arm_specs.iter().all(|arm_spec| Some(arm_spec) == bound.arm_specs.first());
        if one { Kind::Values } else { Kind::Differences }
    }
}

/// A side of which statistics are numbered.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Number(f64),
    Statistic(usize),
    Negate(Box<Tree>),
    Binary(Arithmetic, Box<Tree>, Box<Tree>),
}

impl Tree {
    /// Its value, given those of the statistics.
    pub fn value(&self, statistic: &dyn Fn(usize) -> f64) -> f64 {
        match self {
            Tree::Number(number) => *number,
            Tree::Statistic(number) => statistic(*number),
            Tree::Negate(a) => -a.value(statistic),
            Tree::Binary(how, a, b) => {
                let a = a.value(statistic);
                arithmetic(*how, a, b.value(statistic))
            }
        }
    }

    /// See [`Question::multiples`].
    pub fn multiples(&self) -> Option<(Vec<(usize, f64)>, f64)> {
        let times = |(list, number): (Vec<(usize, f64)>, f64), by: f64| {
            (list.into_iter().map(|(k, a)| (k, a * by)).collect(), number * by)
        };
        match self {
            Tree::Number(number) => Some((Vec::new(), *number)),
            Tree::Statistic(number) => Some((vec![(*number, 1.0)], 0.0)),
            Tree::Negate(a) => Some(times(a.multiples()?, -1.0)),
            Tree::Binary(how, a, b) => {
                let (a, b) = (a.multiples()?, b.multiples()?);
                match how {
                    Arithmetic::Add | Arithmetic::Subtract => {
                        let sign = if *how == Arithmetic::Add { 1.0 } else { -1.0 };
                        let (mut list, number) = a;
                        let (more, rest): (Vec<_>, f64) = times(b, sign);
                        list.extend(more);
                        Some((list, number + rest))
                    }
                    Arithmetic::Multiply if b.0.is_empty() => Some(times(a, b.1)),
                    Arithmetic::Multiply if a.0.is_empty() => Some(times(b, a.1)),
                    Arithmetic::Divide if b.0.is_empty() => Some(times(a, 1.0 / b.1)),
                    _ => None,
                }
            }
        }
    }

    fn denominators<'t>(&'t self, all: &mut Vec<&'t Tree>) {
        match self {
            Tree::Number(_) | Tree::Statistic(_) => {}
            Tree::Negate(a) => a.denominators(all),
            Tree::Binary(how, a, b) => {
                a.denominators(all);
                b.denominators(all);
                if *how == Arithmetic::Divide {
                    all.push(b);
                }
            }
        }
    }

    /// The numbers of its statistics.
    pub fn statistics(&self, all: &mut Vec<usize>) {
        match self {
            Tree::Number(_) => {}
            Tree::Statistic(number) => all.push(*number),
            Tree::Negate(a) => a.statistics(all),
            Tree::Binary(_, a, b) => {
                a.statistics(all);
                b.statistics(all);
            }
        }
    }
}

/// What is judged about a claim: whether `value() how threshold`.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub how: Comparison,
    pub threshold: f64,
    /// How far from the threshold counts as equal to it.
    pub within: Option<f64>,
    pub form: Form,
}

/// What the value of a question is.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// One side, or the difference of two.
    Value(Tree),
    /// A side at each step of a parameter, and whether it is said to rise.
    Steps(Box<[Tree; STEPS]>, bool),
}

impl Question {
    /// Its value, given those of the statistics.
    pub fn value(&self, statistic: &dyn Fn(usize) -> f64) -> f64 {
        match &self.form {
            Form::Value(tree) => tree.value(statistic),
            Form::Steps(trees, _) => {
                // Slope times width of the least-squares line through the values at 0, 1/4, ..., 1:
                // the sum of (x - 1/2) y over that of (x - 1/2)^2, exactly 0 for equal values.
                let [a, b, _, d, e] = trees.each_ref().map(|tree| tree.value(statistic));
                0.8 * (e - a) + 0.4 * (d - b)
            }
        }
    }

    /// What each statistic counts in its value, if that is a sum of multiples of statistics and a
    /// number; else `None`.
    pub fn multiples(&self) -> Option<(Vec<(usize, f64)>, f64)> {
        match &self.form {
            Form::Value(tree) => tree.multiples(),
            Form::Steps(trees, _) => {
                let (mut all, mut number) = (Vec::new(), 0.0);
                for (tree, times) in trees.iter().zip([-0.8, -0.4, 0.0, 0.4, 0.8]) {
                    let (more, rest) = tree.multiples()?;
                    all.extend(more.into_iter().map(|(k, a)| (k, a * times)));
                    number += rest * times;
                }
                Some((all, number))
            }
        }
    }

    /// The denominators in it.
    pub fn denominators(&self) -> Vec<&Tree> {
        let mut all = Vec::new();
        match &self.form {
            Form::Value(tree) => tree.denominators(&mut all),
            Form::Steps(trees, _) => trees.iter().for_each(|t| t.denominators(&mut all)),
        }
        all
    }

    /// The numbers of its statistics.
    pub fn statistics(&self) -> Vec<usize> {
        let mut all = Vec::new();
        match &self.form {
            Form::Value(tree) => tree.statistics(&mut all),
            Form::Steps(trees, _) => trees.iter().for_each(|t| t.statistics(&mut all)),
        }
        all
    }
}

/// Makes the arm of a variant, or of the file itself, with some overrides.
pub(super) type Maker<'a> = dyn Fn(Option<&str>, &[Override]) -> Result<Arm, Vec<Diagnostic>> + 'a;

/// The arms, statistics and questions of some claims.
#[derive(Debug, Clone)]
pub(super) struct Program<'m> {
    pub model: &'m Model,
    /// Whether comparative statics are taken between the ends of the range alone.
    ends: bool,
    pub arm_specs: Vec<ArmSpec>,
    pub statistics: Vec<Bound<'m>>,
    /// By claim asked for: its number in the model, and its question if it has one.
    pub claims: Vec<(usize, Option<Question>)>,
}

impl<'m> Program<'m> {
    /// The program of the claims with these numbers.
    pub fn new(model: &'m Model, claims: &[usize]) -> Program<'m> {
        Program::with(model, claims, false)
    }

    /// The same with comparative statics taken between the ends of the range: two arms instead of
    /// [`STEPS`], for when there are many points to judge.
    pub fn at_ends(model: &'m Model, claims: &[usize]) -> Program<'m> {
        Program::with(model, claims, true)
    }

    fn with(model: &'m Model, claims: &[usize], ends: bool) -> Program<'m> {
        let (arm_specs, statistics) = (Vec::new(), Vec::new());
        let mut program = Program { model, ends, arm_specs, statistics, claims: Vec::new() };
        for number in claims.iter().copied() {
            let Some(claim) = model.claims.get(number) else { continue };
            let question = program.question(claim);
            program.claims.push((number, question));
        }
        program
    }

    fn question(&mut self, claim: &'m Claim) -> Option<Question> {
        match &claim.way {
            ClaimTest::Untested | ClaimTest::Unchecked(_) => None,
            ClaimTest::Test(test) => {
                let (left, right) = (self.tree(&test.left, None), self.tree(&test.right, None));
                let constant = |tree: &Tree| {
                    let mut all = Vec::new();
                    tree.statistics(&mut all);
                    all.is_empty().then(|| tree.value(&|_| f64::NAN))
                };
                let (how, threshold, tree) = match (constant(&left), constant(&right)) {
                    (_, Some(threshold)) => (test.how, threshold, left),
                    (Some(threshold), None) => (test.how.mirrored(), threshold, right),
                    (None, None) => (test.how, 0.0, self.minus(left, right)),
                };
                Some(Question { how, threshold, within: test.within, form: Form::Value(tree) })
            }
            ClaimTest::Statics(statics) => Some(self.steps(statics)),
        }
    }

    fn steps(&mut self, statics: &'m Statics) -> Question {
        let ((lo, hi), ends) = (statics.range, self.ends);
        let mut at = |step: usize| {
            let share = step as f64 / (STEPS - 1) as f64;
            let value = if step + 1 == STEPS { hi } else { lo + share * (hi - lo) };
            self.tree(&statics.side, Some((statics.cells.clone(), value)))
        };
        let how = if statics.rises { Comparison::Greater } else { Comparison::Less };
        let form = if ends {
            let (from, to) = (Box::new(at(0)), Box::new(at(STEPS - 1)));
            Form::Value(self.minus(*to, *from))
        } else {
            let trees = Box::new([at(0), at(1), at(2), at(3), at(4)]);
            Form::Steps(trees, statics.rises)
        };
        Question { how, threshold: 0.0, within: None, form }
    }

    fn tree(&mut self, side: &'m Side, set: Option<(Vec<usize>, f64)>) -> Tree {
        match side {
            Side::Number(number) => Tree::Number(*number),
            Side::Statistic(statistic) => {
                let arm_spec = |input: &crate::model::Input| ArmSpec {
                    variant: input.variant,
                    set: set.clone(),
                };
                let wanted: Vec<ArmSpec> = statistic.inputs.iter().map(arm_spec).collect();
                // a statistic of numbers alone is taken over the runs of the file itself
                let wanted = match wanted.is_empty() {
                    true => vec![ArmSpec { variant: None, set: set.clone() }],
                    false => wanted,
                };
                let arm_specs =
                    wanted.into_iter().map(|arm_spec| self.arm_spec(arm_spec)).collect();
                self.bind(statistic, None, arm_specs)
            }
            Side::Negate(a) => Tree::Negate(Box::new(self.tree(a, set))),
            Side::Binary(how, a, b) => {
                let a = self.tree(a, set.clone());
                let b = self.tree(b, set);
                match how {
                    Arithmetic::Subtract => self.minus(a, b),
                    _ => Tree::Binary(*how, Box::new(a), Box::new(b)),
                }
            }
        }
    }

    fn bind(
        &mut self,
        statistic: &'m Statistic,
        less: Option<&'m Statistic>,
        arm_specs: Vec<usize>,
    ) -> Tree {
        let mut bound = Bound { statistic, less, arm_specs, kind: Kind::Other };
        bound.kind = Kind::of(self.model, &bound);
        self.statistics.push(bound);
        Tree::Statistic(self.statistics.len() - 1)
    }

    /// One side less another. Two means over all runs are compared run by run: that is the mean of
    /// the differences, and has the interval of one.
    fn minus(&mut self, a: Tree, b: Tree) -> Tree {
        if let (Tree::Statistic(x), Tree::Statistic(y)) = (&a, &b)
            && self.over_all_runs(*x)
            && self.over_all_runs(*y)
        {
            // both were bound just now, and nothing else reads them
            let (x, y) = (self.statistics[*x].clone(), self.statistics[*y].clone());
            self.statistics.truncate(self.statistics.len() - 2);
            let arm_specs = x.arm_specs.into_iter().chain(y.arm_specs).collect();
            return self.bind(x.statistic, Some(y.statistic), arm_specs);
        }
        Tree::Binary(Arithmetic::Subtract, Box::new(a), Box::new(b))
    }

    /// Whether a statistic is a plain mean over all runs, none of which can lack a value.
    fn over_all_runs(&self, number: usize) -> bool {
        let Bound { statistic, less, .. } = &self.statistics[number];
        let empty =
            |k: &crate::model::Input| self.model.outcomes[k.outcome].measure == Measure::First;
        matches!(statistic.measured, Measured::Mean | Measured::Probability)
            && statistic.condition.is_none()
            && less.is_none()
            && !statistic.inputs.is_empty()
            && !statistic.inputs.iter().any(empty)
    }

    fn arm_spec(&mut self, arm_spec: ArmSpec) -> usize {
        self.arm_specs.iter().position(|s| *s == arm_spec).unwrap_or_else(|| {
            self.arm_specs.push(arm_spec);
            self.arm_specs.len() - 1
        })
    }

    /// The name of a arm's variant; none for the file itself.
    pub fn variant(&self, arm_spec: &ArmSpec) -> Option<&'m str> {
        arm_spec.variant.and_then(|v| self.model.variants.get(v)).map(|v| v.name.as_str())
    }

    /// The arms of all arms, each made by `arm` from its variant and what its arm sets.
    ///
    /// # Errors
    /// Those of `arm`.
    pub fn arms(&self, arm: &Maker<'_>) -> Result<Vec<Arm>, Vec<Diagnostic>> {
        let one = |arm_spec: &ArmSpec| {
            let set = arm_spec.set.iter().map(|(cells, value)| {
                let number = Expr { node: Node::Number(*value), span: Span::default() };
                Override::Parameter(cells.iter().map(|c| (*c, number.clone())).collect())
            });
            let mut found = arm(self.variant(arm_spec), &set.collect::<Vec<_>>())?;
            if let Some((cells, value)) = &arm_spec.set {
                let cell = cells.first().map(|c| self.model.parameter_cells[*c].parameter);
                let name = cell.map_or("", |p| &self.model.names.parameters[p].name);
                found.name = format!("{} at {name} = {value}", found.name);
            }
            Ok(found)
        };
        self.arm_specs.iter().map(one).collect()
    }
}
