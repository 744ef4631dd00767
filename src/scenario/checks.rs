//! What can only be judged of a whole model: arms, probabilities, conditions, symmetry, signals.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::compile::Rest;
use super::cost;
use super::finite::never_finite;
use super::read_context::ReadContext;
use super::settings;
use super::vary::{Values, Vary, vary};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Aggregate, Bounds, Expr, Facts, Function, Interval, Node, bounds, value};
use crate::model::{
    ActorId, Arm, CellId, ClaimTest, Derived, Guard, HazardId, Known, Model, OptionId, Override,
    Reasoning,
};

/// Units that share an address of random numbers: rare, and no error.
fn shared_slots(model: &Model, desk: &mut ReadContext) {
    for moved in &model.slots.moved {
        let text = format!(
            "`{}` would draw the random numbers of `{}`, and is given others",
            moved.unit, moved.taken_by
        );
        let help = "another name for either makes its luck independent of the other's presence";
        desk.report.push(Diagnostic::new(Code::SharedSlot, moved.span, text).help(help));
    }
}

/// All checks, each of which may report.
pub(super) fn all(model: &Model, rest: &Rest, desk: &mut ReadContext) {
    shared_slots(model, desk);
    let arm = match Arm::new(model, None, &[]) {
        Ok(arm) => arm,
        Err(list) => {
            for mut diagnostic in list {
                if diagnostic.span == Span::default() {
                    diagnostic.span = rest.decision.section;
                }
                desk.report.push(diagnostic);
            }
            return;
        }
    };
    let endless = never_finite(model, &arm);
    for diagnostic in &endless {
        desk.report.push(diagnostic.clone());
    }
    let fine = costs(model, &arm, rest, None, desk);
    for (variant, span) in model.variants.iter().zip(&rest.variants) {
        match Arm::new(model, Some(&variant.name), &[]) {
            Ok(arm) => {
                let own = never_finite(model, &arm).into_iter().filter(|d| !endless.contains(d));
                for diagnostic in own {
                    at_variant(diagnostic, &variant.name, *span, desk);
                }
                // what is too much for the file is no news
                if fine {
                    costs(model, &arm, rest, Some(*span), desk);
                }
            }
            Err(list) => {
                for diagnostic in list {
                    at_variant(diagnostic, &variant.name, *span, desk);
                }
            }
        }
    }
    for posture in &model.postures {
        let name = format!("posture `{}` of {}", posture.name, model.names.actors[posture.actor]);
        match Arm::new(model, None, &posture.set) {
            Ok(arm) => {
                let own = never_finite(model, &arm).into_iter().filter(|d| !endless.contains(d));
                own.for_each(|d| at(d, &name, posture.span, desk));
                if let Some(found) = fine.then(|| cost::too_costly(model, &arm)).flatten() {
                    let diagnostic = Diagnostic::new(Code::TooCostly, Span::default(), found.text)
                        .help(found.help);
                    at(diagnostic, &name, posture.span, desk);
                }
            }
            Err(list) => list.into_iter().for_each(|d| at(d, &name, posture.span, desk)),
        }
    }
    declared(model, &arm, desk);
    experiments(model, desk);
    statics(model, desk);
    yardsticks(model, desk);
    let known = Known::new(model, &arm);
    probabilities(model, &known, desk);
    never(model, &known, desk);
    clamped(model, &known, desk);
    symmetry(model, rest, &arm, desk);
    inert(model, &arm, desk);
}

/// Parameters whose formula gives what their own range or distribution cannot give.
fn declared(model: &Model, arm: &Arm, desk: &mut ReadContext) {
    for (number, cell) in model.parameter_cells.iter().enumerate() {
        let Some(known) = cell.uncertainty else { continue };
        if cell.value.decided().is_some() || arm.typed.iter().any(|typed| typed.cell == number) {
            continue;
        }
        let (lo, hi) = known.support();
        let value = arm.parameters[number];
        if value < lo || value > hi {
            let label = &cell.label;
            let text = format!("`{label}` comes to {value}, outside its range, {lo} to {hi}");
            desk.error(Code::OutOfRange, cell.value.span, text);
        }
    }
}

/// Experiments that vary the same thing twice, or what has no effect.
fn experiments(model: &Model, desk: &mut ReadContext) {
    for experiment in &model.experiments {
        let mut wrong = |text: String| {
            let name = &experiment.name;
            let text = format!("in the experiment `{name}`: {text}");
            desk.error(Code::Experiment, experiment.span, text);
        };
        let mut before: Vec<(String, Override)> = Vec::new();
        for Vary { key, values } in experiment.vary.iter().filter_map(|text| vary(text).ok()) {
            let value = match values {
                Values::List(words) => words.first().cloned().unwrap_or_default(),
                Values::Range { lo, .. } => lo.to_string(),
            };
            let changes = settings(model, &[(key.clone(), value)]).unwrap_or_default();
            let Some(change) = changes.into_iter().next() else { continue };
            let same =
                |other: &Override| other.breadth() == change.breadth() && other.meets(&change);
            if before.iter().any(|(other, _)| *other == key) {
                wrong(format!("`{key}` varies twice"));
            } else if let Some((other, _)) = before.iter().find(|(_, other)| same(other)) {
                wrong(format!("`{other}` and `{key}` vary the same number"));
            } else if let Some(actor) = model.idle(&change) {
                wrong(format!(
                    "`{key}` varies without effect: every type of {actor} sets it, and types \
                     count more"
                ));
            }
            before.push((key, change));
        }
    }
}

/// Claims that something moves with a parameter that nothing but types can set.
fn statics(model: &Model, desk: &mut ReadContext) {
    for claim in &model.claims {
        let ClaimTest::Statics(statics) = &claim.way else { continue };
        let by: Option<Vec<ActorId>> =
            statics.cells.iter().map(|cell| model.set_by_types(*cell)).collect();
        if let Some(actor) = by.and_then(|by| by.first().copied()) {
            let (key, name) = (&statics.key, &model.names.actors[actor]);
            let text = format!(
                "in the claim `{}`: nothing moves with `{key}`: every type of {name} sets it",
                claim.name
            );
            let help = format!(
                "let the types of {name} set it to a formula over another parameter, and name that"
            );
            desk.report.push(Diagnostic::new(Code::Claim, claim.span, text).help(help));
        }
    }
}

/// Postures that set what weights read.
fn yardsticks(model: &Model, desk: &mut ReadContext) {
    let (mut read, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<&Expr> = model.payoffs.iter().flatten().map(|p| &p.weight).collect();
    while let Some(expr) = open.pop() {
        expr.walk(&mut |e| match &e.node {
            Node::Parameter(cell) if read.insert(*cell) => {
                open.push(&model.parameter_cells[*cell].value);
            }
            Node::Derived(instance) if seen.insert(*instance) => {
                open.push(&model.derived[*instance].value);
            }
            _ => {}
        });
    }
    for posture in &model.postures {
        let cells = posture.set.iter().flat_map(|set| match set {
            Override::Parameter(list) => list.as_slice(),
            _ => &[],
        });
        let Some((cell, _)) = cells.into_iter().find(|(cell, _)| read.contains(cell)) else {
            continue;
        };
        let text = format!(
            "the posture `{}` of {} sets `{}`, which a weight reads",
            posture.name, model.names.actors[posture.actor], model.parameter_cells[*cell].label
        );
        let help = "postures are compared by utility: one changes what its actor does, and a \
                    variant what it wants";
        desk.report.push(Diagnostic::new(Code::Yardstick, posture.span, text).help(help));
    }
}

/// A problem of a variant, reported where the variant is defined.
fn at_variant(diagnostic: Diagnostic, name: &str, span: Span, desk: &mut ReadContext) {
    at(diagnostic, &format!("variant `{name}`"), span, desk);
}

/// A problem of a part of the file that changes other parts, reported where it is defined.
fn at(diagnostic: Diagnostic, name: &str, span: Span, desk: &mut ReadContext) {
    let text = format!("in the {name}: {}", diagnostic.message);
    let mut moved = Diagnostic::new(diagnostic.code, span, text).help_if(diagnostic.help);
    if diagnostic.span != Span::default() {
        moved = moved.label(diagnostic.span, "found here");
    }
    desk.report.push(moved);
}

/// Whether an arm can be imagined. If not, the file is at fault at a setting, a variant where it
/// is defined.
fn costs(
    model: &Model,
    arm: &Arm,
    rest: &Rest,
    variant: Option<Span>,
    desk: &mut ReadContext,
) -> bool {
    let Some(found) = cost::too_costly(model, arm) else { return true };
    let diagnostic =
        Diagnostic::new(Code::TooCostly, rest.decision.setting(found.actor, found.key), found.text)
            .help(found.help);
    match variant {
        Some(span) => at_variant(diagnostic, &arm.name, span, desk),
        None => desk.report.push(diagnostic),
    }
    false
}

/// Hazards that leave [0, 1] for sure, or that reach outside where the bound is exact.
fn probabilities(model: &Model, known: &Known<'_>, desk: &mut ReadContext) {
    for hazard in &model.hazards {
        let Some(probability) = &hazard.probability else { continue };
        let found = bounds(probability, known);
        let outside = found.hi < 0.0 || found.lo > 1.0;
        let beyond = found.lo < 0.0 || found.hi > 1.0;
        let reached = outside || (beyond && exact(probability, found, model, known));
        if !reached {
            continue;
        }
        let text = format!(
            "the probability of `{}` reaches from {} to {}",
            hazard.label,
            rounded(found.lo),
            rounded(found.hi)
        );
        desk.report.push(
            Diagnostic::new(Code::Probability, probability.span, text)
                .help("bound it, for instance with `clamp(p, 0, 1)` or `1 - exp(-h)`"),
        );
    }
}

fn rounded(x: f64) -> f64 {
    if x.is_finite() && x.abs() < 1e9 { (x * 1e6).round() / 1e6 } else { x }
}

/// Whether both bounds are values that the formula takes: everything that varies is read once.
fn exact(expr: &Expr, found: Interval, model: &Model, known: &Known<'_>) -> bool {
    let mut reads: BTreeMap<(u8, usize), usize> = BTreeMap::new();
    let mut plain = found.lo.is_finite() && found.hi.is_finite();
    count(expr, model, known, &mut reads, &mut plain, &mut 0);
    plain && reads.values().all(|n| *n <= 1)
}

fn count(
    expr: &Expr,
    model: &Model,
    known: &Known<'_>,
    reads: &mut BTreeMap<(u8, usize), usize>,
    plain: &mut bool,
    steps: &mut usize,
) {
    *steps += 1;
    if !*plain || *steps > 10_000 {
        *plain = false;
        return;
    }
    let varies = |interval: Interval| interval.lo < interval.hi;
    let mut note = |key: (u8, usize)| *reads.entry(key).or_default() += 1;
    match &expr.node {
        Node::State(cell) if varies(known.state(*cell)) => note((0, cell.index())),
        Node::Parameter(cell) if varies(known.parameter(*cell)) => note((1, *cell)),
        Node::Round => note((2, 0)),
        // it varies with the round, and with every other series
        Node::Series(series) if varies(series.range(known.rounds())) => note((2, 0)),
        Node::Chose(played) => {
            for option in played.seats.iter().filter_map(|s| s.first()) {
                note((if played.last { 4 } else { 3 }, model.options[*option].seat.index()));
            }
        }
        Node::Happened(list, _) => list.iter().for_each(|e| note((5, e.index()))),
        Node::Derived(instance) => {
            if let Some(derived) = model.derived.get(*instance) {
                count(&derived.value, model, known, reads, plain, steps);
            }
        }
        Node::Belief(..) | Node::Utility(_) | Node::Payoff(..) | Node::Draw(..) => *plain = false,
        Node::Call(Function::Sin | Function::Cos | Function::Modulo | Function::RoundTo, _) => {
            *plain = false
        }
        Node::Fold(Aggregate::Median | Aggregate::First, _) => *plain = false,
        Node::Fold(_, terms) if terms.iter().any(|t| t.filter.is_some()) => *plain = false,
        _ => {}
    }
    for child in expr.children() {
        count(child, model, known, reads, plain, steps);
    }
}

/// Moves, events and lines of policies whose condition is false whatever happens.
fn never(model: &Model, known: &Known<'_>, desk: &mut ReadContext) {
    let false_for_sure = |e: &Expr| {
        let found = bounds(e, known);
        found.lo == 0.0 && found.hi == 0.0
    };
    let mut warn = |what: String, span: Span| {
        desk.report.push(
            Diagnostic::new(Code::NeverHolds, span, format!("the condition of {what} never holds"))
                .help("it is false for every allowed value of what it reads"),
        );
    };
    for (number, action) in model.moves.iter().enumerate() {
        let mut options = model.options.iter().filter(|o| o.plays(number)).peekable();
        let any = options.peek().is_some();
        if any && options.all(|o| o.when.as_ref().is_some_and(false_for_sure)) {
            warn(format!("the move `{}`", model.names.moves[number].name), action.span);
        }
    }
    for (id, event) in model.events.enumerate() {
        let mut hazards = model.hazards.iter().filter(|h| h.event == id).peekable();
        let any = hazards.peek().is_some();
        let dead = |h: &crate::model::Hazard| {
            h.probability.as_ref().is_none_or(false_for_sure)
                || h.when.as_ref().is_some_and(false_for_sure)
        };
        if any && hazards.all(dead) {
            warn(format!("the event `{}`", model.names.events[id].name), event.span);
        }
    }
    for policy in &model.policies {
        for (number, line) in policy.lines.iter().enumerate() {
            let dead = |guard: &Guard| match guard {
                Guard::Never => true,
                Guard::Always => false,
                Guard::When(condition) => false_for_sure(condition),
            };
            let first = line.guard.iter().find_map(Guard::condition);
            if let (true, Some(condition)) = (line.guard.iter().all(dead), first) {
                let what = format!("line {} of the policy `{}`", number + 1, policy.name);
                warn(what, condition.span);
            }
        }
    }
}

/// Initial values that are moved to the edge of their range for sure.
fn clamped(model: &Model, known: &Known<'_>, desk: &mut ReadContext) {
    for cell in &model.cells {
        let found = bounds(&cell.initial, known);
        let (lo, hi) = cell.range;
        if found.hi < lo || found.lo > hi {
            let text = format!("`{}` starts outside its range, {lo} to {hi}", cell.label);
            desk.report.push(
                Diagnostic::new(Code::Clamped, cell.initial.span, text)
                    .help("it is moved to the edge of the range"),
            );
        }
    }
}

/// Rules of undirected dyads, evaluated from both ends at random states.
fn symmetry(model: &Model, rest: &Rest, arm: &Arm, desk: &mut ReadContext) {
    let weights: Vec<Vec<f64>> = model
        .private
        .iter()
        .map(|p| vec![1.0 / p.types.len().max(1) as f64; p.types.len()])
        .collect();
    let parameters = arm.parameters_for(&weights);
    for trial in 0..8 {
        let facts = Random {
            model,
            pool: &rest.pool,
            parameters: &parameters,
            trial,
            known: RefCell::new(BTreeMap::new()),
        };
        for pair in &rest.turned {
            let (a, b) = (value(&pair.straight, &facts), value(&pair.crossed, &facts));
            let scale = a.abs().max(b.abs()).max(1.0);
            let same = (a - b).abs() <= 1e-9 * scale || a == b || (a.is_nan() && b.is_nan());
            if same {
                continue;
            }
            let label = &model.cells[pair.cell].label;
            let text = format!("the rule gives `{label}` another value with its ends exchanged");
            desk.report.push(
                Diagnostic::new(Code::Asymmetric, rest.rules[pair.rule].written.span, text).help(
                    "make the formula symmetric in its indices, or the state `of = \"directed \
                     dyad\"`",
                ),
            );
        }
    }
}

/// A made-up situation: states within their ranges, weights of options that add up to one.
struct Random<'a> {
    model: &'a Model,
    pool: &'a [Derived],
    parameters: &'a [f64],
    trial: u64,
    known: RefCell<BTreeMap<usize, f64>>,
}

impl Random<'_> {
    /// A number in (0, 1) that depends on what it is for and on the trial only: the mixing step of
    /// splitmix64 (Steele, Lea and Flood 2014).
    fn unit(&self, kind: u64, number: usize) -> f64 {
        let mut x = (self.trial << 56) ^ (kind << 48) ^ number as u64;
        x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        ((x >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }
}

impl Facts for Random<'_> {
    fn home(&self) {}
    fn parameter(&self, cell: usize) -> f64 {
        self.parameters[cell]
    }

    fn state(&self, cell: CellId) -> f64 {
        let (lo, hi) = self.model.cells[cell].range;
        let lo = if lo.is_finite() { lo } else { hi.min(3.0) - 5.0 };
        let hi = if hi.is_finite() { hi } else { lo + 5.0 };
        lo + (hi - lo) * self.unit(0, cell.index())
    }

    fn derived(&self, instance: usize) -> f64 {
        if let Some(found) = self.known.borrow().get(&instance) {
            return *found;
        }
        let found = self.pool.get(instance).map_or(f64::NAN, |d| value(&d.value, self));
        self.known.borrow_mut().insert(instance, found);
        found
    }

    fn round(&self) -> f64 {
        let rounds = f64::from(self.model.about.rounds);
        1.0 + (self.unit(1, 0) * rounds).floor().min(rounds - 1.0)
    }

    fn rounds(&self) -> f64 {
        f64::from(self.model.about.rounds)
    }

    fn option(&self, option: OptionId, last: bool) -> f64 {
        let kind = if last { 3 } else { 2 };
        let seat = &self.model.seats[self.model.options[option].seat];
        let total: f64 = seat.options().map(|o| self.unit(kind, o.index())).sum();
        self.unit(kind, option.index()) / total
    }

    fn event(&self, instance: HazardId, last: bool) -> f64 {
        self.unit(if last { 5 } else { 4 }, instance.index())
    }

    fn belief(&self, observer: ActorId, actor: ActorId, actor_type: usize) -> f64 {
        self.unit(6, (observer.index() * 1000 + actor.index()) * 1000 + actor_type)
    }
}

/// Beliefs that payoffs read about actors who do not foresee what their moves reveal.
fn inert(model: &Model, arm: &Arm, desk: &mut ReadContext) {
    let mut about: BTreeMap<ActorId, Span> = BTreeMap::new();
    let mut seen = vec![false; model.derived.len()];
    let mut open: Vec<&Expr> = model.payoffs.iter().flatten().map(|p| &p.value).collect();
    while let Some(expr) = open.pop() {
        expr.walk(&mut |e| match &e.node {
            Node::Belief(_, actor, _) => {
                about.entry(*actor).or_insert(e.span);
            }
            Node::Derived(instance) if seen.get(*instance) == Some(&false) => {
                seen[*instance] = true;
                open_derived(model, *instance, &mut about, &mut seen);
            }
            _ => {}
        });
    }
    for (actor, span) in about {
        let decision = &arm.decisions[actor];
        let low = matches!(decision.reasoning, Reasoning::Level(0 | 1));
        if low && decision.deliberates() {
            let name = &model.names.actors[actor];
            let text = format!("{name} does not foresee what its moves reveal about its type");
            desk.report.push(
                Diagnostic::new(Code::InertSignal, span, text)
                    .help(format!("set `reasoning = 2` or more under [decision.{name}]")),
            );
        }
    }
}

fn open_derived(
    model: &Model,
    instance: usize,
    about: &mut BTreeMap<ActorId, Span>,
    seen: &mut [bool],
) {
    let mut open = vec![instance];
    while let Some(instance) = open.pop() {
        model.derived[instance].value.walk(&mut |e| match &e.node {
            Node::Belief(_, actor, _) => {
                about.entry(*actor).or_insert(e.span);
            }
            Node::Derived(below) if !seen[*below] => {
                seen[*below] = true;
                open.push(*below);
            }
            _ => {}
        });
    }
}
