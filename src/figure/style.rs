//! Colours, dashes and how wide letters are.

use crate::markup::{Element, el};

/// Colours of series, which people with any common colour vision tell apart (Okabe and Ito 2008)
/// and which differ in lightness. The first is that of the file as it is.
pub const COLOURS: [&str; 8] =
    ["#1a1a1a", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a"];
/// Dashes of series, so that they are told apart without colours.
pub const DASHES: [&str; 8] = ["", "7 3", "2 2.5", "9 3 2 3", "5 2", "1 3", "12 4", "4 4 1 4"];

/// The style of every figure: colours are variables, so that a dark page turns them. A program that
/// knows no variables takes the attributes, which are those of a light page.
pub const STYLE: &str = "
svg.figure{--ink:#1a1a1a;--dim:#5c5c5c;--grid:#e3e3e3;--paper:#ffffff;--c0:#1a1a1a;--c1:#0072b2;\
--c2:#d55e00;--c3:#009e73;--c4:#cc79a7;--c5:#e69f00;--c6:#56b4e9;--c7:#8a8a8a;\
font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}
@media (prefers-color-scheme:dark){svg.figure{--ink:#ececec;--dim:#a9a9a9;--grid:#3b3b3b;\
--paper:#17181a;--c0:#f2f2f2;--c1:#5ab4ec;--c2:#ff8a4c;--c3:#2fd0a0;--c4:#e8a3c8;--c5:#f5be3d;\
--c6:#9ad7ff;--c7:#9a9a9a}}
@media print{svg.figure{--ink:#000;--dim:#444;--grid:#ddd;--paper:#fff;--c0:#1a1a1a;--c1:#0072b2;\
--c2:#d55e00;--c3:#009e73;--c4:#cc79a7;--c5:#e69f00;--c6:#56b4e9;--c7:#8a8a8a}}
svg.figure .ink{fill:var(--ink)}svg.figure .dim{fill:var(--dim)}svg.figure .grid{stroke:var(--grid)}
svg.figure .axis{stroke:var(--dim)}svg.figure .paper{fill:var(--paper)}
svg.figure .gap{stroke:var(--paper)}svg.figure .wash{fill:var(--grid)}
svg.figure .f0{fill:var(--c0)}svg.figure .f1{fill:var(--c1)}svg.figure .f2{fill:var(--c2)}\
svg.figure .f3{fill:var(--c3)}svg.figure .f4{fill:var(--c4)}svg.figure .f5{fill:var(--c5)}\
svg.figure .f6{fill:var(--c6)}svg.figure .f7{fill:var(--c7)}
svg.figure .l0{stroke:var(--c0)}svg.figure .l1{stroke:var(--c1)}svg.figure .l2{stroke:var(--c2)}\
svg.figure .l3{stroke:var(--c3)}svg.figure .l4{stroke:var(--c4)}svg.figure .l5{stroke:var(--c5)}\
svg.figure .l6{stroke:var(--c6)}svg.figure .l7{stroke:var(--c7)}
";

/// Classes of filled marks.
const FILLS: [&str; 8] = ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"];
/// Classes of lines.
const LINES: [&str; 8] = ["l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7"];

/// A mark filled in the colour of a series.
pub fn filled(element: Element, series: usize) -> Element {
    let k = series % COLOURS.len();
    element.with("class", FILLS[k]).with("fill", COLOURS[k])
}

/// A line in the colour of a series.
pub fn lined(element: Element, series: usize, width: f64) -> Element {
    let k = series % COLOURS.len();
    let element = element.with("class", LINES[k]).with("stroke", COLOURS[k]);
    element.at("stroke-width", width).with("fill", "none")
}

/// A line of a grid.
pub fn grid(x1: f64, y1: f64, x2: f64, y2: f64) -> Element {
    line(x1, y1, x2, y2).with("class", "grid").with("stroke", "#e3e3e3")
}

/// A line of an axis.
pub fn axis(x1: f64, y1: f64, x2: f64, y2: f64) -> Element {
    line(x1, y1, x2, y2).with("class", "axis").with("stroke", "#5c5c5c")
}

/// A straight line.
pub fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> Element {
    el("line").at("x1", x1).at("y1", y1).at("x2", x2).at("y2", y2)
}

/// A rectangle between two corners in any order.
pub fn rect(x1: f64, y1: f64, x2: f64, y2: f64) -> Element {
    let (x, y) = (if x1 < x2 { x1 } else { x2 }, if y1 < y2 { y1 } else { y2 });
    el("rect").at("x", x).at("y", y).at("width", (x2 - x1).abs()).at("height", (y2 - y1).abs())
}

/// A text at a place.
pub fn words(x: f64, y: f64, size: f64, text: impl Into<String>) -> Element {
    let place = el("text").at("x", x).at("y", y).at("font-size", size);
    place.with("class", "ink").with("fill", "#1a1a1a").text(text)
}

/// A text that stands back.
pub fn dim(x: f64, y: f64, size: f64, text: impl Into<String>) -> Element {
    let place = el("text").at("x", x).at("y", y).at("font-size", size);
    place.with("class", "dim").with("fill", "#5c5c5c").text(text)
}

/// About how wide a text is.
pub fn width(text: &str, size: f64) -> f64 {
    let one = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ';' | ':' | '\'' | '|' | '!' => 0.29,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | ' ' | '-' | '/' => 0.37,
        'm' | 'w' | 'M' | 'W' | '%' => 0.88,
        'A'..='Z' => 0.68,
        '0'..='9' => 0.57,
        c if c.is_ascii() => 0.55,
        c if (c as u32) < 0x2e80 => 0.62,
        _ => 1.0,
    };
    text.chars().map(one).sum::<f64>() * size * 1.1
}

/// A text cut to a width, with an ellipsis where something is left out.
pub fn cut(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + size > most {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// A text in lines of this width.
pub fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + 0.4 * size <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(cut(word, size, most)),
        }
    }
    lines
}
