//! Linking in the chat: showing a code by which this device joins an account, and letting another one join.
//!
//! A client without an account comes in and leaves as a device of one; on the other side a code comes in and the words
//! about the device that asks leave. Invariant: a device joins only after its owner was shown which one it is.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use belfry_client::{Client, ClientError, LinkProgress, Linking};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use tokio::time::Instant;

use super::act::Outcome;
use super::command::Line;

/// How long fresh codes are shown before the person is taken to have gone.
const SHOWN_FOR: Duration = Duration::from_secs(5 * 60);

/// Shows codes until one is read and answered; the address of the account that this device belongs to now.
pub(super) async fn join(client: &Client, device_name: &str) -> Result<String> {
    let until = Instant::now() + SHOWN_FOR;
    while Instant::now() < until {
        let mut linking = client.link_begin(device_name, std::env::consts::OS).await?;
        show(&linking)?;
        if let Some(address) = answered(client, &mut linking).await? {
            return Ok(address);
        }
        eprintln!("The code has expired.");
    }
    bail!("nobody has read a code in {} minutes", SHOWN_FOR.as_secs() / 60)
}

/// Waits for the owner's answer; `None`: the code has expired.
async fn answered(client: &Client, linking: &mut Linking) -> Result<Option<String>> {
    loop {
        match client.link_wait(linking).await? {
            LinkProgress::Scanned(address) => eprintln!("{address} has read the code; confirm it there."),
            LinkProgress::Joined(account) => {
                eprintln!("This device belongs to {} now.", account.address);
                return Ok(Some(account.address));
            }
            LinkProgress::Refused => bail!("the owner of the account has refused this device"),
            LinkProgress::Expired => return Ok(None),
        }
    }
}

fn show(linking: &Linking) -> Result<()> {
    print(&picture(&linking.payload)?);
    eprintln!("Read this code with the account's phone, or type there within {} s:", linking.expires_in().as_secs());
    eprintln!("  /link {}", linking.payload);
    Ok(())
}

/// Prints a code that was drawn, dark on light whatever the terminal's colours are.
pub(super) fn print(picture: &str) {
    let (before, after) = if std::io::stderr().is_terminal() { ("\x1b[30;107m", "\x1b[0m") } else { ("", "") };
    for line in picture.lines() {
        eprintln!("{before}{line}{after}");
    }
}

/// The code as text: two rows of squares in one line, dark ones drawn.
pub(in crate::cli) fn picture(payload: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(payload, EcLevel::L).context("the code is too long to be drawn")?;
    Ok(code.render::<Dense1x2>().quiet_zone(true).build())
}

/// Reads a code, or answers the one that was read last.
pub(super) async fn answer(
    client: &Client,
    asked: &mut Option<String>,
    line: Line,
) -> Result<Vec<Outcome>, ClientError> {
    let accept = match line {
        Line::Link(payload) => {
            let seen = client.link_scan(&payload).await?;
            let on = if seen.platform.is_empty() { String::new() } else { format!(" on {}", seen.platform) };
            let which = format!("\"{}\"{on} asks to join, from {} ({}).", seen.device_name, seen.network, seen.carrier);
            let what = format!("Type /accept within {} s if it is yours, else /refuse.", seen.expires_in_ms / 1_000);
            *asked = Some(seen.link_id);
            return Ok(vec![Outcome::Note(vec![which, what])]);
        }
        Line::Answer(accept) => accept,
        _ => return Ok(Vec::new()),
    };
    let Some(link_id) = asked.as_ref() else {
        return Ok(vec![Outcome::Trouble("no device has asked: read its code with /link first".to_owned())]);
    };
    let device = client.link_confirm(link_id, accept).await?;
    *asked = None;
    let note = if accept { format!("it is device {device} of the account now") } else { "it was refused".to_owned() };
    Ok(vec![Outcome::Note(vec![note])])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_small_enough_for_a_terminal() {
        let key = "0".repeat(64);
        let payload = format!("belfry://link?v=1&id={}&server=chat.example.org&key={key}", "f".repeat(32));
        let picture = picture(&payload).expect("it fits");
        let (width, height) = (picture.lines().map(|line| line.chars().count()).max(), picture.lines().count());
        assert!(width <= Some(79) && height <= 40, "{width:?} by {height}");
        assert!(picture.contains('█') && picture.contains('▀') && picture.contains('▄'));
    }
}
