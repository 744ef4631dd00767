//! What was worked out once and is met again: values by the bits of all that they depend on.
//!
//! Kept values change no result, only how often it is worked out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// About how many bytes one [`Kept`] takes at most.
pub const MOST: usize = 4 << 20;

/// About what an entry takes beside its key and its value, in bytes.
const ENTRY: usize = 64;

/// Values by key. Where they take more than [`MOST`], all are forgotten.
#[derive(Debug)]
pub struct Kept<V> {
    values: BTreeMap<Box<[u64]>, V>,
    bytes: usize,
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Kept { values: BTreeMap::new(), bytes: 0 }
    }
}

impl<V> Kept<V> {
    /// The value of a key, if it is there.
    pub fn get(&self, key: &[u64]) -> Option<&V> {
        self.values.get(key)
    }

    /// Keeps a value that takes so many bytes.
    pub fn put(&mut self, key: &[u64], value: V, bytes: usize) {
        let bytes = bytes + size_of_val(key) + ENTRY;
        if self.bytes + bytes > MOST {
            self.values.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.values.insert(key.into(), value);
    }
}

/// What is handed from one part of a work to the next, by whichever thread. A copy is empty.
#[derive(Debug)]
pub struct Shelf<T>(Mutex<Vec<T>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf(Mutex::new(Vec::new()))
    }
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Shelf::default()
    }
}

impl<T: Default> Shelf<T> {
    /// Something that was put there, or a new one.
    pub fn take(&self) -> T {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Puts it back.
    pub fn put(&self, thing: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(thing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_much_is_forgotten() {
        let mut kept = Kept::default();
        kept.put(&[1, 2], 'a', MOST / 2);
        kept.put(&[1, 3], 'b', MOST / 4);
        assert_eq!((kept.get(&[1, 2]), kept.get(&[1, 3])), (Some(&'a'), Some(&'b')));
        kept.put(&[2, 2], 'c', MOST / 2);
        assert_eq!((kept.get(&[1, 2]), kept.get(&[2, 2])), (None, Some(&'c')));
    }

    #[test]
    fn a_shelf_gives_back_what_was_put_there() {
        let shelf: Shelf<Vec<u8>> = Shelf::default();
        assert!(shelf.take().is_empty());
        shelf.put(vec![1]);
        assert!(shelf.clone().take().is_empty());
        assert_eq!((shelf.take(), shelf.take()), (vec![1], Vec::new()));
    }
}
