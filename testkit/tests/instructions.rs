//! What operations cost in instructions, held against what they cost before: `testkit/instructions.json`.
//!
//! `examples/costs` does an operation some times and twice as often under valgrind; the difference is the operation's,
//! whatever was prepared for it. A count does not depend on what else the machine does (run after run differs by some
//! thousandths at most), so five per cent are found where a clock would need thirty; and valgrind shows each program the
//! same processor, if the real one has AVX2. `BELFRY_BLESS=1 cargo nextest run --workspace -E 'binary(instructions)'` writes the counts
//! down anew. Invariant: where counts cannot be compared the reason is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail, ensure};
use belfry_testkit::server::example;
use serde::{Deserialize, Serialize};

/// An operation may take so many per cent more or less without anybody being asked.
const ALLOWED_PERCENT: u64 = 5;

/// Valgrinds at once.
const AT_ONCE: usize = 2;

/// What is remembered of a count, with what it depends on besides our own code.
#[derive(Debug, Deserialize, Serialize)]
struct Baseline {
    compiler: String,
    valgrind: String,
    /// Copying and allocating are its.
    libc: String,
    /// Instructions of each operation.
    instructions: BTreeMap<String, u64>,
}

struct Operation {
    name: String,
    times: u64,
}

#[test]
fn no_operation_takes_five_per_cent_more_instructions_than_was_written_down() -> Result<()> {
    if let Some(why) = not_comparable() {
        println!("instructions are not counted: {why}");
        return Ok(());
    }
    let program = example("costs")?;
    let (compiler, valgrind) = (compiler(&program)?, said("valgrind", &["--version"])?);
    let libc = said("getconf", &["GNU_LIBC_VERSION"])?;
    let now = Baseline { compiler, valgrind, libc, instructions: counted(&program)? };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json");
    if std::env::var_os("BELFRY_BLESS").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&now)? + "\n")?;
    }
    let before: Baseline = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let (table, complaints) = compared(&before, &now);
    println!("{table}");
    for (what, before, now) in [
        ("compiler", &before.compiler, &now.compiler),
        ("valgrind", &before.valgrind, &now.valgrind),
        ("C library", &before.libc, &now.libc),
    ] {
        if before != now {
            println!("not compared: the counts were written down with another {what}, {before}; this is {now}");
            return Ok(());
        }
    }
    ensure!(complaints.is_empty(), "{table}\n{}", complaints.join("\n"));
    Ok(())
}

#[test]
fn what_takes_more_is_complained_of_and_what_takes_less_is_hinted_at() {
    let baseline = |counts: &[(&str, u64)]| Baseline {
        compiler: String::new(),
        valgrind: String::new(),
        libc: String::new(),
        instructions: counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
    };
    let before = baseline(&[("grown", 1000), ("same", 1000), ("less", 1000), ("gone", 1000)]);
    let now = baseline(&[("grown", 1051), ("same", 1050), ("less", 900), ("new", 1000)]);
    let (table, complaints) = compared(&before, &now);
    let complained = |name: &str| complaints.iter().filter(|complaint| complaint.contains(name)).count();
    assert_eq!((complained("grown"), complained("same"), complained("less")), (1, 0, 0), "{complaints:?}");
    assert_eq!((complained("gone"), complained("new")), (1, 1), "{complaints:?}");
    let line = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("less").contains("BELFRY_BLESS=1") && line("less").contains("-10.0 %"), "{table}");
    assert!(line("grown").contains("+5.1 %") && !line("same").contains("BELFRY_BLESS"), "{table}");
}

/// Why counting here would say nothing about what was written down.
fn not_comparable() -> Option<&'static str> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("what was written down is for Linux on x86-64");
    }
    if !cfg!(debug_assertions) {
        return Some("what was written down is for the profile in which tests are built by default");
    }
    #[cfg(target_arch = "x86_64")]
    if !std::arch::is_x86_feature_detected!("avx2") {
        return Some("this processor has no AVX2, so ciphers and copying take other ways through their code");
    }
    None
}

/// A table of both, and what is wrong.
fn compared(before: &Baseline, now: &Baseline) -> (String, Vec<String>) {
    let mut table = format!("{:14} {:>12} {:>12} {:>9}", "operation", "written down", "now", "change");
    let mut complaints = Vec::new();
    for (name, count) in &now.instructions {
        let Some(known) = before.instructions.get(name) else {
            complaints.push(format!("{name} is new: write it down by BELFRY_BLESS=1"));
            continue;
        };
        let change = (*count as f64 / *known as f64 - 1.0) * 100.0;
        let _in_memory = write!(table, "\n{name:14} {known:12} {count:12} {change:+7.1} %");
        if count * 100 > known * (100 + ALLOWED_PERCENT) {
            complaints.push(format!(
                "{name} takes {change:.1} % more instructions than was written down ({known}, now {count}): find out \
                 why; if it is worth it, write it down by BELFRY_BLESS=1"
            ));
        } else if count * 100 < known * (100 - ALLOWED_PERCENT) {
            table += "  write it down by BELFRY_BLESS=1, so that it stays so";
        }
    }
    let gone = before.instructions.keys().filter(|name| !now.instructions.contains_key(*name));
    complaints.extend(gone.map(|name| format!("{name} is counted no longer: BELFRY_BLESS=1 forgets it")));
    (table, complaints)
}

/// The compiler that has made a program, as it has left its name there.
fn compiler(program: &Path) -> Result<String> {
    let (bytes, mark) = (fs::read(program)?, b"rustc version ");
    let at = bytes.windows(mark.len()).position(|window| window == mark).context("the program names its compiler")?;
    let name: Vec<u8> = bytes[at..].iter().copied().take_while(|byte| (b' '..=b'~').contains(byte)).collect();
    Ok(String::from_utf8(name)?)
}

/// What a program says of itself.
fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let said = Command::new(program).args(arguments).output();
    let said = said.with_context(|| format!("{program} is missing: ./test installs it, or your system does"))?;
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

/// Instructions of each operation.
fn counted(program: &Path) -> Result<BTreeMap<String, u64>> {
    let listed = String::from_utf8(Command::new(program).arg("list").output()?.stdout)?;
    let mut operations = Vec::new();
    for line in listed.lines() {
        let [name, _size, times] = line.split(' ').collect::<Vec<_>>()[..] else { bail!("no operation: {line}") };
        operations.push(Operation { name: name.to_owned(), times: times.parse()? });
    }
    ensure!(!operations.is_empty(), "no operations are listed");
    let (waiting, counts) = (Mutex::new(operations), Mutex::new(BTreeMap::new()));
    let work = || -> Result<()> {
        while let Some(operation) = take(&waiting) {
            let Operation { name, times } = operation;
            let (once, twice) = (instructions(program, &name, times)?, instructions(program, &name, times * 2)?);
            let each = twice.checked_sub(once).context("twice as often takes longer")? / times;
            counts.lock().map_err(|_| anyhow::anyhow!("a counter has failed"))?.insert(name, each);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a counter has failed")))
    })?;
    counts.into_inner().context("all counters have ended")
}

fn take(waiting: &Mutex<Vec<Operation>>) -> Option<Operation> {
    waiting.lock().ok()?.pop()
}

/// Instructions of the whole program while it does an operation so often.
fn instructions(program: &Path, name: &str, times: u64) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("counts");
    let ran = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--branch-sim=no"])
        .arg(format!("--cachegrind-out-file={}", out.display()))
        .arg(program)
        .args(["count", name, "--times", &times.to_string()])
        .env("TMPDIR", folder.path())
        .output()?;
    ensure!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
    let counts = fs::read_to_string(&out)?;
    let whole = counts.lines().find_map(|line| line.strip_prefix("summary: ")).context("valgrind gives a sum")?;
    Ok(whole.trim().parse()?)
}
