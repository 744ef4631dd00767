//! The second pass as a whole, and the derived quantities that results record.

use super::build::Build;
use super::draft::Draft;
use super::read_context::ReadContext;
use super::rules::{self, Rule, Turned};
use super::tree::{Table, Value};
use crate::diagnostic::{Code, Span};
use crate::expr::{Compiler, Expr, Instance, Names, Role, Scope};
use crate::model::{About, ActorId, Derived, IndexVec, Model, Override, Posture, Slots, Variant};

/// Where the settings of `[decision]` stand.
pub(super) struct Places {
    /// The section, empty where there is none.
    pub section: Span,
    /// Actor, key and place of each setting.
    all: Vec<(Option<ActorId>, String, Span)>,
}

impl Places {
    fn of(root: &Table, names: &Names) -> Self {
        let mut found = Places { section: Span::default(), all: Vec::new() };
        let Some(section) = root.get("decision") else { return found };
        found.section = section.place();
        let Value::Table(table) = &section.item.value else { return found };
        for entry in &table.entries {
            let Value::Table(own) = &entry.item.value else {
                found.all.push((None, entry.name().to_string(), entry.place()));
                continue;
            };
            if let Some(actor) = names.actor(entry.name()) {
                let inner = own.entries.iter();
                found.all.extend(inner.map(|e| (Some(actor), e.name().to_string(), e.place())));
            }
        }
        found
    }

    /// The setting that holds for an actor: its own, else the common one, else the section.
    pub fn setting(&self, actor: ActorId, key: &str) -> Span {
        let place = |who: Option<ActorId>| {
            self.all.iter().find(|(a, k, _)| *a == who && k == key).map(|(_, _, span)| *span)
        };
        place(Some(actor)).or_else(|| place(None)).unwrap_or(self.section)
    }
}

/// What the last checks need besides the model.
pub(super) struct Rest {
    /// Where `[decision]` and its settings stand.
    pub decision: Places,
    /// Where each variant is defined.
    pub variants: Vec<Span>,
    /// The rules of the dynamics.
    pub rules: Vec<Rule>,
    /// Rules compiled from both ends of a dyad.
    pub turned: Vec<Turned>,
    /// The derived quantities that those read.
    pub pool: Vec<Derived>,
}

/// Compiles everything. The model is whole only if no error was reported.
pub(super) fn model(root: &Table, draft: &mut Draft, desk: &mut ReadContext) -> (Model, Rest) {
    let about = std::mem::take(&mut draft.about);
    let (mut model, rest) = compiled(root, draft, about, desk);
    model.names = std::mem::take(&mut draft.names);
    model.works = std::mem::take(&mut draft.works);
    model.actors = std::mem::take(&mut draft.actors);
    model.tracks = std::mem::take(&mut draft.tracks);
    model.seats = std::mem::take(&mut draft.seats);
    model.parameters = draft.parameters.drain(..).map(|p| p.about).collect();
    model.states = draft.states.drain(..).map(|s| s.about).collect();
    model.constraints = draft.constraints.drain(..).map(|c| c.about).collect();
    model.moves = draft.moves.drain(..).map(|m| m.about).collect();
    model.events = std::mem::take(&mut draft.events).into_iter().map(|e| e.about).collect();
    if !desk.report.has_errors() {
        model.slots = Slots::new(&model);
    }
    (model, rest)
}

fn compiled(root: &Table, draft: &Draft, about: About, desk: &mut ReadContext) -> (Model, Rest) {
    let names = &draft.names;
    let mut build = Build {
        names,
        compiler: Compiler::new(names),
        desk,
        policies: &draft.policies,
        private: &draft.private,
        citable: &draft.citable,
        ranges: draft.states.iter().map(|s| s.about.range).collect(),
    };
    let parameter_cells = build.parameters(draft);
    let mut cells = build.states(draft);
    let (rules, holding) = build.dynamics(root, &mut cells);
    let options = build.options(draft);
    let (hazards, payoffs) = (build.hazards(draft), build.payoffs(root));
    let private = build.types(root);
    let decisions = build.decisions(root);
    let variants = build.variants(root);
    let postures = build.postures(root);
    let policies = build.policies(root, draft, &decisions, &sets(&variants, &postures));
    let outcomes = build.outcomes(root);
    let stop_when = stop_when(&mut build, draft);
    let experiments = build.experiments(root, draft);
    let recorded = recorded(&mut build);
    let main = std::mem::replace(&mut build.compiler, Compiler::new(names));
    let fine = !build.desk.report.has_errors() && !main.report.has_errors();
    let turned = fine.then(|| rules::turned(&mut build, &rules, &holding, &cells));
    let claims = build.claims(root, draft, &outcomes);
    let (pool, derived) = (derived(&build.compiler.pool, names), derived(&main.pool, names));
    main.report.finish().into_iter().for_each(|d| desk.report.push(d));
    let rest = Rest {
        decision: Places::of(root, names),
        variants: variants.iter().map(|(_, span)| *span).collect(),
        rules,
        turned: turned.unwrap_or_default(),
        pool,
    };
    let model = Model {
        about,
        works: Vec::new(),
        names: Names::default(),
        actors: IndexVec::new(),
        tracks: Vec::new(),
        parameters: Vec::new(),
        parameter_cells,
        states: Vec::new(),
        cells,
        derived,
        recorded,
        moves: Vec::new(),
        constraints: Vec::new(),
        seats: IndexVec::new(),
        options,
        events: IndexVec::new(),
        hazards,
        payoffs,
        private,
        decisions,
        policies,
        outcomes,
        stop_when,
        variants: variants.into_iter().map(|(v, _)| v).collect(),
        postures,
        claims,
        experiments,
        slots: Slots::default(),
    };
    (model, rest)
}

/// What variants and postures set.
fn sets<'a>(variants: &'a [(Variant, Span)], postures: &'a [Posture]) -> Vec<&'a [Override]> {
    let of_variants = variants.iter().map(|(variant, _)| variant.set.as_slice());
    of_variants.chain(postures.iter().map(|posture| posture.set.as_slice())).collect()
}

/// The condition that ends a run; one that never holds is none.
fn stop_when(build: &mut Build<'_, '_>, draft: &Draft) -> Option<Expr> {
    let written = draft.stop_when.as_ref()?;
    let found = build.truth(written, &mut Scope::new(Role::Payoff));
    found.filter(|e| e.decided() != Some(0.0))
}

/// A compiler's pool as derived quantities of a model, with the same numbers.
fn derived(pool: &[Instance], names: &Names) -> Vec<Derived> {
    let one = |instance: &Instance| {
        let definition = &names.derived[instance.definition];
        let value = instance.compiled.as_ref().map(|t| t.expr.clone());
        Derived {
            label: names.label(&definition.name, &instance.at),
            value: value.unwrap_or_else(|| Expr::number(f64::NAN, definition.span)),
        }
    };
    pool.iter().map(one).collect()
}

/// The instances that results record: all that exist. One that reads a diagonal cell does not,
/// which is known only after trying, in a compiler of its own.
fn recorded(build: &mut Build<'_, '_>) -> Vec<usize> {
    let names = build.names;
    let mut wanted = Vec::new();
    let mut trial = Compiler::new(names);
    for (number, definition) in names.derived.iter().enumerate() {
        let broken = definition
            .ast
            .as_ref()
            .is_none_or(|ast| super::build::mentions(ast, &|w| build.desk.poison.contains(w)));
        if broken || build.desk.poison.contains(&definition.name) {
            continue;
        }
        for at in combinations(definition.indices.iter().map(|(_, group)| match group {
            Some(group) => names.groups[*group].1.clone(),
            None => names.actors.ids().collect(),
        })) {
            let id = trial.instance(number, &at);
            let clean = id.is_some_and(|id| trial.pool[id].compiled.is_some());
            let report = std::mem::take(&mut trial.report);
            if clean {
                wanted.push((number, at));
                continue;
            }
            for diagnostic in report.finish().into_iter().filter(|d| d.code != Code::Diagonal) {
                build.compiler.report.push(diagnostic);
            }
        }
    }
    wanted.iter().filter_map(|(number, at)| build.compiler.instance(*number, at)).collect()
}

/// All combinations of one element of each list, the last varying fastest.
fn combinations(lists: impl Iterator<Item = Vec<ActorId>>) -> Vec<Vec<ActorId>> {
    let mut all: Vec<Vec<ActorId>> = vec![Vec::new()];
    for list in lists {
        if all.len().saturating_mul(list.len()) > super::limits::MAX_CELLS {
            return Vec::new();
        }
        all = all
            .into_iter()
            .flat_map(|head| {
                list.iter().map(move |last| {
                    let mut next = head.clone();
                    next.push(*last);
                    next
                })
            })
            .collect();
    }
    all
}
