//! TLS: the certificate, which may change while the server runs, and the settings of the handshake.
//!
//! Files come in, a [`Tls`] leaves that accepts connections. Invariant: TLS 1.3 unless 1.2 was allowed, never early data,
//! and a certificate that cannot be used never takes the place of one that can.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use belfry_xmpp::EndPoint;
use parking_lot::RwLock;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256, Sha384, Sha512};
use tokio_rustls::TlsAcceptor;

use super::x509;
use crate::config::Config;
use crate::datadir::{prepare, refuse_readable_by_others, write_private};

/// The names of protocols that are spoken inside.
const ALPN: [&[u8]; 3] = [b"http/1.1", b"belfry", b"xmpp-client"];

/// Accepts TLS.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    certificate: Arc<Certificate>,
}

/// The certificate in force.
#[derive(Debug)]
struct Certificate {
    now: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.read().clone())
    }
}

/// A certificate as an operator wants to know it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Where its chain is.
    pub path: PathBuf,
    /// SHA-256 over it, as browsers show it.
    pub fingerprint: String,
    /// When it ends, in seconds since 1970.
    pub expires_unix_s: Option<i64>,
}

/// Chooses the one provider of cryptography of this process. Later calls change nothing.
pub fn install_provider() {
    // An error means that it has been chosen before.
    let _chosen = aws_lc_rs::default_provider().install_default();
}

impl Tls {
    /// Reads the certificate, or makes one.
    pub fn new(config: &Config) -> Result<(Tls, Seen)> {
        install_provider();
        let provider = CryptoProvider::get_default().context("the provider of cryptography was chosen above")?;
        let (certified, seen) = read(config)?;
        let certificate = Arc::new(Certificate { now: RwLock::new(Arc::new(certified)) });
        let versions: &[_] = if config.tls.allow_tls12 { &[&TLS13, &TLS12] } else { &[&TLS13] };
        let mut server = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(versions)
            .context("the provider of cryptography knows these versions")?
            .with_no_client_auth()
            .with_cert_resolver(certificate.clone());
        server.alpn_protocols = ALPN.iter().map(|name| name.to_vec()).collect();
        // Early data can be replayed; resumption by tickets costs the server no memory and rotates by itself.
        server.max_early_data_size = 0;
        server.ticketer = aws_lc_rs::Ticketer::new().context("no keys for session tickets")?;
        Ok((Tls { acceptor: TlsAcceptor::from(Arc::new(server)), certificate }, seen))
    }

    /// What a login binds to that goes by the certificate in force (`tls-server-end-point`); `None`: its signature has no
    /// hash of its own. RFC 5929 §4.1.
    pub fn end_point(&self) -> Option<EndPoint> {
        let now = self.certificate.now.read().clone();
        let certificate = now.cert.first()?;
        let hash = match x509::signature_hash(certificate)? {
            x509::SignatureHash::Sha256 => Sha256::digest(certificate).to_vec(),
            x509::SignatureHash::Sha384 => Sha384::digest(certificate).to_vec(),
            x509::SignatureHash::Sha512 => Sha512::digest(certificate).to_vec(),
        };
        EndPoint::new(&hash)
    }

    /// For the listener.
    pub fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Takes another certificate for new connections; on an error the one in force stays.
    pub fn reload(&self, config: &Config) -> Result<Seen> {
        let (certified, seen) = read(config)?;
        *self.certificate.now.write() = Arc::new(certified);
        Ok(seen)
    }
}

/// Reads the configured certificate, or the self-made one, which is made if it is not there.
fn read(config: &Config) -> Result<(CertifiedKey, Seen)> {
    let (cert, key) = match (&config.tls.cert, &config.tls.key) {
        (Some(cert), Some(key)) => (cert.clone(), key.clone()),
        _ => self_made(config)?,
    };
    let certified = read_pair(&cert, &key)?;
    let seen = look(&cert)?;
    Ok((certified, seen))
}

fn read_pair(cert: &Path, key: &Path) -> Result<CertifiedKey> {
    let chain = read_chain(cert)?;
    refuse_readable_by_others(key)?;
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("tls.key: {} has no private key in PEM form", key.display()))?;
    let provider = aws_lc_rs::default_provider();
    let certified = CertifiedKey::from_der(chain, private, &provider).with_context(|| {
        format!("the certificate {} and the key {} do not belong together", cert.display(), key.display())
    })?;
    Ok(certified)
}

fn read_chain(cert: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .with_context(|| format!("tls.cert: cannot read a certificate from {}", cert.display()))?;
    if chain.is_empty() {
        bail!("tls.cert: {} has no certificate in PEM form", cert.display());
    }
    Ok(chain)
}

/// What an operator wants to know of the certificate in this file.
pub fn look(cert: &Path) -> Result<Seen> {
    let chain = read_chain(cert)?;
    let first = chain.first().context("a chain has a first")?;
    let digest = Sha256::digest(first);
    let fingerprint = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    Ok(Seen { path: cert.to_path_buf(), fingerprint, expires_unix_s: x509::not_after(first) })
}

/// Where the self-made certificate and its key are.
pub fn self_made_paths(data: &Path) -> (PathBuf, PathBuf) {
    (data.join("tls/cert.pem"), data.join("tls/key.pem"))
}

/// The self-made certificate; it is kept, so that its fingerprint stays what people have trusted.
fn self_made(config: &Config) -> Result<(PathBuf, PathBuf)> {
    let (cert, key) = self_made_paths(&config.server.data);
    if cert.exists() && key.exists() {
        return Ok((cert, key));
    }
    prepare(&config.server.data)?;
    prepare(&config.server.data.join("tls"))?;
    let mut names = vec!["localhost".to_string(), "127.0.0.1".into(), "::1".into()];
    for name in std::iter::once(&config.server.domain).chain(&config.server.hosts) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let mut params = CertificateParams::new(names).context("no certificate can be made for these names")?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Belfry at {}", config.server.domain));
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2046, 1, 1);
    let pair = KeyPair::generate().context("no key could be made")?;
    let made = params.self_signed(&pair).context("no certificate could be made")?;
    write_private(&key, pair.serialize_pem().as_bytes())?;
    write_private(&cert, made.pem().as_bytes())?;
    Ok((cert, key))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn config_in(home: &Path) -> Config {
        let mut config = Config::default();
        config.server.data = home.join("data");
        config
    }

    #[test]
    fn without_a_certificate_one_is_made_and_kept() {
        let home = tempfile::tempdir().expect("a directory");
        let config = config_in(home.path());
        let (tls, first) = Tls::new(&config).expect("one is made");
        let (_, second) = Tls::new(&config).expect("it is kept");
        assert_eq!(first, second);
        assert_eq!(tls.reload(&config).expect("it is still there"), first);
        assert_eq!(first.fingerprint.len(), 32 * 3 - 1);
        assert_eq!(first.expires_unix_s, Some(2_398_377_600));
    }

    #[test]
    fn a_certificate_that_cannot_be_used_is_refused_with_its_path() {
        let home = tempfile::tempdir().expect("a directory");
        let mut config = config_in(home.path());
        let (tls, _) = Tls::new(&config).expect("one is made");
        let (cert, key) = self_made_paths(&config.server.data);
        config.tls.cert = Some(cert.clone());
        config.tls.key = Some(home.path().join("nowhere.pem"));
        assert!(format!("{:#}", tls.reload(&config).expect_err("no key")).contains("nowhere.pem"));
        let other = KeyPair::generate().expect("a key");
        let other_path = home.path().join("other.pem");
        write_private(&other_path, other.serialize_pem().as_bytes()).expect("it can be written");
        config.tls.key = Some(other_path.clone());
        assert!(format!("{:#}", tls.reload(&config).expect_err("another key")).contains("do not belong together"));
        config.tls.key = Some(key.clone());
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("its mode can be changed");
        assert!(format!("{:#}", tls.reload(&config).expect_err("open to all")).contains("chmod 600"));
    }
}
