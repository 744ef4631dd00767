//! The scenario `flagship.toml` beside this file (arm `base`) as a program of its own, written by
//! hand for speed. The file is `pyongyang-pact` as it was then; what is shipped may change.
//!
//! What the scenario file says is here in plain Rust: constants for parameters, an array of numbers
//! for the state, a function for every seat. Nothing is interpreted or allocated while a run is
//! played, and what does not depend on an option is worked out once for all of them. It plays one
//! run at a time. A batch engine has to be compared with this, not with an interpreter.
//!
//! The order of sums differs from that of the program, so results agree to rounding only; `check`
//! measures how far.

#[path = "flagship/allies.rs"]
mod allies;
#[path = "flagship/china.rs"]
mod china;
#[path = "flagship/drift.rs"]
mod drift;
#[path = "flagship/luck.rs"]
mod luck;
#[path = "flagship/minds.rs"]
mod minds;
#[path = "flagship/numbers.rs"]
mod numbers;
#[path = "flagship/options.rs"]
mod options;
#[path = "flagship/partners.rs"]
mod partners;
#[path = "flagship/reasons.rs"]
mod reasons;
#[path = "flagship/world.rs"]
mod world;

use detente::rng::{Seed, Stream};
use drift::drift;
pub use luck::Slots;
use luck::*;
use minds::Eyes;
use numbers::*;
use options::*;
use partners::presence;
use reasons::{Plans, learned, settle};
use world::*;

/// How many rounds a run has at most.
const ROUNDS: u32 = 24;

/// The outcomes that are measured, by their names in the scenario.
pub const OUTCOMES: [&str; 12] = [
    "china_utility",
    "crises",
    "war_ever",
    "missile_tests",
    "russia_share",
    "korean_tension_mean",
    "us_belief_final",
    "presence_mean",
    "taiwan_shocks",
    "interventions",
    "collapse_ever",
    "bloc_ever",
];

/// A value for every entry of [`OUTCOMES`].
pub type Outcomes = [f64; OUTCOMES.len()];

/// What some runs come to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// How many runs there were.
    pub runs: usize,
    /// The sums of their outcomes.
    pub sums: Outcomes,
}

impl Totals {
    /// The means of all outcomes.
    pub fn means(&self) -> Outcomes {
        self.sums.map(|sum| sum / self.runs as f64)
    }
}

/// Plays `runs` consecutive runs from number `first` on.
pub fn play(seed: u64, first: u64, runs: usize) -> Totals {
    let known = Known::new();
    let mut totals = Totals { runs, ..Totals::default() };
    for run in first..first + runs as u64 {
        let found = play_one(&known, &mut Quick::new(seed, run));
        for (sum, value) in totals.sums.iter_mut().zip(found) {
            *sum += value;
        }
    }
    totals
}

/// Plays one run with the random numbers that the program reads: for comparison only.
pub fn play_alike(slots: &Slots, seed: u64, run: u64) -> Outcomes {
    play_one(&Known::new(), &mut Addressed(Stream::new(Seed(seed), run), slots))
}

/// How many of some runs come out as the program has them, to nine digits, and the greatest
/// difference among those; `theirs` is what the program has, by run from `first` on.
pub fn check(slots: &Slots, seed: u64, first: u64, theirs: &[Outcomes]) -> (usize, f64) {
    let (mut alike, mut greatest) = (0, 0.0_f64);
    for (run, theirs) in (first..).zip(theirs) {
        let ours = play_alike(slots, seed, run);
        let apart = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / b.abs().max(1.0));
        let apart = apart.fold(0.0, f64::max);
        if apart < 1e-9 {
            alike += 1;
            greatest = greatest.max(apart);
        }
    }
    (alike, greatest)
}

/// The first whose cumulative probability exceeds a uniform number, else the last.
#[inline(always)]
fn pick(mix: &[f64], uniform: f64) -> usize {
    let mut sum = 0.0;
    for at in 0..mix.len() {
        sum += mix[at];
        if sum > uniform {
            return at;
        }
    }
    mix.len() - 1
}

/// What happened in a round.
struct Happened {
    crisis: [bool; PAIRS],
    war: [bool; PAIRS],
    shock: bool,
    collapse: bool,
    intervention: bool,
    offer: bool,
    handover: [bool; 3],
}

/// Decides what happens at a state.
fn decide(known: &Known, world: &World, z: &Cells, luck: &mut impl Luck) -> Happened {
    let round = world.round;
    let held = brake(z[DETERRENT], z[TREATY]);
    let (mut crisis, mut war) = ([false; PAIRS], [false; PAIRS]);
    for pair in 0..PAIRS {
        let chance = crisis_chance(known, pair, z[pair]);
        crisis[pair] = luck.event(round, pair) < chance;
        if world.aftermath[pair] > 0.0 {
            let hazard = war_hazard(pair, CRISIS_KEEP * world.aftermath[pair], z[pair]);
            let chance = 1.0 - exp(-if pair >= PRK { held * hazard } else { hazard });
            war[pair] = luck.event(round, WAR + pair) < chance;
        }
    }
    let honoured = (z[TREATY] * (1.0 + RENEGE_COST * (1.0 - z[TREATY]))).min(1.0);
    let honoured = UNBOUND_HELP + (1.0 - UNBOUND_HELP) * honoured;
    let mut open =
        |at: usize, chance: f64| !world.spent[at] && luck.event(round, HANDOVER + at) < chance;
    let usa = if round == USA_HANDOVER { USA_TURNOVER } else { 0.0 };
    let handover = [open(0, usa), open(1, ROK_TURNOVER), open(2, JPN_TURNOVER)];
    Happened {
        crisis,
        war,
        shock: luck.event(round, SHOCK) < known.shock,
        collapse: luck.event(round, COLLAPSE) < 1.0 - exp(-collapse_hazard(z[REGIME])),
        intervention: world.war_in_korea && luck.event(round, INTERVENTION) < honoured,
        offer: luck.event(round, OFFER) < OFFER_RATE,
        handover,
    }
}

fn weight(happened: bool) -> f64 {
    f64::from(u8::from(happened))
}

/// What happened changes the world.
fn strike(world: &mut World, happened: &Happened) {
    let [usa, rok, jpn] = happened.handover;
    let handover = [weight(usa), weight(rok), weight(jpn)];
    let news = News { shock: weight(happened.shock), handover };
    let z = &mut world.cells;
    for pair in 0..PAIRS {
        let (crisis, war) = (weight(happened.crisis[pair]), weight(happened.war[pair]));
        z[pair] = struck(z[pair], war, crisis, news.tension(pair));
        world.aftermath[pair] =
            if happened.crisis[pair] { 1.0 } else { CRISIS_KEEP * world.aftermath[pair] };
    }
    z[TAIWAN] = unit(z[TAIWAN] + TAIWAN_JOLT * news.shock);
    z[A_CK] = unit(z[A_CK] + news.with_seoul());
    z[A_CU] = unit(z[A_CU] + news.with_washington());
    z[A_UK] = unit(z[A_UK] + news.cohesion(ROK));
    z[A_UJ] = unit(z[A_UJ] + news.cohesion(JPN));
    z[A_KJ] = unit(z[A_KJ] + news.of_clients());
    for (spent, happened) in world.spent.iter_mut().zip(happened.handover) {
        *spent |= happened;
    }
    world.offered = happened.offer;
    world.war_in_korea = happened.war[PK] || happened.war[PJ] || happened.war[PU];
}

/// What the round is worth to China, before costs.
fn china_payoff(world: &World, happened: &Happened, revisionist: bool, mediated: bool) -> f64 {
    let z = &world.cells;
    let (bloc, type_) = (weight(world.bloc), weight(revisionist));
    let korean = (z[PK] + z[PJ] + z[PU]) / 3.0;
    let arms = z[POSTURE..POSTURE + 6].iter().sum::<f64>() / 6.0;
    let peace = (1.0 - INDIFFERENCE * type_) * korean;
    let fear = STABILITY * peace
        + PRESENCE_FEAR * presence(z) * (1.0 + TAIWAN_FOCUS * z[TAIWAN])
        + ARMS_FEAR * arms
        + ENTRAPMENT * bloc * peace
        + BUFFER_LOSS * collapse_hazard(z[REGIME]);
    let mut crises = 0.0;
    for j in 0..3 {
        crises += weight(happened.crisis[CHN + j]) + 0.5 * weight(happened.crisis[PRK + j]);
    }
    let war = weight(happened.war.contains(&true));
    let lost =
        CRISIS_LOSS[0] * crises + WAR_LOSS[0] * war + BUFFER_LOSS * weight(happened.collapse);
    let security =
        STAKE * (COMFORT * z[P_C] + BLOC_SHIELD * bloc * z[CU] - CAUTION * fear) - CAUTION * lost;
    let credence = 1.0 - suspicion(world.belief, z[ASSOCIATION]);
    let economy = STAKE
        * HARDSHIP
        * (OIL_VALUE * z[OIL]
            + DUAL_VALUE * z[DUAL]
            + ACCESS_VALUE * z[ACCESS]
            + MARKET_VALUE * credence
            - CAUTION * SANCTION_BITE * z[SANCTIONS]
            - BURDEN_CHN * z[PATRON_C]);
    let share = share_in(z);
    let leverage = leverage_at(share);
    let voice = 1.0 - (1.0 - leverage) * (1.0 - z[A_CK]);
    let income = MEDIATION_FEE * leverage * z[PK] * (1.0 - z[PK]) * weight(mediated);
    let influence = STAKE
        * (SHARE_CHN * (1.0 - share) - CAUTION * RED_LOSS * alarm_at(share)
            + SYMPATHY * z[A_CP]
            + VOICE_VALUE * voice
            + (PARTNER_VALUE + SOLIDARITY * type_) * z[A_CR]
            + SOLIDARITY * type_ * z[DUAL])
        + income;
    SECURITY[0] * security + ECONOMY[0] * economy + INFLUENCE * influence
}

/// Every seat's choice.
fn choose(plans: &Plans, kind: usize, round: u32, luck: &mut impl Luck) -> [usize; 16] {
    let mut choices = [0; 16];
    for seat in 0..16 {
        let (from, to) = (SEAT[seat], SEAT[seat + 1]);
        let mix = if seat < 3 { &plans.china[kind][from..to] } else { &plans.others[from..to] };
        choices[seat] = from + pick(mix, luck.choice(round, seat));
    }
    choices
}

/// One round; returns what China gets, what happened, and the choices.
fn play_round(
    known: &Known,
    world: &mut World,
    kind: usize,
    luck: &mut impl Luck,
) -> (f64, Happened, [usize; 16]) {
    let eyes = Eyes::new(known, world);
    let plans = settle(&eyes);
    let choices = choose(&plans, kind, world.round, luck);
    let mut raw = world.cells;
    for option in choices {
        eyes.act(&mut raw, option, 1.0);
    }
    let [a, b, c, ..] = choices;
    let [good, bad] = &plans.china;
    let likelihoods = [good[a] * good[b] * good[c], bad[a] * bad[b] * bad[c]];
    let costs = eyes.cost[a] + eyes.cost[b] + eyes.cost[c];
    let z = drift(&in_range(&raw), world.belief, &luck.noise(world.round));
    let happened = decide(known, world, &z, luck);
    world.cells = z;
    world.belief = learned(world.belief, likelihoods);
    world.bloc |= choices[1] == JOIN_BLOC;
    strike(world, &happened);
    let mediated = choices[1] == MEDIATE;
    let utility = china_payoff(world, &happened, kind == 1, mediated) - costs;
    world.round += 1;
    (utility, happened, choices)
}

/// One run.
fn play_one(known: &Known, luck: &mut impl Luck) -> Outcomes {
    let mut world = World::new();
    let kind = usize::from(luck.kind() >= TRUE_ODDS);
    let mut found = Outcomes::default();
    while world.round <= ROUNDS {
        let (utility, happened, choices) = play_round(known, &mut world, kind, luck);
        let z = &world.cells;
        found[0] += utility;
        found[1] += happened.crisis.iter().filter(|crisis| **crisis).count() as f64;
        found[2] = found[2].max(weight(happened.war.contains(&true)));
        found[3] += weight(choices[6] == MISSILE_TEST);
        found[4] += share_in(z);
        found[5] += (z[PK] + z[PJ] + z[PU]) / 3.0;
        found[6] = world.belief;
        found[7] += presence(z);
        found[8] += weight(happened.shock);
        found[9] += weight(happened.intervention);
        if happened.collapse {
            found[10] = 1.0;
            break;
        }
    }
    let rounds = f64::from(world.round - 1);
    for mean in [4, 5, 7] {
        found[mean] /= rounds;
    }
    found[11] = weight(world.bloc);
    found
}
