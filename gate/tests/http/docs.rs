//! docs/http.md: its session runs as it stands, and its table of errors is the server's.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use belfry_domain::Code;
use belfry_gate::http::{CARRIER_PLAIN, serve_connection, status};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::house::{House, peer};

const DOCUMENT: &str = include_str!("../../../docs/http.md");

#[test]
fn every_code_stands_in_the_table_with_its_status() {
    for code in Code::ALL {
        let word = format!("`{code}`");
        let row = DOCUMENT.lines().find(|line| line.starts_with("| ") && line.contains(&word));
        let row = row.unwrap_or_else(|| panic!("{code} is not in the table"));
        assert_eq!(row.split('|').nth(1).map(str::trim), Some(status(*code).as_str()), "{code}");
    }
}

/// The shell of the document's session, block after block.
fn session() -> String {
    let mut script = String::from("set -eu\n");
    for block in DOCUMENT.split("```sh\n").skip(1) {
        script.push_str(block.split("```").next().unwrap_or_default());
    }
    script
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_runs_as_it_stands() {
    let house = House::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (router, stop) = (house.bare.clone(), house.stop.clone());
    let mut accepting = JoinSet::new();
    accepting.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((io, _)) = listener.accept().await {
            let (router, stop) = (router.clone(), stop.clone());
            connections.spawn(async move {
                let _outcome = serve_connection(io, peer(CARRIER_PLAIN), router, stop).await;
            });
        }
    });
    let mut shell = Command::new("sh")
        .args(["-c", &session()])
        .env("SERVER", format!("http://{address}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut typed = shell.stdin.take().expect("is piped");
    for phone in ["+4915112345678", "+4915112345679"] {
        let mut pin = house.pin(phone);
        for _ in 0..1_200 {
            if pin.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            pin = house.pin(phone);
        }
        if let Some(pin) = pin {
            writeln!(typed, "{pin}").expect("the shell reads");
        }
    }
    drop(typed);
    let ended = tokio::task::spawn_blocking(|| shell.wait_with_output()).await.expect("no panic").expect("it ended");
    accepting.abort_all();
    let said = String::from_utf8_lossy(&ended.stdout);
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}\n{complaints}");
    for text in ["Hello Bob", "Still there?", "Hello everybody", "participantsVersion"] {
        assert!(said.contains(text), "{text} was not answered:\n{said}\n{complaints}");
    }
    assert_eq!(said.matches("Hello Bob").count(), 1, "the key acknowledged it:\n{said}");
}
