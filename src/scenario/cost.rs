//! How much imagining costs: an estimate before anything is played.

use super::walk::{Stage, stages};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{ActorId, Anticipation, Arm, Decision, Level0, Model, Reasoning, SeatId};

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

/// An arm and what may happen in each of its rounds.
struct Estimate<'a> {
    model: &'a Model,
    arm: &'a Arm,
    /// From round 1 on; the last stands for all rounds after it too.
    stages: Vec<Stage>,
}

impl<'a> Estimate<'a> {
    fn new(model: &'a Model, arm: &'a Arm) -> Self {
        Estimate { model, arm, stages: stages(model, arm) }
    }

    /// What may happen in the round at this place, from 0.
    fn stage(&self, at: usize) -> &Stage {
        &self.stages[at.min(self.stages.len() - 1)]
    }

    fn types(&self, actor: ActorId) -> f64 {
        self.model.private_of(actor).map_or(1.0, |p| self.model.private[p].types.len() as f64)
    }

    /// The branches of one imagined round in which a seat's option is fixed and everything else
    /// is played out: joint options of all other seats, times types of others, times joint events.
    fn branches(&self, stage: &Stage, seat: SeatId) -> f64 {
        let others = stage.open.enumerate().filter(|(id, _)| *id != seat);
        let own = self.model.seats[seat].actor;
        let types = self.model.private.iter().filter(|p| p.actor != own);
        let options: f64 = others.map(|(_, open)| *open).product();
        options * types.map(|p| self.types(p.actor)).product::<f64>() * stage.events
    }

    /// The seats that think, and how.
    fn thinking(&self) -> impl Iterator<Item = (SeatId, &Decision)> {
        let seats = self.model.seats.enumerate();
        let all = seats.map(|(id, seat)| (id, &self.arm.decisions[seat.actor]));
        all.filter(|(_, decision)| decision.deliberates())
    }

    /// The imagined rounds (branches counted singly) in which a seat's mix is formed, without what
    /// follows them.
    fn mix(&self, stage: &Stage, seat: SeatId, decision: &Decision) -> f64 {
        let width = match decision.anticipation {
            Anticipation::Mean => 1.0,
            Anticipation::Exact => self.branches(stage, seat),
        };
        self.options(stage, seat, decision) * width
    }

    /// How often an option of a seat is valued: by option, type and reply.
    fn options(&self, stage: &Stage, seat: SeatId, decision: &Decision) -> f64 {
        let types = self.types(self.model.seats[seat].actor);
        stage.open[seat] * types * replies(decision.reasoning)
    }

    /// How many different plays of a round there are in which worlds after it are imagined: those
    /// of all replies where beliefs move or the mixes themselves are remembered, else one.
    fn plays(&self, stage: &Stage) -> f64 {
        let reveals = |(id, open): (SeatId, &f64)| {
            *open > 1.0 && self.model.private_of(self.model.seats[id].actor).is_some()
        };
        let remembers = self.arm.decisions.iter().any(|d| d.level0 == Level0::Last);
        if !remembers && !stage.open.enumerate().any(reveals) {
            return 1.0;
        }
        self.thinking().map(|(_, decision)| replies(decision.reasoning)).fold(1.0, f64::max)
    }

    /// The imagined rounds that the real round at this place needs, by seat; worlds at which
    /// deliberation is imagined again count for the seats whose foresight leads there.
    fn at(&self, first: usize) -> Vec<(SeatId, f64)> {
        let seats: Vec<(SeatId, &Decision)> = self.thinking().collect();
        let stage = self.stage(first);
        let mut found: Vec<(SeatId, f64)> =
            seats.iter().map(|(id, d)| (*id, self.mix(stage, *id, d))).collect();
        let left = self.arm.rounds as usize - first.min(self.arm.rounds as usize - 1);
        let farthest = seats.iter().map(|(_, d)| d.foresight as usize).max().unwrap_or(1).min(left);
        // worlds that thought has come to so far
        let mut worlds = 1.0;
        for depth in 1..farthest {
            let (before, stage) = (self.stage(first + depth - 1), self.stage(first + depth));
            let looks = |d: &Decision| d.foresight as usize > depth;
            let exact = |d: &Decision| looks(d) && d.anticipation == Anticipation::Exact;
            let by_mean = |(id, d): &&(SeatId, &Decision)| match looks(d) && !exact(d) {
                true => self.options(before, *id, d),
                false => 0.0,
            };
            let by_mean: f64 = seats.iter().map(|seat| by_mean(&seat)).sum();
            let mut horizons: Vec<u32> =
                seats.iter().filter(|(_, d)| exact(d)).map(|(_, d)| d.foresight).collect();
            horizons.sort_unstable();
            horizons.dedup();
            // exact anticipation values nothing twice: worlds count, not the ways to them
            let joint = before.open.iter().product::<f64>() * before.events * self.plays(before);
            worlds *= by_mean + joint * horizons.len() as f64;
            // a viewer's own round at each of them
            let viewer = |(_, d): &&(SeatId, &Decision)| match exact(d) {
                true => stage.open.iter().product::<f64>() * stage.events,
                false => 1.0,
            };
            let viewers: f64 = seats.iter().filter(|(_, d)| looks(d)).map(|s| viewer(&s)).sum();
            let all: f64 = seats.iter().map(|(id, d)| self.mix(stage, *id, d)).sum();
            let views = if horizons.is_empty() { 1.0 } else { viewers };
            let more = worlds * (all + views);
            let looking: f64 = seats.iter().filter(|(_, d)| looks(d)).count() as f64;
            for ((_, total), (_, d)) in found.iter_mut().zip(&seats) {
                *total += if looks(d) { more / looking } else { 0.0 };
            }
            if more > 1e300 {
                break;
            }
        }
        found
    }

    /// The real round that needs most, from 0, and what its seats need.
    fn worst(&self) -> (usize, Vec<(SeatId, f64)>) {
        let rounds = self.stages.len().min(self.arm.rounds.max(1) as usize);
        let all = (0..rounds).map(|first| (first, self.at(first)));
        let sum = |found: &[(SeatId, f64)]| found.iter().map(|(_, n)| n).sum::<f64>();
        all.reduce(|a, b| if sum(&b.1) > sum(&a.1) { b } else { a }).unwrap_or_default()
    }

    /// The round in which an option of a seat has most branches, from 0, and how many.
    fn widest(&self, seat: SeatId) -> (usize, f64) {
        let all = self.stages.iter().enumerate().map(|(at, s)| (at, self.branches(s, seat)));
        all.reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap_or((0, 1.0))
    }

    /// What was counted in a round, in words.
    fn counted(&self, at: usize) -> String {
        let stage = self.stage(at);
        let mut words: Vec<String> = Vec::new();
        for actor in self.model.actors() {
            let open: f64 = self.model.seats_of(actor).map(|seat| stage.open[seat]).product();
            if open > 1.0 {
                words.push(format!("{} has {}", self.name(actor), plural(open, "option")));
            }
        }
        let types = self.model.private.iter().filter(|p| p.types.len() > 1);
        words.extend(types.map(|p| format!("{} {} types", self.name(p.actor), p.types.len())));
        if stage.events > 1.0 {
            words.push(format!("events come out in {} ways", short(stage.events)));
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
    let choice = |seat: SeatId| estimate.stages.iter().any(|stage| stage.open[seat] > 1.0);
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
    let (key, setting) = if decision.foresight > 1 {
        ("foresight", format!("foresight of {name}, {} rounds,", decision.foresight))
    } else if decision.anticipation == Anticipation::Exact {
        ("anticipation", format!("exact anticipation of {name}"))
    } else {
        ("reasoning", format!("reasoning of {name}"))
    };
    let ahead = (decision.foresight.min(arm.rounds) as usize).saturating_sub(1);
    let rounds = first..=first + ahead;
    let width = |at: &usize| {
        let stage = estimate.stage(*at);
        stage.open.iter().product::<f64>() * stage.events
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
