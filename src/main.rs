//! The program `detente`: see `detente --help`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
