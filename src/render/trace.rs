//! A transcript as text or JSON.

mod json;
mod text;

use crate::view::trace::Transcript;

/// For readers.
pub fn text(told: &Transcript) -> String {
    text::transcript(told)
}

/// For programs: the object that [`trace`](mod@crate::view::trace) describes.
pub fn json(told: &Transcript) -> String {
    format!("{:#}\n", json::transcript(told))
}
