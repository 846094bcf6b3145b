//! `belfry invite`: makes a link by which people without a phone number make an account, or become contacts of one.
//!
//! Asks the running server and prints the link, the URI for XMPP clients and, at a terminal, the link's QR code. Invariant: the link is printed and kept
//! nowhere; the server itself has only its hash.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Result, bail};
use belfry_domain::Address;
use clap::Args;

use super::chat::picture;
use super::{Place, print};
use crate::admin::client::ask;
use crate::admin::{Answer, Request};
use crate::config::units::Span;

/// Arguments of `belfry invite`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  belfry invite alice@localhost --uses 5 --valid \"2 d\"\n\nWhoever opens the link can make an account with a name and a password, and is a contact of the inviting account then. Who may give such links besides this command is the setting contacts.sign_up_invites."
)]
pub(super) struct InviteArgs {
    /// NAME@DOMAIN of the account that invites
    address: String,
    /// Bring contacts only: people who have an account here already
    #[arg(long)]
    contact: bool,
    /// How often the link can be used, up to 100
    #[arg(long, value_name = "N", default_value_t = 1)]
    uses: u32,
    /// How long the link is good, up to 90 days
    #[arg(long, value_name = "TIME", default_value = "7 d")]
    valid: Span,
    /// Print JSON instead of sentences
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Makes an invitation.
pub(super) async fn invite(args: InviteArgs) -> Result<ExitCode> {
    if args.uses == 0 || args.valid.0 == 0 {
        bail!("a link that is good for nothing helps nobody: say at least one use and some time");
    }
    let address = Address::parse(&args.address)?.to_string();
    let request = Request::Invite { address, sign_up: !args.contact, uses: args.uses, good_ms: args.valid.0 };
    let answer = ask(&args.place.config()?.admin_socket(), &request).await?;
    let (link, xmpp, uses, expires_ms) = match answer {
        Answer::Invited { link, xmpp, uses, expires_ms } => (link.0, xmpp.map(|uri| uri.0), uses, expires_ms),
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    };
    if args.json {
        let line = serde_json::json!({ "link": link, "xmpp": xmpp, "uses": uses, "expires_ms": expires_ms });
        print(&format!("{line}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    if std::io::stdout().is_terminal() {
        picture(&link)?.lines().for_each(|line| text.push_str(&format!("\x1b[30;107m{line}\x1b[0m\n")));
    }
    text.push_str(&format!("{link}\n"));
    let until = jiff::Timestamp::from_millisecond(expires_ms.cast_signed())?;
    let times = if uses == 1 { "once".to_owned() } else { format!("{uses} times") };
    if let Some(uri) = xmpp {
        eprintln!("For an XMPP client: {uri}");
    }
    eprintln!("Good {times}, until {until:.0}. Whoever has the link can use it.");
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
