//! The command line: one program, a verb for each thing an operator does.
//!
//! Arguments come in, an exit code leaves. Invariant: nothing is opened or started before the verb is known, so the small
//! verbs take some milliseconds, and every verb shows an example in its help.

mod account;
mod backup;
mod bench;
pub mod chat;
mod doctor;
mod doctor_checks;
mod invite;
mod links;
mod progress;
mod prune;
mod reload;
mod serve;
mod trace;
pub mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::config::load::load;
use crate::config::{Config, example};
use crate::exit::{self, Exit, Fail};

/// Belfry: a messaging server in one program.
#[derive(Debug, Parser)]
#[command(name = "belfry", version, about, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Begin with:\n  belfry serve\nand open http://localhost:8080 in a browser.")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server
    Serve(serve::ServeArgs),
    /// Make, list and remove accounts of the running server
    Account(account::AccountArgs),
    /// Make a link by which people join this server, or become contacts of an account
    Invite(invite::InviteArgs),
    /// Copy the store to a directory, also while the server runs
    Backup(backup::BackupArgs),
    /// Make a data directory out of a backup
    Restore(backup::RestoreArgs),
    /// Write all accounts and messages to a file that other programs can read
    Export(backup::ExportArgs),
    /// Make a data directory out of such a file
    Import(backup::ImportArgs),
    /// Take what is dead from the disk of the running server
    Prune(prune::PruneArgs),
    /// Have the running server read its configuration again
    Reload(reload::ReloadArgs),
    /// Say what is wrong with this installation, and how to mend it
    Doctor(doctor::DoctorArgs),
    /// Talk to others from this terminal
    Chat(chat::ChatArgs),
    /// Send messages through a server while faults happen, and say whether a promise was broken
    Verify(verify::VerifyArgs),
    /// Put load on a server and measure it
    Bench(bench::BenchArgs),
    /// Print the configuration with all keys, their meanings and defaults
    #[command(after_help = "Example:\n  belfry config > belfry.toml && belfry serve --config belfry.toml")]
    Config,
    /// Say who is connected: account, device, carrier, address
    Links(links::LinksArgs),
    /// Say where a message is: accepted, stored, told, acknowledged, read, or why not
    Trace(trace::TraceArgs),
}

/// Where the server's configuration and data are.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// The configuration file; without one the defaults hold
    #[arg(long, short, value_name = "FILE", env = "BELFRY_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory, whatever the configuration says
    #[arg(long, short, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    /// The configuration that holds here.
    fn config(&self) -> Result<Config> {
        self.config_with(|_| {})
    }

    /// The same, with what else the command line says.
    fn config_with(&self, adjust: impl FnOnce(&mut Config)) -> Result<Config> {
        let environment = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        let adjust = |config: &mut Config| {
            if let Some(data) = &self.data {
                config.server.data.clone_from(data);
            }
            adjust(config);
        };
        Ok(load(self.config.as_deref(), environment, adjust)
            .map_err(|error| Fail::new(Exit::Config, error.to_string()))?)
    }
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    // What is made from here on is for this user alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let outcome = match Cli::parse().verb {
        Verb::Serve(args) => serve::serve(&args),
        Verb::Account(args) => small(account::account(args)),
        Verb::Invite(args) => small(invite::invite(args)),
        Verb::Backup(args) => small(backup::backup(args)),
        Verb::Restore(args) => small(backup::restore(args)),
        Verb::Export(args) => small(backup::export(args)),
        Verb::Import(args) => small(backup::import(args)),
        Verb::Prune(args) => small(prune::prune(args)),
        Verb::Reload(args) => small(reload::reload(args)),
        Verb::Doctor(args) => small(doctor::doctor(args)),
        Verb::Chat(args) => small(chat::chat(args)),
        Verb::Links(args) => small(links::links(args)),
        Verb::Trace(args) => small(trace::trace(args)),
        Verb::Verify(args) => small(verify::verify(args)),
        Verb::Bench(args) => bench::bench(args),
        Verb::Config => print(&example::example()).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("belfry: {error:#}");
        exit::of(&error).into()
    })
}

/// Runs a verb that needs no more than one thread.
fn small<T>(verb: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?
        .block_on(verb)
}

/// Prints to standard output; a reader that has gone (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("cannot write the answer"),
        _ => Ok(()),
    }
}

/// A text that somebody else chose, for the operator's terminal: what would steer the terminal is shown as a mark.
fn harmless(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        fn check(command: &mut clap::Command) {
            if command.get_name() == "help" {
                return;
            }
            let help = command.render_long_help().to_string();
            assert!(help.contains("belfry "), "{}:\n{help}", command.get_name());
            let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_string()).collect();
            if verbs.is_empty() {
                assert!(help.contains("Example"), "{} shows no example:\n{help}", command.get_name());
            }
            for verb in verbs {
                check(command.find_subcommand_mut(&verb).expect("it was listed"));
            }
        }
        let mut whole = Cli::command();
        whole.build();
        check(&mut whole);
    }
}
