//! The house rules that a machine can check: arrows between crates, heads of files, sizes of files, forbidden things.

use std::fs;
use std::path::{Path, PathBuf};

/// Which crates of ours a crate may use outside its tests. No arrow points up.
const ARROWS: &[(&str, &[&str])] = &[
    ("backend", &["domain"]),
    ("client", &["wire"]),
    ("domain", &[]),
    ("engine", &["domain"]),
    ("gate", &["domain", "engine", "wire"]),
    ("load", &["client", "wire"]),
    ("server", &["backend", "client", "domain", "engine", "gate", "load", "xmpp"]),
    ("testkit", &["", "client", "wire", "xmpp"]),
    ("wire", &[]),
    ("xmpp", &["domain", "engine"]),
];

/// What a crate never uses, with the reason.
const NEVERS: &[(&str, &str, &str)] = &[
    ("domain", "tokio", "the nouns have no runtime"),
    ("domain", "serde", "what crosses a wire has a twin in its door"),
    ("engine", "serde", "the rules know no JSON"),
    ("engine", "prost", "the rules know no frames"),
    ("engine", "rocksdb", "the rules know no store"),
    ("engine", "axum", "the rules know no sockets"),
    ("gate", "rocksdb", "doors know no store"),
    ("wire", "tokio", "the codec does no IO"),
    ("xmpp", "hyper", "the XMPP door is given streams and requests; it listens nowhere"),
    ("xmpp", "prost", "the XMPP door knows no frames"),
    ("xmpp", "rocksdb", "doors know no store"),
    ("xmpp", "rustls", "the server does TLS"),
];

/// Lines of a file beyond which it holds two things.
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// All files below a folder with this ending, without what is built or installed.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if matches!(&*name, "target" | "node_modules" | "dist" | "generated" | "gen" | ".git" | "data") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// Names under `[dependencies]` of a crate's manifest (and its target-specific tables), not its dev-dependencies.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && !line.contains("dev-") && !line.contains("build-");
        } else if inside && let Some((name, _)) = line.split_once('=') {
            names.push(name.trim().trim_end_matches(".workspace").to_owned());
        }
    }
    names
}

#[test]
fn arrows_between_crates_point_as_the_architecture_says() {
    for (name, allowed) in ARROWS {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).expect("every crate has a manifest");
        let ours: Vec<String> = dependencies(&manifest)
            .into_iter()
            .filter_map(|dependency| match dependency.as_str() {
                "belfry" => Some(String::new()),
                other => other.strip_prefix("belfry-").map(str::to_owned),
            })
            .collect();
        for used in &ours {
            assert!(allowed.contains(&used.as_str()), "{name} uses {used}, which ARCHITECTURE.md does not allow");
        }
    }
}

#[test]
fn every_crate_of_the_workspace_has_its_arrows_written_down() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let members = manifest.lines().find(|line| line.starts_with("members")).expect("members are on one line");
    for member in members.split('"').skip(1).step_by(2) {
        assert!(ARROWS.iter().any(|(name, _)| *name == member), "{member} is not in ARROWS");
    }
}

#[test]
fn crates_keep_away_from_what_they_never_use() {
    for (name, never, reason) in NEVERS {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).expect("every crate has a manifest");
        assert!(!dependencies(&manifest).iter().any(|used| used == never), "{name} uses {never}: {reason}");
    }
}

#[test]
fn every_file_of_rust_begins_by_saying_what_it_is() {
    for path in files(&root(), ".rs") {
        let text = fs::read_to_string(&path).expect("readable");
        assert!(text.starts_with("//! "), "{} has no module doc at its head", path.display());
    }
}

#[test]
fn no_file_holds_two_things() {
    for path in files(&root(), ".rs").into_iter().chain(files(&root().join("web"), ".ts")).chain(files(&root(), ".mjs"))
    {
        let lines = fs::read_to_string(&path).expect("readable").lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines: look for the second thing in it", path.display());
    }
}

#[test]
fn nothing_grows_without_a_bound_and_nothing_is_left_undone() {
    let marks = ["unbounded_", "channel("].concat();
    let undone = [["todo", "!("].concat(), ["unimplemented", "!("].concat(), ["FIX", "ME"].concat()];
    for path in files(&root(), ".rs") {
        let text = fs::read_to_string(&path).expect("readable");
        assert!(!text.contains(&marks), "{} has a channel without a bound", path.display());
        for mark in &undone {
            assert!(!text.contains(mark.as_str()), "{} has something undone: {mark}", path.display());
        }
        assert!(!text.contains(&["#[", "allow("].concat()), "{}: use #[expect(.., reason)]", path.display());
    }
}

#[test]
fn lock_files_name_no_place_to_download_from() {
    for name in ["web/package-lock.json", "testkit/js/package-lock.json"] {
        let text = fs::read_to_string(root().join(name)).expect("readable");
        let named = text.lines().find(|line| line.contains("\"resolved\"") && line.contains("://"));
        assert_eq!(named, None, "{name} names a registry");
    }
}

#[test]
fn every_requirement_names_a_test_that_exists() {
    let named = names_of_tests("docs/requirements.md", "| Id");
    assert!(named > 40, "only {named} tests are named");
}

#[test]
fn every_document_of_xmpp_that_is_spoken_names_a_test_that_exists() {
    let named = names_of_tests("docs/xmpp.md", "| document");
    assert!(named > 20, "only {named} tests are named");
}

/// Looks for the tests that the last cells of the table below this head name; how many.
fn names_of_tests(document: &str, head: &str) -> usize {
    let text = fs::read_to_string(root().join(document)).expect("the project has this document");
    let text = &text[text.find(head).expect("the document has this table")..];
    let mut sources: String =
        files(&root(), ".rs").iter().map(|path| fs::read_to_string(path).expect("readable")).collect();
    for ending in [".py", ".ts", ".mjs", ".sh"] {
        for path in files(&root(), ending) {
            sources.push_str(&fs::read_to_string(&path).expect("readable"));
        }
    }
    let mut named = 0;
    for line in
        text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| --") && !line.starts_with("| Id"))
    {
        let cell = line.trim_end_matches('|').rsplit('|').next().expect("a row has cells");
        for test in cell.split('`').skip(1).step_by(2) {
            assert!(sources.contains(test), "{document} names {test}, which is in no test");
            named += 1;
        }
    }
    named
}
