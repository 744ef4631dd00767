//! What several tests need.

use std::path::{Path, PathBuf};
use std::process::Command;

use detente::claims::Spec;
use detente::diagnostic::Diagnostic;
use detente::model::Model;
use detente::rng::Seed;

/// The folder of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the project with this ending, in order, but histories, which lie
/// among scenarios and are none.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for path in entries.map(|e| e.path()) {
            if path.ends_with("histories") {
                continue;
            }
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

/// The model of a file that must load; the diagnostics where it does not.
pub fn load(path: &Path) -> Result<Model, Vec<Diagnostic>> {
    let checked = detente::catalog::read(path).expect("the file can be read").load().checked;
    if checked.has_errors() {
        return Err(checked.diagnostics);
    }
    checked.value.ok_or(checked.diagnostics)
}

/// Holds a committed text to what is made now: how they differ, if they do. With `DETENTE_BLESS=1`
/// in the environment the text is written anew instead; `git diff` shows what to read before
/// keeping it.
pub fn kept(path: &Path, now: &str) -> Option<String> {
    if blessing() {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("the folder can be made");
        }
        std::fs::write(path, now).expect("the text can be written");
        return None;
    }
    let before = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    let name = path.strip_prefix(root()).unwrap_or(path).display();
    difference(&before, now).map(|place| format!("{name}, {place}"))
}

/// Whether committed texts are written anew.
#[expect(clippy::disallowed_methods, reason = "the wish to write is in the environment")]
pub fn blessing() -> bool {
    std::env::var_os("DETENTE_BLESS").is_some_and(|value| value == "1")
}

/// Lines that are shown of a difference, of either text.
const SHOWN: usize = 12;

/// Where two texts part, and what follows there.
fn difference(before: &str, now: &str) -> Option<String> {
    if before == now {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split('\n').collect(), now.split('\n').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let mut shown = format!("line {}:", same + 1);
    for (sign, lines) in [('-', &old), ('+', &new)] {
        for line in lines.iter().skip(same).take(SHOWN) {
            shown.push_str(&format!("\n{sign} {line}"));
        }
    }
    Some(shown)
}

/// A scenario that must load, with its text.
pub fn understood(text: String) -> (Model, String) {
    let checked = detente::scenario::load(text.as_bytes());
    let model = checked.value.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    (model, text)
}

/// Lines of `[claims]` with these tests, called a, b, c, ...; a test may have more keys after it.
pub fn tests(list: &[&str]) -> String {
    let line = |(k, test): (usize, &&str)| {
        let name = char::from(b'a' + u8::try_from(k).unwrap_or(0));
        let test = if test.starts_with('"') { (*test).to_string() } else { format!("\"{test}\"") };
        format!("{name} = {{ says = \"Test {k}.\", test = {test} }}\n")
    };
    list.iter().enumerate().map(line).collect()
}

/// All claims of a scenario, to be judged on one thread.
pub fn spec<'a>((model, source): &'a (Model, String), runs: u64, seed: u64) -> Spec<'a> {
    Spec {
        model,
        source,
        claims: (0..model.claims.len()).collect(),
        set: Vec::new(),
        rounds: None,
        runs,
        seed: Seed(seed),
        independent: false,
        threads: Some(1),
        family_wise: false,
        precision: None,
        memory: Default::default(),
    }
}

/// The program in a folder of its own, which goes with it.
pub struct Place(pub PathBuf);

impl Place {
    /// A folder of this name with a file in it.
    pub fn new(name: &str, file: &str, text: &str) -> Place {
        let folder = std::env::temp_dir().join(format!("detente-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join(file), text).expect("it can be written");
        Place(folder)
    }

    /// Status, standard output, standard error.
    pub fn detente(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
        let output = command.current_dir(&self.0).args(arguments).output();
        let output = output.expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small results folder of two arms, made once by the program itself.
pub fn small_results() -> PathBuf {
    static MADE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("detente-small-{}", std::process::id()));
        let status = Command::new(env!("CARGO_BIN_EXE_detente"))
            .args(["run", "deterrence-two-moves", "--all-variants", "--runs", "200", "--force"])
            .arg("--out")
            .arg(&folder)
            .current_dir(root())
            .output()
            .expect("the program starts");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        folder
    })
    .clone()
}

/// Whether statistical and generated tests are to take the time they like: `DETENTE_FULL` is set.
#[expect(clippy::disallowed_methods, reason = "how long a test takes is the caller's choice")]
pub fn full() -> bool {
    std::env::var_os("DETENTE_FULL").is_some()
}

/// Says that a test is left out for lack of a program, and what lacks. `.ci/run` lists these lines;
/// where `DETENTE_REQUIRE` is set, everything was to be there, and the test fails.
#[expect(
    clippy::disallowed_methods,
    reason = "whether a test may be left out is the caller's choice"
)]
pub fn skipped(what: &str) {
    use std::io::Write;
    assert!(std::env::var_os("DETENTE_REQUIRE").is_none(), "left out: {what}");
    eprintln!("skipped: {what}");
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    let list = std::fs::OpenOptions::new().create(true).append(true).open(list);
    list.and_then(|mut list| writeln!(list, "{what}")).expect("the list can be written");
}
