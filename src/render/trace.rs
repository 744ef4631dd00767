//! A transcript as text or JSON.

mod brief;
mod json;
mod text;

use crate::view::trace::Transcript;

/// For readers.
pub fn text(told: &Transcript) -> String {
    text::transcript(told)
}

/// For readers in a hurry: a line for each choice.
pub fn brief(told: &Transcript) -> String {
    brief::transcript(told)
}

/// For programs: the object that [`trace`](mod@crate::view::trace) describes.
pub fn json(told: &Transcript) -> String {
    format!("{:#}\n", json::transcript(told))
}
