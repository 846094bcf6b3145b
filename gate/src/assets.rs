//! The web page: the built files of `web/dist`, inside the binary.
//!
//! A path comes in, a file leaves or nothing. Development builds read the folder at each request, so a new build of the
//! page shows at a reload; release builds carry the files. Without a build there is a page that says how to make one.
//! Invariant: only files of that folder are ever given, by their plain names.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use rust_embed::RustEmbed;

/// The folder may be absent: building the server needs no Node.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Page;

const PLACEHOLDER: &str = include_str!("assets/placeholder.html");
const PLACEHOLDER_STYLE: &str = include_str!("assets/placeholder.css");

/// A file whose name carries a hash of what is in it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// All others are asked for each time, and mostly answered with "not modified".
const ASK: &str = "no-cache";

/// The folder of the files with hashes in their names.
const HASHED: &str = "assets/";

/// The file of a path, as a request with these headers wants it.
pub(crate) fn file(path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let path = match path.strip_prefix('/')? {
        "" => "index.html",
        path if is_invitation(path) => "index.html",
        path => path,
    };
    if !is_plain(path) {
        return None;
    }
    if let Some(file) = Page::get(path) {
        let caching = if path.starts_with(HASHED) { FOR_EVER } else { ASK };
        let tag = tag(&file.metadata.sha256_hash());
        return Some(answer(headers, content_type(path), &tag, caching, file.data.into_owned()));
    }
    let (text, name) = match path {
        "index.html" => (PLACEHOLDER, path),
        "placeholder.css" => (PLACEHOLDER_STYLE, path),
        _ => return None,
    };
    Some(answer(headers, content_type(name), &format!("\"placeholder-{}\"", text.len()), ASK, text))
}

/// Whether a path is the link of an invitation, `i/TOKEN`: the page itself reads the token and says what it is good for.
fn is_invitation(path: &str) -> bool {
    path.strip_prefix("i/").is_some_and(|token| !token.contains('/') && is_plain(token))
}

/// Names that a build of the page makes: no empty, hidden or relative part, nothing to decode.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
    })
}

fn answer(
    headers: &HeaderMap,
    content_type: &'static str,
    tag: &str,
    caching: &'static str,
    data: impl Into<Body>,
) -> Response<Body> {
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*");
    let mut response = Response::new(if known { Body::empty() } else { data.into() });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Half of the hash is enough to tell two builds apart.
fn tag(hash: &[u8; 32]) -> String {
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in &hash[..16] {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    tag
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("mp3") => "audio/mpeg",
        Some("ogg") => "audio/ogg",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_are_no_files() {
        for path in [
            "",
            "x",
            "//",
            "/..",
            "/../Cargo.toml",
            "/assets/../index.html",
            "/./index.html",
            "/assets//x",
            "/.env",
            "/assets/.hidden",
            "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml",
            "/..\\Cargo.toml",
            "/index.html\0",
            "/assets/",
            "/C:/x",
            "/index.html;x",
            "/%69ndex.html",
            "/\u{ff0e}\u{ff0e}/x",
            "/etc/passwd",
            "/i/",
            "/i/../x",
            "/i/a/b",
            "/i/a%2fb",
        ] {
            assert!(file(path, &HeaderMap::new()).is_none(), "{path:?}");
        }
    }

    #[test]
    fn the_first_page_is_there_with_or_without_a_build() {
        let page = file("/", &HeaderMap::new()).expect("a page");
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, page.headers()[header::ETAG].clone());
        assert_eq!(file("/", &headers).expect("a page").status(), StatusCode::NOT_MODIFIED);
        let invited = file("/i/0123456789abcdef0123456789abcdef01234567", &HeaderMap::new()).expect("the same page");
        assert_eq!(invited.headers()[header::ETAG], page.headers()[header::ETAG]);
    }

    #[test]
    fn the_page_without_a_build_needs_nothing_that_is_not_there() {
        let named: Vec<&str> = PLACEHOLDER.split('"').filter(|word| word.starts_with('/')).collect();
        assert_eq!(named, ["/placeholder.css", "/v1/openapi.json"]);
        assert!(file("/placeholder.css", &HeaderMap::new()).is_some());
        for inline in ["<style", " style=", "<script", " on"] {
            assert!(!PLACEHOLDER.split('<').any(|tag| tag.split('>').next().is_some_and(|tag| tag.contains(inline))));
        }
    }
}
