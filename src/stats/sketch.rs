//! Counts of numbers by their leading bits.

/// Leading mantissa bits that tell bins apart: 256 bins per power of two.
const MANTISSA_BITS: u32 = 8;
const BINS: usize = 1 << MANTISSA_BITS;
/// Mantissa bits that do not.
const DROPPED: u32 = 52 - MANTISSA_BITS;

/// The counts of one sign: a page of bins per binary exponent, made when first needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Pages {
    /// The biased exponent of the first page.
    first: usize,
    pages: Vec<Option<Box<[u64; BINS]>>>,
}

impl Pages {
    #[inline]
    fn add(&mut self, magnitude: f64, count: u64) {
        let key = (magnitude.to_bits() >> DROPPED) as usize;
        let bins = self.page(key >> MANTISSA_BITS);
        bins[key & (BINS - 1)] += count;
    }

    #[inline]
    fn page(&mut self, exponent: usize) -> &mut [u64; BINS] {
        // Wraps for exponents below the window, which then lie beyond its end too.
        if exponent.wrapping_sub(self.first) >= self.pages.len() {
            self.grow(exponent);
        }
        self.pages[exponent - self.first].get_or_insert_with(|| Box::new([0; BINS]))
    }

    #[cold]
    fn grow(&mut self, exponent: usize) {
        if self.pages.is_empty() {
            self.first = exponent;
        }
        if exponent < self.first {
            let missing = self.first - exponent;
            self.pages.splice(0..0, std::iter::repeat_n(None, missing));
            self.first = exponent;
        }
        let needed = (exponent - self.first + 1).max(self.pages.len());
        self.pages.resize(needed, None);
    }

    fn merge(&mut self, other: &Pages) {
        for (i, page) in other.pages.iter().enumerate() {
            if let Some(counts) = page {
                let bins = self.page(other.first + i);
                for (bin, count) in bins.iter_mut().zip(counts.iter()) {
                    *bin += count;
                }
            }
        }
    }

    /// The bins that hold something, by magnitude: `(least, next bin's least, count)`.
    fn bins(&self) -> impl DoubleEndedIterator<Item = (f64, f64, u64)> {
        let full = self.pages.iter().enumerate().filter_map(|(i, p)| p.as_ref().map(|p| (i, p)));
        full.flat_map(|(i, page)| {
            let base = ((self.first + i) as u64) << MANTISSA_BITS;
            (0..BINS).filter(|&bin| page[bin] > 0).map(move |bin| {
                let key = base + bin as u64;
                let edge = |key: u64| f64::from_bits(key << DROPPED);
                (edge(key), edge(key + 1), page[bin])
            })
        })
    }
}

/// A bin that holds something: its bounds in ascending order and its count. `home` is the bound
/// nearer to zero, the one that belongs to the bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bin {
    pub lo: f64,
    pub hi: f64,
    pub home: f64,
    pub count: u64,
}

/// Counts of finite numbers by sign, exponent and leading mantissa bits. Depends on the multiset of
/// the numbers alone; a bin is narrower than 2^-8 of its numbers' magnitude.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sketch {
    below: Pages,
    zero: u64,
    above: Pages,
}

/// Whether a number is a bin's bound nearer to zero, so that the bin's place says its value.
#[inline]
pub(super) fn on_edge(x: f64) -> bool {
    x.to_bits().trailing_zeros() >= DROPPED
}

impl Sketch {
    #[inline]
    pub fn add(&mut self, x: f64) {
        if x > 0.0 {
            self.above.add(x, 1);
        } else if x < 0.0 {
            self.below.add(-x, 1);
        } else {
            self.zero += 1;
        }
    }

    pub fn merge(&mut self, other: &Sketch) {
        self.below.merge(&other.below);
        self.zero += other.zero;
        self.above.merge(&other.above);
    }

    /// The bins that hold something, ascending.
    pub fn bins(&self) -> impl Iterator<Item = Bin> {
        let below = self.below.bins().rev();
        let below = below.map(|(a, b, count)| Bin { lo: -b, hi: -a, home: -a, count });
        let zero = (self.zero > 0).then_some(Bin { lo: 0.0, hi: 0.0, home: 0.0, count: self.zero });
        let above = self.above.bins();
        let above = above.map(|(a, b, count)| Bin { lo: a, hi: b, home: a, count });
        below.chain(zero).chain(above)
    }
}
