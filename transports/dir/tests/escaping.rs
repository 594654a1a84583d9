//! No path leads out of the folder, and nothing in it can hold up a fetch (T99 to T103, X40).

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Recorder, build, fetch, folder, request, site, status, url, write};
use crawlspace::{Failure, Outcome};
use crawlspace_dir::Dir;
use proptest::prelude::*;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use url::Url;

/// What must never be seen.
const CANARY: &str = "the canary sings outside";

/// `root` is served; beside it stands what must never be seen.
fn trap() -> TempDir {
    let folder = folder(&[
        ("root/index.html", "home"),
        ("root/a.txt", "a"),
        ("root/sub/index.html", "sub"),
        ("root/sub/deep/b.txt", "bb"),
        ("root/..x/...", "dots"),
        ("root/back\\slash.txt", "a name on one system, a path on another"),
        ("secret.txt", CANARY),
        ("outside/index.html", CANARY),
        ("outside/secret.txt", CANARY),
    ]);
    let root = folder.path().join("root");
    let outside = folder.path().join("outside");
    for (target, link) in [
        (folder.path().join("secret.txt").as_path(), "absolute.txt"),
        (Path::new("../secret.txt"), "relative.txt"),
        (&outside, "out"),
        (Path::new("../../outside"), "sub/out"),
        (Path::new(".."), "up"),
        (Path::new("/"), "slash"),
        (Path::new("up/outside/secret.txt"), "over.txt"),
        (Path::new("sub/deep/../../../secret.txt"), "round.txt"),
        (Path::new("loop"), "loop"),
        (Path::new("tock"), "tick"),
        (Path::new("tick"), "tock"),
        (Path::new("nowhere"), "dangling"),
        (Path::new("/dev/zero"), "zero"),
        (Path::new("a.txt"), "inside.txt"),
        (Path::new("../a.txt"), "sub/inside.txt"),
        (Path::new("sub"), "folder"),
        (&root.join("sub"), "absolute"),
        (&root.join("a.txt"), "absolute-inside.txt"),
        (Path::new("../root/a.txt"), "out-and-in.txt"),
    ] {
        symlink(target, root.join(link)).unwrap();
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("pipe"), 0o600.into()).unwrap();
    symlink("pipe", root.join("pipe-link")).unwrap();
    std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    fs::write(root.join(OsStr::from_bytes(b"caf\xe9.html")), "latin").unwrap();
    folder
}

fn served(trap: &TempDir) -> Dir {
    build(Dir::open(trap.path().join("root")).unwrap())
}

#[test]
fn links_that_stay_inside_are_followed() {
    let trap = trap();
    let site = served(&trap);
    for (path, bytes) in [
        ("/inside.txt", 1),
        ("/sub/inside.txt", 1),
        ("/folder/", 3),
        ("/folder/deep/b.txt", 2),
        ("/absolute/", 3),
        ("/absolute/deep/b.txt", 2),
        ("/absolute-inside.txt", 1),
        ("/out-and-in.txt", 1),
        ("/..x/...", 4),
    ] {
        let digest = fetch(&site, path).unwrap();
        assert_eq!((digest.status, digest.transfer.decoded), (200, bytes), "{path}");
    }
    assert_eq!(status(&site, "/folder"), 301);
    assert_eq!(status(&site, "/absolute"), 301);
}

#[test]
fn links_that_lead_out_or_in_circles_are_forbidden() {
    let trap = trap();
    let site = served(&trap);
    for path in [
        "/absolute.txt",
        "/relative.txt",
        "/over.txt",
        "/round.txt",
        "/out",
        "/out/",
        "/out/secret.txt",
        "/sub/out/secret.txt",
        "/up",
        "/up/",
        "/up/secret.txt",
        "/slash/etc/passwd",
        "/zero",
        "/loop",
        "/loop/x",
        "/tick",
    ] {
        let digest = fetch(&site, path).unwrap();
        assert_eq!((digest.status, digest.transfer.decoded), (403, 0), "{path}");
        assert_eq!(site.file_of(&url(&site, path)), None, "{path}");
    }
    assert_eq!(status(&site, "/dangling"), 404);
}

#[test]
fn an_index_file_that_leads_out_is_forbidden() {
    let folder = folder(&[("root/a.txt", ""), ("secret.html", "secret")]);
    symlink("../secret.html", folder.path().join("root/index.html")).unwrap();
    assert_eq!(status(&served(&folder), "/"), 403);
}

#[test]
fn the_folder_itself_may_be_a_link() {
    let folder = folder(&[("real/index.html", "home"), ("real/x/a.txt", "a")]);
    symlink("real", folder.path().join("root")).unwrap();
    symlink(folder.path().join("root/x"), folder.path().join("real/through")).unwrap();
    let site = served(&folder);
    assert_eq!(status(&site, "/"), 200);
    assert_eq!(status(&site, "/through/a.txt"), 200);
}

#[test]
fn what_is_no_file_is_never_opened() {
    let trap = trap();
    let site = served(&trap);
    for path in ["/pipe", "/pipe-link", "/socket", "/pipe/", "/socket/x"] {
        assert_eq!(status(&site, path), 404, "{path}");
    }
}

#[test]
fn hostile_spellings_name_nothing() {
    let trap = trap();
    let site = served(&trap);
    let long = format!("/{}", "n".repeat(300));
    let deep = "/sub".repeat(3_000);
    for path in [
        "/../secret.txt",
        "/../../etc/passwd",
        "/%2e%2e/secret.txt",
        "/%2E%2E/%2e%2e/etc/passwd",
        "/.%2e/secret.txt",
        "/sub/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%2f..%2fetc%2fpasswd",
        "/sub%2findex.html",
        "/%2fetc%2fpasswd",
        "//etc/passwd",
        "/%252e%252e/secret.txt",
        "/..%252fsecret.txt",
        "/..%5csecret.txt",
        "/a/..%5C..%5Csecret.txt",
        "/..\\secret.txt",
        "/sub\\..\\..\\secret.txt",
        "/back%5cslash.txt",
        "/back\\slash.txt",
        "/a.txt%00",
        "/a.txt%00.html",
        "/%00",
        "/C:/Windows/win.ini",
        "/c:%5cWindows%5cwin.ini",
        "/%5c%5csrv%5cshare%5cx",
        "/con",
        "/NUL.txt",
        "/a.txt:$DATA",
        "/a.txt.",
        "/a.txt%20",
        "/%c0%ae%c0%ae/secret.txt",
        "/%c0%af..%c0%afsecret.txt",
        "/\u{2024}\u{2024}/secret.txt",
        "/%uff0e%uff0e/secret.txt",
        "/%ff%fe",
        "/%",
        "/%zz",
        "/~/secret.txt",
        "/.../secret.txt",
        "/;/../secret.txt",
        "/root/a.txt",
        &long,
        &deep,
    ] {
        let digest = fetch(&site, path).unwrap();
        assert_eq!((digest.status, digest.transfer.decoded), (404, 0), "{path}");
    }
}

#[test]
fn what_is_swapped_in_meanwhile_does_not_escape_or_hang() {
    let trap = trap();
    let site = served(&trap);
    let root = trap.path().join("root");
    std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            for turn in 0..4_000 {
                let fresh = root.join("fresh");
                match turn % 4 {
                    0 | 2 => fs::write(&fresh, "swap").unwrap(),
                    1 => symlink("../secret.txt", &fresh).unwrap(),
                    _ => rustix::fs::mkfifoat(rustix::fs::CWD, &fresh, 0o600.into()).unwrap(),
                }
                fs::rename(&fresh, root.join("swapped.txt")).unwrap();
            }
        });
        while !swapper.is_finished() {
            let digest = fetch(&site, "/swapped.txt").unwrap();
            let seen = (digest.status, digest.transfer.decoded);
            assert!(matches!(seen, (200, 4) | (403 | 404, 0)), "{seen:?}");
        }
    });
}

#[test]
fn names_that_are_not_unicode_are_names() {
    let trap = trap();
    let site = served(&trap);
    assert_eq!(fetch(&site, "/caf%E9.html").unwrap().transfer.decoded, 5);
    assert_eq!(site.url_of("back\\slash.txt"), None);
    let name = Path::new(OsStr::from_bytes(b"caf\xe9.html"));
    assert_eq!(site.url_of(name).unwrap().path(), "/caf%E9.html");
    assert_eq!(site.file_of(&url(&site, "/caf%E9.html")).as_deref(), Some(name));
    assert_eq!(status(&site, "/caf\u{e9}.html"), 404);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_shrinks_while_it_is_read_is_truncated() {
    // Files of sysfs say they are a page long, and end earlier.
    let site = build(Dir::open("/sys/devices/system/cpu").unwrap());
    let answer = fetch(&site, "/online");
    assert!(matches!(answer, Err(Failure::Truncated)), "{answer:?}");
}

#[test]
fn a_file_that_may_not_be_read_is_forbidden() {
    const AS_NOBODY: &str = "CRAWLSPACE_DIR_AS_NOBODY";
    let test = "a_file_that_may_not_be_read_is_forbidden";
    if rustix::process::geteuid().is_root() && std::env::var_os(AS_NOBODY).is_none() {
        run_as_nobody(test, AS_NOBODY);
        return;
    }
    let folder = folder(&[("closed.html", "x"), ("shut/index.html", "x"), ("a.txt", "")]);
    let forbid = |path: &str| {
        fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(0o000)).unwrap();
    };
    forbid("closed.html");
    forbid("shut");
    let site = site(&folder);
    for path in ["/closed.html", "/shut/", "/shut/index.html"] {
        let digest = fetch(&site, path).unwrap();
        assert_eq!((digest.status, digest.transfer.decoded), (403, 0), "{path}");
    }
    fs::set_permissions(folder.path().join("shut"), fs::Permissions::from_mode(0o700)).unwrap();
}

/// Runs one test of this binary without the right to read everything.
fn run_as_nobody(test: &str, marker: &str) {
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("suite");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let output = std::process::Command::new(&copy)
        .args(["--exact", test])
        .env(marker, "1")
        .env_remove("TMPDIR")
        .current_dir("/")
        .uid(65_534)
        .gid(65_534)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

static TRAP: LazyLock<TempDir> = LazyLock::new(trap);

/// Parts of paths that have led out of folders elsewhere, names that exist, and noise.
fn part() -> impl Strategy<Value = String> {
    static KNOWN: &[&str] = &[
        "..",
        ".",
        "",
        "%2e%2e",
        "%2e",
        "..%2f",
        "%2f",
        "%5c",
        "..%5c",
        "\\",
        "..\\",
        "%00",
        "%252e%252e",
        "%252f",
        "~",
        "root",
        "outside",
        "secret.txt",
        "up",
        "out",
        "slash",
        "sub",
        "folder",
        "absolute",
        "deep",
        "loop",
        "tick",
        "absolute.txt",
        "relative.txt",
        "over.txt",
        "round.txt",
        "inside.txt",
        "a.txt",
        "index.html",
        "pipe",
        "socket",
        "C:",
        "con",
        "etc",
        "passwd",
        "dev",
        "zero",
        "proc",
        "self",
        "cwd",
    ];
    prop_oneof![
        8 => proptest::sample::select(KNOWN).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => proptest::collection::vec(any::<u8>(), 0..6)
            .prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02x}")).collect()),
    ]
}

proptest! {
    #[test]
    fn no_path_yields_bytes_from_outside(parts in proptest::collection::vec(part(), 0..8), clean in any::<bool>()) {
        let recorder = Recorder::default();
        let site = Dir::open(TRAP.path().join("root")).unwrap().clean_urls(clean).taps(Arc::new(recorder.clone()));
        let site = build(site);
        let Ok(url) = Url::parse(&format!("http://site.invalid/{}", parts.join("/"))) else { return Ok(()) };
        match site.fetch(&request(url.clone())) {
            Outcome::Answered(digest) => {
                prop_assert!(matches!(digest.status, 200 | 301 | 403 | 404), "{url}: {}", digest.status);
                let body = recorder.last().body;
                prop_assert!(!body.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{url}");
                let file = site.file_of(&url);
                prop_assert_eq!(digest.status == 200, file.is_some(), "{}", url);
                if let Some(file) = file {
                    let real = fs::canonicalize(site.root().join(file)).unwrap();
                    prop_assert!(real.starts_with(site.root()), "{url} is {}", real.display());
                    prop_assert_eq!(fs::read(real).unwrap(), body);
                } else {
                    prop_assert!(body.is_empty(), "{url}");
                }
            }
            Outcome::Failed(failure) => prop_assert!(matches!(failure, Failure::Refused(_)), "{url}: {failure}"),
        }
    }

    #[test]
    fn every_file_has_its_url(names in proptest::collection::vec("[^/\\\\\0]{1,20}", 1..4)) {
        prop_assume!(names.iter().all(|name| name != "." && name != ".."));
        let folder = tempfile::tempdir().unwrap();
        let file = names.join("/");
        write(folder.path(), &file, "text");
        let site = site(&folder);
        let url = site.url_of(&file).unwrap();
        prop_assert_eq!(site.file_of(&url), Some(file.into()));
        let Outcome::Answered(digest) = site.fetch(&request(url)) else { panic!("failed") };
        prop_assert_eq!(digest.status, 200);
    }
}
