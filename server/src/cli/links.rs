//! `belfry links`: who is connected to the running server, through its admin socket.
//!
//! Pages of open links come in; lines for people or JSON for programs leave. Invariant: a page is printed before the next
//! is asked for, so memory does not depend on how many are connected.

use std::process::ExitCode;

use anyhow::{Result, bail};
use belfry_domain::Address;
use clap::Args;

use super::chat::when::moment;
use super::{Place, harmless, print};
use crate::admin::client::ask;
use crate::admin::links::LinkLine;
use crate::admin::{Answer, Request};

/// Arguments of `belfry links`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  belfry links\n  belfry links --account alice@localhost\n  belfry links --json | jq -r .from\n\nShown are links of devices, held polls among them; guests of the lobby have no account and are not."
)]
pub(super) struct LinksArgs {
    /// Only those of this account
    #[arg(long, short, value_name = "NAME@DOMAIN")]
    account: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Lists who is connected.
pub(super) async fn links(args: LinksArgs) -> Result<ExitCode> {
    // What is no address is refused before the server is asked.
    let account = args.account.as_deref().map(Address::parse).transpose()?.map(|address| address.to_string());
    let socket = args.place.config()?.admin_socket();
    let (mut after, mut count) = (0, 0);
    loop {
        let (links, more_after) = match ask(&socket, &Request::Links { account: account.clone(), after }).await? {
            Answer::Links { links, more_after } => (links, more_after),
            Answer::Refused { message, .. } => bail!("{message}"),
            _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
        };
        let mut page = String::new();
        if count == 0 && !args.json && !links.is_empty() {
            page.push_str(&row(["LINK", "SINCE", "CARRIER", "FROM", "DEVICE", "ACCOUNT"]));
        }
        for link in &links {
            page.push_str(&if args.json { serde_json::to_string(link)? + "\n" } else { line(link) });
        }
        count += links.len();
        print(&page)?;
        match more_after {
            Some(next) if next > after => after = next,
            _ => break,
        }
    }
    if !args.json {
        print(&match count {
            0 => "Nobody is connected.\n".to_string(),
            1 => "1 link.\n".to_string(),
            count => format!("{count} links.\n"),
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A link for people.
fn line(link: &LinkLine) -> String {
    let device = match link.device_name.as_str() {
        "" => format!("{}", link.device),
        name => format!("{} {}", link.device, harmless(name)),
    };
    row([&link.link.to_string(), &moment(link.since_ms), &link.carrier, &link.from, &device, &link.address])
}

fn row([number, since, carrier, from, device, account]: [&str; 6]) -> String {
    format!("{number:>7}  {since:<19}  {carrier:<9}  {from:<21}  {device:<20}  {account}\n")
}
