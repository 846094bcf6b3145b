//! Those who attack and those who are attacked.

use anyhow::{Context, Result, ensure};
use belfry_testkit::Server;
use belfry_testkit::xmpp::{Stream, Way};
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;

pub(crate) const PASSWORD: &str = "correct horse";

/// A server with some accounts.
pub(crate) fn server(names: &[&str]) -> Result<Server> {
    let server = Server::start("")?;
    for name in names {
        let added = server.cli(&["account", "add", &format!("{name}@localhost"), "--password", PASSWORD])?;
        ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
    Ok(server)
}

/// Somebody who has a resource and is told messages.
pub(crate) async fn there(server: &Server, way: Way, name: &str, resource: &str) -> Result<Stream> {
    let mut stream = Stream::dial(server, way).await?;
    stream.plain(name, PASSWORD).await?;
    let jid = stream.bind(resource).await?;
    stream.write(b"<presence/>").await?;
    let own = stream.stanza().await?;
    ensure!(own.get("from") == Some(&jid), "{}", own.to_text());
    Ok(stream)
}

/// The next message; pings are answered on the way.
pub(crate) async fn message(stream: &mut Stream) -> Result<Element> {
    loop {
        let stanza = stream.stanza().await?;
        if stanza.name == "message" {
            return Ok(stanza);
        }
        if stanza.find(ns::PING, "ping").is_some() {
            let id = stanza.get("id").context("a request has an id")?;
            stream.write(format!("<iq type='result' id='{id}'/>").as_bytes()).await?;
        }
    }
}

/// The answer to a request that is sent with the id `id`.
pub(crate) async fn answer(stream: &mut Stream, id: &str) -> Result<Element> {
    loop {
        let stanza = stream.stanza().await?;
        if stanza.get("id") == Some(id) {
            return Ok(stanza);
        }
        if stanza.find(ns::PING, "ping").is_some() {
            let id = stanza.get("id").context("a request has an id")?;
            stream.write(format!("<iq type='result' id='{id}'/>").as_bytes()).await?;
        }
    }
}

fn field(pid: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with(name)).context("a process has a size")?;
    Ok(line.split_whitespace().nth(1).context("in KiB")?.parse()?)
}

/// Resident memory of the server now, and the most that it ever was.
pub(crate) fn memory_kib(server: &Server) -> Result<(u64, u64)> {
    Ok((field(server.pid(), "VmRSS:")?, field(server.pid(), "VmHWM:")?))
}

/// CPU time of the server so far.
pub(crate) fn cpu_ms(server: &Server) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid()))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<u64>()? + fields[12].parse::<u64>()?) * 10)
}
