//! What has memory, how it moves by itself, and what nature does to it.

use super::numbers::*;
use super::options::Factors;

/// 2 to the power of i / 128, as bits.
static ROOTS: [u64; 128] = roots();

const fn roots() -> [u64; 128] {
    let mut roots = [0; 128];
    let mut i = 0;
    while i < 128 {
        let x = std::f64::consts::LN_2 * i as f64 / 128.0;
        let (mut sum, mut n) = (1.0, 22);
        while n > 0 {
            sum = 1.0 + sum * x / n as f64;
            n -= 1;
        }
        roots[i] = sum.to_bits();
        i += 1;
    }
    roots
}

/// The exponential function to about 1e-15, for arguments of at most 700, 0 below -700: a table
/// and a short series. The one of the platform takes more than twice the time, since it is called
/// and not inlined.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
    const HIGH: f64 = 0.693_147_180_369_123_8 / 128.0; // the leading bits of ln 2
    const LOW: f64 = 1.908_214_929_270_587_7e-10 / 128.0;
    let x = if x > -700.0 { x } else { -700.0 };
    let shifted = x * (128.0 * std::f64::consts::LOG2_E) + ROUNDER;
    let n = shifted - ROUNDER;
    let r = (x - n * HIGH) - n * LOW;
    let bits = shifted.to_bits();
    let root = ROOTS[(bits & 127) as usize];
    let scale = f64::from_bits(root.wrapping_add((bits & !127) << 45));
    let series = r + r * r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0))));
    scale + scale * series
}

/// The natural logarithm of the platform.
#[expect(clippy::disallowed_methods, reason = "a bench compares speed, not the last bits")]
#[inline(always)]
pub fn log(x: f64) -> f64 {
    x.ln()
}

/// Moved into \[0, 1\].
#[inline(always)]
pub fn unit(x: f64) -> f64 {
    x.clamp(0.0, 1.0)
}

#[inline(always)]
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// What needs a logarithm or an exponential of parameters, worked out once.
pub struct Known {
    /// By pair: the logarithm of the chance of a month without a crisis, at usual tension.
    pub calm: [f64; PAIRS],
    /// The chance of a shock over Taiwan.
    pub shock: f64,
}

impl Known {
    pub fn new() -> Known {
        let calm = ONSET_RATE.map(|rate| log(1.0 - rate) / MONTHS * FORCEFUL_SHARE);
        Known { calm, shock: 1.0 - exp(-TAIWAN_RATE) }
    }
}

/// Everything that has memory.
#[derive(Clone)]
pub struct World {
    /// The number of the round to be played, from 1.
    pub round: u32,
    pub cells: Cells,
    pub aftermath: [f64; PAIRS],
    /// Whether China is in the bloc.
    pub bloc: bool,
    /// What Washington believes: how likely China is the responsible type. What others believe is
    /// read by nobody: Tokyo's belief is the same, and no formula asks for the rest.
    pub belief: f64,
    /// Changes of government that are over: the United States, South Korea, Japan.
    pub spent: [bool; 3],
    /// Whether Russia asked China to join last round.
    pub offered: bool,
    /// Whether North Korea was at war last round.
    pub war_in_korea: bool,
}

impl World {
    pub fn new() -> World {
        let mut cells = [0.0; CELLS];
        cells[..PAIRS].copy_from_slice(&USUAL);
        // not having been told is evidence about Moscow
        let (silent, false_friend) = (1.0 - CANDOUR_TOLD, 1.0 - CANDOUR_PRIOR);
        let both = CANDOUR_PRIOR * silent + false_friend * CANDOUR_TOLD;
        let surprise = CANDOUR_VALUE * (CANDOUR_PRIOR - CANDOUR_PRIOR * silent / both);
        let rivalry = RIVALRY_DRAG * PATRON_RUS / (PATRON_CHN + PATRON_RUS);
        cells[A_CR] = AFFINITY_CR - rivalry - surprise;
        cells[A_CP] = AFFINITY_CP;
        cells[A_CK] = AFFINITY_CK + SEOUL_TALKS;
        cells[A_CJ] = AFFINITY_CJ;
        cells[A_CU] = AFFINITY_CU;
        cells[A_RP] = AFFINITY_RP;
        cells[A_UK] = AFFINITY_UK;
        cells[A_UJ] = AFFINITY_UJ;
        cells[A_KJ] = AFFINITY_KJ;
        cells[POSTURE..POSTURE + 6].copy_from_slice(&POSTURE_START);
        cells[PATRON_C] = PATRON_CHN;
        cells[PATRON_R] = PATRON_RUS + TIE_JUMP;
        cells[LIGHT_R] = VISIT;
        cells[TREATY] = RHO;
        cells[DETERRENT] = DETERRENT_START;
        cells[REGIME] = REGIME_START;
        cells[THREE] = THREE_START;
        cells[ASSOCIATION] = ASSOCIATION_START;
        cells[OIL] = OIL_START;
        cells[DUAL] = DUAL_START;
        cells[SHELLS] = SHELLS_START;
        cells[UKRAINE] = UKRAINE_START;
        cells[ACCESS] = ACCESS_START;
        cells[SANCTIONS] = SANCTION_START;
        World {
            round: 1,
            cells,
            aftermath: [0.0; PAIRS],
            bloc: false,
            belief: FIRST_CREDIT,
            spent: [false; 3],
            offered: false,
            war_in_korea: false,
        }
    }
}

impl World {
    /// Whether China can join the bloc.
    pub fn open(&self) -> bool {
        self.offered && !self.bloc
    }
}

/// Russia's share of Pyongyang; China has the rest, since the floor is out of reach.
#[inline(always)]
pub fn share_of_russia(patrons: (f64, f64), lights: (f64, f64)) -> f64 {
    let china = patrons.0 + GLAMOUR * lights.0;
    let russia = patrons.1 + GLAMOUR * lights.1;
    russia / (china + russia).max(BID_FLOOR)
}

/// Russia's share in a state.
#[inline(always)]
pub fn share_in(cells: &Cells) -> f64 {
    share_of_russia((cells[PATRON_C], cells[PATRON_R]), (cells[LIGHT_C], cells[LIGHT_R]))
}

#[inline(always)]
pub fn leverage_at(share: f64) -> f64 {
    (1.0 - OBSTINACY) * (1.0 - share)
}

#[inline(always)]
pub fn alarm_at(share: f64) -> f64 {
    logistic(RED_SLOPE * (share - RED_LINE))
}

/// How much Washington doubts China.
#[inline(always)]
pub fn suspicion(belief: f64, association: f64) -> f64 {
    1.0 - belief * (1.0 - SPILL * association)
}

/// How much of the strength behind North Korea is believed.
#[inline(always)]
pub fn backing(treaty: f64) -> f64 {
    (CINC_PRK + treaty * CINC_RUS) * (1.0 / (CINC_PRK + CINC_RUS))
}

/// The factors that effects of this round are multiplied with.
pub fn factors(x: &Cells) -> Factors {
    let leverage = leverage_at(share_in(x));
    [
        1.0,
        1.0 - x[THREE],
        1.0 - x[DETERRENT],
        x[PK] * (x[A_CP] + x[A_CK]),
        logistic(HEED_SLOPE * (leverage - HEED_THRESHOLD)),
        leverage,
        1.0 - x[SHELLS],
        x[DUAL],
        (1.0 - x[TREATY] / CEILING).max(0.0),
        x[A_CR],
    ]
}

/// The chance of a crisis of a pair at a tension.
#[inline(always)]
pub fn crisis_chance(known: &Known, pair: usize, tension: f64) -> f64 {
    1.0 - exp(known.calm[pair] * exp(CRISIS_SLOPE * (tension - USUAL[pair])))
}

/// How far North Korea's weapons and its treaty hold a war off.
#[inline(always)]
pub fn brake(deterrent: f64, treaty: f64) -> f64 {
    exp(-WAR_BRAKE * (deterrent - DETERRENT_START + treaty))
}

/// The hazard of war of a pair at a tension, but for the brake of North Korea.
#[inline(always)]
pub fn war_hazard(pair: usize, aftermath: f64, tension: f64) -> f64 {
    WAR_RATE * aftermath * exp(WAR_SLOPE * (tension - USUAL[pair]))
}

/// The hazard that the regime in Pyongyang breaks down.
#[inline(always)]
pub fn collapse_hazard(regime: f64) -> f64 {
    COLLAPSE_RATE * exp(COLLAPSE_SLOPE * (REGIME_START - regime))
}

/// All cells moved into range.
#[inline(always)]
pub fn in_range(raw: &Cells) -> Cells {
    let mut cells = *raw;
    for cell in &mut cells {
        *cell = unit(*cell);
    }
    cells
}

/// A tension after nature: a war with weight `war`, a crisis with weight `crisis`, other news.
#[inline(always)]
pub fn struck(tension: f64, war: f64, crisis: f64, news: f64) -> f64 {
    unit((1.0 - war) * tension + war + CRISIS_JOLT * crisis + news)
}

/// What other events than crises and wars add to cells, by their weights.
#[derive(Clone, Copy, Default)]
pub struct News {
    pub shock: f64,
    /// Changes of government: the United States, South Korea, Japan.
    pub handover: [f64; 3],
}

impl News {
    /// What is to be expected in a round.
    pub fn expected(known: &Known, world: &World) -> News {
        let open = |at: usize, chance: f64| if world.spent[at] { 0.0 } else { chance };
        let usa = if world.round == USA_HANDOVER { USA_TURNOVER } else { 0.0 };
        let handover = [open(0, usa), open(1, ROK_TURNOVER), open(2, JPN_TURNOVER)];
        News { shock: known.shock, handover }
    }

    /// What is added to the tensions of Beijing with Tokyo and Washington, and to that of Korea.
    #[inline(always)]
    pub fn tension(&self, pair: usize) -> f64 {
        match pair {
            CJ => 0.5 * TAIWAN_SCARE * self.shock,
            CU => TAIWAN_SCARE * self.shock,
            PK => -TALKS_STEP * self.handover[1],
            _ => 0.0,
        }
    }

    #[inline(always)]
    pub fn with_seoul(&self) -> f64 {
        ROK_SWING * self.handover[1]
    }

    #[inline(always)]
    pub fn with_washington(&self) -> f64 {
        -0.5 * USA_COOLING * self.handover[0]
    }

    /// What is added to the alliance of Washington with Seoul (0) or Tokyo (1).
    #[inline(always)]
    pub fn cohesion(&self, client: usize) -> f64 {
        match client {
            ROK => -USA_COOLING * self.handover[0],
            _ => -0.5 * USA_COOLING * self.handover[0] - JPN_SWING * self.handover[2],
        }
    }

    #[inline(always)]
    pub fn of_clients(&self) -> f64 {
        -ROK_SWING * self.handover[1] - JPN_SWING * self.handover[2]
    }
}
