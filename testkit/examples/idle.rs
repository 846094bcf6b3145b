//! Memory of the server for each idle connection: `cargo run --release -p belfry-testkit --example idle [COUNT]`.
//!
//! Starts a server, registers accounts, opens COUNT links of each kind, logged in and subscribed, lets them rest, and
//! prints what the server's resident memory grew by for each.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use belfry_testkit::{Door, Person, Server};

const AT_ONCE: usize = 64;

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

#[tokio::main]
async fn main() -> Result<()> {
    let count: usize = std::env::args().nth(1).map_or(Ok(10_000), |text| text.parse())?;
    for door in [Door::Noise, Door::Bare, Door::Tls, Door::WebSocket] {
        measure(door, count).await?;
    }
    Ok(())
}

/// One kind of link on a server of its own: memory that an earlier kind had freed would serve the next one.
async fn measure(door: Door, count: usize) -> Result<()> {
    let server = Server::start("[connections]\nexempt = [\"127.0.0.0/8\"]\nbefore_login_per_address = 100000\n")?;
    println!("{door:?}: a server without connections has {} KiB", resident_kib(server.pid())?);
    let register = if door == Door::Noise { Door::Noise } else { Door::HttpProtobuf };
    let mut people = Vec::new();
    while people.len() < count {
        let batch = (people.len()..(people.len() + AT_ONCE).min(count)).map(|n| {
            let server = &server;
            async move {
                let mut person = Person::register(server, register, &format!("+4915{n:09}"), &format!("p{n}")).await?;
                person.disconnect();
                anyhow::Ok(person)
            }
        });
        people.extend(futures_util::future::try_join_all(batch).await?);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (before_kib, before_ms) = (resident_kib(server.pid())?, cpu_ms(server.pid())?);
    let began = Instant::now();
    let mut open = Vec::with_capacity(count);
    for chunk in people.chunks(AT_ONCE) {
        let batch = chunk.iter().map(|person| person.also(&server, door));
        open.extend(futures_util::future::try_join_all(batch).await?);
    }
    let took = began.elapsed();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (after_kib, after_ms) = (resident_kib(server.pid())?, cpu_ms(server.pid())?);
    println!(
        "{door:?}: {count} links in {:.1} s, {:.2} KiB of server memory each, {} us of server CPU for connect and login",
        took.as_secs_f64(),
        after_kib.saturating_sub(before_kib) as f64 / count as f64,
        (after_ms - before_ms) * 1000 / count as u64,
    );
    drop(open);
    Ok(())
}
