//! A running server is given another configuration: what holds at once, on links that are open too, what is refused
//! whole, and what waits for a restart. Each test has a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use belfry_client::{Carrier, Client, ClientConfig, ClientError, ClientEvent, Events, Link, ServerAddress};
use tempfile::TempDir;

/// A busy machine may take so long.
const SOON: Duration = Duration::from_secs(60);

const ALICE: &str = "alice@localhost";
const PASSWORD: &str = "correct horse battery";

struct Server {
    home: TempDir,
    child: Child,
    at: SocketAddr,
}

fn belfry() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_belfry"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BELFRY_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    command
}

impl Server {
    fn start(extra: &str) -> Server {
        let home = tempfile::tempdir().expect("a directory");
        std::fs::write(home.path().join("belfry.toml"), config(&home, extra)).expect("it can be written");
        let log = std::fs::File::create(home.path().join("log.txt")).expect("it can be made");
        let mut command = belfry();
        command.args(["serve", "--config"]).arg(home.path().join("belfry.toml")).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let at = lines.map_while(Result::ok).find_map(|line| {
            let rest = line.split("listening on ").nth(1)?;
            rest.split(' ').next()?.parse().ok()
        });
        Server { at: at.expect("it says where it listens"), child, home }
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("belfry.toml")
    }

    fn write(&self, extra: &str) {
        std::fs::write(self.path(), config(&self.home, extra)).expect("it can be written");
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log.txt")).expect("it is there")
    }

    fn run(&self, verb: &[&str]) -> Output {
        belfry().args(verb).arg("--config").arg(self.path()).output().expect("it runs")
    }

    /// SIGHUP, and waits until the log says this once more than before.
    async fn hang_up(&self, until: &str) {
        let times = |log: &str| log.matches(until).count();
        let before = times(&self.log());
        let status = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
        let late = Instant::now() + SOON;
        while times(&self.log()) == before {
            assert!(Instant::now() < late, "the log never says {until:?} anew:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A device of Alice's over the native door, logged in, and its link.
    async fn alice(&self) -> (Client, Events, Link) {
        let mut add = belfry()
            .args(["account", "add", ALICE, "--password-stdin", "--config"])
            .arg(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut password = add.stdin.take().expect("it is piped");
        password.write_all(format!("{PASSWORD}\n").as_bytes()).expect("it reads");
        drop(password);
        assert!(add.wait().expect("it ends").success());
        let server = ServerAddress { carrier: Carrier::Bare, host: "127.0.0.1".to_owned(), port: self.at.port() };
        let (client, mut events) = Client::open(ClientConfig::new(vec![server])).await.expect("memory has room");
        client.add_device(ALICE, PASSWORD, "test").await.expect("the password is right");
        while !matches!(events.next().await.expect("it goes on"), ClientEvent::CaughtUp) {}
        let link = client.link().expect("it is connected");
        (client, events, link)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn config(home: &TempDir, extra: &str) -> String {
    let data = home.path().join("data");
    format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\ndata = \"{}\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n{extra}",
        data.display()
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How long to wait, of a request that was too fast.
fn wait_of<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> Duration {
    match outcome {
        Err(ClientError::Refused(refusal)) if refusal.code == "rate_limited" => {
            refusal.retry_after.expect("it says how long")
        }
        other => panic!("not too fast: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_limit_holds_for_the_next_request_on_a_link_that_stays_open() {
    let server = Server::start("");
    let (client, _events, link) = server.alice().await;
    for n in 0..3 {
        client.exists(&format!("a{n}@localhost")).await.expect("the default allows it");
    }

    server.write("[limits]\nlook_ups = \"1 at once, 1/h\"\n");
    server.hang_up("the configuration was read again").await;
    client.exists("b@localhost").await.expect("one is left of the new burst");
    let wait = wait_of(client.exists("c@localhost").await);
    assert!(wait > Duration::from_secs(3_000) && wait <= Duration::from_secs(3_600), "{wait:?}");
    let log = server.log();
    assert!(log.contains("limits.look_ups: \\\"50 at once, 1000/d\\\" -> \\\"1 at once, 1/h\\\""), "{log}");

    server.write("[limits]\nlook_ups = \"unlimited\"\n");
    let reloaded = server.run(&["reload"]);
    assert!(reloaded.status.success(), "{}", text(&reloaded.stderr));
    assert_eq!(text(&reloaded.stdout), "reloaded; changed:\n  limits.look_ups: \"1 at once, 1/h\" -> \"unlimited\"\n");
    client.exists("c@localhost").await.expect("there is no limit");

    link.heartbeat(SOON).await.expect("the link is open");
    assert!(client.link().is_some_and(|now| now.is_same(&link)), "it is the same link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_change_is_refused_whole_with_file_line_column_and_key_and_the_old_limits_hold() {
    let server = Server::start("[limits]\nlook_ups = \"1 at once, 1/h\"\n");
    let (client, _events, link) = server.alice().await;
    client.exists("a@localhost").await.expect("one is allowed");

    // The lines that are always there are five; each of these has a change that would be right beside the one that is not.
    let right = "[limits]\nlook_ups = \"unlimited\"\n";
    for (wrong, place, what) in [
        ("sends = \"60/s\"\n", "line 8, column 9: limits.sends: write how many at once", "got \\\"60/s\\\""),
        ("typing = 5\n", "line 8, column 10: limits.typing: write how many at once", "got \\\"5\\\""),
        ("pins = \"0 at once, 1/h\"\n", "line 8, column 8: limits.pins: the number at once goes from 1", "got 0"),
        ("sens = \"1 at once, 1/s\"\n", "line 8, column 1: limits.sens: unknown field `sens`", "`sends`"),
        ("[pins]\ndigits = \"six\"\n", "line 9, column 10: pins.digits: invalid type", "u32"),
        ("[pins]\ndigits = 99\n", "line 9, column 10: pins.digits: 99 is out of range", "5 to 8"),
        ("sends = \n", "line 8, column ", "limits"),
    ] {
        server.write(&format!("{right}{wrong}"));
        server.hang_up("the old one stays in force").await;
        let log = server.log();
        let line = log.lines().rfind(|line| line.contains("the old one stays in force")).unwrap_or_default();
        let file = format!("{} {place}", server.path().display());
        assert!(line.contains(&file), "{file} is not in {line}");
        assert!(line.contains(what) || what == "limits", "{what} is not in {line}");

        let asked = server.run(&["reload"]);
        assert_eq!((asked.status.code(), text(&asked.stdout)), (Some(78), String::new()));
        assert!(text(&asked.stderr).contains(&file), "{}", text(&asked.stderr));
        // The command has no file of its own here: this is the server's answer.
        let data = server.home.path().join("data").display().to_string();
        let asked = belfry().args(["reload", "--data", &data]).output().expect("it runs");
        assert_eq!(asked.status.code(), Some(78));
        assert!(text(&asked.stderr).contains(&file), "{}", text(&asked.stderr));

        wait_of(client.exists("b@localhost").await);
    }
    link.heartbeat(SOON).await.expect("the link is open");
    server.write(right);
    assert!(server.run(&["reload"]).status.success());
    client.exists("b@localhost").await.expect("the right change is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_only_after_a_restart_is_named_each_time() {
    let server = Server::start("");
    let (client, _events, _link) = server.alice().await;
    let other = config(&server.home, "[connections]\nmax = 100\n[limits]\ntyping = \"9 at once, 1/s\"\n");
    std::fs::write(server.path(), other.replacen("[server]\n", "[server]\ndomain = \"chat.example\"\n", 1))
        .expect("it can be written");
    for changed in ["reloaded; changed:\n  limits.typing: ", "reloaded; no value is other than before\n"] {
        let data = server.home.path().join("data").display().to_string();
        let reloaded = text(&belfry().args(["reload", "--data", &data]).output().expect("it runs").stdout);
        assert!(reloaded.starts_with(changed), "{reloaded}");
        let waits = "these hold only after a restart:\n  connections.max: not set -> 100\n  \
                     server.domain: \"localhost\" -> \"chat.example\"\n";
        assert!(reloaded.ends_with(waits), "{reloaded}");
    }
    let warned = server.log().lines().filter(|line| line.contains("restart it for them")).count();
    assert_eq!(warned, 2, "{}", server.log());
    assert!(client.exists(ALICE).await.expect("answered"), "accounts are those of the domain that it was started with");
    let json = server.run(&["reload", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(said["needs_restart"][1]["key"], "server.domain", "{said}");
}
