//! The binary against servers on this machine.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use mockito::{Matcher, Server, ServerGuard};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;

fn crawlspace(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.arg("check").args(words).stdin(Stdio::null());
    command
}

fn check(words: &[&str]) -> (i32, Value, String) {
    let words = [&["--format", "json", "--all", "--retries", "0"], words].concat();
    let Output { status, stdout, stderr } = crawlspace(&words).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    let mut report: Value =
        serde_json::from_slice(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    report.as_object_mut().unwrap().remove("statistics");
    (status.code().unwrap(), report, stderr)
}

fn page(server: &mut ServerGuard, path: &str, body: &str) -> mockito::Mock {
    server.mock("GET", path).with_header("content-type", "text/html").with_body(body)
}

fn class_of<'a>(report: &'a Value, url: &str) -> &'a str {
    let links = report["links"].as_array().unwrap();
    links.iter().find(|link| link["url"] == url).and_then(|link| link["class"].as_str()).unwrap_or("none")
}

/// A site with one of each, and another that it links to.
fn sites() -> (ServerGuard, ServerGuard, Vec<mockito::Mock>) {
    let (mut own, mut other) = (Server::new(), Server::new());
    let away = other.url();
    let mut mocks = Vec::new();
    let home = format!(
        "<a href=/a>a</a> <a href=/gone>gone</a> <a href=/old>old</a> <a href=/a#nope>nope</a> \
         <a href='{away}/there'>there</a> <a href='{away}/not-there'>not</a> <a href=/secret>secret</a>"
    );
    mocks.push(own.mock("GET", "/robots.txt").with_status(404).create());
    mocks.push(page(&mut own, "/", &home).create());
    mocks.push(page(&mut own, "/a", "<p id=yes><a href=/>home</a>").create());
    mocks.push(own.mock("GET", "/gone").with_status(410).create());
    mocks.push(own.mock("GET", "/old").with_status(301).with_header("location", "/a").create());
    mocks.push(own.mock("GET", "/secret").with_status(403).create());
    for method in ["GET", "HEAD"] {
        mocks.push(other.mock(method, "/there").create());
        mocks.push(other.mock(method, "/not-there").with_status(404).create());
    }
    (own, other, mocks)
}

#[test]
fn both_transports_give_the_same_report() {
    let (own, other, _mocks) = sites();
    let (target, away) = (format!("{}/", own.url()), other.url());
    let (code, report, _) = check(&[&target, "--delay", "0"]);
    assert_eq!(code, 1);
    for (url, class) in [
        (target.clone(), "ok"),
        (format!("{target}gone"), "broken"),
        (format!("{target}old"), "redirected"),
        (format!("{target}secret"), "blocked"),
        (format!("{away}/there"), "ok"),
        (format!("{away}/not-there"), "broken"),
    ] {
        assert_eq!(class_of(&report, &url), class, "{url}");
    }
    assert_eq!(report["summary"]["classes"]["dead-fragment"], 1);
    for words in [["--transport", "ureq"], ["--concurrency", "1"], ["--transport", "hyper"]] {
        assert_eq!(report, check(&[&[&*target, "--delay", "0"], &words[..]].concat()).1, "{words:?}");
    }
}

#[test]
fn accept_lets_codes_pass() {
    let (own, _other, _mocks) = sites();
    let target = format!("{}/", own.url());
    let (_, report, _) = check(&[&target, "--no-external", "--accept", "200..=299,403,410"]);
    for path in ["gone", "secret"] {
        assert_eq!(class_of(&report, &format!("{target}{path}")), "ok");
    }
}

#[test]
fn no_external_asks_nothing_of_others() {
    let (own, mut other, _mocks) = sites();
    let asked = other.mock("GET", Matcher::Any).expect(0).create();
    let (_, report, _) = check(&[&format!("{}/", own.url()), "--no-external"]);
    asked.assert();
    assert_eq!(class_of(&report, &format!("{}/there", other.url())), "skipped");
}

#[test]
fn headers_go_to_the_target_s_origin_only() {
    for transport in ["hyper", "ureq"] {
        let (mut own, mut other) = (Server::new(), Server::new());
        let with = Matcher::Exact("hunter2".to_owned());
        let away = format!("<a href='{}/b'>b</a> <a href=/hop>hop</a>", other.url());
        let home = page(&mut own, "/", &away).match_header("x-secret", with).expect(1).create();
        let hop = own
            .mock("GET", "/hop")
            .with_status(302)
            .with_header("location", &format!("{}/c", other.url()))
            .create();
        let told = other.mock("GET", Matcher::Any).match_header("x-secret", Matcher::Any).expect(0).create();
        let told_head =
            other.mock("HEAD", Matcher::Any).match_header("x-secret", Matcher::Any).expect(0).create();
        let mut untold = Vec::new();
        for method in ["GET", "HEAD"] {
            untold.push(other.mock(method, Matcher::Any).match_header("x-secret", Matcher::Missing).create());
        }
        let target = format!("{}/", own.url());
        let words = [
            &*target,
            "--header",
            "X-Secret: hunter2",
            "--transport",
            transport,
            "--no-robots",
            "--delay",
            "0",
        ];
        let (code, report, stderr) = check(&words);
        assert_eq!(code, 0, "{report:#}");
        home.assert();
        hop.assert();
        told.assert();
        told_head.assert();
        assert!(!format!("{report}{stderr}").contains("hunter2"));
    }
}

#[test]
fn robots_are_obeyed_unless_told_otherwise() {
    let mut own = Server::new();
    let _robots = own.mock("GET", "/robots.txt").with_body("User-agent: *\nDisallow: /private\n").create();
    let _home = page(&mut own, "/", "<a href=/private>p</a>").create();
    let private = own.mock("GET", "/private").expect(1).create();
    let target = format!("{}/", own.url());
    let (_, report, _) = check(&[&target]);
    assert_eq!(class_of(&report, &format!("{target}private")), "skipped");
    let (_, report, _) = check(&[&target, "--no-robots"]);
    assert_eq!(class_of(&report, &format!("{target}private")), "ok");
    private.assert();
}

#[test]
fn a_target_that_may_not_be_asked_for_is_named_with_the_reason() {
    let mut own = Server::new();
    let _robots = own.mock("GET", "/robots.txt").with_body("User-agent: *\nDisallow: /\n").create();
    let target = format!("{}/", own.url());
    let (code, _, stderr) = check(&[&target]);
    assert_eq!(code, 3);
    assert!(stderr.contains(&format!("nothing could be checked\n  {target}: skipped: ")), "{stderr}");
    assert!(stderr.contains("--no-robots"), "{stderr}");
}

#[test]
fn a_target_that_leads_to_another_site_is_named() {
    let (mut own, mut other) = (Server::new(), Server::new());
    let away = format!("{}/home", other.url());
    let _mocks = [
        own.mock("GET", "/").with_status(301).with_header("location", &away).create(),
        own.mock("GET", "/inside").with_status(301).with_header("location", "/there").create(),
        page(&mut own, "/there", "<a href=/>away</a>").create(),
        other.mock("HEAD", "/home").create(),
        other.mock("GET", "/home").create(),
    ];
    let target = format!("{}/", own.url());
    for words in [&[&*target, "--quiet"][..], &[&*target, "--no-external"]] {
        let (code, _, stderr) = check(&[words, &["--no-robots"]].concat());
        assert!(stderr.contains(&format!("{target} redirects to {away}, which is another site")), "{stderr}");
        assert_eq!(code, 3, "no page was read: {stderr}");
        assert!(stderr.contains("nothing could be checked"), "{stderr}");
    }
    // A target beside it that can be read is enough, and so is a check of the link alone.
    for words in [&[&*target, &*format!("{target}there")][..], &[&*target, "--depth", "0"]] {
        let (code, _, stderr) = check(&[words, &["--no-robots"]].concat());
        assert_eq!(code, 0, "{stderr}");
    }
    // Neither what stays inside nor a mere link is worth a word.
    for words in [&[&*format!("{target}inside")][..], &[&*target, &*away]] {
        let (code, _, stderr) = check(&[words, &["--no-robots"]].concat());
        assert_eq!(code, 0);
        assert!(!stderr.contains("another site"), "{stderr}");
    }
}

#[test]
fn a_redirect_to_nowhere_says_so() {
    let mut own = Server::new();
    let _home = own.mock("GET", "/").with_status(302).create();
    let (code, report, _) = check(&[&format!("{}/", own.url()), "--no-robots"]);
    assert_eq!(code, 1);
    assert_eq!(report["findings"][0]["class"], "protocol");
    assert_eq!(report["findings"][0]["message"], "302 Found, but the response names no location");
}

#[test]
fn the_user_agent_is_what_was_asked_for() {
    let mut own = Server::new();
    let home = page(&mut own, "/", "").match_header("user-agent", "me/1.0").expect(1).create();
    let (code, ..) = check(&[&format!("{}/", own.url()), "--user-agent", "me/1.0", "--no-robots"]);
    assert_eq!(code, 0);
    home.assert();
}

#[test]
fn a_target_given_twice_is_asked_for_twice_on_request() {
    for (words, times) in [(&["--each"][..], 2), (&[], 1)] {
        let mut own = Server::new();
        let home = page(&mut own, "/", "").expect(times).create();
        let target = format!("{}/", own.url());
        let (code, report, _) = check(&[&[&*target, &*target, "--no-robots"], words].concat());
        assert_eq!(code, 0, "{report:#}");
        home.assert();
    }
}

#[test]
fn a_folder_asks_others_on_request() {
    let mut other = Server::new();
    let mut mocks = Vec::new();
    for method in ["GET", "HEAD"] {
        mocks.push(other.mock(method, "/gone").with_status(404).create());
    }
    let folder = tempfile::tempdir().unwrap();
    let gone = format!("{}/gone", other.url());
    std::fs::write(folder.path().join("index.html"), format!("<a href='{gone}'>x</a>")).unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, report, _) = check(&[path]);
    assert_eq!((code, class_of(&report, &gone)), (0, "skipped"));
    for transport in ["hyper", "ureq"] {
        let (code, report, _) = check(&[path, "--external", "--transport", transport]);
        assert_eq!((code, class_of(&report, &gone)), (1, "broken"));
    }
}

/// A server whose `/slow` never answers; tells when it is asked for.
fn slow_server() -> (String, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (asked, when_asked) = mpsc::channel();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            if first.contains(" /slow ") {
                asked.send(()).unwrap();
                held.push(stream);
                continue;
            }
            let body = "<a href=/slow>slow</a>";
            let length = body.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
        }
    });
    (url, when_asked)
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_it_with_what_is_known() {
    for transport in ["hyper", "ureq"] {
        let (url, when_asked) = slow_server();
        let child = crawlspace(&[&url, "--no-robots", "--retries", "0", "--transport", transport])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        when_asked.recv().unwrap();
        let signal = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
        assert!(signal.success());
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(130), "{stdout}");
        assert!(stdout.contains("partial: not everything was checked (stopped)"), "{stdout}");
        assert!(stdout.contains("1 page read"), "{stdout}");
        assert!(!stdout.contains("timed out"), "it waited for the answer: {stdout}");
    }
}

/// What this machine lacks is no fault of any link.
#[test]
#[cfg(unix)]
fn few_descriptors_mean_fewer_requests_at_a_time() {
    for transport in ["hyper", "ureq"] {
        let mut own = Server::new();
        let links: String = (0..150).map(|link| format!("<a href=/{link}>{link}</a> ")).collect();
        let _home = page(&mut own, "/", &links).create();
        let _rest = own.mock("GET", Matcher::Regex("^/[0-9]+$".to_owned())).create();
        let words =
            ["check", &format!("{}/", own.url()), "--no-robots", "--retries", "0", "--concurrency", "150"];
        let output = Command::new("sh")
            .args(["-c", "ulimit -n 48 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_crawlspace")])
            .args(words)
            .args(["--transport", transport])
            .output()
            .unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{transport}: {stdout}");
        assert!(stderr.contains("requests at a time, not 150"), "{stderr}");
    }
}

#[test]
fn a_time_limit_ends_it_with_what_is_known() {
    let (url, _when_asked) = slow_server();
    let output =
        crawlspace(&[&url, "--no-robots", "--retries", "0", "--max-time", "300ms"]).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4), "{stdout}");
    assert!(stdout.contains("(max-time)"), "{stdout}");
    assert!(!stdout.contains("timed out"), "it waited for the answer: {stdout}");
}

/// Answers every request of a connection each: the root with this body, all else with 404; tells what was asked of whom.
fn serve_one_by_one(listener: TcpListener, body: &'static str) -> mpsc::Receiver<(String, String)> {
    let (told, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let lines: Vec<String> =
                stream.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let Some(target) = lines.first().and_then(|line| line.split(' ').nth(1)) else { continue };
            let host = lines
                .iter()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("host: ").map(str::to_owned));
            let (status, body) = if target == "/" { ("200 OK", body) } else { ("404 Not Found", "") };
            let _ = told.send((target.to_owned(), host.unwrap_or_default()));
            let _ = write!(
                stream.get_mut(),
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    asked
}

/// A literal address of the newer kind, with a port: in the request, in the report, and as the site's own.
#[test]
fn an_ipv6_address_is_a_target_like_any_other() {
    let listener = TcpListener::bind("[::1]:0").expect("this test wants IPv6 on the loopback interface");
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let asked = serve_one_by_one(listener, "<a href=/gone>gone</a>");
    for transport in ["hyper", "ureq"] {
        let (code, report, said) = check(&[&format!("{origin}/"), "--transport", transport]);
        assert_eq!(code, 1, "{transport}: {report} {said}");
        assert_eq!(class_of(&report, &format!("{origin}/gone")), "broken", "{transport}: {report}");
        let asked: Vec<_> = asked.try_iter().collect();
        assert_eq!(asked.len(), 3, "{transport}: {asked:?}");
        assert!(asked.iter().all(|(_, host)| format!("http://{host}") == origin), "{transport}: {asked:?}");
    }
}

/// Names in other letters are asked for and compared in their ASCII form, whichever way a link writes them.
#[test]
fn a_name_in_other_letters_is_one_host() {
    let folder = tempfile::tempdir().unwrap();
    let page = "<meta charset=utf-8><a href=http://b\u{fc}cher.example/x>1</a><a href=http://xn--bcher-kva.example/x>2</a>\
                <a href=http://B\u{dc}CHER.example/x>3</a>";
    std::fs::write(folder.path().join("index.html"), page).unwrap();
    let (_, report, said) = check(&[folder.path().to_str().unwrap()]);
    let links = report["links"].as_array().unwrap();
    let names: Vec<_> = links.iter().filter(|link| link["url"] == "http://xn--bcher-kva.example/x").collect();
    assert_eq!(names.len(), 1, "{report} {said}");
    assert_eq!(names[0]["referrers"].as_array().unwrap().len(), 3, "{report}");
}
