//! A description as a page of text or Markdown.

use super::page::{self, Block, Section};
use crate::number::{rate, short};
use crate::view::describe::{Anticipated, Definition, Description, Expectation};

/// For a terminal.
pub fn text(found: &Description) -> String {
    page::text(title(found), &sections(found))
}

/// As Markdown.
pub fn markdown(found: &Description) -> String {
    page::markdown(title(found), &sections(found))
}

fn title(found: &Description) -> &str {
    if found.title.is_empty() { &found.name } else { &found.title }
}

/// All sections, those without content left out.
fn sections(found: &Description) -> Vec<Section> {
    let list = vec![
        ("About", about(found)),
        ("Actors", actors(found)),
        ("Options", options(found)),
        ("Payoffs", payoffs(found)),
        ("State", state(found)),
        ("Series", series(found)),
        ("Dynamics", definitions("cell", &found.dynamics)),
        ("Derived quantities", definitions("name", &found.derived)),
        ("Events", events(found)),
        ("Private information", types(found)),
        ("How actors choose", decisions(found)),
        ("How sharp choices are", sharpness(found)),
        ("Anticipation", anticipation(found)),
        ("Outcomes", outcomes(found)),
        ("Variants", variants(found)),
        ("Postures", postures(found)),
        ("Claims", claims(found)),
        ("Experiments", experiments(found)),
        ("Assumptions", parameters(found)),
        ("Sources", sources(found)),
    ];
    let list = list.into_iter().filter(|(_, blocks)| !blocks.is_empty());
    list.map(|(title, blocks)| Section { title: title.to_string(), blocks }).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_string() } else { text.to_string() }
}

/// A table, if it has rows.
fn table(head: &[&'static str], rows: Vec<Vec<String>>) -> Vec<Block> {
    if rows.is_empty() { Vec::new() } else { vec![Block::Table(head.to_vec(), rows)] }
}

fn list(entries: Vec<(String, Vec<String>)>) -> Vec<Block> {
    if entries.is_empty() { Vec::new() } else { vec![Block::List(entries)] }
}

fn about(found: &Description) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !found.summary.is_empty() {
        blocks.push(Block::Paragraph(found.summary.clone()));
    }
    let unit = if found.round.is_empty() { "round" } else { &found.round };
    let mut text = format!("`{}`: at most {} rounds", found.name, found.rounds);
    if unit != "round" {
        text += &format!(", each a {unit}");
    }
    if !found.start.is_empty() {
        text += &format!(", from {}", found.start);
    }
    if let Some(condition) = &found.stop_when {
        text += &format!("; a run ends when `{condition}`");
    }
    blocks.push(Block::Paragraph(text + "."));
    if !found.files.is_empty() {
        let files: Vec<String> = found.files.iter().map(|file| code(&file.name)).collect();
        blocks.push(Block::Paragraph(format!("It reads {}.", files.join(", "))));
    }
    blocks
}

fn actors(found: &Description) -> Vec<Block> {
    let rows = found.actors.iter().map(|actor| {
        let groups = found.groups.iter().filter(|g| g.members.contains(&actor.key));
        let groups: Vec<&str> = groups.map(|g| g.name.as_str()).collect();
        let seats = found.seats.iter().filter(|s| s.actor == actor.key);
        let seats: Vec<&str> = seats.map(|s| s.track.as_str()).collect();
        let name = or_dash(&actor.name);
        vec![actor.key.clone(), name, or_dash(&groups.join(", ")), seats.join(", ")]
    });
    let mut blocks = table(&["actor", "name", "groups", "chooses on"], rows.collect());
    let sets = found.sets.iter().map(|s| vec![s.name.clone(), s.elements.join(", ")]);
    blocks.extend(table(&["set", "elements"], sets.collect()));
    blocks
}

fn options(found: &Description) -> Vec<Block> {
    let rows = found.seats.iter();
    let rows = rows.map(|s| vec![s.actor.clone(), s.track.clone(), s.options.join(", ")]);
    let mut blocks = table(&["actor", "track", "options each round"], rows.collect());
    let entries = found.moves.iter().map(|m| {
        let mut head = code(&m.name);
        if !m.title.is_empty() {
            head += &format!(": {}", m.title);
        }
        head += &format!(" ({}; by {}", m.track, m.by.join(", "));
        if !m.toward.is_empty() {
            head += &format!("; toward {}", m.toward.join(", "));
        }
        if !m.and_toward.is_empty() {
            head += &format!("; and {}", m.and_toward.join(", "));
        }
        if let Some(stage) = m.stage {
            head += &format!("; stage {stage}");
        }
        if !m.tags.is_empty() {
            head += &format!("; {}", m.tags.iter().map(|t| format!("#{t}")).collect::<String>());
        }
        head += ")";
        let mut lines = Vec::new();
        lines.extend(m.when.as_ref().map(|w| format!("when `{w}`")));
        lines.extend(m.cost.iter().map(|c| format!("costs {}: `{}`", c.name, c.formula)));
        lines.extend(m.effects.iter().map(|e| format!("then `{e}`")));
        if !m.source.is_empty() {
            lines.push(format!("source: {}", m.source));
        }
        (head, lines)
    });
    blocks.extend(list(entries.collect()));
    blocks
}

fn payoffs(found: &Description) -> Vec<Block> {
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    for payoff in &found.payoffs {
        let line = format!("{}: `{}`", payoff.actor, payoff.payoff);
        let head = format!("{}, weight `{}`", payoff.component, payoff.weight);
        match entries.iter_mut().find(|(h, _)| *h == head) {
            Some((_, lines)) => lines.push(line),
            None => entries.push((head, vec![line])),
        }
    }
    let text =
        "The utility of a round is the sum over components of weight times payoff less cost.";
    let mut blocks = vec![Block::Paragraph(text.to_string())];
    blocks.extend(list(entries));
    blocks
}

/// Cells that share a text; the largest group comes last as "others".
fn shared(groups: &[(Vec<String>, String)]) -> String {
    if let [(_, text)] = groups {
        return text.clone();
    }
    let largest = groups.iter().map(|(cells, _)| cells.len()).max().unwrap_or(0);
    let rest = groups.iter().rposition(|(cells, _)| cells.len() == largest && largest > 1);
    let inner = |label: &String| match label.split_once('[') {
        Some((_, inner)) => inner.trim_end_matches(']').to_string(),
        None => label.clone(),
    };
    let named = groups.iter().enumerate().filter(|(at, _)| Some(*at) != rest);
    let mut parts: Vec<String> = named
        .map(|(_, (cells, text))| {
            let cells: Vec<String> = cells.iter().map(inner).collect();
            format!("{}: {text}", cells.join(" "))
        })
        .collect();
    parts.extend(rest.map(|at| format!("others: {}", groups[at].1)));
    parts.join("; ")
}

fn state(found: &Description) -> Vec<Block> {
    let rows = found.state.iter().map(|s| {
        let range = match s.range {
            Some(_) if s.flag => "flag".to_string(),
            Some((lo, hi)) => format!("{} to {}", short(lo), short(hi)),
            None if s.flag => "flag".to_string(),
            None => "unbounded".to_string(),
        };
        let groups: Vec<_> = s.initial.iter().map(|i| (i.cells.clone(), i.text.clone())).collect();
        let of = if s.of == "none" { "-" } else { &s.of };
        let remarks: Vec<&str> = [s.unit.as_str(), s.note.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        vec![s.name.clone(), of.to_string(), range, shared(&groups), or_dash(&remarks.join("; "))]
    });
    table(&["state", "of", "range", "at the start", "unit and note"], rows.collect())
}

fn series(found: &Description) -> Vec<Block> {
    let rows = found.series.iter().map(|s| {
        let of = if s.of == "none" { "-" } else { &s.of };
        let remarks: Vec<&str> = [s.title.as_str(), s.unit.as_str(), s.note.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        let source = or_dash(&s.source);
        let (name, missing) = (s.name.clone(), s.missing.to_string());
        vec![name, of.to_string(), s.file.clone(), missing, source, or_dash(&remarks.join("; "))]
    });
    let head = ["series", "of", "file", "rounds without a row", "source", "unit and note"];
    table(&head, rows.collect())
}

fn definitions(head: &'static str, found: &[Definition]) -> Vec<Block> {
    let rows = found.iter().map(|d| vec![d.name.clone(), d.formula.clone()]);
    table(&[head, "formula"], rows.collect())
}

fn events(found: &Description) -> Vec<Block> {
    let entries = found.events.iter().map(|e| {
        let mut head = code(&e.name);
        if !e.title.is_empty() {
            head += &format!(": {}", e.title);
        }
        if !e.is_single() {
            head += &format!(" (per {}, {} hazards)", e.each, e.hazards);
        }
        let mut lines = vec![format!("probability `{}`", e.probability)];
        lines.extend(e.when.as_ref().map(|w| format!("when `{w}`")));
        lines.extend(e.effects.iter().map(|f| format!("then `{f}`")));
        if e.once {
            lines.push("at most once".to_string());
        }
        if e.ends {
            lines.push("ends the run".to_string());
        }
        (head, lines)
    });
    list(entries.collect())
}

fn types(found: &Description) -> Vec<Block> {
    let mut entries = Vec::new();
    for private in &found.types {
        for kind in &private.types {
            let groups = kind.priors.iter().fold(Vec::new(), |mut groups, p| {
                let text = rate(p.prior);
                match groups.iter_mut().find(|(_, t): &&mut (Vec<String>, String)| *t == text) {
                    Some((cells, _)) => cells.push(p.observer.clone()),
                    None => groups.push((vec![p.observer.clone()], text)),
                }
                groups
            });
            let mut lines = vec![format!("others think at the start: {}", shared(&groups))];
            lines.extend(kind.set.iter().map(|s| format!("sets `{} = {}`", s.name, s.formula)));
            let how = match &private.truth {
                Some(truth) if *truth == kind.name => "is real".to_string(),
                Some(_) => "is not real".to_string(),
                None => format!("is real with probability {}", rate(kind.chance)),
            };
            entries.push((format!("{} `{}` {how}", private.actor, kind.name), lines));
        }
    }
    list(entries)
}

fn decisions(found: &Description) -> Vec<Block> {
    let rows = found.decisions.iter().map(|d| {
        let precision = match (&d.precision, d.precision_value) {
            (None, _) => "-".to_string(),
            (Some(text), Some(value)) if *text != short(value) => {
                format!("{text} = {}", short(value))
            }
            (Some(text), _) => text.clone(),
        };
        let rule = match (d.followed(), &d.nests) {
            (Some(policy), _) => format!("policy {policy}"),
            (None, Some(nests)) => format!("{} ({nests})", d.rule.word()),
            (None, None) => d.rule.word().to_string(),
        };
        let mut ahead = d.foresight.clone();
        if let Some(discount) = &d.discount {
            ahead += &format!(", discount {discount}");
        }
        let hold = if d.hold { "yes" } else { "no" };
        vec![
            d.actor.clone(),
            rule,
            precision,
            d.reasoning.clone(),
            d.level0.to_string(),
            ahead,
            d.anticipation.to_string(),
            hold.to_string(),
        ]
    });
    let head = [
        "actor",
        "rule",
        "precision",
        "reasoning",
        "level 0",
        "foresight",
        "anticipation",
        "may hold",
    ];
    let mut blocks = table(&head, rows.collect());
    let entries = found
        .policies
        .iter()
        .map(|p| (format!("policy `{}`", p.name), p.lines.iter().map(|l| code(l)).collect()));
    let held = found.constraints.iter().map(|c| {
        let head = format!("constraint `{}` of {}", c.name, c.by.join(", "));
        (head, vec![code(&c.require)])
    });
    blocks.extend(list(entries.chain(held).collect()));
    blocks
}

fn sharpness(found: &Description) -> Vec<Block> {
    let sharp = &found.sharpness;
    let over = match sharp.runs {
        1 => "First round of the file as it is; it is the same in every run.".to_string(),
        n => format!("First round of the file as it is, averaged over {n} runs."),
    };
    let mut text = over
        + " Spread and standard deviation (sd) are of the utilities of the available options; \
           best is the probability of the likeliest one; effective is the number of equally \
           likely options that would be as uncertain. Near-uniform: best below 1.5 / options; \
           near-certain: best above 0.9.";
    if sharp.failed > 0 {
        text += &format!(" {} runs failed and are left out.", sharp.failed);
    }
    let number = |value: Option<f64>| value.map_or("-".to_string(), short);
    let rows = sharp.seats.iter().map(|s| {
        vec![
            s.actor.clone(),
            s.track.clone(),
            short(s.options),
            number(s.spread),
            number(s.sd),
            rate(s.best),
            short(s.effective),
            s.reading.words().to_string(),
        ]
    });
    let head = ["actor", "track", "options", "spread", "sd", "best", "effective", "reading"];
    let mut blocks = vec![Block::Paragraph(text)];
    blocks.extend(table(&head, rows.collect()));
    blocks
}

/// Whether imagined rounds give the expectations of payoffs, in short.
pub struct Anticipation {
    /// How many payoffs of how many actors fall under each verdict, in one line; empty where there
    /// is none.
    pub summary: String,
    /// One line per verdict with the payoffs it holds for, and one per approximation with its
    /// place.
    pub lines: Vec<String>,
    /// Whether every payoff is exact, so that lines say nothing new.
    pub exact: bool,
}

/// Whether imagined rounds give the expectations of payoffs, in short.
pub fn in_short(all: &[Anticipated]) -> Anticipation {
    let mut parts = Vec::new();
    for (verdict, words) in [
        (Expectation::Exact, "exact"),
        (Expectation::ExactUnlessClamped, "exact unless a range binds"),
        (Expectation::Approximate, "approximate"),
        (Expectation::NotAnticipated, "not anticipated"),
    ] {
        let count = all.iter().filter(|told| told.verdict == verdict).count();
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let summary = if all.is_empty() {
        String::new()
    } else {
        format!("expected payoffs in imagined rounds: {}", parts.join(", "))
    };
    let exact = all.iter().all(|told| told.verdict == Expectation::Exact);
    Anticipation { summary, lines: anticipation_lines(all), exact }
}

/// One line per verdict with the payoffs it holds for; approximations are grouped by their place.
fn anticipation_lines(all: &[Anticipated]) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for told in all {
        let text = match (told.verdict, told.line, told.column) {
            (Expectation::Approximate, Some(line), Some(column)) => {
                let formula = told.formula.as_deref().unwrap_or_default();
                let reason = told.reason.as_deref().unwrap_or_default();
                format!("approximate: `{formula}` (line {line}, column {column}) {reason}")
            }
            (Expectation::ExactUnlessClamped, ..) => {
                format!("exact unless a range binds: {}", few(&told.clamps))
            }
            (Expectation::Exact, ..) => "exact".to_string(),
            (Expectation::Approximate, ..) => "approximate".to_string(),
            (Expectation::NotAnticipated, ..) => "not anticipated".to_string(),
        };
        let who = format!("{} {}", told.actor, told.component);
        match groups.iter_mut().find(|(t, _)| *t == text) {
            Some((_, list)) => list.push(who),
            None => groups.push((text, vec![who])),
        }
    }
    groups.into_iter().map(|(text, who)| format!("{}: {text}", who.join(", "))).collect()
}

/// The first of many names.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}

fn anticipation(found: &Description) -> Vec<Block> {
    let mut text = "Whether the one imagined round in which an option is valued gives the \
                    expectation of the weighted payoff less cost, or approximates it."
        .to_string();
    if found.decisions.iter().any(|d| d.foresight != "1") {
        text += " Only the first imagined round is judged.";
    }
    let lines = anticipation_lines(&found.anticipation);
    let entries = lines.into_iter().map(|line| (line, Vec::new())).collect();
    let mut blocks = vec![Block::Paragraph(text)];
    blocks.extend(list(entries));
    blocks
}

fn outcomes(found: &Description) -> Vec<Block> {
    let rows = found.outcomes.iter().map(|o| {
        vec![o.name.clone(), o.measure.word().to_string(), o.formula.clone(), or_dash(&o.title)]
    });
    table(&["outcome", "taken as", "formula", "title"], rows.collect())
}

fn variants(found: &Description) -> Vec<Block> {
    let entries = found.variants.iter().map(|v| {
        let mut head = code(&v.name);
        if !v.title.is_empty() {
            head += &format!(": {}", v.title);
        }
        let set = v.set.iter().map(|s| format!("sets `{} = {}`", s.name, s.formula));
        let mut lines: Vec<String> = set.collect();
        if !v.disable.is_empty() {
            lines.push(format!("without `{}`", v.disable.join("`, `")));
        }
        (head, lines)
    });
    list(entries.collect())
}

fn postures(found: &Description) -> Vec<Block> {
    let entries = found.postures.iter().map(|p| {
        let mut head = format!("{} {}", p.actor, code(&p.name));
        if !p.title.is_empty() {
            head += &format!(": {}", p.title);
        }
        let set = p.set.iter().map(|s| format!("sets `{} = {}`", s.name, s.formula));
        (head, set.collect())
    });
    list(entries.collect())
}

fn claims(found: &Description) -> Vec<Block> {
    let entries = found.claims.iter().map(|c| {
        let mut lines = vec![match (&c.test, &c.unchecked) {
            (Some(test), _) => format!("test `{test}`"),
            (None, Some(reason)) => format!("unchecked: {reason}"),
            (None, None) => "unchecked: it has no test".to_string(),
        }];
        if !c.represented_by.is_empty() {
            lines.push(format!("stands for it: `{}`", c.represented_by.join("`, `")));
        }
        if !c.rests_on.is_empty() {
            lines.push(format!("rests on `{}`", c.rests_on.join("`, `")));
        }
        let place = [c.source.as_str(), c.place.as_str()];
        let place: Vec<&str> = place.into_iter().filter(|t| !t.is_empty()).collect();
        if !place.is_empty() {
            lines.push(format!("source: {}", place.join(", ")));
        }
        (format!("`{}`: {}", c.name, c.says), lines)
    });
    list(entries.collect())
}

fn experiments(found: &Description) -> Vec<Block> {
    let entries = found.experiments.iter().map(|e| {
        let mut lines: Vec<String> = e.vary.iter().map(|v| format!("varies `{v}`")).collect();
        if e.uncertain {
            lines.push("varies every parameter that is uncertain".to_string());
        }
        let mut head = format!("{}: {} design", code(&e.name), or_dash(&e.design));
        head += &e.points.map_or(String::new(), |n| format!(", {n} points"));
        head += &e.runs.map_or(String::new(), |n| format!(", {n} runs each"));
        (head, lines)
    });
    list(entries.collect())
}

fn parameters(found: &Description) -> Vec<Block> {
    let rows = found.parameters.iter().map(|p| {
        let mut groups: Vec<(Vec<String>, String)> = Vec::new();
        for cell in &p.cells {
            let text = match (&cell.formula, cell.value) {
                (None, Some(value)) => short(value),
                (Some(formula), Some(value)) => format!("{formula} = {}", short(value)),
                (formula, None) => {
                    format!("{} (by type)", formula.clone().unwrap_or_default()).trim().to_string()
                }
            };
            match groups.iter_mut().find(|(_, t)| *t == text) {
                Some((cells, _)) => cells.push(cell.label.clone()),
                None => groups.push((vec![cell.label.clone()], text)),
            }
        }
        let mut range = p.uncertainty.clone().unwrap_or_else(|| "-".to_string());
        if p.together && p.uncertainty.is_some() && p.cells.len() > 1 {
            range += " together";
        }
        if p.cells.iter().any(|cell| cell.uncertainty.is_some()) {
            range = "by cell".to_string();
        }
        let mut sources: Vec<&str> = Vec::new();
        for cell in &p.cells {
            let source = cell.source.as_deref().unwrap_or(&p.source);
            if !source.is_empty() && !sources.contains(&source) {
                sources.push(source);
            }
        }
        vec![
            p.name.clone(),
            shared(&groups),
            range,
            or_dash(&p.unit),
            or_dash(&sources.join(", ")),
            or_dash(&p.note),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let head = vec!["parameter", "value", "uncertainty", "unit", "source", "note"];
    if rows.is_empty() { Vec::new() } else { vec![Block::Register(head, rows)] }
}

fn sources(found: &Description) -> Vec<Block> {
    let rows = found.sources.iter().map(|w| {
        let place = or_dash(&w.place);
        vec![w.key.clone(), w.title.clone(), or_dash(&w.author), or_dash(&w.year), place]
    });
    table(&["key", "title", "author", "year", "where"], rows.collect())
}
