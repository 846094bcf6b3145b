//! The web page: what is served of it, and what is not.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::house::House;

#[tokio::test]
async fn the_first_page_is_a_page_and_all_it_names_is_there() {
    let house = House::new();
    let page = house.get("", "/").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), "no-cache");
    let html = String::from_utf8(page.body.to_vec()).expect("text");
    assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains(" onclick="), "nothing inline");
    let named: Vec<&str> = html
        .split(['"', '\''])
        .filter(|word| word.starts_with('/') && word.contains('.') && !word.starts_with("//"))
        .collect();
    assert!(!named.is_empty());
    for path in named {
        let file = house.get("", path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert_ne!(file.header("content-type"), "application/octet-stream", "{path}");
        if path.starts_with("/assets/") {
            assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let house = House::new();
    let tag = house.get("", "/").await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'));
    for (known, status) in [(tag.clone(), 304), (format!("W/{tag}, \"x\""), 304), ("\"x\"".to_owned(), 200)] {
        let request = Request::get("/").header(header::IF_NONE_MATCH, &known);
        let answer = house.ask(request.body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (status, tag.as_str()), "{known}");
        assert_eq!(answer.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let house = House::new();
    let up =
        ["..", "%2e%2e", ".%2e", "%2e.", "..%2f..", "%252e%252e", "%u002e%u002e", "..%5c..", "%c0%ae%c0%ae", "..;"];
    let targets = ["Cargo.toml", "gate/Cargo.toml", "web/package.json", "etc/passwd", "package.json"];
    let mut asked = 0;
    for up in up {
        for target in targets {
            for path in [
                format!("/{up}/{target}"),
                format!("/{up}/{up}/{target}"),
                format!("/assets/{up}/{target}"),
                format!("/assets/{up}/{up}/{up}/{target}"),
                format!("/{up}%2f{target}"),
                format!("//{up}/{target}"),
            ] {
                let answer = house.get("", &path).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
                asked += 1;
            }
        }
    }
    for path in
        ["/.git/config", "/assets/", "/assets", "/index.html%00", "/index.html/", "/./index.html", "/%69ndex.html"]
    {
        assert_eq!(house.get("", path).await.status, StatusCode::NOT_FOUND, "{path}");
        asked += 1;
    }
    assert!(asked >= 300);
}

#[tokio::test]
async fn a_head_is_a_page_without_its_body() {
    let house = House::new();
    let answer = house.ask(Request::head("/").body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
}
