//! The arguments of `belfry verify`, and the server that they mean.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use belfry_backend::OsEntropy;
use belfry_client::Trust;
use belfry_domain::Address;
use belfry_domain::ports::random_array;
use clap::Args;

use super::accounts::Made;
use super::private::{Foreign, Private, certificate_of, this_program};
use super::show::Progress;
use super::{Account, Door, Fault, Outcome, Plan, Process, Target, run};
use crate::admin::client::ask;
use crate::admin::{Answer, Request};
use crate::cli::Place;
use crate::config::convert::domain;
use crate::net::tls::look;

/// Clients, unless accounts are given.
const CLIENTS: usize = 6;

/// More clients than this are a load test, which is something else.
const CLIENTS_MAX: u64 = 500;

/// Messages of a run: the ledger keeps about a kilobyte for each.
const MESSAGES_MAX: u64 = 1_000_000;

/// How long a run takes, unless it is said.
const SECONDS: u64 = 10;

/// A run that is to end after some messages ends after this in any case.
const SECONDS_FOR_MESSAGES: u64 = 600;

/// Everything has to come to rest in this time after the last fault.
const HEAL: Duration = Duration::from_secs(60);

/// No limit that a fast client would meet.
const SETTINGS: &str = "\
[connections]
exempt = [\"127.0.0.0/8\"]

[limits]
sends = \"unlimited\"
changes = \"unlimited\"
history = \"unlimited\"
requests = \"unlimited\"
requests_by_device = \"unlimited\"
look_ups = \"unlimited\"
";

const HELP: &str = "\
Examples:
  belfry verify --serve --fault kill,cut --time 60
      a private server in a temporary directory, killed and cut off again and again for a minute
  belfry verify --door all --messages 1000
      the server of this machine, through every door; its accounts are made and removed
  belfry verify --server chat.example:443 --certificate 3F:A0:… --account ann@chat.example:PASSWORD \\
      --account ben@chat.example:PASSWORD --fault drop-acks
      a server elsewhere, with accounts that it has; nobody else may be using them meanwhile

What is checked: everything acknowledged is in the history of each device once, in one order; nothing is there that
was not sent; following the log skips nothing; ticks say what has happened; nobody is told what is not for them.

Exit codes: 0 no promise was broken; 1 one was, or the run could not be done; 69 no server answers.";

/// Send messages through a server while faults happen, and say whether a promise was broken
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub struct VerifyArgs {
    /// The server, HOST:PORT [default: the one that --config and --data mean]
    #[arg(long, short, value_name = "HOST:PORT", conflicts_with = "serve")]
    server: Option<String>,
    /// Start a private server in a temporary directory and check that
    #[arg(long)]
    serve: bool,
    /// An account to use, two at least; without any they are made through the admin socket and removed afterwards
    #[arg(long = "account", value_name = "NAME@DOMAIN:PASSWORD", conflicts_with = "serve")]
    accounts: Vec<String>,
    /// How many clients, where accounts are made
    #[arg(long, value_name = "NUMBER", default_value_t = CLIENTS as u64,
          value_parser = clap::value_parser!(u64).range(2..=CLIENTS_MAX))]
    clients: u64,
    /// Through which doors, in turn: noise, tls, websocket, http, tcp (plain, this machine only) or all
    #[arg(long = "door", value_name = "DOOR", value_delimiter = ',', default_value = "noise,websocket,http")]
    doors: Vec<String>,
    /// What goes wrong: kill (needs --serve or --kill-command), pause, cut (at random bytes), sweep (at every byte in
    /// turn), drop-acks
    #[arg(long = "fault", value_name = "FAULT", value_delimiter = ',')]
    faults: Vec<Fault>,
    /// A command for the shell that kills the server and starts it again
    #[arg(long, value_name = "COMMAND", conflicts_with = "serve")]
    kill_command: Option<String>,
    /// End after so many messages
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MESSAGES_MAX))]
    messages: Option<u64>,
    /// End after so many seconds [default: 10, with --messages 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    time: Option<u64>,
    /// Make the choices of an earlier run again
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// The server shows this certificate: 64 hexadecimal digits of its SHA-256. WebSocket and HTTP go by TLS then
    #[arg(long, value_name = "FINGERPRINT")]
    certificate: Option<String>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    place: Place,
}

/// Finds or starts the server, makes what accounts it needs, runs, and cleans up.
pub(super) async fn with_server(args: VerifyArgs, progress: &Progress) -> Result<Outcome> {
    let doors = doors(&args.doors)?;
    let seed = args.seed.unwrap_or_else(|| u64::from(u32::from_le_bytes(random_array(&OsEntropy))));
    let time = args.time.unwrap_or(if args.messages.is_some() { SECONDS_FOR_MESSAGES } else { SECONDS });
    let (target, mut made) = if args.serve { private(&args).await? } else { running(&args).await? };
    let given = args.accounts.iter().map(|text| account(text)).collect::<Result<Vec<Account>>>()?;
    let accounts = made.as_ref().map_or(given, |made| made.accounts.clone());
    let plan = Plan {
        target,
        accounts,
        doors,
        faults: args.faults,
        messages: args.messages,
        time: Duration::from_secs(time),
        seed,
        heal: HEAL,
    };
    let watch = |glance| progress.at(glance);
    let outcome = tokio::select! {
        outcome = run(&plan, &watch) => outcome,
        // A server that was made to stand still must not be left so, nor accounts that nobody knows.
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; nothing was judged")),
    };
    if let (Err(_), Some(process)) = (&outcome, &plan.target.process) {
        process.resume().await?;
    }
    if let Some(made) = made.take()
        && !args.serve
    {
        let removed = made.remove().await;
        if outcome.is_ok() {
            removed.context("the accounts `verify-…` could not be removed: `belfry account list` shows them")?;
        }
    }
    outcome.with_context(|| format!("seed {seed}"))
}

async fn private(args: &VerifyArgs) -> Result<(Target, Option<Made>)> {
    let private = Arc::new(Private::start(this_program()?, "verify", SETTINGS).await?);
    let made = Made::make(&private.admin_socket(), "localhost", clients(args)?).await?;
    let certificate = certificate_of(&private.data()).context("the private server has made no certificate")?;
    let tls = Some(Trust::Pinned(fingerprint(&look(&certificate)?.fingerprint)?).config()?);
    let (host, port) = (private.at.ip().to_string(), private.at.port());
    let process: Option<Arc<dyn Process>> = Some(private);
    Ok((Target { host, port, tls, tls_everywhere: false, process }, Some(made)))
}

/// The server that is there already.
async fn running(args: &VerifyArgs) -> Result<(Target, Option<Made>)> {
    if args.accounts.len() == 1 {
        bail!("one account has nobody to talk to: give --account a second time");
    }
    if args.faults.contains(&Fault::Kill) && args.kill_command.is_none() {
        bail!("who is to kill the server? Give --kill-command COMMAND, or --serve for a private server");
    }
    // The configuration is asked for what only this machine's own server has: its port, its socket, its certificate.
    let local = args.server.is_none() || args.accounts.is_empty() || args.faults.contains(&Fault::Pause);
    let config = if local { Some(args.place.config()?) } else { None };
    let (host, port) = match (&args.server, &config) {
        (Some(server), _) => host_and_port(server)?,
        (None, Some(config)) => {
            let listen = config.server.listen.first().context("server.listen is empty: give --server HOST:PORT")?;
            let ip = if listen.ip().is_unspecified() { "127.0.0.1".to_owned() } else { listen.ip().to_string() };
            (ip, listen.port())
        }
        (None, None) => bail!("give --server HOST:PORT"),
    };
    let pid = match (&config, args.faults.contains(&Fault::Pause)) {
        (Some(config), true) => match ask(&config.admin_socket(), &Request::Status).await? {
            Answer::Status(status) => Some(status.pid),
            _ => bail!("the server does not say which process it is: is it of the same version?"),
        },
        _ => None,
    };
    let made = match &config {
        Some(config) if args.accounts.is_empty() => {
            Some(Made::make(&config.admin_socket(), &domain(config).to_string(), clients(args)?).await?)
        }
        _ => None,
    };
    let tls = match (&args.certificate, &config) {
        (Some(text), _) => Some(fingerprint(text)?),
        (None, Some(config)) => {
            let certificate = config.tls.cert.clone().or_else(|| certificate_of(&config.server.data));
            certificate.map(|path: std::path::PathBuf| of_file(&path)).transpose()?
        }
        (None, None) => None,
    };
    let process: Option<Arc<dyn Process>> = if args.kill_command.is_some() || pid.is_some() {
        let kill_command = args.kill_command.clone();
        Some(Arc::new(Foreign { pid, kill_command, at: format!("{host}:{port}") }))
    } else {
        None
    };
    let tls = tls.map(|fingerprint| Trust::Pinned(fingerprint).config()).transpose()?;
    Ok((Target { host, port, tls, tls_everywhere: args.certificate.is_some(), process }, made))
}

fn clients(args: &VerifyArgs) -> Result<usize> {
    usize::try_from(args.clients).context("too many clients")
}

fn doors(texts: &[String]) -> Result<Vec<Door>> {
    let mut doors = Vec::new();
    for text in texts {
        if text == "all" {
            doors.extend(Door::ALL);
        } else {
            doors.push(text.parse().map_err(|error: String| anyhow::anyhow!("--door: {error}"))?);
        }
    }
    Ok(doors)
}

fn account(text: &str) -> Result<Account> {
    let wrong = || format!("`{}…` is no account: write NAME@DOMAIN:PASSWORD", text.split(':').next().unwrap_or(text));
    let (address, password) = text.split_once(':').with_context(wrong)?;
    let address = Address::parse(address).with_context(wrong)?.to_string();
    Ok(Account { address, password: password.to_owned() })
}

pub(in crate::cli) fn host_and_port(text: &str) -> Result<(String, u16)> {
    let server: belfry_client::ServerAddress = text.parse().context("--server")?;
    Ok((server.host, server.port))
}

fn of_file(certificate: &Path) -> Result<[u8; 32]> {
    fingerprint(&look(certificate)?.fingerprint)
}

pub(in crate::cli) fn fingerprint(text: &str) -> Result<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).context("--certificate wants 64 hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_and_faults_are_read_by_name_and_others_are_refused_with_the_names_there_are() {
        assert_eq!(doors(&["all".into()]).expect("doors"), Door::ALL);
        assert_eq!(doors(&["http".into(), "noise".into()]).expect("doors"), [Door::Http, Door::Noise]);
        let error = doors(&["window".into()]).expect_err("no door").to_string();
        assert!(error.contains("`window`") && error.contains("websocket"), "{error}");
        let error = "flood".parse::<Fault>().expect_err("no fault");
        assert!(error.contains("`flood`") && error.contains("drop-acks"), "{error}");
    }

    #[test]
    fn an_account_is_an_address_and_a_password_and_an_error_does_not_show_the_password() {
        let ann = account("Ann@localhost:a:b").expect("an account");
        assert_eq!((ann.address.as_str(), ann.password.as_str()), ("ann@localhost", "a:b"));
        assert!(!format!("{ann:?}").contains("a:b"));
        let error = format!("{:#}", account("ann:secret").expect_err("no address"));
        assert!(error.contains("NAME@DOMAIN:PASSWORD") && !error.contains("secret"), "{error}");
    }
}
