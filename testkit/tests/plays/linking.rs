//! Devices join by a code, and see what their account does.

use anyhow::{Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_linked_through_every_door() -> Result<()> {
    let server = Server::start("")?;
    let mut phone = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    for door in Door::ALL {
        let mut new = Person::linked(&server, door, &mut phone, "Laptop").await?;
        let list: v1::ListDevicesReply = new.ask(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await?;
        let this = list.devices.iter().find(|device| device.current);
        ensure!(
            this.is_some_and(|device| device.name == "Laptop"
                && device.platform == format!("{door:?}")
                && !device.primary),
            "{door:?}: {list:?}"
        );
        let revoke = v1::RevokeDeviceRequest { device_id: new.credentials.device_id };
        let _reply: v1::RevokeDeviceReply = phone.ask(operation::REVOKE_DEVICE, &revoke).await?;
        if new.link().is_some() {
            ensure!(new.cut_off().await? == "revoked", "{door:?}: another reason");
        } else {
            ensure!(new.refused(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await? == "revoked", "{door:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_devices_of_an_account_have_what_one_of_them_sends_and_reads() -> Result<()> {
    let server = Server::start("")?;
    let mut bob = Person::register(&server, Door::Tls, "+4915100000002", "bob").await?;
    let mut phone = Person::register(&server, Door::Noise, "+4915100000001", "alice").await?;
    let browser = Person::linked(&server, Door::WebSocket, &mut phone, "Browser").await?;
    let script = Person::linked(&server, Door::HttpJson, &mut phone, "Script").await?;
    let mut devices = [phone, browser, script];
    for sender in 0..devices.len() {
        let text = format!("from device {sender}");
        let sent = devices[sender].send("bob@localhost", "m", &text).await?;
        bob.send("alice@localhost", &format!("m{sender}"), &format!("to device {sender}")).await?;
        let mut last = 0;
        for (number, device) in devices.iter_mut().enumerate() {
            if number != sender {
                let own = device
                    .next(|event| match &event.item {
                        Some(v1::event::Item::Message(message)) if message.from == "alice@localhost" => {
                            Some(message.clone())
                        }
                        _ => None,
                    })
                    .await?;
                let said = own.content.map(|content| content.text);
                ensure!(own.cseq == sent.cseq && said.as_ref() == Some(&text), "device {number}: {said:?}");
            }
            let got = device.next_text().await?;
            ensure!(got.content.is_some_and(|c| c.text == format!("to device {sender}")), "device {number}");
            last = got.cseq;
        }
        let read = v1::MarkReadRequest { conversation_id: sent.conversation_id, read_cseq: last };
        let _reply: v1::MarkReadReply = devices[sender].ask(operation::MARK_READ, &read).await?;
        for (number, device) in devices.iter_mut().enumerate() {
            let mark = device
                .next(|event| match &event.item {
                    Some(v1::event::Item::Mark(mark)) => Some(*mark),
                    _ => None,
                })
                .await?;
            ensure!(mark.read_cseq == last, "device {number}: {mark:?}");
        }
        bob.next_receipt(last, last).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_lists_and_removes_devices() -> Result<()> {
    let server = Server::start("")?;
    let mut phone = Person::register(&server, Door::Bare, "+4915100000001", "alice").await?;
    let mut laptop = Person::linked(&server, Door::WebSocket, &mut phone, "Laptop").await?;
    let listed = server.cli(&["account", "devices", "alice@localhost", "--json"])?;
    let text = String::from_utf8(listed.stdout)?;
    let rows: Vec<serde_json::Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(rows.len() == 2 && rows[1]["name"] == "Laptop" && rows[1]["online"] == true, "{text}");
    ensure!(rows[0]["primary"] == true && rows[1]["primary"] == false, "{text}");
    let number = laptop.credentials.device_id.to_string();
    ensure!(server.cli(&["account", "revoke", "alice@localhost", &number])?.status.success(), "not removed");
    ensure!(laptop.cut_off().await? == "revoked", "another reason");
    let again = server.cli(&["account", "revoke", "alice@localhost", &number])?;
    ensure!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("no such device"), "{again:?}");
    Ok(())
}
