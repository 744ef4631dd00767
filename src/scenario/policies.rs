//! `[policies.P]`: guarded lists of moves.

use super::build::Build;
use super::draft::{Draft, DraftMove, targets};
use super::limits::{MAX_ENTRIES, section};
use super::read_context::{Fields, Written, short};
use super::tree::{Entry, Item, Table, Value};
use crate::diagnostic::{Code, Diagnostic, Report, Span};
use crate::expr::{Act, Expr, Names, Role, Scope, combinations};
use crate::model::{
    ActorId, Decision, DecisionItem, ElementId, Guard, IndexVec, Line, Override, Policy, Rule,
};

/// A line before its guard is compiled.
struct DraftLine {
    when: Option<Written>,
    share: Option<Written>,
    action: Option<usize>,
    toward: Vec<Vec<ElementId>>,
    written: String,
    fine: bool,
}

impl Build<'_, '_> {
    /// All policies. A guard that cannot be compiled for an actor is an error only if the actor
    /// follows the policy, in the file, a variant or a posture.
    pub fn policies(
        &mut self,
        root: &Table,
        draft: &Draft,
        decisions: &[DecisionItem],
        sets: &[&[Override]],
    ) -> Vec<Policy> {
        let mut all = Vec::new();
        let followers = followers(self.names, decisions, sets);
        for (number, entry) in section(root, "policies", MAX_ENTRIES, self.desk).iter().enumerate()
        {
            let users: Vec<ActorId> =
                followers.iter().filter(|(p, _)| *p == number).map(|(_, a)| *a).collect();
            all.push(self.policy(entry, draft, &users));
        }
        all
    }

    fn policy(&mut self, entry: &Entry, draft: &Draft, users: &[ActorId]) -> Policy {
        let actors = self.names.actors.len();
        let mut policy = Policy {
            name: entry.name().to_string(),
            error: IndexVec::filled(None, actors),
            lines: Vec::new(),
        };
        let Some(table) = self.desk.table(entry) else {
            return policy;
        };
        let what = format!("the policy `{}`", entry.name());
        let mut fields = Fields::new(table, entry.place(), what);
        self.desk.text(fields.take("title"));
        self.desk.text(fields.take("note"));
        if let Some(error) = fields.take("error") {
            let written = self.share_written(error);
            policy.error = self.share(&written, users);
        }
        let lines = fields.need("play", self.desk).and_then(|e| self.desk.list(e));
        for item in lines.unwrap_or_default() {
            let Value::Table(table) = &item.value else {
                self.desk.wrong_kind(item, "play", "a list of `{ when = ..., move = ... }`");
                continue;
            };
            let line = self.line(table, item.span, draft, users);
            let guard = match &line.when {
                None => IndexVec::filled(Guard::Always, actors),
                Some(when) => {
                    let found = self.for_users(users, |build, actor| {
                        let stage = build.stage_of(actor, line.action);
                        let mut scope = Scope::new(Role::Ordinary).with("self", actor).stage(stage);
                        build.truth(when, &mut scope)
                    });
                    found.into_iter().map(guard).collect()
                }
            };
            let share = match &line.share {
                None => IndexVec::filled(None, actors),
                Some(written) => self.share(written, users),
            };
            if line.fine {
                policy.lines.push(Line {
                    guard,
                    share,
                    action: line.action,
                    toward: line.toward,
                    written: line.written,
                });
            }
        }
        fields.finish(self.desk);
        policy
    }

    /// The stage in which an actor plays a move; the first for `hold`, which all seats can play.
    fn stage_of(&self, actor: ActorId, action: Option<usize>) -> usize {
        let plays = |acts: &[Act]| acts.iter().any(|act| Some(act.action) == action);
        let mut options = self.names.options.iter();
        options.find(|o| o.actor == actor && plays(&o.acts)).map_or(0, |option| option.stage)
    }

    /// A share from 0 to 1 as it is written.
    fn share_written(&mut self, entry: &Entry) -> Written {
        let written = self.desk.formula(&entry.item, entry.name());
        if let Some(number) = written.number.filter(|n| !(0.0..=1.0).contains(n)) {
            let text = format!("`{}` is a share from 0 to 1, found {number}", entry.name());
            self.desk.error(Code::BadValue, written.span, text);
        }
        written
    }

    fn share(&mut self, written: &Written, users: &[ActorId]) -> IndexVec<ActorId, Option<Expr>> {
        self.for_users(users, |build, actor| {
            let mut scope = Scope::new(Role::Decision).with("self", actor);
            build.number(written, &mut scope)
        })
    }

    /// Compiles something for every actor. Problems are reported for those who use it; if nobody
    /// does, only when it can be compiled for no actor.
    fn for_users(
        &mut self,
        users: &[ActorId],
        mut body: impl FnMut(&mut Self, ActorId) -> Option<Expr>,
    ) -> IndexVec<ActorId, Option<Expr>> {
        let mut all = IndexVec::new();
        let mut first: Option<Report> = None;
        for actor in self.names.actors.ids() {
            if users.contains(&actor) {
                all.push(body(self, actor));
                continue;
            }
            let (found, report) = self.aside(|build| body(build, actor));
            if found.is_none() && first.is_none() {
                first = Some(report);
            }
            all.push(found);
        }
        if let (true, Some(report)) = (all.iter().all(Option::is_none), first) {
            for diagnostic in report.finish() {
                self.compiler.report.push(diagnostic);
            }
        }
        all
    }

    /// The targets to try, in order: for a move with two a list of two says who comes first and
    /// who second, anything else who comes first.
    fn toward(&mut self, item: &Item, action: Option<usize>) -> Vec<Vec<ElementId>> {
        let sets = action.map_or(&[][..], |action| self.names.moves[action].targets.as_slice());
        let mut find = |item: &Item, at: usize| {
            let set = sets.get(at).copied().flatten();
            targets(item, set, self.names, self.desk).unwrap_or_default()
        };
        match (&item.value, sets.len()) {
            (Value::List(list), 2) if list.len() == 2 => {
                combinations([find(&list[0], 0), find(&list[1], 1)].into_iter())
            }
            _ => find(item, 0).into_iter().map(|target| vec![target]).collect(),
        }
    }

    fn line(&mut self, table: &Table, span: Span, draft: &Draft, users: &[ActorId]) -> DraftLine {
        let mut fields = Fields::new(table, span, "a line of a policy");
        let when = fields.take("when").map(|e| self.desk.formula(&e.item, "when"));
        let share = fields.take("share").map(|e| self.share_written(e));
        let mut line = DraftLine {
            when,
            share,
            action: None,
            toward: Vec::new(),
            written: String::new(),
            fine: true,
        };
        let mut name = String::new();
        if let Some(entry) = fields.need("move", self.desk) {
            let source = self.desk.source(&entry.item, "move");
            line.fine = source.is_some();
            if let Some(source) = source.filter(|s| s.text() != "hold") {
                line.action = self.names.moves.iter().position(|m| m.name == source.text());
                if line.action.is_none() {
                    line.fine = false;
                    let known = self.names.moves.iter().map(|m| m.name.as_str());
                    let known = known.chain(["hold"]);
                    self.desk.unknown("move", &short(source.text()), source.whole(), known);
                }
            }
            name = source.map_or_else(String::new, |s| s.text().to_string());
        } else {
            line.fine = false;
        }
        let mut toward = String::new();
        if let Some(entry) = fields.take("toward") {
            let action = line.action.and_then(|m| draft.moves.get(m));
            let bare = action.is_some_and(|m| m.toward.is_empty());
            line.toward = self.toward(&entry.item, line.action);
            if let Some(action) = action.filter(|_| !line.toward.is_empty()) {
                self.reached(&name, action, &line.toward, entry.place(), users);
            }
            if bare || (line.fine && line.action.is_none()) {
                let text = format!("`{name}` has no target, so `toward` has no meaning");
                let help = "remove `toward`, or give the move one";
                let diagnostic = Diagnostic::new(Code::BadValue, entry.place(), text).help(help);
                self.desk.report.push(diagnostic);
            }
            let names = |list: &Vec<ElementId>| match list.as_slice() {
                [one] => self.names.element(*one).to_string(),
                list => self.names.label("", list),
            };
            let list: Vec<String> = line.toward.iter().map(names).collect();
            toward = format!(" {}", list.join(", "));
        }
        let guard = line.when.as_ref().map_or_else(String::new, |w| format!(" when {}", w.text));
        let share = line.share.as_ref().map_or_else(String::new, |s| format!(" share {}", s.text));
        line.written = format!("{name}{toward}{guard}{share}");
        fields.finish(self.desk);
        line
    }
}

impl Build<'_, '_> {
    /// Warns of a line whose move no follower of the policy can direct at any of its targets.
    fn reached(
        &mut self,
        name: &str,
        action: &DraftMove,
        toward: &[Vec<ElementId>],
        place: Span,
        users: &[ActorId],
    ) {
        if action.toward.is_empty() {
            return;
        }
        let players = action.by.iter().filter(|a| users.is_empty() || users.contains(a));
        let players: Vec<ElementId> = players.map(|player| ElementId::from(*player)).collect();
        let playable = |player: &ElementId, tried: &[ElementId]| {
            let pairs = tried.iter().zip(&action.toward);
            pairs.into_iter().all(|(target, known)| target != player && known.contains(target))
        };
        if players.iter().any(|player| toward.iter().any(|tried| playable(player, tried))) {
            return;
        }
        let one = |tried: &Vec<ElementId>| {
            let names: Vec<&str> = tried.iter().map(|t| self.names.element(*t)).collect();
            names.join(" and ")
        };
        let list: Vec<String> = toward.iter().map(one).collect();
        let text = format!(
            "this line never plays: nobody who follows the policy can play `{name}` toward {}",
            list.join(", ")
        );
        let help = format!("`by` and `toward` under [moves.{name}] say who plays it, and at whom");
        self.desk.report.push(Diagnostic::new(Code::NeverHolds, place, text).help(help));
    }
}

/// A condition as far as it could be compiled; one that holds for sure is none.
fn guard(condition: Option<Expr>) -> Guard {
    match condition {
        None => Guard::Never,
        Some(condition) if condition.decided() == Some(1.0) => Guard::Always,
        Some(condition) => Guard::When(condition),
    }
}

/// Who follows which policy, in the file, a variant or a posture: policy, actor.
fn followers(
    names: &Names,
    decisions: &[DecisionItem],
    sets: &[&[Override]],
) -> Vec<(usize, ActorId)> {
    let mut all = Vec::new();
    let mut note = |items: &[DecisionItem]| {
        for actor in names.actors.ids() {
            let decision = Decision::of(actor, items);
            if let (Rule::Policy, Some(policy)) = (decision.rule, decision.policy) {
                all.push((policy, actor));
            }
        }
    };
    note(decisions);
    for set in sets {
        let mut items = decisions.to_vec();
        items.extend(set.iter().filter_map(|o| match o {
            Override::Decision(item) => Some(item.clone()),
            _ => None,
        }));
        note(&items);
    }
    all
}
