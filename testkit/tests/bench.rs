//! `belfry bench` as an operator runs it: every scenario through every door, small, and what it says of losses.

use anyhow::{Context, Result, ensure};
use belfry_testkit::Server;
use serde_json::Value;

const DOORS: [&str; 10] = [
    "noise",
    "tls",
    "tcp",
    "websocket",
    "websocket-tls",
    "long-poll",
    "long-poll-tls",
    "xmpp",
    "xmpp-starttls",
    "xmpp-tls",
];

/// Runs `belfry bench` with JSON; what it says and whether it was content.
fn measured(server: &Server, arguments: &[&str]) -> Result<(Value, bool)> {
    let all: Vec<&str> = ["bench"].iter().chain(arguments).chain(&["--json", "--settle", "0"]).copied().collect();
    let output = server.bare_cli(&all)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let said = serde_json::from_str(&said)
        .with_context(|| format!("{arguments:?}: {said} {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok((said, output.status.success()))
}

fn figure(said: &Value, key: &str) -> f64 {
    said["figures"][key].as_f64().unwrap_or(f64::NAN)
}

/// A server with accounts p0, p1 …, and what names it to `belfry bench`.
fn with_accounts(count: usize, settings: &str) -> Result<(Server, Vec<String>)> {
    let server = Server::start(settings)?;
    for number in 0..count {
        let added = server.cli(&["account", "add", &format!("p{number}@localhost"), "--password", "correct horse"])?;
        ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
    let place = ["--server", &server.address.to_string(), "--names", "p%d", "--password", "correct horse", "--pid"];
    let mut place: Vec<String> = place.iter().map(|&text| text.to_owned()).collect();
    place.push(server.pid().to_string());
    place.push("--certificate".to_owned());
    place.push(server.fingerprint()?);
    Ok((server, place))
}

#[test]
fn idle_and_chat_are_measured_through_every_door_and_nothing_is_lost() -> Result<()> {
    let (server, place) = with_accounts(8, "")?;
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    for door in DOORS {
        let (said, clean) =
            measured(&server, &[&["idle", "--connections", "8", "--rest", "0", "--door", door], &*place].concat())?;
        ensure!(clean && figure(&said, "connections") == 8.0, "{door}: {said:#}");
        ensure!(
            figure(&said, "memory_before_kib") > 1_000.0 && figure(&said, "login_p50_ms") > 0.0,
            "{door}: {said:#}"
        );
        for pace in [&["--rate", "100"], &["--window", "3"]] {
            let arguments = [&["chat", "--pairs", "4", "--time", "1", "--door", door], &pace[..], &*place].concat();
            let (said, clean) = measured(&server, &arguments)?;
            let (sent, heard) = (figure(&said, "messages_sent"), figure(&said, "messages_heard"));
            ensure!(clean && sent == heard && figure(&said, "messages_lost") == 0.0, "{door}: {said:#}");
            ensure!(if pace[0] == "--rate" { sent == 100.0 } else { sent >= 12.0 }, "{door}: {said:#}");
            ensure!(
                figure(&said, "delivery_p50_ms") > 0.0 && figure(&said, "message_cpu_us") >= 0.0,
                "{door}: {said:#}"
            );
        }
    }
    let devices = server.cli(&["account", "devices", "p0@localhost", "--json"])?;
    let left = String::from_utf8_lossy(&devices.stdout).lines().filter(|line| line.contains("belfry bench")).count();
    ensure!(left == 0, "{left} devices of the tool are still there");
    Ok(())
}

#[test]
fn storms_absences_presences_and_the_highest_rate_are_measured_too() -> Result<()> {
    let (server, place) = with_accounts(8, "")?;
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    for door in ["noise", "tcp", "long-poll", "long-poll-tls", "xmpp", "xmpp-tls"] {
        let run = |arguments: &[&str]| measured(&server, &[arguments, &["--door", door], &*place].concat());
        let (said, clean) = run(&["storm", "--connections", "8"])?;
        ensure!(clean && figure(&said, "reconnected") == 8.0 && figure(&said, "back_p99_s") > 0.0, "{door}: {said:#}");
        let (said, clean) = run(&["offline", "--pairs", "4", "--messages", "30"])?;
        ensure!(clean && figure(&said, "messages_heard") == 120.0, "{door}: {said:#}");
        ensure!(figure(&said, "messages_lost") == 0.0 && figure(&said, "stored_per_s") > 0.0, "{door}: {said:#}");
        let arguments = ["find-max", "--pairs", "4", "--time", "1", "--from", "40", "--within", "60000"];
        let arguments = [&arguments[..], &["--up-to", "80"]].concat();
        let (said, clean) = run(&arguments)?;
        ensure!(clean && figure(&said, "rate_max_per_s") == 80.0, "{door}: {said:#}");
        if door.starts_with("long-poll") {
            continue; // who polls is told of no presence
        }
        let (said, clean) = run(&["presence", "--connections", "8", "--contacts", "2", "--rate", "4", "--time", "4"])?;
        ensure!(clean && figure(&said, "presences_per_s") > 0.0, "{door}: {said:#}");
    }
    Ok(())
}

#[test]
fn an_overload_is_measured_and_so_are_those_who_stay_during_a_storm() -> Result<()> {
    let (server, place) = with_accounts(8, "[limits]\nsends = \"unlimited\"\n")?;
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    for door in ["tcp", "xmpp"] {
        let run = |arguments: &[&str]| measured(&server, &[arguments, &["--door", door], &*place].concat());
        let (said, clean) = run(&["storm", "--connections", "4", "--stay", "2", "--rate", "20"])?;
        ensure!(clean && figure(&said, "reconnected") == 4.0, "{door}: {said:#}");
        // Five seconds before it, and at least one meanwhile.
        ensure!(figure(&said, "messages_heard") >= 20.0 && figure(&said, "messages_lost") == 0.0, "{door}: {said:#}");
        ensure!(figure(&said, "before_p99_ms") > 0.0 && figure(&said, "meanwhile_p99_ms") > 0.0, "{door}: {said:#}");
        let (said, clean) = run(&["overload", "--pairs", "4", "--time", "1"])?;
        let (offered, heard) = (figure(&said, "offered_per_s_x10"), figure(&said, "heard_per_s_x10"));
        ensure!(clean && heard > 0.0 && offered > heard, "{door}: {said:#}");
        ensure!((offered / figure(&said, "capacity_per_s") - 10.0).abs() < 0.01, "{door}: {said:#}");
    }
    Ok(())
}

#[test]
fn what_the_server_does_not_deliver_is_reported_and_is_no_success() -> Result<()> {
    // The server takes three messages of each client and refuses the others for their rate.
    let (server, place) = with_accounts(2, "[limits]\nsends = \"3 at once, 1/h\"\n")?;
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    for door in ["tcp", "long-poll", "xmpp"] {
        let arguments = ["chat", "--pairs", "1", "--time", "1", "--rate", "20", "--patience", "1", "--door", door];
        let (said, clean) = measured(&server, &[&arguments[..], &*place].concat())?;
        ensure!(!clean && said["clean"] == false && figure(&said, "messages_sent") == 20.0, "{door}: {said:#}");
        let missing = figure(&said, "messages_lost") + figure(&said, "messages_refused");
        ensure!(missing > 0.0 && figure(&said, "messages_heard") + missing == 20.0, "{door}: {said:#}");
    }
    Ok(())
}

#[test]
fn a_private_server_is_measured_by_several_workers_and_gone_afterwards() -> Result<()> {
    let server = Server::start("")?;
    let arguments = ["chat", "--pairs", "4", "--workers", "2", "--time", "1", "--rate", "100"];
    let (said, clean) = measured(&server, &arguments)?;
    ensure!(clean && figure(&said, "messages_heard") == 100.0, "{said:#}");
    ensure!(said["settings"]["worker processes"] == "2", "{said:#}");
    for entry in std::fs::read_dir(server.home())? {
        let name = entry?.file_name();
        ensure!(!name.to_string_lossy().starts_with("belfry-bench"), "{name:?} is still there");
    }
    Ok(())
}

#[test]
fn what_cannot_be_measured_is_refused_with_what_to_do() -> Result<()> {
    let (server, place) = with_accounts(2, "")?;
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let elsewhere = ["--server", "chat.example:5222", "--names", "p%d", "--password", "x"];
    for (arguments, said) in [
        ([&["idle", "--connections", "3", "--door", "xmpp"][..], &*place].concat(), ""),
        ([&["idle", "--door", "xmpp"][..], &elsewhere].concat(), "--certificate"),
        ([&["idle", "--door", "xmpp-tls"][..], &elsewhere].concat(), "--certificate"),
        (vec!["idle", "--door", "window"], "xmpp-tls"),
        (vec!["idle", "--server", "127.0.0.1:1"], "--names"),
        (
            [&["presence", "--connections", "4", "--contacts", "2", "--door", "long-poll"][..], &*place].concat(),
            "presence",
        ),
        (
            [&["idle", "--connections", "2", "--door", "xmpp", "--mechanism", "TOKEN"][..], &*place].concat(),
            "SCRAM-SHA-1",
        ),
    ] {
        let output = server.bare_cli(&[&["bench"], &*arguments].concat())?;
        let text = String::from_utf8_lossy(&output.stderr);
        ensure!(!output.status.success() && text.contains(said), "{arguments:?}: {text}");
    }
    Ok(())
}
