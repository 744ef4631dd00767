//! Results as tables.

use super::{Explored, Standing, Verdict};
use crate::solve::{Equilibrium, Game, Mixed};
use crate::table::{Cells, Column, Field, Table, TableError};

/// The payoff table, equilibria, and how joint postures fare.
///
/// # Errors
/// When an actor is called like a key column.
pub fn tables(explored: &Explored, verdict: &Verdict) -> Result<Vec<Table>, TableError> {
    Ok(vec![payoffs(explored, verdict)?, equilibria(verdict)?, standings(verdict)?])
}

/// Names of postures by player, one row per joint posture.
fn postures(game: &Game) -> Vec<Column> {
    let of = |(at, player): (usize, &crate::solve::Player)| {
        let name = |profile: usize| player.strategies[game.strategies(profile)[at]].clone();
        let meaning = format!("The posture of {}", player.name);
        let cells = Cells::Text((0..game.profiles()).map(name).collect());
        Column::new(Field::text(player.name.clone(), meaning), cells)
    };
    game.players().iter().enumerate().map(of).collect()
}

fn payoffs(explored: &Explored, verdict: &Verdict) -> Result<Table, TableError> {
    let game = &verdict.game;
    let actors = game.players().len();
    let mut columns = postures(game);
    let runs = (0..game.profiles()).map(|p| explored.sample.runs(p) as i64).collect();
    let field = Field::integer("runs", "Runs that were played");
    columns.push(Column::new(field, Cells::Integer(runs)));
    for (at, player) in game.players().iter().enumerate() {
        let name = &player.name;
        let mean = Field::number(
            format!("utility_{name}"),
            format!("Mean over runs of the utility of {name}, summed over rounds"),
        );
        columns.push(Column::new(mean, Cells::Number(game.payoffs_of(at).to_vec())));
        let error =
            Field::number(format!("se_{name}"), format!("Standard error of utility_{name}"));
        let errors = verdict.errors.iter().skip(at).step_by(actors).copied().collect();
        columns.push(Column::new(error, Cells::Number(errors)));
    }
    Table::of("payoffs", "Utilities by joint posture; one row per joint posture", columns)
}

fn equilibria(verdict: &Verdict) -> Result<Table, TableError> {
    let mut rows = Rows::default();
    for (number, standing) in verdict.equilibria.iter().enumerate() {
        rows.standing(&verdict.game, "nash", number as i64 + 1, f64::NAN, standing);
    }
    rows.standing(&verdict.game, "logit-limit", 1, f64::INFINITY, &verdict.limit);
    for (number, response) in verdict.responses.iter().enumerate() {
        let found = Equilibrium::new(&verdict.game, response.profile.clone());
        let (precision, number) = (response.precision, number as i64 + 1);
        let numbers = [precision, found.regret, f64::NAN, f64::NAN];
        let (profile, payoffs) = (&found.profile, &found.payoffs);
        rows.profile(&verdict.game, "logit", number, profile, payoffs, numbers);
    }
    rows.table()
}

/// Rows of the table of equilibria, column by column.
#[derive(Default)]
struct Rows {
    texts: [Vec<String>; 3],
    number: Vec<i64>,
    numbers: [Vec<f64>; 6],
}

impl Rows {
    fn standing(
        &mut self,
        game: &Game,
        concept: &str,
        number: i64,
        precision: f64,
        standing: &Standing,
    ) {
        let Standing { equilibrium, share, regret } = standing;
        // Infinity has no place in a table.
        let precision = if precision.is_finite() { precision } else { f64::NAN };
        let numbers = [precision, equilibrium.regret, *share, *regret];
        let payoffs = &equilibrium.payoffs;
        self.profile(game, concept, number, &equilibrium.profile, payoffs, numbers);
    }

    fn profile(
        &mut self,
        game: &Game,
        concept: &str,
        number: i64,
        profile: &Mixed,
        payoffs: &[f64],
        numbers: [f64; 4],
    ) {
        for ((player, mix), payoff) in game.players().iter().zip(profile).zip(payoffs) {
            for (posture, p) in player.strategies.iter().zip(mix) {
                let texts = [concept, player.name.as_str(), posture.as_str()];
                self.texts.iter_mut().zip(texts).for_each(|(all, text)| all.push(text.to_owned()));
                self.number.push(number);
                let [precision, regret, share, high] = numbers;
                let row = [precision, *p, *payoff, regret, share, high];
                self.numbers.iter_mut().zip(row).for_each(|(all, x)| all.push(x));
            }
        }
    }

    fn table(self) -> Result<Table, TableError> {
        let [concept, actor, posture] = self.texts.map(Cells::Text);
        let [precision, probability, payoff, regret, share, high] = self.numbers.map(Cells::Number);
        let column = Column::new;
        let columns = vec![
            column(
                Field::text(
                    "concept",
                    "nash; logit: logit equilibrium at a precision; logit-limit: the end of that \
                     branch",
                ),
                concept,
            ),
            column(Field::integer("number", "Which profile"), Cells::Integer(self.number)),
            column(Field::text("actor", "Whose posture"), actor),
            column(Field::text("posture", "Which posture"), posture),
            column(Field::number("probability", "With which it is played"), probability),
            column(Field::number("utility", "Expected utility of the actor"), payoff),
            column(
                Field::number(
                    "precision",
                    "Of logit equilibria, times 1 / the largest range of an actor's utilities",
                ),
                precision,
            ),
            column(
                Field::number("regret", "The most that an actor can gain, as a share of its range"),
                regret,
            ),
            column(
                Field::number("share", "Of resamples with an equilibrium in the same postures"),
                share,
            ),
            column(
                Field::number("regret_95", "Regret of this profile that 95 % of resamples keep to"),
                high,
            ),
        ];
        let meaning = "Profiles of postures; one row per profile, actor and posture";
        Table::of("equilibria", meaning, columns)
    }
}

fn standings(verdict: &Verdict) -> Result<Table, TableError> {
    let game = &verdict.game;
    let mut columns = postures(game);
    let share = |profile: usize| {
        let found = verdict.candidates.iter().find(|c| c.profile == profile);
        found.map_or(0.0, |candidate| candidate.share)
    };
    let shares = (0..game.profiles()).map(share).collect();
    let field = Field::number(
        "equilibrium_share",
        "Share of resamples in which it is a pure equilibrium; 0 below 5 %",
    );
    columns.push(Column::new(field, Cells::Number(shares)));
    if !verdict.ranking.is_empty() {
        let field = Field::number(
            "alpharank",
            "Stationary distribution of alpha-rank in the limit of strong selection",
        );
        columns.push(Column::new(field, Cells::Number(verdict.ranking.clone())));
    }
    Table::of("standings", "How joint postures fare; one row per joint posture", columns)
}
