//! A model with the overrides of one arm applied and its parameters evaluated.

mod decisions;

use std::cell::{Cell, RefCell};
use std::mem::discriminant;
use std::sync::{Arc, OnceLock};

use super::{
    ActorId, CellId, Decision, DecisionItem, HazardId, IndexVec, Markov, MarkovError, Model,
    OptionId, Private, Setting, markov,
};
use crate::diagnostic::{Code, Diagnostic, Span, clip, nearest};
use crate::expr::{Expr, Facts, Node, Parameters, cycle, value};

/// One thing that a variant, `--set` or a point of a sweep changes.
#[derive(Debug, Clone)]
pub enum Override {
    /// Parameter cells and their new values, formulas over parameters.
    Parameter(Vec<(usize, Expr)>),
    /// State cells and their new initial values.
    Initial(Vec<(CellId, Expr)>),
    /// The real type of an actor: private id, type.
    TrueType(usize, usize),
    /// A setting of a decision.
    Decision(DecisionItem),
}

/// A parameter cell whose value depends on types.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedCell {
    /// The cell.
    pub cell: usize,
    /// The private ids of the actors on whose types it depends, ascending.
    pub on: Vec<usize>,
    /// Its value for every combination of their types, the last one varying fastest.
    pub values: Vec<f64>,
}

/// By observer and type: how likely each type of an actor is thought to be.
pub type Prior = IndexVec<ActorId, Vec<f64>>;

/// One arm of a scenario, ready to be played.
#[derive(Debug, Clone)]
pub struct Arm {
    /// `base` or the name of the variant.
    pub name: String,
    /// The greatest number of rounds.
    pub rounds: u32,
    /// Parameter values; those of [`Arm::typed`] hold for no type yet and are 0.
    pub parameters: Vec<f64>,
    /// Parameter cells that depend on types.
    pub typed: Vec<TypedCell>,
    /// Initial value by state cell.
    pub initial: IndexVec<CellId, Expr>,
    /// By private id the real type, where it is fixed.
    pub true_types: Vec<Option<usize>>,
    /// By private id and type: how likely nature makes it real.
    pub chances: Vec<Vec<f64>>,
    /// By private id, observer and type: what observers think at the start.
    pub priors: Vec<Prior>,
    /// How each actor chooses.
    pub decisions: IndexVec<ActorId, Decision>,
    /// By option, whether it is disabled.
    pub disabled_options: IndexVec<OptionId, bool>,
    /// By hazard, whether it is disabled.
    pub disabled_hazards: IndexVec<HazardId, bool>,
    /// What was found where somebody looks ahead without end, once somebody has asked for it.
    pub markov: OnceLock<Result<Arc<Markov>, MarkovError>>,
}

/// How many combinations of types one parameter may depend on.
const MAX_COMBINATIONS: usize = 4096;

/// How many parts of formulas may wait for each other while a parameter is evaluated.
const MAX_DEPTH: usize = 1000;

impl Override {
    /// How many cells it sets.
    pub fn breadth(&self) -> usize {
        match self {
            Override::Parameter(list) => list.len(),
            Override::Initial(list) => list.len(),
            Override::TrueType(..) | Override::Decision(_) => 0,
        }
    }

    /// Whether both set the same thing, or share a cell.
    pub fn meets(&self, other: &Override) -> bool {
        match (self, other) {
            (Override::TrueType(own, _), Override::TrueType(id, _)) => own == id,
            (Override::Decision(own), Override::Decision(item)) => {
                own.actor == item.actor && discriminant(&own.setting) == discriminant(&item.setting)
            }
            (Override::Parameter(own), Override::Parameter(list)) => share(own, list),
            (Override::Initial(own), Override::Initial(list)) => share(own, list),
            _ => false,
        }
    }

    /// The same without its place: the spans of settings do not count in the scenario file.
    fn placeless(&self) -> Override {
        let each = |all: &IndexVec<ActorId, Option<Expr>>| {
            all.iter().map(|e| e.as_ref().map(nowhere)).collect()
        };
        match self {
            Override::Parameter(list) => Override::Parameter(bare(list)),
            Override::Initial(list) => Override::Initial(bare(list)),
            Override::TrueType(id, number) => Override::TrueType(*id, *number),
            Override::Decision(DecisionItem { actor, setting }) => {
                let setting = match setting {
                    Setting::Precision(all) => Setting::Precision(each(all)),
                    Setting::Discount(all) => Setting::Discount(each(all)),
                    Setting::Dissimilarity(list) => Setting::Dissimilarity(
                        list.iter().map(|(nest, all)| (nest.clone(), each(all))).collect(),
                    ),
                    other => other.clone(),
                };
                Override::Decision(DecisionItem { actor: *actor, setting })
            }
        }
    }
}

/// That there is no variant of a name; it stands nowhere in the file.
fn unknown(model: &Model, name: &str) -> Diagnostic {
    let known = model.variants.iter().map(|v| v.name.as_str());
    let text = format!("`{}` has no variant `{}`", model.about.name, clip(name));
    Diagnostic::new(Code::UnknownName, Span::default(), text).help_if(nearest(name, known))
}

/// Whether both lists set one cell.
fn share<C: PartialEq>(one: &[(C, Expr)], other: &[(C, Expr)]) -> bool {
    other.iter().any(|(cell, _)| one.iter().any(|(c, _)| c == cell))
}

/// The same without places.
fn bare<C: Copy>(list: &[(C, Expr)]) -> Vec<(C, Expr)> {
    list.iter().map(|(cell, expr)| (*cell, nowhere(expr))).collect()
}

fn nowhere(expr: &Expr) -> Expr {
    Expr { node: expr.node.clone(), span: Span::default() }
}

impl Arm {
    /// About how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        const FORMULA: usize = 200;
        let typed: usize = self.typed.iter().map(|cell| 100 + 8 * cell.values.len()).sum();
        let priors: usize = self.priors.iter().flatten().map(|row| 48 + 8 * row.len()).sum();
        let numbers = 8 * self.parameters.len() + FORMULA * self.initial.len();
        let flags = self.disabled_options.len() + self.disabled_hazards.len();
        500 + numbers + typed + priors + flags + 2 * FORMULA * self.decisions.len()
    }

    /// Applies a variant (`None`: the file as it is) and further overrides, in that order. Problems
    /// of further overrides have empty spans, since those do not stand in the file.
    ///
    /// # Errors
    /// Every parameter or prior that is not a finite number, cycles through overridden formulas,
    /// priors that do not sum to one, decisions that are incomplete, a step of `foresight` or
    /// `discount` outside its limits.
    pub fn new(
        model: &Model,
        variant: Option<&str>,
        more: &[Override],
    ) -> Result<Arm, Vec<Diagnostic>> {
        Arm::with(model, &[], variant, more)
    }

    /// The same with overrides below the variant, which stand for other values in the file: where
    /// the variant sets something too, the variant counts.
    ///
    /// # Errors
    /// Those of [`Arm::new`].
    pub fn with(
        model: &Model,
        below: &[Override],
        variant: Option<&str>,
        more: &[Override],
    ) -> Result<Arm, Vec<Diagnostic>> {
        let variant = match variant.filter(|name| *name != "base") {
            None => None,
            Some(name) => Some(model.variant(name).ok_or_else(|| vec![unknown(model, name)])?),
        };
        let own = variant.map(|v| v.set.as_slice()).unwrap_or_default();
        let mut build = Build::new(model);
        for change in below {
            build.apply(&change.placeless());
        }
        for change in own {
            build.apply(change);
        }
        for change in more {
            build.apply(&change.placeless());
        }
        let mut arm = build.finish(variant.map_or("base", |v| v.name.as_str()))?;
        if let Some(variant) = variant {
            for (id, option) in model.options.enumerate() {
                let disabled = variant.moves.iter().any(|action| option.plays(*action));
                arm.disabled_options[id] = disabled;
            }
            for (id, hazard) in model.hazards.enumerate() {
                arm.disabled_hazards[id] = variant.events.contains(&hazard.event);
            }
        }
        match markov::unfit(model, &arm) {
            Some(unfit) => Err(vec![unfit]),
            None => Ok(arm),
        }
    }

    /// Parameter values when the types of every actor have these weights, by private
    /// id and type. A cell that depends on types is the sum over their
    /// combinations of the product of weights times its value; combinations of weight 0 are left
    /// out, so that weights of 0 and 1 give the value of the type exactly.
    pub fn parameters_for(&self, weights: &[Vec<f64>]) -> Vec<f64> {
        let mut all = self.parameters.clone();
        for typed in &self.typed {
            let mut sum = 0.0;
            for (number, value) in typed.values.iter().enumerate() {
                let mut rest = number;
                let mut weight = 1.0;
                for id in typed.on.iter().rev() {
                    let types = weights[*id].len();
                    weight *= weights[*id][rest % types];
                    rest /= types;
                }
                if weight != 0.0 {
                    sum += weight * value;
                }
            }
            all[typed.cell] = sum;
        }
        all
    }
}

struct Build<'a> {
    model: &'a Model,
    values: Vec<&'a Expr>,
    replaced: Vec<Option<Expr>>,
    initial: IndexVec<CellId, Expr>,
    true_types: Vec<Option<usize>>,
    items: Vec<DecisionItem>,
    errors: Vec<Diagnostic>,
}

impl<'a> Build<'a> {
    fn new(model: &'a Model) -> Self {
        Build {
            model,
            values: model.parameter_cells.iter().map(|c| &c.value).collect(),
            replaced: vec![None; model.parameter_cells.len()],
            initial: model.cells.iter().map(|c| c.initial.clone()).collect(),
            true_types: model.private.iter().map(|p| p.true_type).collect(),
            items: model.decisions.clone(),
            errors: Vec::new(),
        }
    }

    fn apply(&mut self, change: &Override) {
        match change {
            Override::Parameter(list) => {
                for (cell, expr) in list {
                    self.replaced[*cell] = Some(expr.clone());
                }
            }
            Override::Initial(list) => {
                for (cell, expr) in list {
                    self.initial[*cell] = expr.clone();
                }
            }
            Override::TrueType(id, number) => self.true_types[*id] = Some(*number),
            Override::Decision(item) => self.items.push(item.clone()),
        }
    }

    fn expr(&self, cell: usize) -> &Expr {
        self.replaced[cell].as_ref().unwrap_or(self.values[cell])
    }

    /// The value that the type of a combination sets for a cell, more specific keys last.
    fn set_by(&self, cell: usize, types: &[usize]) -> Option<&'a Expr> {
        let model = self.model;
        model.private.iter().zip(types).find_map(|(private, number)| {
            let set = &private.types[*number].set;
            set.iter().rev().find(|(c, _)| *c == cell).map(|(_, expr)| expr)
        })
    }

    fn error(&mut self, code: Code, span: Span, text: String) {
        self.errors.push(Diagnostic::new(code, span, text));
    }

    /// By cell, the private ids on whose types it depends, directly or through other cells.
    fn dependence(&mut self) -> Vec<Vec<usize>> {
        let count = self.values.len();
        let mut on: Vec<Vec<usize>> = vec![Vec::new(); count];
        if self.model.private.is_empty() {
            return on;
        }
        let mut reads: Vec<Vec<usize>> = vec![Vec::new(); count];
        for cell in 0..count {
            let note = |expr: &Expr, list: &mut Vec<usize>| {
                expr.walk(&mut |e| {
                    if let Node::Parameter(other) = e.node {
                        list.push(other);
                    }
                });
            };
            note(self.expr(cell), &mut reads[cell]);
            for (id, private) in self.model.private.iter().enumerate() {
                for (_, expr) in private.types.iter().flat_map(|k| &k.set).filter(|s| s.0 == cell) {
                    note(expr, &mut reads[cell]);
                    if !on[cell].contains(&id) {
                        on[cell].push(id);
                    }
                }
            }
        }
        loop {
            let mut changed = false;
            for cell in 0..count {
                let below = reads[cell].iter().flat_map(|r| on[*r].clone()).collect::<Vec<_>>();
                for id in below {
                    if !on[cell].contains(&id) {
                        on[cell].push(id);
                        on[cell].sort_unstable();
                        changed = true;
                    }
                }
            }
            if !changed {
                return on;
            }
        }
    }

    fn finish(mut self, name: &str) -> Result<Arm, Vec<Diagnostic>> {
        let model = self.model;
        let on = self.dependence();
        let zero = vec![0; model.private.len()];
        let mut parameters = self.evaluate(&zero);
        let mut typed = Vec::new();
        for (cell, on) in on.into_iter().enumerate().filter(|(_, on)| !on.is_empty()) {
            parameters[cell] = 0.0;
            typed.push(TypedCell { cell, on, values: Vec::new() });
        }
        self.fill(&mut typed);
        let (chances, priors) = self.priors(&parameters, &typed);
        let actors = model.actors();
        let decisions = actors.map(|a| Decision::of(a, &self.items)).collect();
        self.check_decisions(&decisions, &parameters, &typed);
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        Ok(Arm {
            name: name.to_string(),
            rounds: model.about.rounds,
            parameters,
            typed,
            initial: self.initial,
            true_types: self.true_types,
            chances,
            priors,
            decisions,
            disabled_options: IndexVec::filled(false, model.options.len()),
            disabled_hazards: IndexVec::filled(false, model.hazards.len()),
            markov: OnceLock::new(),
        })
    }

    /// All cells at one combination of types.
    fn evaluate(&mut self, types: &[usize]) -> Vec<f64> {
        let count = self.values.len();
        let reader = Reader {
            build: self,
            types,
            done: RefCell::new(vec![None; count]),
            open: RefCell::new(Vec::new()),
            depth: Cell::new(0),
            endless: RefCell::new(None),
        };
        let all: Vec<f64> = (0..count).map(|cell| reader.parameter(cell)).collect();
        if let Some(endless) = reader.endless.into_inner() {
            self.endless(endless);
            return all;
        }
        for (cell, value) in all.iter().enumerate() {
            if !value.is_finite() {
                let label = &self.model.parameter_cells[cell].label;
                let text = format!("the value of `{label}` is {value}, not a finite number");
                let span = self.set_by(cell, types).unwrap_or(self.expr(cell)).span;
                self.error(Code::NotFinite, span, text);
            }
        }
        all
    }

    fn endless(&mut self, found: Endless) {
        match found {
            Endless::Circle(path) => {
                let names: Vec<&str> =
                    path.iter().map(|c| self.model.parameter_cells[*c].label.as_str()).collect();
                let text = cycle(&names);
                let span = path.first().map_or(Span::default(), |c| self.expr(*c).span);
                self.error(Code::Cycle, span, text);
            }
            Endless::Deep(cell) => {
                let label = &self.model.parameter_cells[cell].label;
                let text = format!(
                    "the value of `{label}` waits for more than {MAX_DEPTH} parts of formulas"
                );
                self.error(Code::Limit, self.expr(cell).span, text);
            }
        }
    }

    fn fill(&mut self, typed: &mut [TypedCell]) {
        let sizes: Vec<usize> = self.model.private.iter().map(|p| p.types.len()).collect();
        let mut groups: Vec<Vec<usize>> = typed.iter().map(|t| t.on.clone()).collect();
        groups.sort();
        groups.dedup();
        for on in groups {
            let total: usize = on.iter().map(|p| sizes[*p]).product();
            if total > MAX_COMBINATIONS {
                let text = format!("a parameter depends on {total} combinations of types");
                self.error(Code::Limit, Span::default(), text);
                return;
            }
            for number in 0..total {
                let mut types = vec![0; sizes.len()];
                let mut rest = number;
                for id in on.iter().rev() {
                    types[*id] = rest % sizes[*id];
                    rest /= sizes[*id];
                }
                let all = self.evaluate(&types);
                for cell in typed.iter_mut().filter(|t| t.on == on) {
                    cell.values.push(all[cell.cell]);
                }
            }
        }
    }

    /// Chances and priors, checked to be distributions.
    fn priors(&mut self, parameters: &[f64], typed: &[TypedCell]) -> (Vec<Vec<f64>>, Vec<Prior>) {
        let model = self.model;
        let (mut chances, mut priors) = (Vec::new(), Vec::new());
        for (id, private) in model.private.iter().enumerate() {
            let chance: Option<Vec<&Expr>> =
                private.types.iter().map(|k| k.chance.as_ref()).collect();
            if chance.is_none() && self.true_types[id].is_none() {
                let text = "the real type is drawn from the `default` prior, and there is none";
                self.errors.push(
                    Diagnostic::new(Code::Prior, private.span, text)
                        .help("give `default`, or fix the type with `truth = \"name\"`"),
                );
            }
            chances.push(match chance {
                Some(list) => self.prior(private, "in nature's draw", &list, parameters, typed),
                None => vec![0.0; private.types.len()],
            });
            let mut rows = IndexVec::new();
            for observer in model.actors() {
                let list: Option<Vec<&Expr>> =
                    private.types.iter().map(|k| k.priors[observer].as_ref()).collect();
                let who = format!("as {} sees them", model.names.actors[observer]);
                rows.push(match list {
                    Some(list) if observer != private.actor => {
                        self.prior(private, &who, &list, parameters, typed)
                    }
                    _ => vec![0.0; private.types.len()],
                });
            }
            priors.push(rows);
        }
        (chances, priors)
    }

    fn prior(
        &mut self,
        private: &Private,
        who: &str,
        list: &[&Expr],
        parameters: &[f64],
        typed: &[TypedCell],
    ) -> Vec<f64> {
        for expr in list {
            let mut reads_types = false;
            expr.walk(&mut |e| {
                if let Node::Parameter(cell) = e.node {
                    reads_types |= typed.iter().any(|t| t.cell == cell);
                }
            });
            if reads_types {
                let text = "a prior cannot depend on what types set";
                self.errors.push(Diagnostic::new(Code::Prior, expr.span, text));
            }
        }
        let all: Vec<f64> = list.iter().map(|e| value(e, &Parameters(parameters))).collect();
        let sum: f64 = all.iter().sum();
        if !all.iter().all(|p| (0.0..=1.0).contains(p)) || (sum - 1.0).abs() > 1e-9 {
            let actor = &self.model.names.actors[private.actor];
            let list: Vec<String> = all.iter().map(f64::to_string).collect();
            let inside = all.iter().all(|p| (0.0..=1.0).contains(p));
            let rule = if inside { "they must sum to 1" } else { "each must lie from 0 to 1" };
            let list = list.join(", ");
            let text = format!("the priors of {actor}'s types {who} are {list}: {rule}");
            self.error(Code::Prior, private.span, text);
        }
        all
    }
}

/// Reads cells of parameters while they are evaluated.
struct Reader<'a, 'b> {
    build: &'b Build<'a>,
    types: &'b [usize],
    done: RefCell<Vec<Option<f64>>>,
    /// Cells whose evaluation has begun and not ended, each read by the one before.
    open: RefCell<Vec<usize>>,
    /// How deep their formulas nest together.
    depth: Cell<usize>,
    endless: RefCell<Option<Endless>>,
}

/// Why parameters have no values.
enum Endless {
    /// Each cell reads the next, the last the first.
    Circle(Vec<usize>),
    /// Formulas that wait for each other, too many for the stack, from this cell on.
    Deep(usize),
}

fn height(expr: &Expr) -> usize {
    1 + expr.children().into_iter().map(height).max().unwrap_or(0)
}

impl Facts for Reader<'_, '_> {
    fn home(&self) {}
    fn parameter(&self, cell: usize) -> f64 {
        if let Some(known) = self.done.borrow()[cell] {
            return known;
        }
        let again = self.open.borrow().iter().position(|c| *c == cell);
        if let Some(start) = again {
            let path = self.open.borrow()[start..].to_vec();
            self.endless.borrow_mut().get_or_insert(Endless::Circle(path));
            return 0.0;
        }
        let expr = match self.build.set_by(cell, self.types) {
            Some(expr) => expr,
            None => self.build.expr(cell),
        };
        let own = height(expr);
        if self.depth.get() + own > MAX_DEPTH {
            let first = self.open.borrow().first().copied().unwrap_or(cell);
            self.endless.borrow_mut().get_or_insert(Endless::Deep(first));
            return 0.0;
        }
        self.open.borrow_mut().push(cell);
        self.depth.set(self.depth.get() + own);
        let found = value(expr, self);
        self.depth.set(self.depth.get() - own);
        self.open.borrow_mut().pop();
        self.done.borrow_mut()[cell] = Some(found);
        found
    }
}
