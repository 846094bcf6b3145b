//! The program `belfry`: reads its command line and does what it says.

use std::process::ExitCode;

fn main() -> ExitCode {
    belfry::cli::run()
}
