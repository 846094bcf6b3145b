//! The way into the chat: which account or guest this is, its password or PIN, and errors that say what to do.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use belfry_client::{
    Client, ClientConfig, ClientError, ClientEvent, Events, LinkError, LobbyNews, ServerAddress, StoreError, Trust, v1,
};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use super::ChatArgs;
use super::place::Place;
use crate::exit::{Exit, Fail};

/// Longer than a login takes, shorter than a person waits without a word.
const CONNECT_WAIT: Duration = Duration::from_secs(20);

/// A chat that can begin.
pub(super) struct Started {
    pub(super) client: Client,
    pub(super) events: Events,
    /// The account's address, or the guest's name.
    pub(super) me: String,
    pub(super) guest: bool,
    /// To whom to write first; `None`: the lobby.
    pub(super) to: Option<String>,
    /// What the lobby had when a guest came in.
    pub(super) lobby: Option<LobbyNews>,
    pub(super) place: Place,
}

/// Finds out who this is and starts the client.
pub(super) async fn start(args: &ChatArgs, interactive: bool) -> Result<Started> {
    let place = Place::open(args.data.as_deref())?;
    if let Some(phone) = &args.register {
        return register(args, place, phone, interactive).await;
    }
    if let Some(invitation) = &args.invite {
        return by_invitation(args, place, invitation, interactive).await;
    }
    if args.link {
        return by_code(args, place).await;
    }
    if let Some(address) = &args.account {
        return as_account(args, place, address, interactive).await;
    }
    let accounts = if args.guest { Vec::new() } else { place.accounts()? };
    match accounts.as_slice() {
        [] => as_guest(args, place, interactive).await,
        [(address, _)] => as_account(args, place, address, interactive).await,
        several => {
            let list: Vec<&str> = several.iter().map(|(address, _)| address.as_str()).collect();
            bail!("there are several accounts on this device, choose one with --as: {}", list.join(", "))
        }
    }
}

async fn as_account(args: &ChatArgs, place: Place, address: &str, interactive: bool) -> Result<Started> {
    let file = place.of_account(address)?;
    let (client, events) = open(args, Some(file.clone())).await?;
    if client.account().await?.is_none() {
        let password = match args.password_stdin {
            true => first_line()?,
            false if interactive => ask_secret(&format!("Password of {address}: "))?,
            false => bail!("this device does not belong to {address} yet: give the password with --password-stdin"),
        };
        let added = client.add_device(address, &password, &device_name()).await;
        added.map_err(|error| explain(error, &args.server))?;
        place.list(address, &file)?;
    }
    begin(args, client, events, place).await
}

async fn register(args: &ChatArgs, place: Place, phone: &str, interactive: bool) -> Result<Started> {
    if !interactive && io::stdin().is_terminal() {
        bail!("the PIN is asked for on a terminal: run this without a pipe");
    }
    let file = place.file(phone);
    let (client, events) = open(args, Some(file.clone())).await?;
    if client.account().await?.is_none() {
        let sent = client.request_pin(phone).await.map_err(|error| explain(error, &args.server))?;
        loop {
            let pin = ask(&format!("The PIN of {} digits that was sent to {phone}: ", sent.digits))?;
            let request = v1::VerifyPinRequest {
                phone: phone.to_owned(),
                pin,
                name: args.name.clone().unwrap_or_default(),
                device_name: device_name(),
                display_name: String::new(),
            };
            match client.verify_pin(request).await {
                Ok(account) => {
                    eprintln!("You are {} now.", account.address);
                    place.list(&account.address, &file)?;
                    break;
                }
                Err(ClientError::Refused(refusal)) if refusal.code == "pin_wrong" => eprintln!("{}", refusal.message),
                Err(error) => return Err(explain(error, &args.server)),
            }
        }
    }
    begin(args, client, events, place).await
}

async fn by_code(args: &ChatArgs, place: Place) -> Result<Started> {
    let file = place.unlisted("link")?;
    let (client, events) = open(args, Some(file.clone())).await?;
    let address = super::link::join(&client, &device_name()).await.map_err(|error| match error.downcast() {
        Ok(error) => explain(error, &args.server),
        Err(other) => other,
    })?;
    place.list(&address, &file)?;
    begin(args, client, events, place).await
}

async fn by_invitation(args: &ChatArgs, place: Place, invitation: &str, interactive: bool) -> Result<Started> {
    let file = place.unlisted("invited")?;
    let (client, events) = open(args, Some(file.clone())).await?;
    let seen = client.look_at_invite(invitation).await.map_err(|error| explain(error, &args.server))?;
    let who = if seen.display_name.is_empty() {
        seen.address.clone()
    } else {
        format!("{} <{}>", seen.display_name, seen.address)
    };
    if seen.kind() != v1::InviteKind::SignUp {
        bail!("{who} invites people who have an account: log in with --as NAME@DOMAIN and type /join {invitation}");
    }
    eprintln!("{who} invites you.");
    let mut name = match &args.name {
        Some(name) => name.clone(),
        None if interactive => ask("The name of your account, the part before the @: ")?,
        None => bail!("choose the name of the account with --name"),
    };
    let password = match args.password_stdin {
        true => first_line()?,
        false if interactive => new_password()?,
        false => bail!("give the account's password with --password-stdin"),
    };
    loop {
        let request = v1::SignUpRequest {
            token: invitation.to_owned(),
            name: name.clone(),
            password: password.clone(),
            display_name: String::new(),
            device_name: device_name(),
        };
        match client.sign_up(request).await {
            Ok(account) => {
                eprintln!("You are {} now.", account.address);
                place.list(&account.address, &file)?;
                return begin(args, client, events, place).await;
            }
            Err(ClientError::Refused(refusal)) if interactive && refusal.code == "name_taken" => {
                eprintln!("{}", refusal.message);
                name = ask("Another name: ")?;
            }
            Err(error) => return Err(explain(error, &args.server)),
        }
    }
}

/// Asks for a password twice, until both are the same.
fn new_password() -> Result<String> {
    loop {
        let password = ask_secret("A password of 8 characters or more: ")?;
        if password == ask_secret("The same once more: ")? {
            return Ok(password);
        }
        eprintln!("The two are not the same.");
    }
}

async fn begin(args: &ChatArgs, client: Client, events: Events, place: Place) -> Result<Started> {
    let account = client.account().await?.context("the account is gone")?;
    Ok(Started { client, events, me: account.address, guest: false, to: args.to.clone(), lobby: None, place })
}

async fn as_guest(args: &ChatArgs, place: Place, interactive: bool) -> Result<Started> {
    if let Some(to) = &args.to {
        bail!("a guest cannot write to {to}: log in with --as NAME@DOMAIN");
    }
    let mut name = match &args.name {
        Some(name) => name.clone(),
        None if interactive => ask("Your name in the lobby: ")?,
        None => bail!("choose a name with --name"),
    };
    // Two guests on one machine are two people: the second does without the store, which keeps the server's key only.
    let (client, mut events) = match open(args, Some(place.file("guest"))).await {
        Err(error) if matches!(error.downcast_ref(), Some(ClientError::Store(StoreError::InUse(_)))) => {
            open(args, None).await?
        }
        opened => opened?,
    };
    loop {
        let joined = tokio::select! {
            joined = client.lobby_join(Some(&name)) => joined,
            error = cannot_connect(&mut events, &args.server) => return Err(error),
            () = tokio::time::sleep(CONNECT_WAIT) => return Err(unreachable(&args.server, "no answer")),
        };
        match joined {
            Ok(lobby) => {
                let lobby = Some(lobby);
                return Ok(Started { client, events, me: name, guest: true, to: None, lobby, place });
            }
            Err(ClientError::Refused(refusal))
                if interactive && matches!(refusal.code.as_str(), "name_taken" | "bad_request") =>
            {
                eprintln!("{}", refusal.message);
                name = ask("Another name: ")?;
            }
            Err(error) => return Err(explain(error, &args.server)),
        }
    }
}

/// Waits for the first sign that there is no server.
async fn cannot_connect(events: &mut Events, servers: &[ServerAddress]) -> anyhow::Error {
    loop {
        match events.next().await {
            Some(ClientEvent::Disconnected { reason, refused: true, .. }) => {
                let why = reason.rsplit_once(": ").map_or(reason.as_str(), |(_, why)| why);
                return unreachable(servers, why);
            }
            Some(ClientEvent::Disconnected { reason, .. }) => return unreachable(servers, &reason),
            Some(ClientEvent::Ended(end)) => return ended(&end),
            Some(_) => {}
            None => return ClientError::Stopped.into(),
        }
    }
}

async fn open(args: &ChatArgs, file: Option<PathBuf>) -> Result<(Client, Events)> {
    let mut config = ClientConfig::new(args.server.clone());
    config.client = concat!("belfry chat ", env!("CARGO_PKG_VERSION")).to_owned();
    config.trust = args.certificate.as_deref().map(fingerprint).transpose()?.map(Trust::Pinned);
    if let Some(file) = file {
        config = config.with_store(file);
    }
    let (client, events) = Client::open(config).await?;
    if args.trust_new_key {
        client.forget_server_keys().await?;
        client.try_now();
    }
    Ok((client, events))
}

fn fingerprint(text: &str) -> Result<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).context("--certificate wants 64 hexadecimal digits")
}

/// An error as a person needs it.
fn explain(error: ClientError, servers: &[ServerAddress]) -> anyhow::Error {
    match error {
        ClientError::Link(LinkError::Unreachable { reason, .. }) => unreachable(servers, &reason),
        ClientError::Link(LinkError::ServerKeyChanged { known, shown }) => {
            ended(&belfry_client::End::ServerKeyChanged { known, shown })
        }
        other => other.into(),
    }
}

fn unreachable(servers: &[ServerAddress], reason: &str) -> anyhow::Error {
    let list: Vec<String> = servers.iter().map(ServerAddress::authority).collect();
    let hint = if servers.iter().any(ServerAddress::is_loopback) {
        "Start one with `belfry serve`, or name another with --server HOST:PORT."
    } else {
        "Name another with --server HOST:PORT."
    };
    Fail::new(Exit::Unavailable, format!("no server answers at {} ({reason}). {hint}", list.join(" or "))).into()
}

/// The end, as a sentence.
pub(super) fn ended(end: &belfry_client::End) -> anyhow::Error {
    use belfry_client::End;
    let text = match end {
        End::Replaced => "this account was registered on a new phone: this device is cut off".to_owned(),
        End::Revoked => "this device was removed from its account".to_owned(),
        End::Superseded => "the same device is connected from elsewhere".to_owned(),
        End::LoggedOut => "logged out".to_owned(),
        End::Refused(why) => format!("the server does not want this device: {why}"),
        End::ServerKeyChanged { known, shown } => format!(
            "the server's key has changed. Known is {known}, it shows {shown}. Either it was set up anew, or somebody \
             is in between. If its administrator says it is right, start once with --trust-new-key."
        ),
        End::Store(why) => why.clone(),
    };
    anyhow::anyhow!(text)
}

fn device_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    if host.is_empty() { "terminal".to_owned() } else { format!("terminal on {host}") }
}

fn first_line() -> Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn ask(question: &str) -> Result<String> {
    eprint!("{question}");
    io::stderr().flush()?;
    let line = first_line()?;
    let line = line.trim();
    if line.is_empty() { bail!("nothing was typed") } else { Ok(line.to_owned()) }
}

/// Asks without showing what is typed.
fn ask_secret(question: &str) -> Result<String> {
    eprint!("{question}");
    io::stderr().flush()?;
    crossterm::terminal::enable_raw_mode()?;
    let typed = read_secret();
    crossterm::terminal::disable_raw_mode()?;
    eprintln!();
    typed
}

fn read_secret() -> Result<String> {
    let mut secret = String::new();
    loop {
        let Event::Key(key) = crossterm::event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(secret),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => bail!("no password was given"),
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => secret.clear(),
            KeyCode::Char(c) => secret.push(c),
            KeyCode::Backspace => drop(secret.pop()),
            _ => {}
        }
    }
}
