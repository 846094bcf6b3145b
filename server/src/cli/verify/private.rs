//! Server processes that faults are done to: a private one in a temporary directory, or one that others have started.
//!
//! Invariant: a private server and its directory are gone when the handle is.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use belfry_backend::OsEntropy;
use belfry_domain::ports::random_array;
use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::Process;

/// A server may take so long to answer after its start: a busy machine, a store to recover.
const START_WAIT: Duration = Duration::from_secs(60);

/// A server of one's own.
#[derive(Debug)]
pub(in crate::cli) struct Private {
    program: PathBuf,
    home: PathBuf,
    pub(in crate::cli) at: SocketAddr,
    child: Mutex<Option<Child>>,
}

impl Private {
    /// Starts the program on a free port in a new directory, with these settings besides where it is.
    pub(in crate::cli) async fn start(program: PathBuf, what_for: &str, settings: &str) -> Result<Private> {
        let name: String = random_array::<8>(&OsEntropy).iter().map(|byte| format!("{byte:02x}")).collect();
        let home = std::env::temp_dir().join(format!("belfry-{what_for}-{name}"));
        std::fs::create_dir(&home).with_context(|| format!("cannot make the directory {}", home.display()))?;
        let at = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        let at = at.context("no port is free for the private server")?;
        let private = Private { program, home, at, child: Mutex::new(None) };
        let settings = format!("{}\n{settings}", private.place());
        std::fs::write(private.config(), settings).context("cannot write the private server's settings")?;
        private.run().await?;
        Ok(private)
    }

    /// Its process; `None` between two lives.
    pub(in crate::cli) fn pid(&self) -> Option<u32> {
        self.child.lock().as_ref().map(Child::id)
    }

    /// Its configuration file.
    pub(super) fn config(&self) -> PathBuf {
        self.home.join("belfry.toml")
    }

    /// Its data.
    pub(in crate::cli) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// What it is asked on.
    pub(in crate::cli) fn admin_socket(&self) -> PathBuf {
        self.data().join("admin.sock")
    }

    /// Where it is.
    fn place(&self) -> String {
        let data = self.data();
        format!(
            "[server]\nlisten = [\"{}\"]\ndata = \"{}\"\n\n[metrics]\nlisten = \"127.0.0.1:0\"\n",
            self.at,
            data.display()
        )
    }

    async fn run(&self) -> Result<()> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.home.join("log.txt"))?;
        let child = Command::new(&self.program)
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        *self.child.lock() = Some(child);
        let until = Instant::now() + START_WAIT;
        while Instant::now() < until {
            let left = self.child.lock().as_mut().and_then(|child| child.try_wait().transpose()).transpose()?;
            if let Some(status) = left {
                bail!("the private server left with {status}: {}", self.last_words());
            }
            if TcpStream::connect(self.at).await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(5)).await;
        }
        bail!("the private server did not start in {START_WAIT:?}: {}", self.last_words())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.home.join("log.txt")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    fn kill(&self) -> Result<()> {
        if let Some(mut child) = self.child.lock().take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        match self.child.lock().as_ref() {
            Some(child) => send(child.id(), signal),
            None => Ok(()), // between two lives
        }
    }
}

#[async_trait]
impl Process for Private {
    async fn kill_and_start(&self) -> Result<()> {
        self.kill()?;
        self.run().await
    }

    async fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    async fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // Nothing is left to do about a process that cannot be killed or a directory that cannot be removed.
        drop(self.kill());
        drop(std::fs::remove_dir_all(&self.home));
    }
}

/// A server that somebody else runs on this machine.
#[derive(Debug)]
pub(super) struct Foreign {
    /// Its process, for pausing.
    pub(super) pid: Option<u32>,
    /// What kills and starts it.
    pub(super) kill_command: Option<String>,
    /// Where it answers.
    pub(super) at: String,
}

#[async_trait]
impl Process for Foreign {
    async fn kill_and_start(&self) -> Result<()> {
        let Some(command) = self.kill_command.clone() else { return Ok(()) };
        let shown = command.clone();
        let run = move || Command::new("sh").arg("-c").arg(&command).stdin(Stdio::null()).status();
        let status = tokio::task::spawn_blocking(run).await?.context("cannot run the --kill-command")?;
        if !status.success() {
            bail!("the --kill-command `{shown}` left with {status}");
        }
        let until = Instant::now() + START_WAIT;
        while TcpStream::connect(&self.at).await.is_err() {
            if Instant::now() >= until {
                bail!("no server answers at {} {START_WAIT:?} after the --kill-command: let it start one", self.at);
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    async fn pause(&self) -> Result<()> {
        self.pid.map_or(Ok(()), |pid| send(pid, Signal::STOP))
    }

    async fn resume(&self) -> Result<()> {
        self.pid.map_or(Ok(()), |pid| send(pid, Signal::CONT))
    }
}

fn send(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("that is no process")?;
    kill_process(pid, signal).with_context(|| format!("process {pid:?} cannot be sent a signal"))
}

/// The program that runs now.
pub(in crate::cli) fn this_program() -> Result<PathBuf> {
    std::env::current_exe().context("the path of this program is not known")
}

/// Whether a path looks like a data directory with its own certificate.
pub(in crate::cli) fn certificate_of(data: &Path) -> Option<PathBuf> {
    let (certificate, _) = crate::net::tls::self_made_paths(data);
    certificate.is_file().then_some(certificate)
}
