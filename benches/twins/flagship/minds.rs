//! What options are worth: for every seat, the utility of each option up to what they share.
//!
//! An option is worth what a round would come to in which everyone else, and the actor's other
//! seats, play as predicted. That round is worked out once ([`Mean`]); a seat is then taken out of
//! it and each of its options put in its place. Only what the options of the seat differ in is
//! worked out again: what they have in common does not change a choice.

use super::numbers::*;
use super::world::*;

/// What is the same for everybody who thinks in this round.
pub struct Eyes<'a> {
    pub known: &'a Known,
    pub world: &'a World,
    pub news: News,
    pub factors: Factors,
    /// What options cost, in utility.
    pub cost: [f64; OPTIONS],
    /// The pairs with a recent crisis, and how recent: wars grow from them.
    hot: [(usize, f64); PAIRS],
    count: usize,
    /// Whether North Korea is in one of them.
    korea: bool,
}

impl<'a> Eyes<'a> {
    pub fn new(known: &'a Known, world: &'a World) -> Eyes<'a> {
        let x = &world.cells;
        let mut eyes = Eyes {
            known,
            world,
            news: News::expected(known, world),
            factors: factors(x),
            cost: [0.0; OPTIONS],
            hot: [(0, 0.0); PAIRS],
            count: 0,
            korea: false,
        };
        for option in 0..OPTIONS {
            let (cost, relief) = COST[option];
            eyes.cost[option] = cost * (1.0 - relief * x[TREATY]);
        }
        for pair in 0..PAIRS {
            let aftermath = world.aftermath[pair];
            if aftermath > 0.0 {
                eyes.hot[eyes.count] = (pair, CRISIS_KEEP * aftermath);
                eyes.count += 1;
                eyes.korea |= pair >= PRK;
            }
        }
        eyes
    }

    /// Adds what an option does, with a weight, to sums that are not yet moved into range.
    #[inline(always)]
    pub fn act(&self, raw: &mut Cells, option: usize, weight: f64) {
        for &(cell, step, factor) in EFFECTS[option] {
            raw[cell] += weight * (step * self.factors[factor]);
        }
    }

    /// The crises of some pairs and the hazards of war at tensions, where they differ from those
    /// of another climate.
    #[inline(always)]
    fn climate<const N: usize>(
        &self,
        tension: [f64; PAIRS],
        pairs: [usize; N],
        from: &Climate,
    ) -> Climate {
        let mut climate = Climate { tension, crisis: [0.0; PAIRS], hazard: [0.0; PAIRS] };
        for pair in pairs {
            climate.crisis[pair] = match tension[pair] == from.tension[pair] {
                true => from.crisis[pair],
                false => crisis_chance(self.known, pair, tension[pair]),
            };
        }
        for &(pair, aftermath) in &self.hot[..self.count] {
            climate.hazard[pair] = match tension[pair] == from.tension[pair] {
                true => from.hazard[pair],
                false => war_hazard(pair, aftermath, tension[pair]),
            };
        }
        climate
    }

    /// The chance that there is a war at all.
    #[inline(always)]
    fn war(&self, climate: &Climate, brake: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let mut sum = 0.0;
        for &(pair, _) in &self.hot[..self.count] {
            sum += if pair >= PRK { brake * climate.hazard[pair] } else { climate.hazard[pair] };
        }
        1.0 - exp(-sum)
    }

    /// The brake, where there is something to hold.
    #[inline(always)]
    fn brake(&self, deterrent: f64, treaty: f64) -> f64 {
        if self.korea { brake(deterrent, treaty) } else { 1.0 }
    }

    /// The chance of a war of a pair, and its tension in the end.
    #[inline(always)]
    fn end(&self, pair: usize, climate: &Climate, brake: f64) -> (f64, f64) {
        let hazard = climate.hazard[pair] * if pair >= PRK { brake } else { 1.0 };
        let war = if hazard > 0.0 { 1.0 - exp(-hazard) } else { 0.0 };
        let news = self.news.tension(pair);
        (war, struck(climate.tension[pair], war, climate.crisis[pair], news))
    }

    fn suspicion(&self, association: f64) -> f64 {
        suspicion(self.world.belief, association)
    }
}

/// How tense it is before nature strikes, and what grows from it.
#[derive(Clone, Copy)]
pub struct Climate {
    tension: [f64; PAIRS],
    /// The chance of a crisis, of the pairs that matter.
    crisis: [f64; PAIRS],
    /// The hazard of war, but for the brake of North Korea.
    hazard: [f64; PAIRS],
}

impl Climate {
    /// Nothing is known yet.
    const UNKNOWN: Climate =
        Climate { tension: [f64::NAN; PAIRS], crisis: [0.0; PAIRS], hazard: [0.0; PAIRS] };
}

/// The pairs of North Korea.
const NORTH: [usize; 3] = [PK, PJ, PU];
/// Those of China.
const CHINESE: [usize; 3] = [CK, CJ, CU];
/// Those of either.
const NEAR: [usize; 6] = [CK, CJ, CU, PK, PJ, PU];

/// The round as predicted, with everyone's mixes.
pub struct Mean {
    /// After what is chosen, before it is moved into range.
    raw: Cells,
    acted: Cells,
    /// Before nature.
    next: Cells,
    /// The weight with which China is in the bloc.
    bloc: f64,
}

impl Mean {
    pub fn new(eyes: &Eyes, raw: Cells, joins: f64) -> Mean {
        let acted = in_range(&raw);
        let next = drift(&acted, eyes.world.belief, &[0.0; PAIRS + 1]);
        let bloc = if eyes.world.bloc { 1.0 } else { joins };
        Mean { raw, acted, next, bloc }
    }

    /// The climate in Korea, with everyone's mixes.
    pub fn climate(&self, eyes: &Eyes) -> Climate {
        let mut tension = [0.0; PAIRS];
        tension.copy_from_slice(&self.next[..PAIRS]);
        eyes.climate(tension, NORTH, &Climate::UNKNOWN)
    }

    /// The brake that others expect.
    fn brake(&self, eyes: &Eyes) -> f64 {
        eyes.brake(self.next[DETERRENT], self.next[TREATY])
    }
}

/// The predicted round without one seat, whose options take turns.
struct Turns<'a> {
    eyes: &'a Eyes<'a>,
    raw: Cells,
    acted: Cells,
}

impl<'a> Turns<'a> {
    #[inline(always)]
    fn new(eyes: &'a Eyes<'a>, mean: &Mean, first: usize, mix: &[f64]) -> Self {
        let mut turns = Turns { eyes, raw: mean.raw, acted: mean.acted };
        for at in 0..mix.len() {
            eyes.act(&mut turns.raw, first + at, -mix[at]);
        }
        for at in 0..mix.len() {
            for &(cell, ..) in EFFECTS[first + at] {
                turns.acted[cell] = unit(turns.raw[cell]);
            }
        }
        turns
    }

    /// What each option is worth, given what it is worth before its cost.
    #[inline(always)]
    fn worths<const N: usize>(
        &mut self,
        first: usize,
        mut gain: impl FnMut(usize, &Cells) -> f64,
    ) -> [f64; N] {
        let mut worths = [0.0; N];
        for at in 0..N {
            let effects = EFFECTS[first + at];
            for &(cell, step, factor) in effects {
                self.acted[cell] = unit(self.raw[cell] + step * self.eyes.factors[factor]);
            }
            worths[at] = gain(at, &self.acted) - self.eyes.cost[first + at];
            for &(cell, ..) in effects {
                self.acted[cell] = unit(self.raw[cell]);
            }
        }
        worths
    }
}

/// Logit choice.
#[inline(always)]
pub fn logit<const N: usize>(worths: [f64; N]) -> [f64; N] {
    let mut best = f64::NEG_INFINITY;
    for worth in worths {
        best = if worth > best { worth } else { best };
    }
    let (mut mix, mut sum) = ([0.0; N], 0.0);
    for at in 0..N {
        mix[at] = exp(SHARPNESS * (worths[at] - best));
        sum += mix[at];
    }
    let share = 1.0 / sum;
    for term in &mut mix {
        *term *= share;
    }
    mix
}

const WS: f64 = STAKE * SECURITY[2];
const WE: f64 = STAKE * ECONOMY[1];
const WI: f64 = STAKE * INFLUENCE;

/// What Russia gets, but for what hazards and trade bring: share, friends, upkeep.
#[inline(always)]
fn russia_with(mean: &Mean, a: &Cells) -> f64 {
    let patronage = next_russian_patronage(a);
    let lights = (mean.next[LIGHT_C], LIGHT_KEEP * a[LIGHT_R]);
    let share = share_of_russia((mean.next[PATRON_C], patronage), lights);
    let friends = PARTNER_VALUE * next_with_russia(a, share_in(a));
    WI * (SHARE_RUS * share + friends + PATRON_VALUE * next_of_partners(a))
        - WE * BURDEN_RUS * patronage
}

/// What Russia loses through wars in Korea, which its help makes more or less likely.
#[inline(always)]
fn russia_at_war(eyes: &Eyes, climate: &Climate, deterrent: f64, treaty: f64) -> f64 {
    if !eyes.korea {
        return 0.0;
    }
    let held = brake(deterrent, treaty);
    let mut korean = 0.0;
    for pair in NORTH {
        korean += eyes.end(pair, climate, held).1;
    }
    let quarrel = STAKE * STABILITY * INDIFFERENCE / 3.0 * korean;
    SECURITY[1] * (quarrel - WAR_LOSS[1] * eyes.war(climate, held))
}

pub fn russia_military(eyes: &Eyes, mean: &Mean, climate: &Climate, mix: &[f64]) -> [f64; 2] {
    Turns::new(eyes, mean, SEAT[3], mix).worths(SEAT[3], |_, a| {
        let wars = russia_at_war(eyes, climate, next_deterrent(a), mean.next[TREATY]);
        russia_with(mean, a) + wars
    })
}

pub fn russia_diplomacy(eyes: &Eyes, mean: &Mean, climate: &Climate, mix: &[f64]) -> [f64; 4] {
    let deterrent = mean.next[DETERRENT];
    Turns::new(eyes, mean, SEAT[4], mix).worths(SEAT[4], |_, a| {
        let treaty = next_treaty(a);
        let wars = russia_at_war(eyes, climate, deterrent, treaty);
        russia_with(mean, a) + SECURITY[1] * STAKE * TREATY_VALUE * treaty + wars
    })
}

pub fn russia_economy(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 3] {
    Turns::new(eyes, mean, SEAT[5], mix)
        .worths(SEAT[5], |_, a| russia_with(mean, a) + WE * REVENUE * next_oil(a))
}

/// What North Korea makes of tension: what it fears, and crises and wars.
#[inline(always)]
fn north_in_danger(eyes: &Eyes, near: f64, climate: &Climate, held: f64, treaty: f64) -> f64 {
    let (mut crises, mut wars, mut korean) = (0.0, 0.0, 0.0);
    for pair in NORTH {
        let (war, tension) = eyes.end(pair, climate, held);
        crises += climate.crisis[pair];
        wars += war;
        korean += tension;
    }
    let open = 1.0 - COVER * treaty;
    let fear = STAKE * FEAR * (near + korean / 3.0);
    -SECURITY[2] * (open * (fear + CRISIS_LOSS[2] * crises) + WAR_LOSS[2] * wars)
}

/// The strength of the allies around North Korea.
#[inline(always)]
pub fn presence(z: &Cells) -> f64 {
    PRESENCE_WEIGHT[0] * z[P_K]
        + PRESENCE_WEIGHT[1] * z[P_J]
        + PRESENCE_WEIGHT[2] * z[P_U]
        + PRESENCE_THREE * z[THREE]
}

/// How North Korea feels about depending on China.
#[inline(always)]
fn north_dependent(mean: &Mean, china: f64, russia: f64) -> f64 {
    let lights = (mean.next[LIGHT_C], mean.next[LIGHT_R]);
    let share = 1.0 - share_of_russia((china, russia), lights);
    WE * AID_VALUE * (china + russia) - WI * AUTONOMY * share * share
}

pub fn north_military(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 3] {
    let (near, treaty) = (presence(&mean.next), mean.next[TREATY]);
    let mut turns = Turns::new(eyes, mean, SEAT[6], mix);
    let calm = eyes.climate(next_tension(&turns.acted), NORTH, &Climate::UNKNOWN);
    turns.worths(SEAT[6], |at, a| {
        let deterrent = next_deterrent(a);
        let climate = eyes.climate(next_tension(a), NORTH, &calm);
        let shown = if at < 2 { INFLUENCE * DEFIANCE } else { 0.0 };
        north_in_danger(eyes, near, &climate, eyes.brake(deterrent, treaty), treaty)
            + WS * (DETERRENCE * deterrent + REGIME_VALUE * next_regime(a))
            + WI * SYMPATHY * next_with_north(a)
            + shown
    })
}

pub fn north_diplomacy(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 5] {
    let (near, deterrent) = (presence(&mean.next), mean.next[DETERRENT]);
    let mut turns = Turns::new(eyes, mean, SEAT[7], mix);
    let calm = eyes.climate(next_tension(&turns.acted), NORTH, &Climate::UNKNOWN);
    turns.worths(SEAT[7], |_, a| {
        let treaty = next_treaty(a);
        let climate = eyes.climate(next_tension(a), NORTH, &calm);
        north_in_danger(eyes, near, &climate, eyes.brake(deterrent, treaty), treaty)
            + WS * (SHIELD * treaty + REGIME_VALUE * next_regime(a))
            + north_dependent(mean, next_chinese_patronage(a), next_russian_patronage(a))
            + WI * SYMPATHY * next_with_north(a)
    })
}

pub fn north_economy(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 2] {
    Turns::new(eyes, mean, SEAT[8], mix).worths(SEAT[8], |_, a| {
        WS * REGIME_VALUE * next_regime(a)
            + WE * SHELL_PAY * next_shells(a)
            + north_dependent(mean, mean.next[PATRON_C], next_russian_patronage(a))
    })
}

/// The crises of an ally at the tensions of a state, where they are not those of another climate.
#[inline(always)]
fn climate_of_ally(eyes: &Eyes, a: &Cells, ally: usize, from: &Climate) -> Climate {
    eyes.climate(next_tension(a), [CHN + ally, 3 + ally, PRK + ally], from)
}

/// The tension of an ally with North Korea in the end, that with China, and what it loses through
/// crises and wars.
#[inline(always)]
fn ally_in_danger(eyes: &Eyes, climate: &Climate, held: f64, ally: usize) -> (f64, f64, f64) {
    let (china, north) = (CHN + ally, PRK + ally);
    let with_north = eyes.end(north, climate, held).1;
    // only Washington minds its tension with China
    let with_china = if ally == USA { eyes.end(china, climate, held).1 } else { 0.0 };
    let crises = climate.crisis[china] + climate.crisis[3 + ally] + climate.crisis[north];
    let war = eyes.war(climate, held);
    (with_north, with_china, SECURITY[2] * (CRISIS_LOSS[2] * crises + WAR_LOSS[2] * war))
}

/// The part of the threat to an ally that is not its own quarrel with North Korea.
#[inline(always)]
fn standing_threat(eyes: &Eyes, mean: &Mean, ally: usize) -> f64 {
    backing(mean.next[TREATY]) * mean.next[DETERRENT]
        + THREAT_CHINA[ally] * eyes.suspicion(mean.next[ASSOCIATION])
}

/// The alliance with Washington in the end.
#[inline(always)]
fn cohesion(eyes: &Eyes, a: &Cells, client: usize) -> f64 {
    unit(next_cohesion(a, client, eyes.world.belief) + eyes.news.cohesion(client))
}

/// A client's security and alliance in a danger, with its own forces and trilateral cooperation.
#[inline(always)]
fn client_with(
    danger: (f64, f64, f64),
    client: usize,
    (standing, own, cohesion): (f64, f64, f64),
    (american, three): (f64, f64),
) -> f64 {
    let (tension, _, lost) = danger;
    let threat = THREAT_TENSION * tension + standing;
    let umbrella =
        SHIELD_OWN[client] * own + SHIELD_US * american * cohesion + SHIELD_THREE * three;
    -WS * (EXPOSURE[client] * threat * (1.0 - umbrella) + DREAD * tension) - lost
        + WI * ALLY_VALUE * cohesion
}

pub fn client_military(eyes: &Eyes, mean: &Mean, client: usize, mix: &[f64]) -> [f64; 3] {
    let first = SEAT[9 + 2 * client];
    let (standing, held) = (standing_threat(eyes, mean, client), mean.brake(eyes));
    let mut turns = Turns::new(eyes, mean, first, mix);
    let calm = climate_of_ally(eyes, &turns.acted, client, &Climate::UNKNOWN);
    turns.worths(first, |_, a| {
        let climate = climate_of_ally(eyes, a, client, &calm);
        let danger = ally_in_danger(eyes, &climate, held, client);
        let own = (standing, next_posture(a, 3 + client), cohesion(eyes, a, client));
        let partners = unit(next_of_clients(a) + eyes.news.of_clients());
        client_with(danger, client, own, (mean.next[P_U], next_three(a)))
            + WI * 0.5 * ALLY_VALUE * partners
    })
}

pub fn client_diplomacy(eyes: &Eyes, mean: &Mean, client: usize, mix: &[f64]) -> [f64; 4] {
    let first = SEAT[10 + 2 * client];
    let (standing, held) = (standing_threat(eyes, mean, client), mean.brake(eyes));
    let (own, others) = (mean.next[P_K + client], (mean.next[P_U], mean.next[THREE]));
    let mut turns = Turns::new(eyes, mean, first, mix);
    let calm = climate_of_ally(eyes, &turns.acted, client, &Climate::UNKNOWN);
    let usual = ally_in_danger(eyes, &calm, held, client);
    turns.worths(first, |at, a| {
        // an affirmation changes no tension
        let danger = match at {
            0 | 1 => ally_in_danger(eyes, &climate_of_ally(eyes, a, client, &calm), held, client),
            _ => usual,
        };
        let warmth = match client {
            ROK => unit(next_with_seoul(a) + eyes.news.with_seoul()),
            _ => next_with_tokyo(a),
        };
        client_with(danger, client, (standing, own, cohesion(eyes, a, client)), others)
            + WE * WARMTH[client] * warmth
    })
}

/// What Washington makes of a danger, with its forces and trilateral cooperation.
#[inline(always)]
fn america_with(danger: (f64, f64, f64), standing: f64, own: f64, three: f64) -> f64 {
    let (north, china, lost) = danger;
    let threat = THREAT_TENSION * north + standing;
    let defence = SHIELD_OWN[USA] * own + SHIELD_THREE * three;
    -WS * (EXPOSURE[USA] * threat * (1.0 - defence) + DREAD * (north + china)) - lost
}

pub fn america_military(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 5] {
    let (standing, held) = (standing_threat(eyes, mean, USA), mean.brake(eyes));
    let mut turns = Turns::new(eyes, mean, SEAT[13], mix);
    let calm = climate_of_ally(eyes, &turns.acted, USA, &Climate::UNKNOWN);
    turns.worths(SEAT[13], |_, a| {
        let danger = ally_in_danger(eyes, &climate_of_ally(eyes, a, USA, &calm), held, USA);
        let allies = cohesion(eyes, a, ROK) + cohesion(eyes, a, JPN);
        america_with(danger, standing, next_posture(a, 5), next_three(a)) + WI * ALLY_VALUE * allies
    })
}

pub fn america_diplomacy(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 5] {
    let (standing, held) = (standing_threat(eyes, mean, USA), mean.brake(eyes));
    let (own, three) = (mean.next[P_U], mean.next[THREE]);
    let mut turns = Turns::new(eyes, mean, SEAT[14], mix);
    let calm = climate_of_ally(eyes, &turns.acted, USA, &Climate::UNKNOWN);
    let usual = america_with(ally_in_danger(eyes, &calm, held, USA), standing, own, three);
    turns.worths(SEAT[14], |at, a| {
        // to consult an ally, or to hold, changes no tension
        let security = match at {
            0 | 3 => {
                let climate = climate_of_ally(eyes, a, USA, &calm);
                america_with(ally_in_danger(eyes, &climate, held, USA), standing, own, three)
            }
            _ => usual,
        };
        let warmth = unit(next_with_washington(a) + eyes.news.with_washington());
        let allies = cohesion(eyes, a, ROK) + cohesion(eyes, a, JPN);
        security + WE * WARMTH[USA] * warmth + WI * ALLY_VALUE * allies
    })
}

pub fn america_economy(eyes: &Eyes, mean: &Mean, climate: &Climate, mix: &[f64]) -> [f64; 2] {
    let tension = eyes.end(PU, climate, mean.brake(eyes)).1;
    let fixed = THREAT_TENSION * tension + backing(mean.next[TREATY]) * mean.next[DETERRENT];
    let defence = SHIELD_OWN[USA] * mean.next[P_U] + SHIELD_THREE * mean.next[THREE];
    Turns::new(eyes, mean, SEAT[15], mix).worths(SEAT[15], |_, a| {
        let doubt = eyes.suspicion(next_association(a));
        let threat = fixed + THREAT_CHINA[USA] * doubt;
        let warmth = unit(next_with_washington(a) + eyes.news.with_washington());
        // `parts_worry` is 1
        -WS * (EXPOSURE[USA] * threat * (1.0 - defence) + doubt * next_dual(a))
            + WE * WARMTH[USA] * warmth
    })
}

const CS: f64 = STAKE * SECURITY[0];
const CE: f64 = STAKE * HARDSHIP * ECONOMY[0];

/// What options are worth to both types of China: the responsible, the revisionist.
pub type Both<const N: usize> = [[f64; N]; 2];

#[inline(always)]
fn both<const N: usize>(plain: [f64; N], mut more: [f64; N]) -> Both<N> {
    for at in 0..N {
        more[at] += plain[at];
    }
    [plain, more]
}

/// China between its friends and Washington's judgement, as the responsible type, and what the
/// revisionist adds.
#[inline(always)]
fn china_trusted(a: &Cells, share: f64, belief: f64) -> (f64, f64) {
    let credence = belief * (1.0 - SPILL * next_association(a));
    let russia = next_with_russia(a, share);
    let common = CE * MARKET_VALUE * credence + WI * PARTNER_VALUE * russia;
    (common, WI * SOLIDARITY * russia)
}

pub fn china_military(eyes: &Eyes, mean: &Mean, mix: &[f64], beliefs: &[f64]) -> Both<3> {
    let share = share_in(&mean.acted);
    let held = mean.brake(eyes);
    let mut more = [0.0; 3];
    let mut turns = Turns::new(eyes, mean, SEAT[0], mix);
    let calm = eyes.climate(next_tension(&turns.acted), CHINESE, &Climate::UNKNOWN);
    let plain: [f64; 3] = turns.worths(SEAT[0], |at, a| {
        let climate = eyes.climate(next_tension(a), CHINESE, &calm);
        let with_washington = eyes.end(CU, &climate, held).1;
        let crises = climate.crisis[CK] + climate.crisis[CJ] + climate.crisis[CU];
        let war = eyes.war(&climate, held);
        let posture = next_posture(a, 0);
        let strength = COMFORT * posture - CAUTION * ARMS_FEAR * posture / 6.0;
        let (trusted, extra) = china_trusted(a, share, beliefs[at]);
        more[at] = extra;
        CS * (strength + BLOC_SHIELD * mean.bloc * with_washington)
            - SECURITY[0] * CAUTION * (CRISIS_LOSS[0] * crises + WAR_LOSS[0] * war)
            + trusted
    });
    both(plain, more)
}

/// China among quarrels: Korean tension, tension in Korea itself, with Washington; what crises and
/// wars cost.
#[derive(Clone, Copy)]
struct Quarrels {
    korean: f64,
    korea: f64,
    washington: f64,
    lost: f64,
}

fn china_in_danger(eyes: &Eyes, climate: &Climate, held: f64) -> Quarrels {
    let korea = eyes.end(PK, climate, held).1;
    let others = eyes.end(PJ, climate, held).1 + eyes.end(PU, climate, held).1;
    let crisis = &climate.crisis;
    let own = crisis[CK] + crisis[CJ] + crisis[CU];
    let crises = own + 0.5 * (crisis[PK] + crisis[PJ] + crisis[PU]);
    let war = eyes.war(climate, held);
    Quarrels {
        korean: (korea + others) / 3.0,
        korea,
        washington: eyes.end(CU, climate, held).1,
        lost: SECURITY[0] * CAUTION * (CRISIS_LOSS[0] * crises + WAR_LOSS[0] * war),
    }
}

/// The weight of Russia in Pyongyang: after what was chosen, in the end, and what China feels
/// about the latter.
#[derive(Clone, Copy)]
struct Rival {
    acted: f64,
    leverage: f64,
    loss: f64,
}

impl Rival {
    fn new(mean: &Mean, a: &Cells) -> Rival {
        let patrons = (next_chinese_patronage(a), next_russian_patronage(a));
        let share = share_of_russia(patrons, (LIGHT_KEEP * a[LIGHT_C], mean.next[LIGHT_R]));
        let loss = SHARE_CHN * share + CAUTION * RED_LOSS * alarm_at(share);
        Rival { acted: share_in(a), leverage: leverage_at(share), loss }
    }

    /// What China's say in both Koreas is worth to it, with Pyongyang's friendship.
    #[inline(always)]
    fn influence(&self, eyes: &Eyes, a: &Cells) -> f64 {
        let seoul = unit(next_with_seoul(a) + eyes.news.with_seoul());
        let voice = 1.0 - (1.0 - self.leverage) * (1.0 - seoul);
        WI * (SYMPATHY * next_with_north(a) + VOICE_VALUE * voice - self.loss)
    }

    /// What a mediation earns.
    #[inline(always)]
    fn income(&self, korea: f64) -> f64 {
        INFLUENCE * MEDIATION_FEE * self.leverage * korea * (1.0 - korea)
    }
}

pub fn china_diplomacy(eyes: &Eyes, mean: &Mean, mix: &[f64], beliefs: &[f64]) -> Both<9> {
    let first = SEAT[1];
    let mut turns = Turns::new(eyes, mean, first, mix);
    let held = mean.brake(eyes);
    let climate = eyes.climate(next_tension(&turns.acted), NEAR, &Climate::UNKNOWN);
    let calm = china_in_danger(eyes, &climate, held);
    let usual = Rival::new(mean, &turns.acted);
    let mut more = [0.0; 9];
    let plain: [f64; 9] = turns.worths(first, |at, a| {
        let option = first + at;
        let quarrels = match option {
            APPEAL | MEDIATE | JOIN_BLOC => {
                china_in_danger(eyes, &eyes.climate(next_tension(a), NEAR, &climate), held)
            }
            _ => calm,
        };
        let rival = if option == SUMMIT { Rival::new(mean, a) } else { usual };
        let bloc = if option == JOIN_BLOC || eyes.world.bloc { 1.0 } else { 0.0 };
        let mediated = if option == MEDIATE { rival.income(quarrels.korea) } else { 0.0 };
        let unrest = CS * CAUTION * (STABILITY + ENTRAPMENT * bloc) * quarrels.korean;
        let (trusted, extra) = china_trusted(a, rival.acted, beliefs[at]);
        more[at] = extra + INDIFFERENCE * unrest;
        CS * BLOC_SHIELD * bloc * quarrels.washington - unrest - quarrels.lost
            + trusted
            + rival.influence(eyes, a)
            + mediated
    });
    both(plain, more)
}

/// What the danger of a collapse in Pyongyang costs China.
fn china_at_the_border(a: &Cells) -> f64 {
    let hazard = collapse_hazard(next_regime(a));
    SECURITY[0] * CAUTION * BUFFER_LOSS * (STAKE * hazard + 1.0 - exp(-hazard))
}

/// `mediates`: the weight with which China mediates this round.
pub fn china_economy(
    eyes: &Eyes,
    mean: &Mean,
    climate: &Climate,
    mix: &[f64],
    beliefs: &[f64],
    mediates: f64,
) -> Both<6> {
    let first = SEAT[2];
    let mut turns = Turns::new(eyes, mean, first, mix);
    let korea = eyes.end(PK, climate, mean.brake(eyes)).1;
    let usual = (Rival::new(mean, &turns.acted), china_at_the_border(&turns.acted));
    let mut more = [0.0; 6];
    let plain: [f64; 6] = turns.worths(first, |at, a| {
        // only aid, given or cut, changes who feeds Pyongyang
        let (rival, border) = match first + at {
            AID | CUT_AID => (Rival::new(mean, a), china_at_the_border(a)),
            _ => usual,
        };
        let dual = next_dual(a);
        let trade = OIL_VALUE * next_oil(a) + DUAL_VALUE * dual + ACCESS_VALUE * next_access(a)
            - BURDEN_CHN * next_chinese_patronage(a);
        let (trusted, extra) = china_trusted(a, rival.acted, beliefs[at]);
        more[at] = extra + WI * SOLIDARITY * dual;
        CE * trade + trusted + rival.influence(eyes, a) + mediates * rival.income(korea) - border
    });
    both(plain, more)
}
