//! What has to be played and measured so that claims can be judged.

use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{Arithmetic, Comparison, Expr, Node, arithmetic};
use crate::model::{Arm, Claim, Model, Override, Side, Statics, Statistic, Way};

/// Comparative statics are played at so many values of the parameter, evenly spaced over its range.
pub const STEPS: usize = 5;

/// An arm that claims read: a variant, or the file itself, perhaps with a parameter set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scene {
    /// The variant, by number.
    pub variant: Option<usize>,
    /// Parameter cells and the value they all have.
    pub set: Option<(Vec<usize>, f64)>,
}

/// A statistic whose inputs are found in scenes.
#[derive(Debug, Clone)]
pub(super) struct Bound<'m> {
    pub statistic: &'m Statistic,
    /// By input its scene.
    pub scenes: Vec<usize>,
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

/// The scenes, statistics and questions of some claims.
#[derive(Debug, Clone)]
pub(super) struct Program<'m> {
    pub model: &'m Model,
    pub scenes: Vec<Scene>,
    pub statistics: Vec<Bound<'m>>,
    /// By claim asked for: its number in the model, and its question if it has one.
    pub claims: Vec<(usize, Option<Question>)>,
}

impl<'m> Program<'m> {
    /// The program of the claims with these numbers.
    pub fn new(model: &'m Model, claims: &[usize]) -> Program<'m> {
        let mut program =
            Program { model, scenes: Vec::new(), statistics: Vec::new(), claims: Vec::new() };
        for number in claims.iter().copied() {
            let Some(claim) = model.claims.get(number) else { continue };
            let question = program.question(claim);
            program.claims.push((number, question));
        }
        program
    }

    fn question(&mut self, claim: &'m Claim) -> Option<Question> {
        match &claim.way {
            Way::Untested | Way::Unchecked(_) => None,
            Way::Test(test) => {
                let (left, right) = (self.tree(&test.left, None), self.tree(&test.right, None));
                let constant = |tree: &Tree| {
                    let mut all = Vec::new();
                    tree.statistics(&mut all);
                    all.is_empty().then(|| tree.value(&|_| f64::NAN))
                };
                let (how, threshold, tree) = match (constant(&left), constant(&right)) {
                    (_, Some(threshold)) => (test.how, threshold, left),
                    (Some(threshold), None) => (test.how.mirrored(), threshold, right),
                    (None, None) => {
                        let (left, right) = (Box::new(left), Box::new(right));
                        (test.how, 0.0, Tree::Binary(Arithmetic::Subtract, left, right))
                    }
                };
                Some(Question { how, threshold, form: Form::Value(tree) })
            }
            Way::Statics(statics) => Some(self.steps(statics)),
        }
    }

    fn steps(&mut self, statics: &'m Statics) -> Question {
        let (lo, hi) = statics.range;
        let mut at = |step: usize| {
            let share = step as f64 / (STEPS - 1) as f64;
            let value = if step + 1 == STEPS { hi } else { lo + share * (hi - lo) };
            self.tree(&statics.side, Some((statics.cells.clone(), value)))
        };
        let trees = Box::new([at(0), at(1), at(2), at(3), at(4)]);
        let how = if statics.rises { Comparison::Greater } else { Comparison::Less };
        Question { how, threshold: 0.0, form: Form::Steps(trees, statics.rises) }
    }

    fn tree(&mut self, side: &'m Side, set: Option<(Vec<usize>, f64)>) -> Tree {
        match side {
            Side::Number(number) => Tree::Number(*number),
            Side::Statistic(statistic) => {
                let scene = |input: &crate::model::Input| Scene {
                    variant: input.variant,
                    set: set.clone(),
                };
                let wanted: Vec<Scene> = statistic.inputs.iter().map(scene).collect();
                // a statistic of numbers alone is taken over the runs of the file itself
                let wanted = match wanted.is_empty() {
                    true => vec![Scene { variant: None, set: set.clone() }],
                    false => wanted,
                };
                let scenes = wanted.into_iter().map(|scene| self.scene(scene)).collect();
                self.statistics.push(Bound { statistic, scenes });
                Tree::Statistic(self.statistics.len() - 1)
            }
            Side::Negate(a) => Tree::Negate(Box::new(self.tree(a, set))),
            Side::Binary(how, a, b) => {
                let a = self.tree(a, set.clone());
                Tree::Binary(*how, Box::new(a), Box::new(self.tree(b, set)))
            }
        }
    }

    fn scene(&mut self, scene: Scene) -> usize {
        self.scenes.iter().position(|s| *s == scene).unwrap_or_else(|| {
            self.scenes.push(scene);
            self.scenes.len() - 1
        })
    }

    /// The name of a scene's variant; none for the file itself.
    pub fn variant(&self, scene: &Scene) -> Option<&'m str> {
        scene.variant.and_then(|v| self.model.variants.get(v)).map(|v| v.name.as_str())
    }

    /// The arms of all scenes, each made by `arm` from its variant and what its scene sets.
    ///
    /// # Errors
    /// Those of `arm`.
    pub fn arms(
        &self,
        arm: &dyn Fn(Option<&str>, &[Override]) -> Result<Arm, Vec<Diagnostic>>,
    ) -> Result<Vec<Arm>, Vec<Diagnostic>> {
        let one = |scene: &Scene| {
            let set = scene.set.iter().map(|(cells, value)| {
                let number = Expr { node: Node::Number(*value), span: Span::default() };
                Override::Parameter(cells.iter().map(|c| (*c, number.clone())).collect())
            });
            let mut found = arm(self.variant(scene), &set.collect::<Vec<_>>())?;
            if let Some((cells, value)) = &scene.set {
                let cell = cells.first().map(|c| self.model.parameter_cells[*c].parameter);
                let name = cell.map_or("", |p| &self.model.names.parameters[p].name);
                found.name = format!("{} at {name} = {value}", found.name);
            }
            Ok(found)
        };
        self.scenes.iter().map(one).collect()
    }
}
