//! How costs grow: with the events in the store, with the sessions that watch the lobby, with the sessions at rest.
//!
//! What is to be measured comes in by the command line; one line of JSON leaves. Each measurement is a process of its
//! own, so that memory that an earlier one has freed does not serve the next. `./bench --scale` runs them all.

mod lobby;
mod sessions;
mod store;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

/// What can be measured by its size.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Puts events into the store of a data directory: messages of 100 bytes between accounts of whom few write much.
    Fill {
        /// The data directory; made if it is not there.
        folder: PathBuf,
        /// Events that are there already.
        #[arg(long, default_value = "0")]
        from: u64,
        /// Events that are to be there: two for each message, one in the timeline of each side.
        #[arg(long)]
        events: u64,
        /// Accounts.
        #[arg(long, default_value = "10000")]
        accounts: usize,
    },
    /// Opens a store that was filled, reads from it and writes to it.
    Store {
        /// The data directory.
        folder: PathBuf,
        /// Events that are there.
        #[arg(long)]
        events: u64,
        /// Accounts.
        #[arg(long, default_value = "10000")]
        accounts: usize,
        /// How often each thing is read.
        #[arg(long, default_value = "2000")]
        reads: usize,
        /// Messages that are appended.
        #[arg(long, default_value = "10000")]
        appends: u64,
    },
    /// Messages of the lobby to so many sessions that watch it.
    Lobby {
        /// Sessions.
        #[arg(long)]
        sessions: usize,
        /// Copies that are measured, at least: messages times sessions.
        #[arg(long, default_value = "200000")]
        copies: u64,
    },
    /// Makes accounts with a device each in a data directory, and some more that stay offline.
    Accounts {
        /// The data directory; made if it is not there.
        folder: PathBuf,
        /// How many.
        #[arg(long)]
        accounts: usize,
        /// Accounts beside these that stay offline, and sessions that are written to among all.
        #[arg(long, default_value = "20000")]
        others: usize,
    },
    /// Opens a session for each of so many accounts, lets them rest, and wakes them.
    Sessions {
        /// The data directory with the accounts.
        folder: PathBuf,
        /// Sessions.
        #[arg(long)]
        sessions: usize,
        /// Accounts beside these that stay offline, and sessions that are written to among all.
        #[arg(long, default_value = "20000")]
        others: usize,
    },
}

/// Measures and gives the figures.
pub(crate) fn grow(verb: Verb) -> Result<Value> {
    match verb {
        Verb::Fill { folder, from, events, accounts } => store::fill(&folder, from, events, accounts),
        Verb::Store { folder, events, accounts, reads, appends } => {
            store::measure(&folder, store::Wanted { events, accounts, reads, appends })
        }
        Verb::Lobby { sessions, copies } => lobby::measure(sessions, copies),
        Verb::Accounts { folder, accounts, others } => sessions::accounts(&folder, accounts + others),
        Verb::Sessions { folder, sessions, others } => sessions::measure(&folder, sessions, others),
    }
}
