//! What must not be found where it does not belong.

use anyhow::{Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

#[tokio::test(flavor = "multi_thread")]
async fn texts_pins_passwords_and_keys_are_in_no_log_and_no_metric() -> Result<()> {
    let server = Server::start("[log]\nlevel = \"trace\"\n")?;
    ensure!(server.cli(&["account", "add", "carol@localhost", "--password", "canary-password"])?.status.success());
    let mut secrets = vec!["canary-text".to_owned(), "canary-password".to_owned(), "canary-wrong".to_owned()];
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let phone = format!("+491510000{number:03}");
        let mut alice = Person::register(&server, door, &phone, &format!("alice{number}")).await?;
        let own = alice.credentials.address.clone();
        alice.send(&own, "1", "canary-text").await?;
        ensure!(alice.read_all().await?.len() == 1, "{door:?}: the note to oneself");
        secrets.extend([alice.credentials.device_secret.clone(), alice.token().await?]);
        // A PIN is six digits, which may stand in a log by chance: with the words around it, it does not.
        secrets.push(format!("{} is your Belfry code", server.pin(&phone)?));
        let mut stranger = Person::stranger(&server, door)?;
        stranger.connect().await?;
        let wrong = v1::AddDeviceRequest {
            address: "carol@localhost".to_owned(),
            password: "canary-wrong".to_owned(),
            ..Default::default()
        };
        stranger.refused(operation::ADD_DEVICE, &wrong).await?;
    }
    let log = server.log();
    let metrics = String::from_utf8(belfry_testkit::http::get(server.metrics, "/metrics").await?.1)?;
    ensure!(log.lines().count() > 20, "the log is on");
    for secret in &secrets {
        ensure!(!log.contains(secret.as_str()), "a secret is in the log: {secret}");
        ensure!(!metrics.contains(secret.as_str()), "a secret is in the metrics: {secret}");
    }
    ensure!(!metrics.contains("alice"), "names are in the metrics");
    Ok(())
}
