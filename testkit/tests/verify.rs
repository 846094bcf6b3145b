//! `belfry verify` as an operator runs it: a good server is found good whatever is done to it, and exit codes say so.

use anyhow::{Context, Result, ensure};
use belfry_testkit::Server;
use serde_json::Value;

/// Runs `belfry verify` with JSON and gives what it says.
fn verified(server: &Server, arguments: &[&str]) -> Result<Value> {
    let all: Vec<&str> = ["verify", "--json", "--seed", "5"].iter().chain(arguments).copied().collect();
    let output = server.cli(&all)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let said: Value = serde_json::from_str(&said)
        .with_context(|| format!("{arguments:?}: {said} {}", String::from_utf8_lossy(&output.stderr)))?;
    ensure!(output.status.code() == Some(0) && said["clean"] == true, "{arguments:?}: {said:#}");
    println!("{arguments:?}: {} acknowledged, {}", said["acknowledged"], said["faults"]);
    Ok(said)
}

#[test]
fn a_good_server_is_found_good_through_every_door_and_under_every_fault() -> Result<()> {
    let server = Server::start("")?;
    let said = verified(&server, &["--door", "all", "--clients", "5", "--messages", "200"])?;
    ensure!(said["acknowledged"] == 200 && said["unanswered"] == 0, "{said:#}");
    ensure!(said["receipts"].as_u64() > Some(0), "{said:#}");
    for (faults, counted) in [("cut", "cuts"), ("sweep", "cuts"), ("drop-acks", "answersLost"), ("pause", "pauses")] {
        let time = if faults == "sweep" { "4" } else { "3" };
        let said = verified(&server, &["--door", "all", "--clients", "5", "--fault", faults, "--time", time])?;
        ensure!(said["faults"][counted].as_u64() > Some(0), "{faults}: {said:#}");
    }
    let said = verified(&server, &["--serve", "--door", "all", "--fault", "kill,pause,cut,drop-acks", "--time", "5"])?;
    ensure!(said["faults"]["kills"].as_u64() > Some(0), "{said:#}");
    let listed = server.cli(&["account", "list"])?;
    ensure!(listed.stdout.is_empty(), "its accounts are still there: {}", String::from_utf8_lossy(&listed.stdout));
    Ok(())
}

#[test]
fn what_cannot_be_verified_is_refused_with_what_to_do() -> Result<()> {
    let server = Server::start("")?;
    for (arguments, code, word) in [
        (&["--fault", "kill"][..], 1, "--kill-command"),
        (&["--fault", "flood"], 2, "drop-acks"),
        (&["--door", "window"], 1, "websocket"),
        (&["--account", "ann@localhost:x"], 1, "second time"),
        (&["--account", "ann:hunter2", "--account", "ben"], 1, "NAME@DOMAIN:PASSWORD"),
        (&["--account", "ann@localhost:x", "--account", "ben@localhost:x"], 1, "cannot log in"),
        (&["--server", "127.0.0.1:1", "--account", "a@localhost:x", "--account", "b@localhost:x"], 69, "belfry serve"),
    ] {
        let all: Vec<&str> = std::iter::once("verify").chain(arguments.iter().copied()).collect();
        let output = server.cli(&all)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code) && said.contains(word), "{arguments:?}: {}: {said}", output.status);
        ensure!(!said.contains("hunter2"), "a password is shown: {said}");
    }
    Ok(())
}
