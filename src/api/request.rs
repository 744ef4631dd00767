//! Methods by which requests are built.

/// Methods of a request that note one thing each, in a field. Those that several requests share are
/// given by name; the others stand with their documentation and with what they note.
macro_rules! notes {
    ($request:ident: $($shared:ident)*; $(
        $(#[$about:meta])*
        $name:ident($($given:ident: $kind:ty)?) { $field:ident = $value:expr }
    )*) => {
        impl $request {
            $(notes!(@$shared);)*
            $(
                $(#[$about])*
                #[must_use]
                pub fn $name(mut self $(, $given: $kind)?) -> Self {
                    self.$field = $value;
                    self
                }
            )*
        }
    };
    (@variant) => {
        /// Of this variant; `base` is the scenario as it is.
        #[must_use]
        pub fn variant(mut self, name: impl Into<String>) -> Self {
            self.variant = Some(name.into());
            self
        }
    };
    (@variants) => {
        /// Plays this variant too. Those that are named twice are played once.
        #[must_use]
        pub fn variant(mut self, name: impl Into<String>) -> Self {
            self.variants.push(name.into());
            self
        }

        /// Plays all variants.
        #[must_use]
        pub fn all_variants(mut self) -> Self {
            self.all_variants = true;
            self
        }
    };
    (@seed) => {
        /// Where all random numbers come from, instead of 20240619.
        #[must_use]
        pub fn seed(mut self, seed: u64) -> Self {
            self.seed = $crate::rng::Seed(seed);
            self
        }
    };
    (@rounds) => {
        /// So many rounds a run, from 1 to 10,000, instead of those of the scenario.
        #[must_use]
        pub fn rounds(mut self, rounds: u32) -> Self {
            self.rounds = Some(rounds);
            self
        }
    };
    (@set) => {
        /// Sets a parameter, an initial value or a decision everywhere: `("w[CHN]", "0.9")`.
        #[must_use]
        pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
            self.set.push((key.into(), value.into()));
            self
        }
    };
    (@independent) => {
        /// Gives every arm, and every point of a sweep, random numbers of its own.
        #[must_use]
        pub fn independent(mut self) -> Self {
            self.independent = true;
            self
        }
    };
    (@particles) => {
        /// So many particles in each filter, instead of 1,000; fewer where they give the exact
        /// answer.
        #[must_use]
        pub fn particles(mut self, particles: usize) -> Self {
            self.filter.particles = particles;
            self
        }

        /// So many independent filters, instead of 4: their spread is the Monte Carlo error.
        #[must_use]
        pub fn filters(mut self, filters: usize) -> Self {
            self.filter.filters = filters;
            self
        }

        /// Where all random numbers come from, instead of 20240619.
        #[must_use]
        pub fn seed(mut self, seed: u64) -> Self {
            self.filter.seed = $crate::rng::Seed(seed);
            self
        }

        /// Lets the interpreter play the particles instead of the engine: the same bytes, slowly.
        #[must_use]
        pub fn plain(mut self) -> Self {
            self.filter.plain = true;
            self
        }
    };
    (@threads) => {
        /// On so many threads instead of all cores. Results do not depend on it.
        #[must_use]
        pub fn threads(mut self, threads: usize) -> Self {
            self.threads = Some(threads);
            self
        }
    };
    (@memory) => {
        /// So much memory may be taken, instead of 2 GB; what needs more is refused. Results do not
        /// depend on it.
        #[must_use]
        pub fn memory(mut self, memory: $crate::experiment::Memory) -> Self {
            self.memory = memory;
            self
        }
    };
}

/// A choice among words: each variant with what it means and the word for it.
macro_rules! words {
    ($(#[$about:meta])* $name:ident, $kind:literal: $(
        #[doc = $help:literal]
        $variant:ident = $word:literal,
    )*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $help] $variant,)*
        }

        impl Default for $name {
            /// The first.
            fn default() -> $name {
                $name::ALL[0].0
            }
        }

        impl $name {
            /// All of them, each with its word and what it means.
            pub const ALL: &'static [($name, &'static str, &'static str)] =
                &[$(($name::$variant, $word, $help),)*];

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::api::Error;

            fn from_str(word: &str) -> Result<$name, $crate::api::Error> {
                let mut all = $name::ALL.iter();
                all.find(|(_, known, _)| *known == word).map(|(value, ..)| *value).ok_or_else(|| {
                    $crate::api::Error::no($kind, word, $name::ALL.iter().map(|(_, word, _)| *word))
                })
            }
        }
    };
}
