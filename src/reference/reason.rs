//! Step 2: from values to mixes, level by level.

use super::World;
use super::board::Board;
use super::choose::{availability, reply, without_thought};
use super::imagine::{Mind, Worth};
use super::moment::{Start, View};
use crate::expr::{Parameters, value};
use crate::math;
use crate::model::{CONVERGED, Decision, HALVING, Reasoning, STEPS, poisson_levels};
use crate::record::Failure;

/// A mix for every seat and every type of its actor (one where it has no private information).
pub(super) type Play = Vec<Vec<Vec<f64>>>;

/// What deliberation comes to.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    /// By seat and type, the mix that others expect and learn from: for Poisson reasoning the
    /// average over levels.
    pub play: Play,
    /// By seat and type, the mix at the level its actor reasons at in this run.
    pub own: Play,
    /// By seat and type, what the options were worth where that mix was formed.
    pub worths: Vec<Vec<Vec<Worth>>>,
    /// By seat and type, how far each option is available.
    pub open: Vec<Vec<Vec<f64>>>,
    /// The residual of an equilibrium that did not converge.
    pub residual: Option<f64>,
}

/// What a round of deliberation stands on: a world and how far ahead it may look.
struct Deliberation<'a> {
    board: &'a Board<'a>,
    world: &'a World,
    /// No seat looks further ahead than this.
    horizon: u32,
    /// By actor and type: who thinks.
    minds: Vec<Vec<Mind<'a>>>,
    /// By seat and type of its actor: how far each option is available.
    open: Vec<Vec<Vec<f64>>>,
}

/// The mixes of all seats at a world, looking at most `horizon` rounds ahead. `levels` holds, by
/// actor, the Poisson level drawn for this run; empty in imagined rounds, where it is not known
/// and the average stands for it.
///
/// # Errors
/// A utility of an available option that is not finite.
pub(super) fn settle(
    board: &Board,
    world: &World,
    horizon: u32,
    levels: &[usize],
) -> Result<Settled, Failure> {
    let minds = minds(board, world);
    let open = open(board, world, &minds, !levels.is_empty());
    let deliberation = Deliberation { board, world, horizon, minds, open };
    let start = deliberation.level_zero();
    let mut settled = Settled {
        own: start.clone(),
        worths: start.iter().map(|s| vec![Vec::new(); s.len()]).collect(),
        play: start.clone(),
        open: Vec::new(),
        residual: None,
    };
    deliberation.fixed_levels(&start, &mut settled)?;
    deliberation.poisson_levels(&start, levels, &mut settled)?;
    deliberation.equilibrium(&start, &mut settled)?;
    settled.open = deliberation.open;
    Ok(settled)
}

fn minds<'a>(board: &'a Board<'a>, world: &'a World) -> Vec<Vec<Mind<'a>>> {
    let model = board.model;
    let actors = 0..model.actor_count();
    actors
        .map(|actor| {
            let kinds = model.private_of(actor).map_or(1, |p| model.private[p].kinds.len());
            (0..kinds).map(|kind| Mind::new(board, world, actor, kind)).collect()
        })
        .collect()
}

/// By seat and type of its actor, the availability of its options: in reality conditions are read
/// at the true types of others, in imagination as the actor sees them.
fn open(board: &Board, world: &World, minds: &[Vec<Mind>], real: bool) -> Vec<Vec<Vec<f64>>> {
    let true_starts = |mind: &Mind| {
        let kinds = world.truth_except(board, mind.actor, mind.kind);
        Start::new(board, world, View::of_types(board, &kinds))
    };
    let real = real && !board.model.private.is_empty();
    let starts: Vec<Vec<Start>> = match real {
        true => minds.iter().map(|kinds| kinds.iter().map(true_starts).collect()).collect(),
        false => Vec::new(),
    };
    let seats = board.model.seats.iter().enumerate();
    seats
        .map(|(number, seat)| {
            let kinds = minds[seat.actor].iter().enumerate();
            let start = |kind: usize, mind: &Mind| match real {
                true => availability(&starts[seat.actor][kind], number),
                false => availability(&mind.start, number),
            };
            kinds.map(|(kind, mind)| start(kind, mind)).collect()
        })
        .collect()
}

/// By seat and type of its actor, how far each option is really available at a world.
pub(super) fn open_options(board: &Board, world: &World) -> Vec<Vec<Vec<f64>>> {
    open(board, world, &minds(board, world), true)
}

impl Deliberation<'_> {
    fn level_zero(&self) -> Play {
        let seats = self.open.iter().enumerate();
        seats
            .map(|(seat, kinds)| {
                let actor = self.board.model.seats[seat].actor;
                let mixes = kinds.iter().zip(&self.minds[actor]);
                mixes.map(|(open, mind)| without_thought(&mind.start, seat, open)).collect()
            })
            .collect()
    }

    fn decision(&self, seat: usize) -> &Decision {
        &self.board.arm.decisions[self.board.model.seats[seat].actor]
    }

    /// A seat's reply, as one type, to what everyone is predicted to play.
    fn reply(
        &self,
        seat: usize,
        kind: usize,
        play: &Play,
    ) -> Result<(Vec<f64>, Vec<Worth>), Failure> {
        let decision = self.decision(seat);
        let mind = &self.minds[self.board.model.seats[seat].actor][kind];
        let open = &self.open[seat][kind];
        let horizon = decision.foresight.min(self.horizon);
        let unavailable = || Worth {
            parts: vec![f64::NAN; self.board.model.names.components.len()],
            later: 0.0,
            utility: f64::NAN,
        };
        let mut worths = Vec::with_capacity(open.len());
        for (option, worth) in mind.worths(play, seat, open, horizon).into_iter().enumerate() {
            match worth {
                Some(worth) if !worth.utility.is_finite() => {
                    return Err(self.failure(seat, option, worth.utility));
                }
                worth => worths.push(worth.unwrap_or_else(unavailable)),
            }
        }
        let precision = decision
            .precision
            .as_ref()
            .map_or(1.0, |p| value(p, &Parameters(&mind.start.view.parameters)));
        let utilities: Vec<f64> = worths.iter().map(|w| w.utility).collect();
        Ok((reply(decision, precision, &utilities, open), worths))
    }

    fn failure(&self, seat: usize, option: usize, value: f64) -> Failure {
        let model = self.board.model;
        let seat = &model.seats[seat];
        let actor = &model.names.actors[seat.actor];
        let name = model.option_label(seat.first + option);
        Failure {
            run: 0,
            round: self.world.round + 1,
            cell: format!("utility[{actor}]"),
            place: model.payoffs[seat.actor].first().map_or(0, |p| p.value.span.start),
            reason: format!("the utility of `{name}` to {actor} is {value}"),
        }
    }

    /// The replies of some seats to a play; the others keep what they have.
    fn replies(
        &self,
        play: &Play,
        wanted: impl Fn(usize) -> bool,
        mut keep: impl FnMut(usize, usize, Vec<f64>, Vec<Worth>),
    ) -> Result<(), Failure> {
        for seat in 0..self.open.len() {
            if !self.decision(seat).deliberates() || !wanted(seat) {
                continue;
            }
            for kind in 0..self.open[seat].len() {
                let (mix, worths) = self.reply(seat, kind, play)?;
                keep(seat, kind, mix, worths);
            }
        }
        Ok(())
    }

    /// Level k replies to level k − 1; every seat is followed up to the highest level anyone
    /// reasons at, for all of them predict all others.
    fn fixed_levels(&self, start: &Play, settled: &mut Settled) -> Result<(), Failure> {
        let level_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Level(level) => Some(level),
            _ => None,
        };
        let Some(top) = (0..self.open.len()).filter_map(level_of).max() else { return Ok(()) };
        let mut below = start.clone();
        for level in 1..=top {
            let mut next = below.clone();
            // at the top only those that reason so far need a reply
            let wanted = |seat| level < top || level_of(seat) == Some(level);
            self.replies(&below, wanted, |seat, kind, mix, worths| {
                if level_of(seat) == Some(level) {
                    settled.own[seat][kind].clone_from(&mix);
                    settled.play[seat][kind].clone_from(&mix);
                    settled.worths[seat][kind] = worths;
                }
                next[seat][kind] = mix;
            })?;
            below = next;
        }
        Ok(())
    }

    /// Every actor's level is drawn once a run; level k replies to the mixture of lower levels in
    /// proportion to their probability (Camerer, Ho and Chong 2004).
    fn poisson_levels(
        &self,
        start: &Play,
        levels: &[usize],
        settled: &mut Settled,
    ) -> Result<(), Failure> {
        let mean_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Poisson(mean) => Some(mean),
            _ => None,
        };
        let mut means: Vec<f64> = Vec::new();
        for mean in (0..self.open.len()).filter_map(mean_of) {
            if !means.contains(&mean) {
                means.push(mean);
            }
        }
        for mean in means {
            let shares = poisson_levels(mean);
            let mut all = vec![(start.clone(), settled.worths.clone())];
            for level in 1..shares.len() {
                let mixture = mixture(&all, &shares[..level]);
                let (mut next, mut worth) = (start.clone(), settled.worths.clone());
                self.replies(
                    &mixture,
                    |_| true,
                    |seat, kind, mix, worths| {
                        next[seat][kind] = mix;
                        worth[seat][kind] = worths;
                    },
                )?;
                all.push((next, worth));
            }
            let average = mixture(&all, &shares);
            for seat in (0..self.open.len()).filter(|s| mean_of(*s) == Some(mean)) {
                settled.play[seat].clone_from(&average[seat]);
                match levels.get(self.board.model.seats[seat].actor) {
                    Some(level) => {
                        let (mixes, worths) = &all[(*level).min(all.len() - 1)];
                        settled.own[seat].clone_from(&mixes[seat]);
                        settled.worths[seat].clone_from(&worths[seat]);
                    }
                    None => settled.own[seat].clone_from(&average[seat]),
                }
            }
        }
        Ok(())
    }

    /// Mutual replies by damped iteration from level 0.
    fn equilibrium(&self, start: &Play, settled: &mut Settled) -> Result<(), Failure> {
        let seeks = |seat: usize| self.decision(seat).reasoning == Reasoning::Equilibrium;
        if !(0..self.open.len()).any(seeks) {
            return Ok(());
        }
        let mut play = start.clone();
        let mut worths = settled.worths.clone();
        for step in 0..=STEPS {
            let mut answer = play.clone();
            self.replies(
                &play,
                |_| true,
                |seat, kind, mix, worth| {
                    answer[seat][kind] = mix;
                    worths[seat][kind] = worth;
                },
            )?;
            let residual = distance(&answer, &play);
            if residual <= CONVERGED {
                break;
            }
            if step == STEPS {
                settled.residual = Some(residual);
                break;
            }
            let damping = 0.5 / f64::from(1_u32 << (step / HALVING));
            for (mix, target) in flat(&mut play).zip(answer.iter().flatten().flatten()) {
                *mix += damping * (target - *mix);
            }
        }
        for seat in (0..self.open.len()).filter(|s| seeks(*s)) {
            settled.play[seat].clone_from(&play[seat]);
            settled.own[seat].clone_from(&play[seat]);
            settled.worths[seat].clone_from(&worths[seat]);
        }
        Ok(())
    }
}

fn flat(play: &mut Play) -> impl Iterator<Item = &mut f64> {
    play.iter_mut().flatten().flatten()
}

/// The greatest difference between two plays.
fn distance(a: &Play, b: &Play) -> f64 {
    let pairs = a.iter().flatten().flatten().zip(b.iter().flatten().flatten());
    pairs.fold(0.0, |most, (x, y)| math::maximum(most, (x - y).abs()))
}

/// Levels mixed in proportion to their shares.
fn mixture(levels: &[(Play, Vec<Vec<Vec<Worth>>>)], shares: &[f64]) -> Play {
    let mut sum = 0.0;
    for share in shares {
        sum += share;
    }
    let mut mixed = levels[0].0.clone();
    for share in flat(&mut mixed) {
        *share = 0.0;
    }
    for ((play, _), share) in levels.iter().zip(shares) {
        for (total, p) in flat(&mut mixed).zip(play.iter().flatten().flatten()) {
            *total += share / sum * p;
        }
    }
    mixed
}
