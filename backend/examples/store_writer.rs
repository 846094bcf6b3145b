//! Writes to a store under load and says what was acknowledged; checks a store against what was said.
//!
//! For crash tests: `store_writer write DIR LOG` appends until it is killed, with one line in LOG for every message
//! that was acknowledged; `store_writer check DIR LOG` opens the store and prints what is lost, doubled or out of
//! order, and ends with 1 if anything is. LOG belongs on a disk that survives the crash; `-` is standard output.

#[path = "../tests/support/load.rs"]
mod load;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", directory, log] => runtime.block_on(load::write(Path::new(directory), log)).map(|()| true),
        ["check", directory, log] => {
            runtime.block_on(load::check(Path::new(directory), Path::new(log))).map(|(good, line)| {
                println!("{line}");
                good
            })
        }
        _ => Err("usage: store_writer write|check DIRECTORY LOG".into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
