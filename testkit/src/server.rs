//! A real server process in a folder of its own.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// A server may take so long to answer after its start: a busy machine, a store to recover.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Some hundred texts: more than are under way at once.
const NEWEST_TEXTS_BYTES: u64 = 64 * 1024;

/// What plays need: PINs in a file, no limits that a fast script would meet.
const SETTINGS: &str = r#"
[sms]
adapter = "file"
file = "DATA/sms.txt"

[connections]
exempt = ["127.0.0.0/8", "::1/128"]

[contacts]
unanswered = 0

[limits]
sends = "unlimited"
changes = "unlimited"
history = "unlimited"
typing = "unlimited"
presence = "unlimited"
watches = "unlimited"
requests = "unlimited"
requests_by_device = "unlimited"
look_ups = "unlimited"
contact_requests = "unlimited"
contact_changes = "unlimited"
invitations = "unlimited"
pins = "unlimited"

[xmpp]
listen = []
"#;

/// A running server.
pub struct Server {
    child: Option<Child>,
    home: TempDir,
    /// The one port of all doors.
    pub address: SocketAddr,
    /// Where metrics are.
    pub metrics: SocketAddr,
}

/// Two ports that were free a moment ago.
fn free_ports() -> Result<(SocketAddr, SocketAddr)> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (one, other) = (bind()?, bind()?);
    Ok((one.local_addr()?, other.local_addr()?))
}

/// The binary, built beside the tests.
pub fn binary() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.ancestors().find(|path| path.join("belfry").is_file());
    let folder = folder.context("the belfry binary is not built: run `cargo build -p belfry` first")?;
    Ok(folder.join("belfry"))
}

/// An example of this crate, built beside the tests.
pub fn example(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let found = test.ancestors().map(|folder| folder.join("examples").join(name)).find(|path| path.is_file());
    found.with_context(|| format!("the example {name} is not built: run `cargo build --workspace --examples` first"))
}

impl Server {
    /// Starts a server with these settings (TOML) besides what all plays need. A section of [`SETTINGS`] that is given
    /// again takes its place.
    pub fn start(settings: &str) -> Result<Server> {
        let home = TempDir::new()?;
        let (address, metrics) = free_ports()?;
        let data = home.path().join("data").display().to_string();
        let mut sections: Vec<String> = Vec::new();
        for section in SETTINGS.split("\n\n") {
            let name = section.trim().lines().next().unwrap_or_default();
            if !settings.contains(name) {
                sections.push(section.replace("DATA", &home.path().display().to_string()));
            }
        }
        let own =
            format!("[server]\nlisten = [\"{address}\"]\ndata = \"{data}\"\n\n[metrics]\nlisten = \"{metrics}\"\n");
        std::fs::write(home.path().join("belfry.toml"), format!("{own}\n{}\n{settings}\n", sections.join("\n")))?;
        let mut server = Server { child: None, home, address, metrics };
        server.restart()?;
        Ok(server)
    }

    /// The folder of everything this server has.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Starts the process (again) and waits until it has greeted and answers.
    pub fn restart(&mut self) -> Result<()> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.home.path().join("log.txt"))?;
        let said_before = self.log().len();
        let child = Command::new(binary()?)
            .arg("serve")
            .arg("--config")
            .arg(self.home.path().join("belfry.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        let until = Instant::now() + START_TIMEOUT;
        while Instant::now() < until {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()).transpose()? {
                bail!("the server left with {status}:\n{}", self.log());
            }
            // It listens a moment before it greets, and the greeting has the fingerprint of its certificate.
            let greeted = self.log().get(said_before..).is_some_and(|said| said.contains("is ready for accounts of"));
            if greeted && std::net::TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the server did not start in {START_TIMEOUT:?}:\n{}", self.log())
    }

    /// kill -9.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// SIGTERM, and waits until it has left.
    pub fn terminate(&mut self) -> Result<ExitStatus> {
        let mut child = self.child.take().context("the server is not running")?;
        Command::new("kill").arg("-TERM").arg(child.id().to_string()).status()?;
        Ok(child.wait()?)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log.txt")).unwrap_or_default()
    }

    /// Runs a command of the CLI against this server.
    pub fn cli(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(binary()?);
        command.args(arguments).arg("--config").arg(self.home.path().join("belfry.toml")).stdin(Stdio::null());
        Ok(command.output()?)
    }

    /// Runs a command of the CLI that wants no configuration, with its temporary files in this server's folder.
    pub fn bare_cli(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(binary()?);
        Ok(command.args(arguments).env("TMPDIR", self.home.path()).stdin(Stdio::null()).output()?)
    }

    /// The fingerprint of the certificate that it made for itself, as 64 hexadecimal digits.
    pub fn fingerprint(&self) -> Result<String> {
        Ok(crate::person::certificate(self)?.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Runs a command of the CLI that makes this server's data directory anew.
    pub fn make_data(&self, verb: &str, from: &str) -> Result<()> {
        let output =
            Command::new(binary()?).args([verb, from, "--data"]).arg(self.data()).stdin(Stdio::null()).output()?;
        anyhow::ensure!(output.status.success(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// The last PIN that was sent to a number, among the newest texts.
    pub fn pin(&self, phone: &str) -> Result<String> {
        let mut file = std::fs::File::open(self.home.path().join("sms.txt"))?;
        file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(NEWEST_TEXTS_BYTES)))?;
        let mut newest = Vec::new();
        file.read_to_end(&mut newest)?;
        // The first line may be cut off, and the last one is still being written for somebody else.
        for line in String::from_utf8_lossy(&newest).lines().rev() {
            let Ok(text) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            if text["to"] == phone {
                let words = text["text"].as_str().unwrap_or_default();
                return Ok(words.chars().take_while(char::is_ascii_digit).collect());
            }
        }
        bail!("no PIN was sent to {phone}")
    }

    /// The metrics by name, labels included.
    pub async fn scrape(&self) -> Result<HashMap<String, f64>> {
        let (status, body) = crate::http::get(self.metrics, "/metrics").await?;
        anyhow::ensure!(status == 200, "metrics answer with {status}");
        let text = String::from_utf8(body)?;
        let values = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Ok(values.collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to do about a process that cannot be killed.
        drop(self.kill());
    }
}
