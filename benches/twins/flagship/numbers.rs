//! The numbers of the scenario: cells, parameters, and what every option does and costs.

/// How many cells choices or dynamics move, other than `aftermath` and `bloc`.
pub const CELLS: usize = 40;
/// A value for every cell.
pub type Cells = [f64; CELLS];

/// Pairs of one of the east with one of the allies: 3 times the row plus the column.
pub const PAIRS: usize = 9;
pub const CHN: usize = 0;
pub const PRK: usize = 6;
pub const ROK: usize = 0;
pub const JPN: usize = 1;
pub const USA: usize = 2;
pub const CK: usize = 0;
pub const CJ: usize = 1;
pub const CU: usize = 2;
pub const PK: usize = 6;
pub const PJ: usize = 7;
pub const PU: usize = 8;

pub const A_CR: usize = 9;
pub const A_CP: usize = 10;
pub const A_CK: usize = 11;
pub const A_CJ: usize = 12;
pub const A_CU: usize = 13;
pub const A_RP: usize = 14;
pub const A_UK: usize = 15;
pub const A_UJ: usize = 16;
pub const A_KJ: usize = 17;
/// The posture of China; the others follow.
pub const POSTURE: usize = 18;
pub const P_C: usize = 18;
pub const P_P: usize = 20;
/// The posture of South Korea; Japan and the United States follow.
pub const P_ALLIES: usize = 21;
pub const P_K: usize = 21;
pub const P_J: usize = 22;
pub const P_U: usize = 23;
pub const PATRON_C: usize = 24;
pub const PATRON_R: usize = 25;
pub const LIGHT_C: usize = 26;
pub const LIGHT_R: usize = 27;
pub const TREATY: usize = 28;
pub const DETERRENT: usize = 29;
pub const REGIME: usize = 30;
pub const THREE: usize = 31;
pub const ASSOCIATION: usize = 32;
pub const OIL: usize = 33;
pub const DUAL: usize = 34;
pub const SHELLS: usize = 35;
pub const UKRAINE: usize = 36;
pub const ACCESS: usize = 37;
pub const SANCTIONS: usize = 38;
pub const TAIWAN: usize = 39;

// Parameters, under their names in the file.
pub const RHO: f64 = 0.5;
pub const RENEGE_COST: f64 = 0.4;
pub const TIE_JUMP: f64 = 0.12;
pub const TIE_PULL: f64 = 0.30;
pub const VISIT: f64 = 0.6;
pub const SURPRISE_LOSS: f64 = 0.12;
pub const TREATY_FADE: f64 = 0.01;
pub const CINC_RUS: f64 = 0.0382;
pub const CINC_PRK: f64 = 0.0141;
pub const POSTURE_START: [f64; 6] = [0.5, 0.3, 0.55, 0.5, 0.4, 0.4];
pub const POSTURE_FADE: f64 = 0.08;
pub const PRESENCE_WEIGHT: [f64; 3] = [0.2, 0.2, 0.4];
pub const PRESENCE_THREE: f64 = 0.2;
pub const USUAL: [f64; PAIRS] = [0.2, 0.35, 0.4, 0.25, 0.35, 0.5, 0.55, 0.45, 0.5];
pub const TENSION_FADE: f64 = 0.08;
pub const TENSION_NOISE: f64 = 0.02;
pub const ARMS_PULL: f64 = 0.35;
pub const CONTAGION: f64 = 0.3;
pub const TAIWAN_PULL: [f64; 3] = [0.0, 0.3, 0.3];
pub const TALKS_STEP: f64 = 0.03;
pub const AFFINITY_CR: f64 = 0.75;
pub const AFFINITY_CP: f64 = 0.5;
pub const AFFINITY_CK: f64 = 0.38;
pub const SEOUL_TALKS: f64 = 0.03;
pub const AFFINITY_CJ: f64 = 0.3;
pub const AFFINITY_CU: f64 = 0.25;
pub const AFFINITY_RP: f64 = 0.5;
pub const AFFINITY_UK: f64 = 0.72;
pub const AFFINITY_UJ: f64 = 0.78;
pub const AFFINITY_KJ: f64 = 0.5;
pub const AFFINITY_FADE: f64 = 0.08;
pub const RIVALRY_DRAG: f64 = 0.35;
pub const TREATY_WARMTH: f64 = 0.2;
pub const BLAME: f64 = 0.15;
pub const GRATITUDE: f64 = 0.3;
pub const RALLY: f64 = 0.3;
/// `wedge * rok_dependence` for South Korea, nothing for Japan.
pub const WEDGE: [f64; 2] = [0.9 * 0.2, 0.0];
pub const COHESION: [f64; 2] = [0.61, 0.58];
pub const THREE_START: f64 = 0.35;
pub const CAMP_DRIFT: f64 = 0.01;
pub const THREE_FADE: f64 = 0.04;
pub const PATRON_CHN: f64 = 0.7;
pub const PATRON_RUS: f64 = 0.12;
pub const PATRON_FADE: f64 = 0.08;
pub const BID_FLOOR: f64 = 0.01;
pub const GLAMOUR: f64 = 0.25;
pub const LIGHT_KEEP: f64 = 0.85;
pub const OBSTINACY: f64 = 0.4;
pub const RED_LINE: f64 = 0.35;
pub const RED_SLOPE: f64 = 10.0;
pub const DETERRENT_START: f64 = 0.5;
pub const DETERRENT_FADE: f64 = 0.03;
pub const REGIME_START: f64 = 0.7;
pub const REGIME_FADE: f64 = 0.08;
pub const FEEDING: f64 = 0.25;
pub const OIL_START: f64 = 0.5;
pub const DUAL_START: f64 = 0.6;
pub const FLOW_FADE: f64 = 0.05;
pub const SHELLS_START: f64 = 0.5;
pub const SHELLS_FADE: f64 = 0.08;
pub const UKRAINE_START: f64 = 0.7;
pub const UKRAINE_FADE: f64 = 0.05;
pub const UKRAINE_NOISE: f64 = 0.04;
pub const ACCESS_START: f64 = 0.5;
pub const SANCTION_START: f64 = 0.1;
pub const SANCTION_FADE: f64 = 0.08;
pub const SPILL: f64 = 0.6;
pub const ASSOCIATION_START: f64 = 0.35;
pub const ASSOCIATION_FADE: f64 = 0.15;
pub const LINK_PACT: f64 = 0.9;
pub const LINK_DUAL: f64 = 0.5;
pub const HEED_THRESHOLD: f64 = 0.4;
pub const HEED_SLOPE: f64 = 15.0;

pub const MONTHS: f64 = 12.0;
pub const ONSET_RATE: [f64; PAIRS] = [0.22, 0.43, 0.39, 0.13, 0.39, 0.26, 0.52, 0.35, 0.35];
pub const FORCEFUL_SHARE: f64 = 0.4;
pub const CRISIS_SLOPE: f64 = 5.0;
pub const CRISIS_JOLT: f64 = 0.08;
pub const CRISIS_KEEP: f64 = 0.5;
pub const WAR_RATE: f64 = 0.01;
pub const WAR_SLOPE: f64 = 4.0;
pub const WAR_BRAKE: f64 = 1.5;
pub const TAIWAN_RATE: f64 = 0.06;
pub const TAIWAN_JOLT: f64 = 0.6;
pub const TAIWAN_KEEP: f64 = 0.7;
pub const TAIWAN_SCARE: f64 = 0.08;
pub const COLLAPSE_RATE: f64 = 0.0004;
pub const COLLAPSE_SLOPE: f64 = 10.0;
pub const USA_HANDOVER: u32 = 7;
pub const USA_TURNOVER: f64 = 0.5;
pub const USA_COOLING: f64 = 0.08;
pub const ROK_TURNOVER: f64 = 0.03;
pub const ROK_SWING: f64 = 0.08;
pub const JPN_TURNOVER: f64 = 0.04;
pub const JPN_SWING: f64 = 0.03;
pub const TRUE_ODDS: f64 = 0.5;
pub const FIRST_CREDIT: f64 = 0.3;

pub const STAKE: f64 = 16.0;
pub const SHARPNESS: f64 = 10.0;
/// Weights of security: China, Russia, the other four.
pub const SECURITY: [f64; 3] = [0.35, 0.4, 0.5];
/// Weights of the economy: China, the other five.
pub const ECONOMY: [f64; 2] = [0.45, 0.3];
pub const INFLUENCE: f64 = 0.3;
pub const CAUTION: f64 = 1.6;
pub const STABILITY: f64 = 0.7;
pub const INDIFFERENCE: f64 = 0.35;
pub const PRESENCE_FEAR: f64 = 0.8;
pub const TAIWAN_FOCUS: f64 = 0.5;
pub const ARMS_FEAR: f64 = 0.4;
pub const COMFORT: f64 = 0.7;
pub const ENTRAPMENT: f64 = 0.4;
pub const BLOC_SHIELD: f64 = 0.3;
pub const BUFFER_LOSS: f64 = 200.0;
pub const HARDSHIP: f64 = 1.1;
pub const OIL_VALUE: f64 = 0.6;
pub const DUAL_VALUE: f64 = 0.5;
pub const ACCESS_VALUE: f64 = 0.25;
pub const MARKET_VALUE: f64 = 0.2;
pub const SANCTION_BITE: f64 = 0.4;
pub const BURDEN_CHN: f64 = 0.2;
pub const BURDEN_RUS: f64 = 0.3;
pub const SHARE_CHN: f64 = 1.3;
pub const SHARE_RUS: f64 = 0.8;
pub const VOICE_VALUE: f64 = 0.9;
pub const RED_LOSS: f64 = 0.15;
pub const SYMPATHY: f64 = 0.35;
pub const PARTNER_VALUE: f64 = 0.3;
pub const SOLIDARITY: f64 = 0.3;
pub const MEDIATION_FEE: f64 = 3.5;
pub const CRISIS_LOSS: [f64; 3] = [2.0, 0.5, 3.0];
pub const WAR_LOSS: [f64; 3] = [40.0, 15.0, 60.0];
pub const TREATY_VALUE: f64 = 0.4;
pub const REVENUE: f64 = 0.8;
pub const PATRON_VALUE: f64 = 0.4;
pub const DETERRENCE: f64 = 0.8;
pub const SHIELD: f64 = 0.5;
pub const COVER: f64 = 0.6;
pub const FEAR: f64 = 0.5;
pub const REGIME_VALUE: f64 = 0.6;
pub const AID_VALUE: f64 = 0.7;
pub const SHELL_PAY: f64 = 0.35;
pub const AUTONOMY: f64 = 0.7;
pub const DEFIANCE: f64 = 0.35;
pub const THREAT_TENSION: f64 = 0.5;
pub const THREAT_CHINA: [f64; 3] = [0.1, 0.25, 0.35];
pub const EXPOSURE: [f64; 3] = [1.1, 0.9, 1.0];
pub const SHIELD_OWN: [f64; 3] = [0.5, 0.5, 0.7];
pub const SHIELD_US: f64 = 0.5;
pub const SHIELD_THREE: f64 = 0.4;
pub const DREAD: f64 = 0.45;
pub const WARMTH: [f64; 3] = [0.55, 0.5, 0.3];
pub const ALLY_VALUE: f64 = 0.5;

/// How many options there are.
pub const OPTIONS: usize = 63;
/// The first option of every seat, and the end: China, Russia and North Korea on three tracks,
/// South Korea and Japan on two, the United States on three.
pub const SEAT: [usize; 17] = [0, 3, 12, 18, 20, 24, 27, 30, 35, 37, 40, 44, 47, 51, 56, 61, 63];
/// How many options China has, the first of all.
pub const CHINAS: usize = 18;
pub const SUMMIT: usize = 3;
pub const APPEAL: usize = 7;
pub const MEDIATE: usize = 8;
pub const JOIN_BLOC: usize = 10;
pub const AID: usize = 12;
pub const CUT_AID: usize = 13;
pub const MISSILE_TEST: usize = 27;

// What the size of a step depends on at the start of a round: a factor of these.
pub const ONE: usize = 0;
pub const ROOM_THREE: usize = 1;
pub const ROOM_DETERRENT: usize = 2;
pub const CONFLICT: usize = 3;
pub const HEED: usize = 4;
pub const LEVERAGE: usize = 5;
pub const ROOM_SHELLS: usize = 6;
pub const PRESENT_DUAL: usize = 7;
/// The factors of a round.
pub type Factors = [f64; 8];

/// What is added to a cell: cell, step, factor.
type Effect = (usize, f64, usize);

const CONSULT: f64 = 0.02;
const ENGAGE: f64 = 0.025;
const EXERCISE: f64 = 0.07;
const ALARM: f64 = 0.006;
const DISTANCE: f64 = 0.08;
const PRICE: f64 = 0.02;
const WARM: f64 = 0.02;
const OUTREACH: f64 = 0.05;
const BUILDUP: f64 = 0.045;
const DEEPEN: [Effect; 2] = [(TREATY, 0.03, ONE), (A_RP, WARM, ONE)];

/// What an option adds; to join the bloc sets a flag as well, which is kept apart.
pub const EFFECTS: [&[Effect]; OPTIONS] = [
    // China: military
    &[(P_C, BUILDUP, ONE), (CK, ALARM, ONE), (CJ, ALARM, ONE), (CU, ALARM, ONE)],
    &[(A_CR, 0.02, ONE), (CK, 0.5 * ALARM, ONE), (CJ, 0.5 * ALARM, ONE)],
    &[],
    // diplomacy
    &[(LIGHT_C, 0.4, ONE), (A_CP, WARM, ONE)],
    &[(A_CK, OUTREACH, ONE), (A_UK, -WEDGE[0] * OUTREACH, ONE)],
    &[],
    &[],
    &[(A_CP, 0.03, CONFLICT), (A_CK, 0.03, CONFLICT), (PK, -0.03, HEED)],
    &[(PK, -0.12, LEVERAGE), (A_CK, 0.5 * ENGAGE, ONE)],
    &[(ASSOCIATION, -DISTANCE, ONE), (A_CR, -PRICE, ONE), (A_CP, -PRICE, ONE)],
    &[
        (ASSOCIATION, 0.3, ONE),
        (A_CR, WARM, ONE),
        (A_CP, WARM, ONE),
        (A_CK, -DISTANCE, ONE),
        (A_CJ, -DISTANCE, ONE),
        (A_CU, -DISTANCE, ONE),
        (CK, CRISIS_JOLT, ONE),
        (CJ, CRISIS_JOLT, ONE),
        (CU, CRISIS_JOLT, ONE),
    ],
    &[],
    // economy
    &[(PATRON_C, 0.04, ONE), (A_CP, 0.5 * WARM, ONE)],
    &[
        (PATRON_C, -0.08, ONE),
        (PATRON_R, 0.03, ONE),
        (REGIME, -0.05, ONE),
        (A_CP, -0.05, ONE),
        (ASSOCIATION, -DISTANCE, ONE),
    ],
    &[(OIL, -0.12, ONE), (A_CR, -2.0 * PRICE, ONE), (ASSOCIATION, -DISTANCE, ONE)],
    &[(DUAL, -0.15, PRESENT_DUAL), (A_CR, -PRICE, ONE), (ASSOCIATION, -0.5 * DISTANCE, ONE)],
    &[(ACCESS, 0.05, ONE), (A_CK, 0.5 * OUTREACH, ONE), (A_UK, -0.5 * WEDGE[0] * OUTREACH, ONE)],
    &[],
    // Russia: military
    &[
        (DETERRENT, 0.06, ROOM_DETERRENT),
        (PATRON_R, 0.5 * 0.04, ONE),
        (A_RP, 0.5 * WARM, ONE),
        (A_CR, -0.5 * PRICE, ONE),
    ],
    &[],
    // diplomacy
    &[(LIGHT_R, 0.4, ONE), (A_RP, WARM, ONE)],
    &DEEPEN,
    &[(A_CR, CONSULT, ONE)],
    &[],
    // economy
    &[(PATRON_R, 0.04, ONE), (A_RP, 0.5 * WARM, ONE)],
    &[(OIL, 0.04, ONE), (A_CR, 0.5 * CONSULT, ONE)],
    &[],
    // North Korea: military
    &[
        (DETERRENT, 0.06, ROOM_DETERRENT),
        (A_CP, -0.02, ONE),
        (PK, 0.025, ONE),
        (PJ, 0.025, ONE),
        (PU, 0.025, ONE),
    ],
    &[(PK, 0.06, ONE), (REGIME, 0.015, ONE), (A_CP, -0.5 * 0.02, ONE)],
    &[],
    // diplomacy
    &DEEPEN,
    &[(PATRON_C, 0.025, ONE), (A_CP, 0.03, ONE), (PK, -0.5 * TALKS_STEP, ONE)],
    &[(PK, -TALKS_STEP, ONE)],
    &[(PU, -TALKS_STEP, ONE)],
    &[],
    // economy
    &[(SHELLS, 0.12, ROOM_SHELLS), (PATRON_R, 0.012, ONE), (A_RP, 0.5 * WARM, ONE)],
    &[],
    // South Korea: military
    &[(P_K, BUILDUP, ONE), (PK, ALARM, ONE), (CK, ALARM, ONE)],
    &[
        (THREE, EXERCISE, ROOM_THREE),
        (A_KJ, 0.5 * CONSULT, ONE),
        (PK, ALARM, ONE),
        (CK, ALARM, ONE),
    ],
    &[],
    // diplomacy
    &[(PK, -TALKS_STEP, ONE)],
    &[(A_CK, ENGAGE, ONE), (CK, -0.5 * TALKS_STEP, ONE)],
    &[(A_UK, CONSULT, ONE), (A_CK, -0.5 * ENGAGE, ONE)],
    &[],
    // Japan: military
    &[(P_J, BUILDUP, ONE), (PJ, ALARM, ONE), (CJ, ALARM, ONE)],
    &[
        (THREE, EXERCISE, ROOM_THREE),
        (A_KJ, 0.5 * CONSULT, ONE),
        (PJ, ALARM, ONE),
        (CJ, ALARM, ONE),
    ],
    &[],
    // diplomacy
    &[(PJ, -TALKS_STEP, ONE)],
    &[(A_CJ, ENGAGE, ONE), (CJ, -0.5 * TALKS_STEP, ONE)],
    &[(A_UJ, CONSULT, ONE), (A_CJ, -0.5 * ENGAGE, ONE)],
    &[],
    // the United States: military
    &[(P_U, BUILDUP, ONE), (PU, ALARM, ONE), (CU, ALARM, ONE)],
    &[(P_K, 0.04, ONE), (A_UK, 0.5 * CONSULT, ONE), (PK, ALARM, ONE), (CU, ALARM, ONE)],
    &[(P_J, 0.04, ONE), (A_UJ, 0.5 * CONSULT, ONE), (PJ, ALARM, ONE), (CU, ALARM, ONE)],
    &[
        (THREE, EXERCISE, ROOM_THREE),
        (A_KJ, 0.5 * CONSULT, ONE),
        (PU, ALARM, ONE),
        (CU, ALARM, ONE),
    ],
    &[],
    // diplomacy
    &[(PU, -TALKS_STEP, ONE)],
    &[(A_UK, CONSULT, ONE)],
    &[(A_UJ, CONSULT, ONE)],
    &[(A_CU, ENGAGE, ONE), (CU, -0.5 * TALKS_STEP, ONE)],
    &[],
    // economy
    &[(SANCTIONS, 0.1, ONE), (DUAL, -0.1, PRESENT_DUAL), (A_CU, -ENGAGE, ONE)],
    &[],
];

const E: f64 = ECONOMY[1];
const I: f64 = INFLUENCE;
const EASE: f64 = 0.5;
const BUILD_COST: (f64, f64) = (E * 0.45, 0.0);
const EXERCISE_COST: (f64, f64) = (I * 0.45, 1.0 - 0.35);
const TALKS_COST: (f64, f64) = (I * 0.3, 0.0);
const CONSULT_COST: (f64, f64) = (I * 0.15, 0.0);
const ENGAGE_COST: (f64, f64) = (I * 0.2, 0.0);
const TRANSFER_COST: (f64, f64) = (E * 0.3, 0.0);
const FREE: (f64, f64) = (0.0, 0.0);

/// What an option costs in utility, and the share of it that a full treaty takes away.
pub const COST: [(f64, f64); OPTIONS] = [
    (ECONOMY[0] * 0.6, 0.0),
    (I * 0.1, 0.0),
    FREE,
    (I * 1.3, 0.0),
    (I * 0.2, 0.0),
    FREE,
    FREE,
    (I * 0.2, 0.0),
    (I * 0.6, 0.0),
    (I * 0.1, 0.0),
    (I * 0.5, 0.0),
    FREE,
    (ECONOMY[0] * 0.3, 0.0),
    FREE,
    FREE,
    FREE,
    (ECONOMY[0] * 0.25, 0.0),
    FREE,
    // Russia
    (SECURITY[1] * 0.35, EASE),
    FREE,
    (I * 1.4, EASE),
    (SECURITY[1] * 0.3, 0.0),
    CONSULT_COST,
    FREE,
    (E * 0.3, EASE),
    (E * 0.3, 0.0),
    FREE,
    // North Korea
    (E * 0.7, COVER),
    (SECURITY[2] * 0.8, COVER),
    FREE,
    (SECURITY[2] * 0.15, 0.0),
    (I * 0.35, 0.0),
    TALKS_COST,
    TALKS_COST,
    FREE,
    (SECURITY[2] * 0.2, 0.0),
    FREE,
    // South Korea
    BUILD_COST,
    EXERCISE_COST,
    FREE,
    TALKS_COST,
    ENGAGE_COST,
    CONSULT_COST,
    FREE,
    // Japan
    BUILD_COST,
    EXERCISE_COST,
    FREE,
    TALKS_COST,
    ENGAGE_COST,
    CONSULT_COST,
    FREE,
    // the United States
    BUILD_COST,
    TRANSFER_COST,
    TRANSFER_COST,
    EXERCISE_COST,
    FREE,
    TALKS_COST,
    CONSULT_COST,
    CONSULT_COST,
    ENGAGE_COST,
    FREE,
    (E * 0.9, 0.0),
    FREE,
];
