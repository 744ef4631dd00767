//! The library as a Rust user has it, without the program: `cargo test --no-default-features`.

use std::path::PathBuf;

use detente::{
    Claims, Concept, Diagnostics, Error, Game, Meta, Method, Run, Scenario, Solve, Stage, Sweep,
    Trace,
};

const DILEMMA: &str = r#"format = 1
[scenario]
name = "dilemma"
rounds = 3
[actors]
A = {}
B = {}
[parameters]
gift = { value = 3, range = [2, 4], source = "assumed" }
[payoffs.gain]
A = "gift * chose[B, give] - chose[A, give]"
B = "gift * chose[A, give] - chose[B, give]"
[weights]
gain = 1
[moves.give]
by = "actors"
[decision]
precision = 1
[outcomes]
given = { total = "chose[A, give]" }
[variants.eager]
title = "Nobody looks"
set = { "decision.precision" = 0 }
[claims]
some = { says = "Some is given.", test = "mean(given) > 0.1" }
none = { says = "Nothing is given.", test = "mean(given) < 0.1" }
"#;

fn dilemma() -> Scenario {
    Scenario::parse(DILEMMA).expect("a sound scenario")
}

/// A folder that goes with the test.
struct Temporary(PathBuf);

impl Temporary {
    fn new(test: &str) -> Temporary {
        let name = format!("detente-library-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Temporary(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn five_lines_play_a_scenario_and_write_its_results() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Temporary::new("five");
    let scenario = Scenario::shipped("pyongyang-pact")?;
    let results = scenario.run(&Run::new(64).variant("no_pact").rounds(4))?;
    let crises = results.outcome("crises")?;
    let text = format!("{} {}", crises.mean, crises.difference("no_pact")?);
    results.write(&folder.0)?;
    // mean, difference and interval
    assert_eq!(text.split(' ').count(), 4, "{text}");
    for file in ["outcomes.csv", "summary.csv", "datapackage.json", "pyongyang-pact.toml"] {
        assert!(folder.0.join(file).exists(), "{file}");
    }
    let summary = std::fs::read_to_string(folder.0.join("summary.csv"))?;
    let line = summary
        .lines()
        .find(|line| line.split(',').take(3).any(|cell| cell == "crises"))
        .expect("a line");
    assert!(line.split(',').any(|cell| cell.parse() == Ok(crises.mean)), "{line}");
    assert!(matches!(results.write(&folder.0), Err(Error::Output(_))), "nothing is overwritten");
    Ok(())
}

/// An error of the library that has all these words.
fn refused<T>(result: Result<T, Error>, words: &[&str]) {
    let Err(error) = result else { panic!("{words:?} is not refused") };
    let text = error.to_string();
    words.iter().for_each(|word| assert!(text.contains(word), "no `{word}` in: {text}"));
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let scenario = dilemma();
    refused(scenario.run(&Run::new(10).variant("eagre")), &["no variant `eagre`", "`eager`"]);
    refused(scenario.arm(Some("eagre"), &[]), &["no variant `eagre`", "`eager`"]);
    refused(scenario.run(&Run::new(10).rounds(0)), &["rounds", "0"]);
    refused(scenario.run(&Run::new(0)), &["runs", "0"]);
    refused(scenario.run(&Run::new(10).set("gfit", "1")), &["gfit", "`gift`", "^^^^"]);
    refused(scenario.run(&Run::new(10).set("gift", "1/0")), &[]);
    refused(scenario.run(&Run::new(10).versus("eager")), &["base", "eager"]);
    refused(scenario.run(&Run::new(10).panel(["given"])), &["no variable `given`"]);
    refused(scenario.claims(&Claims::new(10).only("sum")), &["no claim `sum`"]);
    refused(scenario.manifest(&Sweep::new().experiment("x")), &["no experiment `x`"]);
    refused(Scenario::shipped("pyongyang-pakt"), &["pyongyang-pact"]);
    refused(Scenario::open("there/is/none.toml"), &["none.toml"]);
    let results = scenario.run(&Run::new(10).variant("eager")).expect("it can be played");
    refused(results.outcome("givn"), &["no outcome `givn`", "`given`"]);
    refused(results.arm("lazy"), &["lazy", "base, eager"]);
    let given = results.outcome("given").expect("an outcome");
    refused(given.difference("base"), &["base"]);
    refused(given.difference("lazy"), &["lazy"]);
}

#[test]
fn a_model_has_no_variant_that_it_does_not_name() {
    let scenario = dilemma();
    let model = scenario.model();
    let arm = |name| detente::model::Arm::new(model, name, &[]).map(|arm| arm.name);
    assert_eq!(arm(None).as_deref(), Ok("base"));
    assert_eq!(arm(Some("base")).as_deref(), Ok("base"));
    assert_eq!(arm(Some("eager")).as_deref(), Ok("eager"));
    let wrong = arm(Some("eagre")).expect_err("there is none");
    assert!(wrong[0].message.contains("eagre"), "{}", wrong[0].message);
}

#[test]
fn outcomes_read_as_their_estimates() {
    let results = dilemma().run(&Run::new(400).variant("eager")).expect("it can be played");
    let (base, eager) = (
        results.outcome("given").expect("an outcome"),
        results.arm("eager").and_then(|arm| arm.outcome("given")).expect("an outcome"),
    );
    // logit with precision 0: each option in half of the rounds
    assert!((eager.mean - 1.5).abs() < 0.2, "{}", eager.mean);
    let difference = base.difference("eager").expect("it was played");
    assert!((difference.mean - (eager.mean - base.mean)).abs() < 1e-12);
    assert!(difference.interval.lo <= difference.mean);
    assert!(difference.mean <= difference.interval.hi);
    assert_eq!((base.name(), base.n), ("given", 400));
}

#[test]
fn results_are_tables_and_json() {
    let scenario = dilemma();
    let results = scenario.run(&Run::new(20).variant("eager")).expect("it can be played");
    let tables = results.tables().expect("tables");
    let names: Vec<&str> = tables.iter().map(|table| table.schema().name()).collect();
    assert_eq!(names, ["summary", "histogram", "differences"]);
    let json = serde_json::to_value(&results).expect("json");
    assert_eq!(json["results"]["arms"][1]["name"], "eager");
    assert_eq!(json["results"]["arms"][0]["outcomes"][0]["n"], 20);
    let verdicts = scenario.claims(&Claims::new(40)).expect("they can be judged");
    assert_eq!(verdicts.tables().map(|tables| tables.len()).ok(), Some(1));
    assert!(serde_json::to_string(&verdicts).expect("json").contains("\"supported\""));
}

#[test]
fn a_trace_is_the_run_that_is_played() {
    let scenario = dilemma();
    let trace = scenario.trace(&Trace::new(0)).expect("a trace");
    assert_eq!(trace.rounds.len(), 3);
    let results = scenario.run(&Run::new(1)).expect("it can be played");
    assert_eq!(trace.outcomes[0].1, results.outcome("given").expect("an outcome").mean);
    refused(scenario.trace(&Trace::new(0).variant("eagre")), &["no variant `eagre`"]);
    refused(scenario.trace(&Trace::new(0).rounds(0)), &["rounds"]);
}

#[test]
fn claims_have_verdicts_by_name() {
    let verdicts = dilemma().claims(&Claims::new(400)).expect("they can be judged");
    let verdict = |name: &str| verdicts.claim(name).map(|claim| claim.verdict()).ok();
    assert_eq!(verdict("some"), Some(detente::claims::Verdict::Supported));
    assert_eq!(verdict("none"), Some(detente::claims::Verdict::Contradicted));
    assert!(verdict("other").is_none());
}

#[test]
fn sweeps_say_everything_that_decides_them() {
    let scenario = dilemma();
    let open = scenario.manifest(&Sweep::new().vary("gift=2:4")).expect("a sweep");
    let grid = scenario.manifest(&Sweep::new().vary("gift=2:4:3").runs(7)).expect("a sweep");
    assert_eq!((open.design.word(), open.points, open.runs), ("sobol", 256, 100));
    assert_eq!((grid.design.word(), grid.runs), ("grid", 7));
    assert_eq!(grid.points, 3);
    refused(scenario.manifest(&Sweep::new().vary("gfit=1,2")), &["gfit", "`gift`", "^"]);
    refused(scenario.manifest(&Sweep::new()), &["nothing varies"]);
    refused(scenario.manifest(&Sweep::new().vary("gift=0:1").runs(0)), &["runs", "0"]);
}

#[test]
fn points_are_read_from_files_and_faults_have_places() {
    let folder = Temporary::new("points");
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let file = folder.0.join("points.csv");
    let path = file.display().to_string();
    let asked = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        dilemma().manifest(&Sweep::new().file(&path))
    };
    let manifest = asked("gift,decision.precision\n2,1\n3,0.5\n").expect("a sweep");
    assert_eq!((manifest.design.word(), manifest.points), ("list", 2));
    let list = manifest.list.expect("points");
    assert_eq!(list[1], ("decision.precision".to_string(), vec!["1".into(), "0.5".into()]));
    refused(asked("gift\n2\n1/0\n"), &["points.csv:3:1", "^^^"]);
    refused(asked("gift;x\n2;3\n"), &["separated by semicolons"]);
    refused(asked("gift,gift\n2,3\n"), &["`gift` is there twice", "points.csv:1:6"]);
    refused(asked("gift\n"), &["has no points"]);
    let many = asked(&format!("gift\n{}", "2,3\n".repeat(30)));
    refused(many, &["points.csv:2:1", "and more of this kind"]);
    let named = Sweep::new().file("sobl");
    refused(dilemma().manifest(&named), &["cannot read the points of `sobl`", "`sobol`"]);
}

#[test]
fn scenarios_and_their_plans_are_described() {
    let scenario = dilemma();
    let found = serde_json::to_value(scenario.describe().expect("a description")).expect("json");
    assert_eq!(found["name"], "dilemma");
    let plan = scenario.plan_description(true).expect("a plan");
    for phase in &plan.phases {
        let sum: usize = phase.operations.iter().map(|(_, count)| count).sum();
        assert_eq!(phase.total, sum, "{}", phase.name);
    }
    assert!(plan.phases.iter().any(|phase| phase.total > 0));
    // the payoffs of A and B stand in lines 11 and 12 of the text
    let listing = plan.listing.as_deref().unwrap_or_default();
    assert!(listing.contains("# line 11") && listing.contains("# line 12"), "{listing}");
    assert_eq!(scenario.plan_description(false).expect("a plan").listing, None);
}

#[test]
fn diagnostics_show_themselves_without_colours() {
    let wrong = DILEMMA.replace("chose[A, give]\" }", "chose[A, gvie]\" }");
    let error: Diagnostics = Scenario::parse(&wrong).expect_err("it is wrong");
    let text = error.to_string();
    for word in ["gvie", "did you mean `give`?", "scenario:", "^^^^", "1 error in scenario"] {
        assert!(text.contains(word), "no `{word}` in: {text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(error.render(true).contains('\u{1b}'));
    assert_eq!(error.iter().count(), 1);
    let source: &dyn std::error::Error = &error;
    assert_eq!(source.to_string(), text);
}

const CHICKEN: &str = r#"NFG 1 R "Chicken" { "A" "B" } { { "dare" "swerve" } { "dare" "swerve" } }
0 0  1 4  4 1  3 3
"#;

#[test]
fn games_are_solved_by_concept_and_unfit_options_are_refused() {
    let game = Game::parse(CHICKEN).expect("a game");
    let nash = game.solve(&Solve::new(Concept::Nash)).expect("an answer");
    assert_eq!((nash.equilibria().len(), nash.stop.as_str()), (3, "complete"));
    // each dares with probability 1/2: the other is indifferent between 2 and (1 + 3) / 2
    let near = |x: f64, y: f64| (x - y).abs() < 1e-12;
    let mixed = nash.equilibria().iter().find(|found| near(found.profile[0][0], 0.5));
    assert!(mixed.is_some_and(|found| found.payoffs.iter().all(|x| near(*x, 2.0))), "{nash:?}");
    let json = serde_json::to_value(&nash).expect("json");
    assert_eq!((&json["concept"], &json["stop"]), (&"nash".into(), &"complete".into()));
    assert_eq!(json["equilibria"].as_array().map(Vec::len), Some(3));
    // the sum of payoffs is greatest where one dares at most: 6, 5, 5
    let best = game.solve(&Solve::new(Concept::Correlated)).expect("an answer");
    let value = serde_json::to_value(&best).expect("json")["value"].as_f64().expect("a number");
    assert!(value > 5.0 && value < 6.0, "{value}");
    let fit = Solve::new(Concept::Qre).fit(vec![vec![1.0, 1.0]; 2]);
    assert!(game.solve(&fit).is_ok());
    refused(game.solve(&fit.clone().precision([1.0])), &["--precision", "--fit"]);
    refused(game.solve(&Solve::new(Concept::Qre)), &["--precision 0.5,1,2"]);
    refused(game.solve(&Solve::new(Concept::Pure).method(Method::Logit)), &["`logit`", "`pure`"]);
    refused(game.solve(&Solve::new(Concept::Nash).steps(9)), &["--steps", "fictitious-play"]);
    refused(game.solve(&Solve::new(Concept::RegretMatching).steps(0)), &["steps", "0"]);
    refused(game.solve(&Solve::new(Concept::Correlated).maximise("Tom")), &["`Tom`", "A, B"]);
    refused("nsah".parse::<Concept>(), &["`nsah`", "did you mean `nash`"]);
    refused(Game::parse("NFG 1 R \"x\" { 2 2 }"), &["game:1:15", "^"]);
    refused(Game::find("chickn.nfg", Default::default()), &["chicken.nfg"]);
}

#[test]
fn the_round_of_a_scenario_is_a_game() {
    let scenario = dilemma();
    let game = scenario.stage_game(&Stage::new(1).set("gift", "3")).expect("a game");
    let found = game.solve(&Solve::new(Concept::Pure)).expect("an answer");
    // giving costs 1 and is worth 3 to the other: nobody gives
    assert_eq!(found.equilibria().len(), 1);
    assert_eq!(found.equilibria()[0].payoffs, [0.0, 0.0]);
    let alone = scenario.stage_game(&Stage::new(2).actor("B").variant("eager")).expect("a game");
    assert_eq!(alone.players().len(), 1);
    refused(scenario.stage_game(&Stage::new(0)), &["3 rounds, not 0"]);
    refused(scenario.stage_game(&Stage::new(4)), &["3 rounds, not 4"]);
    refused(scenario.stage_game(&Stage::new(1).actor("C")), &["no actor `C`", "did you mean `A`"]);
    refused(scenario.stage_game(&Stage::new(1).variant("eagre")), &["no variant `eagre`"]);
    refused(scenario.stage_game(&Stage::new(1).set("gfit", "1")), &["`gift`"]);
}

#[test]
fn postures_are_played_solved_and_written() {
    let postures = "[postures.A]\nkind = { set = { \"decision.A.precision\" = 0 } }\nas_is = {}\n";
    let scenario = Scenario::parse(&format!("{DILEMMA}{postures}")).expect("a sound scenario");
    let request = Meta::new().budget(2_000).variant("base");
    let found = scenario.meta(&request).expect("it can be played");
    let game = &found.verdict().game;
    // who gives half of the time pays more than who gives with probability 1 / (1 + e)
    assert!(game.payoffs_of(0)[0] < game.payoffs_of(0)[1], "{:?}", game.payoffs_of(0));
    let names: Vec<String> =
        found.tables().expect("tables").iter().map(|t| t.schema().name().to_string()).collect();
    assert_eq!(names, ["payoffs", "equilibria", "standings"]);
    let json = serde_json::to_value(&found).expect("json");
    assert_eq!(json["game"]["payoffs"][0][1].as_f64(), Some(game.payoffs_of(0)[1]));
    let folder = Temporary::new("postures");
    found.write(&folder.0).expect("files");
    assert!(folder.0.join("game.nfg").exists() && folder.0.join("payoffs.csv").exists());
    let again = Game::open(folder.0.join("game.nfg")).expect("a game");
    assert_eq!(again.payoffs_of(0), game.payoffs_of(0));
    refused(scenario.meta(&Meta::new().runs(0)), &["runs", "0"]);
    refused(scenario.meta(&Meta::new().variant("eagre")), &["no variant `eagre`"]);
    refused(scenario.meta(&Meta::new().budget(256)), &["2 joint postures", "at most 1"]);
    refused(scenario.meta(&Meta::new().set("gfit", "1")), &["`gift`"]);
    refused(dilemma().meta(&Meta::new()), &["no postures"]);
}
