//! How much imagining costs: an estimate before anything is played.

use super::walk::{Ways, ways};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{
    ActorId, Anticipation, Arm, Decision, Level0, Model, Reasoning, STATIONARY, SeatId,
};

/// Branches of exact anticipation that one option may have.
pub const MAX_BRANCHES: f64 = 1e6;

/// Imagined rounds that one real round may need.
pub const MAX_IMAGINED: f64 = 1e7;

/// Replies that one mix takes: levels, or steps towards an equilibrium (a typical number).
fn replies(reasoning: Reasoning) -> f64 {
    match reasoning {
        Reasoning::Level(k) => f64::from(k.max(1)),
        // levels are counted until the tail is negligible
        Reasoning::Poisson(mean) => (mean + 6.0 * mean.sqrt() + 3.0).min(20.0),
        Reasoning::Equilibrium => 40.0,
    }
}

/// How many rounds are imagined one after the other. What follows without end is found before.
fn ahead(decision: &Decision) -> usize {
    if decision.foresight == STATIONARY { 1 } else { decision.foresight as usize }
}

/// An arm and what may happen in each of its rounds.
struct Estimate<'a> {
    model: &'a Model,
    arm: &'a Arm,
    /// From round 1 on; the last stands for all rounds after it too.
    rounds: Vec<Ways>,
}

impl<'a> Estimate<'a> {
    fn new(model: &'a Model, arm: &'a Arm) -> Self {
        Estimate { model, arm, rounds: ways(model, arm) }
    }

    /// What may happen in the round at this place, from 0.
    fn round(&self, at: usize) -> &Ways {
        &self.rounds[at.min(self.rounds.len() - 1)]
    }

    fn types(&self, actor: ActorId) -> f64 {
        self.model.private_of(actor).map_or(1.0, |p| self.model.private[p].types.len() as f64)
    }

    fn stage(&self, seat: SeatId) -> usize {
        self.model.seats[seat].stage
    }

    /// In how many ways events come out after a stage: they come after the last.
    fn events(&self, ways: &Ways, stage: usize) -> f64 {
        if stage + 1 == self.model.stages() { ways.events } else { 1.0 }
    }

    /// The joint options of all seats of a stage, times joint events.
    fn joint(&self, ways: &Ways, stage: usize) -> f64 {
        let here = ways.open.enumerate().filter(|(id, _)| self.stage(*id) == stage);
        here.map(|(_, open)| *open).product::<f64>() * self.events(ways, stage)
    }

    /// The branches of one imagined stage in which a seat's option is fixed and everything else
    /// is played out: joint options of all other seats, times types of others, times joint events.
    fn branches(&self, ways: &Ways, seat: SeatId) -> f64 {
        let stage = self.stage(seat);
        let others = ways.open.enumerate().filter(|(id, _)| *id != seat);
        let others = others.filter(|(id, _)| self.stage(*id) == stage);
        let own = self.model.seats[seat].actor;
        let types = self.model.private.iter().filter(|p| p.actor != own);
        let options: f64 = others.map(|(_, open)| *open).product();
        let types = types.map(|p| self.types(p.actor)).product::<f64>();
        options * types * self.events(ways, stage)
    }

    /// The seats that think, and how.
    fn thinking(&self) -> impl Iterator<Item = (SeatId, &Decision)> {
        let seats = self.model.seats.enumerate();
        let all = seats.map(|(id, seat)| (id, &self.arm.decisions[seat.actor]));
        all.filter(|(_, decision)| decision.deliberates())
    }

    /// The imagined rounds (branches counted singly) in which a seat's mix is formed, without what
    /// follows them.
    fn mix(&self, ways: &Ways, seat: SeatId, decision: &Decision) -> f64 {
        let width = match decision.anticipation {
            Anticipation::Mean => 1.0,
            Anticipation::Exact => self.branches(ways, seat),
        };
        self.options(ways, seat, decision) * width
    }

    /// How often an option of a seat is valued: by option, type and reply.
    fn options(&self, ways: &Ways, seat: SeatId, decision: &Decision) -> f64 {
        let types = self.types(self.model.seats[seat].actor);
        ways.open[seat] * types * replies(decision.reasoning)
    }

    /// How many different plays of a round there are in which worlds after it are imagined: those
    /// of all replies where beliefs move or the mixes themselves are remembered, else one.
    fn plays(&self, ways: &Ways) -> f64 {
        let reveals = |(id, open): (SeatId, &f64)| {
            *open > 1.0 && self.model.private_of(self.model.seats[id].actor).is_some()
        };
        let remembers = self.arm.decisions.iter().any(|d| d.level0 == Level0::Last);
        if !remembers && !ways.open.enumerate().any(reveals) {
            return 1.0;
        }
        self.thinking().map(|(_, decision)| replies(decision.reasoning)).fold(1.0, f64::max)
    }

    /// The imagined rounds that the real round at this place needs, by seat; worlds at which
    /// deliberation is imagined again count for the seats whose foresight leads there.
    fn at(&self, first: usize) -> Vec<(SeatId, f64)> {
        let ways = self.round(first);
        let own = |(id, d)| (id, self.mix(ways, id, d));
        let mut found: Vec<(SeatId, f64)> = self.thinking().map(own).collect();
        for stage in 0..self.model.stages() {
            self.ahead(first, stage, &mut found);
        }
        found
    }

    /// Adds what those who choose in a stage of a round imagine beyond it: later stages of the
    /// round, and later rounds stage by stage.
    fn ahead(&self, first: usize, begin: usize, found: &mut [(SeatId, f64)]) {
        let mut seats = self.thinking().filter(|(id, _)| self.stage(*id) == begin).peekable();
        if seats.peek().is_none() {
            return;
        }
        let seats: Vec<(SeatId, &Decision)> =
            self.thinking().filter(|(id, _)| self.stage(*id) >= begin).collect();
        let left = self.arm.rounds as usize - first.min(self.arm.rounds as usize - 1);
        let farthest = seats.iter().map(|(_, d)| ahead(d)).max().unwrap_or(1).min(left);
        // worlds that thought has come to so far
        let mut worlds = 1.0;
        let (mut depth, mut stage) = (0, begin);
        loop {
            let (before, passed) = (self.round(first + depth), stage);
            let last = stage + 1 == self.model.stages();
            (depth, stage) = if last { (depth + 1, 0) } else { (depth, stage + 1) };
            if depth >= farthest {
                return;
            }
            worlds *= self.reached(before, passed, depth).max(1.0);
            let more = worlds * self.thought(self.round(first + depth), stage, depth);
            let looks = |id: SeatId| seats.iter().any(|(seat, d)| *seat == id && ahead(d) > depth);
            let looking = found.iter().filter(|(id, _)| looks(*id)).count() as f64;
            for (id, total) in found.iter_mut() {
                *total += if looks(*id) { more / looking } else { 0.0 };
            }
            if more > 1e300 {
                return;
            }
        }
    }

    /// The worlds to which thought comes from one world through a stage, by those who look so many
    /// rounds ahead.
    fn reached(&self, before: &Ways, passed: usize, depth: usize) -> f64 {
        let looks = |d: &Decision| ahead(d) > depth;
        let exact = |d: &Decision| looks(d) && d.anticipation == Anticipation::Exact;
        let by_mean = |(id, d): (SeatId, &Decision)| match looks(d) && !exact(d) {
            true if self.stage(id) == passed => self.options(before, id, d),
            _ => 0.0,
        };
        let by_mean: f64 = self.thinking().map(by_mean).sum();
        let last = passed + 1 == self.model.stages();
        // within a round all look as far as they do in it
        let horizon = |d: &Decision| if last { d.foresight } else { 0 };
        let mut horizons: Vec<u32> =
            self.thinking().filter(|(_, d)| exact(d)).map(|(_, d)| horizon(d)).collect();
        horizons.sort_unstable();
        horizons.dedup();
        // exact anticipation values nothing twice: worlds count, not the ways to them
        by_mean + self.joint(before, passed) * self.plays(before) * horizons.len() as f64
    }

    /// The imagined rounds at one world: the mixes of all seats of a stage, and the own round of
    /// each viewer.
    fn thought(&self, ways: &Ways, stage: usize, depth: usize) -> f64 {
        let looks = |d: &Decision| ahead(d) > depth;
        let exact = |d: &Decision| looks(d) && d.anticipation == Anticipation::Exact;
        let viewer = |d: &Decision| if exact(d) { self.joint(ways, stage) } else { 1.0 };
        let viewers = self.thinking().filter(|(_, d)| looks(d)).map(|(_, d)| viewer(d)).sum();
        let here = self.thinking().filter(|(id, _)| self.stage(*id) == stage);
        let all: f64 = here.map(|(id, d)| self.mix(ways, id, d)).sum();
        let views: f64 = if self.thinking().any(|(_, d)| exact(d)) { viewers } else { 1.0 };
        all + views
    }

    /// The real round that needs most, from 0, and what its seats need.
    fn worst(&self) -> (usize, Vec<(SeatId, f64)>) {
        let rounds = self.rounds.len().min(self.arm.rounds.max(1) as usize);
        let all = (0..rounds).map(|first| (first, self.at(first)));
        let sum = |found: &[(SeatId, f64)]| found.iter().map(|(_, n)| n).sum::<f64>();
        all.reduce(|a, b| if sum(&b.1) > sum(&a.1) { b } else { a }).unwrap_or_default()
    }

    /// The round in which an option of a seat has most branches, from 0, and how many.
    fn widest(&self, seat: SeatId) -> (usize, f64) {
        let all = self.rounds.iter().enumerate().map(|(at, w)| (at, self.branches(w, seat)));
        all.reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap_or((0, 1.0))
    }

    /// What was counted in a round, in words.
    fn counted(&self, at: usize) -> String {
        let ways = self.round(at);
        let mut words: Vec<String> = Vec::new();
        for actor in self.model.actors() {
            let open: f64 = self.model.seats_of(actor).map(|seat| ways.open[seat]).product();
            if open > 1.0 {
                words.push(format!("{} has {}", self.name(actor), plural(open, "option")));
            }
        }
        let types = self.model.private.iter().filter(|p| p.types.len() > 1);
        words.extend(types.map(|p| format!("{} {} types", self.name(p.actor), p.types.len())));
        if ways.events > 1.0 {
            words.push(format!("events come out in {} ways", short(ways.events)));
        }
        let list = if words.is_empty() { "nobody has a choice".into() } else { words.join(", ") };
        format!("in round {}, {list}", at + 1)
    }

    fn name(&self, actor: ActorId) -> &str {
        &self.model.names.actors[actor]
    }
}

fn plural(count: f64, what: &str) -> String {
    format!("{} {what}s", short(count))
}

fn short(count: f64) -> String {
    if count < 1e6 { format!("{count}") } else { format!("{count:.1e}") }
}

/// An estimate of the imagined rounds (branches counted singly) that one real round needs.
pub fn imagined_rounds(model: &Model, arm: &Arm) -> f64 {
    Estimate::new(model, arm).worst().1.iter().map(|(_, count)| count).sum()
}

/// What is too much, in words, with the setting that makes it so.
pub(super) struct TooMuch {
    pub actor: ActorId,
    pub key: &'static str,
    pub text: String,
    pub help: String,
}

/// Why an arm cannot be imagined, if it cannot; it stands nowhere in the file.
pub fn unaffordable(model: &Model, arm: &Arm) -> Option<Diagnostic> {
    let TooMuch { text, help, .. } = too_costly(model, arm)?;
    Some(Diagnostic::new(Code::TooCostly, Span::default(), text).help(help))
}

/// The actor that imagines most, if all together imagine too much.
pub(super) fn too_costly(model: &Model, arm: &Arm) -> Option<TooMuch> {
    let estimate = Estimate::new(model, arm);
    for (id, decision) in estimate.thinking() {
        let (at, found) = estimate.widest(id);
        if decision.anticipation == Anticipation::Exact && found > MAX_BRANCHES {
            let actor = model.seats[id].actor;
            let text = format!(
                "exact anticipation gives each option of {} about {found:.1e} branches, at most \
                 {MAX_BRANCHES:.0e} are allowed: {}",
                estimate.name(actor),
                estimate.counted(at)
            );
            return Some(TooMuch { actor, key: "anticipation", text, help: passes(model, arm) });
        }
    }
    let (first, seats) = estimate.worst();
    let total: f64 = seats.iter().map(|(_, count)| count).sum();
    if total <= MAX_IMAGINED {
        return None;
    }
    // who has nothing to choose is to blame only if nobody has
    let choice = |seat: SeatId| estimate.rounds.iter().any(|ways| ways.open[seat] > 1.0);
    let (most, _) = seats
        .iter()
        .rev()
        .max_by(|(a, m), (b, n)| choice(*a).cmp(&choice(*b)).then(m.total_cmp(n)))?;
    Some(blame(&estimate, model.seats[*most].actor, first, total))
}

/// The setting of an actor that makes imagination long.
fn blame(estimate: &Estimate, actor: ActorId, first: usize, total: f64) -> TooMuch {
    let Estimate { model, arm, .. } = estimate;
    let decision = &arm.decisions[actor];
    let name = estimate.name(actor);
    let (key, setting) = if ahead(decision) > 1 {
        ("foresight", format!("foresight of {name}, {} rounds,", decision.foresight))
    } else if decision.anticipation == Anticipation::Exact {
        ("anticipation", format!("exact anticipation of {name}"))
    } else {
        ("reasoning", format!("reasoning of {name}"))
    };
    let rounds = first..=first + ahead(decision).min(arm.rounds as usize).saturating_sub(1);
    let width = |at: &usize| {
        let ways = estimate.round(*at);
        ways.open.iter().product::<f64>() * ways.events
    };
    let widest = rounds.rev().max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(first);
    let text = format!(
        "{setting} brings one real round to about {total:.1e} imagined ones, at most \
         {MAX_IMAGINED:.0e} are allowed: {}",
        estimate.counted(widest)
    );
    TooMuch { actor, key, text, help: passes(model, arm) }
}

/// The nearest setting that passes, in words.
fn passes(model: &Model, arm: &Arm) -> String {
    if arm.is_stationary() {
        return "use fewer options or events, or a number of rounds".to_string();
    }
    let fits = |arm: &Arm| {
        let estimate = Estimate::new(model, arm);
        let wide = estimate.thinking().any(|(id, decision)| {
            decision.anticipation == Anticipation::Exact && estimate.widest(id).1 > MAX_BRANCHES
        });
        !wide && estimate.worst().1.iter().map(|(_, n)| n).sum::<f64>() <= MAX_IMAGINED
    };
    let with = |foresight: u32, anticipation: Option<Anticipation>| {
        let mut arm = arm.clone();
        for decision in arm.decisions.iter_mut() {
            decision.foresight = decision.foresight.min(foresight);
            decision.anticipation = anticipation.unwrap_or(decision.anticipation);
        }
        arm
    };
    let longest = arm.decisions.iter().map(|d| d.foresight).max().unwrap_or(1);
    let shorter = |anticipation| (1..longest).rev().find(|n| fits(&with(*n, anticipation)));
    if let Some(foresight) = shorter(None) {
        return format!("`foresight = {foresight}` passes");
    }
    let exact = arm.decisions.iter().any(|d| d.anticipation == Anticipation::Exact);
    if exact && fits(&with(longest, Some(Anticipation::Mean))) {
        return "`anticipation = \"mean\"` passes".to_string();
    }
    match shorter(Some(Anticipation::Mean)).filter(|_| exact) {
        Some(n) => format!("`anticipation = \"mean\"` with `foresight = {n}` passes"),
        None => "use fewer options or a lower level".to_string(),
    }
}
