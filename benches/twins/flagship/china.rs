//! What options are worth to China, whichever type it is.

use super::drift::*;
use super::minds::*;
use super::numbers::*;
use super::options::*;
use super::world::*;

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

pub fn china_diplomacy(eyes: &Eyes, mean: &Mean, mix: &[f64], beliefs: &[f64]) -> Both<10> {
    let first = SEAT[1];
    let mut turns = Turns::new(eyes, mean, first, mix);
    let held = mean.brake(eyes);
    let climate = eyes.climate(next_tension(&turns.acted), NEAR, &Climate::UNKNOWN);
    let calm = china_in_danger(eyes, &climate, held);
    let usual = Rival::new(mean, &turns.acted);
    let border = china_at_the_border(&turns.acted);
    let mut more = [0.0; 10];
    let plain: [f64; 10] = turns.worths(first, |at, a| {
        let option = first + at;
        let quarrels = match option {
            APPEAL | MEDIATE | JOIN_BLOC => {
                china_in_danger(eyes, &eyes.climate(next_tension(a), NEAR, &climate), held)
            }
            _ => calm,
        };
        let rival = match option {
            SUMMIT | COERCE => Rival::new(mean, a),
            _ => usual,
        };
        // only a warning shakes the regime
        let border = if option == COERCE { china_at_the_border(a) } else { border };
        let bloc = if option == JOIN_BLOC || eyes.world.bloc { 1.0 } else { 0.0 };
        let mediated = if option == MEDIATE { rival.income(quarrels.korea) } else { 0.0 };
        let unrest = CS * CAUTION * (STABILITY + ENTRAPMENT * bloc) * quarrels.korean;
        let (trusted, extra) = china_trusted(a, rival.acted, beliefs[at]);
        more[at] = extra + INDIFFERENCE * unrest;
        CS * BLOC_SHIELD * bloc * quarrels.washington - unrest - quarrels.lost
            + trusted
            + rival.influence(eyes, a)
            + mediated
            - border
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
