//! The program as an operator meets it: started, asked, stopped, started wrongly. Each test has a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A busy machine may take so long to start a process.
const START: Duration = Duration::from_secs(60);

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

/// A running server in a directory of its own.
struct Server {
    home: TempDir,
    child: Child,
    at: SocketAddr,
    greeting: String,
}

impl Server {
    fn start(extra: &str) -> Server {
        let home = tempfile::tempdir().expect("a directory");
        Server::start_in(home, extra)
    }

    fn start_in(home: TempDir, extra: &str) -> Server {
        Server::start_with(home, extra, &[])
    }

    fn start_with(home: TempDir, extra: &str, environment: &[(&str, &str)]) -> Server {
        let data = home.path().join("data");
        let config = format!(
            "[xmpp]\nlisten = []\n[server]\nlisten = [\"127.0.0.1:0\"]\ndata = \"{}\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n{extra}",
            data.display()
        );
        std::fs::write(home.path().join("belfry.toml"), config).expect("it can be written");
        let log = std::fs::File::create(home.path().join("log.txt")).expect("it can be made");
        let mut child = belfry()
            .args(["serve", "--config"])
            .arg(home.path().join("belfry.toml"))
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut greeting = String::new();
        let mut at = None;
        while at.is_none() {
            let Some(Ok(line)) = lines.next() else {
                let log = std::fs::read_to_string(home.path().join("log.txt")).unwrap_or_default();
                panic!("the server left: {log}");
            };
            greeting.push_str(&line);
            at = line
                .split("listening on ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next())
                .and_then(|at| at.parse().ok());
        }
        Server { home, child, at: at.expect("the loop ends with it"), greeting }
    }

    fn data(&self) -> std::path::PathBuf {
        self.home.path().join("data")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log.txt")).expect("it is there")
    }

    /// Runs a verb against this server.
    fn run(&self, verb: &[&str]) -> Output {
        belfry().args(verb).arg("--config").arg(self.home.path().join("belfry.toml")).output().expect("it runs")
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits for the end and returns the exit code.
    fn wait(&mut self) -> i32 {
        let until = Instant::now() + START;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status.code().expect("it was not killed");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not leave:\n{}", self.log());
    }

    fn http(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.at).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it takes bytes");
        let mut answer = String::new();
        let _cut = stream.read_to_string(&mut answer);
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

#[test]
fn accounts_are_added_listed_and_removed_while_the_server_runs() {
    let server = Server::start("");
    let started = Instant::now();
    let mut add = belfry()
        .args(["account", "add", "alice@localhost", "--password-stdin", "--config"])
        .arg(server.home.path().join("belfry.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    add.stdin.take().expect("it is piped").write_all(b"correct horse battery\n").expect("it reads");
    assert!(add.wait().expect("it ends").success());
    println!("account add took {:?}", started.elapsed());
    assert!(server.run(&["account", "add", "bob@localhost"]).status.success());

    let again = server.run(&["account", "add", "alice@localhost"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("alice"), "{}", text(&again.stderr));

    let listed = Instant::now();
    let list = text(&server.run(&["account", "list"]).stdout);
    println!("account list took {:?}", listed.elapsed());
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(lines[0].starts_with("alice@localhost") && lines[0].contains("password"), "{list}");
    let json = text(&server.run(&["account", "list", "--json"]).stdout);
    assert!(json.lines().all(|line| line.starts_with('{')) && json.contains("\"address\":\"bob@localhost\""), "{json}");

    assert!(server.run(&["account", "remove", "bob@localhost"]).status.success());
    assert_eq!(server.run(&["account", "remove", "bob@localhost"]).status.code(), Some(1));
    assert_eq!(text(&server.run(&["account", "list"]).stdout).lines().count(), 1);
    assert!(!server.log().contains("horse"), "a password is in the log");
}

#[test]
fn an_account_of_another_domain_or_none_at_all_is_refused_with_the_reason() {
    let server = Server::start("");
    let foreign = server.run(&["account", "add", "alice@elsewhere.example"]);
    assert_eq!(foreign.status.code(), Some(1));
    assert!(text(&foreign.stderr).contains("localhost"), "{}", text(&foreign.stderr));
    let none = server.run(&["account", "add", "alice"]);
    assert!(text(&none.stderr).contains("NAME@DOMAIN"), "{}", text(&none.stderr));
    let short = server.run(&["account", "add", "alice@localhost", "--password", "short"]);
    assert_eq!(short.status.code(), Some(1));
    assert!(text(&short.stderr).contains("history of your shell"), "{}", text(&short.stderr));
}

#[test]
fn a_stop_leaves_with_code_0_and_tells_the_log() {
    let mut server = Server::start("");
    assert!(server.http(&get("/healthz")).starts_with("HTTP/1.1 200"), "{}", server.greeting);
    let _idle = TcpStream::connect(server.at).expect("it listens");
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
    assert!(server.log().contains("stopping") && server.log().contains("stopped"), "{}", server.log());
    assert!(!server.log().contains("did not end in time"), "a silent connection holds nothing up:\n{}", server.log());
}

#[test]
fn what_was_made_is_there_after_a_restart() {
    let mut server = Server::start("");
    assert!(server.run(&["account", "add", "alice@localhost"]).status.success());
    server.signal("-INT");
    assert_eq!(server.wait(), 0);
    let home = std::mem::replace(&mut server.home, tempfile::tempdir().expect("a directory"));
    let server = Server::start_in(home, "");
    assert!(text(&server.run(&["account", "list"]).stdout).contains("alice@localhost"));
}

#[test]
fn a_second_server_on_the_same_data_is_refused_by_the_number_of_the_first() {
    let server = Server::start("");
    let second = belfry()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(server.data())
        .env("BELFRY_METRICS__LISTEN", "")
        .output()
        .expect("it runs");
    assert_eq!(second.status.code(), Some(75));
    let error = text(&second.stderr);
    assert!(error.contains(&server.child.id().to_string()) && error.contains("--data"), "{error}");
}

#[test]
fn a_port_that_is_taken_is_refused_with_the_remedy() {
    let server = Server::start("");
    let home = tempfile::tempdir().expect("a directory");
    let second = belfry()
        .args(["serve", "--listen", &server.at.to_string(), "--data"])
        .arg(home.path().join("data"))
        .output()
        .expect("it runs");
    assert_eq!(second.status.code(), Some(69));
    let error = text(&second.stderr);
    assert!(error.contains(&server.at.to_string()) && error.contains("--listen"), "{error}");
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("belfry.toml");
    std::fs::write(&path, "[server]\ndomain = \"localhost\"\n\n[conections]\nmax = 5\n").expect("it can be written");
    let outcome = belfry().args(["serve", "--config"]).arg(&path).output().expect("it runs");
    assert_eq!(outcome.status.code(), Some(78));
    let error = text(&outcome.stderr);
    assert!(error.contains("line 4") && error.contains("conections") && error.contains("connections"), "{error}");
    let open = belfry().args(["serve", "--listen", "0.0.0.0:0"]).current_dir(home.path()).output().expect("it runs");
    assert_eq!(open.status.code(), Some(78));
    assert!(text(&open.stderr).contains("sms.adapter"), "{}", text(&open.stderr));
    assert!(!home.path().join("data").exists(), "nothing is made before the configuration is right");
}

#[test]
fn without_a_server_a_command_says_which_socket_it_tried() {
    let home = tempfile::tempdir().expect("a directory");
    let outcome = belfry().args(["account", "list", "--data"]).arg(home.path()).output().expect("it runs");
    assert_eq!(outcome.status.code(), Some(69));
    let error = text(&outcome.stderr);
    assert!(error.contains("admin.sock") && error.contains("belfry serve"), "{error}");
}

#[test]
fn a_wrong_change_is_refused_whole_on_sighup_and_a_right_one_is_taken() {
    let server = Server::start("");
    let path = server.home.path().join("belfry.toml");
    let right = std::fs::read_to_string(&path).expect("it is there");
    std::fs::write(&path, format!("{right}\n[pins]\ndigits = 99\n")).expect("it can be written");
    server.signal("-HUP");
    wait_for(&server, "pins.digits: 99");
    std::fs::write(&path, format!("{right}\n[pins]\ndigits = 8\n[connections]\nmax = 100\n"))
        .expect("it can be written");
    server.signal("-HUP");
    wait_for(&server, "was read again");
    wait_for(&server, "connections.max");
    assert!(server.http(&get("/healthz")).starts_with("HTTP/1.1 200"));
}

fn wait_for(server: &Server, what: &str) {
    let until = Instant::now() + START;
    while !server.log().contains(what) {
        assert!(Instant::now() < until, "the log never says {what:?}:\n{}", server.log());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_backup_of_a_running_server_becomes_another_server_with_the_same_keys() {
    let server = Server::start("");
    assert!(server.run(&["account", "add", "alice@localhost"]).status.success());
    let backup = server.home.path().join("backup");
    let made = server.run(&["backup", &backup.display().to_string()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let twice = server.run(&["backup", &backup.display().to_string()]);
    assert!(text(&twice.stderr).contains("not empty"), "{}", text(&twice.stderr));
    let export = server.home.path().join("rows.jsonl");
    assert!(server.run(&["export", &export.display().to_string()]).status.success());

    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let restored = belfry().arg("restore").arg(&backup).arg("--data").arg(&data).output().expect("it runs");
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert_eq!(key(&data), key(&server.data()));
    let other = Server::start_in(home, "");
    assert!(text(&other.run(&["account", "list"]).stdout).contains("alice@localhost"));

    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let imported = belfry().arg("import").arg(&export).arg("--data").arg(&data).output().expect("it runs");
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    let other = Server::start_in(home, "");
    assert!(text(&other.run(&["account", "list"]).stdout).contains("alice@localhost"));
}

fn key(data: &Path) -> Vec<u8> {
    std::fs::read(data.join("keys/noise")).expect("the server has a key")
}

#[test]
fn the_doctor_finds_a_running_server_well_and_says_what_is_broken() {
    let server = Server::start("");
    let well = server.run(&["doctor", "--json"]);
    let findings: serde_json::Value = serde_json::from_slice(&well.stdout).expect("JSON");
    let of = |what: &str| findings.as_array().and_then(|all| all.iter().find(|f| f["what"] == what).cloned());
    assert_eq!(of("server").expect("it is looked at")["state"], "fine", "{findings}");
    let home = tempfile::tempdir().expect("a directory");
    let broken = belfry()
        .args(["doctor", "--data"])
        .arg(home.path())
        .env("BELFRY_SERVER__LISTEN", server.at.to_string())
        .output()
        .expect("it runs");
    assert_eq!(broken.status.code(), Some(1));
    assert!(text(&broken.stdout).contains("server.listen"), "{}", text(&broken.stdout));
}

#[test]
fn xmpp_and_plain_http_on_loopback_are_answered_and_silence_is_closed() {
    let server = Server::start("");
    let answer = server.http(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' \
         version='1.0'></stream:stream>",
    );
    assert!(
        answer.contains("<mechanism>SCRAM-SHA-256</mechanism>") && answer.ends_with("</stream:stream>"),
        "{answer}"
    );
    assert!(server.http(&get("/")).starts_with("HTTP/1.1 200"));
    let server = Server::start("[connections]\nhello = \"1 s\"\n");
    let started = Instant::now();
    assert_eq!(server.http(""), "");
    assert!(started.elapsed() >= Duration::from_millis(900));
}

#[test]
fn everything_that_is_kept_is_private() {
    use std::os::unix::fs::MetadataExt;
    let server = Server::start("");
    let mut folders = vec![server.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be read").flatten() {
            let meta = entry.metadata().expect("it is there");
            assert_eq!(meta.mode() & 0o077, 0, "{} is open to others", entry.path().display());
            if meta.is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[test]
fn who_is_connected_is_listed_with_device_carrier_and_address() {
    let server = Server::start("");
    let none = server.run(&["links"]);
    assert_eq!(text(&none.stdout), "Nobody is connected.\n");
    let device = Device::add(&server, "alice", "Anna's \u{202e}phone");
    let held = device.hold_a_poll(&server);
    let list = text(&wait_until(|| server.run(&["links"]), |listed| text(&listed.stdout).contains("1 link.")).stdout);
    let line = list.lines().nth(1).unwrap_or_default();
    let from = held.local_addr().expect("it is bound").to_string();
    assert!(line.contains("alice@localhost") && line.contains("http") && line.contains(&from), "{list}");
    assert!(line.contains("phone") && !line.contains('\u{202e}'), "{list:?}");
    let json = text(&server.run(&["links", "--json", "--account", "alice@localhost"]).stdout);
    let link: serde_json::Value = serde_json::from_str(json.trim()).expect("one object a line");
    assert_eq!((&link["address"], &link["from"]), (&"alice@localhost".into(), &from.into()), "{json}");
    let unknown = server.run(&["links", "--account", "bob@localhost"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("no account bob@localhost"), "{}", text(&unknown.stderr));
}

fn wait_until(look: impl Fn() -> Output, done: impl Fn(&Output) -> bool) -> Output {
    let until = Instant::now() + START;
    loop {
        let seen = look();
        if done(&seen) || Instant::now() > until {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A companion device over plain HTTP.
struct Device {
    token: String,
}

impl Device {
    fn add(server: &Server, name: &str, device_name: &str) -> Device {
        let address = format!("{name}@localhost");
        let password = "correct horse battery";
        assert!(server.run(&["account", "add", &address, "--password", password]).status.success());
        let body = serde_json::json!({"address": address, "password": password, "deviceName": device_name});
        let answer = server.http(&post("/v1/session/add-device", "", &body.to_string()));
        let said: serde_json::Value =
            serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap_or_default()).expect("JSON");
        Device { token: said["token"].as_str().expect("a token").to_owned() }
    }

    fn hold_a_poll(&self, server: &Server) -> TcpStream {
        let mut stream = TcpStream::connect(server.at).expect("it listens");
        let request = format!(
            "GET /v1/message/next?wait=60 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
            self.token
        );
        stream.write_all(request.as_bytes()).expect("it takes bytes");
        stream
    }
}

fn post(path: &str, token: &str, body: &str) -> String {
    let proof = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         {proof}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn where_a_message_is_can_be_asked_and_what_is_durable_survives_a_restart() {
    let mut server = Server::start("");
    let alice = Device::add(&server, "alice", "Laptop");
    let bob = Device::add(&server, "bob", "Tablet");
    let draft = serde_json::json!({
        "to": "bob@localhost", "clientMessageId": "m-1", "content": {"kind": "CONTENT_KIND_TEXT", "text": "a canary"}
    });
    let sent = server.http(&post("/v1/message/send", &alice.token, &draft.to_string()));
    assert!(sent.starts_with("HTTP/1.1 200"), "{sent}");
    let waiting = text(&server.run(&["trace", "1/1"]).stdout);
    assert!(waiting.contains("waiting: not acknowledged") && waiting.contains("not delivered"), "{waiting}");

    let page = server.http(&post("/v1/message/sync", &bob.token, "{}"));
    let page: serde_json::Value =
        serde_json::from_str(page.split("\r\n\r\n").nth(1).unwrap_or_default()).expect("JSON");
    let ack = serde_json::json!({"passed": page["key"]});
    assert!(server.http(&post("/v1/message/ack", &bob.token, &ack.to_string())).starts_with("HTTP/1.1 200"));
    let all = text(&server.run(&["trace", "--from", "alice@localhost", "m-1"]).stdout);
    for part in [
        "Message 1/1",
        "from alice@localhost, device 1",
        "delivered ✓✓",
        "accepted and on the disk over http",
        "told in the answer to a sync over http",
        "acknowledged over http",
    ] {
        assert!(all.contains(part), "{part:?} is not in\n{all}");
    }
    let json = text(&server.run(&["trace", "1/1", "--json"]).stdout);
    let steps: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(steps["sides"].as_array().map(Vec::len), Some(2), "{json}");
    assert!(!all.contains("canary") && !json.contains("canary"), "what the message says is shown");

    for (wrong, why) in [(["trace", "1/2"], "no message 1-2"), (["trace", "m-1"], "--from")] {
        let refused = server.run(&wrong);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }

    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
    let home = std::mem::replace(&mut server.home, tempfile::tempdir().expect("a directory"));
    let server = Server::start_in(home, "");
    let after = text(&server.run(&["trace", "1/1"]).stdout);
    assert!(after.contains("delivered ✓✓") && after.contains("from alice@localhost, device 1"), "{after}");
    assert!(after.contains("its first steps are missing") && !after.contains("acknowledged over"), "{after}");
}

#[test]
fn a_data_directory_of_another_domain_is_warned_about_in_the_log_and_by_the_doctor() {
    let mut server = Server::start("");
    assert!(server.run(&["account", "add", "alice@localhost"]).status.success());
    assert!(!server.log().contains("another domain"), "{}", server.log());
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
    // One that an earlier version has made has no mark, and is known by its accounts.
    std::fs::remove_file(server.data().join("domain")).expect("it was marked");
    let home = std::mem::replace(&mut server.home, tempfile::tempdir().expect("a directory"));
    let mut server = Server::start_with(home, "", &[("BELFRY_SERVER__DOMAIN", "chat.example")]);
    wait_for(&server, "made for another domain");
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
    let config = server.home.path().join("belfry.toml");
    let asked = belfry().args(["doctor", "--config"]).arg(config).env("BELFRY_SERVER__DOMAIN", "chat.example").output();
    let told = text(&asked.expect("it runs").stdout);
    assert!(told.contains("chat.example, but the data directory was made for localhost"), "{told}");
}

#[test]
fn the_supervisor_is_told_when_the_server_is_ready_alive_and_stopping() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("notify");
    let listens = std::os::unix::net::UnixDatagram::bind(&path).expect("a socket");
    listens.set_read_timeout(Some(START)).expect("a socket has it");
    let socket = path.display().to_string();
    let mut server = Server::start_with(
        tempfile::tempdir().expect("a directory"),
        "",
        &[("NOTIFY_SOCKET", &socket), ("WATCHDOG_USEC", "200000")],
    );
    let mut heard = Vec::new();
    let mut hear = |until: &str| {
        let mut buffer = [0; 64];
        while !heard.iter().any(|told: &String| told == until) {
            let read = listens.recv(&mut buffer).unwrap_or_else(|error| panic!("never {until}: {error}"));
            heard.push(text(&buffer[..read]));
        }
    };
    hear("READY=1");
    hear("WATCHDOG=1");
    server.signal("-TERM");
    hear("STOPPING=1");
    assert_eq!(server.wait(), 0);
}

#[test]
fn pruning_at_once_says_what_was_given_back() {
    let server = Server::start("");
    let refused = server.run(&["prune"]);
    assert_eq!(refused.status.code(), Some(2), "without --now nothing is done: {}", text(&refused.stderr));
    let pruned = server.run(&["prune", "--now", "--json"]);
    assert!(pruned.status.success(), "{}", text(&pruned.stderr));
    let said: serde_json::Value = serde_json::from_slice(&pruned.stdout).expect("it is JSON");
    assert_eq!(said["entries"], 0, "a new server has nothing that is dead");
    assert!(said["bytes_before"].as_u64() > Some(0) && said["bytes_after"].as_u64() > Some(0), "{said}");
    let told = server.run(&["prune", "--now"]);
    assert!(text(&told.stdout).contains("given back"), "{}", text(&told.stdout));
    assert!(server.log().contains("what is dead was taken away as asked"));
}
