//! The server that is measured: one that was named, or a private one with accounts made for the run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use belfry_backend::OsEntropy;
use belfry_domain::Secret;
use belfry_domain::ports::random_array;
use belfry_load::{Glance, Plan, Report, Scenario, Target, WorkerProgram};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::args::Load;
use super::{draw, wipe};
use crate::admin::client::ask;
use crate::admin::{Answer, Password, Request};
use crate::cli::verify::args::{fingerprint, host_and_port};
use crate::cli::verify::private::{Private, certificate_of, this_program};
use crate::net::tls::look;

/// Accounts of a private server.
const NAMES: &str = "p%d";

/// A server may take so long from its port to its admin socket on a busy machine; and how often it is looked.
const START_WAIT: Duration = Duration::from_secs(30);
const START_LOOK: Duration = Duration::from_millis(20);

/// Accounts that are made at once: each waits for the disk.
const MADE_AT_ONCE: usize = 32;

/// No limit that a load from one machine would meet, and passwords that cost little: they guard nothing here. What is
/// kept, and that it is on the disk before it is acknowledged, is as by default.
const SETTINGS: &str = "\
[connections]
exempt = [\"127.0.0.0/8\"]
before_login_per_address = 100000

[accounts]
password_rounds = 4096

[contacts]
unanswered = 0

[limits]
sends = \"unlimited\"
changes = \"unlimited\"
history = \"unlimited\"
stanzas = \"unlimited\"
presence = \"unlimited\"
watches = \"unlimited\"
requests = \"unlimited\"
requests_by_device = \"unlimited\"
look_ups = \"unlimited\"
contact_requests = \"unlimited\"
contact_changes = \"unlimited\"

[xmpp]
listen = []

[log]
level = \"warn\"
";

/// Finds or starts the server, and does to it what the scenario says.
pub(super) async fn with_server(load: Load, scenario: Scenario) -> Result<Report> {
    let (target, pid, private) = if load.server.is_some() {
        let (target, pid) = named(&load)?;
        (target, pid, None)
    } else {
        let private = Arc::new(Private::start(this_program()?, "bench", SETTINGS).await?);
        (own(&load, &private, scenario.accounts()).await?, private.pid(), Some(private))
    };
    let plan = Plan {
        target,
        scenario,
        pid,
        workers: load.workers,
        at_once: usize::try_from(load.at_once)?,
        settle: Duration::from_secs(load.settle),
    };
    let arguments = vec!["bench".to_owned(), "worker".to_owned()];
    let worker = WorkerProgram { program: this_program()?, arguments };
    let (measured, report) = oneshot::channel();
    // A thread that nobody waits for at an interruption; its workers end when this process does.
    std::thread::spawn(move || {
        let _interrupted = measured.send(belfry_load::run(&plan, &worker, &|glance| draw(&glance)));
    });
    let report = report.await.context("the measuring thread has ended")?;
    wipe();
    drop(private);
    report
}

fn named(load: &Load) -> Result<(Target, Option<u32>)> {
    let (host, port) = host_and_port(load.server.as_deref().context("a server was named")?)?;
    let certificate = load.certificate.as_deref().map(fingerprint).transpose()?;
    let names = load.names.clone().context("--names says which accounts there are")?;
    let password = load.password.clone().context("--password says how they log in")?;
    Ok((target(load, host, port, certificate, names, password), load.pid))
}

async fn own(load: &Load, private: &Private, accounts: u32) -> Result<Target> {
    if load.domain != "localhost" {
        bail!("the accounts of a private server are of localhost: leave --domain out, or name a --server");
    }
    let password: String = random_array::<16>(&OsEntropy).iter().map(|byte| format!("{byte:02x}")).collect();
    let (host, port) = (private.at.ip().to_string(), private.at.port());
    let mut target = target(load, host, port, None, NAMES.to_owned(), password);
    heard_of(&private.admin_socket()).await?;
    make(&private.admin_socket(), &target, accounts).await?;
    // It listens a moment before it has its certificate; whoever has made accounts comes later than that.
    let certificate = certificate_of(&private.data()).context("the private server has made no certificate")?;
    target.certificate = Some(fingerprint(&look(&certificate)?.fingerprint)?);
    Ok(target)
}

fn target(
    load: &Load,
    host: String,
    port: u16,
    certificate: Option<[u8; 32]>,
    names: String,
    password: String,
) -> Target {
    let (domain, door, mechanism) = (load.domain.clone(), load.door, load.mechanism);
    Target { host, port, domain, door, certificate, names, password, mechanism, count_stanzas: !load.no_counting }
}

/// Waits for the place where accounts are made: it is there a moment after the port.
async fn heard_of(socket: &Path) -> Result<()> {
    let until = Instant::now() + START_WAIT;
    while ask(socket, &Request::AccountList { after: None }).await.is_err() {
        ensure!(Instant::now() < until, "the private server does not answer on {}", socket.display());
        sleep(START_LOOK).await;
    }
    Ok(())
}

async fn make(socket: &Path, target: &Target, accounts: u32) -> Result<()> {
    let made = stream::iter(0..accounts).map(|number| async move {
        let password = Some(Password(Secret::new(target.password.clone())));
        let request = Request::AccountAdd { address: target.account(number), password };
        match ask(socket, &request).await? {
            Answer::Done => Ok(()),
            Answer::Refused { message, .. } => bail!("{message}"),
            _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
        }
    });
    let mut done = 0;
    let mut made = made.buffer_unordered(MADE_AT_ONCE);
    while made.try_next().await?.is_some() {
        done += 1;
        draw(&Glance { what: "making accounts", done, of: u64::from(accounts) });
    }
    Ok(())
}
