//! Somebody in the middle, with a certificate of their own that the client trusts, who passes every byte on.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_client::Trust;
use belfry_testkit::person::certificate;
use belfry_testkit::xmpp::Stream;
use belfry_xmpp::ns;
use belfry_xmpp::xml::Element;
use hmac::{Hmac, Mac};
use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest, Sha256};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::task::TaskTracker;

use crate::people::{PASSWORD, server};

/// Which of what both ends know a login is bound to.
#[derive(Clone, Copy, Debug)]
enum Bound {
    No,
    Exporter,
    EndPoint,
}

/// Takes TLS under a certificate of its own and passes on what is inside; the certificate's SHA-256.
async fn relay(to: SocketAddr, trust: Trust) -> Result<(SocketAddr, [u8; 32])> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.self_signed(&key)?.der().clone();
    let hash = Sha256::digest(&certificate).into();
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], private)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let tasks = TaskTracker::new();
    let connections = tasks.clone();
    tasks.spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            // A client of its own each time: a session that is resumed cannot be bound to the certificate at all.
            let (acceptor, Ok(trusting)) = (acceptor.clone(), trust.config()) else { break };
            connections.spawn(async move {
                let mut near = acceptor.accept(near).await?;
                let far = TcpStream::connect(to).await?;
                let mut far = TlsConnector::from(trusting).connect(to.ip().into(), far).await?;
                copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    Ok((at, hash))
}

/// Logs in by SCRAM-SHA-256 over TLS to somebody whose certificate has this hash, and is trusted; the last answer.
async fn log_in(at: SocketAddr, certificate: [u8; 32], bound: Bound) -> Result<Element> {
    let connector = TlsConnector::from(Trust::Pinned(certificate).config()?);
    let io = connector.connect(at.ip().into(), TcpStream::connect(at).await?).await?;
    let mut exported = [0; 32];
    io.get_ref().1.export_keying_material(&mut exported, b"EXPORTER-Channel-Binding", Some(&[]))?;
    let (mechanism, header, binding) = match bound {
        Bound::No => ("SCRAM-SHA-256", "n,,", &[][..]),
        Bound::Exporter => ("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", &exported[..]),
        Bound::EndPoint => ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,", &certificate[..]),
    };

    let mut stream = Stream::over(Box::new(io));
    let features = stream.open().await?;
    ensure!(features.to_text().contains(&format!(">{mechanism}<")), "not offered: {}", features.to_text());
    let bare = "n=alice,r=fyko+d2lbbFgONRv9qkxdawL";
    let said = STANDARD.encode(format!("{header}{bare}"));
    stream.write(format!("<auth xmlns='{}' mechanism='{mechanism}'>{said}</auth>", ns::SASL).as_bytes()).await?;
    let challenge = stream.stanza().await?;
    ensure!(challenge.is(ns::SASL, "challenge"), "{bound:?}: {}", challenge.to_text());
    let first = String::from_utf8(STANDARD.decode(challenge.own_text())?)?;
    let field = |name: &str| first.split(',').find_map(|field| field.strip_prefix(name)).context("a field is missing");
    let without_proof = format!("c={},r={}", STANDARD.encode([header.as_bytes(), binding].concat()), field("r=")?);
    let message = format!("{bare},{first},{without_proof}");
    let proof = proof(PASSWORD, &STANDARD.decode(field("s=")?)?, field("i=")?.parse()?, &message);
    let said = STANDARD.encode(format!("{without_proof},p={}", STANDARD.encode(proof)));
    stream.write(format!("<response xmlns='{}'>{said}</response>", ns::SASL).as_bytes()).await?;
    stream.stanza().await
}

/// ClientProof. RFC 5802 §3.
fn proof(password: &str, salt: &[u8], rounds: u32, message: &str) -> Vec<u8> {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, rounds, &mut salted);
    let keyed = |key: &[u8], text: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(text);
        mac.finalize().into_bytes()
    };
    let client = keyed(&salted, b"Client Key");
    let signature = keyed(&Sha256::digest(client), message.as_bytes());
    client.iter().zip(signature).map(|(key, signature)| key ^ signature).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_relays_a_login_under_another_certificate_is_found_out_by_what_it_is_bound_to() -> Result<()> {
    let server = server(&["alice"])?;
    let own = certificate(&server)?;
    let (relay, relays) = relay(server.address, Trust::Pinned(own)).await?;
    for bound in [Bound::No, Bound::Exporter, Bound::EndPoint] {
        let answer = log_in(server.address, own, bound).await?;
        ensure!(answer.is(ns::SASL, "success"), "{bound:?}: {}", answer.to_text());
    }
    for bound in [Bound::Exporter, Bound::EndPoint] {
        let answer = log_in(relay, relays, bound).await?;
        ensure!(answer.find(ns::SASL, "not-authorized").is_some(), "{bound:?}: {}", answer.to_text());
    }
    // What is not bound goes through, which is what binding is for.
    let answer = log_in(relay, relays, Bound::No).await?;
    ensure!(answer.is(ns::SASL, "success"), "{}", answer.to_text());
    Ok(())
}
