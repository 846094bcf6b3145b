//! What the server tells the supervisor that has started it: ready, stopping, alive (sd_notify(3) of systemd).
//!
//! `NOTIFY_SOCKET` and `WATCHDOG_USEC` of the environment come in; datagrams leave. Invariant: without a supervisor nothing
//! happens, and one that does not listen never holds the server up.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

/// Tells the supervisor; a handle.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    to: Option<Arc<(UnixDatagram, SocketAddr)>>,
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// The supervisor of this process, if it has one.
    pub fn of_environment() -> Supervisor {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let for_us = variable("WATCHDOG_PID").is_none_or(|pid| *pid == *std::process::id().to_string());
        let watchdog = variable("WATCHDOG_USEC").filter(|_| for_us);
        match variable("NOTIFY_SOCKET") {
            Some(socket) => Supervisor::at(&socket, watchdog.as_deref()),
            None => Supervisor::default(),
        }
    }

    /// The supervisor that listens there: a path, or with an `@` a name that is in no file system.
    fn at(socket: &OsStr, watchdog_us: Option<&OsStr>) -> Supervisor {
        let open = || -> io::Result<(UnixDatagram, SocketAddr)> {
            let to = match socket.as_bytes() {
                [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
                _ => SocketAddr::from_pathname(socket)?,
            };
            let from = UnixDatagram::unbound()?;
            from.set_nonblocking(true)?;
            Ok((from, to))
        };
        let to = open().inspect_err(|error| tracing::warn!(%error, "the supervisor's socket cannot be used")).ok();
        let watchdog_us = watchdog_us.and_then(OsStr::to_str).and_then(|text| text.parse().ok());
        let watchdog = watchdog_us.filter(|us| *us > 0).map(Duration::from_micros);
        Supervisor { to: to.map(Arc::new), watchdog }
    }

    /// Everything listens.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// The end has begun.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Alive; to be said every [`Supervisor::alive_every`].
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// How often the supervisor wants to hear that the server is alive: twice in the time it waits.
    pub fn alive_every(&self) -> Option<Duration> {
        self.to.as_ref().and(self.watchdog).map(|wait| wait / 2)
    }

    fn tell(&self, what: &str) {
        let Some(to) = &self.to else { return };
        if let Err(error) = to.0.send_to_addr(what.as_bytes(), &to.1) {
            tracing::debug!(%error, what, "the supervisor was not told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let read = socket.recv(&mut buffer).expect("something was told");
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    }

    #[test]
    fn a_supervisor_is_told_on_a_path_and_on_an_abstract_name() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("notify");
        let listens = UnixDatagram::bind(&path).expect("a socket");
        let supervisor = Supervisor::at(path.as_os_str(), Some(OsStr::new("3000000")));
        supervisor.ready();
        supervisor.stopping();
        supervisor.alive();
        assert_eq!([heard(&listens), heard(&listens), heard(&listens)], ["READY=1", "STOPPING=1", "WATCHDOG=1"]);
        assert_eq!(supervisor.alive_every(), Some(Duration::from_millis(1_500)));

        let name = format!("belfry-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let listens = UnixDatagram::bind_addr(&address).expect("a socket");
        Supervisor::at(OsStr::new(&format!("@{name}")), None).ready();
        assert_eq!(heard(&listens), "READY=1");
    }

    #[test]
    fn without_a_supervisor_or_with_one_that_is_gone_nothing_happens() {
        Supervisor::default().ready();
        assert_eq!(Supervisor::default().alive_every(), None);
        let home = tempfile::tempdir().expect("a directory");
        let gone = Supervisor::at(home.path().join("gone").as_os_str(), Some(OsStr::new("never")));
        gone.ready();
        assert_eq!(gone.alive_every(), None);
    }
}
