//! What the XMPP door costs the server: `cargo run --release -p belfry-testkit --example xmpp [COUNT]`.
//!
//! Starts servers, logs COUNT clients in by each mechanism and transport, lets them rest, and sends messages between two.
//! Prints CPU time of the server's process, which a busy machine does not change much, and what its resident memory grew
//! by; logins in a second depend on the machine, and on this program, which shares its cores.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use belfry_testkit::Server;
use belfry_testkit::xmpp::{Stream, Way};

const PASSWORD: &str = "correct horse battery";

/// Logins under way at once.
const AT_ONCE: usize = 32;

const MESSAGES: usize = 20_000;

/// Messages on their way at once.
const WINDOW: usize = 100;

fn resident_kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("a process has a size")?;
    Ok(line.split_whitespace().nth(1).context("in KiB")?.parse()?)
}

fn cpu_ms(pid: u32) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(ticks * 10)
}

fn server(accounts: usize) -> Result<Server> {
    let server = Server::start("[connections]\nexempt = [\"127.0.0.0/8\"]\nbefore_login_per_address = 100000\n")?;
    for number in 0..accounts {
        let added = server.cli(&["account", "add", &format!("p{number}@localhost"), "--password", PASSWORD])?;
        ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
    Ok(server)
}

#[tokio::main]
async fn main() -> Result<()> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000), |text| text.parse())?;
    for way in [Way::Tcp, Way::Tls] {
        logins(way, count).await?;
    }
    messages().await
}

/// A client that has logged in and is there, and nothing more.
async fn arrive(server: &Server, way: Way, number: usize) -> Result<Stream> {
    let mut stream = Stream::dial(server, way).await?;
    stream.plain(&format!("p{number}"), PASSWORD).await?;
    stream.bind("idle").await?;
    stream.write(b"<presence/>").await?;
    stream.stanza().await?;
    stream.raw = Vec::new();
    Ok(stream)
}

async fn logins(way: Way, count: usize) -> Result<()> {
    let server = server(count)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before_kib, before_ms, began) = (resident_kib(server.pid())?, cpu_ms(server.pid())?, Instant::now());
    let mut open = Vec::with_capacity(count);
    while open.len() < count {
        let batch = (open.len()..(open.len() + AT_ONCE).min(count)).map(|number| arrive(&server, way, number));
        open.extend(futures_util::future::try_join_all(batch).await?);
    }
    let took = began.elapsed();
    let login_ms = cpu_ms(server.pid())? - before_ms;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let grown = resident_kib(server.pid())?.saturating_sub(before_kib);
    println!(
        "{way:?}: {count} logins (PLAIN) in {:.1} s, {:.0} in a second; {:.2} ms of server CPU each; {:.1} KiB of memory each",
        took.as_secs_f64(),
        count as f64 / took.as_secs_f64(),
        login_ms as f64 / count as f64,
        grown as f64 / count as f64,
    );
    drop(open);
    Ok(())
}

/// One client sends to another one that is there; the archive has all of it.
async fn messages() -> Result<()> {
    let server = server(2)?;
    let (mut from, mut to) = (arrive(&server, Way::Tcp, 0).await?, arrive(&server, Way::Tcp, 1).await?);
    let (before_ms, began) = (cpu_ms(server.pid())?, Instant::now());
    let mut told = 0;
    for first in (0..MESSAGES).step_by(WINDOW) {
        let stanzas: String = (first..first + WINDOW)
            .map(|n| format!("<message to='p1@localhost' type='chat' id='m{n}'><body>message {n}</body></message>"))
            .collect();
        from.write(stanzas.as_bytes()).await?;
        while told < first + WINDOW {
            let stanza = to.stanza().await?;
            if stanza.name == "message" {
                told += 1;
            } else if let Some(id) = stanza.get("id").filter(|_| stanza.name == "iq") {
                to.write(format!("<iq type='result' id='{id}'/>").as_bytes()).await?;
            }
        }
        to.raw.clear();
    }
    let took = began.elapsed();
    println!(
        "{MESSAGES} messages, {WINDOW} at once, told to one client: {:.0} in a second, {:.0} us of server CPU each",
        MESSAGES as f64 / took.as_secs_f64(),
        (cpu_ms(server.pid())? - before_ms) as f64 * 1000.0 / MESSAGES as f64,
    );
    Ok(())
}
