//! Figures and reports: what is drawn is what was computed, and nothing that a file says becomes
//! markup.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Place, kept, root};

/// A place with results of these commands, each in a folder of its own.
fn results(name: &str, commands: &[&[&str]]) -> Place {
    let place = Place::new(&format!("figures-{name}"), "empty.txt", "");
    for command in commands {
        let (status, out, errors) = place.detente(command);
        assert!(matches!(status, Some(0 | 1)), "{command:?}\n{out}\n{errors}");
    }
    place
}

/// The figures of a folder as SVG, and the numbers behind them as rows by column.
fn drawn(place: &Place, folder: &str) -> BTreeMap<String, (String, Vec<BTreeMap<String, String>>)> {
    for format in ["svg", "csv"] {
        let (status, out, errors) =
            place.detente(&["plot", folder, "--format", format, "-o", &format!("{folder}-drawn")]);
        assert_eq!(status, Some(0), "{out}\n{errors}");
    }
    let mut all = BTreeMap::new();
    let entries = fs::read_dir(place.0.join(format!("{folder}-drawn"))).expect("it is there");
    for path in entries.map(|entry| entry.expect("it can be read").path()) {
        if path.extension().is_some_and(|end| end == "svg") {
            let svg = fs::read_to_string(&path).expect("it is text");
            let mut reader =
                csv::Reader::from_path(path.with_extension("csv")).expect("it is there");
            let head: Vec<String> =
                reader.headers().expect("it has a header").iter().map(String::from).collect();
            let rows = reader.records().map(|record| {
                let record = record.expect("it is a table");
                head.iter().cloned().zip(record.iter().map(String::from)).collect()
            });
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            all.insert(name, (svg, rows.collect()));
        }
    }
    all
}

/// Results of which all kinds of figures can be made, in a folder of the test's own.
fn all_kinds(test: &str) -> Place {
    results(
        &format!("kinds-{test}"),
        &[
            &["run", "shadow-of-the-future", "--all-variants", "--runs", "60", "--out", "run"],
            &[
                "sweep",
                "stag-hunt",
                "--vary",
                "both_stag=3:5:3",
                "--vary",
                "decision.precision=1:4:3",
                "--runs",
                "40",
                "--out",
                "grid",
            ],
            &[
                "sweep",
                "chicken",
                "--vary",
                "decision.precision=1:8:4",
                "--runs",
                "40",
                "--out",
                "line",
            ],
            &[
                "claims",
                "kydd-trust-game",
                "--runs",
                "60",
                "--robust",
                "8",
                "--robust-runs",
                "20",
                "--out",
                "claims",
            ],
            &["sensitivity", "stag-hunt", "--rows", "16", "--out", "sensitivity"],
        ],
    )
}

#[test]
fn figures_are_as_they_were_kept() {
    let place = all_kinds("kept");
    let mut wrong = Vec::new();
    for folder in ["run", "grid", "line", "claims", "sensitivity"] {
        let figures = drawn(&place, folder);
        assert!(!figures.is_empty(), "{folder}");
        for (name, (svg, _)) in figures {
            wrong.extend(kept(&root().join(format!("tests/figures/{folder}-{name}.svg")), &svg));
        }
    }
    assert!(wrong.is_empty(), "{}\nDETENTE_BLESS=1 writes them anew", wrong.join("\n"));
}

#[test]
fn every_figure_says_what_it_is_of() {
    let place = all_kinds("behind");
    for (folder, scenario) in
        [("run", "shadow-of-the-future"), ("grid", "stag-hunt"), ("sensitivity", "stag-hunt")]
    {
        for (name, (svg, rows)) in drawn(&place, folder) {
            let caption = svg.rsplit("font-style=\"italic\"").next().unwrap_or_default();
            for part in [scenario, "seed 20240619", "run"] {
                assert!(caption.contains(part), "{folder} {name} does not say {part}");
            }
            assert!(svg.contains("role=\"img\""), "{name}");
            for tag in ["<title>", "<desc>"] {
                assert!(svg.contains(tag), "{name} has no {tag}");
            }
            assert!(!rows.is_empty(), "{name} has no numbers");
        }
    }
}

/// A scale of a panel: from values to places and back.
struct Scale([f64; 4]);

impl Scale {
    fn read(group: &str, name: &str) -> Scale {
        let text = attribute(group, name);
        let mut parts = text.split(' ').map(|part| part.parse::<f64>().expect("it is a number"));
        let mut next = || parts.next().expect("there are four");
        Scale([next(), next(), next(), next()])
    }

    fn value(&self, place: f64) -> f64 {
        let Scale([from, to, start, end]) = self;
        from + (to - from) * (place - start) / (end - start)
    }

    /// What two places after the point cannot tell apart.
    fn blur(&self) -> f64 {
        let Scale([from, to, start, end]) = self;
        0.011 * (to - from).abs() / (end - start).abs()
    }
}

fn attribute(text: &str, name: &str) -> String {
    let start = text.find(&format!(" {name}=\"")).expect("it has the attribute") + name.len() + 3;
    text[start..].split('"').next().unwrap_or_default().to_string()
}

/// The panels of a figure with marks, each with its two scales.
fn panels(svg: &str) -> Vec<(Scale, Scale, &str)> {
    let groups = svg.split("<g class=\"panel\"").skip(1);
    groups
        .map(|group| {
            let head = format!(" {}", group.split('>').next().unwrap_or_default());
            // the panel ends where the next thing around a panel begins
            let marks = group.split("<g><").next().unwrap_or(group);
            (Scale::read(&head, "data-x"), Scale::read(&head, "data-y"), marks)
        })
        .collect()
}

/// The values at which dots stand along an axis.
fn dots(svg: &str) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    for (x, _, marks) in panels(svg) {
        for dot in marks.split("<circle").skip(1) {
            let place: f64 = attribute(dot, "cx").parse().expect("it is a number");
            all.push((x.value(place), x.blur()));
        }
    }
    all
}

/// The values through which lines go, from below to above.
fn points(svg: &str) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    for (_, y, marks) in panels(svg) {
        for path in marks.split("<path").skip(1).filter(|path| path.contains("fill=\"none\"")) {
            for point in attribute(path, "d").split(['M', 'L']).filter(|point| !point.is_empty()) {
                let place = point.split(' ').nth(1).and_then(|y| y.parse().ok());
                all.push((y.value(place.expect("it is a number")), y.blur()));
            }
        }
    }
    all
}

fn numbers(rows: &[BTreeMap<String, String>], columns: &[&str]) -> Vec<f64> {
    let cells = rows.iter().flat_map(|row| columns.iter().filter_map(|name| row.get(*name)));
    cells.filter_map(|cell| cell.parse().ok()).collect()
}

/// Whether every drawn value is one of the numbers, and, of dots, whether all of those are drawn.
fn agree(what: &str, drawn: &[(f64, f64)], numbers: &[f64], all: bool) {
    assert!(!drawn.is_empty(), "{what}: nothing is drawn");
    let near = |a: f64, b: f64, blur: f64| (a - b).abs() <= blur + 1e-12;
    for (value, blur) in drawn {
        let found = numbers.iter().any(|number| near(*number, *value, *blur));
        assert!(found, "{what}: {value} is drawn and in no table");
    }
    for number in numbers.iter().filter(|_| all) {
        let found = drawn.iter().any(|(value, blur)| near(*number, *value, *blur));
        assert!(found, "{what}: {number} is not drawn");
    }
}

#[test]
fn what_is_drawn_is_what_was_computed() {
    let place = all_kinds("marks");
    let run = drawn(&place, "run");
    let (svg, rows) = &run["differences"];
    agree("differences", &dots(svg), &numbers(rows, &["mean"]), true);
    let (svg, rows) = &run["outcomes"];
    agree("outcomes", &dots(svg), &numbers(rows, &["mean"]), true);
    let (svg, rows) = &run["trajectories"];
    agree("trajectories", &points(svg), &numbers(rows, &["mean", "median"]), false);
    let (svg, rows) = &run["survival"];
    let mut shares = numbers(rows, &["share without"]);
    // before the first round nothing has happened
    shares.push(1.0);
    agree("survival", &points(svg), &shares, true);
    let line = drawn(&place, "line");
    let (svg, rows) = &line["sweep"];
    agree("sweep", &points(svg), &numbers(rows, &["mean"]), true);
    let claims = drawn(&place, "claims");
    let (svg, rows) = &claims["claims"];
    let beyond = rows.iter().filter_map(|row| {
        let number = |name: &str| row[name].parse::<f64>().ok();
        let side = if row["needs"].starts_with('<') { -1.0 } else { 1.0 };
        Some((number("statistic")? - number("threshold")?) * side)
    });
    agree("claims", &dots(svg), &beyond.collect::<Vec<f64>>(), true);
    let sensitivity = drawn(&place, "sensitivity");
    let (svg, rows) = &sensitivity["sensitivity"];
    let clamped = numbers(rows, &["total"]).into_iter().map(|total| total.clamp(0.0, 1.0));
    agree("sensitivity", &dots(svg), &clamped.collect::<Vec<f64>>(), true);
}

#[test]
fn the_numbers_behind_a_figure_are_those_of_the_tables() {
    let place = all_kinds("tables");
    let figures = drawn(&place, "run");
    for (figure, table, names) in [
        ("differences", "differences", [("mean", "mean"), ("lo", "lo"), ("hi", "hi")]),
        ("outcomes", "summary", [("mean", "mean"), ("lo", "lo"), ("hi", "hi")]),
        ("survival", "survival", [("share without", "survival"), ("lo", "lo"), ("hi", "hi")]),
    ] {
        let mut known = BTreeMap::new();
        let path = place.0.join(format!("run/{table}.csv"));
        let mut reader = csv::Reader::from_path(path).expect("it is there");
        for row in reader.deserialize::<BTreeMap<String, String>>() {
            let row = row.expect("it is a table");
            let round = row.get("round").cloned().unwrap_or_default();
            known.insert((row["arm"].clone(), row["outcome"].clone(), round), row);
        }
        let (_, rows) = &figures[figure];
        for row in rows.iter().filter(|row| row.get("mean").is_none_or(|mean| !mean.is_empty())) {
            let round = row.get("round").cloned().unwrap_or_default();
            let own = &known[&(row["arm"].clone(), row["outcome"].clone(), round)];
            for (shown, column) in names {
                let number = |cell: &str| cell.parse::<f64>().ok();
                assert_eq!(number(&row[shown]), number(&own[column]), "{figure} {row:?}");
            }
        }
    }
}

#[test]
fn what_happens_or_does_not_is_a_share_with_an_interval() {
    let place = results(
        "shares",
        &[&["run", "july-crisis", "--variant", "no_blank_cheque", "--runs", "40", "--out", "run"]],
    );
    let figures = drawn(&place, "run");
    let (svg, rows) = &figures["outcomes"];
    assert!(svg.contains("share of runs"));
    let war: Vec<_> = rows.iter().filter(|row| row["outcome"] == "general_war").collect();
    assert_eq!(war.len(), 2, "an estimate for each arm and no bins");
    for row in war {
        let [mean, lo, hi] = ["mean", "lo", "hi"].map(|name| row[name].parse::<f64>().unwrap());
        assert!(0.0 <= lo && lo < mean && mean < hi && hi <= 1.0, "{row:?}");
    }
    // of flags over rounds shares are drawn, and no quantile
    let words = ["plot", "run", "--figure", "trajectories", "--variables", "general_war"];
    let csv = [&words[..], &["--format", "csv", "-o", "flag.csv"]].concat();
    for words in [&[&words[..], &["-o", "flag.svg"]].concat(), &csv] {
        let (status, out, errors) = place.detente(words);
        assert_eq!(status, Some(0), "{out}\n{errors}");
    }
    let svg = fs::read_to_string(place.0.join("flag.svg")).expect("it was drawn");
    let mut reader = csv::Reader::from_path(place.0.join("flag.csv")).expect("it was written");
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().collect::<Result<_, _>>().expect("it is a table");
    let means = numbers(&rows, &["mean"]);
    assert!(means.iter().any(|mean| *mean > 0.0 && *mean < 1.0), "{means:?}");
    agree("flag", &points(&svg), &means, true);
    assert!(svg.contains(" %</text>"), "the axis is in per cent");
}

/// A scenario whose every text tries to be something else.
fn hostile() -> String {
    let bad = concat!(
        "</title></svg><script>alert(1)</script><img src=x onerror=alert(2)>",
        r"\u001B[31m\u0007\n'&"
    );
    format!(
        r#"format = 1
[scenario]
name = "hostile"
title = "{bad}"
summary = "{bad}"
rounds = 3
round = "week"
[sources.x]
title = "{bad}"
author = "{bad}"
[actors]
A = {{ name = "{bad}" }}
B = {{ name = "{bad}" }}
[parameters]
gift = {{ value = 3, range = [2, 4], source = "x", note = "{bad}", unit = "{bad}" }}
[state]
heap = {{ initial = 0, range = [0, 90], unit = "{bad}", note = "{bad}" }}
[payoffs.gain]
A = "gift * chose[B, give] - chose[A, give]"
B = "gift * chose[A, give] - chose[B, give]"
[weights]
gain = 1
[moves.give]
title = "{bad}"
by = "actors"
effects = ["heap += 1"]
[decision]
precision = 1
[outcomes]
given = {{ total = "chose[A, give]", title = "{bad}" }}
ever = {{ max = "chose[A, give]", title = "{bad}" }}
[variants.rich]
title = "{bad}"
set = {{ gift = 4 }}
[claims]
some = {{ says = "{bad}", source = "x", note = "{bad}", test = "mean(given) > 0.5" }}
"#
    )
}

/// Nothing of a page or a figure is what a file made of it.
fn harmless(what: &str, text: &str) {
    for bad in ["<script>alert", "<img", "\u{1b}", "\u{7}", "</title></svg>", "onerror=alert(2)>"] {
        assert!(!text.contains(bad), "{what} holds {bad:?}");
    }
    assert!(text.contains("&lt;script&gt;alert(1)"), "{what} shows the text");
}

#[test]
fn hostile_titles_are_harmless() {
    let place = Place::new("figures-hostile", "hostile.toml", &hostile());
    let (status, out, errors) = place.detente(&["check", "hostile.toml"]);
    assert_eq!(status, Some(0), "{out}\n{errors}");
    for command in [
        &["list"][..],
        &["describe", "hostile.toml"],
        &["run", "hostile.toml", "--all-variants", "--runs", "40", "--out", "run"],
        &["claims", "hostile.toml", "--runs", "40", "--out", "claims", "--report"],
        &["trace", "hostile.toml"],
        &["trace", "hostile.toml", "--brief"],
        &["plot", "run"],
        &["report", "run", "claims", "-o", "page.html"],
    ] {
        let (status, out, errors) = place.detente(command);
        assert_eq!(status, Some(0), "{command:?}\n{out}\n{errors}");
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!out.contains(steers), "{command:?}\n{out:?}");
        // the terminal's own colours end in m
        assert!(!errors.contains('\u{7}') && !errors.contains("[31m"), "{command:?}\n{errors:?}");
    }
    for name in ["differences", "outcomes", "timeline"] {
        let path = place.0.join(format!("run/figures/{name}.svg"));
        harmless(name, &fs::read_to_string(path).expect("it was drawn"));
    }
    for path in ["page.html", "claims/report.html"] {
        let page = fs::read_to_string(place.0.join(path)).expect("it was written");
        harmless(path, &page);
        assert_eq!(page.matches("<script").count(), 1, "{path}");
        assert!(page.contains("default-src &#39;none&#39;"), "{path}");
        for leaving in ["src=", "url(", "@import", "<link", "<iframe", "href=\"http"] {
            let own = page.replace("&lt;img src=x", "");
            assert!(!own.contains(leaving), "{path} holds {leaving}");
        }
    }
}

#[test]
fn a_report_says_it_in_words() {
    let place = results(
        "words",
        &[
            &[
                "run",
                "july-crisis",
                "--variant",
                "no_blank_cheque",
                "--runs",
                "200",
                "--out",
                "run",
            ],
            &["claims", "july-crisis", "--runs", "40", "--out", "claims"],
            &["run", "stag-hunt", "--runs", "20", "--out", "other"],
        ],
    );
    let (status, out, errors) = place.detente(&["report", "run", "claims", "-o", "page.html"]);
    assert_eq!((status, out.as_str()), (Some(0), "report in page.html\n"), "{errors}");
    let page = fs::read_to_string(place.0.join("page.html")).expect("it was written");
    for part in [
        "<h1>The July crisis of 1914</h1>",
        "Berlin gives no blank cheque",
        "of the runs instead of",
        "percentage points lower",
        "tested claims",
        "id=\"register-table\"",
        "id=\"claims-table\"",
        "the numbers behind",
        "detente run july-crisis",
        "class=\"choice\"",
    ] {
        assert!(page.to_lowercase().contains(&part.to_lowercase()), "the page does not say {part}");
    }
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    let (_, again, _) = place.detente(&["report", "run", "claims", "-o", "again.html"]);
    let second = fs::read_to_string(place.0.join("again.html")).expect("it was written");
    assert!(again.contains("again.html") && page == second, "the same results, the same bytes");
    let (status, _, errors) = place.detente(&["report", "run", "other", "-o", "both.html"]);
    assert!(status == Some(1) && errors.contains("another scenario"), "{errors}");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let place = results(
        "said",
        &[
            &["run", "stag-hunt", "--runs", "20", "--out", "run"],
            &["run", "stag-hunt", "--runs", "20", "--out", "changed"],
        ],
    );
    let refused = |words: &[&str], status: i32, told: &str| {
        let (found, out, errors) = place.detente(words);
        assert_eq!(found, Some(status), "{words:?}\n{out}\n{errors}");
        assert!(errors.contains(told), "{words:?}\n{errors}");
    };
    refused(&["plot", "nowhere"], 2, "datapackage.json");
    refused(&["plot", "run", "--figure", "move"], 2, "did you mean `moves`");
    refused(&["plot", "run", "--figure", "survival"], 1, "they give outcomes, trajectories, moves");
    refused(&["plot", "run", "-o", "all.svg"], 2, "name a folder, or one figure by --figure");
    fs::write(place.0.join("mine.svg"), "mine").expect("it can be written");
    refused(&["plot", "run", "--figure", "moves", "-o", "mine.svg"], 2, "use --force");
    let path: PathBuf = place.0.join("changed/moves.csv");
    let text = fs::read_to_string(&path).expect("it is there").replace("hold", "held");
    fs::write(&path, text).expect("it can be written");
    refused(&["plot", "changed"], 1, "has changed");
    refused(&["report", "changed"], 1, "has changed");
    // what this command made it replaces
    for _ in 0..2 {
        let (status, out, errors) = place.detente(&["plot", "run"]);
        assert_eq!(status, Some(0), "{errors}");
        assert!(out.contains(Path::new("run/figures/moves.svg").to_str().unwrap()), "{out}");
    }
}

#[test]
fn small_things_are_said_well() {
    let place = results("small", &[]);
    let told = |words: &[&str]| {
        let (_, out, errors) = place.detente(words);
        out + &errors
    };
    let text = told(&["trace", "stag-hunt", "--run", "-1"]);
    assert!(text.contains("whole number that is not below 0") && !text.contains("-- -1"), "{text}");
    let text = told(&["run", "stag-hunt", "--runs", "-5"]);
    assert!(text.contains("-5 is not between 1 and"), "{text}");
    let text = told(&["trace", "stag-hunt", "--brief"]);
    assert_eq!(text.lines().filter(|line| line.contains(" %")).count(), 2, "{text}");
}
