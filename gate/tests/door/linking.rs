//! Linking a device over frames: the code, the wait, the credentials, and the login on the same link.

use std::time::Duration;

use belfry_wire::noise::StaticKey;
use belfry_wire::{Channel, Framing, operation, v1};
use sha2::{Digest, Sha256};

use crate::world::{Client, World};

fn begin() -> v1::LinkBeginRequest {
    v1::LinkBeginRequest { device_name: "Laptop".into(), platform: "Linux".into() }
}

async fn wait(
    client: &mut Client,
    code: &v1::LinkBeginReply,
    known: v1::LinkState,
) -> Result<v1::LinkWaitReply, v1::Error> {
    let request = v1::LinkWaitRequest {
        link_id: code.link_id.clone(),
        secret: code.secret.clone(),
        known_state: known.into(),
        wait_ms: 90_000,
    };
    client.ask(operation::LINK_WAIT, &request).await
}

#[tokio::test(start_paused = true)]
async fn a_device_under_noise_is_linked_and_logs_in_on_the_link_it_waited_on() {
    let world = World::new();
    let (mut phone, _) = world.member("+4915100000001", "alice").await;
    let key = StaticKey::new([0x21; 32]);
    let mut new = world.open(Channel::NoiseIk, Framing::Sync, Some(&key)).await;
    let code: v1::LinkBeginReply = new.ask(operation::LINK_BEGIN, &begin()).await.expect("a code");
    let hash: String = Sha256::digest(key.public()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(code.payload.ends_with(&format!("&key={hash}")), "{}", code.payload);

    // Longer than a link without a login lives otherwise.
    let scan = v1::LinkScanRequest { payload: code.payload.clone() };
    let (told, seen) = tokio::join!(wait(&mut new, &code, v1::LinkState::Waiting), async {
        tokio::time::sleep(Duration::from_secs(50)).await;
        phone.ask::<_, v1::LinkScanReply>(operation::LINK_SCAN, &scan).await.expect("the code is good")
    });
    let told = told.expect("told");
    assert_eq!((told.state(), told.address.as_str()), (v1::LinkState::Scanned, "alice@localhost"));
    assert_eq!(
        (seen.device_name.as_str(), seen.platform.as_str(), seen.network.as_str()),
        ("Laptop", "Linux", "this machine")
    );

    let confirm = v1::LinkConfirmRequest { link_id: code.link_id.clone(), accept: true };
    let (told, confirmed) = tokio::join!(wait(&mut new, &code, v1::LinkState::Scanned), async {
        tokio::time::sleep(Duration::from_secs(50)).await;
        phone.ask::<_, v1::LinkConfirmReply>(operation::LINK_CONFIRM, &confirm).await.expect("it may join")
    });
    let credentials = told.expect("told").credentials.expect("credentials");
    assert_eq!((credentials.device_id, credentials.primary), (confirmed.device_id, false));

    let login = new.login("").await.expect("the key is the device's");
    assert_eq!((login.address.as_str(), login.device_id), ("alice@localhost", credentials.device_id));
    let list: v1::ListDevicesReply =
        new.ask(operation::LIST_DEVICES, &v1::ListDevicesRequest {}).await.expect("a list");
    assert_eq!(list.devices.iter().map(|d| (d.online, d.current)).collect::<Vec<_>>(), [(true, false), (true, true)]);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_only_asks_for_a_code_ends_like_any_that_does_not_log_in() {
    let world = World::new();
    let mut new = world.bare().await;
    let code: v1::LinkBeginReply = new.ask(operation::LINK_BEGIN, &begin()).await.expect("a code");
    assert!(!code.payload.contains("key="), "there is no key to show");
    let told = wait(&mut new, &code, v1::LinkState::Waiting).await.expect("told");
    assert_eq!(told.state(), v1::LinkState::Expired);
    let before = tokio::time::Instant::now();
    assert_eq!(new.sent_away().await.code, "idle");
    assert_eq!(before.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_subscribed_link_is_told_of_changed_devices_and_a_removed_one_is_sent_away() {
    let world = World::new();
    let (mut phone, _) = world.member("+4915100000001", "alice").await;
    phone.sync(None, true).await;
    let mut new = world.bare().await;
    let code: v1::LinkBeginReply = new.ask(operation::LINK_BEGIN, &begin()).await.expect("a code");
    let scan = v1::LinkScanRequest { payload: code.payload.clone() };
    let _seen: v1::LinkScanReply = phone.ask(operation::LINK_SCAN, &scan).await.expect("the code is good");
    let confirm = v1::LinkConfirmRequest { link_id: code.link_id.clone(), accept: true };
    let joined: v1::LinkConfirmReply = phone.ask(operation::LINK_CONFIRM, &confirm).await.expect("it may join");
    let told = phone.told.pop();
    let told = match told {
        Some(told) => told,
        None => phone.frame().await.expect("told"),
    };
    assert_eq!((told.operation, told.seq_id), (operation::DEVICES_CHANGED, 0));

    let credentials =
        wait(&mut new, &code, v1::LinkState::Scanned).await.expect("told").credentials.expect("credentials");
    new.login(&credentials.token).await.expect("logged in");
    let rename = v1::RenameDeviceRequest { device_id: joined.device_id, name: "Kitchen".into() };
    let _: v1::RenameDeviceReply = new.ask(operation::RENAME_DEVICE, &rename).await.expect("renames itself");
    let revoke = v1::RevokeDeviceRequest { device_id: joined.device_id };
    let _: v1::RevokeDeviceReply = phone.ask(operation::REVOKE_DEVICE, &revoke).await.expect("removed");
    assert_eq!(new.sent_away().await.code, "revoked");
}
