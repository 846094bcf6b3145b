//! Devices come, are replaced, and go.

use anyhow::{Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_revoked_is_cut_off_through_every_door() -> Result<()> {
    let server = Server::start("")?;
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let address = format!("phone{number}@localhost");
        let added = server.cli(&["account", "add", &address, "--password", "correct horse"])?;
        ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let mut old = Person::companion(&server, door, &address, "correct horse").await?;
        let mut other = Person::companion(&server, Door::HttpJson, &address, "correct horse").await?;
        let list: v1::ListDevicesReply = other.ask(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await?;
        ensure!(list.devices.len() == 2, "{door:?}: {list:?}");

        let revoke = v1::RevokeDeviceRequest { device_id: old.credentials.device_id };
        let _reply: v1::RevokeDeviceReply = other.ask(operation::REVOKE_DEVICE, &revoke).await?;
        if old.link().is_some() {
            ensure!(old.cut_off().await? == "revoked", "{door:?}: another reason");
        } else {
            let code = old.refused(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await?;
            ensure!(code == "revoked", "{door:?}: {code}");
        }
        ensure!(old.reconnect().await.is_err() || old.link().is_none(), "{door:?}: it is back");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_sends_and_reads_the_others_of_the_account_see() -> Result<()> {
    let server = Server::start("")?;
    let mut bob = Person::register(&server, Door::Noise, "+4915100000002", "bob").await?;
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let address = format!("a{number}@localhost");
        ensure!(server.cli(&["account", "add", &address, "--password", "correct horse"])?.status.success());
        let mut one = Person::companion(&server, Door::Noise, &address, "correct horse").await?;
        let mut two = Person::companion(&server, door, &address, "correct horse").await?;
        let sent = one.send("bob@localhost", "m", "from one").await?;
        let seen = two
            .next(|event| match &event.item {
                Some(v1::event::Item::Message(message)) => Some(message.clone()),
                _ => None,
            })
            .await?;
        ensure!(seen.cseq == sent.cseq && seen.content.is_some_and(|c| c.text == "from one"), "{door:?}: not seen");

        bob.send(&address, &format!("m{number}"), "for you").await?;
        let got = two.next_text().await?;
        let read = v1::MarkReadRequest { conversation_id: got.conversation_id, read_cseq: got.cseq };
        let _reply: v1::MarkReadReply = two.ask(operation::MARK_READ, &read).await?;
        let mark = one
            .next(|event| match &event.item {
                Some(v1::event::Item::Mark(mark)) => Some(*mark),
                _ => None,
            })
            .await?;
        ensure!(mark.read_cseq == got.cseq, "{door:?}: {mark:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_tokens_and_pins_open_no_door() -> Result<()> {
    let server = Server::start("[connections]\nexempt = []\n")?;
    ensure!(server.cli(&["account", "add", "carol@localhost", "--password", "correct horse"])?.status.success());
    for door in Door::ALL {
        let mut stranger = Person::stranger(&server, door)?;
        stranger.connect().await?;
        let request = v1::AddDeviceRequest {
            address: format!("nobody-{door:?}@localhost"),
            password: "wrong horse".to_owned(),
            ..Default::default()
        };
        ensure!(stranger.refused(operation::ADD_DEVICE, &request).await? == "wrong_credentials", "{door:?}");
        let request = v1::SyncRequest::default();
        ensure!(stranger.refused(operation::SYNC, &request).await? == "unauthenticated", "{door:?}");
        let request =
            v1::VerifyPinRequest { phone: "+4915199999999".to_owned(), pin: "000000".to_owned(), ..Default::default() };
        ensure!(stranger.refused(operation::VERIFY_PIN, &request).await? == "pin_expired", "{door:?}");
    }
    Ok(())
}
