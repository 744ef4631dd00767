//! `detente meta`: postures against postures.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::args::{Play, Room, count};
use super::run::overrides;
use super::watch::{Onlooker, Patience, fate};
use super::{Failed, say, tell};
use detente::Scenario;
use detente::meta::{self, Explored, MetaError, MetaSpec, Standing, StopReason, Verdict};
use detente::model::limits::THREADS;
use detente::number::at_most;
use detente::output::{CommandLine, Folder};
use detente::rng::Seed;
use detente::solve::{Game, nfg};

/// How many joint postures of a kind the text names.
const NAMED: usize = 8;

/// Options of `meta`.
#[derive(Debug, Args)]
pub struct Meta {
    /// The scenario, by path or name
    pub scenario: String,
    /// The variant in which postures are played; the file as it is where absent
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<String>,
    /// Runs of every joint posture to begin with, in whole blocks of 256
    #[arg(long, default_value_t = 256, value_name = "N",
          value_parser = ValueParser::new(count::<1_000_000>))]
    pub runs: u64,
    /// The most runs of all joint postures together
    #[arg(long, default_value_t = 100_000, value_name = "N",
          value_parser = ValueParser::new(count::<1_000_000_000>))]
    pub budget: u64,
    /// What is played.
    #[command(flatten)]
    pub play: Play,
    /// How many threads; all cores where absent. Results do not depend on it
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// Write payoffs.csv, equilibria.csv, standings.csv and game.nfg into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace results that are in the folder
    #[arg(long, requires = "out")]
    pub force: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = MetaFormat::Text)]
    pub format: MetaFormat,
}

/// What `meta` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetaFormat {
    /// Plain text for a terminal
    Text,
    /// JSON for programs
    Json,
}

/// Plays all joint postures, solves the game of their utilities and prints what was found.
///
/// # Errors
/// Status 1 if the scenario is at fault or the user stopped; 2 if an option is, or files cannot be
/// written.
pub fn meta(options: &Meta) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let variant = options.variant.as_deref().filter(|name| *name != "base");
    if let Some(name) = variant {
        loaded.known_variant(name)?;
    }
    let changes = overrides(loaded.model(), &options.play.set)?;
    let spec = MetaSpec {
        model: loaded.model(),
        source: loaded.text(),
        variant,
        changes: &changes,
        rounds: options.play.rounds,
        runs: options.runs,
        budget: options.budget,
        seed: Seed(options.play.seed),
        threads: options.threads.map(usize::from),
        memory: options.room.memory,
    };
    let mut folder = match &options.out {
        Some(path) => Some(super::folder(&loaded, path, options.force)?),
        None => None,
    };
    let onlooker = Onlooker::new(options.budget, fate(options.out.as_deref()));
    let explored = meta::explore(&spec, &onlooker);
    onlooker.finish();
    let explored = explored.map_err(|error| failed(&loaded, error))?;
    if explored.sample.runs(explored.sample.profiles() - 1) == 0 {
        return Err(Failed::stopped("stopped before every joint posture was played"));
    }
    let title = title(&loaded, options);
    let patience = Patience::new(&onlooker);
    let verdict = meta::verdict(&explored, &title, spec.seed, &|| patience.is_over())
        .map_err(|e| failed(&loaded, e))?;
    if let Some(folder) = folder.take() {
        write(folder, &loaded, options, &explored, &verdict)?;
    }
    match options.format {
        MetaFormat::Text => say(&text(&explored, &verdict))?,
        MetaFormat::Json => say(&format!("{}\n", object(&explored, &verdict)))?,
    }
    if options.out.is_none() {
        tell("no files written; --out DIR keeps the payoff table as CSV and as game.nfg");
    }
    match explored.enough {
        StopReason::Stopped => Err(Failed::stopped("stopped; the results hold what was finished")),
        _ => Ok(()),
    }
}

fn failed(loaded: &Scenario, error: MetaError) -> Failed {
    match error {
        MetaError::Arm(list) => Failed::wrong(&loaded.diagnostics(list)),
        MetaError::TooLarge { .. } | MetaError::Play(_) => Failed::usage(error),
        MetaError::NoPostures | MetaError::Game(_) => Failed::scenario(error),
        MetaError::Stopped => Failed::stopped(error),
    }
}

fn title(loaded: &Scenario, options: &Meta) -> String {
    let name = &loaded.model().about.name;
    match &options.variant {
        Some(variant) => format!("postures of {name}, {variant}"),
        None => format!("postures of {name}"),
    }
}

fn write(
    mut folder: Folder,
    loaded: &Scenario,
    options: &Meta,
    explored: &Explored,
    verdict: &Verdict,
) -> Result<(), Failed> {
    for table in meta::tables(explored, verdict).map_err(Failed::scenario)? {
        folder.whole(&table).map_err(Failed::usage)?;
    }
    let (what, game) = ("the game between the postures", nfg::write(&verdict.game));
    folder.file("game.nfg", what, game.as_bytes()).map_err(Failed::usage)?;
    loaded.keep_text(&mut folder)?;
    let notes = vec![
        ("runs_of_all".to_string(), explored.sample.total().to_string()),
        ("enough".to_string(), explored.enough.as_str().to_string()),
    ];
    let made_by =
        loaded.provenance((options.play.seed, options.runs), command(loaded, options), notes);
    let path = folder.path().display().to_string();
    folder.finish(&made_by).map_err(Failed::usage)?;
    tell(&format!("results in {path}"));
    Ok(())
}

/// The command that makes the same results.
fn command(loaded: &Scenario, options: &Meta) -> String {
    let mut command = CommandLine::new("meta", loaded.name());
    options.variant.iter().for_each(|variant| command.word("--variant", variant));
    command.word("--runs", &options.runs.to_string());
    command.word("--budget", &options.budget.to_string());
    command.word("--seed", &options.play.seed.to_string());
    options.play.rounds.iter().for_each(|rounds| command.word("--rounds", &rounds.to_string()));
    for (key, value) in &options.play.set {
        command.word("--set", &format!("{key}={value}"));
    }
    command.text()
}

/// `CHN embrace, PRK calm`.
fn joint(game: &Game, profile: usize) -> String {
    let strategies = game.strategies(profile);
    let pairs = game.players().iter().zip(strategies);
    let words = pairs.map(|(player, s)| format!("{} {}", player.name, player.strategies[s]));
    words.collect::<Vec<_>>().join(", ")
}

fn share(x: f64) -> String {
    format!("{:.0} %", 100.0 * x)
}

fn text(explored: &Explored, verdict: &Verdict) -> String {
    let game = &verdict.game;
    let mut text = format!(
        "{}: {} joint postures, {} runs in all, {}\n",
        game.title,
        game.profiles(),
        explored.sample.total(),
        match explored.enough {
            StopReason::Settled => "it is settled which are equilibria",
            StopReason::Budget => "the budget is spent before all is settled",
            StopReason::Stopped => "stopped",
        }
    );
    for player in game.players() {
        text.push_str(&format!("   {}: {}\n", player.name, player.strategies.join(", ")));
    }
    if explored.failed > 0 {
        text.push_str(&format!("   {} runs failed and are left out\n", explored.failed));
    }
    text.push_str(&format!(
        "\nNash equilibria of mean utilities, ± a standard error ({})\n",
        verdict.stop.as_str()
    ));
    if verdict.equilibria.is_empty() {
        text.push_str("   none was found\n");
    }
    for (number, standing) in verdict.equilibria.iter().enumerate() {
        text.push_str(&format!("{}. ", number + 1));
        standing_text(game, verdict, standing, &mut text);
    }
    text.push_str("\nEnd of the logit branch\n   ");
    standing_text(game, verdict, &verdict.limit, &mut text);
    text.push_str(
        "\nLogit equilibria (precision times 1 / largest range of utilities of an actor)\n",
    );
    for point in &verdict.responses {
        let mixes = game.players().iter().zip(&point.profile);
        let mixes: Vec<String> = mixes
            .map(|(player, mix)| format!("{} {}", player.name, mix_text(player, mix)))
            .collect();
        text.push_str(&format!("   {:>5}: {}\n", point.precision, mixes.join("; ")));
    }
    text.push_str("\nJoint postures that are equilibria in resamples\n");
    if verdict.candidates.is_empty() {
        text.push_str("   none in at least 5 %\n");
    }
    for candidate in verdict.candidates.iter().take(NAMED) {
        let name = joint(game, candidate.profile);
        text.push_str(&format!("   {:>5}  {name}\n", share(candidate.share)));
    }
    if !verdict.ranking.is_empty() {
        text.push_str("\nalpha-rank, strong selection\n");
        let mut order: Vec<usize> = (0..verdict.ranking.len()).collect();
        order.sort_by(|a, b| verdict.ranking[*b].total_cmp(&verdict.ranking[*a]));
        for profile in order.into_iter().take(NAMED).filter(|p| verdict.ranking[*p] >= 0.005) {
            let name = joint(game, profile);
            text.push_str(&format!("   {:>5}  {name}\n", share(verdict.ranking[profile])));
        }
    }
    for note in &verdict.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

/// What is played, `embrace 0.25, distance 0.75`.
fn mix_text(player: &detente::solve::Player, mix: &[f64]) -> String {
    let played = player.strategies.iter().zip(mix).filter(|(_, p)| **p >= 0.0005);
    let one = |(name, p): (&String, &f64)| match *p {
        p if p > 0.9995 => name.clone(),
        p => format!("{name} {p:.3}"),
    };
    played.map(one).collect::<Vec<_>>().join(", ")
}

fn standing_text(game: &Game, verdict: &Verdict, standing: &Standing, text: &mut String) {
    let Standing { equilibrium, share: stands, regret } = standing;
    let mixes = game.players().iter().zip(&equilibrium.profile);
    let mixes: Vec<String> =
        mixes.map(|(player, mix)| format!("{} {}", player.name, mix_text(player, mix))).collect();
    text.push_str(&format!("{}\n", mixes.join("; ")));
    let sure = equilibrium.profile.iter().flatten().all(|p| *p == 0.0 || *p == 1.0);
    let of = |(at, player): (usize, &detente::solve::Player)| {
        let mut word = format!("{} {:.3}", player.name, equilibrium.payoffs[at]);
        if sure {
            let played = |mix: &Vec<f64>| mix.iter().position(|p| *p == 1.0).unwrap_or(0);
            let strategies: Vec<usize> = equilibrium.profile.iter().map(played).collect();
            let place = game.index(&strategies) * game.players().len() + at;
            word.push_str(&format!(" ± {:.3}", verdict.errors[place]));
        }
        word
    };
    let utilities: Vec<String> = game.players().iter().enumerate().map(of).collect();
    text.push_str(&format!(
        "   utility {}\n   stands in {} of resamples; regret there {} in 95 %\n",
        utilities.join(", "),
        share(*stands),
        at_most(*regret)
    ));
}

fn object(explored: &Explored, verdict: &Verdict) -> Value {
    let game = &verdict.game;
    let standing = |s: &Standing| {
        json!({
            "profile": s.equilibrium.profile,
            "payoffs": s.equilibrium.payoffs,
            "regret": s.equilibrium.regret,
            "share": s.share,
            "regret_95": s.regret,
        })
    };
    let players = game.players().iter();
    let runs: Vec<u64> = (0..game.profiles()).map(|p| explored.sample.runs(p)).collect();
    let payoffs: Vec<&[f64]> = (0..game.players().len()).map(|p| game.payoffs_of(p)).collect();
    json!({
        "game": {
            "title": game.title,
            "players": players
                .map(|p| json!({ "name": p.name, "strategies": p.strategies }))
                .collect::<Vec<_>>(),
            "payoffs": payoffs,
            "standard_errors": verdict.errors,
            "runs": runs,
        },
        "enough": explored.enough.as_str(),
        "failed": explored.failed,
        "stop": verdict.stop.as_str(),
        "equilibria": verdict.equilibria.iter().map(standing).collect::<Vec<_>>(),
        "limit": standing(&verdict.limit),
        "points": verdict.responses.iter().map(|point| json!({
            "precision": point.precision,
            "profile": point.profile,
            "residual": point.residual,
        })).collect::<Vec<_>>(),
        "candidates": verdict.candidates.iter().map(|c| json!({
            "profile": game.strategies(c.profile),
            "share": c.share,
        })).collect::<Vec<_>>(),
        "alpharank": verdict.ranking,
        "notes": verdict.notes,
    })
}
