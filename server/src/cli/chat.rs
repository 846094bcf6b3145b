//! `belfry chat`: talk from a terminal, or from a script.
//!
//! Arguments come in; a connected client and, depending on what standard input and output are, a full-screen chat or
//! plain lines leave. Invariant: whatever ends the chat, the terminal is as it was before.

mod act;
mod command;
mod draft;
mod draw;
mod editor;
mod folder;
mod later;
mod lines;
mod link;
mod list;
mod people;
mod place;
mod present;
mod screen;
mod start;
mod view;
pub(super) mod when;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use belfry_client::ServerAddress;
use clap::Args;

pub(super) use link::picture;

/// Talk to others from this terminal
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  belfry chat                              the lobby of the server on this machine, as a guest
  belfry chat --as ann@example.org         an account, from this device
  belfry chat --register +491701234567     a new account by phone number
  belfry chat --link                       join an account by a code that its phone reads
  belfry chat --invite LINK                a new account by an invitation (with an account: /join LINK)
  echo Hello | belfry chat --as ann@example.org --to ben@example.org
  echo /add ben@example.org | belfry chat --as ann@example.org --to ben@example.org

In the chat:
  /add ben@example.org Ann from the choir  ask Ben to be a contact; he types /accept, /refuse or /block
  /invite                                  a link and a QR code that bring a contact; /invite new: a new account
  /away at lunch                           say how you are there; /busy, /online, /invisible
  /help, /help people, /help messages      all commands
  Tab or Alt and arrows: the next chat     F2: chats, people or requests    PageUp: older messages")]
pub struct ChatArgs {
    /// The server: host, host:port or scheme://host:port (noise, tls, tcp, ws, wss); several are tried in order
    #[arg(
        long,
        short,
        value_name = "ADDRESS",
        env = "BELFRY_SERVER",
        default_value = "localhost:8080",
        value_delimiter = ','
    )]
    server: Vec<ServerAddress>,
    /// The account to use; asks for its password when this device does not belong to it yet
    #[arg(long = "as", value_name = "NAME@DOMAIN")]
    account: Option<String>,
    /// Make an account for this phone number, or take it over, by a PIN
    #[arg(long, value_name = "+PHONE", conflicts_with = "account")]
    register: Option<String>,
    /// Show a QR code by which this device joins an account; its phone reads it, or /link there
    #[arg(long, conflicts_with_all = ["account", "register", "guest"])]
    link: bool,
    /// Make an account by this invitation: its link, or the token in it
    #[arg(long, value_name = "LINK", conflicts_with_all = ["account", "register", "guest", "link"])]
    invite: Option<String>,
    /// Be a guest of the lobby even if there is an account on this device
    #[arg(long, conflicts_with_all = ["account", "register"])]
    guest: bool,
    /// The name in the lobby; with --register and --invite the name of the account
    #[arg(long, short, value_name = "NAME")]
    name: Option<String>,
    /// Write to this address; without it, to the lobby
    #[arg(long, value_name = "NAME@DOMAIN")]
    to: Option<String>,
    /// Take the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Where accounts and messages of this device are kept [default: ~/.local/share/belfry]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The server shows this certificate: 64 hexadecimal digits of its SHA-256, for tls and wss
    #[arg(long, value_name = "FINGERPRINT")]
    certificate: Option<String>,
    /// Trust the server's key although it is not the one that was seen before
    #[arg(long)]
    trust_new_key: bool,
    /// Print one JSON object for each event
    #[arg(long)]
    json: bool,
    /// With piped input: go on after its end, until interrupted
    #[arg(long)]
    follow: bool,
}

/// Connects and talks until the person leaves.
pub async fn chat(args: ChatArgs) -> Result<ExitCode> {
    let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal() && !args.json;
    let started = start::start(&args, interactive).await?;
    if interactive { screen::run(started).await } else { lines::run(started, args.json, args.follow).await }
}
