//! `examples/costs` as somebody runs it: each operation has its line, and what grows is measured at each size.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use belfry_testkit::server::example;
use serde_json::Value;

/// What the program says to these arguments.
fn said(arguments: &[&str]) -> Result<String> {
    let output = Command::new(example("costs")?).args(arguments).output()?;
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Figures of one measurement.
fn grown(arguments: &[&str]) -> Result<Value> {
    let text = said(&[&["grow"], arguments].concat())?;
    serde_json::from_str(&text).with_context(|| format!("{arguments:?}: {text}"))
}

fn figure(figures: &Value, name: &str) -> f64 {
    figures[name].as_f64().unwrap_or(f64::NAN)
}

#[test]
fn each_operation_is_measured_and_has_its_line() -> Result<()> {
    let listed = said(&["list"])?;
    let table = said(&["all", "--time", "20"])?;
    ensure!(table.lines().count() == listed.lines().count() + 1, "{table}");
    for (operation, line) in listed.lines().zip(table.lines().skip(1)) {
        let name = operation.split(' ').next().unwrap_or_default();
        let figures: Vec<&str> = line.split_whitespace().take(5).collect();
        let [called, _size, times, time, _cpu] = figures[..] else { anyhow::bail!("{line}") };
        ensure!(called == name && times.parse::<u64>()? > 0 && time.parse::<f64>()? > 0.0, "{line}");
    }
    Ok(())
}

#[test]
fn a_copy_of_a_message_of_the_lobby_comes_to_each_session_that_watches() -> Result<()> {
    let few = grown(&["lobby", "--sessions", "10", "--copies", "500"])?;
    let many = grown(&["lobby", "--sessions", "50", "--copies", "500"])?;
    ensure!(figure(&few, "messages") == 50.0 && figure(&many, "messages") == 10.0, "{few} {many}");
    for figures in [&few, &many] {
        // 100 bytes of text, and what stands around them.
        ensure!((130.0..200.0).contains(&figure(figures, "copy_bytes")), "{figures}");
        ensure!(figure(figures, "until_last_p50_ms") > 0.0, "{figures}");
    }
    ensure!(figure(&many, "list_bytes") > 2.0 * figure(&few, "list_bytes"), "{few} {many}");
    Ok(())
}

#[test]
fn sessions_at_rest_are_woken_one_and_all() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let people = path(folder.path())?;
    grown(&["accounts", people, "--accounts", "300", "--others", "100"])?;
    let figures = grown(&["sessions", people, "--sessions", "300", "--others", "100"])?;
    ensure!(figure(&figures, "sessions") == 300.0 && figure(&figures, "memory_bytes_each") > 0.0, "{figures}");
    ensure!(figure(&figures, "all_cpu_us") > 0.0 && figure(&figures, "all_s") > 0.0, "{figures}");
    Ok(())
}

#[test]
fn a_store_is_filled_further_and_measured_at_each_size() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = path(folder.path())?;
    for (from, events) in [("0", "4000"), ("4000", "8000")] {
        let filled = grown(&["fill", data, "--from", from, "--events", events, "--accounts", "50"])?;
        ensure!(figure(&filled, "bytes_on_disk") > 100.0 * events.parse::<f64>()?, "{filled}");
        let arguments = ["store", data, "--events", events, "--accounts", "50", "--reads", "50", "--appends", "200"];
        let figures = grown(&arguments)?;
        ensure!(figure(&figures, "open_ms") > 0.0 && figure(&figures, "append_per_s") > 0.0, "{figures}");
        ensure!(figures["page_ms"][1].as_f64() >= figures["page_ms"][0].as_f64(), "{figures}");
    }
    Ok(())
}

fn path(folder: &Path) -> Result<&str> {
    folder.to_str().context("a path of ordinary characters")
}
