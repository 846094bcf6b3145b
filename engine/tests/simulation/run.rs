//! Running seeds: one, many, and one that fails once more to tell its story.
//!
//! Plans come in, reports leave. Invariant: what is printed of a failure is all that is needed to see it again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crate::disk::DiskCounts;
use crate::ledger::Violation;
use crate::plan::Plan;
use crate::world::{Counts, World};

/// Lines of the trace that are shown of a run that failed, unless all are asked for.
const LINES: usize = 60;

/// What one run came to.
pub(crate) struct Report {
    pub(crate) counts: Counts,
    pub(crate) disk: DiskCounts,
    pub(crate) fingerprint: u64,
    pub(crate) broken: Option<Violation>,
    pub(crate) trace: Vec<String>,
}

/// Which seeds, from the environment.
pub(crate) struct Bounds {
    seeds: std::ops::Range<u64>,
    steps: Option<u64>,
    traced: bool,
}

impl Bounds {
    /// `BELFRY_SEED` is the one to run, `BELFRY_SEEDS` how many, `BELFRY_FROM` the first; `BELFRY_STEPS` shortens each.
    pub(crate) fn from_environment(otherwise: u64) -> Bounds {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let from = number("BELFRY_FROM").unwrap_or(0);
        let seeds = match number("BELFRY_SEED") {
            Some(seed) => seed..seed + 1,
            None => from..from + number("BELFRY_SEEDS").unwrap_or(otherwise),
        };
        Bounds { seeds, steps: number("BELFRY_STEPS"), traced: std::env::var_os("BELFRY_TRACE").is_some() }
    }
}

/// Runs a plan to its end or to the first broken promise.
pub(crate) fn run(plan: &Plan, traced: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without IO can be made");
    let mut world = {
        let _inside = runtime.enter();
        World::new(plan.clone(), traced)
    };
    let outcome =
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(tokio::task::unconstrained(async { world.run().await }))));
    let broken = match outcome {
        Ok(checked) => checked.err(),
        Err(panic) => {
            let what = panic.downcast_ref::<String>().cloned();
            let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(Violation { check: "panic", what: what.unwrap_or_default() })
        }
    };
    let _inside = runtime.enter();
    Report {
        counts: world.counts,
        disk: world.disk.counts(),
        fingerprint: world.fingerprint(),
        broken,
        trace: world.trace(),
    }
}

/// Runs many seeds and panics at the first that breaks a promise, with how to see it again.
pub(crate) fn seeds(test: &str, bounds: &Bounds, plan_of: impl Fn(u64) -> Plan) {
    let begun = Instant::now();
    let all = bounds.seeds.end - bounds.seeds.start;
    let (mut sum, mut disk) = (Counts::default(), DiskCounts::default());
    for (nth, seed) in bounds.seeds.clone().enumerate() {
        let mut plan = plan_of(seed);
        plan.steps = bounds.steps.unwrap_or(plan.steps).min(plan.steps);
        let report = run(&plan, bounds.traced);
        if bounds.traced {
            report.trace.iter().for_each(|line| println!("{line}"));
        }
        if let Some(broken) = report.broken {
            fail(test, &plan, &broken);
        }
        sum.add(&report.counts);
        disk.add(&report.disk);
        if (nth + 1) % 500 == 0 {
            println!("{test}: {} of {all} seeds, {:.0} s", nth + 1, begun.elapsed().as_secs_f64());
        }
    }
    println!("{test}: {all} seeds in {:.1} s, no promise broken", begun.elapsed().as_secs_f64());
    println!("  {sum:?}");
    println!("  {disk:?}");
}

/// Looks for a shorter run that fails too, and tells its end.
fn fail(test: &str, plan: &Plan, broken: &Violation) {
    let mut short = plan.clone();
    let (mut fails, mut holds) = (plan.steps, 0);
    while fails - holds > fails.div_ceil(50) {
        short.steps = (fails + holds) / 2;
        match run(&short, false).broken {
            Some(_) => fails = short.steps,
            None => holds = short.steps,
        }
    }
    short.steps = fails;
    let report = run(&short, true);
    println!("{plan:#?}");
    let from = report.trace.len().saturating_sub(LINES);
    report.trace[from..].iter().for_each(|line| println!("{line}"));
    if let Some(shorter) = &report.broken {
        println!("in {} steps: {}: {}", short.steps, shorter.check, shorter.what);
    }
    panic!(
        "seed {seed} breaks {check}: {what}\nsee it again:  BELFRY_SEED={seed} BELFRY_STEPS={steps} BELFRY_TRACE=1 cargo test \
         -p belfry-engine --test simulation {test} -- --nocapture",
        seed = plan.seed,
        check = broken.check,
        what = broken.what,
        steps = short.steps,
    );
}
