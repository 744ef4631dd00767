//! The scenarios inside the program, so that an installed one works in an empty folder.

macro_rules! shipped {
    ($($folder:literal / $name:literal),* $(,)?) => {
        /// Name and text of every scenario below `scenarios/`, by folder and name.
        pub const ALL: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../scenarios/", $folder, "/", $name, ".toml")),
        ),)*];
    };
}

shipped! {
    "alliances" / "cuban-missile-crisis",
    "alliances" / "gulf-blockade",
    "alliances" / "july-crisis",
    "alliances" / "pyongyang-core",
    "alliances" / "pyongyang-pact",
    "alliances" / "strategic-triangle",
    "published" / "alliance-signal",
    "published" / "arms-or-allies",
    "published" / "arms-race-1909",
    "published" / "crisis-bargaining",
    "published" / "elmira",
    "published" / "expected-utility",
    "published" / "landscape-europe",
    "published" / "landscape-syria",
    "published" / "riot-thresholds",
    "published" / "security-dilemma",
    "published" / "tournament",
    "textbook" / "cheap-talk",
    "textbook" / "chicken",
    "textbook" / "costly-signalling",
    "textbook" / "deterrence-three-moves",
    "textbook" / "deterrence-two-moves",
    "textbook" / "iterated-prisoners-dilemma",
    "textbook" / "kydd-trust-game",
    "textbook" / "matching-pennies-asymmetric",
    "textbook" / "recurrent-war",
    "textbook" / "richardson-arms-race",
    "textbook" / "rubinstein-bargaining",
    "textbook" / "shadow-of-the-future",
    "textbook" / "stag-hunt",
}

/// Name and text of every file that these scenarios name.
pub const FILES: &[(&str, &str)] =
    &[("arms-race-1909.csv", include_str!("../../scenarios/published/arms-race-1909.csv"))];

macro_rules! games {
    ($($name:literal),* $(,)?) => {
        /// Name and text of every game file in `scenarios/textbook/games/`, by name.
        pub const GAMES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../scenarios/textbook/games/", $name, ".nfg")),
        ),)*];
    };
}

games! {
    "assurance-or-arms",
    "balance-of-three",
    "battle-of-the-sexes",
    "chicken",
    "inspection",
    "matching-pennies",
    "matching-pennies-asymmetric",
    "prisoners-dilemma",
    "rock-paper-scissors",
    "shapley-cycle",
    "stag-hunt",
    "volunteers-dilemma",
    "von-stengel-3x2",
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_program_holds_what_the_folder_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut files = Vec::new();
        for folder in std::fs::read_dir(root).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let path = file.path();
                if path.extension().is_some_and(|e| e == "toml") {
                    files.push(path);
                }
            }
        }
        files.sort();
        let names: Vec<String> = files.iter().map(|f| super::super::stem(f)).collect();
        assert_eq!(names, ALL.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>());
        for (file, (_, text)) in files.iter().zip(ALL) {
            assert_eq!(std::fs::read_to_string(file).ok().as_deref(), Some(*text));
        }
    }

    #[test]
    fn the_program_holds_all_textbook_games() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/textbook/games");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path())
            // trees are opened by their paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "nfg"))
            .map(|path| super::super::stem(&path))
            .collect();
        names.sort();
        assert_eq!(names, GAMES.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>());
    }
}
