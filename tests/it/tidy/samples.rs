//! Each rule catches its sample, and lets through what only looks like it.

use super::files::{codes_without_example, machine_paths, not_in_catalog, unreached};
use super::layers::{check, imports, unused};
use super::rules::{
    leftovers, long_file, long_functions, long_lines, platform_maths, prints_and_panics,
};
use super::source::Source;
use super::{Finding, LAYERS};

/// The findings as the user sees them.
fn shown(findings: Vec<Finding>) -> Vec<String> {
    findings.iter().map(Finding::to_string).collect()
}

/// How many findings a rule has in `text` at `path`.
fn count(rule: impl Fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> usize {
    rule(&Source::new(path, text)).len()
}

fn layers(path: &str, text: &str) -> Vec<String> {
    shown(check(&Source::new(path, text), LAYERS))
}

#[test]
fn a_finding_says_where_what_and_what_to_do() {
    assert_eq!(
        layers("src/solve/logit.rs", "\nuse crate::engine::Sink;\n"),
        ["src/solve/logit.rs:2: error: `solve` may not import `crate::engine`; see the import \
          table in docs/architecture.md, and move the shared part down"]
    );
}

#[test]
fn imports_are_found_in_every_form() {
    let text = "use crate::{table::{Table, Kind}, rng, math::exp};\n\
                fn f() { crate::stats::mean(); }\n\
                // use crate::comment::X;\nconst T: &str = \"crate::text::X\";\n\
                use super::super::plan::Plan;\nuse super::sibling::X;\n\
                mod tests { use super::super::super::model; use super::super::inner; }\n\
                macro_rules! m { () => { $crate::elsewhere::f() } }\n";
    let found = imports(&Source::new("src/expr/parse.rs", text));
    let names: Vec<(usize, &str)> = found.iter().map(|(line, name)| (*line, &**name)).collect();
    let expected = [(1, "table"), (1, "rng"), (1, "math"), (2, "stats"), (5, "plan"), (7, "model")];
    assert_eq!(names, expected);
    let one = imports(&Source::new("src/table.rs", "mod tests { use super::super::rng; }"));
    assert_eq!(one, [(1, "rng".to_owned())]);
    let root = imports(&Source::new("src/expr/mod.rs", "use super::math;"));
    assert_eq!(root, [(1, "math".to_owned())]);
}

#[test]
fn upward_imports_are_caught() {
    assert_eq!(layers("src/table.rs", "use crate::rng::Seed;").len(), 1);
    assert_eq!(layers("src/reference.rs", "use crate::plan::Plan;").len(), 1);
    assert_eq!(layers("src/expr/mod.rs", "mod tests { use crate::model::Model; }").len(), 1);
    assert_eq!(layers("src/expr/mod.rs", "use crate::Model;").len(), 1);
    assert_eq!(layers("src/newcomer.rs", "").len(), 1);
    assert_eq!(layers("src/cli/run.rs", "use crate::engine::run;").len(), 1);
    assert!(layers("src/cli/run.rs", "use crate::cli::args; use detente::engine;").is_empty());
    assert!(layers("src/engine/mod.rs", "use crate::{plan::Plan, engine::x, rng};").is_empty());
    assert!(layers("src/lib.rs", "pub use crate::anything::X;").is_empty());
}

#[test]
fn idle_permissions_are_caught() {
    let source = |path: &str, text: &str| Source::new(path, text);
    let sources = [
        source("src/table.rs", ""),
        source("src/expr/mod.rs", "//! Not a use: crate::rng"),
        source("src/expr/parse.rs", "use crate::{table::{Kind, rng}, math};"),
    ];
    let layers: &[(&str, &[&str])] =
        &[("table", &[]), ("expr", &["table", "math", "rng"]), ("solve", &["table"])];
    let found = unused(&sources, layers, "tests/it/tidy.rs");
    let texts: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
    let idle = "`expr` may import `crate::rng` and does not";
    assert_eq!(texts, [idle, "there is no module `solve`"]);
}

#[test]
fn the_layers_have_a_direction() {
    // A row may only name modules that exist and that cannot, by any path, lead back to it.
    let row = |name: &str| LAYERS.iter().find(|(layer, _)| *layer == name).map(|(_, below)| *below);
    for (layer, _) in LAYERS {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = row(layer).unwrap_or_default().to_vec();
        while let Some(name) = open.pop() {
            assert_ne!(name, *layer, "`{layer}` would import itself by a detour");
            let below = row(name).unwrap_or_else(|| panic!("`{name}` has no row"));
            if !seen.contains(&name) {
                seen.push(name);
                open.extend(below);
            }
        }
    }
}

#[test]
fn long_lines_are_caught() {
    assert_eq!(count(long_lines, "src/a.rs", &"x".repeat(101)), 1);
    assert_eq!(count(long_lines, "src/a.rs", &"é".repeat(100)), 0);
    assert_eq!(count(long_lines, "src/a.rs", &format!("// https://{}", "x".repeat(100))), 0);
}

#[test]
fn long_functions_are_caught() {
    let body = |lines: usize| "    let c = '{'; // {\n".repeat(lines);
    let long = format!("/// Doc.\nfn f<'a>(x: [u8; 3]) -> &'a str {{\n{}}}\n", body(69));
    assert_eq!(count(long_functions, "src/a.rs", &long), 1);
    let fits = format!("fn f() {{\n{}}}\n", body(68));
    assert_eq!(count(long_functions, "src/a.rs", &fits), 0);
    let text = format!("fn f() -> &str {{ r#\"\n}}\n{}\"# }}\n", "{\n".repeat(80));
    assert_eq!(count(long_functions, "src/a.rs", &text), 1);
    let declared = format!("trait T {{\n    fn f(x: [u8; 3]);\n{}}}\n", body(80));
    assert_eq!(count(long_functions, "src/a.rs", &declared), 0);
}

#[test]
fn long_files_are_caught() {
    assert_eq!(count(long_file, "src/a.rs", &"\n".repeat(701)), 1);
    assert_eq!(count(long_file, "src/a.rs", &"\n".repeat(700)), 0);
}

#[test]
fn leftovers_are_caught() {
    let note = format!("// {}: later", concat!("TO", "DO"));
    assert_eq!(count(leftovers, "tests/it/a.rs", &note), 1);
    for bad in ["dbg!(x);", "todo!()", "unimplemented!()"] {
        assert_eq!(count(leftovers, "src/a.rs", bad), 1, "{bad}");
    }
    assert_eq!(count(leftovers, "src/a.rs", "let mytodo = \"dbg!\"; // todo! is banned"), 0);
}

#[test]
fn prints_and_panics_are_caught() {
    let rule = prints_and_panics;
    for bad in ["println!(\"\")", "eprint!()", "x.unwrap()", "x.expect(\"\")", "panic!(\"\")"] {
        assert_eq!(count(rule, "src/a.rs", bad), 1, "{bad}");
        assert_eq!(count(rule, "src/cli/a.rs", bad), 0, "{bad}");
        let test = format!("#[cfg(test)]\nmod tests {{\n{bad};\n}}\n");
        assert_eq!(count(rule, "src/a.rs", &test), 0, "{bad}");
        assert_eq!(count(rule, "src/a.rs", &format!("{test}{bad}")), 1, "{bad}");
    }
    assert_eq!(count(rule, "src/a.rs", "x.expect(\n\"text\")"), 1);
    let declared = "#[cfg(test)]\nmod tests;\nx.unwrap();";
    assert_eq!(count(rule, "src/a.rs", declared), 1);
    assert_eq!(count(rule, "src/a.rs", "x.unwrap() // invariant: never empty"), 0);
    assert_eq!(
        count(rule, "src/a.rs", "// invariant: never empty, since the\n// a.\nx.unwrap()"),
        0
    );
    assert_eq!(count(rule, "src/a.rs", "x.unwrap_or(1); self.expect(b); p.expect(\"]\")?;"), 0);
    assert_eq!(count(rule, "src/a.rs", "/// ```\n/// x.unwrap();\n/// ```"), 0);
}

#[test]
fn platform_maths_is_caught() {
    for bad in ["x.exp()", "x.powf(2.0)", "map(f64::ln)", "x\n.tanh()", "a.mul_add(b, c)"] {
        assert_eq!(count(platform_maths, "src/a.rs", bad), 1, "{bad}");
        assert_eq!(count(platform_maths, "src/math.rs", bad), 0, "{bad}");
    }
    for good in ["math::exp(x)", "x.sqrt()", "x.expand()", "code.exponent()", "x.log_odds()"] {
        assert_eq!(count(platform_maths, "src/a.rs", good), 0, "{good}");
    }
}

#[test]
fn scenarios_outside_the_catalog_are_caught() {
    let paths = ["scenarios/textbook/stag-hunt.toml", "scenarios/a/pact.toml", "scenarios/n.md"];
    let paths: Vec<String> = paths.map(str::to_owned).to_vec();
    let found = shown(not_in_catalog("| `stag-hunt` | Skyrms |\nimpact pact-2", &paths));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("scenarios/README.md:1: error: `scenarios/a/pact.toml` is not"));
}

#[test]
fn codes_without_examples_are_caught() {
    let file = |path: &str, text: &str| (format!("tests/diagnostics/{path}"), text.to_owned());
    let files = [
        file("load/unknown-actor.toml", "# E0003"),
        file("load/unknown-actor.txt", "error[E0001]: unknown actor"),
        file("load/orphan.txt", "error[E0002]: no example beside it"),
    ];
    let found = codes_without_example(&["E0001", "E0002", "E0003"], &files);
    let codes: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(codes, ["diagnostic E0002 has no example", "diagnostic E0003 has no example"]);
}

#[test]
fn machine_paths_are_caught() {
    let bad = concat!("see /wo", "rk/main/x.rs");
    assert_eq!(machine_paths("README.md", bad).len(), 1);
    assert_eq!(machine_paths("README.md", concat!("\"/ro", "ot/.cargo\"")).len(), 1);
    assert!(machine_paths("README.md", "https://example.org/work/paper, field/work/x").is_empty());
}

#[test]
fn sources_that_nobody_compiles_are_caught() {
    let made = [
        ("src/lib.rs", "pub mod plan;\nmod old; // once\n"),
        ("src/plan/mod.rs", "mod graph;\n// mod dead;\n"),
        ("src/plan/graph.rs", ""),
        ("src/plan/dead.rs", ""),
        ("src/old.rs", "mod part;"),
        ("src/old/part.rs", ""),
        ("src/old/plan.rs", ""),
    ];
    let sources: Vec<Source> = made.iter().map(|(path, text)| Source::new(path, text)).collect();
    let found: Vec<String> = unreached(&sources).into_iter().map(|f| f.path).collect();
    assert_eq!(found, ["src/plan/dead.rs", "src/old/plan.rs"]);
}
