//! Scenarios made up at random, to cover the whole language in combinations nobody would write.

use std::fmt::Write as _;

use detente::rng::{Seed, Sequence};

/// What a formula may read where it stands.
#[derive(Clone, Copy)]
struct Place {
    /// Indices by name that are bound: `self`, `target`, `i`.
    bound: &'static [&'static str],
    state: bool,
    chose: bool,
    happened: bool,
    draws: bool,
}

const CONSTANT: Place =
    Place { bound: &[], state: false, chose: false, happened: false, draws: false };
const STATE: Place = Place { state: true, ..CONSTANT };

/// A made-up scenario.
pub struct Made {
    words: Sequence,
    actors: Vec<&'static str>,
    /// Whether the first actor has types.
    types: bool,
    moves: usize,
    /// Whether risky functions may leave the finite numbers.
    risky: bool,
    /// Whether what came into the language after the oracle was kept may be used.
    later: bool,
    /// Whether there is a move toward a set.
    bids: bool,
    text: String,
}

const NAMES: [&str; 4] = ["AAA", "BBB", "CCC", "DDD"];

impl Made {
    /// The scenario of a number, over the language as it was when the oracle was kept: the same
    /// number gives the same text.
    pub fn scenario(number: u64) -> String {
        Made::of(number, false)
    }

    /// The scenario of a number over the whole language.
    pub fn in_full(number: u64) -> String {
        Made::of(number, true)
    }

    fn of(number: u64, later: bool) -> String {
        let mut words = Sequence::new(Seed(number), Sequence::TRIALS);
        let actors = NAMES[..2 + words.below(2) as usize].to_vec();
        let types = words.below(2) == 0;
        let moves = 2 + words.below(3) as usize;
        let risky = words.below(6) == 0;
        let mut made = Made {
            words,
            actors,
            types,
            moves,
            risky,
            later,
            bids: later && !number.is_multiple_of(3),
            text: String::new(),
        };
        made.write(number);
        made.text
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.words.below(one_in) == 0
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.words.below(of.len() as u64) as usize]
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn decimal(&mut self) -> String {
        format!("{}", (self.words.uniform() * 100.0).round() / 100.0)
    }

    fn actor(&mut self, place: Place) -> String {
        let mut all = self.actors.clone();
        all.extend(place.bound);
        self.one(&all).to_string()
    }

    /// Two indices that differ.
    fn pair(&mut self, place: Place) -> String {
        if place.bound.contains(&"target") && self.chance(2) {
            return self.one(&["self, target", "target, self"]).to_string();
        }
        let at = self.words.below(self.actors.len() as u64) as usize;
        let step = 1 + self.words.below(self.actors.len() as u64 - 1) as usize;
        format!("{}, {}", self.actors[at], self.actors[(at + step) % self.actors.len()])
    }

    /// A quantity over a set, or over actors and a set.
    fn of_sets(&mut self, place: Place) -> String {
        let topic = self.one(&["war", "rain"]);
        let known = if place.state { 5 } else { 2 };
        match self.words.below(known) {
            0 => format!("v[{}, {topic}]", self.actor(place)),
            1 => format!("sum(z in size if z > -0.1: z * v[AAA, {topic}])"),
            2 => format!("t[{}, {topic}]", self.one(&["AAA", "BBB"])),
            3 => format!("u[{}]", self.one(&["-0.5", "0", "0.5"])),
            _ if place.chose && self.bids => {
                format!("sum(z in size: u[z] * chose[{}, bid, z])", self.actor(place))
            }
            _ => "mean(x in topic, m in pair: t[m, x] + 0.1 * place[x])".to_string(),
        }
    }

    fn leaf(&mut self, place: Place) -> String {
        if self.later && self.chance(6) {
            return self.of_sets(place);
        }
        let kinds = if place.state { 14 } else { 4 };
        match self.words.below(kinds) {
            0 => self.decimal(),
            1 => self.one(&["p", "r", "s"]).to_string(),
            2 | 3 => format!("q[{}]", self.actor(place)),
            4 | 5 => "a".to_string(),
            6 => format!("b[{}]", self.actor(place)),
            7 => format!("c[{}]", self.pair(place)),
            8 => format!("d[{}]", self.pair(place)),
            9 => format!("f[{}]", self.actor(place)),
            10 => "g".to_string(),
            11 => format!("h[{}]", self.actor(place)),
            12 => "round / rounds".to_string(),
            _ => self.fact(place),
        }
    }

    /// A fact of this round or the last, as a number.
    fn fact(&mut self, place: Place) -> String {
        if self.later && place.chose && self.chance(3) {
            let name = if place.happened { self.one(&["e", "o"]) } else { "e" };
            return format!("{name}[{}]", self.actor(place));
        }
        let what = self.words.below(5);
        let actor = self.actors[self.words.below(self.actors.len() as u64) as usize];
        let action = self.words.below(self.moves as u64);
        let other = self.one(&["hold", "#loud"]).to_string();
        match what {
            0 if self.types => {
                let observer = self.one(&self.actors.clone());
                let kind = self.one(&["soft", "hard"]);
                format!("belief[{observer}, AAA, {kind}]")
            }
            1 if place.chose => format!("chose[{actor}, m{action}]"),
            1 => format!("chose_last[{actor}, m{action}]"),
            2 if place.chose => format!("chose[{actor}, {other}]"),
            3 if place.happened => "happened[storm]".to_string(),
            3 => "happened_last[quake]".to_string(),
            _ => format!("chose_last[{actor}, {other}]"),
        }
    }

    /// A formula of a number.
    fn number(&mut self, depth: u32, place: Place) -> String {
        if depth == 0 || self.chance(5) {
            return self.leaf(place);
        }
        if self.later && self.chance(4) {
            return self.later_number(depth - 1, place);
        }
        let sort = self.words.below(if self.risky { 19 } else { 16 });
        let x = self.number(depth - 1, place);
        match sort {
            0..=2 => format!("({x} + {})", self.number(depth - 1, place)),
            3 | 4 => format!("({x} - {})", self.number(depth - 1, place)),
            5 | 6 => format!("({x} * {})", self.number(depth - 1, place)),
            7 => format!("({x} / (1 + abs({})))", self.number(depth - 1, place)),
            8 => {
                let (c, y) = (self.truth(depth - 1, place), self.number(depth - 1, place));
                format!("if({c}, {x}, {y})")
            }
            9 => {
                let how = self.one(&["abs", "sin", "cos", "tanh", "logistic", "floor", "sign"]);
                format!("{how}({x})")
            }
            10 => {
                let how = self.one(&["min", "max"]);
                format!("{how}({x}, {}, 0.3)", self.number(depth - 1, place))
            }
            11 => format!("clamp({x}, -1, {})", self.decimal()),
            12 => {
                let how = self.one(&["exp(-abs", "sqrt(abs", "log(0.1 + abs"]);
                format!("{how}({x}))")
            }
            13 if place.state => self.aggregate(),
            14 => format!("-({x})^{}", self.one(&["2", "3", "0"])),
            15 if place.draws => self.draw(),
            16 => format!("1 / {x}"),
            17 => format!("log({x})"),
            18 => format!("exp(40 * {x})"),
            _ => x,
        }
    }

    /// A formula of a number in words that came later.
    fn later_number(&mut self, depth: u32, place: Place) -> String {
        let x = self.number(depth, place);
        let key = if place.state { "b[k] - 0.3 * h[k]" } else { "q[k]" };
        let key = self.one(&[key, "place[k]", "-q[k]"]);
        let filter = match place.state {
            true => self.one(&["", " if b[k] > 0.4", " if f[k] > 0.5", " if k != AAA"]),
            false => self.one(&["", " if k != AAA", " if q[k] > 0.3"]),
        };
        let value = if place.state { "b[k] + 0.2" } else { "0.5 + q[k]" };
        match self.words.below(6) {
            0 => format!("mod({x}, {})", self.one(&["0.3", "-0.7", "2"])),
            1 => format!("round_to({x}, {})", self.one(&["0.1", "0.25", "1"])),
            2 => format!("product(k in actors{filter}: {value})"),
            // over nothing these are not finite
            3 => format!("median(k in actors if k != AAA or place[k] > 5: {value})"),
            4 => format!("first(k in actors if k != AAA by {key}: {value})"),
            _ => {
                let how = self.one(&["argmax", "argmin"]);
                format!("q[{how}(k in actors: {key})]")
            }
        }
    }

    fn draw(&mut self) -> String {
        let spread = self.decimal();
        self.one(&[
            "normal(0.1, 0.2)",
            "lognormal(-1, 0.3)",
            "uniform(-0.2, SPREAD)",
            "beta(2, 3)",
            "triangular(-1, 0, 1)",
            "bernoulli(0.3)",
        ])
        .replace("SPREAD", &spread)
    }

    fn aggregate(&mut self) -> String {
        let body = self.one(&["b[k]", "q[k] * h[k]", "c[k, AAA]", "d[k, AAA] - 0.1", "f[k]"]);
        let filter = self.one(&["k != AAA", "k != AAA and b[k] > 0.4", "k != AAA and f[k] > 0.5"]);
        let how = self.one(&["sum", "sum", "mean", "min", "max"]);
        // over nothing these three are not finite
        match how {
            "sum" => format!("sum(k in actors if {filter}: {body})"),
            _ => format!("{how}(k in actors if k != AAA: {body})"),
        }
    }

    /// A formula of a truth value.
    fn truth(&mut self, depth: u32, place: Place) -> String {
        if self.later && depth > 0 && self.chance(4) {
            let (p, q) = (self.truth(depth - 1, place), self.truth(0, place));
            let (how, key) = (self.one(&["==", "!="]), if place.state { "b[k]" } else { "q[k]" });
            return match self.chance(3) {
                true => format!("(argmax(k in actors: {key}) {how} AAA)"),
                false => format!("(({p}) {how} ({q}))"),
            };
        }
        if depth > 0 && self.chance(2) {
            let p = self.truth(depth - 1, place);
            return match self.words.below(4) {
                0 => format!("not ({p})"),
                1 => format!("({p} and {})", self.truth(depth - 1, place)),
                2 => format!("({p} or {})", self.truth(depth - 1, place)),
                _ if place.state => {
                    let how = self.one(&["any", "all"]);
                    format!("{how}(k in actors if k != AAA: c[k, AAA] < 0.5)")
                }
                _ => p,
            };
        }
        let how = self.one(&["<", "<=", ">", ">="]);
        if place.state && self.chance(4) {
            return format!("f[{}] {how} 0.5", self.actor(place));
        }
        format!("(0 + {}) {how} {}", self.number(depth.min(1), place), self.decimal())
    }

    fn write(&mut self, number: u64) {
        let rounds = 2 + self.words.below(4);
        self.line("format = 1\n[scenario]");
        self.line(&format!("name = \"made-{number}\"\ntitle = \"Made up\"\nrounds = {rounds}"));
        if self.chance(4) {
            let stop = self.truth(1, Place { chose: true, happened: true, ..STATE });
            self.line(&format!("stop_when = \"{stop}\""));
        }
        self.line("[actors]");
        for actor in self.actors.clone() {
            self.line(&format!("{actor} = {{ name = \"{actor}\" }}"));
        }
        self.line("[groups]\npair = [\"AAA\", \"BBB\"]");
        if self.later {
            self.line("[sets]\nsize = { from = -0.5, to = 0.5, steps = 3 }");
            self.line("topic = [\"war\", \"rain\"]");
        }
        self.line("[parameters]");
        if self.later {
            let value =
                "{ default = 0.3, \"pair, war\" = \"0.1 * place[i]\", \"BBB, rain\" = 0.6 }";
            self.line(&format!("v = {{ of = \"actor, topic\", value = {value} }}"));
        }
        let (p, r) = (self.decimal(), self.decimal());
        self.line(&format!("p = {{ value = {p}, range = [0, 1] }}\nr = {{ value = {r} }}"));
        self.line("s = { value = \"p + 0.5 * q[AAA]\" }");
        let q = self.decimal();
        self.line(&format!("q = {{ of = \"actor\", value = {{ default = {q}, BBB = 0.4 }} }}"));
        self.line("lambda = { value = 2 }");
        self.states();
        self.payoffs();
        self.moves();
        self.nature();
        self.decisions();
        self.outcomes();
    }

    fn states(&mut self) {
        let initial = Place { draws: true, ..CONSTANT };
        for (name, of, more) in [
            ("a", "", "range = [-2, 2]"),
            ("b", "of = \"actor\"\n", "range = [0, 1]"),
            ("c", "of = \"directed dyad\"\n", "range = [0, 1]"),
            ("d", "of = \"dyad\"\n", ""),
            ("f", "of = \"actor\"\n", "kind = \"flag\""),
        ] {
            let start = match name {
                "f" => self.one(&["0", "1", "\"bernoulli(0.5)\""]).to_string(),
                _ => format!("\"{}\"", self.number(2, initial)),
            };
            self.line(&format!("[state.{name}]\n{of}{more}\ninitial = {start}"));
        }
        if self.later {
            self.line("[state.t]\nof = \"pair, topic\"\nrange = [0, 1]\ninitial = \"v[i, j]\"");
            self.line("[state.u]\nof = \"size\"\ninitial = \"0.5 + i\"");
        }
        let one = Place { bound: &["i"], ..CONSTANT };
        let (g, h) = (self.one(&["a", "p", "d[AAA, BBB]"]), self.number(1, one));
        self.line(&format!("[derived]\ng = \"0.5 * {g} + b[BBB]\"\n\"h[i]\" = \"b[i] - {h}\""));
        if self.later {
            // definitions that are known in the course of a round only
            self.line("\"e[i]\" = \"0.3 + chose[i, m0] * h[i] - 0.1 * chose[AAA, #loud]\"");
            self.line("\"o[i]\" = \"if(happened[storm], e[i], 0.2 * b[i])\"");
            self.line("lead = \"utility[AAA] - utility[BBB]\"");
        }
        if self.types {
            self.line("[types.AAA]");
            for (kind, prior, set) in [("soft", "0.25", "p = 0.8"), ("hard", "0.75", "p = 0.1")] {
                let more = match self.chance(2) {
                    true => ", \"q[AAA]\" = 0.7",
                    false => "",
                };
                self.line(&format!("{kind} = {{ prior = {prior}, set = {{ {set}{more} }} }}"));
            }
        }
    }

    fn payoffs(&mut self) {
        let read = Place { bound: &["self"], chose: true, happened: true, ..STATE };
        for component in ["gain", "pride"] {
            self.line(&format!("[payoffs.{component}]"));
            let formula = self.number(3, read);
            self.line(&format!("default = \"{formula}\""));
            let formula = self.number(3, Place { bound: &[], ..read });
            self.line(&format!("AAA = \"{formula}\""));
        }
        let weight = self.one(&["q[self]", "1", "0.5 + 0.1 * b[self]"]);
        self.line(&format!("[weights]\ngain = 1\npride = \"{weight}\""));
    }

    fn effect(&mut self, place: Place) -> String {
        let cell = match self.words.below(6) {
            0 | 1 => "a".to_string(),
            2 => format!("b[{}]", self.actor(place)),
            3 => format!("c[{}]", self.pair(place)),
            4 => format!("d[{}]", self.pair(place)),
            _ => {
                let change = self.one(&["=", "=", "+="]);
                let value = self.one(&["0", "1", "0.5"]);
                return format!("f[{}] {change} {value}", self.actor(place));
            }
        };
        let change = self.one(&["+=", "+=", "-=", "="]);
        let value = self.number(2, place);
        if self.chance(5) {
            let filter = self.one(&["k != AAA", "k != AAA and b[k] > 0.3"]);
            // in a value that has aggregates an index of the statement may not be called as theirs
            let k = if self.later { "w" } else { "k" };
            let filter = filter.replace('k', k);
            return format!("c[{k}, AAA] {change} 0.3 * ({value}) for {k} in actors if {filter}");
        }
        format!("{cell} {change} {value}")
    }

    fn effects(&mut self, place: Place) -> String {
        let count = self.words.below(4);
        let list: Vec<String> = (0..count).map(|_| format!("\"{}\"", self.effect(place))).collect();
        format!("effects = [{}]", list.join(", "))
    }

    fn moves(&mut self) {
        for number in 0..self.moves {
            let toward = self.chance(3);
            let bound: &[&str] = if toward { &["self", "target"] } else { &["self"] };
            let by = self.one(&["\"actors\"", "\"pair\"", "[\"AAA\"]", "[\"BBB\"]"]);
            self.line(&format!("[moves.m{number}]\nby = {by}"));
            if toward {
                self.line("toward = \"others\"");
            }
            let before = Place { bound, ..STATE };
            if self.chance(3) {
                let when = self.truth(1, before);
                self.line(&format!("when = \"{when}\""));
            }
            let cost = self.number(2, before);
            self.line(&format!("cost = {{ gain = \"0.2 * {cost}\" }}"));
            if self.chance(3) {
                self.line("track = \"second\"");
            }
            if self.chance(2) {
                self.line("tags = [\"loud\"]");
            }
            let acting = Place { chose: true, draws: true, ..before };
            let effects = self.effects(acting);
            self.line(&effects);
        }
        if self.bids {
            self.line("[moves.bid]\nby = \"pair\"\ntoward = \"size\"");
            self.line("when = \"target < 0.3 or b[self] > 0.4\"");
            self.line("cost = { gain = \"0.2 * abs(target)\" }");
            let value = self.number(1, Place { chose: true, draws: true, ..STATE });
            self.line(&format!(
                "effects = [\"u[target] += 0.1\", \"a += target * ({value})\", \
                 \"t[self, x] -= 0.2 * target for x in topic if x == rain or t[self, x] > 0.5\"]"
            ));
        }
        self.line("[moves.shout]\nby = \"actors\"\ntags = [\"loud\"]\ncost = { pride = 0.1 }");
    }

    fn nature(&mut self) {
        self.line("[dynamics]");
        let read = Place { chose: true, draws: true, ..STATE };
        if self.chance(2) {
            let rule = self.number(2, read);
            self.line(&format!("a = \"0.8 * a + 0.1 * {rule}\""));
        }
        if self.chance(2) {
            let rule = self.number(1, Place { bound: &["i"], ..read });
            self.line(&format!("\"b[i]\" = \"0.9 * b[i] + 0.1 * {rule}\""));
        }
        self.line("\"d[i, j]\" = \"0.9 * d[i, j]\"");
        if self.later {
            self.line("\"t[i, x in topic]\" = \"0.9 * t[i, x] + 0.02 * place[x]\"");
            self.line("\"t[AAA, rain]\" = \"0.8 * t[AAA, war]\"");
            self.line("\"u[0]\" = \"0.5 * u[0] + 0.1 * u[-0.5]\"");
            self.line("[events.flood]\neach = \"topic\"\nprobability = \"0.2 * v[AAA, i]\"");
            self.line("effects = [\"t[m, i] += 0.1 for m in pair\", \"u[0.5] -= 0.1\"]");
        }
        for (name, each) in [("storm", ""), ("quake", "each = \"actor\"\n")] {
            let bound: &[&str] = if each.is_empty() { &[] } else { &["i"] };
            let place = Place { bound, chose: true, ..STATE };
            let probability = self.number(1, place);
            self.line(&format!(
                "[events.{name}]\n{each}probability = \"0.2 + 0.1 * {probability}\""
            ));
            if self.chance(3) {
                let when = self.truth(1, place);
                self.line(&format!("when = \"{when}\""));
            }
            if self.chance(3) {
                self.line("once = true");
            }
            if self.chance(5) {
                self.line("ends = true");
            }
            let effects = self.effects(Place { draws: true, ..place });
            self.line(&effects);
        }
    }

    fn decisions(&mut self) {
        self.line("[policies.plan]\nerror = 0.1\nplay = [");
        let when = self.truth(1, Place { bound: &["self"], ..STATE });
        self.line(&format!("  {{ when = \"{when}\", move = \"m0\" }},"));
        self.line("  { when = \"b[self] < 0.6\", move = \"shout\" },\n]");
        self.line("[decision]\nprecision = \"lambda * 1.5\"");
        let exact = self.chance(4);
        let reasoning = self.one(&["0", "1", "1", "2", "3", "\"poisson(1.2)\"", "\"equilibrium\""]);
        self.line(&format!("reasoning = {reasoning}"));
        let level0 = self.one(&["uniform", "moves", "last"]);
        self.line(&format!("level0 = \"{level0}\""));
        if exact {
            self.line("anticipation = \"exact\"");
        }
        if !reasoning.contains("poisson") && !reasoning.contains("equi") && self.chance(3) {
            let discount = self.decimal();
            self.line(&format!("foresight = 2\ndiscount = {discount}"));
        }
        for actor in self.actors.clone() {
            if !self.chance(3) {
                continue;
            }
            let own = match self.words.below(6) {
                0 => "rule = \"best_response\"",
                1 => "rule = \"random\"",
                2 => "rule = \"policy\"\npolicy = \"plan\"",
                3 => "hold = false",
                4 if !reasoning.contains("poisson") => "reasoning = 2",
                _ => "precision = 5",
            };
            self.line(&format!("[decision.{actor}]\n{own}"));
        }
    }

    fn outcomes(&mut self) {
        self.line("[outcomes]");
        let read = Place { chose: true, happened: true, ..STATE };
        for measure in ["final", "mean", "max", "min", "total"] {
            let formula = self.number(2, read);
            self.line(&format!("o_{measure} = {{ {measure} = \"{formula}\" }}"));
        }
        let (first, ever) = (self.truth(1, read), self.truth(2, read));
        self.line(&format!(
            "o_first = {{ first = \"{first}\" }}\no_ever = {{ ever = \"{ever}\" }}"
        ));
        if self.later {
            self.line("floods = { total = \"happened[flood, war] + happened[flood]\" }");
            self.line("ahead = { mean = \"lead + e[AAA]\" }");
        }
        let _ = write!(self.text, "paid = {{ total = \"utility[AAA] + payoff[BBB, gain]\" }}");
    }
}
