//! The PROXY protocol, versions 1 and 2: whom a load balancer speaks for.
//!
//! The beginning of a connection from a trusted load balancer comes in, the client's address leaves. Invariant: exactly
//! the header is taken from the connection, and at most [`HEADER_BYTES_MAX`] of it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};

/// A header of version 2 may carry as many extensions as fit here; real ones have some dozens of bytes.
const HEADER_BYTES_MAX: usize = 4096;

/// The longest line of version 1.
const LINE_BYTES_MAX: usize = 107;

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Reads the header. `None`: the balancer speaks for itself (a health check).
pub async fn read_header(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    // Both versions have at least 12 bytes, so this never takes too much.
    let mut start = [0; 12];
    io.read_exact(&mut start).await?;
    if start == SIGNATURE { read_v2(io).await } else { read_v1(io, &start).await }
}

async fn read_v2(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut head = [0; 4];
    io.read_exact(&mut head).await?;
    let [version_command, family, length_high, length_low] = head;
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    if version_command >> 4 != 2 || length > HEADER_BYTES_MAX {
        return Err(bad("a PROXY header of another version, or one that is too long"));
    }
    let mut rest = vec![0; length];
    io.read_exact(&mut rest).await?;
    match (version_command & 0x0F, family >> 4) {
        (0, _) | (1, 0) => Ok(None),
        // Source and destination address, source and destination port.
        (1, 1) => Ok(Some(SocketAddr::new(Ipv4Addr::from(at::<4>(&rest, 0)?).into(), port(&rest, 8)?))),
        (1, 2) => Ok(Some(SocketAddr::new(Ipv6Addr::from(at::<16>(&rest, 0)?).to_canonical(), port(&rest, 32)?))),
        _ => Err(bad("a PROXY header with a command or family that is none")),
    }
}

fn at<const N: usize>(bytes: &[u8], offset: usize) -> io::Result<[u8; N]> {
    let found = bytes.get(offset..).and_then(|rest| rest.first_chunk().copied());
    found.ok_or_else(|| bad("a PROXY header without its address"))
}

fn port(bytes: &[u8], offset: usize) -> io::Result<u16> {
    at(bytes, offset).map(u16::from_be_bytes)
}

async fn read_v1(io: &mut (impl AsyncRead + Unpin), start: &[u8]) -> io::Result<Option<SocketAddr>> {
    let mut line = start.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE_BYTES_MAX || !line.starts_with(b"PROXY ") {
            return Err(bad("no PROXY header, though the address is one of server.proxies"));
        }
        line.push(io.read_u8().await?);
    }
    let text = std::str::from_utf8(&line).map_err(|_| bad("a PROXY line that is not text"))?;
    let words: Vec<&str> = text.trim_end().split(' ').collect();
    match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => Ok(None),
        ["PROXY", "TCP4" | "TCP6", source, _, port, _] => {
            let ip: IpAddr = source.parse().map_err(|_| bad("a PROXY line without an address"))?;
            let port = port.parse().map_err(|_| bad("a PROXY line without a port"))?;
            Ok(Some(SocketAddr::new(ip.to_canonical(), port)))
        }
        _ => Err(bad("a PROXY line that is none")),
    }
}

fn bad(text: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> (io::Result<Option<SocketAddr>>, Vec<u8>) {
        let mut rest = bytes;
        let outcome = read_header(&mut rest).await;
        (outcome, rest.to_vec())
    }

    fn v2(version_command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("a short body").to_be_bytes();
        [&SIGNATURE[..], &[version_command, family], &length, body, b"next"].concat()
    }

    #[tokio::test]
    async fn the_client_of_a_line_is_found_and_what_follows_stays() {
        let (ip, rest) = read(b"PROXY TCP4 192.0.2.7 10.0.0.1 5000 443\r\nnext").await;
        assert_eq!(ip.expect("a header"), Some(([192, 0, 2, 7], 5000).into()));
        assert_eq!(rest, b"next");
        let (ip, _) = read(b"PROXY TCP6 2001:db8::7 ::1 5000 443\r\n").await;
        assert_eq!(ip.expect("a header"), "[2001:db8::7]:5000".parse().ok());
        assert_eq!(read(b"PROXY UNKNOWN\r\nnext").await.0.expect("a header"), None);
    }

    #[tokio::test]
    async fn the_client_of_a_binary_header_is_found_and_what_follows_stays() {
        let (ip, rest) = read(&v2(0x21, 0x11, &[192, 0, 2, 7, 10, 0, 0, 1, 1, 2, 3, 4, 9, 9])).await;
        assert_eq!(ip.expect("a header"), Some(([192, 0, 2, 7], 258).into()));
        assert_eq!(rest, b"next");
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 7];
        let (ip, _) = read(&v2(0x21, 0x21, &[&mapped[..], &[0; 20]].concat())).await;
        assert_eq!(ip.expect("a header"), Some(([192, 0, 2, 7], 0).into()));
        assert_eq!(read(&v2(0x20, 0x00, &[])).await.0.expect("a health check"), None);
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused() {
        let long = [b"PROXY TCP4 ".to_vec(), vec![b'1'; 200]].concat();
        let cases: [&[u8]; 8] = [
            b"GET / HTTP/1.1\r\n\r\n",
            b"PROXY TCP4 nobody 10.0.0.1 1 2\r\n",
            b"PROXY TCP4 192.0.2.7\r\n",
            b"PROXY",
            &long,
            &v2(0x11, 0x11, &[0; 12]),
            &v2(0x21, 0x11, &[1, 2, 3]),
            &v2(0x2F, 0x11, &[0; 12]),
        ];
        for case in cases {
            read(case).await.0.expect_err("no header");
        }
    }
}
