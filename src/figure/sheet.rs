//! What all figures have: title, legend, panels, notes, and a last line with N, seed and scenario.

use super::scale::Scale;
use super::style::{
    DASHES, STYLE, axis, cut, dim, filled, grid, line, lined, rect, width, words, wrapped,
};
use super::{About, Cell, Figure};
use crate::markup::{Element, el};

/// How wide figures are.
pub const WIDTH: f64 = 960.0;
/// The room at the edges.
pub const EDGE: f64 = 16.0;
/// The size of small texts.
pub const SMALL: f64 = 11.5;

/// How a key of the legend is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A line in the dashes of the series.
    Line,
    /// An area.
    Area,
    /// A light area: an interval.
    Band,
    /// A dot with its interval.
    Dot,
    /// A hollow rhomb: what happens where every seat plays at random.
    Placebo,
}

/// A line of the legend.
#[derive(Debug, Clone)]
pub struct Key {
    /// What it means.
    pub label: String,
    /// The number of its colour.
    pub series: usize,
    /// How it is drawn.
    pub mark: Mark,
}

impl Key {
    /// A key.
    pub fn new(mark: Mark, series: usize, label: impl Into<String>) -> Key {
        Key { label: label.into(), series, mark }
    }
}

/// A figure that is being drawn, from above to below.
#[derive(Debug)]
pub struct Sheet {
    name: &'static str,
    title: String,
    says: String,
    body: Vec<Element>,
    notes: Vec<String>,
    /// Where the next part begins.
    pub y: f64,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// A figure with its title and a sentence that says how to read it.
    pub fn new(name: &'static str, title: impl Into<String>, says: impl Into<String>) -> Sheet {
        let (title, says) = (title.into(), says.into());
        let mut body = Vec::new();
        let mut y = 30.0;
        for text in wrapped(&title, 18.0, WIDTH - 2.0 * EDGE) {
            body.push(words(EDGE, y, 18.0, text).with("font-weight", "600"));
            y += 23.0;
        }
        for text in wrapped(&says, 12.5, WIDTH - 2.0 * EDGE) {
            body.push(dim(EDGE, y - 2.0, 12.5, text));
            y += 17.0;
        }
        let (columns, rows) = (Vec::new(), Vec::new());
        Sheet { name, title, says, body, notes: Vec::new(), y: y + 2.0, columns, rows }
    }

    /// The columns of the table behind the figure.
    pub fn columns(&mut self, names: &[&'static str]) {
        self.columns = names.to_vec();
    }

    /// A row of that table.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Something to know, below the figure.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// A mark or a text.
    pub fn draw(&mut self, element: Element) {
        self.body.push(element);
    }

    /// Marks or texts.
    pub fn draw_all(&mut self, elements: impl IntoIterator<Item = Element>) {
        self.body.extend(elements);
    }

    /// The legend, in as many lines as it takes.
    pub fn legend(&mut self, keys: &[Key]) {
        let mut x = EDGE;
        for key in keys {
            let label = cut(&key.label, SMALL, 400.0);
            let taken = 40.0 + width(&label, SMALL) + 14.0;
            if x > EDGE && x + taken > WIDTH - EDGE {
                x = EDGE;
                self.y += 18.0;
            }
            let middle = self.y + 4.0;
            self.body.extend(swatch(key, x, middle));
            self.body.push(words(x + 36.0, middle + 4.0, SMALL, label));
            x += taken;
        }
        if !keys.is_empty() {
            self.y += 26.0;
        }
    }

    /// The figure. `n` says of how many runs or points it is.
    pub fn finish(mut self, about: &About, n: &str) -> Figure {
        self.y += 4.0;
        for note in std::mem::take(&mut self.notes) {
            for text in wrapped(&note, SMALL, WIDTH - 2.0 * EDGE) {
                self.y += 16.0;
                self.body.push(dim(EDGE, self.y, SMALL, text));
            }
        }
        let caption = about.caption(n);
        for text in wrapped(&caption, SMALL, WIDTH - 2.0 * EDGE) {
            self.y += 16.0;
            self.body.push(dim(EDGE, self.y, SMALL, text).with("font-style", "italic"));
        }
        let height = self.y + 12.0;
        let mut svg = el("svg")
            .with("xmlns", "http://www.w3.org/2000/svg")
            .with("class", "figure")
            .with("role", "img")
            .with("viewBox", format!("0 0 {WIDTH} {}", height.ceil()))
            .with("font-family", "Helvetica, Arial, sans-serif")
            .child(el("title").text(self.title.as_str()))
            .child(el("desc").text(format!("{} {caption}", self.says)));
        let paper = rect(0.0, 0.0, WIDTH, height.ceil());
        svg = svg.child(paper.with("class", "paper").with("fill", "#ffffff"));
        Figure {
            name: self.name,
            title: self.title,
            says: self.says,
            caption,
            svg: svg.children(self.body),
            columns: self.columns,
            rows: self.rows,
        }
    }
}

/// The sign of a key, about 28 wide.
fn swatch(key: &Key, x: f64, y: f64) -> Vec<Element> {
    let k = key.series;
    match key.mark {
        Mark::Line => vec![dashed(lined(line(x, y, x + 28.0, y), k, 2.2), k)],
        Mark::Area => vec![filled(rect(x + 6.0, y - 6.0, x + 28.0, y + 6.0), k)],
        Mark::Band => {
            let band = filled(rect(x, y - 6.0, x + 28.0, y + 6.0), k);
            vec![band.with("fill-opacity", "0.22")]
        }
        Mark::Dot => vec![
            lined(line(x + 4.0, y, x + 28.0, y), k, 1.6),
            filled(el("circle").at("cx", x + 16.0).at("cy", y).at("r", 4.0), k),
        ],
        Mark::Placebo => vec![rhomb(x + 16.0, y)],
    }
}

/// The sign of play at random.
pub fn rhomb(x: f64, y: f64) -> Element {
    let d = format!("M{} {y}L{x} {}L{} {y}L{x} {}Z", x - 5.0, y - 5.0, x + 5.0, y + 5.0);
    let path = el("path").with("d", d).with("class", "paper axis").with("fill", "#ffffff");
    path.with("stroke", "#5c5c5c").with("stroke-width", "1.5")
}

/// A line in the dashes of a series.
pub fn dashed(element: Element, series: usize) -> Element {
    match DASHES[series % DASHES.len()] {
        "" => element,
        dashes => element.with("stroke-dasharray", dashes),
    }
}

/// A part of a figure with two axes. Marks stand in a group that says how values became places.
#[derive(Debug, Clone)]
pub struct Panel {
    /// From left to right.
    pub x: Scale,
    /// From below to above.
    pub y: Scale,
    marks: Vec<Element>,
    around: Vec<Element>,
}

impl Panel {
    /// A panel in this rectangle (left, top, right, bottom).
    pub fn new((left, top, right, bottom): (f64, f64, f64, f64), x: Scale, y: Scale) -> Panel {
        let (x, y) = (x.between(left, right), y.between(bottom, top));
        Panel { x, y, marks: Vec::new(), around: Vec::new() }
    }

    /// Its title, and behind it what stands back.
    pub fn title(&mut self, title: &str, behind: &str) {
        self.title_from(self.x.start, self.x.end, title, behind);
    }

    /// The same between two places: names beside the panel leave room above them.
    pub fn title_from(&mut self, left: f64, right: f64, title: &str, behind: &str) {
        let room = right - left;
        let told = cut(title, 13.0, room);
        let y = self.y.end - 9.0;
        self.around.push(words(left, y, 12.5, told.as_str()).with("font-weight", "600"));
        let used = width(&told, 12.5) * 1.08 + 10.0;
        if room - used > 40.0 && !behind.is_empty() {
            self.around.push(dim(left + used, y, 10.5, cut(behind, 10.5, room - used)));
        }
    }

    /// The axis of values at the left, with lines of the grid.
    pub fn axis_y(&mut self, about: usize) {
        for (value, label) in self.y.ticks(about) {
            let y = self.y.at(value);
            self.around.push(grid(self.x.start, y, self.x.end, y));
            self.around
                .push(dim(self.x.start - 5.0, y + 3.5, 10.5, label).with("text-anchor", "end"));
        }
    }

    /// The axis below: where these values are and what they are called.
    pub fn axis_x(&mut self, ticks: &[(f64, String)], unit: &str, lines: bool) {
        let bottom = self.y.start;
        for (value, label) in ticks {
            let x = self.x.at(*value);
            if lines {
                self.around.push(grid(x, bottom, x, self.y.end));
            }
            self.around.push(axis(x, bottom, x, bottom + 4.0));
            let label = dim(x, bottom + 15.0, 10.5, label.as_str());
            self.around.push(label.with("text-anchor", "middle"));
        }
        self.around.push(axis(self.x.start, bottom, self.x.end, bottom));
        if !unit.is_empty() {
            let middle = (self.x.start + self.x.end) / 2.0;
            let unit = cut(unit, 10.5, self.x.end - self.x.start + 20.0);
            let label = dim(middle, bottom + 29.0, 10.5, unit);
            self.around.push(label.with("text-anchor", "middle"));
        }
    }

    /// A mark.
    pub fn mark(&mut self, element: Element) {
        self.marks.push(element);
    }

    /// Something around the marks.
    pub fn beside(&mut self, element: Element) {
        self.around.push(element);
    }

    /// A line through points, broken where there is no value.
    pub fn line(&mut self, points: impl Iterator<Item = (f64, f64)>, series: usize) {
        let (mut path, mut down) = (String::new(), false);
        for (x, y) in points {
            if !y.is_finite() {
                down = false;
                continue;
            }
            let sign = if down { 'L' } else { 'M' };
            path.push_str(&format!("{sign}{}", self.place(x, y)));
            down = true;
        }
        if !path.is_empty() {
            let width = if series == 0 { 2.4 } else { 1.8 };
            let mark = lined(el("path").with("d", path), series, width);
            self.marks.push(dashed(mark, series));
        }
    }

    /// A light area between two lines, over points where both have values.
    pub fn band(&mut self, points: &[(f64, f64, f64)], series: usize, opacity: &'static str) {
        let has = |p: &&(f64, f64, f64)| p.1.is_finite() && p.2.is_finite();
        let points: Vec<&(f64, f64, f64)> = points.iter().filter(has).collect();
        if points.len() < 2 {
            return;
        }
        let there = points.iter().map(|(x, lo, _)| self.place(*x, *lo));
        let back = points.iter().rev().map(|(x, _, hi)| self.place(*x, *hi));
        let all: Vec<String> = there.chain(back).collect();
        let path = el("path").with("d", format!("M{}Z", all.join("L")));
        self.marks.push(filled(path, series).with("fill-opacity", opacity));
    }

    fn place(&self, x: f64, y: f64) -> String {
        use crate::markup::coordinate;
        format!("{} {}", coordinate(self.x.at(x)), coordinate(self.y.at(y)))
    }

    /// A dot with its interval, at this height. `told` is shown where a pointer rests.
    pub fn dot(&mut self, (value, lo, hi): (f64, f64, f64), y: f64, series: usize, told: &str) {
        if !value.is_finite() {
            return;
        }
        let mut group = el("g").with("class", "dot").child(el("title").text(told));
        if lo.is_finite() && hi.is_finite() {
            let (from, to) = (self.x.at(lo), self.x.at(hi));
            group = group.child(lined(line(from, y, to, y), series, 1.8));
            for end in [from, to] {
                group = group.child(lined(line(end, y - 3.0, end, y + 3.0), series, 1.4));
            }
        }
        let dot = el("circle").at("cx", self.x.at(value)).at("cy", y).at("r", 3.6);
        self.marks.push(group.child(filled(dot, series)));
    }

    /// What was drawn.
    pub fn done(self) -> [Element; 2] {
        let axis = |s: Scale| format!("{} {} {} {}", s.from, s.to, s.start, s.end);
        let marks = el("g").with("class", "panel").with("data-x", axis(self.x));
        [el("g").children(self.around), marks.with("data-y", axis(self.y)).children(self.marks)]
    }
}

/// The style of figures as an element.
pub fn style() -> Element {
    el("style").own(STYLE)
}
