//! The exit codes of `belfry`, all in one place.
//!
//! An error that knows its code is a [`Fail`]; every other one leaves with [`Exit::Error`]. Invariant: the table in
//! docs/operations.md and the one that `belfry serve --help` prints are this one.

use std::fmt;
use std::process::ExitCode;

/// How the process ends. The numbers above 63 are those of sysexits.h.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// All is well; a server that was asked to stop has stopped.
    Fine = 0,
    /// The command was not carried out; standard error says why.
    Error = 1,
    /// The command line is not understood.
    Usage = 2,
    /// No server answers, or an address cannot be listened on.
    Unavailable = 69,
    /// A part of the server failed again and again.
    TaskFailed = 70,
    /// The store failed: nothing more can be kept safely.
    StoreFailed = 74,
    /// Another process holds the data directory.
    InUse = 75,
    /// The configuration is wrong.
    Config = 78,
    /// A second signal ended the server before its clients had been told.
    Forced = 130,
}

/// All of them with what they mean, for documents and help texts.
pub const TABLE: &[(Exit, &str)] = &[
    (Exit::Fine, "all is well; a server that was asked to stop has stopped"),
    (Exit::Error, "the command was not carried out; standard error says why"),
    (Exit::Usage, "the command line is not understood"),
    (Exit::Unavailable, "no server answers, or an address cannot be listened on"),
    (Exit::TaskFailed, "a part of the server failed more than 5 times in 5 minutes"),
    (Exit::StoreFailed, "the store failed; start again after looking at the disk"),
    (Exit::InUse, "another process holds the data directory"),
    (Exit::Config, "the configuration is wrong; standard error says where"),
    (Exit::Forced, "a second signal ended the server at once"),
];

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// An error that knows with which code the process ends.
#[derive(Debug)]
pub struct Fail {
    /// The code.
    pub exit: Exit,
    text: String,
}

impl Fail {
    /// An error with its sentence.
    pub fn new(exit: Exit, text: impl Into<String>) -> Fail {
        Fail { exit, text: text.into() }
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Fail {}

/// The code with which this error ends the process.
pub fn of(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Fail>().map_or(Exit::Error, |fail| fail.exit)
}
