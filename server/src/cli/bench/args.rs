//! The arguments of `belfry bench`, as plans.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use belfry_load::{Chat, Door, Mechanism, Pace, Presence, Scenario, TEXT_BYTES_MIN};
use clap::{Args, Subcommand};

/// The longest text: longer ones are what media are for.
const TEXT_BYTES_MAX: u64 = 60 * 1024;

/// Messages of those who stay during a storm may take so long before they count as lost.
const STAY_PATIENCE: Duration = Duration::from_secs(60);

/// Clients in all, over all workers: source ports of one address are fewer.
const CLIENTS_MAX: u64 = 1_000_000;

const HELP: &str = "\
Examples:
  belfry bench idle --connections 5000
      5,000 native connections at a private server: memory and CPU of each
  belfry bench chat --door xmpp-tls --pairs 50 --rate 1000
      1,000 messages a second by the clock, over XMPP with TLS
  belfry bench chat --server localhost:5222 --door xmpp --domain localhost --names p%d --password SECRET --pid 4711
      another XMPP server of this machine, whose accounts are p0@localhost, p1@localhost …

Without --server a private server is started in a temporary directory (TMPDIR), with as many accounts as are needed.

Exit codes: 0 all went well; 1 something was lost, doubled or refused, or the run could not be done.";

/// Put load on a server and measure it
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(in crate::cli) struct BenchArgs {
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Connect, log in, and be there: memory of a connection, CPU of a login
    #[command(after_help = "Example:\n  belfry bench idle --door tls --connections 5000")]
    Idle(IdleArgs),
    /// Write messages: CPU of a message, and how long it takes to the other client
    #[command(after_help = "Example:\n  belfry bench chat --door noise --pairs 50 --rate 1000 --time 20")]
    Chat(ChatArgs),
    /// Leave messages for clients that are not there, and let them come: CPU of storing and of taking them
    #[command(after_help = "Example:\n  belfry bench offline --pairs 100 --messages 200")]
    Offline(OfflineArgs),
    /// Cut all connections at once and let all come back: how long until they are
    #[command(after_help = "Example:\n  belfry bench storm --connections 5000 --door tls --stay 20 --rate 200")]
    Storm(StormArgs),
    /// Offer far more messages than the server can take: what still arrives, and how late
    #[command(after_help = "Example:\n  belfry bench overload --door tcp --pairs 200")]
    Overload(OverloadArgs),
    /// Change everybody's presence all the time: CPU of a change
    #[command(after_help = "Example:\n  belfry bench presence --connections 1000 --contacts 20 --rate 200")]
    Presence(PresenceArgs),
    /// Look for the highest rate at which messages arrive in time
    #[command(after_help = "Example:\n  belfry bench find-max --door xmpp --within 50")]
    FindMax(FindMaxArgs),
    /// What this machine allows any server: the disk's sync, a bare log, a bare relay
    #[command(after_help = "Example:\n  belfry bench limits --folder /var/lib/belfry")]
    Limits(LimitsArgs),
    /// What the other commands start to hold clients: orders on standard input
    #[command(hide = true, after_help = "Example:\n  belfry bench worker < /dev/null")]
    Worker,
}

/// What all scenarios have in common.
#[derive(Args, Clone, Debug)]
pub(super) struct Load {
    /// The server, HOST:PORT, whose accounts are given below [default: a private one is started]
    #[arg(long, short, value_name = "HOST:PORT", requires_all = ["names", "password"])]
    pub(super) server: Option<String>,
    /// How clients come in: noise, tls, tcp, websocket, websocket-tls, long-poll, long-poll-tls, xmpp, xmpp-starttls,
    /// xmpp-tls
    #[arg(long, value_name = "DOOR", default_value = "noise")]
    pub(super) door: Door,
    /// The domain of the accounts
    #[arg(long, value_name = "DOMAIN", default_value = "localhost")]
    pub(super) domain: String,
    /// Names of the accounts, %d is their number from 0
    #[arg(long, value_name = "NAME%d", requires = "server")]
    pub(super) names: Option<String>,
    /// The password of all of them; others can see it while the command runs, unless it is in the environment
    #[arg(long, value_name = "PASSWORD", env = "BELFRY_BENCH_PASSWORD", hide_env_values = true)]
    pub(super) password: Option<String>,
    /// The server shows this certificate: 64 hexadecimal digits of its SHA-256
    #[arg(long, value_name = "FINGERPRINT")]
    pub(super) certificate: Option<String>,
    /// The server's process on this machine, whose CPU time and memory are read
    #[arg(long, value_name = "NUMBER", requires = "server")]
    pub(super) pid: Option<u32>,
    /// How XMPP clients log in: PLAIN, SCRAM-SHA-1, SCRAM-SHA-256 [default: the strongest that is offered]
    #[arg(long, value_name = "MECHANISM")]
    pub(super) mechanism: Option<Mechanism>,
    /// XMPP clients do not count stanzas (XEP-0198)
    #[arg(long)]
    pub(super) no_counting: bool,
    /// Processes that hold the clients [default: as few as the limit of open files allows]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(super) workers: Option<u32>,
    /// Logins under way at once
    #[arg(long, value_name = "NUMBER", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(super) at_once: u64,
    /// Seconds for the server to come to rest before it is looked at
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub(super) settle: u64,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(super) struct LimitsArgs {
    /// A folder on the disk that counts [default: the one for temporary files]
    #[arg(long, value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(super) struct IdleArgs {
    #[command(flatten)]
    load: Load,
    /// How many clients
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000,
          value_parser = clap::value_parser!(u64).range(1..=CLIENTS_MAX))]
    connections: u64,
    /// Seconds of rest before memory is looked at
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    rest: u64,
}

#[derive(Args, Debug)]
pub(super) struct ChatArgs {
    #[command(flatten)]
    load: Load,
    /// How many write; as many hear
    #[arg(long, value_name = "NUMBER", default_value_t = 50,
          value_parser = clap::value_parser!(u64).range(1..=CLIENTS_MAX / 2))]
    pairs: u64,
    /// Open loop: so many messages in a second from all together, by the clock, whether or not the server keeps up
    #[arg(long, value_name = "NUMBER", conflicts_with = "window")]
    rate: Option<f64>,
    /// Closed loop: so many messages of each pair are under way, and the next leaves when one has been heard
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    window: u32,
    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    time: u64,
    /// Bytes of each text
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(TEXT_BYTES_MIN as u64..=TEXT_BYTES_MAX))]
    bytes: u64,
    /// Seconds that messages may be late at the end before they count as lost
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    patience: u64,
}

#[derive(Args, Debug)]
pub(super) struct OfflineArgs {
    #[command(flatten)]
    load: Load,
    /// How many write; as many come later
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(1..=CLIENTS_MAX / 2))]
    pairs: u64,
    /// Messages for each
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    messages: u32,
    /// Bytes of each text
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(TEXT_BYTES_MIN as u64..=TEXT_BYTES_MAX))]
    bytes: u64,
}

#[derive(Args, Debug)]
pub(super) struct StormArgs {
    #[command(flatten)]
    load: Load,
    /// How many clients
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000,
          value_parser = clap::value_parser!(u64).range(1..=CLIENTS_MAX))]
    connections: u64,
    /// Two each of so many others stay connected, and one writes to the other all the while
    #[arg(long, value_name = "NUMBER", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(0..=CLIENTS_MAX / 2))]
    stay: u64,
    /// Messages in a second of those who stay, of all together
    #[arg(long, value_name = "NUMBER", default_value_t = 100.0, requires = "stay")]
    rate: f64,
}

#[derive(Args, Debug)]
pub(super) struct OverloadArgs {
    #[command(flatten)]
    load: Load,
    /// How many write; as many hear
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(1..=CLIENTS_MAX / 2))]
    pairs: u64,
    /// Seconds at each rate
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    time: u64,
    /// Bytes of each text
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(TEXT_BYTES_MIN as u64..=TEXT_BYTES_MAX))]
    bytes: u64,
    /// Seconds that messages may be late at the end before they count as lost
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    patience: u64,
}

#[derive(Args, Debug)]
pub(super) struct PresenceArgs {
    #[command(flatten)]
    load: Load,
    /// How many clients
    #[arg(long, value_name = "NUMBER", default_value_t = 200,
          value_parser = clap::value_parser!(u64).range(4..=CLIENTS_MAX))]
    connections: u64,
    /// Contacts of each: an even number
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    contacts: u32,
    /// Changes in a second, of all together
    #[arg(long, value_name = "NUMBER", default_value_t = 100.0)]
    rate: f64,
    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    time: u64,
}

#[derive(Args, Debug)]
pub(super) struct FindMaxArgs {
    #[command(flatten)]
    load: Load,
    /// How many write; as many hear
    #[arg(long, value_name = "NUMBER", default_value_t = 50,
          value_parser = clap::value_parser!(u64).range(1..=CLIENTS_MAX / 2))]
    pairs: u64,
    /// The first rate, in messages a second
    #[arg(long, value_name = "NUMBER", default_value_t = 100.0)]
    from: f64,
    /// No rate beyond this is tried
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000.0)]
    up_to: f64,
    /// Milliseconds within which 99 % of the messages have to arrive
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    within: u64,
    /// Seconds at each rate
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    time: u64,
    /// Bytes of each text
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(TEXT_BYTES_MIN as u64..=TEXT_BYTES_MAX))]
    bytes: u64,
}

/// A rate has to be one.
fn rate(name: &str, rate: f64) -> Result<f64> {
    ensure!(rate.is_finite() && rate > 0.0, "{name} wants a number for each second, as in 1000");
    Ok(rate)
}

impl OfflineArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let (pairs, bytes) = (u32::try_from(self.pairs)?, usize::try_from(self.bytes)?);
        Ok((self.load, Scenario::Offline { pairs, messages: self.messages, bytes }))
    }
}

impl StormArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let rate = rate("--rate", self.rate)?;
        let beside = (self.stay > 0).then_some(Chat {
            pairs: u32::try_from(self.stay)?,
            bytes: TEXT_BYTES_MIN.max(100),
            length: Duration::ZERO,
            patience: STAY_PATIENCE,
            pace: Pace::Open { rate },
        });
        Ok((self.load, Scenario::Storm { connections: u32::try_from(self.connections)?, beside }))
    }
}

impl OverloadArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let chat = Chat {
            pairs: u32::try_from(self.pairs)?,
            bytes: usize::try_from(self.bytes)?,
            length: Duration::from_secs(self.time),
            patience: Duration::from_secs(self.patience),
            pace: Pace::Closed { window: 1 },
        };
        Ok((self.load, Scenario::Overload(chat)))
    }
}

impl PresenceArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let connections = u32::try_from(self.connections)?;
        ensure!(self.contacts.is_multiple_of(2), "--contacts wants an even number: half on each side in a ring");
        ensure!(self.contacts < connections, "--contacts has to be less than --connections");
        let length = Duration::from_secs(self.time);
        let presence = Presence { connections, contacts: self.contacts, rate: rate("--rate", self.rate)?, length };
        Ok((self.load, Scenario::Presence(presence)))
    }
}

impl FindMaxArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let (from, within) = (rate("--from", self.from)?, Duration::from_millis(self.within));
        let chat = Chat {
            pairs: u32::try_from(self.pairs)?,
            bytes: usize::try_from(self.bytes)?,
            length: Duration::from_secs(self.time),
            patience: within.max(Duration::from_secs(self.time)),
            pace: Pace::Open { rate: from },
        };
        let up_to = rate("--up-to", self.up_to)?;
        Ok((self.load, Scenario::FindMax { chat, from, up_to, within }))
    }
}

impl IdleArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let (connections, rest) = (u32::try_from(self.connections)?, Duration::from_secs(self.rest));
        Ok((self.load, Scenario::Idle { connections, rest }))
    }
}

impl ChatArgs {
    pub(super) fn plan(self) -> Result<(Load, Scenario)> {
        let pace = match self.rate {
            Some(per_s) => Pace::Open { rate: rate("--rate", per_s)? },
            None => Pace::Closed { window: self.window },
        };
        let chat = Chat {
            pairs: u32::try_from(self.pairs)?,
            bytes: usize::try_from(self.bytes)?,
            length: Duration::from_secs(self.time),
            patience: Duration::from_secs(self.patience),
            pace,
        };
        Ok((self.load, Scenario::Chat(chat)))
    }
}
