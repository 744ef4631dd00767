//! The second pass: formulas, compiled once every name is known.

use super::draft::Draft;
use super::limits::{MAX_ENTRIES, section};
use super::read_context::{Fields, ReadContext, Written, WrittenEffect};
use super::tree::Table;
use crate::diagnostic::{Code, Diagnostic, Report, Span, nearest};
use crate::expr::{
    Act, Ast, Binding, Chosen, Compiler, Expr, Index, Kind, MAX_AXES, Names, Node, OptionName,
    Role, Scope, Shape, Statement, Symbol, Typed, Word,
};
use crate::model::{
    ActorId, Cell, CellId, Choice, Effect, ElementId, Hazard, HazardId, IndexVec, Measure,
    OptionId, Outcome, ParameterCell, Payoff,
};

/// Everything needed to compile the formulas of one scenario.
pub(super) struct Build<'n, 'd> {
    pub names: &'n Names,
    pub compiler: Compiler<'n>,
    pub desk: &'d mut ReadContext,
    pub policies: &'n [String],
    pub private: &'n [ActorId],
    /// The keys of `[sources]`.
    pub citable: &'n [String],
    /// By state its range.
    pub ranges: Vec<Option<(f64, f64)>>,
}

/// What stands in for a formula that could not be compiled; a model with one is never handed out.
pub(super) fn hole(span: Span) -> Expr {
    Expr::number(0.0, span)
}

/// The names of the indices of a rule, parameter or event.
const INDICES: [&str; MAX_AXES] = ["i", "j", "k", "l"];
/// The names of the targets of a move.
pub(super) const TARGETS: [&str; 2] = ["target", "target2"];

impl<'n> Build<'n, '_> {
    /// Whether a formula can be judged: it reads no name whose definition failed.
    fn sane(&self, ast: &Ast) -> bool {
        self.desk.poison.is_empty() || !mentions(ast, &|w| self.desk.poison.contains(w))
    }

    /// Compiles a number.
    pub fn number(&mut self, written: &Written, scope: &mut Scope) -> Option<Expr> {
        let ast = written.ast.as_ref()?;
        if self.sane(ast) { self.compiler.number(ast, scope) } else { None }
    }

    /// Compiles a truth value.
    pub fn truth(&mut self, written: &Written, scope: &mut Scope) -> Option<Expr> {
        let ast = written.ast.as_ref()?;
        if self.sane(ast) { self.compiler.truth(ast, scope) } else { None }
    }

    /// Calls `body` with problems going to a report of its own, and returns that report.
    pub fn aside<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> (T, Report) {
        let kept = std::mem::take(&mut self.compiler.report);
        let value = body(self);
        (value, std::mem::replace(&mut self.compiler.report, kept))
    }

    /// A scope with `i`, `j` and so on bound to the indices of a cell.
    pub fn indexed(role: Role, at: &[ElementId]) -> Scope {
        INDICES.iter().zip(at).fold(Scope::new(role), |scope, (name, a)| scope.with(name, *a))
    }

    pub fn parameters(&mut self, draft: &Draft) -> Vec<ParameterCell> {
        let mut all = Vec::new();
        for (number, drafted) in draft.parameters.iter().enumerate() {
            let quantity = &self.names.parameters[number];
            let Some(cells) = &drafted.cells else { continue };
            let values = cells.resolve(quantity.shape, &quantity.name, self.names, self.desk);
            let indices = quantity.shape.indices(self.names);
            for (cell, (at, value)) in indices.iter().zip(values).enumerate() {
                let own = drafted.own.get(&cell);
                let ranged = own.and_then(|own| own.uncertainty);
                let cited = own.map(|own| &own.source).filter(|source| !source.is_empty());
                let mut scope = Self::indexed(Role::Parameter, at);
                let found = value.and_then(|w| self.number(w, &mut scope));
                all.push(ParameterCell {
                    parameter: number,
                    at: at.clone(),
                    label: self.names.label(&quantity.name, at),
                    value: found.unwrap_or_else(|| hole(drafted.about.span)),
                    uncertainty: ranged.or(drafted.about.uncertainty),
                    source: cited.unwrap_or(&drafted.about.source).clone(),
                });
            }
        }
        all
    }

    pub fn states(&mut self, draft: &Draft) -> IndexVec<CellId, Cell> {
        let mut all = IndexVec::new();
        for (number, drafted) in draft.states.iter().enumerate() {
            let quantity = &self.names.states[number];
            let Some(cells) = &drafted.cells else { continue };
            let values = cells.resolve(quantity.shape, &quantity.name, self.names, self.desk);
            for (at, value) in quantity.shape.indices(self.names).iter().zip(values) {
                let mut scope = Self::indexed(Role::Initial, at).unit(all.len());
                let found = value.and_then(|w| self.number(w, &mut scope));
                all.push(Cell {
                    state: number,
                    at: at.clone(),
                    label: self.names.label(&quantity.name, at),
                    initial: found.unwrap_or_else(|| hole(drafted.about.span)),
                    range: drafted.about.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
                    next: None,
                });
            }
        }
        all
    }

    /// All options.
    pub fn options(&mut self, draft: &Draft) -> IndexVec<OptionId, Choice> {
        self.names.options.ids().map(|id| self.option(draft, id)).collect()
    }

    fn option(&mut self, draft: &Draft, id: OptionId) -> Choice {
        let option = &self.names.options[id];
        let mut choice = Choice {
            seat: option.seat,
            acts: option.acts.clone(),
            when: None,
            costs: Vec::new(),
            effects: Vec::new(),
        };
        let bind = |act: &Act, role: Role| {
            let scope = Scope::new(role).with("self", option.actor).stage(option.stage);
            TARGETS.iter().zip(&act.targets).fold(scope, |s, (name, t)| s.with(name, *t))
        };
        let drafted = |act: &'n Act| Some((act, draft.moves.get(act.action)?));
        let acts: Vec<_> = option.acts.iter().filter_map(drafted).collect();
        let mut conditions = Vec::new();
        for (act, action) in &acts {
            let when = action.when.as_ref().map(|w| self.truth(w, &mut bind(act, Role::Ordinary)));
            conditions.extend(when.flatten());
        }
        conditions.extend(self.constraints(draft, option));
        choice.when = all(conditions);
        if choice.when.as_ref().and_then(Expr::decided) == Some(0.0) {
            return choice;
        }
        let mut ordinal = 0;
        for (act, action) in acts {
            for (word, written) in &action.cost {
                let component = self.names.components.iter().position(|c| *c == word.text);
                let value = self.number(written, &mut bind(act, Role::Ordinary));
                if let (Some(component), Some(value)) = (component, value) {
                    choice.costs.push((component, value));
                }
            }
            let mut scope = bind(act, Role::Effect).unit(id.index());
            scope.ordinal = ordinal;
            choice.effects.extend(self.effects(&action.effects, &mut scope));
            ordinal = scope.ordinal;
        }
        choice
    }

    /// What is required of a joint option that is not `hold`.
    fn constraints(&mut self, draft: &Draft, option: &OptionName) -> Vec<Expr> {
        let holds = option.acts.is_empty();
        let own = draft.constraints.iter().filter(|c| !holds && c.by.contains(&option.actor));
        let mut found = Vec::new();
        for written in own.filter_map(|constraint| constraint.require.as_ref()) {
            let scope = Scope::new(Role::Ordinary).with("self", option.actor).stage(option.stage);
            found.extend(self.truth(written, &mut scope.choosing(&option.acts)));
        }
        found
    }

    /// Statements written out for every combination of their bindings.
    pub fn effects(&mut self, list: &[WrittenEffect], scope: &mut Scope) -> Vec<Effect> {
        let mut all = Vec::new();
        for effect in list {
            let Some(statement) = &effect.statement else { continue };
            if self.judged(statement) {
                self.effect(statement, scope, &mut all);
            }
        }
        all
    }

    fn judged(&self, statement: &Statement) -> bool {
        let bad = |w: &str| self.desk.poison.contains(w);
        !(bad(&statement.cell.text)
            || statement.indices.iter().any(|i| bad(&i.word.text))
            || mentions(&statement.value, &bad)
            || statement.bindings.iter().any(|b| bound(b, &bad)))
    }

    fn effect(&mut self, statement: &Statement, scope: &mut Scope, all: &mut Vec<Effect>) {
        let Some(state) = self.state_named(&statement.cell.text, statement.cell.span) else {
            return;
        };
        self.compiler.for_each(&statement.bindings, scope, None, &mut |compiler, scope, filter| {
            let cell = changed(compiler, statement, state, scope);
            let value = compiler.number(&statement.value, scope);
            if let (Some(cell), Some(value)) = (cell, value) {
                let filter = filter.map(|f: Typed| f.expr).filter(|f| f.decided() != Some(1.0));
                all.push(Effect { cell, change: statement.change, value, filter });
            }
        });
    }

    /// The state of that name; what is not one cannot be changed.
    pub fn state_named(&mut self, name: &str, span: Span) -> Option<usize> {
        if self.desk.poison.contains(name) {
            return None;
        }
        let known = self.names.states.iter().map(|s| s.name.as_str());
        let what = match self.names.symbols.get(name) {
            Some(Symbol::State(state)) => return Some(*state),
            Some(Symbol::Parameter(_)) => "a parameter",
            Some(Symbol::Series(_)) => "a series",
            Some(Symbol::Derived(_)) => "a derived quantity",
            Some(Symbol::Actor(_)) => "an actor",
            Some(Symbol::Group(_)) => "a group",
            Some(Symbol::Set(_)) => "a set",
            None => {
                self.desk.unknown("state", name, span, known);
                return None;
            }
        };
        let text = format!("`{name}` is {what}; only state can change");
        let help = nearest(name, known)
            .unwrap_or_else(|| format!("make it `[state.{name}]` if it should change"));
        self.desk.report.push(Diagnostic::new(Code::NotState, span, text).help(help));
        None
    }

    pub fn hazards(&mut self, draft: &Draft) -> IndexVec<HazardId, Hazard> {
        let mut all = IndexVec::new();
        for (event, drafted) in draft.events.enumerate() {
            for at in drafted.each.indices(self.names) {
                let mut hazard = Hazard {
                    event,
                    label: self.names.label(&self.names.events[event].name, &at),
                    probability: None,
                    when: None,
                    effects: Vec::new(),
                    at,
                };
                let bind = |role| Self::indexed(role, &hazard.at);
                let when = drafted.when.as_ref().map(|w| self.truth(w, &mut bind(Role::Event)));
                let when = when.flatten();
                let decided = when.as_ref().and_then(Expr::decided);
                let mut probability = None;
                if decided != Some(0.0) {
                    let written = drafted.probability.as_ref();
                    probability = written.and_then(|w| self.number(w, &mut bind(Role::Event)));
                }
                if decided == Some(0.0) || probability.as_ref().and_then(Expr::decided) == Some(0.0)
                {
                    all.push(hazard);
                    continue;
                }
                let mut scope = bind(Role::Effect).unit(all.len());
                hazard.effects = self.effects(&drafted.effects, &mut scope);
                hazard.probability = probability;
                hazard.when = when.filter(|_| decided.is_none());
                all.push(hazard);
            }
        }
        all
    }

    /// Payoffs by actor and component.
    pub fn payoffs(&mut self, root: &Table) -> IndexVec<ActorId, Vec<Payoff>> {
        let entries = section(root, "payoffs", MAX_ENTRIES, self.desk);
        let weights = section(root, "weights", MAX_ENTRIES, self.desk);
        for entry in weights {
            if !self.names.components.iter().any(|c| c == entry.name()) {
                let known = self.names.components.iter().map(String::as_str);
                self.desk.unknown("payoff component", entry.name(), entry.place(), known);
                self.desk.formula(&entry.item, entry.name());
            }
        }
        let mut all: IndexVec<ActorId, Vec<Payoff>> =
            IndexVec::filled(Vec::new(), self.names.actors.len());
        for entry in entries {
            let weight = weights.iter().find(|w| w.name() == entry.name());
            let weight = weight.map(|w| self.desk.formula(&w.item, w.name()));
            if weight.is_none() {
                let text = format!("the payoff component `{}` has no weight", entry.name());
                let help = format!("add `{} = 1` to [weights]", entry.name());
                let diagnostic = Diagnostic::new(Code::MissingKey, entry.place(), text).help(help);
                self.desk.report.push(diagnostic);
            }
            let Some(table) = self.desk.table(entry) else { continue };
            let what = format!("payoffs.{}", entry.name());
            let lines =
                super::keys::lines(&table.entries, Shape::Actor, &what, self.names, self.desk);
            let cells = super::keys::Cells::Table(lines, entry.place());
            let found = super::payoff::by_actor(&cells, &what, entry, self.names, self.desk);
            for (actor, value) in self.names.actors.ids().zip(found) {
                let bind = |role| Scope::new(role).with("self", actor);
                let number = value.and_then(|w| self.number(w, &mut bind(Role::Payoff)));
                let scaled =
                    weight.as_ref().and_then(|w| self.number(w, &mut bind(Role::Ordinary)));
                let text = |w: Option<&Written>| w.map_or_else(String::new, |w| w.text.clone());
                all[actor].push(Payoff {
                    value: number.unwrap_or_else(|| hole(entry.place())),
                    weight: scaled.unwrap_or_else(|| hole(entry.place())),
                    written: (text(value), text(weight.as_ref())),
                });
            }
        }
        all
    }

    pub fn outcomes(&mut self, root: &Table) -> Vec<Outcome> {
        let mut all = Vec::new();
        for entry in section(root, "outcomes", MAX_ENTRIES, self.desk) {
            let Some(table) = self.desk.table(entry) else { continue };
            let what = format!("the outcome `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            let mut found = Vec::new();
            for (word, measure) in Measure::ALL {
                found.extend(fields.take(word).map(|e| (e, *measure)));
            }
            let title = self.desk.text(fields.take("title"));
            let unit = self.desk.text(fields.take("unit"));
            self.desk.text(fields.take("note"));
            fields.finish(self.desk);
            let words: Vec<String> = Measure::ALL.iter().map(|(w, _)| format!("`{w}`")).collect();
            let help = format!("an outcome has one of {}", words.join(", "));
            let Some((first, measure)) = found.first() else {
                let text = format!("the outcome `{}` measures nothing", entry.name());
                let diagnostic = Diagnostic::new(Code::MissingKey, entry.place(), text).help(help);
                self.desk.report.push(diagnostic);
                continue;
            };
            if let Some((second, _)) = found.get(1) {
                let text = format!("the outcome `{}` has two measures", entry.name());
                self.desk.report.push(
                    Diagnostic::new(Code::BadValue, second.place(), text)
                        .label(first.place(), "the first")
                        .help(help),
                );
            }
            let written = self.desk.formula(&first.item, first.name());
            let mut scope = Scope::new(Role::Outcome);
            let value = if matches!(measure, Measure::First | Measure::Ever) {
                self.truth(&written, &mut scope)
            } else {
                self.number(&written, &mut scope)
            };
            all.push(Outcome {
                name: entry.name().to_string(),
                title,
                unit,
                measure: *measure,
                value: value.unwrap_or_else(|| hole(entry.place())),
                written: written.text,
                span: entry.place(),
            });
        }
        all
    }
}

/// The conditions that are not decided, together; one that never holds alone; `None`: always.
fn all(conditions: Vec<Expr>) -> Option<Expr> {
    if let Some(never) = conditions.iter().find(|c| c.decided() == Some(0.0)) {
        return Some(never.clone());
    }
    let open = conditions.into_iter().filter(|c| c.decided().is_none());
    open.reduce(|a, b| Expr { span: a.span, node: Node::And(Box::new(a), Box::new(b)) })
}

/// The cell that a statement changes.
fn changed(
    compiler: &mut Compiler<'_>,
    statement: &Statement,
    state: usize,
    scope: &Scope,
) -> Option<CellId> {
    let names = compiler.names;
    let quantity = &names.states[state];
    let span = statement.indices.iter().fold(statement.cell.span, |s, i| s.to(i.word.span));
    let wrong = statement.indices.iter().any(|i: &Index| i.tag);
    if wrong || statement.indices.len() != quantity.shape.arity() {
        let (needed, found) = (quantity.shape.arity(), statement.indices.len());
        let text = format!("`{}` takes {}, found {found}", quantity.name, indices(needed));
        compiler.report.push(Diagnostic::new(Code::WrongIndices, span, text));
        return None;
    }
    if let Some(chosen) = statement.indices.iter().find_map(|i| i.chosen.as_ref()) {
        let text = "`argmax` and `argmin` name an element where it is read, not what is changed";
        compiler.report.push(
            Diagnostic::new(Code::WrongIndices, chosen.span, text)
                .help("go through all: `... for k in S if argmax(j in S: f) == k`"),
        );
        return None;
    }
    let words: Vec<Word> = statement.indices.iter().map(|i| i.word.clone()).collect();
    let at = compiler.elements(&words, &quantity.shape.axes(), scope)?;
    let help = "leave the actor out: `for j in others if j != target`";
    let cell = compiler.cell(quantity.shape, &at, &quantity.name, span, help);
    cell.map(|c| CellId::new(quantity.first + c))
}

/// So many indices, in words.
pub(super) fn indices(count: usize) -> String {
    if count == 1 { "1 index".to_string() } else { format!("{count} indices") }
}

/// Whether a formula has a word that meets a condition.
pub(super) fn mentions(ast: &Ast, bad: &dyn Fn(&str) -> bool) -> bool {
    let below = |a: &Ast| mentions(a, bad);
    match &ast.kind {
        Kind::Number(_) | Kind::Moment(_) => false,
        Kind::Name(word, list) => {
            let index =
                |i: &Index| bad(&i.word.text) || i.chosen.as_ref().is_some_and(|c| chosen(c, bad));
            bad(&word.text) || list.iter().flatten().any(index)
        }
        Kind::At(word, variant) => bad(&word.text) || bad(&variant.text),
        Kind::Call(_, list) => list.iter().any(below),
        Kind::Negate(a) | Kind::Not(a) => below(a),
        Kind::Binary(_, a, b) | Kind::Where(a, b) => below(a) || below(b),
        Kind::Member(index, group) => bad(&index.text) || bad(&group.text),
        Kind::Aggregate(_, bindings, body) => bindings.iter().any(|b| bound(b, bad)) || below(body),
        Kind::First(bindings, key, body) => {
            bindings.iter().any(|b| bound(b, bad)) || below(key) || below(body)
        }
        Kind::Chosen(element) => chosen(element, bad),
    }
}

fn bound(binding: &Binding, bad: &dyn Fn(&str) -> bool) -> bool {
    bad(&binding.set.text) || binding.filter.as_ref().is_some_and(|f| mentions(f, bad))
}

fn chosen(element: &Chosen, bad: &dyn Fn(&str) -> bool) -> bool {
    bound(&element.binding, bad) || mentions(&element.key, bad)
}
