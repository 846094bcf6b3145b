//! `belfry trace`: where a message is, asked of the running server through its admin socket.
//!
//! The id of a message comes in; its life leaves, for people or as JSON. Invariant: what clients chose cannot steer the
//! terminal, and the text says which parts are remembered only since some moment.

use std::process::ExitCode;

use anyhow::{Result, bail};
use belfry_domain::{Address, ClientMessageId};
use clap::Args;

use super::chat::when::{instant, moment};
use super::{Place, harmless, print};
use crate::admin::client::ask;
use crate::admin::trace::{DeviceLine, SideLine, StepLine, TraceLines, parse_id};
use crate::admin::{Answer, Request};

const HELP: &str = "\
Examples:
  belfry trace 7/42
  belfry trace --from alice@localhost 5f3a…      the id that her client gave it
  belfry trace 7/42 --json | jq .steps

Who wrote it, its places, the ticks and how far each device is come from the store. When it was told and acknowledged is
remembered in memory only, for the last admin.trace_steps steps of all messages, and not over a restart. What the
message says is never shown.";

/// Arguments of `belfry trace`.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(super) struct TraceArgs {
    /// CONVERSATION/NUMBER as clients show it, or with --from the id that the client gave it
    #[arg(value_name = "MESSAGE-ID")]
    id: String,
    /// Whose message it is, if the id is the client's
    #[arg(long, short, value_name = "NAME@DOMAIN")]
    from: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Shows where a message is.
pub(super) async fn trace(args: TraceArgs) -> Result<ExitCode> {
    // What is no id is refused before the server is asked.
    match &args.from {
        Some(from) => {
            Address::parse(from)?;
            if ClientMessageId::parse(&args.id).is_none() {
                bail!("\"{}\" is not an id that a client can give: 1 to 64 bytes without control characters", args.id);
            }
        }
        None if parse_id(&args.id).is_none() => bail!(
            "\"{}\" is not CONVERSATION/NUMBER, such as 7/42; for the id that a client gave, say whose with --from",
            args.id
        ),
        None => {}
    }
    let request = Request::Trace { id: args.id, from: args.from };
    let trace = match ask(&args.place.config()?.admin_socket(), &request).await? {
        Answer::Trace(trace) => trace,
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    };
    print(&if args.json { serde_json::to_string_pretty(&trace)? + "\n" } else { for_people(&trace) })?;
    Ok(ExitCode::SUCCESS)
}

fn for_people(trace: &TraceLines) -> String {
    let mut text = match &trace.message {
        Some(id) => format!("Message {id}\n"),
        None => "A message that was not accepted\n".to_string(),
    };
    let mut fact = |name: &str, value: &str| text.push_str(&format!("  {name:<10} {value}\n"));
    if let Some(id) = &trace.client_id {
        fact("client id", &harmless(id));
    }
    match (&trace.from, trace.device, trace.accepted_ms) {
        (Some(from), Some(device), Some(at)) => {
            fact("accepted", &format!("{}  from {from}, device {device}", instant(at)));
        }
        _ if trace.message.is_some() => fact("accepted", "by whom and when is no longer known"),
        _ => {}
    }
    if trace.message.is_some() {
        fact("kept", &kept(trace));
    }
    for other in &trace.others {
        fact("see also", &format!("{other}, sent under the same client id by another device"));
    }
    for side in &trace.sides {
        text.push('\n');
        text.push_str(&side_for_people(side));
    }
    text.push_str(&steps_for_people(trace));
    text
}

fn kept(trace: &TraceLines) -> String {
    let expires = trace.expires_ms.map(moment).unwrap_or_default();
    match trace.kept.as_deref() {
        Some("forever") => "for ever".into(),
        Some("until_delivered") => format!("until it is delivered, at the latest {expires}"),
        Some(_) => format!("until {expires}"),
        None => "no longer: its retention is over".into(),
    }
}

fn side_for_people(side: &SideLine) -> String {
    let mut heads = vec![];
    match side.wrote {
        Some(true) => heads.push("wrote it".to_string()),
        Some(false) | None => {
            heads.push(if side.delivered { "delivered ✓✓" } else { "not delivered" }.to_string());
            heads.push(if side.read { "read" } else { "not read" }.to_string());
        }
    }
    // A place is an epoch and a number within it.
    let place = side.place.map(|place| format!("place {}.{}", place >> 32, place & 0xFFFF_FFFF));
    heads.push(match (side.entry.as_str(), place) {
        ("kept", Some(place)) => place,
        ("over", Some(place)) => format!("{place}, over: delivered to what counts, or expired"),
        ("not_looked_at", _) => "its place is too far back to be looked for".to_string(),
        (_, Some(place)) => format!("was at {place}, now gone"),
        (_, None) => "no place (any more)".to_string(),
    });
    let mut text = format!("  {}   {}\n", side.address, heads.join(", "));
    if !side.there {
        text.push_str("    dropped: this account is no more\n");
    }
    for device in &side.devices {
        text.push_str(&device_for_people(side, device));
    }
    for device in &side.devices_gone {
        text.push_str(&format!("    device {device:<3} {:<20} dropped: revoked or replaced\n", ""));
    }
    text
}

fn device_for_people(side: &SideLine, device: &DeviceLine) -> String {
    let state = match (device.delivered, device.acknowledged) {
        (Some(true), _) => "has it, and gave it to its user",
        (_, Some(true)) => "has acknowledged it",
        (_, Some(false)) if side.wrote == Some(true) => "has not acknowledged its copy",
        (_, Some(false)) => "waiting: not acknowledged",
        (_, None) => "not known, since its place is not",
    };
    let link = match device.online {
        true => "connected".to_string(),
        false => format!("last seen {}", moment(device.last_seen_ms)),
    };
    let added = if device.added_after { "; added after the message" } else { "" };
    let name = harmless(&device.name);
    format!("    device {:<3} {name:<20} {state}; {link}{added}\n", device.device)
}

fn steps_for_people(trace: &TraceLines) -> String {
    let since = moment(trace.remembered_since_ms);
    let mut text = format!("\n  What happened, as far as it is remembered: since {since}.\n");
    if trace.accepted_ms.is_some_and(|accepted| accepted < trace.remembered_since_ms) {
        text.push_str("  The message is older, so its first steps are missing.\n");
    }
    if trace.steps_left_out > 0 {
        text.push_str(&format!("  {} older steps are left out.\n", trace.steps_left_out));
    }
    for step in &trace.steps {
        text.push_str(&step_for_people(step));
    }
    text
}

fn step_for_people(step: &StepLine) -> String {
    let who = match step.device {
        Some(device) => format!("{} device {device}", step.address),
        None => step.address.clone(),
    };
    let why = step.why.as_deref().unwrap_or("the client left");
    let what = match step.step.as_str() {
        "accepted" => "accepted and on the disk".to_string(),
        "stored" => "stored in the timeline".into(),
        "repeated" => "dropped: a duplicate of an earlier try, answered as that was".into(),
        "refused" => format!("dropped: refused ({why})"),
        "answered" => "told in the answer to a sync".into(),
        "told" => "told".into(),
        "unwritten" => format!("dropped: the link ended before it was written ({why}); it is told on the next one"),
        "disconnected" => format!("disconnected ({why})"),
        "cut_off" => format!("cut off ({why})"),
        other => other.to_string(),
    };
    let over = step.carrier.as_deref().map(|carrier| format!(" over {carrier}")).unwrap_or_default();
    let link = step.link.map(|link| format!(", link {link}")).unwrap_or_default();
    format!("  {}  {who:<34} {what}{over}{link}\n", instant(step.at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u32, acknowledged: bool) -> DeviceLine {
        DeviceLine {
            device: number,
            name: "Pho\u{202e}ne".into(),
            primary: true,
            online: false,
            last_seen_ms: 1_800_000_000_000,
            acknowledged: Some(acknowledged),
            delivered: Some(acknowledged),
            added_after: false,
        }
    }

    #[test]
    fn every_drop_stands_with_its_reason_and_nothing_steers_the_terminal() {
        let step = |word: &str, why: Option<&str>| StepLine {
            at_ms: 1_800_000_000_000,
            address: "bob@localhost".into(),
            device: Some(2),
            link: Some(17),
            carrier: Some("tcp+noise".into()),
            step: word.into(),
            why: why.map(str::to_owned),
        };
        let trace = TraceLines {
            message: Some("7/42".into()),
            others: vec!["7/43".into()],
            from: Some("alice@localhost".into()),
            device: Some(1),
            client_id: Some("m-\u{202e}1".into()),
            accepted_ms: Some(1_799_999_999_000),
            kept: Some("until_delivered".into()),
            expires_ms: Some(1_800_000_999_000),
            sides: vec![SideLine {
                address: "bob@localhost".into(),
                there: false,
                wrote: Some(false),
                entry: "over".into(),
                place: Some((7 << 32) + 9),
                delivered: true,
                read: false,
                devices: vec![device(2, true), device(3, false)],
                devices_gone: vec![1],
            }],
            steps: vec![
                step("told", None),
                step("unwritten", Some("superseded")),
                step("refused", Some("rate_limited")),
                step("repeated", None),
                step("cut_off", Some("revoked")),
            ],
            steps_left_out: 3,
            remembered_since_ms: 1_800_000_000_000,
        };
        let text = for_people(&trace);
        for part in [
            "Message 7/42",
            "7/43",
            "from alice@localhost, device 1",
            "until it is delivered",
            "delivered ✓✓, not read, place 7.9, over",
            "this account is no more",
            "gave it to its user",
            "waiting: not acknowledged",
            "revoked or replaced",
            "told over tcp+noise, link 17",
            "before it was written (superseded)",
            "refused (rate_limited)",
            "a duplicate of an earlier try",
            "cut off (revoked)",
            "its first steps are missing",
            "3 older steps",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(!text.contains('\u{202e}'), "{text:?}");
    }
}
