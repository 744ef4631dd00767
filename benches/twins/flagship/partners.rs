//! What options are worth to Russia and North Korea.

use super::drift::*;
use super::minds::*;
use super::numbers::*;
use super::options::*;
use super::world::*;

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
