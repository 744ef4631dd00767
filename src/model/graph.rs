//! What of an arm has no place in a graph model: chance, time, memory of what was played, payoffs
//! of acts, private information.
//!
//! A graph model knows states, who can move from one to which other, and what a state is worth. So
//! what follows a state has to be known from the state alone, and from who moves.

use super::{ActorId, Arm, Effect, Model, OptionId};
use crate::diagnostic::{Code, Diagnostic, Report, Span};
use crate::expr::{Expr, Node};

/// Everything that stands in the way of reading an arm as a graph model, each with its place.
pub fn unfit_for_graph(model: &Model, arm: &Arm) -> Vec<Diagnostic> {
    let mut reading =
        Reading { model, arm, report: Report::default(), seen: [Vec::new(), Vec::new()] };
    reading.private();
    reading.moves();
    reading.nature();
    for actor in deciders(model, arm) {
        for payoff in &model.payoffs[actor] {
            reading.formula(&payoff.value, false);
            reading.formula(&payoff.weight, false);
        }
    }
    if let Some(condition) = &model.stop_when {
        reading.formula(condition, false);
    }
    reading.report.finish()
}

/// Who has a move in an arm, in file order.
pub fn deciders(model: &Model, arm: &Arm) -> Vec<ActorId> {
    let moves = |id: &OptionId| exists(model, arm, *id) && !model.options[*id].holds();
    let decides = |actor: &ActorId| {
        model.seats_of(*actor).any(|seat| model.seats[seat].options().any(|id| moves(&id)))
    };
    model.actors().filter(decides).collect()
}

/// Whether an option can be had at all.
fn exists(model: &Model, arm: &Arm, id: OptionId) -> bool {
    let never = |when: &Expr| known(arm, when).decided() == Some(0.0);
    !arm.disabled_options[id] && !model.options[id].when.as_ref().is_some_and(never)
}

/// A formula with all parameters in it: there are no types on which they could depend.
fn known(arm: &Arm, formula: &Expr) -> Expr {
    formula.with(&|cell| Some(arm.parameters[cell]))
}

struct Reading<'a> {
    model: &'a Model,
    arm: &'a Arm,
    report: Report,
    /// Instances of derived quantities that were looked at, where acts may not be read and where
    /// they may.
    seen: [Vec<usize>; 2],
}

impl Reading<'_> {
    fn refuse(&mut self, span: Span, what: &str, help: &str) {
        let text = format!("{what} cannot stand in a graph model");
        self.report.push(Diagnostic::new(Code::IllegalPlace, span, text).help(help));
    }

    fn private(&mut self) {
        for private in &self.model.private {
            let help = "all preferences are known there; leave the types out";
            self.refuse(private.span, "private information", help);
        }
    }

    fn moves(&mut self) {
        for (id, option) in self.model.options.enumerate() {
            if !exists(self.model, self.arm, id) {
                continue;
            }
            if self.model.seats[option.seat].stage > 0 {
                let moves = option.acts.iter().map(|act| self.model.moves[act.action].span);
                for span in moves.collect::<Vec<_>>() {
                    let help = "one player moves at a time there; leave `stage` out";
                    self.refuse(span, "a move in a later stage", help);
                }
            }
            if let Some(when) = &option.when {
                self.formula(when, false);
            }
            for (_, cost) in &option.costs {
                if known(self.arm, cost).decided() != Some(0.0) {
                    let help = "preferences are over states: let the payoff of the state that the \
                                move leads to be smaller";
                    self.refuse(cost.span, "a cost", help);
                }
            }
            self.effects(&option.effects);
        }
    }

    fn effects(&mut self, effects: &[Effect]) {
        for formula in effects.iter().flat_map(|e| e.filter.iter().chain([&e.value])) {
            self.formula(formula, true);
        }
    }

    fn nature(&mut self) {
        for (cell, initial) in self.model.cells.iter().zip(&self.arm.initial) {
            let mut draws = false;
            initial.walk(&mut |part| draws |= matches!(part.node, Node::Draw(..)));
            if draws {
                let help = "give the initial value as a number, or set it with --set";
                self.refuse(self.model.states[cell.state].span, "a draw", help);
            }
            if let Some(next) = &cell.next {
                self.formula(next, true);
            }
        }
        for (id, hazard) in self.model.hazards.enumerate() {
            let mut formulas = hazard.probability.iter().chain(&hazard.when);
            let never = formulas.any(|formula| known(self.arm, formula).decided() == Some(0.0));
            if !never && hazard.probability.is_some() && !self.arm.disabled_hazards[id] {
                let help = "there is no chance there; switch the event off in a variant with \
                            `disable`";
                self.refuse(self.model.events[hazard.event].span, "an event", help);
            }
        }
    }

    /// Looks for what a formula must not read; with `acts` it may read what is chosen.
    fn formula(&mut self, formula: &Expr, acts: bool) {
        let (mut found, mut below) = (Vec::new(), Vec::new());
        known(self.arm, formula).walk(&mut |part| match &part.node {
            Node::Draw(..) => found.push((part.span, "a draw", "there is no chance there")),
            Node::Round | Node::Series(_) => {
                let help = "there is no time there: let moves change a state, and read that";
                found.push((part.span, "what changes with the round", help));
            }
            Node::Chose(played) if played.last => {
                let help = "a state has no past: let the move set a state, and read that";
                found.push((part.span, "`chose_last`", help));
            }
            Node::Chose(_) if !acts => {
                let help = "preferences and ends are of states: let the move set a state, and read \
                            that";
                found.push((part.span, "`chose`", help));
            }
            Node::Derived(instance) => below.push(*instance),
            _ => {}
        });
        for (span, what, help) in found {
            self.refuse(span, what, help);
        }
        for instance in below {
            if !self.seen[usize::from(acts)].contains(&instance) {
                self.seen[usize::from(acts)].push(instance);
                self.formula(&self.model.derived[instance].value, acts);
            }
        }
    }
}
