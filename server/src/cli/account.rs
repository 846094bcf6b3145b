//! `belfry account`: accounts of the running server, through its admin socket.
//!
//! Invariant: a password is never printed, and one that is given on the command line is warned about.

use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use belfry_domain::{Address, Secret};
use clap::{Args, Subcommand};

use super::{Place, print};
use crate::admin::client::ask;
use crate::admin::{AccountLine, Answer, DeviceLine, Password, Request};

/// Arguments of `belfry account`.
#[derive(Args, Debug)]
pub(super) struct AccountArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make an account
    #[command(after_help = "Example:\n  belfry account add alice@localhost --password-stdin < password.txt")]
    Add {
        /// NAME@DOMAIN
        address: String,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        place: Place,
    },
    /// List all accounts in the order of their addresses
    #[command(after_help = "Example:\n  belfry account list --json | jq -r .address")]
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Remove an account, its devices and its timeline
    #[command(after_help = "Example:\n  belfry account remove alice@localhost")]
    Remove {
        /// NAME@DOMAIN
        address: String,
        #[command(flatten)]
        place: Place,
    },
    /// Give an account another password; its devices stay logged in
    #[command(after_help = "Example:\n  belfry account password alice@localhost --password-stdin < password.txt")]
    Password {
        /// NAME@DOMAIN
        address: String,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        place: Place,
    },
    /// List the devices of an account
    #[command(after_help = "Example:\n  belfry account devices alice@localhost --json | jq -r .name")]
    Devices {
        /// NAME@DOMAIN
        address: String,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Remove a device of an account and cut it off
    #[command(after_help = "Example:\n  belfry account revoke alice@localhost 2")]
    Revoke {
        /// NAME@DOMAIN
        address: String,
        /// The device's number; see `belfry account devices`
        device: u32,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args, Debug)]
#[group(multiple = false)]
struct PasswordArgs {
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// The password; it stays in the history of your shell and other users can see it while the command runs
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
}

impl PasswordArgs {
    /// The password, if one was given; at a terminal it can be typed.
    fn read(self, needed: bool) -> Result<Option<Password>> {
        if let Some(password) = self.password {
            eprintln!("belfry: the password is now in the history of your shell; --password-stdin keeps it out");
            return Ok(Some(Password(Secret::new(password))));
        }
        let stdin = std::io::stdin();
        if !self.password_stdin && !needed {
            return Ok(None);
        }
        if !self.password_stdin {
            if !stdin.is_terminal() {
                bail!("a password is needed: give it with --password-stdin");
            }
            eprint!("New password (it is shown as you type): ");
        }
        let mut line = String::new();
        stdin.lock().read_line(&mut line).context("cannot read the password")?;
        let length = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(length);
        if line.is_empty() {
            bail!("the password is empty: write it into the first line of standard input");
        }
        Ok(Some(Password(Secret::new(line))))
    }
}

/// Does what `belfry account` was asked to.
pub(super) async fn account(args: AccountArgs) -> Result<ExitCode> {
    match args.verb {
        Verb::Add { address, password, place } => {
            let password = password.read(false)?;
            let without = password.is_none();
            done(&place, Request::AccountAdd { address: checked(&address)?, password }).await?;
            let how = if without { " It has no password yet: give it one with `belfry account password`." } else { "" };
            print(&format!("{address} is there.{how}\n"))?;
        }
        Verb::List { json, place } => list(&place.config()?.admin_socket(), json).await?,
        Verb::Remove { address, place } => {
            done(&place, Request::AccountRemove { address: checked(&address)? }).await?;
            print(&format!("{address} is removed.\n"))?;
        }
        Verb::Password { address, password, place } => {
            let password = password.read(true)?.context("a password is needed")?;
            done(&place, Request::AccountPassword { address: checked(&address)?, password }).await?;
            print(&format!("{address} has a new password.\n"))?;
        }
        Verb::Devices { address, json, place } => devices(&place.config()?.admin_socket(), &address, json).await?,
        Verb::Revoke { address, device, place } => {
            done(&place, Request::AccountRevoke { address: checked(&address)?, device }).await?;
            print(&format!("Device {device} of {address} is cut off.\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses what is no address before the server is asked.
fn checked(address: &str) -> Result<String> {
    Ok(Address::parse(address)?.to_string())
}

/// Asks for something that is either done or refused.
async fn done(place: &Place, request: Request) -> Result<()> {
    match ask(&place.config()?.admin_socket(), &request).await? {
        Answer::Done => Ok(()),
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    }
}

async fn list(socket: &Path, json: bool) -> Result<()> {
    let mut after = None;
    loop {
        let (accounts, more) = match ask(socket, &Request::AccountList { after: after.take() }).await? {
            Answer::Accounts { accounts, more } => (accounts, more),
            Answer::Refused { message, .. } => bail!("{message}"),
            _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
        };
        let mut page = String::new();
        for account in &accounts {
            page.push_str(&if json { serde_json::to_string(account)? } else { line(account) });
            page.push('\n');
        }
        print(&page)?;
        match accounts.into_iter().next_back() {
            Some(last) if more => after = Some(last.address),
            _ => return Ok(()),
        }
    }
}

async fn devices(socket: &Path, address: &str, json: bool) -> Result<()> {
    let devices = match ask(socket, &Request::AccountDevices { address: checked(address)? }).await? {
        Answer::Devices { devices } => devices,
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    };
    let mut list = String::new();
    for device in &devices {
        list.push_str(&if json { serde_json::to_string(device)? } else { device_line(device) });
        list.push('\n');
    }
    print(&list)
}

/// A device for people; its owner chose the names, so what could move the cursor is left out.
fn device_line(device: &DeviceLine) -> String {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let mut about = vec![if device.primary { "phone".to_owned() } else { "companion".to_owned() }];
    about.extend(Some(plain(&device.platform)).filter(|platform| !platform.is_empty()));
    about.push(if device.online { "online".into() } else { format!("seen {}", moment(device.last_seen_ms)) });
    format!("{:>4}  {:<28} {}", device.device, plain(&device.name), about.join(", "))
}

fn moment(ms: u64) -> String {
    jiff::Timestamp::from_millisecond(ms.cast_signed()).map_or_else(|_| "never".into(), |at| format!("{at:.0}"))
}

/// An account for people.
fn line(account: &AccountLine) -> String {
    let mut with = Vec::new();
    if account.phone {
        with.push("phone");
    }
    if account.password {
        with.push("password");
    }
    let with = if with.is_empty() { "no way to log in".to_string() } else { with.join(", ") };
    format!("{:<40} {with}", account.address)
}
