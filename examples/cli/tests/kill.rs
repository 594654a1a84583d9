//! I18, C-T3: a site of 1,501 pages on this machine, checked by the real command, which is killed at random moments
//! until it ends by itself. `CRAWLSPACE_KILL_ROUNDS=100` has more rounds than the few that are always run.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says how far it is")]
#![cfg(unix)]

use crawlspace_tests::web::{Answer, Web};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

const PAGES: u64 = 1_501;
/// Requests in flight at once, and so what may be asked for again after a kill.
const SLOTS: u64 = 12;

/// Tells when so many requests have been answered.
#[derive(Default)]
struct Alarm {
    answered: AtomicU64,
    bell: Mutex<Option<(u64, Sender<()>)>>,
    /// Whether to answer nothing more from then on, until it is opened again.
    closes: bool,
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Alarm {
    fn set(&self, after: u64) -> Receiver<()> {
        let (bell, rings) = mpsc::channel();
        let at = self.answered.load(Ordering::SeqCst) + after;
        *self.bell.lock().unwrap() = Some((at, bell));
        rings
    }

    fn tick(&self) {
        let answered = self.answered.fetch_add(1, Ordering::SeqCst) + 1;
        let mut bell = self.bell.lock().unwrap();
        if bell.as_ref().is_some_and(|(at, _)| answered >= *at)
            && let Some((_, bell)) = bell.take()
        {
            // Before the bell rings.
            *self.closed.lock().unwrap() = self.closes;
            let _ = bell.send(());
        }
        drop(bell);
        drop(self.opened.wait_while(self.closed.lock().unwrap(), |closed| *closed).unwrap());
    }

    fn open(&self) {
        *self.closed.lock().unwrap() = false;
        self.opened.notify_all();
    }
}

/// A tree of pages, with a link home from each, and some that lead nowhere.
fn page(number: u64) -> Answer {
    let children = (3 * number + 1..=3 * number + 3).filter(|child| *child < PAGES);
    let mut html = format!(
        "<!DOCTYPE html><title>{number}</title><h1 id=top>Page {number}</h1>\n<a href=/0#top>home</a>\n"
    );
    children.for_each(|child| html += &format!("<p><a href=/{child}#top>page {child}</a>\n"));
    if number.is_multiple_of(50) {
        html += &format!("<a href=/gone/{number}>gone</a> <a href=/0#nowhere-{number}>nowhere</a>\n");
    }
    Answer::ok("text/html", html)
}

fn serve(alarm: &Arc<Alarm>) -> Web {
    let alarm = Arc::clone(alarm);
    Web::serve(move |path, _method| {
        let answer = match path.trim_start_matches('/').parse() {
            Ok(number) if number < PAGES => page(number),
            _ => Answer::error(404),
        };
        alarm.tick();
        answer
    })
    .unwrap()
}

fn command(web: &Web, state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.args(["check", &format!("{}/0", web.origin()), "--format", "json", "--all", "--quiet"]);
    command
        .args(["--concurrency", &SLOTS.to_string(), "--per-host", &SLOTS.to_string(), "--state"])
        .arg(state);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What does not depend on timing.
fn report(output: &Output) -> Value {
    let mut report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    report.as_object_mut().unwrap().remove("statistics").unwrap();
    report
}

/// Waits for the bell or the end, whichever comes first; gives the status of one that has ended.
fn watch(child: &mut Child, rings: &Receiver<()>) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        match rings.recv_timeout(Duration::from_millis(5)) {
            Ok(()) => return None,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the bell is gone"),
        }
    }
}

/// Reads the report while the process writes it, so that a full pipe cannot hold it up.
fn drain(child: &mut Child) -> std::thread::JoinHandle<(Vec<u8>, Vec<u8>)> {
    use std::io::Read;
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    std::thread::spawn(move || {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        // What a killed process leaves is not a report.
        let _ = out.read_to_end(&mut stdout);
        let _ = err.read_to_end(&mut stderr);
        (stdout, stderr)
    })
}

/// SplitMix64.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[test]
fn killed_until_it_ends() {
    let alarm = Arc::new(Alarm::default());
    let web = serve(&alarm);
    let folder = tempfile::tempdir().unwrap();
    let expected = command(&web, &folder.path().join("unkilled")).output().unwrap();
    assert_eq!(expected.status.code(), Some(1), "{}", String::from_utf8_lossy(&expected.stderr));
    let expected = report(&expected);
    assert_eq!(expected["summary"]["pages"], PAGES);

    let rounds = std::env::var("CRAWLSPACE_KILL_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let (mut all_kills, mut all_again) = (0, 0);
    for round in 0..rounds {
        web.reset();
        let state = folder.path().join(format!("round-{round}"));
        let mut draws = round;
        let mut kills = 0;
        let output = loop {
            // Few requests now and then, so that it is killed while it begins, too.
            let most = if draw(&mut draws).is_multiple_of(4) { 4 } else { 400 };
            let rings = alarm.set(1 + draw(&mut draws) % most);
            let mut child = command(&web, &state).spawn().unwrap();
            let reader = drain(&mut child);
            if let Some(status) = watch(&mut child, &rings) {
                let (stdout, stderr) = reader.join().unwrap();
                break Output { status, stdout, stderr };
            }
            child.kill().unwrap();
            child.wait().unwrap();
            reader.join().unwrap();
            kills += 1;
        };
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let found = report(&output);
        assert!(found == expected, "round {round}: another report after {kills} kills");
        let requests = web.requests();
        let pages = (0..PAGES).filter(|number| requests.contains_key(&("GET".into(), format!("/{number}"))));
        assert_eq!(pages.count() as u64, PAGES, "round {round}");
        let again: u64 = requests.values().map(|times| times - 1).sum();
        assert!(again <= kills * SLOTS, "round {round}: {again} asked again after {kills} kills");
        (all_kills, all_again) = (all_kills + kills, all_again + again);
    }
    eprintln!("{rounds} rounds, {all_kills} kills, {all_again} requests repeated");
}

/// What was recorded before a kill stays, and what comes after it is recorded beside it: all files together replay to the
/// report of a check that was never killed.
#[test]
fn killed_while_it_records() {
    let alarm = Arc::new(Alarm::default());
    let web = serve(&alarm);
    let folder = tempfile::tempdir().unwrap();
    let expected = report(&command(&web, &folder.path().join("unkilled")).output().unwrap());
    let (state, file) = (folder.path().join("state"), folder.path().join("crawl.warc.gz"));
    let recording = || {
        let mut command = command(&web, &state);
        command.arg("--record").arg(&file);
        command
    };
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    let output = loop {
        let rings = alarm.set(400);
        let mut child = recording().spawn().unwrap();
        let reader = drain(&mut child);
        let ended = watch(&mut child, &rings);
        if ended.is_none() {
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        let (stdout, stderr) = reader.join().unwrap();
        for (path, bytes) in &files {
            assert!(fs::read(path).unwrap() == *bytes, "{} was touched", path.display());
        }
        let number = files.len();
        let name = if number == 0 {
            file.clone()
        } else {
            file.with_file_name(format!("crawl-{number:05}.warc.gz"))
        };
        let mut bytes = fs::read(&name).unwrap();
        if ended.is_some() {
            files.push((name, bytes));
            break Output { status, stdout, stderr };
        }
        // A kill in the middle of a write leaves half a record, which a kill at any other moment does not.
        bytes.extend_from_within(..100);
        fs::write(&name, &bytes).unwrap();
        files.push((name, bytes));
    };
    assert!(files.len() > 2, "killed {} times", files.len() - 1);
    assert!(report(&output) == expected, "{}", String::from_utf8_lossy(&output.stderr));
    web.reset();
    let replay = |files: &[(PathBuf, Vec<u8>)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
        command.args(["check", &format!("{}/0", web.origin()), "--format", "json", "--all"]);
        for (path, _) in files {
            command.arg("--replay").arg(path);
        }
        command.stdin(Stdio::null()).output().unwrap()
    };
    let replayed = replay(&files);
    let said = String::from_utf8_lossy(&replayed.stderr);
    assert!(report(&replayed) == expected, "{said}");
    assert!(said.contains("is cut short") && !said.contains("not in the archive"), "{said}");
    assert!(web.requests().is_empty(), "nothing is asked for");
    let said = replay(&files[1..]).stderr;
    assert!(
        String::from_utf8_lossy(&said).contains("URLs are not in the archive"),
        "the first file is needed"
    );
    // The check is finished, so that the same command would begin another one: not over the archive of this one.
    let again = recording().output().unwrap();
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(
        again.status.code() == Some(2) && said.contains("exists already, and is not overwritten"),
        "{said}"
    );
    assert!(web.requests().is_empty(), "nothing is asked for");
}

/// An interrupt is no loss either, and says how to go on.
#[test]
fn interrupted_and_gone_on_with() {
    let alarm = Arc::new(Alarm { closes: true, ..Alarm::default() });
    let web = serve(&alarm);
    let folder = tempfile::tempdir().unwrap();
    let expected = report(&command(&web, &folder.path().join("straight")).output().unwrap());
    assert_eq!(expected["summary"]["pages"], PAGES);
    web.reset();
    let state = folder.path().join("interrupted");
    let mut interrupts = 0;
    let output = loop {
        let rings = alarm.set(300);
        let mut child = command(&web, &state).spawn().unwrap();
        let reader = drain(&mut child);
        let ended = watch(&mut child, &rings);
        if ended.is_none() {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        }
        let status = child.wait().unwrap();
        alarm.open();
        let (stdout, stderr) = reader.join().unwrap();
        if ended.is_some() {
            break Output { status, stdout, stderr };
        }
        interrupts += 1;
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(130), "{stderr}");
        assert!(stderr.contains("the same command goes on from"), "{stderr}");
    };
    assert!(interrupts >= 2, "{interrupts} interrupts: {}", String::from_utf8_lossy(&output.stderr));
    assert!(report(&output) == expected);
    let again: u64 = web.requests().values().map(|times| times - 1).sum();
    assert!(again <= interrupts * SLOTS, "{again} asked again after {interrupts} interrupts");
}
