//! Indices with a type: an actor's number cannot stand where a seat's is meant.
//!
//! Each is a position in file order, from 0. An [`IndexVec`] is a vector that takes one kind of
//! index only.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// A typed index.
pub trait Id: Copy + Ord {
    /// The index of this number, from 0.
    fn new(index: usize) -> Self;
    /// Its number, from 0.
    fn index(self) -> usize;
}

macro_rules! typed_indices {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The index of this number, from 0. Scenarios have fewer parts than `u32` has values.
            #[inline]
            pub const fn new(index: usize) -> Self {
                $name(if index < u32::MAX as usize { index as u32 } else { u32::MAX })
            }

            /// Its number, from 0.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl Id for $name {
            #[inline]
            fn new(index: usize) -> Self {
                $name::new(index)
            }

            #[inline]
            fn index(self) -> usize {
                $name::index(self)
            }
        }

        /// Its number alone, as listings of plans print it.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

typed_indices! {
    /// An actor.
    ActorId
    /// What an index can stand for: an actor, or an element of a set. Actors come first.
    ElementId
    /// A seat: an actor on a track.
    SeatId
    /// An option among those of all seats.
    OptionId
    /// A state cell among those of all states.
    CellId
    /// An event.
    EventId
    /// An instance of an event among those of all events.
    HazardId
}

impl From<ActorId> for ElementId {
    fn from(actor: ActorId) -> Self {
        ElementId::new(actor.index())
    }
}

/// Typed indices in ascending order.
pub type Ids<I> = std::iter::Map<Range<usize>, fn(usize) -> I>;

/// The typed indices from the first of a range up to its end.
pub fn ids<I: Id>(range: Range<I>) -> Ids<I> {
    (range.start.index()..range.end.index()).map(I::new)
}

/// A vector with one kind of index.
pub struct IndexVec<I, T> {
    items: Vec<T>,
    index: PhantomData<fn(I)>,
}

impl<I: Id, T> IndexVec<I, T> {
    /// An empty one.
    pub fn new() -> Self {
        IndexVec::from(Vec::new())
    }

    /// So many times the same.
    pub fn filled(item: T, count: usize) -> Self
    where
        T: Clone,
    {
        IndexVec::from(vec![item; count])
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// Adds items at the end.
    pub fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        self.items.extend(items);
    }

    /// The index that the next item is going to have.
    pub fn next_id(&self) -> I {
        I::new(self.items.len())
    }

    /// All indices.
    pub fn ids(&self) -> Ids<I> {
        ids(I::new(0)..self.next_id())
    }

    /// Items with their indices.
    pub fn enumerate(&self) -> std::iter::Zip<Ids<I>, std::slice::Iter<'_, T>> {
        self.ids().zip(&self.items)
    }

    /// Items with their indices, to be changed.
    pub fn enumerate_mut(&mut self) -> std::iter::Zip<Ids<I>, std::slice::IterMut<'_, T>> {
        self.ids().zip(&mut self.items)
    }

    /// The item of an index, if there is one.
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }

    /// The index of the first item that is wanted.
    pub fn find_id(&self, wanted: impl FnMut(&T) -> bool) -> Option<I> {
        self.items.iter().position(wanted).map(I::new)
    }

    /// The items of a range of indices.
    ///
    /// # Panics
    /// Where the range goes beyond the last item.
    pub fn slice(&self, range: Range<I>) -> &[T] {
        &self.items[range.start.index()..range.end.index()]
    }

    /// The same, to be changed.
    ///
    /// # Panics
    /// Where the range goes beyond the last item.
    pub fn slice_mut(&mut self, range: Range<I>) -> &mut [T] {
        &mut self.items[range.start.index()..range.end.index()]
    }
}

impl<I: Id, T> Index<I> for IndexVec<I, T> {
    type Output = T;

    #[inline]
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for IndexVec<I, T> {
    #[inline]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}

impl<I, T> Deref for IndexVec<I, T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<I, T> DerefMut for IndexVec<I, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<I, T> From<Vec<T>> for IndexVec<I, T> {
    fn from(items: Vec<T>) -> Self {
        IndexVec { items, index: PhantomData }
    }
}

impl<I, T> From<IndexVec<I, T>> for Vec<T> {
    fn from(all: IndexVec<I, T>) -> Self {
        all.items
    }
}

impl<I, T> FromIterator<T> for IndexVec<I, T> {
    fn from_iter<A: IntoIterator<Item = T>>(items: A) -> Self {
        IndexVec::from(Vec::from_iter(items))
    }
}

impl<I, T> IntoIterator for IndexVec<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, I, T> IntoIterator for &'a IndexVec<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut IndexVec<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}

// written out, because derived ones would ask of the index what only items need

impl<I, T> Default for IndexVec<I, T> {
    fn default() -> Self {
        IndexVec::from(Vec::new())
    }
}

impl<I, T: Clone> Clone for IndexVec<I, T> {
    fn clone(&self) -> Self {
        IndexVec::from(self.items.clone())
    }

    fn clone_from(&mut self, other: &Self) {
        self.items.clone_from(&other.items);
    }
}

impl<I, T: PartialEq> PartialEq for IndexVec<I, T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl<I, T: fmt::Debug> fmt::Debug for IndexVec<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.items, f)
    }
}
